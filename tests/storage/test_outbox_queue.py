"""The outbox on the way out: one row a key, lanes, order within a chat, and the durable mark."""

import asyncio

import pytest

from storage import conversations, limits, outbox
from storage.engine import Storage, Transaction
from storage.limits import EMERGENCY_STOP
from storage.outbox import Outcome
from storage.records import BorrowerId, ContactKind, ConversationState, OutboxId, OutboxStatus
from tests.storage.stage import (
    NOW,
    SYSTEM,
    WORKER,
    a_borrower,
    answer,
    claim,
    later,
    put,
    reminder,
    row,
    statuses,
    words,
)


async def test_a_key_is_queued_once_whatever_became_of_it(storage: Storage) -> None:
    (first,) = await put(storage, answer(unique_key="update:1:1"))
    async with storage.transaction() as tx:
        assert await outbox.put(tx, answer(unique_key="update:1:1"), NOW) is None
    await claim(storage)
    async with storage.transaction() as tx:
        await outbox.mark_sending(tx, [first], WORKER, NOW)
        await outbox.record(tx, [Outcome(first, OutboxStatus.SENT, 5)], WORKER, NOW)
        assert await outbox.put(tx, answer(unique_key="update:1:1"), NOW) is None


async def test_a_key_used_twice_at_once_is_one_row(database_url: str) -> None:
    first, second = Storage.open(database_url), Storage.open(database_url)

    async def queue(storage: Storage) -> OutboxId | None:
        async with storage.transaction() as tx:
            return await outbox.put(tx, answer(unique_key="once"), NOW)

    told = await asyncio.gather(*(queue(one) for one in (first, second) * 4))
    assert len([one for one in told if one is not None]) == 1
    await first.close()
    await second.close()


async def test_a_reminder_that_never_left_may_be_planned_again(storage: Storage) -> None:
    borrower_id = await a_borrower(storage)
    planned = reminder(borrower_id, unique_key="due:1", payload={"compose": "old"})
    (first,) = await put(storage, planned)
    await claim(storage)
    async with storage.transaction() as tx:
        await outbox.drop(tx, first, OutboxStatus.EXPIRED, NOW)
    anew = reminder(borrower_id, unique_key="due:1", payload={"compose": "new"})
    assert await put(storage, anew) == [first]
    assert (await row(storage, first)).payload == {"compose": "new"}


async def test_a_reminder_that_may_have_left_is_never_planned_again(storage: Storage) -> None:
    borrower_id = await a_borrower(storage)
    (first,) = await put(storage, reminder(borrower_id, unique_key="due:1"))
    await claim(storage)
    async with storage.transaction() as tx:
        await outbox.mark_sending(tx, [first], WORKER, NOW)
        await outbox.record(tx, [Outcome(first, OutboxStatus.UNKNOWN)], WORKER, NOW)
        again = await outbox.put(tx, reminder(borrower_id, unique_key="due:1"), NOW)
    assert again is None
    assert await statuses(storage, [first]) == ["unknown"]


async def test_answers_go_before_words_and_words_before_reminders(storage: Storage) -> None:
    borrower_id = await a_borrower(storage)
    late, middle, early = await put(
        storage, reminder(borrower_id, 1), words(2), answer(3, not_before=NOW)
    )
    assert [one.outbox_id for one in await claim(storage)] == [early, middle, late]


async def test_what_may_not_go_yet_waits(storage: Storage) -> None:
    await put(storage, answer(not_before=later(minutes=5)))
    assert await claim(storage) == []
    assert len(await claim(storage, at=later(minutes=5))) == 1


async def test_the_answers_of_a_chat_come_one_by_one_in_their_order(storage: Storage) -> None:
    first, second, other = await put(storage, answer(7), answer(7), answer(8))
    assert [one.outbox_id for one in await claim(storage)] == [first, other]
    assert await claim(storage) == []
    await _sent(storage, first)
    assert [one.outbox_id for one in await claim(storage)] == [second]


async def test_words_wait_for_words_that_have_to_be_tried_again(storage: Storage) -> None:
    first, second = await put(storage, words(7), words(7))
    await claim(storage)
    async with storage.transaction() as tx:
        await outbox.mark_sending(tx, [first], WORKER, NOW)
        again = Outcome(first, OutboxStatus.QUEUED, retry_at=later(seconds=4))
        await outbox.record(tx, [again], WORKER, NOW)
    assert await claim(storage) == []
    assert [one.outbox_id for one in await claim(storage, at=later(seconds=4))] == [first]
    await _sent(storage, first)
    assert [one.outbox_id for one in await claim(storage)] == [second]


