"""A snapshot that only repeats the one before it, with nothing in between, changes nothing.

Loans are read without them (`storage.loans`); what is owed on any day has to be the same.
"""

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from random import Random

import pytest

from bot.rules.ledger import standing
from storage.records import Component, DueItem, Loan, LoanId, Payment, Snapshot, Waiver, WaiverId

FIRST = date(2026, 3, 1)
DAYS = 16
KNOWN = datetime(2026, 4, 1, tzinfo=UTC)


def _day(chance: Random, since: int = -3) -> date:
    return FIRST + timedelta(days=chance.randrange(since, DAYS + 3))


def _items(chance: Random) -> tuple[DueItem, ...]:
    days = sorted(chance.sample(range(-5, DAYS + 10), chance.randrange(0, 4)))
    return tuple(
        DueItem(FIRST + timedelta(days=day), chance.randrange(0, 400), chance.choice((0, 30)), 0, 0)
        for day in days
    )


def _loan(chance: Random) -> Loan:
    """Told of on most days, mostly the same again; payments come at any time and some go back."""
    told: list[Snapshot] = []
    for number in range(DAYS):
        day = FIRST + timedelta(days=number)
        if told and chance.random() < 0.7:
            told.append(replace(told[-1], as_of=day))  # the very same items
        elif chance.random() < 0.8 or not told:
            items = _items(chance)
            told.append(Snapshot(day, sum(one.unpaid for one in items), items))
    payments = []
    for number in range(chance.randrange(0, 4)):
        paid_on = _day(chance)
        back = _day(chance, since=0) if chance.random() < 0.5 else None
        reversed_on = max(back, paid_on) if back else None
        payments.append(
            Payment(f"P-{number}", chance.randrange(1, 500), paid_on, reversed_on, KNOWN)
        )
    waivers = tuple(
        Waiver(WaiverId(number), Component.INTEREST, chance.randrange(1, 40), _day(chance), KNOWN)
        for number in range(chance.choice((0, 0, 1)))
    )
    return Loan(
        LoanId(1), "L-1", "loan", "CNY", told[-1].outstanding, "the app", told[-1].as_of,
        told[-1].items, tuple(sorted(payments, key=lambda one: one.paid_on)), tuple(told[:-1]),
        waivers,
    )  # fmt: skip


def _without_repeats(loan: Loan) -> tuple[Snapshot, ...]:
    events = [
        *(one.paid_on for one in loan.payments),
        *(one.reversed_on for one in loan.payments if one.reversed_on),
        *(one.waived_on for one in loan.waivers),
    ]
    return tuple(_kept(loan.earlier, events))


def _kept(told: Iterable[Snapshot], events: list[date]) -> Iterable[Snapshot]:
    before: Snapshot | None = None
    for one in told:
        repeats = before is not None and (one.items, one.outstanding) == (
            before.items, before.outstanding,
        )  # fmt: skip
        if not repeats or any(before.as_of < day <= one.as_of for day in events):
            yield one
        before = one


@pytest.mark.parametrize("seed", range(4))
def test_what_is_owed_on_any_day_is_the_same_without_what_was_only_repeated(seed: int) -> None:
    left_out = 0
    for number in range(40):
        loan = _loan(Random(f"{seed}:{number}"))
        shorter = replace(loan, earlier=_without_repeats(loan))
        left_out += len(loan.earlier) - len(shorter.earlier)
        for ahead in range(-2, DAYS + 4):
            day = FIRST + timedelta(days=ahead)
            for known in (None, day + timedelta(days=1)):
                assert standing(loan, day, known) == standing(shorter, day, known), (number, day)
    assert left_out > 40
