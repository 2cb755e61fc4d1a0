"""Which step of the strategy is due for a borrower now, and when to look at them again.

Everything follows from facts and the moment: there is no list of sent or missed steps here, so a
portfolio imported today starts at its present day and nothing is replayed. A step occurs when its
window contains the moment; the unique key of an occurrence keeps it from happening twice.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import lru_cache

from bot.rules import promise
from bot.rules.ageing import PaymentClass, payment_classes, relapsed_from
from bot.rules.ledger import BorrowerStanding, borrower_standing
from bot.rules.local_time import LocalTime, latest_day, local_time_of
from bot.rules.plan_standing import (
    InstalmentStanding,
    PlanStanding,
    down_payment_until,
    late_on,
    missed,
    plan_standing,
    waivers_in_scope,
)
from bot.rules.plan_standing import payments_in_scope as plan_payments
from bot.rules.promise import PromiseOutcome
from bot.rules.step_slots import Around, Slot, class_days, of_classes, slots
from bot.rules.strategy_file import (
    Action,
    Anchor,
    Step,
    Strategy,
    default_strategy,
    read_strategy,
)
from bot.rules.strategy_group import of_anybody, strategy_for
from storage.records import BorrowerFacts, BorrowerId, ContactKind, Plan

__all__ = [
    "Action",
    "Anchor",
    "Occurrence",
    "Outlook",
    "Step",
    "Strategy",
    "default_strategy",
    "due_steps",
    "enters",
    "next_contact_at",
    "outlook",
    "read_strategy",
]


_AFTER_A_BREAK = frozenset({Anchor.BROKEN_PROMISE, Anchor.BROKEN_AGAIN, Anchor.BROKEN_PLAN})


@dataclass(frozen=True, slots=True)
class Occurrence:
    """A slot for one borrower.

    `anchor` names what it is about: "due:2026-11-20" (the oldest unpaid due date), "promise:7"
    or "instalment:3:2" (plan, number).
    """

    slot: Slot
    anchor: str
    anchor_date: date

    @property
    def step(self) -> Step:
        return self.slot.step

    @property
    def on(self) -> date:
        """The borrower's local date."""
        return self.slot.on

    @property
    def starts_at(self) -> datetime:
        return self.slot.starts_at

    @property
    def ends_at(self) -> datetime:
        """Exclusive; later it is not worth sending any more."""
        return self.slot.ends_at

    @property
    def kind(self) -> ContactKind | None:
        """What the contact policy is asked for.

        None for what stays within the house: only the plan, promise and hold checks apply to it.
        """
        return self.slot.kind

    @property
    def script(self) -> str | None:
        """The words for it; others when the step had to move away from its day."""
        return (self.slot.moved and self.step.moved_script) or self.step.script

    def unique_key(self, borrower_id: BorrowerId) -> str:
        return f"step:{borrower_id}:{self.name}"

    @property
    def name(self) -> str:
        """What it is called whoever it is for."""
        return f"{self.anchor}:{self.step.id}:{self.on}"


@dataclass(frozen=True, slots=True)
class Outlook:
    """`due`: what may happen now, the most important first. `next_at`: see `next_contact_at`.

    `held_out`: reminders that would be due to anybody but whoever is held out.
    """

    due: tuple[Occurrence, ...]
    next_at: datetime | None
    held_out: tuple[Occurrence, ...] = ()


_NOTHING = Outlook((), None)


def outlook(
    strategy: Strategy,
    facts: BorrowerFacts,
    now: datetime,
    standing: BorrowerStanding | None = None,
) -> Outlook:
    """Both answers about a borrower from one look at the facts, by the groups they are in.

    `standing`: that of their loans today with all that is known now, where it is known already.
    """
    strategy = strategy_for(strategy, facts.borrower.borrower_ref)
    local_time = local_time_of(facts.borrower)
    today = local_time.day(now)
    if standing is None:
        standing = borrower_standing(facts.loans, today, latest_day(now))
    subjects = list(_subjects(strategy, facts, standing, local_time))
    if all(subject.anchor is Anchor.DUE for subject in subjects):
        agendas = [_agenda_of(strategy, facts, standing, one, local_time) for one in subjects]
        return _seen_from(agendas[0], now) if agendas else _NOTHING
    found: list[Occurrence] = []
    for subject in subjects:
        if subject.anchor is Anchor.DUE:
            agenda = _agenda_of(strategy, facts, standing, subject, local_time)
            found += _ahead(agenda.occurrences, now)
        else:
            country = facts.borrower.country
            some = slots(strategy, subject.anchor, subject.on, country, local_time, today)
            found += _ahead(_about(subject, some), now)
    return _seen(_kindest(found, today), now, holds_out=strategy.holds_out)


