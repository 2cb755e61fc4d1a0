"""A borrower's stop: messages of ours end with the very next send, answers to them go on."""

from datetime import datetime, timedelta

from storage import audit, limits, outbox, schedule, work
from storage.engine import Transaction
from storage.records import Actor, BorrowerId, WorkKind

_REVIEW_WITHIN = timedelta(days=2)


async def stop(tx: Transaction, actor: Actor, borrower_id: BorrowerId, now: datetime) -> bool:
    """Record the stop and hold back what is queued. False: it was stopped already.

    It opens no chat with a person; a review item without contact records it.
    """
    if not await limits.stop(tx, borrower_id, actor, now):
        return False
    await outbox.suspend(tx, borrower_id, now)
    await schedule.look_again(tx, [borrower_id], now)
    await work.add(
        tx,
        f"stop:{borrower_id}:{now.isoformat()}",
        WorkKind.STOP_REVIEW,
        borrower_id,
        actor=actor,
        now=now,
        due_at=now + _REVIEW_WITHIN,
    )
    await audit.record(tx, actor, "contact.stopped", f"borrower:{borrower_id}", now)
    return True


async def resume(tx: Transaction, actor: Actor, borrower_id: BorrowerId, now: datetime) -> bool:
    """End the stop. False: there was none."""
    if not await limits.resume(tx, borrower_id, actor, now):
        return False
    await outbox.resume(tx, borrower_id, now)
    await schedule.look_again(tx, [borrower_id], now)
    await audit.record(tx, actor, "contact.resumed", f"borrower:{borrower_id}", now)
    return True
