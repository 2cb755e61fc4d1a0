"""The terms of an instalment plan: which parts fall due when, who has to approve, or why not.

The arithmetic is exact: equal parts in minor units with the remainder on the last, or the parts
that somebody named, each with its day; the day of the month kept and clamped, due dates moved off
weekends and holidays later and never earlier. The policy (plans.yaml) is judged on nominal dates,
before any of them moves.
"""

from calendar import monthrange
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import ROUND_DOWN, ROUND_UP, Decimal
from enum import StrEnum
from itertools import pairwise

from bot.rules import business_days
from bot.rules.plan_policy import Frequency, PlanPolicy, default_policy
from storage.currencies import MINOR_DIGITS
from storage.records import Instalment, Money

_DAYS_BETWEEN = {Frequency.WEEKLY: 7, Frequency.FORTNIGHTLY: 14}
_CYCLE_DAYS, _CYCLE_MONTHS = 146_097, 4_800
"""The calendar repeats after 400 years."""


class Approval(StrEnum):
    """Who says yes: the policy at once, a reviewer, or a named person."""

    AUTOMATIC = "automatic"
    REVIEW = "review"
    PERSON = "person"


class PlanRule(StrEnum):
    """What a plan can be refused for, in the order in which refusals are told."""

    LEAST_INSTALMENT = "least_instalment"
    FIRST_PAYMENT_EARLIEST = "first_payment_earliest"
    FIRST_PAYMENT_LATEST = "first_payment_latest"
    MOST_MONTHS = "most_months"


@dataclass(frozen=True, slots=True)
class PlanRequest:
    """What a borrower proposes. Raises ValueError when it makes no sense as a proposal.

    `instalments` (how many), `affordable` (the most a part may be) or `named` (each part with its
    day and minor units, in order), exactly one of them. `down_payment` is apart, due at agreement.
    `payday` is a day of the month, 1 to 31, for pay-day plans, which take their dates from it and
    so have no `first_date`.
    """

    balance: Money
    today: date
    country: str
    frequency: Frequency
    instalments: int | None = None
    affordable: Money | None = None
    down_payment: Money | None = None
    first_date: date | None = None
    payday: int | None = None
    named: tuple[Instalment, ...] = ()

    def __post_init__(self) -> None:
        if self.balance.minor <= 0:
            raise ValueError("balance: must be above zero")
        ways = (self.instalments is not None, self.affordable is not None, bool(self.named))
        if sum(ways) != 1:
            raise ValueError("instalments, affordable: give exactly one of them")
        if self.named:
            self._check_named()
        if self.instalments is not None and self.instalments < 1:
            raise ValueError("instalments: must be at least 1")
        if self.affordable is not None and self.affordable.minor <= 0:
            raise ValueError("affordable: must be above zero")
        if self.down_payment is not None and self.down_payment.minor < 0:
            raise ValueError("down_payment: must not be below zero")
        if self.in_parts.minor <= 0:
            raise ValueError("down_payment: must be less than the balance")
        if (self.frequency is Frequency.PAYDAY) != (self.payday is not None):
            raise ValueError("payday: goes with frequency payday, and only with it")
        if self.payday is not None and not 1 <= self.payday <= 31:
            raise ValueError("payday: must be a day of the month, 1 to 31")
        if self.payday is not None and self.first_date is not None:
            raise ValueError("first_date: a pay-day plan takes its dates from payday")

    def _check_named(self) -> None:
        days = [part.due_date for part in self.named]
        if any(later <= earlier for earlier, later in pairwise(days)):
            raise ValueError("named: each part needs a later day than the one before")
        if any(part.amount <= 0 for part in self.named):
            raise ValueError("named: amounts must be above zero")
        if sum(part.amount for part in self.named) != self.in_parts.minor:
            raise ValueError("named: must sum to the balance")
        if self.first_date is not None or self.payday is not None:
            raise ValueError("named: the parts have their own days")

    @property
    def in_parts(self) -> Money:
        """What the instalments sum to."""
        return self.balance if self.down_payment is None else self.balance - self.down_payment


