"""Who owns a conversation: one row, and of many who change it at once exactly one does."""

import asyncio
from dataclasses import replace

import pytest
from sqlalchemy import select

from storage import conversations
from storage.engine import Storage, Transaction
from storage.errors import Conflict
from storage.records import BorrowerId, Conversation, ConversationState
from storage.schema import conversation_changes
from tests.storage.stage import NOW, SYSTEM, a_borrower, later

S = ConversationState


async def test_a_conversation_begins_with_the_bot_and_only_once(storage: Storage) -> None:
    borrower_id = await a_borrower(storage)
    async with storage.reading() as tx:
        assert await conversations.of(tx, borrower_id) is None
    talk = await _begun(storage, borrower_id)
    assert (talk.state, talk.since) == (S.BOT, NOW)
    await _move(storage, talk, S.WAITING)
    assert (await _begun(storage, borrower_id)).state is S.WAITING


async def test_a_move_is_kept_with_its_reason(storage: Storage) -> None:
    borrower_id = await a_borrower(storage)
    moved = await _move(storage, await _begun(storage, borrower_id), S.WAITING)
    async with storage.reading() as tx:
        assert await conversations.of(tx, borrower_id) == moved
        (change,) = await tx.all(select(conversation_changes))
    assert (change.from_state, change.to_state, change.reason, change.actor) == (
        "bot", "waiting", "asked", "system",
    )  # fmt: skip


async def test_who_looked_before_somebody_else_moved_it_changes_nothing(storage: Storage) -> None:
    borrower_id = await a_borrower(storage)
    seen = await _begun(storage, borrower_id)
    moved = await _move(storage, seen, S.WAITING)
    with pytest.raises(Conflict):
        await _move(storage, seen, S.FROZEN)
    async with storage.reading() as tx:
        assert await conversations.of(tx, borrower_id) == moved
        assert len(await tx.all(select(conversation_changes))) == 1


async def test_the_same_state_again_is_still_a_change_that_others_see(storage: Storage) -> None:
    """There and back again: whoever looked before must not act on what they saw."""
    seen = await _begun(storage, await a_borrower(storage))
    there = await _move(storage, seen, S.WAITING)
    back = await _move(storage, there, S.BOT)
    assert back.state is seen.state
    with pytest.raises(Conflict):
        await _move(storage, seen, S.WAITING)


async def test_of_twenty_who_move_it_at_once_one_wins(database_url: str) -> None:
    several = [Storage.open(database_url) for _ in range(4)]
    seen = await _begun(several[0], await a_borrower(several[0]))
    outcomes = await asyncio.gather(
        *(_move(several[number % 4], seen, S.WAITING) for number in range(20)),
        return_exceptions=True,
    )
    assert len([one for one in outcomes if isinstance(one, Conversation)]) == 1
    assert len([one for one in outcomes if isinstance(one, Conflict)]) == 19
    async with several[0].reading() as tx:
        assert len(await tx.all(select(conversation_changes))) == 1
    for storage in several:
        await storage.close()


async def test_who_wrote_last_and_what_was_not_understood_is_noted(storage: Storage) -> None:
    borrower_id = await a_borrower(storage)
    await _begun(storage, borrower_id)
    async with storage.transaction() as tx:
        await conversations.note_borrower_wrote(tx, borrower_id, later(minutes=1))
        await conversations.note_answered(tx, borrower_id, later(minutes=2))
        await conversations.set_not_understood(tx, borrower_id, 2)
        talk = await _of(tx, borrower_id)
        assert (talk.borrower_wrote_at, talk.answered_at) == (later(minutes=1), later(minutes=2))
        assert talk.not_understood == 2
        await conversations.note_person_wrote(tx, borrower_id, later(minutes=3))
        talk = await _of(tx, borrower_id)
    assert (talk.person_wrote_at, talk.answered_at) == (later(minutes=3), later(minutes=3))


async def test_what_is_noted_does_not_make_a_move_fail(storage: Storage) -> None:
    borrower_id = await a_borrower(storage)
    seen = await _begun(storage, borrower_id)
    async with storage.transaction() as tx:
        await conversations.note_borrower_wrote(tx, borrower_id, NOW)
    assert (await _move(storage, seen, S.WAITING)).state is S.WAITING


async def test_those_in_a_state_are_told_longest_first(storage: Storage) -> None:
    first, second, third = [await _begun(storage, await a_borrower(storage)) for _ in range(3)]
    for talk, minute in ((second, 1), (first, 2)):
        async with storage.transaction() as tx:
            await _moved(tx, replace(talk), S.WAITING, minute)
    async with storage.reading() as tx:
        waiting = await conversations.in_state(tx, S.WAITING)
        with_bot = await conversations.in_state(tx, S.BOT)
    assert [talk.borrower_id for talk in waiting] == [second.borrower_id, first.borrower_id]
    assert [talk.borrower_id for talk in with_bot] == [third.borrower_id]


async def _begun(storage: Storage, borrower_id: BorrowerId) -> Conversation:
    async with storage.transaction() as tx:
        await conversations.begin(tx, borrower_id, NOW)
        return await _of(tx, borrower_id)


async def _of(tx: Transaction, borrower_id: BorrowerId) -> Conversation:
    talk = await conversations.of(tx, borrower_id)
    assert talk is not None
    return talk


async def _move(storage: Storage, talk: Conversation, to: ConversationState) -> Conversation:
    async with storage.transaction() as tx:
        return await _moved(tx, talk, to)


async def _moved(
    tx: Transaction, talk: Conversation, to: ConversationState, minute: int = 0
) -> Conversation:
    return await conversations.move(
        tx, talk, to, staff_id=None, case_id=None, reason="asked", actor=SYSTEM,
        now=later(minutes=minute),
    )  # fmt: skip