async def test_an_answer_does_not_wait_for_the_words_of_the_same_chat(storage: Storage) -> None:
    await put(storage, words(7, not_before=later(hours=1)))
    (reply,) = await put(storage, answer(7))
    assert [one.outbox_id for one in await claim(storage)] == [reply]


async def test_reminders_of_one_chat_do_not_wait_for_each_other(storage: Storage) -> None:
    borrower_id = await a_borrower(storage)
    ids = await put(storage, reminder(borrower_id), reminder(borrower_id))
    assert [one.outbox_id for one in await claim(storage)] == ids


async def test_with_everything_automated_halted_only_people_are_served(storage: Storage) -> None:
    borrower_id = await a_borrower(storage)
    _, theirs = await put(storage, reminder(borrower_id, 1), words(2))
    async with storage.transaction() as tx:
        claimed = await outbox.claim(tx, WORKER, NOW, limit=10, automated=False)
    assert [one.outbox_id for one in claimed] == [theirs]


async def test_a_claim_takes_no_more_than_it_was_told(storage: Storage) -> None:
    await put(storage, *(answer(chat) for chat in range(1, 8)))
    assert len(await claim(storage, limit=3)) == 3
    assert len(await claim(storage, limit=3)) == 3
    assert len(await claim(storage, limit=3)) == 1


async def test_two_processes_never_claim_the_same_row(postgresql_url: str) -> None:
    """SKIP LOCKED: neither waits for the other, and together they get everything."""
    first, second = Storage.open(postgresql_url), Storage.open(postgresql_url)
    ids = await put(first, *(answer(chat) for chat in range(1, 41)))
    async with first.transaction() as one, second.transaction() as two, asyncio.timeout(5):
        ours = await outbox.claim(one, "one", NOW, limit=20)
        theirs = await outbox.claim(two, "two", NOW, limit=40)
    assert {row.outbox_id for row in ours} | {row.outbox_id for row in theirs} == set(ids)
    assert len(ours) + len(theirs) == len(ids)
    await first.close()
    await second.close()


async def test_a_second_process_does_not_overtake_within_a_chat(postgresql_url: str) -> None:
    first, second = Storage.open(postgresql_url), Storage.open(postgresql_url)
    await put(first, words(7), words(7))
    async with first.transaction() as one, second.transaction() as two, asyncio.timeout(5):
        assert len(await outbox.claim(one, "one", NOW, limit=20)) == 1
        assert await outbox.claim(two, "two", NOW, limit=20) == []
    await first.close()
    await second.close()


async def test_a_marked_row_says_when_it_went_on_the_wire_and_how_often(storage: Storage) -> None:
    (first,) = await put(storage, answer())
    await claim(storage)
    async with storage.transaction() as tx:
        assert await outbox.mark_sending(tx, [first], WORKER, later(seconds=1)) == {first}
    marked = await row(storage, first)
    assert (marked.status, marked.marked_at, marked.attempts) == ("sending", later(seconds=1), 1)


async def test_only_who_claimed_a_row_may_mark_it_and_only_once(storage: Storage) -> None:
    (first,) = await put(storage, answer())
    async with storage.transaction() as tx:
        assert await outbox.mark_sending(tx, [first], WORKER, NOW) == set()
    await claim(storage)
    async with storage.transaction() as tx:
        assert await outbox.mark_sending(tx, [first], "another:2", NOW) == set()
        assert await outbox.mark_sending(tx, [first], WORKER, NOW) == {first}
        assert await outbox.mark_sending(tx, [first], WORKER, NOW) == set()


@pytest.mark.parametrize("state", [one for one in ConversationState if one != "bot"])
async def test_nothing_automated_leaves_while_a_person_owns_the_conversation(
    storage: Storage, state: ConversationState
) -> None:
    borrower_id = await a_borrower(storage)
    ours, thanks, theirs = await put(
        storage,
        reminder(borrower_id, 1),
        reminder(borrower_id, 2, kind=ContactKind.THANKS),
        words(3, borrower_id=borrower_id),
    )
    await claim(storage)
    await _move(storage, borrower_id, state)
    async with storage.transaction() as tx:
        assert await outbox.mark_sending(tx, [ours, thanks, theirs], WORKER, NOW) == {theirs}
    assert await statuses(storage, [ours, thanks]) == ["claimed", "claimed"]


