"""Promises to pay: made, replaced, taken back. Whether one was kept follows from payments."""

from dataclasses import dataclass
from datetime import date, datetime

from bot.errors import Refusal
from bot.rules import promise as rules
from bot.rules.promise import PromiseOutcome
from bot.services.situation import Situation, alone_with
from storage import audit, outbox, promises, schedule
from storage.engine import Transaction
from storage.records import Actor, Money, Promise, PromiseId


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


def expected_next(situation: Situation, currency: str) -> Money:
    """What a borrower would pay next in a currency.

    It is all that is due; before the day, what falls due on the next day; and where the lender
    lists no items, everything owed.
    """
    due = situation.standing.due.get(currency)
    if due is not None:
        return due
    unpaid = [
        item
        for loan in situation.standing.loans
        if loan.currency == currency
        for item in loan.unpaid_items
    ]
    if not unpaid:
        return owed_in(situation, currency)
    day = min(item.due_date for item in unpaid)
    return Money(sum(item.unpaid for item in unpaid if item.due_date == day), currency)


def open_in(situation: Situation, currency: str) -> Promise | None:
    """The open promise for all that is owed in a currency."""
    return next(
        (
            one
            for one in reversed(situation.facts.promises)
            if one.amount.currency == currency
            and one.loan_id is None
            and situation.judged(one).outcome is PromiseOutcome.OPEN
        ),
        None,
    )


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
    """One open promise per currency; a new one takes the place of the old. Raises Refusal.

    The same promise made again, as by a second press, is the one that is open.
    """
    situation = await alone_with(tx, situation)
    refuse_unless_possible(situation, amount, due_date)
    borrower_id = situation.facts.borrower.borrower_id
    before = open_in(situation, amount.currency)
    if before is not None and (before.amount, before.due_date) == (amount, due_date):
        return Recorded(before.promise_id, amount, due_date, replaced=False)
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


async def give_way(
    tx: Transaction, actor: Actor, situation: Situation, currency: str, now: datetime
) -> None:
    """A plan was agreed for what is owed in `currency`: it takes the place of the open promise."""
    before = open_in(situation, currency)
    if before is not None:
        await promises.supersede(tx, before.promise_id, now)
        await _facts_changed(tx, situation, actor, "promise.superseded", before.promise_id, now)


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