@dataclass(frozen=True, slots=True)
class PlanTerms:
    """`months`: from first to last nominal due date, as the policy counts them."""

    instalments: tuple[Instalment, ...]
    approval: Approval
    months: int


@dataclass(frozen=True, slots=True)
class PlanRefusal:
    """The rule that says no, what it allows and what was asked: amounts, dates or months."""

    rule: PlanRule
    limit: Money | date | int
    given: Money | date | int


def plan_terms(
    request: PlanRequest, policy: PlanPolicy | None = None
) -> PlanTerms | tuple[PlanRefusal, ...]:
    """The plan in full, or every refusal that applies.

    Raises ValueError for a frequency the policy does not offer, OverflowError for dates beyond
    the calendar.
    """
    policy = policy or default_policy()
    if request.frequency not in policy.frequencies:
        raise ValueError(f"frequency: the policy offers {', '.join(policy.frequencies)}")
    count = _count(request)
    first = first_date(request, policy)
    months = _months(request, first, count)
    refused = tuple(_refusals(request, policy, count, first, months))
    if refused:
        return refused
    amounts = _amounts(request, count)
    dates = _due_dates(request, first, count)
    instalments = tuple(
        Instalment(number, due_date, amount)
        for number, (due_date, amount) in enumerate(zip(dates, amounts, strict=True), start=1)
    )
    return PlanTerms(instalments, _approval(request, policy, months), months)


def equal_parts(amount: Money, count: int) -> tuple[int, ...]:
    """`count` parts in minor units, equal but for the last, which takes the remainder."""
    part, remainder = divmod(amount.minor, count)
    return (*[part] * (count - 1), part + remainder)