async def test_what_the_bot_owns_leaves(storage: Storage) -> None:
    borrower_id = await a_borrower(storage)
    (ours,) = await put(storage, reminder(borrower_id))
    async with storage.transaction() as tx:
        await conversations.begin(tx, borrower_id, NOW)
    await claim(storage)
    async with storage.transaction() as tx:
        assert await outbox.mark_sending(tx, [ours], WORKER, NOW) == {ours}


async def test_nothing_automated_leaves_under_an_emergency_stop(storage: Storage) -> None:
    borrower_id = await a_borrower(storage)
    ours, theirs = await put(storage, reminder(borrower_id, 1), answer(2))
    await claim(storage)
    async with storage.transaction() as tx:
        await limits.switch_on(tx, EMERGENCY_STOP, SYSTEM, NOW)
    async with storage.transaction() as tx:
        assert await outbox.mark_sending(tx, [ours, theirs], WORKER, NOW) == {theirs}
        await limits.switch_off(tx, EMERGENCY_STOP, SYSTEM, NOW)
        assert await outbox.mark_sending(tx, [ours], WORKER, NOW) == {ours}


async def test_a_handoff_that_is_being_written_keeps_its_reminders_back(
    postgresql_url: str,
) -> None:
    """Otherwise it could commit between our look and our commit, and a reminder leave after it."""
    sender, worker = Storage.open(postgresql_url), Storage.open(postgresql_url)
    borrower_id, calm_id = await a_borrower(sender), await a_borrower(sender)
    ours, calm = await put(sender, reminder(borrower_id, 1), reminder(calm_id, 2))
    for one in (borrower_id, calm_id):
        async with sender.transaction() as tx:
            await conversations.begin(tx, one, NOW)
    await claim(sender)
    async with worker.transaction() as handoff:
        await _move_in(handoff, borrower_id, ConversationState.WAITING)
        async with sender.transaction() as tx, asyncio.timeout(5):
            assert await outbox.mark_sending(tx, [ours, calm], WORKER, NOW) == {calm}
    await sender.close()
    await worker.close()


async def test_a_handoff_waits_for_a_mark_that_is_being_written(postgresql_url: str) -> None:
    sender, worker = Storage.open(postgresql_url), Storage.open(postgresql_url)
    borrower_id = await a_borrower(sender)
    (ours,) = await put(sender, reminder(borrower_id))
    async with sender.transaction() as tx:
        await conversations.begin(tx, borrower_id, NOW)
    await claim(sender)
    order: list[str] = []

    async def hand_off() -> None:
        async with worker.transaction() as tx:
            await _move_in(tx, borrower_id, ConversationState.WAITING)
        order.append("handed off")

    async with asyncio.TaskGroup() as tasks, sender.transaction() as tx:
        assert await outbox.mark_sending(tx, [ours], WORKER, NOW) == {ours}
        tasks.create_task(hand_off())
        await asyncio.sleep(0.2)
        order.append("marked")
    assert order == ["marked", "handed off"]
    await sender.close()
    await worker.close()


async def _sent(storage: Storage, outbox_id: OutboxId) -> None:
    async with storage.transaction() as tx:
        await outbox.mark_sending(tx, [outbox_id], WORKER, NOW)
        await outbox.record(tx, [Outcome(outbox_id, OutboxStatus.SENT, 1)], WORKER, NOW)


async def _move(storage: Storage, borrower_id: BorrowerId, to: ConversationState) -> None:
    async with storage.transaction() as tx:
        await conversations.begin(tx, borrower_id, NOW)
        await _move_in(tx, borrower_id, to)


async def _move_in(tx: Transaction, borrower_id: BorrowerId, to: ConversationState) -> None:
    talk = await conversations.of(tx, borrower_id)
    assert talk is not None
    await conversations.move(
        tx, talk, to, staff_id=None, case_id=None, reason="test", actor=SYSTEM, now=NOW
    )


async def test_many_are_queued_together_as_each_would_be_alone(storage: Storage) -> None:
    first = await a_borrower(storage)
    once = reminder(first, unique_key="step:1")
    denied = reminder(first, unique_key="step:2")
    async with storage.transaction() as tx:
        await outbox.put_many(tx, [once, denied], NOW)
        for claimed in await outbox.claim(tx, WORKER, NOW, limit=10):
            if claimed.unique_key == denied.unique_key:
                await outbox.drop(tx, claimed.outbox_id, OutboxStatus.DENIED, NOW)
        await outbox.put_many(tx, [once, denied, reminder(first, unique_key="step:3")], NOW)
        assert await outbox.counts(tx) == {"claimed": 1, "queued": 2}
        await outbox.put_many(tx, [], NOW)
