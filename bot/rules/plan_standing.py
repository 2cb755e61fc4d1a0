"""Where an instalment plan stands on a day, derived from its dated facts and the payments.

Money of one day pays what has fallen due, oldest first, then the next instalment; what is more
shortens the plan from its tail, so that the next date still holds, and so does what is waived. An
instalment unpaid after the grace is missed: what is left of it moves to the end, once. Two missed
in a row break the plan, and so does a down payment that has not come by then.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import TypeVar

from bot.rules import business_days, ledger
from bot.rules.hindsight import is_reversed
from bot.rules.local_time import LocalTime
from bot.rules.plan import Approval, add_months
from bot.rules.plan_policy import Frequency, PlanPolicy, default_policy
from storage.records import Loan, Money, Payment, Plan, Waiver

_Amount = TypeVar("_Amount", Payment, Waiver)

_DAYS = {Frequency.WEEKLY: 7, Frequency.FORTNIGHTLY: 14}


class PlanState(StrEnum):
    DRAFT = "draft"
    PROPOSED = "proposed"
    AUTO_APPROVED = "auto_approved"
    UNDER_REVIEW = "under_review"
    APPROVED = "approved"
    COUNTERED = "countered"
    REJECTED = "rejected"
    AGREED = "agreed"
    ACTIVE = "active"
    COMPLETED = "completed"
    AT_RISK = "at_risk"
    CURED = "cured"
    BROKEN = "broken"
    CANCELLED = "cancelled"


KEPT = frozenset({PlanState.AGREED, PlanState.ACTIVE, PlanState.AT_RISK, PlanState.CURED})
"""A plan in one of these stands between the borrower and overdue messages."""

UNDECIDED = frozenset(
    {PlanState.PROPOSED, PlanState.AUTO_APPROVED, PlanState.UNDER_REVIEW, PlanState.APPROVED}
)


class NewPlanRefusal(StrEnum):
    """Why a borrower cannot have another plan now."""

    ONE_ACTIVE = "one_active"
    TOO_SOON = "too_soon"


@dataclass(frozen=True, slots=True)
class InstalmentStanding:
    """One instalment in minor units. `moved`: missed, what was left of it moved to the end."""

    number: int
    due_date: date
    amount: int
    paid: int
    moved: bool = False

    @property
    def unpaid(self) -> int:
        return 0 if self.moved else self.amount - self.paid


@dataclass(frozen=True, slots=True)
class Missed:
    """A missed instalment, and the one at the end that took its rest."""

    instalment: InstalmentStanding
    moved_to: InstalmentStanding


@dataclass(frozen=True, slots=True)
class PlanStanding:
    """`instalments`: by due date, moved ones at their old and their new place.

    `broken_on`: the first day on which the plan no longer stood.
    """

    state: PlanState
    instalments: tuple[InstalmentStanding, ...]
    down_unpaid: Money
    paid: Money
    broken_on: date | None = None

    @property
    def is_kept(self) -> bool:
        return self.state in KEPT

    @property
    def next_instalment(self) -> InstalmentStanding | None:
        """The oldest one with something unpaid."""
        return next((part for part in self.instalments if part.unpaid), None)

    @property
    def left(self) -> Money:
        """What the plan still asks for, down payment included."""
        parts = sum(part.unpaid for part in self.instalments)
        return self.down_unpaid + Money(parts, self.down_unpaid.currency)


def plan_standing(
    plan: Plan,
    payments: Iterable[Payment],
    day: date,
    *,
    country: str,
    local_time: LocalTime,
    policy: PlanPolicy | None = None,
    waivers: Iterable[Waiver] = (),
) -> PlanStanding:
    """`plan` at the end of `day`.

    `payments` and `waivers`: those of its loans (`payments_in_scope`, `waivers_in_scope`).
    """
    policy = policy or default_policy()

    def happened(at: datetime | None) -> date | None:
        on = None if at is None else local_time.day(at)
        return on if on is not None and on <= day else None

    agreed_on = happened(plan.agreed_at)
    course = _Course(plan, country, policy)
    if agreed_on is not None:
        let_go = _waived_by_day(waivers, agreed_on, day)
        course.run(agreed_on, _by_day(payments, agreed_on, day), let_go, day)
    if happened(plan.cancelled_at):
        state = PlanState.CANCELLED
    elif agreed_on is not None:
        state = course.state(day)
    elif happened(plan.rejected_at):
        state = PlanState.REJECTED
    elif happened(plan.countered_at):
        state = PlanState.COUNTERED
    elif happened(plan.approved_at):
        automatic = plan.approval == Approval.AUTOMATIC
        state = PlanState.AUTO_APPROVED if automatic else PlanState.APPROVED
    elif happened(plan.proposed_at):
        automatic = plan.approval == Approval.AUTOMATIC
        state = PlanState.PROPOSED if automatic else PlanState.UNDER_REVIEW
    else:
        state = PlanState.DRAFT
    return PlanStanding(
        state=state,
        instalments=course.standings(),
        down_unpaid=Money(course.down_unpaid, plan.balance.currency),
        paid=Money(course.paid, plan.balance.currency),
        broken_on=course.broken_on if state is PlanState.BROKEN else None,
    )


def missed(plan: Plan, standing: PlanStanding) -> list[Missed]:
    """The instalments that were missed, oldest first; each was moved once, to the end."""
    added = [part for part in standing.instalments if part.number > len(plan.instalments)]
    added.sort(key=lambda part: part.number)
    moved = [part for part in standing.instalments if part.moved]
    return [Missed(part, to) for part, to in zip(moved, added, strict=True)]


def late_on(due_date: date, *, country: str, policy: PlanPolicy | None = None) -> date:
    """The first day after the grace of an instalment, or of a down payment due on that day."""
    policy = policy or default_policy()
    grace = policy.grace_business_days
    return business_days.add(country, due_date, grace) + timedelta(days=1)


def payments_in_scope(
    plan: Plan, loans: Iterable[Loan], local_time: LocalTime, day: date
) -> tuple[Payment, ...]:
    """Payments on what the plan is about, as they stand on `day`.

    One that was known when the plan was agreed is not among them, though it may be of the same
    day: the plan's balance is what it left. What a loan got beyond its part of that balance is for
    what fell due later, so it is no instalment either.
    """
    found: list[Payment] = []
    for loan, part in _parts(plan, loans, local_time):
        since = [
            one
            for one in loan.payments
            if not (plan.agreed_at and one.was_known_at(plan.agreed_at))
            and not is_reversed(one, day)
        ]
        if part is not None:
            part -= sum(one.amount for one in _waived_since(plan, loan, part))
            since = _up_to(part, sorted(since, key=lambda one: one.paid_on))
        found += since
    return tuple(found)


def waivers_in_scope(
    plan: Plan, loans: Iterable[Loan], local_time: LocalTime
) -> tuple[Waiver, ...]:
    """Waivers of what the plan is about, granted since it was agreed."""
    parts = _parts(plan, loans, local_time)
    return tuple(one for loan, part in parts for one in _waived_since(plan, loan, part))


def _parts(
    plan: Plan, loans: Iterable[Loan], local_time: LocalTime
) -> list[tuple[Loan, int | None]]:
    """The loans a plan is about, each with its part of the balance in minor units.

    None: whatever comes counts. So it is with a plan about everything, and when by the figures of
    today nothing was due at the agreement.
    """
    of_currency = [loan for loan in loans if loan.currency == plan.balance.currency]
    everything: list[tuple[Loan, int | None]] = [(loan, None) for loan in of_currency]
    if plan.covers_all or plan.agreed_at is None:
        return everything
    agreed_on = local_time.day(plan.agreed_at)
    about: list[tuple[Loan, int | None]] = []
    for loan in of_currency:
        due = ledger.standing(_as_known_at(loan, plan.agreed_at), agreed_on).due.minor
        if due > 0:
            about.append((loan, due))
    return about or everything


def _as_known_at(loan: Loan, moment: datetime) -> Loan:
    return replace(
        loan,
        payments=tuple(one for one in loan.payments if one.was_known_at(moment)),
        waivers=tuple(one for one in loan.waivers if one.granted_at <= moment),
    )


def _waived_since(plan: Plan, loan: Loan, part: int | None) -> list[Waiver]:
    since = [
        one for one in loan.waivers if plan.agreed_at is None or one.granted_at > plan.agreed_at
    ]
    return since if part is None else _up_to(part, sorted(since, key=lambda one: one.waived_on))


def _up_to(most: int, some: Iterable[_Amount]) -> list[_Amount]:
    """The first of them up to a sum of `most`, the last one in part."""
    found = []
    for one in some:
        amount = min(one.amount, most)
        most -= amount
        if amount:
            found.append(replace(one, amount=amount))
    return found


def down_payment_until(agreed_on: date, *, country: str, policy: PlanPolicy | None = None) -> date:
    """The last day on which a down payment due at agreement is in time."""
    return late_on(agreed_on, country=country, policy=policy) - timedelta(days=1)


def new_plan_refusal(
    plans: Iterable[tuple[Plan, PlanStanding]],
    day: date,
    *,
    local_time: LocalTime,
    policy: PlanPolicy | None = None,
) -> NewPlanRefusal | None:
    """Why no new plan can start on `day`; None when one can."""
    policy = policy or default_policy()
    too_soon = False
    for plan, standing in plans:
        if standing.is_kept or standing.state in UNDECIDED:
            return NewPlanRefusal.ONE_ACTIVE
        if plan.agreed_at is not None:
            again = add_months(local_time.day(plan.agreed_at), policy.months_between_plans)
            too_soon = too_soon or day < again
    return NewPlanRefusal.TOO_SOON if too_soon else None


def _by_day(payments: Iterable[Payment], first: date, last: date) -> dict[date, int]:
    """What came in on each day, so that one transfer or two of the same day are alike."""
    came: dict[date, int] = defaultdict(int)
    for payment in payments:
        if first <= payment.paid_on <= last and not is_reversed(payment, last):
            came[payment.paid_on] += payment.amount
    return dict(sorted(came.items()))


def _waived_by_day(waivers: Iterable[Waiver], first: date, last: date) -> dict[date, int]:
    gone: dict[date, int] = defaultdict(int)
    for waiver in waivers:
        if first <= waiver.waived_on <= last:
            gone[waiver.waived_on] += waiver.amount
    return gone


@dataclass(slots=True)
class _Part:
    number: int
    due_date: date
    amount: int
    paid: int = 0
    moved: bool = False
    judged: bool = False

    @property
    def unpaid(self) -> int:
        return 0 if self.moved else self.amount - self.paid


class _Course:
    """The plan lived through day by day, from agreement on."""

    def __init__(self, plan: Plan, country: str, policy: PlanPolicy) -> None:
        self.parts = [_Part(one.number, one.due_date, one.amount) for one in plan.instalments]
        self.down_unpaid = plan.down_payment
        self.paid = 0
        self._frequency = plan.frequency
        self._country = country
        self._policy = policy
        self._missed_in_a_row = 0
        self._was_missed = False
        self.broken_on: date | None = None

    def run(
        self, agreed_on: date, came: dict[date, int], let_go: dict[date, int], day: date
    ) -> None:
        down_late_on = self._late_on(agreed_on)
        for on in sorted(came.keys() | let_go.keys()):
            self._judge_until(on, down_late_on)
            self._receive(came.get(on, 0), on)
            self._let_go(let_go.get(on, 0))
        self._judge_until(day, down_late_on)

    def state(self, day: date) -> PlanState:
        if not self.down_unpaid and not any(part.unpaid for part in self.parts):
            return PlanState.COMPLETED
        if self.broken_on is not None:
            return PlanState.BROKEN
        late = any(part.unpaid and part.due_date < day for part in self.parts)
        if late or self._missed_in_a_row:
            return PlanState.AT_RISK
        if self._was_missed:
            return PlanState.CURED
        begun = self.paid or any(part.due_date <= day for part in self.parts)
        return PlanState.ACTIVE if begun else PlanState.AGREED

    def standings(self) -> tuple[InstalmentStanding, ...]:
        return tuple(
            InstalmentStanding(part.number, part.due_date, part.amount, part.paid, part.moved)
            for part in self.parts
        )

    def _judge_until(self, day: date, down_late_on: date) -> None:
        """Judge what was paid in full or missed before the payments of `day`, oldest first."""
        if self.broken_on is None and self.down_unpaid and down_late_on <= day:
            self.broken_on = down_late_on
        while self.broken_on is None:
            part = next((part for part in self.parts if not part.judged), None)
            if part is None or (part.unpaid and day < self._late_on(part.due_date)):
                return
            part.judged = True
            if part.unpaid:
                self._miss(part)
            else:
                self._missed_in_a_row = 0

    def _miss(self, part: _Part) -> None:
        self._was_missed = True
        self._missed_in_a_row += 1
        if self._missed_in_a_row >= self._policy.misses_in_a_row:
            self.broken_on = self._late_on(part.due_date)
            return
        rest, part.moved = part.unpaid, True
        last = max([other.due_date for other in self.parts if other.unpaid], default=part.due_date)
        due_date = business_days.on_or_after(self._country, self._one_period_after(last))
        self.parts.append(_Part(len(self.parts) + 1, due_date, rest))
        self.parts.sort(key=lambda part: part.due_date)

    def _late_on(self, due_date: date) -> date:
        """The first day after the grace."""
        return late_on(due_date, country=self._country, policy=self._policy)

    def _one_period_after(self, day: date) -> date:
        days = _DAYS.get(Frequency(self._frequency))
        return add_months(day, 1) if days is None else day + timedelta(days=days)

    def _let_go(self, amount: int) -> None:
        """The last instalments become smaller, and in the end the down payment."""
        for part in reversed([part for part in self.parts if part.unpaid]):
            share = min(amount, part.unpaid)
            part.amount -= share
            amount -= share
        self.down_unpaid -= min(amount, self.down_unpaid)

    def _receive(self, amount: int, on: date) -> None:
        self.paid += amount
        down = min(amount, self.down_unpaid)
        self.down_unpaid -= down
        amount -= down
        unpaid = [part for part in self.parts if part.unpaid]
        due = [part for part in unpaid if part.due_date <= on]
        upcoming = unpaid[len(due) :]
        for part in (*due, *upcoming[:1], *reversed(upcoming[1:])):
            share = min(amount, part.unpaid)
            part.paid += share
            amount -= share
