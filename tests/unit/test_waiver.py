"""What a waiver takes off, on which day, and what it never does."""

from dataclasses import replace
from datetime import UTC, date, datetime
from itertools import permutations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.rules.ledger import LoanStanding, standing
from bot.rules.waiver import WaiverRefusal, refusal
from storage.records import (
    Component,
    DueItem,
    Loan,
    LoanId,
    Money,
    Payment,
    Snapshot,
    Waiver,
    WaiverId,
)

OCTOBER, NOVEMBER = date(2026, 10, 1), date(2026, 11, 1)
AS_OF = date(2026, 11, 10)
TODAY = date(2026, 11, 22)


def loan(
    *items: DueItem,
    as_of: date = AS_OF,
    payments: tuple[Payment, ...] = (),
    waivers: tuple[Waiver, ...] = (),
    earlier: tuple[Snapshot, ...] = (),
) -> Loan:
    return Loan(
        loan_id=LoanId(1),
        loan_ref="L-1",
        product="card",
        currency="CNY",
        outstanding=sum(one.unpaid for one in items),
        pay_to="account",
        as_of=as_of,
        items=items,
        payments=payments,
        waivers=waivers,
        earlier=earlier,
    )


def waived(
    amount: int, component: Component = Component.PENALTY, on: date = date(2026, 11, 15)
) -> Waiver:
    granted_at = datetime(on.year, on.month, on.day, 12, tzinfo=UTC)
    return Waiver(WaiverId(amount), component, amount, on, granted_at)


def paid(amount: int, on: date, reversed_on: date | None = None) -> Payment:
    return Payment(f"P-{amount}-{on}", amount, on, reversed_on)


def left(one: LoanStanding) -> list[tuple[int, int, int, int]]:
    return [
        (item.left.principal, item.left.interest, item.left.penalty, item.left.fees)
        for item in one.items
    ]


TWO = (DueItem(OCTOBER, 900, 60, 30, 10), DueItem(NOVEMBER, 900, 60, 20, 0))


def test_a_waiver_comes_off_its_own_component_of_the_oldest_items() -> None:
    now = standing(loan(*TWO, waivers=(waived(40),)), TODAY)

    assert left(now) == [(900, 60, 0, 10), (900, 60, 10, 0)]
    assert now.outstanding == Money(1940, "CNY")
    assert now.due == Money(1940, "CNY")


def test_before_its_day_nothing_was_waived() -> None:
    some = loan(*TWO, waivers=(waived(40),))

    assert left(standing(some, date(2026, 11, 14))) == [(900, 60, 30, 10), (900, 60, 20, 0)]
    assert standing(some, date(2026, 11, 15)).outstanding == Money(1940, "CNY")


@pytest.mark.parametrize(
    ("as_of", "comes_off"),
    [(date(2026, 11, 14), True), (date(2026, 11, 15), False), (date(2026, 11, 16), False)],
)
def test_a_snapshot_of_its_day_or_later_has_the_waiver_in_it(as_of: date, comes_off: bool) -> None:
    newer = loan(*TWO, as_of=as_of, waivers=(waived(40),), earlier=(Snapshot(AS_OF, 1980, TWO),))

    assert standing(newer, TODAY).outstanding == Money(1940 if comes_off else 1980, "CNY")


def test_a_snapshot_that_shows_less_than_was_waived_leaves_nothing_below_zero() -> None:
    booked = (DueItem(OCTOBER, 900, 60, 0, 10),)

    now = standing(loan(*booked, as_of=date(2026, 11, 14), waivers=(waived(30),)), TODAY)

    assert left(now) == [(900, 60, 0, 10)]
    assert now.outstanding == Money(970, "CNY")
    assert now.credit == Money(0, "CNY")


def test_what_a_waiver_settles_is_settled_on_its_day() -> None:
    late = loan(DueItem(OCTOBER, 0, 0, 30, 0), DueItem(NOVEMBER, 900, 0, 0, 0))

    now = standing(replace(late, waivers=(waived(30),)), TODAY)

    assert now.items[0].settled_on == date(2026, 11, 15)
    assert now.oldest_unpaid is not None
    assert now.oldest_unpaid.due_date == NOVEMBER


def test_an_item_paid_and_waived_is_settled_when_the_last_of_it_was() -> None:
    one = loan(DueItem(OCTOBER, 900, 0, 30, 0), waivers=(waived(30),))

    paid_first = replace(one, payments=(paid(900, date(2026, 11, 12)),))
    waived_first = replace(one, payments=(paid(900, date(2026, 11, 20)),))

    assert standing(paid_first, TODAY).items[0].settled_on == date(2026, 11, 15)
    assert standing(waived_first, TODAY).items[0].settled_on == date(2026, 11, 20)
    assert not standing(paid_first, TODAY).outstanding


