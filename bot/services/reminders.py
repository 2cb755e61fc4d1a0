"""The words of what the bot starts, made from the ledger at the moment of sending.

A row of the outbox says only which script and what it is about. If the facts have moved on since
it was planned, it is not said at all.
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from bot.rules.plan_standing import PlanState, down_payment_until, missed
from bot.rules.strategy import outlook
from bot.services.office import Office
from bot.services.saying import drawn, wording_of
from bot.services.situation import SHOWN_LOANS, Situation, situation_of
from scripts_library.render import render
from storage import loans, outbox, restores
from storage.engine import Transaction
from storage.records import (
    Actor,
    BorrowerId,
    ContactKind,
    DeliveryClass,
    Money,
    OutboxRow,
    Outgoing,
    Wording,
)

ANSWER_WITHIN = timedelta(days=15)
"""What a formal notice gives to answer."""
_THANKED_BEFORE = "the payment is from before a restore, and may have been thanked for then"
_THANKS_FOR = timedelta(days=3)


def still_due(situation: Situation, office: Office, row: OutboxRow) -> bool:
    """Whether the strategy still asks for this very message, by the facts of now."""
    if row.kind is ContactKind.THANKS:
        return True
    borrower_id = situation.facts.borrower.borrower_id
    due = outlook(office.strategy, situation.facts, situation.now, situation.standing).due
    return any(one.unique_key(borrower_id) == row.unique_key for one in due)


def compose(situation: Situation, office: Office, row: OutboxRow) -> tuple[dict[str, Any], Wording]:
    """The payload to send for a planned row, and which words it has.

    Raises the library's errors rather than leave a hole.
    """
    script = office.library.script(row.payload["compose"], situation.language)
    script = script.wording_for(row.unique_key)
    values = {"lender": office.lender, **_values(situation, row)}
    said = render(script, values, zone=situation.zone)
    payload = {"text": said.text, "buttons": drawn(said), "script": script.key}
    return payload, wording_of(script)


async def thank(
    tx: Transaction,
    office: Office,
    borrower_id: BorrowerId,
    payment_ref: str,
    amount: Money,
    now: datetime,
) -> None:
    """Queue thanks for money that arrived; the rules of hours decide when it is said."""
    situation = await situation_of(tx, borrower_id, now)
    account = situation.facts.account
    if account is None:
        return
    thanks = office.strategy.thanks
    key = thanks.payment if situation.owes else thanks.cleared
    if thanks.plan_completed is not None and _completed_by(situation, payment_ref):
        key = thanks.plan_completed
    message = Outgoing(
        unique_key=f"thanks:{payment_ref}",
        chat_id=account.telegram_id,
        delivery=DeliveryClass.REMINDER,
        method="sendMessage",
        payload={"compose": key, "amount": amount.minor, "currency": amount.currency},
        actor=Actor.system(),
        not_before=now,
        kind=ContactKind.THANKS,
        borrower_id=borrower_id,
        expires_at=now + _THANKS_FOR,
    )
    if await _may_have_been_thanked(tx, situation, payment_ref):
        await outbox.put_unknown(tx, message, now, at=now, why=_THANKED_BEFORE)
    else:
        await outbox.put(tx, message, now)


def _completed_by(situation: Situation, payment_ref: str) -> bool:
    """Whether a plan is complete with this payment and would not be without it."""
    facts = situation.facts
    loans = tuple(
        replace(
            loan, payments=tuple(one for one in loan.payments if one.payment_ref != payment_ref)
        )
        for loan in facts.loans
    )
    before = Situation(replace(facts, loans=loans), situation.now)
    return any(
        standing.state is PlanState.COMPLETED and earlier.state is not PlanState.COMPLETED
        for (_, standing), (_, earlier) in zip(situation.plans, before.plans, strict=True)
    )


async def _may_have_been_thanked(tx: Transaction, situation: Situation, payment_ref: str) -> bool:
    """A payment from before a restore may be known only again, and its thanks long said."""
    unknowable = await restores.stretches(tx, situation.now)
    if not unknowable:
        return False
    paid_on = await loans.paid_on(tx, payment_ref)
    return paid_on is not None and any(
        paid_on <= situation.local_time.day(one.end) for one in unknowable
    )


def _values(situation: Situation, row: OutboxRow) -> Mapping[str, Any]:
    name = situation.facts.borrower.full_name
    if row.kind is ContactKind.THANKS:
        paid = Money(row.payload["amount"], row.payload["currency"])
        return {"name": name, "amount": paid, "remaining": list(situation.standing.due.values())}
    subject, _, reference = str(row.payload["anchor"]).partition(":")
    if subject in ("promise", "broken_promise"):
        return {"name": name, **_promised(situation, int(reference))}
    if subject == "down_payment":
        return {"name": name, **_down_payment(situation, int(reference))}
    if subject == "missed_instalment":
        plan_id, _, number = reference.partition(":")
        return {"name": name, **_missed(situation, int(plan_id), int(number))}
    if subject == "broken_plan":
        return {"name": name, "remaining": list(situation.standing.due.values())}
    if subject == "instalment":
        plan_id, _, number = reference.partition(":")
        return {"name": name, **_instalment(situation, int(plan_id), int(number))}
    return {"name": name, **owed(situation)}


def _promised(situation: Situation, promise_id: int) -> Mapping[str, Any]:
    promised = next(one for one in situation.facts.promises if one.promise_id == promise_id)
    return {"amount": promised.amount, "date": promised.due_date}


def _down_payment(situation: Situation, plan_id: int) -> Mapping[str, Any]:
    """What is left of it, and the last day on which it is in time."""
    plan, standing = next(pair for pair in situation.plans if pair[0].plan_id == plan_id)
    assert plan.agreed_at is not None, "only an agreed plan has a down payment to be reminded of"
    until = down_payment_until(
        situation.local_time.day(plan.agreed_at), country=situation.facts.borrower.country
    )
    return {"amount": standing.down_unpaid, "date": until}


def _missed(situation: Situation, plan_id: int, number: int) -> Mapping[str, Any]:
    """What was missed, and where what is left of it stands now."""
    plan, standing = next(pair for pair in situation.plans if pair[0].plan_id == plan_id)
    one = next(one for one in missed(plan, standing) if one.instalment.number == number)
    return {
        "amount": Money(one.moved_to.amount, plan.balance.currency),
        "date": one.instalment.due_date,
        "new_date": one.moved_to.due_date,
    }


def _instalment(situation: Situation, plan_id: int, number: int) -> Mapping[str, Any]:
    plan, standing = next(
        (plan, standing) for plan, standing in situation.plans if plan.plan_id == plan_id
    )
    part = next(one for one in standing.instalments if one.number == number and one.unpaid)
    return {"amount": Money(part.unpaid, plan.balance.currency), "date": part.due_date}


def owed(situation: Situation) -> Mapping[str, Any]:
    """Every loan with something unpaid: what is due, or before the day what will be.

    Of somebody who owes something; a reminder's row was asked for `balance_zero` just before.
    """
    oldest = situation.oldest_unpaid
    assert oldest is not None, "nothing is owed"
    until = max(situation.today, oldest.due_date)
    loans: list[dict[str, Any]] = []
    totals: dict[str, Money] = {}
    for loan, standing in situation.loan_pairs():
        item = standing.oldest_unpaid
        if item is None or item.due_date > until:
            continue
        due = standing.due or Money(item.unpaid, loan.currency)
        told = totals.get(loan.currency)
        totals[loan.currency] = due if told is None else told + due
        loans.append(
            {
                "product": loan.product,
                "due": due,
                "due_date": item.due_date,
                "days_past_due": max((situation.today - item.due_date).days, 0),
                "pay_to": loan.pay_to,
            }
        )
    loans.sort(key=lambda one: one["due_date"])
    upcoming = situation.standing.next_due if situation.overdue else None
    return {
        "loans": loans[:SHOWN_LOANS],
        "more_loans": len(loans) - SHOWN_LOANS if len(loans) > SHOWN_LOANS else None,
        "totals": list(totals.values()),
        "oldest_due_date": oldest.due_date,
        "days_past_due": max(situation.days_past_due or 0, 0),
        "as_of": situation.as_of,
        "next_due_date": upcoming.due_date if upcoming else None,
        "reply_by": situation.today + ANSWER_WITHIN,
    }
