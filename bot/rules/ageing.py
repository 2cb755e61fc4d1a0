"""How late a borrower is: days past due, the stage they fall in, and the payment class.

All three are derived from dated facts on the borrower's local date and never stored as truth.
The stages themselves are data; their ranges cover every day once (see `strategies/`).
"""

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from bot.rules.ledger import BorrowerStanding, ItemStanding


class PaymentClass(StrEnum):
    """How many of the last three due dates were paid late: none, one or two, all."""

    A = "A"
    B = "B"
    C = "C"
    NEW = "new"


@dataclass(frozen=True, slots=True)
class Stage:
    """Days past due from `first` to `last`, both included; None is open to that side."""

    name: str
    first: int | None
    last: int | None

    def __contains__(self, days: int) -> bool:
        return (self.first is None or self.first <= days) and (
            self.last is None or days <= self.last
        )


@dataclass(frozen=True, slots=True)
class ClassRule:
    """The class looks at the last `due_dates`; one paid `grace_days` after it is in time."""

    due_dates: int = 3
    grace_days: int = 1


DEFAULT_CLASS_RULE = ClassRule()


def days_past_due(standing: BorrowerStanding) -> int | None:
    """Days since the oldest unpaid due date: 0 on it, negative before, None with nothing unpaid."""
    oldest = standing.oldest_unpaid
    return None if oldest is None else (standing.day - oldest.due_date).days


def stage_of(stages: Sequence[Stage], days: int) -> Stage:
    """The stage for `days` past due. Raises LookupError when the ranges have a gap there."""
    for stage in stages:
        if days in stage:
            return stage
    raise LookupError(f"no stage for {days} days past due")


def payment_class(
    standing: BorrowerStanding, rule: ClassRule = DEFAULT_CLASS_RULE, day: date | None = None
) -> PaymentClass:
    """The class on `day`; see `payment_classes`."""
    (found,) = payment_classes(standing, rule, (day or standing.day,))
    return found


def payment_classes(
    standing: BorrowerStanding, rule: ClassRule, days: Sequence[date]
) -> tuple[PaymentClass, ...]:
    """On each of `days`, judged by the last due dates before it, of all loans together.

    On a day later than the standing's: what the class will be then if nothing more is paid.
    A due date is late when an item of it was not fully paid by the end of the last day of grace.
    An item that was paid before anything is known of it counts as paid in time.
    """
    late_from = _late_from(standing, rule.grace_days, max(days))
    if len(late_from) < rule.due_dates:
        return (PaymentClass.NEW,) * len(days)
    due_dates = sorted(late_from)
    found = []
    for day in days:
        judged = [
            late_from[due_date] <= day
            for due_date in due_dates[: bisect_left(due_dates, day)][-rule.due_dates :]
        ]
        if len(judged) < rule.due_dates:
            found.append(PaymentClass.NEW)
        elif all(judged):
            found.append(PaymentClass.C)
        else:
            found.append(PaymentClass.B if any(judged) else PaymentClass.A)
    return tuple(found)


def _late_from(standing: BorrowerStanding, grace_days: int, before: date) -> dict[date, date]:
    """From which day on each due date `before` a day counts as late; date.max if it never does."""
    found: dict[date, date] = {}
    for loan in standing.loans:
        for item in loan.items:
            if item.due_date >= before:
                continue
            if item.unpaid:
                late = item.due_date + timedelta(days=grace_days + 1)
            else:
                late = date.min if _is_late(item, standing.day, grace_days) else date.max
            found[item.due_date] = min(late, found.get(item.due_date, date.max))
    return found


def relapsed_from(standing: BorrowerStanding, rule: ClassRule = DEFAULT_CLASS_RULE) -> date | None:
    """The last day on which somebody had caught up before what is unpaid now fell due.

    Caught up means that an item paid late was the last one unpaid. None: they never were late
    before, or nothing is unpaid.
    """
    oldest = standing.oldest_unpaid
    if oldest is None:
        return None
    paid_late = [
        item.settled_on
        for loan in standing.loans
        for item in loan.items
        if item.due_date < oldest.due_date
        and item.settled_on is not None
        and _is_late(item, standing.day, rule.grace_days)
    ]
    cured_on = max(paid_late, default=None)
    return cured_on if cured_on is not None and cured_on <= oldest.due_date else None


def _is_late(item: ItemStanding, day: date, grace_days: int) -> bool:
    in_time = item.due_date + timedelta(days=grace_days)
    if item.unpaid:
        return day > in_time
    return item.settled_on is not None and item.settled_on > in_time