def test_settled_by_a_waiver_before_a_newer_snapshot_is_remembered() -> None:
    old = (DueItem(OCTOBER, 0, 0, 30, 0), DueItem(NOVEMBER, 900, 0, 0, 0))
    newer = loan(
        old[1],
        as_of=date(2026, 11, 20),
        waivers=(waived(30),),
        earlier=(Snapshot(AS_OF, 930, old),),
    )

    assert standing(newer, TODAY).items[0].settled_on == date(2026, 11, 15)


def test_money_told_of_later_that_had_paid_the_component_pays_something_else() -> None:
    """The borrower was told that 30 are let go, so 30 less are owed, whatever comes to light."""
    some = loan(DueItem(OCTOBER, 900, 0, 30, 0), waivers=(waived(30),))
    back_dated = replace(some, payments=(paid(50, date(2026, 11, 12)),))

    now = standing(back_dated, TODAY)

    assert left(now) == [(850, 0, 0, 0)]
    assert now.outstanding == Money(850, "CNY")


def test_a_waiver_after_everything_was_paid_is_credit() -> None:
    some = loan(DueItem(OCTOBER, 900, 0, 30, 0), waivers=(waived(30),))

    now = standing(replace(some, payments=(paid(930, date(2026, 11, 12)),)), TODAY)

    assert not now.outstanding
    assert now.credit == Money(30, "CNY")


def test_a_reversed_payment_leaves_the_waiver_as_it_is() -> None:
    some = loan(DueItem(OCTOBER, 900, 0, 30, 0), waivers=(waived(30),))
    taken_back = paid(50, date(2026, 11, 12), reversed_on=date(2026, 11, 18))

    assert standing(replace(some, payments=(taken_back,)), TODAY).outstanding == Money(900, "CNY")


_ITEMS = st.lists(st.tuples(*[st.integers(0, 500)] * 4).filter(any), min_size=1, max_size=4).map(
    lambda parts: tuple(
        DueItem(date(2026, month, 1), *part) for month, part in enumerate(parts, start=1)
    )
)
_DAYS = st.integers(11, 22).map(lambda day: date(2026, 11, day))


@settings(max_examples=400, deadline=None)
@given(items=_ITEMS, data=st.data())
def test_paid_waived_and_left_are_what_there_was(
    items: tuple[DueItem, ...], data: st.DataObject
) -> None:
    """With waivers never above what the snapshot has of their component, in any order told."""
    payments = tuple(
        Payment(f"P-{number}", amount, on)
        for number, (amount, on) in enumerate(
            data.draw(st.lists(st.tuples(st.integers(1, 900), _DAYS), max_size=4))
        )
    )
    waivers = []
    for number, component in enumerate(data.draw(st.permutations(list(Component)))):
        most = sum(getattr(item, component) for item in items)
        if most and data.draw(st.booleans()):
            amount = data.draw(st.integers(1, most))
            waivers.append(
                replace(waived(amount, component, data.draw(_DAYS)), waiver_id=WaiverId(number))
            )
    whole = sum(item.unpaid for item in items)
    told = loan(*items, payments=payments, waivers=tuple(waivers))

    now = standing(told, TODAY)

    gone = sum(one.amount for one in payments) + sum(one.amount for one in waivers)
    assert now.due.minor - now.credit.minor == whole - gone
    assert now.outstanding.minor == max(whole - gone, 0)
    assert all(min(parts) >= 0 for parts in left(now))
    for some in list(permutations(waivers))[:6]:
        assert standing(replace(told, waivers=some), TODAY) == now


@pytest.mark.parametrize(
    ("component", "amount", "owed", "expected"),
    [
        (Component.PENALTY, 30, 30, None),
        (Component.PENALTY, 31, 30, WaiverRefusal.MORE_THAN_OWED),
        (Component.FEES, 1, 0, WaiverRefusal.NOTHING_OWED),
        (Component.INTEREST, 0, 30, WaiverRefusal.NOT_POSITIVE),
        (Component.INTEREST, -5, 30, WaiverRefusal.NOT_POSITIVE),
        (Component.PRINCIPAL, 10, 900, WaiverRefusal.NOT_WAIVABLE),
    ],
)
def test_what_may_be_waived(
    component: Component, amount: int, owed: int, expected: WaiverRefusal | None
) -> None:
    assert refusal(component, Money(amount, "CNY"), owed=Money(owed, "CNY")) is expected
