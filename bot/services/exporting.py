"""Facts for the lender's core system: promises, plans, waivers, groups of experiments, how cases
and tasks ended.

A row is there when anything it says may have changed since the moment asked about; taken in again
under its own number it replaces what was known. No names, no phones, no words of anybody.
"""

from collections.abc import AsyncIterator, Iterator, Mapping
from datetime import datetime
from enum import StrEnum

from bot.rules.plan_standing import KEPT, UNDECIDED, PlanStanding
from bot.services.situation import Situation, situations_of
from storage import enrolments, exports, waivers
from storage.engine import Transaction
from storage.records import Money, Plan, Promise
from storage.waivers import Granted

Row = Mapping[str, str]


class ExportKind(StrEnum):
    PROMISES = "promises"
    PLANS = "plans"
    OUTCOMES = "outcomes"
    WAIVERS = "waivers"
    GROUPS = "groups"


COLUMNS: Mapping[ExportKind, tuple[str, ...]] = {
    ExportKind.PROMISES: (
        "promise_ref", "borrower_ref", "loan_ref", "currency", "amount", "due_date", "made_at",
        "outcome", "paid", "counts_until",
    ),
    ExportKind.PLANS: (
        "plan_ref", "borrower_ref", "state", "currency", "balance", "down_payment", "frequency",
        "interest", "replaces", "proposed_at", "agreed_at", "cancelled_at", "number", "due_date",
        "amount", "paid", "moved",
    ),
    ExportKind.OUTCOMES: (
        "ref", "what", "borrower_ref", "opened_at", "ended_at", "ended_by", "outcome",
    ),
    ExportKind.WAIVERS: (
        "waiver_ref", "borrower_ref", "loan_ref", "currency", "component", "amount", "waived_on",
        "proposed_by", "approved_by", "approved_at",
    ),
    ExportKind.GROUPS: ("borrower_ref", "experiment", "group", "since"),
}  # fmt: skip
"""Amounts in major units with a dot, dates as ISO days, moments as RFC 3339 in UTC."""


async def rows(
    tx: Transaction, kind: ExportKind, since: datetime, now: datetime
) -> AsyncIterator[Row]:
    """Everything of a kind that may have changed since, in the order of its numbers."""
    if kind is ExportKind.PROMISES:
        async for row in _promises(tx, since, now):
            yield row
    elif kind is ExportKind.PLANS:
        async for row in _plans(tx, since, now):
            yield row
    elif kind is ExportKind.WAIVERS:
        for granted in await waivers.granted_since(tx, since):
            yield _waiver(granted)
    elif kind is ExportKind.GROUPS:
        for enrolled in await enrolments.since(tx, since):
            yield {
                "borrower_ref": enrolled.borrower_ref,
                "experiment": enrolled.experiment,
                "group": enrolled.variant,
                "since": _moment(enrolled.since),
            }
    else:
        for one in await exports.ended(tx, since):
            yield {
                "ref": str(one.number),
                "what": one.what,
                "borrower_ref": one.borrower_ref,
                "opened_at": _moment(one.opened_at),
                "ended_at": _moment(one.ended_at),
                "ended_by": one.ended_by,
                "outcome": one.outcome,
            }


async def _promises(tx: Transaction, since: datetime, now: datetime) -> AsyncIterator[Row]:
    paid_since = await exports.money_known_since(tx, since)
    async for some in exports.who_promised(tx):
        for borrower_id, situation in (await situations_of(tx, some, now)).items():
            for one in situation.facts.promises:
                if borrower_id in paid_since or _promise_moved(situation, one, since):
                    yield _promise(situation, one)


def _promise_moved(situation: Situation, one: Promise, since: datetime) -> bool:
    dates = (one.made_at, one.superseded_at, one.withdrawn_at)
    if any(at is not None and at >= since for at in dates):
        return True
    return situation.judged(one).window_end >= situation.local_time.day(since)


def _promise(situation: Situation, one: Promise) -> Row:
    judged = situation.judged(one)
    return {
        "promise_ref": str(one.promise_id),
        "borrower_ref": situation.facts.borrower.borrower_ref,
        "loan_ref": _loan_ref(situation, one),
        "currency": one.amount.currency,
        "amount": str(one.amount),
        "due_date": one.due_date.isoformat(),
        "made_at": _moment(one.made_at),
        "outcome": judged.outcome,
        "paid": str(judged.paid),
        "counts_until": judged.window_end.isoformat(),
    }


def _loan_ref(situation: Situation, one: Promise) -> str:
    loans = situation.facts.loans
    return next((loan.loan_ref for loan in loans if loan.loan_id == one.loan_id), "")


async def _plans(tx: Transaction, since: datetime, now: datetime) -> AsyncIterator[Row]:
    paid_since = await exports.money_known_since(tx, since)
    async for some in exports.who_planned(tx):
        for borrower_id, situation in (await situations_of(tx, some, now)).items():
            for plan, standing in situation.plans:
                if borrower_id in paid_since or _plan_moved(situation, plan, standing, since):
                    for row in _plan(situation, plan, standing):
                        yield row


def _plan_moved(situation: Situation, plan: Plan, standing: PlanStanding, since: datetime) -> bool:
    """A living plan always may have: its state follows the calendar."""
    dates = (
        plan.proposed_at, plan.approved_at, plan.rejected_at, plan.countered_at, plan.agreed_at,
        plan.cancelled_at,
    )  # fmt: skip
    if any(at is not None and at >= since for at in dates):
        return True
    last = max(part.due_date for part in standing.instalments)
    return standing.state in KEPT | UNDECIDED or last >= situation.local_time.day(since)


def _plan(situation: Situation, plan: Plan, standing: PlanStanding) -> Iterator[Row]:
    currency = plan.balance.currency
    for part in standing.instalments:
        yield {
            "plan_ref": str(plan.plan_id),
            "borrower_ref": situation.facts.borrower.borrower_ref,
            "state": standing.state,
            "currency": currency,
            "balance": str(plan.balance),
            "down_payment": str(Money(plan.down_payment, currency)),
            "frequency": plan.frequency,
            "interest": plan.interest,
            "replaces": "" if plan.replaces is None else str(plan.replaces),
            "proposed_at": _moment(plan.proposed_at),
            "agreed_at": _moment(plan.agreed_at),
            "cancelled_at": _moment(plan.cancelled_at),
            "number": str(part.number),
            "due_date": part.due_date.isoformat(),
            "amount": str(Money(part.amount, currency)),
            "paid": str(Money(part.paid, currency)),
            "moved": "yes" if part.moved else "no",
        }


def _waiver(granted: Granted) -> Row:
    return {
        "waiver_ref": str(granted.waiver_id),
        "borrower_ref": granted.borrower_ref,
        "loan_ref": granted.loan_ref,
        "currency": granted.currency,
        "component": granted.component,
        "amount": str(Money(granted.amount, granted.currency)),
        "waived_on": granted.waived_on.isoformat(),
        "proposed_by": granted.proposed_by,
        "approved_by": granted.granted_by,
        "approved_at": _moment(granted.granted_at),
    }


def _moment(at: datetime | None) -> str:
    return "" if at is None else at.isoformat(timespec="seconds").replace("+00:00", "Z")
