"""How late a borrower is: days past due, the stage they fall in, and the payment class.

All three are derived from dated facts on the borrower's local date and never stored as truth.
The stages themselves are data; their ranges cover every day once (see `strategies/`).
"""

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
    """Judged by the last due dates before the standing's day, of all loans together.

    With a later `day`: what the class will be then if nothing more is paid.
    A due date is late when an item of it was not fully paid by the end of the last day of grace.
    An item that was paid before anything is known of it counts as paid in time.
    """
    day = day or standing.day
    late: dict[date, bool] = {}
    for loan in standing.loans:
        for item in loan.items:
            if item.due_date < day:
                is_late = _is_late(item, day, rule.grace_days)
                late[item.due_date] = late.get(item.due_date, False) or is_late
    judged = [late[due_date] for due_date in sorted(late)[-rule.due_dates :]]
    if len(judged) < rule.due_dates:
        return PaymentClass.NEW
    if all(judged):
        return PaymentClass.C
    return PaymentClass.B if any(judged) else PaymentClass.A


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