def enters(
    strategy: Strategy,
    facts: BorrowerFacts,
    now: datetime,
    standing: BorrowerStanding | None = None,
) -> Outlook:
    """`due` is empty until something happens that is not the same for every group.

    The same for all groups, so whose outcomes are compared is not itself an outcome.
    """
    return outlook(of_anybody(strategy), facts, now, standing)


def due_steps(strategy: Strategy, facts: BorrowerFacts, now: datetime) -> tuple[Occurrence, ...]:
    """Steps whose window contains `now`, the most important first."""
    return outlook(strategy, facts, now).due


def next_contact_at(strategy: Strategy, facts: BorrowerFacts, now: datetime) -> datetime | None:
    """The first instant after `now` at which a step begins; None when facts have to change first.

    Steps that have begun already are `due_steps`, whether or not they were planned.
    """
    return outlook(strategy, facts, now).next_at


@dataclass(frozen=True, slots=True)
class _Subject:
    """What steps count from. `since`: when it came about; no step may have begun before."""

    anchor: Anchor
    name: str
    on: date
    since: datetime | None = None
    products: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True, eq=False)
class _Agenda:
    """Everything around a due date, shared by all whom the same steps concern. Told by identity."""

    occurrences: tuple[Occurrence, ...]
    holds_out: bool


def _agenda_of(
    strategy: Strategy,
    facts: BorrowerFacts,
    standing: BorrowerStanding,
    subject: _Subject,
    local_time: LocalTime,
) -> _Agenda:
    """What concerns a borrower about their oldest unpaid due date.

    The class is that of each step's own day.
    """
    around = (
        strategy, subject.on, facts.borrower.country, local_time, standing.day, subject.products
    )  # fmt: skip
    days = class_days(around)
    classes = payment_classes(standing, strategy.class_rule, days) if days else ()
    return _agenda(around, classes)


@lru_cache(maxsize=16_384)
def _agenda(around: Around, classes: tuple[PaymentClass, ...]) -> _Agenda:
    due_date = around[1]
    subject = _Subject(Anchor.DUE, f"due:{due_date}", due_date)
    return _Agenda(tuple(_about(subject, of_classes(around, classes))), around[0].holds_out)


@lru_cache(maxsize=4_096)
def _seen_from(agenda: _Agenda, now: datetime) -> Outlook:
    return _seen(list(_ahead(agenda.occurrences, now)), now, holds_out=agenda.holds_out)


def _seen(found: list[Occurrence], now: datetime, *, holds_out: bool) -> Outlook:
    begun = sorted(
        (one for one in found if one.starts_at <= now),
        key=lambda one: (-one.step.priority, one.starts_at),
    )
    return Outlook(
        due=tuple(one for one in begun if not (holds_out and one.step.is_reminder)),
        next_at=min((one.starts_at for one in found if one.starts_at > now), default=None),
        held_out=tuple(one for one in begun if holds_out and one.step.is_reminder),
    )


def _about(subject: _Subject, some: Iterable[Slot]) -> Iterator[Occurrence]:
    for slot in some:
        if subject.since is None or slot.starts_at >= subject.since:
            yield Occurrence(slot, subject.name, subject.on)


def _ahead(some: Iterable[Occurrence], now: datetime) -> Iterator[Occurrence]:
    """Those that have not ended at `now`."""
    return (one for one in some if one.ends_at > now)


def _kindest(found: list[Occurrence], today: date) -> list[Occurrence]:
    """Who is asked what came between, or waits for a person because of it, is not reminded too."""
    asked_until = max(
        (one.ends_at for one in found if one.step.anchor in _AFTER_A_BREAK and one.on <= today),
        default=None,
    )
    return [
        one
        for one in found
        if asked_until is None
        or one.step.anchor is not Anchor.DUE
        or one.step.action is not Action.MESSAGE
        or one.step.required
        or one.starts_at >= asked_until
    ]


@dataclass(frozen=True, slots=True)
class _AgreedPlan:
    plan: Plan
    standing: PlanStanding
    agreed_on: date

    def covers(self, currency: str, due_date: date) -> bool:
        """Whether the plan stands in for an item; what fell due since is not part of it."""
        return currency == self.plan.balance.currency and (
            self.plan.covers_all or due_date < self.agreed_on
        )