def fewest_parts(amount: Money, affordable: Money | None) -> int:
    """The smallest count whose every part, the last included, is at most `affordable`.

    The last part takes the remainder, so one more instalment may make it larger; the search
    jumps from one size of the equal parts to the next.
    """
    if affordable is None:
        raise ValueError("affordable: missing")
    whole, most = amount.minor, affordable.minor
    count = -(-whole // most)
    while True:
        part = whole // count
        largest_count = whole // part  # of parts this size
        # part + (whole - part * count) <= most
        needed = max(count, -(-(whole + part - most) // part))
        if needed <= largest_count:
            return needed
        count = largest_count + 1


def first_date(request: PlanRequest, policy: PlanPolicy) -> date:
    """The first nominal due date; for a pay-day plan the pay-day before the first due date."""
    if request.named:
        return request.named[0].due_date
    if request.payday is not None:
        return _first_payday(request, request.payday, policy)
    if request.first_date is not None:
        return request.first_date
    weekly = request.frequency is Frequency.WEEKLY
    days = policy.first_days_default_weekly if weekly else policy.first_days_default
    return request.today + timedelta(days=days)


def add_months(start: date, months: int, day: int | None = None) -> date:
    """`months` later on the same day of the month (or `day`), clamped to the month's last.

    Raises OverflowError beyond the calendar.
    """
    year, month = divmod(start.year * 12 + start.month - 1 + months, 12)
    if not date.min.year <= year <= date.max.year:
        raise OverflowError("date beyond the calendar")
    last = monthrange(year, month + 1)[1]
    return date(year, month + 1, min(day or start.day, last))


def months_between(first: date, last: date) -> int:
    """The smallest number of months with `last` at most that many months after `first`."""
    months = (last.year - first.year) * 12 + last.month - first.month
    return months if add_months(first, months) >= last else months + 1


def least_instalment(balance: Money, policy: PlanPolicy) -> Money:
    """No part may be smaller: the policy's amount or its share of the balance, the lower one."""
    scaled = policy.least_amount.scaleb(MINOR_DIGITS[balance.currency])
    absolute = int(scaled.to_integral_value(ROUND_DOWN))
    share = balance.share(policy.least_percent).minor
    return Money(max(min(absolute, share), 1), balance.currency)


def least_down_payment(balance: Money, policy: PlanPolicy) -> Money:
    """The smallest one that lets a longer plan be approved at once."""
    share = (policy.down_percent * balance.minor / 100).to_integral_value(ROUND_UP)
    return Money(int(share), balance.currency)


def _first_payday(request: PlanRequest, payday: int, policy: PlanPolicy) -> date:
    earliest = request.today + timedelta(days=policy.first_days_min)
    # holidays can push the due date of last month's pay-day into this month
    month = -1
    while True:
        found = add_months(request.today, month, payday)
        if business_days.after(request.country, found) >= earliest:
            return found
        month += 1


def _count(request: PlanRequest) -> int:
    if request.named:
        return len(request.named)
    return request.instalments or fewest_parts(request.in_parts, request.affordable)


def _amounts(request: PlanRequest, count: int) -> tuple[int, ...]:
    if request.named:
        return tuple(part.amount for part in request.named)
    return equal_parts(request.in_parts, count)


def _smallest(request: PlanRequest, count: int) -> Money:
    """The smallest part, for any count, also one that no memory holds."""
    of_named = min((part.amount for part in request.named), default=request.in_parts.minor // count)
    return Money(of_named, request.balance.currency)


def _months(request: PlanRequest, first: date, count: int) -> int:
    """For any count, also one whose last date no calendar has."""
    if request.named:
        return months_between(first, request.named[-1].due_date)
    if request.frequency not in _DAYS_BETWEEN:
        return count - 1
    cycles, days = divmod(_DAYS_BETWEEN[request.frequency] * (count - 1), _CYCLE_DAYS)
    return cycles * _CYCLE_MONTHS + months_between(first, first + timedelta(days=days))


def _refusals(
    request: PlanRequest, policy: PlanPolicy, count: int, first: date, months: int
) -> Iterator[PlanRefusal]:
    least = least_instalment(request.balance, policy)
    smallest = _smallest(request, count)
    if smallest.minor < least.minor:
        yield PlanRefusal(PlanRule.LEAST_INSTALMENT, least, smallest)
    if request.payday is None:
        earliest = request.today + timedelta(days=policy.first_days_min)
        latest = request.today + timedelta(days=policy.first_days_max)
        if first < earliest:
            yield PlanRefusal(PlanRule.FIRST_PAYMENT_EARLIEST, earliest, first)
        if first > latest:
            yield PlanRefusal(PlanRule.FIRST_PAYMENT_LATEST, latest, first)
    if months > policy.most_months:
        yield PlanRefusal(PlanRule.MOST_MONTHS, policy.most_months, months)


def _due_dates(request: PlanRequest, first: date, count: int) -> Iterator[date]:
    previous: date | None = None
    for index in range(count):
        due = _moved(request, _nominal(request, first, index))
        if previous is not None and due <= previous:
            due = business_days.after(request.country, previous)
        yield due
        previous = due


def _nominal(request: PlanRequest, first: date, index: int) -> date:
    """Each named, or anchored on the first, so that no date drags another along."""
    if request.named:
        return request.named[index].due_date
    days = _DAYS_BETWEEN.get(request.frequency)
    if days is None:
        return add_months(first, index, request.payday)
    return first + timedelta(days=days * index)


def _moved(request: PlanRequest, nominal: date) -> date:
    if request.payday is not None:
        return business_days.after(request.country, nominal)
    return business_days.on_or_after(request.country, nominal)


def _approval(request: PlanRequest, policy: PlanPolicy, months: int) -> Approval:
    if months <= policy.automatic_months:
        return Approval.AUTOMATIC
    down = request.down_payment.minor if request.down_payment else 0
    enough = Decimal(down) * 100 >= policy.down_percent * request.balance.minor
    if months <= policy.automatic_months_with_down and enough:
        return Approval.AUTOMATIC
    return Approval.REVIEW if months <= policy.review_months else Approval.PERSON
