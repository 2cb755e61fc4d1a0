"""What late facts change: payments of days long past, and payments that were taken back.

They alter what was true on days that are over, so somebody may have acted on what no longer holds.
Both views are of the same moment, with and without the payments of the file, before anything is
written; a dry run says the same.
"""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta

from bot.rules.ageing import payment_class, stage_of
from bot.rules.plan_standing import PlanState
from bot.rules.promise import PromiseOutcome
from bot.rules.strategy import Strategy
from bot.services.portfolio.checks import AT_A_TIME
from bot.services.portfolio.plan import ImportPlan, chunks
from bot.services.portfolio.report import Change
from bot.services.situation import Situation, situations_of
from storage import audit, borrowers, import_lookups, work
from storage.engine import Transaction
from storage.portfolio import NewPayment, Reversal
from storage.records import Actor, BorrowerId, Loan, Payment, WorkKind

_ORDINARY = timedelta(days=2)
"""A file brings the payments of yesterday, and of the day before where the night was long."""
_TOGETHER = 500
_LOOKED_AT_WITHIN = timedelta(days=1)
_NOTE = "hindsight"
_JUDGED = frozenset(
    {
        PromiseOutcome.KEPT, PromiseOutcome.PARTLY_KEPT, PromiseOutcome.BROKEN,
        PlanState.COMPLETED, PlanState.BROKEN, PlanState.AT_RISK,
    }
)  # fmt: skip
"""Verdicts that people may have acted on."""


async def find_changes(
    tx: Transaction, strategy: Strategy, plan: ImportPlan, now: datetime
) -> list[Change]:
    """What the payments of a file change for those whose past they change.

    Payments taken back concern everybody, those told late only whom something was said to.
    """
    told: dict[BorrowerId, list[NewPayment]] = defaultdict(list)
    for one in plan.payments:
        told[one.borrower_id].append(one)
    back: dict[BorrowerId, list[Reversal]] = defaultdict(list)
    for reversal in plan.reversals:
        back[reversal.borrower_id].append(reversal)
    late = {
        borrower_id
        for borrower_id, some in told.items()
        if any(one.paid_on < (now - _ORDINARY).date() for one in some)
    }
    concerned = set(back)
    for ids in chunks(sorted(late - concerned), AT_A_TIME):
        concerned |= await import_lookups.in_touch(tx, ids)
    changes: list[Change] = []
    for ids in chunks(sorted(concerned), _TOGETHER):
        for borrower_id, before in (await situations_of(tx, ids, now)).items():
            some = told[borrower_id], back[borrower_id]
            after = _with(before, *some)
            refs = _late_refs(*some, now)
            changes += _differences(strategy, before, after, refs)
    return changes


async def keep_changes(
    tx: Transaction, actor: Actor, import_id: int, changes: list[Change], now: datetime
) -> None:
    """Write them down for each borrower; where a verdict fell otherwise, a person looks at it."""
    by_borrower: dict[str, list[Change]] = defaultdict(list)
    for one in changes:
        by_borrower[one.borrower_ref].append(one)
    for ref, some in by_borrower.items():
        borrower = await borrowers.by_ref(tx, ref)
        assert borrower is not None, "it was read a moment ago"
        await audit.record(
            tx,
            actor,
            "ledger.changed",
            f"borrower:{borrower.borrower_id}",
            now,
            payments=list(some[0].payments),
            changes=[[one.what, one.ref, one.before, one.after] for one in some],
        )
        if any(one.what in ("promise", "plan") and one.before in _JUDGED for one in some):
            await work.add(
                tx,
                f"{_NOTE}:{import_id}:{borrower.borrower_id}",
                WorkKind.REVIEW,
                borrower.borrower_id,
                actor=actor,
                now=now,
                due_at=now + _LOOKED_AT_WITHIN,
                note=_NOTE,
            )


def _with(situation: Situation, told: list[NewPayment], back: list[Reversal]) -> Situation:
    reversed_on = {one.payment_ref: one.reversed_on for one in back}

    def changed(loan: Loan) -> Loan:
        known = (
            replace(one, reversed_on=reversed_on.get(one.payment_ref, one.reversed_on))
            for one in loan.payments
        )
        new = (
            Payment(one.payment_ref, one.amount, one.paid_on, one.reversed_on, situation.now)
            for one in told
            if one.loan_id == loan.loan_id
        )
        return replace(loan, payments=(*known, *new))

    loans = tuple(changed(loan) for loan in situation.facts.loans)
    return Situation(replace(situation.facts, loans=loans), situation.now)


def _late_refs(told: list[NewPayment], back: list[Reversal], now: datetime) -> tuple[str, ...]:
    late = [one.payment_ref for one in told if one.paid_on < (now - _ORDINARY).date()]
    return (*late, *(one.payment_ref for one in back))


def _differences(
    strategy: Strategy, before: Situation, after: Situation, payments: tuple[str, ...]
) -> Iterator[Change]:
    ref = before.facts.borrower.borrower_ref
    then, now = _said(strategy, before), _said(strategy, after)
    for (what, number), said in then.items():
        if now[what, number] != said:
            yield Change(ref, what, number, said, now[what, number], payments)


def _said(strategy: Strategy, situation: Situation) -> dict[tuple[str, str], str]:
    """Everything derived that people are told, as printed."""
    late = situation.days_past_due
    due = situation.standing.due.items()
    said = {
        ("days_past_due", ""): "" if late is None else str(late),
        ("stage", ""): "" if late is None else stage_of(strategy.ranges, late).name,
        ("class", ""): payment_class(situation.standing, strategy.class_rule).value,
        ("due", ""): ", ".join(f"{amount} {currency}" for currency, amount in sorted(due)),
    }
    for one in situation.facts.promises:
        said["promise", str(one.promise_id)] = situation.judged(one).outcome.value
    for plan, standing in situation.plans:
        said["plan", str(plan.plan_id)] = standing.state.value
    return said
