"""Two messages of one budget claimed together: the second is judged by the first."""

from datetime import timedelta

from sqlalchemy import select

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
