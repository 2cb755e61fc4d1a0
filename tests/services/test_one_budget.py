"""Two messages of one budget claimed together: the second is judged by the first."""

import asyncio
from datetime import timedelta

from sqlalchemy import select

from bot.services import sending
from storage import outbox
from storage.records import Actor, ContactKind, DeliveryClass, Outgoing
from storage.schema import outbox as rows
from tests.telegram.conversation import Borrower, Town


async def _queued(town: Town, anna: Borrower, kind: ContactKind) -> None:
    async with town.storage.transaction() as tx:
        await outbox.put(
            tx,
            Outgoing(
                unique_key=f"step:{kind}",
                chat_id=anna.telegram_id,
                delivery=DeliveryClass.REMINDER,
                method="sendMessage",
                payload={"text": "A note"},
                actor=Actor.system(),
                not_before=town.now,
                kind=kind,
                borrower_id=anna.borrower_id,
                expires_at=town.now + timedelta(hours=8),
            ),
            town.now,
        )


async def test_two_reminders_due_at_once_are_one_message_that_day(town: Town) -> None:
    anna = await town.borrower("B-1", "Anna Berg")
    await _queued(town, anna, ContactKind.PROMISE_NOTE)
    await _queued(town, anna, ContactKind.PRE_DUE)
    await town.deliver()
    town.later(seconds=5)
    await town.deliver()
    assert len(anna.chat) == 1
    async with town.storage.reading() as tx:
        found = await tx.all(select(rows.c.unique_key, rows.c.status, rows.c.rules))
    assert {(row.unique_key, row.status) for row in found} == {
        ("step:promise_note", "sent"),
        ("step:pre_due", "expired"),
    }
    assert "cap_day" in " ".join(row.rules for row in found)


async def test_two_processes_do_not_spend_one_budget_twice(town: Town) -> None:
    """Each takes one of two notes at the same instant; the second waits and finds the first."""
    anna = await town.borrower("B-1", "Anna Berg")
    await _queued(town, anna, ContactKind.PROMISE_NOTE)
    await _queued(town, anna, ContactKind.PRE_DUE)

    async def batch(worker: str) -> int:
        async with town.storage.transaction() as tx:
            taken = await sending.next_batch(tx, town.office, worker, town.now, limit=1)
            await asyncio.sleep(0.3)  # the other one has begun meanwhile
        return len(taken.ready)

    assert sorted(await asyncio.gather(batch("a:1"), batch("b:1"))) == [0, 1]
