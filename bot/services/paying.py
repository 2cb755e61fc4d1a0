"""Money that arrives, and borrowers who say that it has.

"I have paid" opens a task with a day's clock and holds everything automated until somebody has
looked. A payment that arrives settles the claim by itself, and is thanked for.
"""

from datetime import datetime, timedelta

from bot.services import clearing, reminders
from bot.services.office import Office
from storage import audit, limits, outbox, schedule, work
from storage.engine import Transaction
from storage.records import Actor, BorrowerId, Hold, HoldKind, Money, WorkKind

CLAIM = "payment_claim"
FOUND = "payment_found"
_CHECKED_WITHIN = timedelta(days=1)
_POSTED_WITHIN = timedelta(days=3)


async def claim_payment(
    tx: Transaction,
    actor: Actor,
    borrower_id: BorrowerId,
    now: datetime,
    *,
    key: str,
) -> bool:
    """Open the check of a payment; False when one is open already.

    `key` names the act, so that the same update opens one task.
    """
    if await work.open_of(tx, borrower_id, WorkKind.RECEIPT):
        return False
    await limits.add_hold(tx, borrower_id, Hold(HoldKind.DISPUTE, now), source=CLAIM, actor=actor)
    await outbox.suspend(tx, borrower_id, now)
    await work.add(
        tx,
        f"receipt:{key}",
        WorkKind.RECEIPT,
        borrower_id,
        actor=actor,
        now=now,
        due_at=now + _CHECKED_WITHIN,
    )
    await schedule.look_again(tx, [borrower_id], now)
    await audit.record(tx, actor, "payment.claimed", f"borrower:{borrower_id}", now)
    return True


async def is_checking(tx: Transaction, borrower_id: BorrowerId) -> bool:
    """Whether somebody is to look for a payment of this borrower."""
    return bool(await work.open_of(tx, borrower_id, WorkKind.RECEIPT))


async def settle_claim(
    tx: Transaction, actor: Actor, borrower_id: BorrowerId, outcome: str, now: datetime
) -> bool:
    """End open payment claims and their hold. False: there were none.

    A payment that a person has found is not in the ledger yet, so nothing is said of the debt
    for some days more, or until it is.
    """
    claims = await work.open_of(tx, borrower_id, WorkKind.RECEIPT)
    for claim in claims:
        await work.finish(tx, claim.work_id, outcome, actor, now)
    for source in (CLAIM, FOUND):
        await limits.lift_holds(
            tx, borrower_id, HoldKind.DISPUTE, source=source, actor=actor, outcome=outcome, now=now
        )
    if outcome == FOUND:
        hold = Hold(HoldKind.DISPUTE, now, now + _POSTED_WITHIN)
        await limits.add_hold(tx, borrower_id, hold, source=FOUND, actor=actor)
    if claims:
        await outbox.resume(tx, borrower_id, now)
        await schedule.look_again(tx, [borrower_id], now)
    return bool(claims)


async def money_arrived(
    tx: Transaction,
    office: Office,
    borrower_id: BorrowerId,
    payment_ref: str,
    amount: Money,
    now: datetime,
) -> None:
    """A payment became known: claims are settled by it, and the borrower is thanked."""
    await settle_claim(tx, Actor.system(), borrower_id, "matched", now)
    await outbox.reconsider(tx, borrower_id, now)
    await clearing.call_off(tx, office, borrower_id, now)
    await reminders.thank(tx, office, borrower_id, payment_ref, amount, now)