def _subjects(
    strategy: Strategy, facts: BorrowerFacts, standing: BorrowerStanding, local_time: LocalTime
) -> Iterator[_Subject]:
    agreed = list(_agreed_plans(facts, standing.day, local_time))
    plans = [one for one in agreed if one.standing.is_kept]
    yield from _oldest_unpaid(facts, standing, plans)
    for one in facts.promises:
        judged = promise.judge(
            one,
            promise.payments_in_scope(one, facts.loans),
            standing.day,
            country=facts.borrower.country,
            local_time=local_time,
            known=standing.known,
        )
        if judged.outcome is PromiseOutcome.OPEN:
            yield _Subject(Anchor.PROMISE, f"promise:{one.promise_id}", one.due_date, one.made_at)
    if not plans:
        yield from _broken_promise(facts, standing.day, local_time)
    yield from _relapse(strategy, standing)
    country = facts.borrower.country
    broken_on = agreed[-1].standing.broken_on if agreed else None
    if broken_on is not None:
        newest = agreed[-1]
        yield _Subject(Anchor.BROKEN_PLAN, f"broken_plan:{newest.plan.plan_id}", broken_on)
    for kept in plans:
        for part in _missed_or_next(kept):
            name = f"missed_instalment:{kept.plan.plan_id}:{part.number}"
            on = late_on(part.due_date, country=country)
            yield _Subject(Anchor.MISSED_INSTALMENT, name, on)
        if kept.standing.down_unpaid:
            name = f"broken_plan:{kept.plan.plan_id}"
            yield _Subject(Anchor.BROKEN_PLAN, name, late_on(kept.agreed_on, country=country))
            name = f"down_payment:{kept.plan.plan_id}"
            until = down_payment_until(kept.agreed_on, country=country)
            yield _Subject(Anchor.DOWN_PAYMENT, name, until, kept.plan.agreed_at)
        for part in kept.standing.instalments:
            if part.unpaid:
                name = f"instalment:{kept.plan.plan_id}:{part.number}"
                yield _Subject(Anchor.INSTALMENT, name, part.due_date, kept.plan.agreed_at)


def _missed_or_next(kept: _AgreedPlan) -> Iterator[InstalmentStanding]:
    """The last one missed; and the next, after whose grace somebody has to look again."""
    for last in missed(kept.plan, kept.standing)[-1:]:
        yield last.instalment
    if kept.standing.next_instalment is not None:
        yield kept.standing.next_instalment


def _broken_promise(facts: BorrowerFacts, day: date, local_time: LocalTime) -> Iterator[_Subject]:
    """The newest promise, if it was not kept: who made another one since has been asked.

    While it is open this is the day on which to look again.
    """
    if not facts.promises:
        return
    newest = facts.promises[-1]
    country = facts.borrower.country
    judged = promise.judge(
        newest,
        promise.payments_in_scope(newest, facts.loans),
        day,
        country=country,
        local_time=local_time,
    )
    if judged.outcome not in (PromiseOutcome.BROKEN, PromiseOutcome.OPEN):
        return
    broken = promise.broken_lately(
        facts.promises, facts.loans, day, country=country, local_time=local_time
    )
    again = broken >= promise.default_policy().broken_to_person
    anchor = Anchor.BROKEN_AGAIN if again else Anchor.BROKEN_PROMISE
    yield _Subject(anchor, f"{anchor}:{newest.promise_id}", judged.window_end + timedelta(days=1))


def _relapse(strategy: Strategy, standing: BorrowerStanding) -> Iterator[_Subject]:
    """Late again soon after catching up."""
    oldest = standing.oldest_unpaid
    if oldest is None or oldest.due_date >= standing.day:
        return
    cured_on = relapsed_from(standing)
    if cured_on is not None and (oldest.due_date - cured_on).days <= strategy.relapse_days:
        yield _Subject(Anchor.RELAPSE, f"relapse:{oldest.due_date}", oldest.due_date)


def _oldest_unpaid(
    facts: BorrowerFacts, standing: BorrowerStanding, plans: list[_AgreedPlan]
) -> Iterator[_Subject]:
    """The oldest unpaid due date of all loans; while it is overdue no later one has steps."""
    unpaid: dict[date, set[str]] = {}
    for loan, one in zip(facts.loans, standing.loans, strict=True):
        for item in one.unpaid_items:
            if not any(kept.covers(loan.currency, item.due_date) for kept in plans):
                unpaid.setdefault(item.due_date, set()).add(loan.product)
    if unpaid:
        oldest = min(unpaid)
        yield _Subject(Anchor.DUE, f"due:{oldest}", oldest, products=frozenset(unpaid[oldest]))


def _agreed_plans(facts: BorrowerFacts, day: date, local_time: LocalTime) -> Iterator[_AgreedPlan]:
    for plan in facts.plans:
        if plan.agreed_at is None:
            continue
        standing = plan_standing(
            plan,
            plan_payments(plan, facts.loans, local_time, day),
            day,
            country=facts.borrower.country,
            local_time=local_time,
            waivers=waivers_in_scope(plan, facts.loans, local_time),
        )
        yield _AgreedPlan(plan, standing, local_time.day(plan.agreed_at))
