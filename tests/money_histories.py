"""Random lives of borrowers with several loans: what happened, and what the lender said of it.

A lender in these lives keeps books of its own, as plain as `tests.plain_ledger`, and now and then
sends a snapshot. Payments come before and after the due dates, several on a day, too small and too
large; the bank takes some back, days or months later, also after a snapshot has counted them.

Two things cannot be in them, because no snapshot tells them: how much of a new item credit had paid
before anybody heard of it, and what younger items lose when an older one is added behind them.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from random import Random

from storage.records import DueItem, Loan, LoanId, Payment, Snapshot
from tests.plain_ledger import Asked, Came

FIRST = date(2026, 1, 1)
LAST = FIRST + timedelta(days=240)
_CURRENCIES = ("CNY", "USD", "JPY")
_UNLISTED = 10**6


@dataclass(frozen=True)
class History:
    """One loan: `loan` as our books have it in the end, the rest as it was.

    `total`: everything ever lent and charged, of which the listed items are a part.
    """

    loan: Loan
    asked: tuple[Asked, ...]
    came: tuple[Came, ...]
    total: int


def borrower(seed: int) -> tuple[History, ...]:
    """The loans of one borrower, the same ones for the same seed."""
    random = Random(seed)
    return tuple(_history(random, number) for number in range(1, random.choice((1, 1, 2, 3)) + 1))


def days_of(history: History, random: Random) -> list[date]:
    """Days worth asking about: around what happened, and some others."""
    happened = {one.due_date for one in history.asked} | {one.on for one in history.came}
    happened |= {one.back_on for one in history.came if one.back_on is not None}
    happened |= {snapshot.as_of for snapshot in history.loan.earlier} | {history.loan.as_of}
    near = [day + timedelta(days=random.randint(-1, 2)) for day in sorted(happened)]
    some = [*random.sample(near, min(4, len(near))), _day(random)]
    return [max(day, FIRST) for day in some]


def _history(random: Random, number: int) -> History:
    words = sorted({FIRST, *(_day(random) for _ in range(random.randint(0, 4)))})
    came = tuple(_payment(random) for _ in range(random.randint(0, 7)))
    asked: list[Asked] = []
    for known_on in words:
        for _ in range(random.randint(1, 4) if known_on == FIRST else random.randint(0, 2)):
            due_date = known_on + timedelta(days=random.randint(-20, 90))
            newer = all(one.due_date < due_date for one in asked)
            if newer and (known_on == FIRST or _nothing_left_over(asked, came, known_on)):
                asked.append(Asked(known_on, due_date, random.choice((0, 1, 99, 5_000, 33_333))))
    total = sum(one.amount for one in asked) + _UNLISTED
    told = [_snapshot(asked, came, total, day) for day in words]
    newest = told[-1]
    loan = Loan(
        loan_id=LoanId(number),
        loan_ref=f"L-{number}",
        product="loan",
        currency=random.choice(_CURRENCIES),
        outstanding=newest.outstanding,
        pay_to="Sample Bank",
        as_of=newest.as_of,
        items=newest.items,
        payments=tuple(
            Payment(f"P-{number}-{place}", one.amount, one.on, one.back_on)
            for place, one in enumerate(came, 1)
        ),
        earlier=tuple(told[:-1]),
    )
    return History(loan, tuple(asked), came, total)


def _payment(random: Random) -> Came:
    on = _day(random)
    back_on = on + timedelta(days=random.choice((0, 1, 5, 40, 100)))
    return Came(on, random.choice((1, 99, 2_500, 5_000, 20_000)), random.choice((None, back_on)))


def _snapshot(asked: list[Asked], came: tuple[Came, ...], total: int, day: date) -> Snapshot:
    left = dict(_left(asked, came, day))
    stayed = sum(one.amount for one in _stayed(came, day))
    items = (DueItem(due_date, unpaid, 0, 0, 0) for due_date, unpaid in left.items())
    return Snapshot(day, total - stayed, tuple(items))


def _nothing_left_over(asked: list[Asked], came: tuple[Came, ...], day: date) -> bool:
    """Whether all money until `day`, also what was taken back, had a debt to pay."""
    known = sum(one.amount for one in asked if one.known_on <= day)
    return known >= sum(one.amount for one in came if FIRST < one.on <= day)


def _left(asked: list[Asked], came: tuple[Came, ...], day: date) -> Iterator[tuple[date, int]]:
    """What is left of each item that is known on `day`, as `day` sees it."""
    money = sum(one.amount for one in _stayed(came, day))
    for one in sorted(asked, key=lambda one: one.due_date):
        if one.known_on <= day:
            part = min(money, one.amount)
            money -= part
            yield one.due_date, one.amount - part


def _stayed(came: tuple[Came, ...], day: date) -> list[Came]:
    return [
        one for one in came if FIRST < one.on <= day and (one.back_on is None or one.back_on > day)
    ]


def _day(random: Random) -> date:
    return FIRST + timedelta(days=random.randint(1, (LAST - FIRST).days))
