"""What a borrower of each class receives, played day by day by the rules that decide in life.

One monthly loan whose payments stop at one due date, with everything else going well. Strategy and
contact policy are asked as the planner asks them, so what a cap takes away is not in the story.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta

from bot.rules.ageing import PaymentClass
from bot.rules.contact_facts import ContactFacts
from bot.rules.contact_limits import ContactPolicy
from bot.rules.contact_policy import decide
from bot.rules.local_time import local_time_of
from bot.rules.plan import add_months
from bot.rules.strategy import Action, Occurrence, Strategy, outlook
from storage.records import (
    Borrower,
    BorrowerFacts,
    BorrowerId,
    Contact,
    ContactKind,
    DueItem,
    Loan,
    LoanId,
    Payment,
)

FIRST_DAY, LAST_DAY = -7, 60
_AMOUNT = 100_000
_LATE = timedelta(days=5)
_LATE_BEFORE = {PaymentClass.A: 0, PaymentClass.B: 1, PaymentClass.C: 3, PaymentClass.NEW: 0}
_WEEK = timedelta(hours=168)


@dataclass(frozen=True, slots=True)
class Moment:
    """Something that happens on local day `day` (counted from the due date), at local time `at`.

    `held_by`: the rules that kept it from happening.
    """

    day: int
    at: datetime
    action: Action
    what: str
    held_by: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Story:
    classes: tuple[PaymentClass, ...]
    moments: tuple[Moment, ...]

    @property
    def messages(self) -> tuple[Moment, ...]:
        """Those that arrive."""
        return tuple(
            one for one in self.moments if one.action is Action.MESSAGE and not one.held_by
        )

    @property
    def most_in_a_week(self) -> int:
        times = [one.at for one in self.messages]
        return max((sum(end - _WEEK < at <= end for at in times) for end in times), default=0)


def stories(
    strategy: Strategy, policy: ContactPolicy, country: str, timezone: str, due: date
) -> list[Story]:
    """One for each class; classes with the same story share one."""
    found: dict[tuple[Moment, ...], tuple[PaymentClass, ...]] = {}
    for one in PaymentClass:
        moments = tuple(_play(strategy, policy, _facts(country, timezone, one, strategy, due), due))
        found[moments] = (*found.get(moments, ()), one)
    return [Story(classes, moments) for moments, classes in found.items()]


def _play(
    strategy: Strategy, policy: ContactPolicy, facts: BorrowerFacts, due: date
) -> list[Moment]:
    """From one moment at which something may happen to the next."""
    local_time = local_time_of(facts.borrower)
    now = local_time.instant(due + timedelta(days=FIRST_DAY), time())
    end = local_time.instant(due + timedelta(days=LAST_DAY + 1), time())
    told: list[Moment] = []
    settled: set[str] = set()
    while now < end:
        seen = outlook(strategy, facts, now)
        wakes = [seen.next_at] if seen.next_at else []
        for occurrence in seen.due:
            key = occurrence.unique_key(facts.borrower.borrower_id)
            if key in settled:
                continue
            held, until = _asked(occurrence, policy, facts, now)
            if held and until is not None and until < occurrence.ends_at:
                wakes.append(until)
                continue
            settled.add(key)
            day = (local_time.day(now) - due).days
            at = now.astimezone(local_time.zones[0])
            told.append(Moment(day, at, occurrence.step.action, _what(occurrence), held))
            if occurrence.step.action is Action.MESSAGE and not held and occurrence.kind:
                facts = replace(facts, contacts=(*facts.contacts, Contact(now, occurrence.kind)))
        now = min(wakes, default=end)
    return told


def _asked(
    occurrence: Occurrence, policy: ContactPolicy, facts: BorrowerFacts, now: datetime
) -> tuple[tuple[str, ...], datetime | None]:
    """The rules that hold it back now, and until when."""
    kind = occurrence.kind
    if kind is None or kind is ContactKind.NOTICE:  # stays within the house, or goes by post
        return (), None
    borrower = facts.borrower
    decision = decide(
        ContactFacts(
            at=now,
            kind=kind,
            country=borrower.country,
            timezone=borrower.timezone,
            history=facts.contacts,
        ),
        policy,
    )
    return decision.rules, decision.until


def _what(occurrence: Occurrence) -> str:
    return occurrence.script or occurrence.step.about or ""


def _facts(
    country: str, timezone: str, payment_class: PaymentClass, strategy: Strategy, due: date
) -> BorrowerFacts:
    """Earlier due dates make the class; `due` and the later ones are never paid."""
    before = 0 if payment_class is PaymentClass.NEW else strategy.class_rule.due_dates
    earlier = [add_months(due, -count) for count in range(before, 0, -1)]
    late = _late(payment_class, before)
    payments = tuple(
        Payment(f"P{number}", _AMOUNT, on + _LATE if number < late else on)
        for number, on in enumerate(earlier)
    )
    dates = [*earlier, *(add_months(due, count) for count in range(4))]
    loan = Loan(
        loan_id=LoanId(1),
        loan_ref="L1",
        product="loan",
        currency="CNY",
        outstanding=_AMOUNT * len(dates),
        pay_to="",
        as_of=dates[0] - timedelta(days=30),
        items=tuple(DueItem(on, _AMOUNT, 0, 0, 0) for on in dates),
        payments=payments,
    )
    borrower = Borrower(BorrowerId(1), "B1", "", "en", country, timezone, consent_at=None)
    return BorrowerFacts(borrower, loans=(loan,))


def _late(payment_class: PaymentClass, before: int) -> int:
    """How many of the due dates before were paid late."""
    return {PaymentClass.B: min(1, before), PaymentClass.C: before}.get(payment_class, 0)


def by_day(some: Iterable[Moment]) -> dict[int, list[Moment]]:
    found: dict[int, list[Moment]] = {}
    for one in some:
        found.setdefault(one.day, []).append(one)
    return found
