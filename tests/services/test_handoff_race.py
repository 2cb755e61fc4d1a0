"""A handoff against a due reminder: in any order, nothing automated goes on the wire after it.

"After" is told by the database alone: once the handoff is committed, no automated row of the
borrower enters `sending`.
"""

import asyncio
import os
from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from bot.services.cases import handoff
from storage import conversations, outbox, schema
from storage.engine import Storage
from storage.errors import Conflict
from storage.records import Actor, ConversationState, HandoffReason, OutboxStatus
from tests.services import handoff_races
from tests.services.test_handoff import SYSTEM, hand_over, queue_reminder
from tests.telegram.conversation import Town

RACES = int(os.environ.get("REMINDFUL_RACES", "100"))
SEED = int(os.environ.get("REMINDFUL_SEED", "7"))


async def test_a_reminder_due_in_the_moment_of_a_handoff_goes_before_it_or_not_at_all(
    town: Town,
) -> None:
    tally = await handoff_races.race(town, RACES, SEED, sends_too=True)
    print(f"races {RACES}, seed {SEED}, one process: {tally}")
    assert tally.wrong == 0
    assert tally.before + tally.after >= RACES
    assert tally.after > 0  # which of both it was is up to chance


async def test_the_same_with_the_sender_in_another_process(
    postgresql_town: Town, postgresql_url: str
) -> None:
    async with handoff_races.second_process(postgresql_url, SEED):
        tally = await handoff_races.race(postgresql_town, RACES, SEED, sends_too=False)
    print(f"races {RACES}, seed {SEED}, two processes: {tally}")
    assert tally.wrong == 0
    assert tally.before + tally.after >= RACES


async def test_the_count_sees_a_row_that_went_on_the_wire_after_the_handoff(town: Town) -> None:
    anna = await town.borrower("B1", "Anna Berg")
    await queue_reminder(town, anna, "due")
    await hand_over(town, anna, by="the planner")
    async with town.storage.transaction() as tx:
        await tx.execute(schema.outbox.update().values(status=OutboxStatus.SENDING))
    tally = handoff_races.Tally()
    await handoff_races.count(town, [anna], tally)
    assert (tally.before, tally.after, tally.wrong) == (0, 0, 1)


async def test_a_row_queued_while_a_handoff_commits_is_not_marked_by_a_slower_sender(
    postgresql_town: Town,
) -> None:
    """The sender's transaction begins before the handoff's commit and ends after it."""
    town = postgresql_town
    anna = await town.borrower("B1", "Anna Berg")
    async with town.storage.transaction() as sender:
        async with town.storage.transaction() as tx:
            await handoff.start(
                tx, town.office, SYSTEM, anna.borrower_id, HandoffReason.ASKED, town.now
            )
            await queue_reminder(town, anna, "due")  # by a planner that knows nothing yet
            rows = await outbox.claim(sender, "w", town.now, limit=10)
            ids = [row.outbox_id for row in rows]
            marked = await outbox.mark_sending(sender, ids, "w", town.now)
        assert [row.automated for row in rows] == [True]
        assert marked == set()


@pytest.fixture
async def postgresql_town(postgresql_url: str) -> AsyncIterator[Town]:
    storage = Storage.open(postgresql_url)
    yield Town(storage)
    await storage.close()


async def test_a_handoff_between_claim_and_mark_takes_the_row_back(town: Town) -> None:
    anna = await town.borrower("B1", "Anna Berg")
    await queue_reminder(town, anna, "due")
    async with town.storage.transaction() as tx:
        rows = await outbox.claim(tx, "w", town.now, limit=10)
    await hand_over(town, anna)
    async with town.storage.transaction() as tx:
        ids = [row.outbox_id for row in rows]
        assert await outbox.mark_sending(tx, ids, "w", town.now) == set()
        assert (await outbox.counts(tx))[OutboxStatus.SUSPENDED] == 1


async def test_of_two_who_move_a_conversation_at_once_one_is_told_so(town: Town) -> None:
    anna = await town.borrower("B1", "Anna Berg")
    async with town.storage.reading() as tx:
        seen = await conversations.of(tx, anna.borrower_id)
    assert seen is not None

    async def moves(to: ConversationState) -> bool:
        try:
            async with town.storage.transaction() as tx:
                await conversations.move(
                    tx, replace(seen), to, staff_id=None, case_id=None, reason="test",
                    actor=Actor.system(), now=town.now,
                )  # fmt: skip
        except Conflict:
            return False
        return True

    moved = await asyncio.gather(moves(ConversationState.WAITING), moves(ConversationState.FROZEN))
    assert sorted(moved) == [False, True]
