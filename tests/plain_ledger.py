"""What a borrower owes and how late they are, recomputed the slow way: one day after the other.

Every day's money goes to the oldest item with something left; what is too much waits for the next
item. It shares no code with the product, and its numbers (stages, days of grace) are written out,
so that whoever agrees with it agrees with the definitions and not with itself.
"""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta


@dataclass(frozen=True)
class Asked:
    """Something to pay by `due_date`, which the lender lists from the end of `known_on`."""

    known_on: date
    due_date: date
    amount: int


@dataclass(frozen=True)
class Came:
    """Money that came, and the day on which the bank took it back, if it did."""

    on: date
    amount: int
    back_on: date | None = None


@dataclass(frozen=True)
class Answer:
    """At the end of a day. `days_past_due` and `stage` None: nothing is unpaid."""

    days_past_due: int | None
    stage: str | None
    payment_class: str
    due: int


@dataclass
class _Item:
    due_date: date
    left: int
    paid_up_on: date | None = None


def live_through(
    asked: Sequence[Asked], came: Sequence[Came], first: date, days: Collection[date]
) -> dict[date, Answer]:
    """The answer at the end of each of `days`, in a life that begins on `first`.

    Money of `first` or before is in the first list already. What was taken back by a day has
    never come, as that day sees it; so days that know of other returns are other lives.
    """
    lives: dict[tuple[Came, ...], list[date]] = {}
    for day in days:
        stayed = tuple(one for one in came if one.back_on is None or one.back_on > day)
        lives.setdefault(stayed, []).append(day)
    found = {}
    for stayed, its_days in lives.items():
        for day, items in _life(asked, stayed, first, max(its_days)):
            if day in its_days:
                found[day] = _answer(items, day)
    return found


def _life(
    asked: Sequence[Asked], came: Sequence[Came], first: date, last: date
) -> Iterator[tuple[date, list[_Item]]]:
    """Every day with the items known at its end, oldest first."""
    items: list[_Item] = []
    purse = 0
    today = first
    while today <= last:
        for one in asked:
            if one.known_on == today or (today == first and one.known_on < first):
                # one that never had anything to pay was paid in time
                items.append(_Item(one.due_date, one.amount, None if one.amount else one.due_date))
                items.sort(key=lambda item: item.due_date)
        for payment in came:
            if payment.on == today and today > first:
                purse += payment.amount
        for item in items:
            part = min(item.left, purse)
            item.left -= part
            purse -= part
            if item.left == 0 and item.paid_up_on is None:
                item.paid_up_on = today
        yield today, items
        today += timedelta(days=1)


def _answer(items: list[_Item], day: date) -> Answer:
    late = _days_late(items, day)
    return Answer(
        days_past_due=late,
        stage=None if late is None else _stage(late),
        payment_class=_class(items, day),
        due=sum(item.left for item in items if item.due_date <= day),
    )


def _days_late(items: list[_Item], day: date) -> int | None:
    for item in items:
        if item.left > 0:
            return day.toordinal() - item.due_date.toordinal()
    return None


def _stage(days_late: int) -> str:
    if days_late < 0:
        return "pre_due"
    if days_late == 0:
        return "due_today"
    if days_late <= 30:
        return "early"
    if days_late <= 90:
        return "middle"
    return "late"


def _class(items: list[_Item], day: date) -> str:
    past = [item for item in items if item.due_date < day]
    if len(past) < 3:
        return "new"
    late = 0
    for item in past[-3:]:
        in_time = item.due_date + timedelta(days=1)
        if item.paid_up_on is None:
            late += 1 if day > in_time else 0
        elif item.paid_up_on > in_time:
            late += 1
    return ("A", "B", "B", "C")[late]
