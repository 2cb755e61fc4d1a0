"""Promises to pay: made, replaced, taken back. Whether one was kept follows from payments."""

from dataclasses import dataclass
from datetime import date, datetime

from bot.errors import Refusal
from bot.rules import promise as rules
from bot.services.situation import Situation
from storage import audit, outbox, promises, schedule
from storage.engine import Transaction
from storage.records import Actor, Money, PromiseId


@dataclass(frozen=True, slots=True)
class Recorded:
    """`replaced`: an open promise that this one takes the place of."""

    promise_id: PromiseId
    amount: Money
    due_date: date
    replaced: bool


def owed_in(situation: Situation, currency: str) -> Money:
    """Everything owed in a currency: the most that may be promised."""
    return situation.standing.outstanding.get(currency, Money.zero(currency))


def main_currency(situation: Situation) -> str | None:
    """The currency of the oldest unpaid item; None when nothing is owed."""
    owing = [
        (item.due_date, loan.currency)
        for loan in situation.standing.loans
        if (item := loan.oldest_unpaid)
    ]
    return min(owing)[1] if owing else None


def refuse_unless_possible(situation: Situation, amount: Money, due_date: date) -> None:
    """Raises Refusal with a script for each reason a promise cannot be made."""
    owed = owed_in(situation, amount.currency)
    reason = rules.refusal(amount, due_date, owed=owed, today=situation.today)
    if reason is not None:
        last = rules.allowed_days(situation.today)[-1]
        raise Refusal(f"promise.refused_{reason}", owed=owed, last_day=last)


async def record_promise(
    tx: Transaction,
    actor: Actor,
    situation: Situation,
    amount: Money,
    due_date: date,
    now: datetime,
) -> Recorded:
    """One open promise per currency; a new one takes the place of the old. Raises Refusal."""
    refuse_unless_possible(situation, amount, due_date)
    borrower_id = situation.facts.borrower.borrower_id
    before = situation.open_promise
    if before is not None:
        await promises.supersede(tx, before.promise_id, now)
    promise_id = await promises.add(
        tx, borrower_id, amount, due_date, loan_id=None, actor=actor, now=now
    )
    await _facts_changed(tx, situation, actor, "promise.made", promise_id, now)
    return Recorded(promise_id, amount, due_date, replaced=before is not None)


async def withdraw_promise(
    tx: Transaction, actor: Actor, situation: Situation, now: datetime
) -> bool:
    """Take the open promise back. False: there is none."""
    open_promise = situation.open_promise
    if open_promise is None or not await promises.withdraw(tx, open_promise.promise_id, now):
        return False
    await _facts_changed(tx, situation, actor, "promise.withdrawn", open_promise.promise_id, now)
    return True


async def _facts_changed(
    tx: Transaction,
    situation: Situation,
    actor: Actor,
    act: str,
    promise_id: PromiseId,
    now: datetime,
) -> None:
    borrower_id = situation.facts.borrower.borrower_id
    await outbox.reconsider(tx, borrower_id, now)
    await schedule.look_again(tx, [borrower_id], now)
    await audit.record(tx, actor, act, f"borrower:{borrower_id}", now, promise=promise_id)
