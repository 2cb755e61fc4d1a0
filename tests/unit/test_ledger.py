import random
from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.rules.allocation import allocate, pay
from bot.rules.ledger import borrower_standing, standing
from storage.records import (
    USUAL_ORDER,
    Component,
    DueItem,
    Loan,
    LoanId,
    Money,
    Payment,
    Snapshot,
)

SEPTEMBER, OCTOBER, NOVEMBER = date(2026, 9, 1), date(2026, 10, 1), date(2026, 11, 1)
EPOCH = date(2026, 1, 1)


def item(
    due_date: date, principal: int, interest: int = 0, penalty: int = 0, fees: int = 0
) -> DueItem:
    return DueItem(due_date, principal, interest, penalty, fees)


def loan(*items: DueItem, as_of: date = date(2026, 8, 31), paid: tuple[Payment, ...] = ()) -> Loan:
    return Loan(
        loan_id=LoanId(1),
        loan_ref="L-1",
        product="card",
        currency="CNY",
        outstanding=sum(one.unpaid for one in items),
        pay_to="account",
        as_of=as_of,
        items=items,
        payments=paid,
    )


def payment(amount: int, paid_on: date, reversed_on: date | None = None, ref: str = "P") -> Payment:
    return Payment(ref, amount, paid_on, reversed_on)


def unpaid(some: Loan, day: date) -> dict[date, int]:
    return {one.due_date: one.unpaid for one in standing(some, day).items}


# --- Payments and the snapshot --------------------------------------------------------------


def test_a_payment_pays_the_oldest_due_item_first() -> None:
    some = loan(item(OCTOBER, 100), item(SEPTEMBER, 100), paid=(payment(150, date(2026, 10, 5)),))
    assert unpaid(some, date(2026, 10, 5)) == {SEPTEMBER: 0, OCTOBER: 50}


def test_within_an_item_fees_come_first_and_principal_last() -> None:
    left = pay(item(SEPTEMBER, principal=100, interest=20, penalty=10, fees=5), 40)
    assert left == item(SEPTEMBER, principal=95)


def test_the_order_of_components_is_the_lenders_choice() -> None:
    principal_first = (
        Component.PRINCIPAL,
        Component.INTEREST,
        Component.PENALTY,
        Component.FEES,
    )
    left = pay(item(SEPTEMBER, 100, 20, 10, 5), 110, principal_first)
    assert left == item(SEPTEMBER, 0, interest=10, penalty=10, fees=5)


@pytest.mark.parametrize("paid_on", [date(2026, 9, 9), date(2026, 9, 10)])
def test_a_payment_until_the_snapshots_day_is_in_it_already(paid_on: date) -> None:
    some = loan(item(SEPTEMBER, 100), as_of=date(2026, 9, 10), paid=(payment(40, paid_on),))
    assert standing(some, date(2026, 9, 20)).due == Money(100, "CNY")


def test_a_payment_of_the_day_after_the_snapshot_comes_off() -> None:
    some = loan(
        item(SEPTEMBER, 100), as_of=date(2026, 9, 10), paid=(payment(40, date(2026, 9, 11)),)
    )
    assert standing(some, date(2026, 9, 10)).due == Money(100, "CNY")
    assert standing(some, date(2026, 9, 11)).due == Money(60, "CNY")


def test_a_reversed_payment_counts_only_until_its_reversal() -> None:
    back = payment(100, date(2026, 9, 5), reversed_on=date(2026, 9, 12))
    some = loan(item(SEPTEMBER, 100), paid=(back,))
    assert not standing(some, date(2026, 9, 11)).due
    assert standing(some, date(2026, 9, 12)).due == Money(100, "CNY")


def test_reversing_a_payment_that_the_snapshot_had_counted_adds_it_back() -> None:
    back = payment(40, date(2026, 9, 5), reversed_on=date(2026, 9, 12))
    some = loan(item(SEPTEMBER, 60), as_of=date(2026, 9, 10), paid=(back,))
    assert standing(some, date(2026, 9, 11)).due == Money(60, "CNY")
    after = standing(some, date(2026, 9, 12))
    assert after.due == Money(100, "CNY")
    assert after.outstanding == Money(100, "CNY")


def test_a_reversal_before_the_snapshot_is_in_it_already() -> None:
    back = payment(40, date(2026, 9, 5), reversed_on=date(2026, 9, 8))
    some = loan(item(SEPTEMBER, 100), as_of=date(2026, 9, 10), paid=(back,))
    assert standing(some, date(2026, 9, 12)).due == Money(100, "CNY")


def test_a_bounced_payment_of_a_settled_item_makes_that_item_overdue_again() -> None:
    back = payment(100, date(2026, 10, 5), reversed_on=date(2026, 10, 12))
    some = loan(
        item(SEPTEMBER, 0), item(OCTOBER, 0), item(NOVEMBER, 100),
        as_of=date(2026, 10, 10), paid=(back,),
    )  # fmt: skip
    assert unpaid(some, date(2026, 10, 12)) == {SEPTEMBER: 0, OCTOBER: 100, NOVEMBER: 100}


def test_a_bounced_payment_goes_back_to_what_was_still_unpaid_when_it_was_made() -> None:
    back = payment(30, date(2026, 10, 5), reversed_on=date(2026, 10, 12))
    some = loan(item(SEPTEMBER, 70), item(OCTOBER, 100), as_of=date(2026, 10, 10), paid=(back,))
    assert unpaid(some, date(2026, 10, 12)) == {SEPTEMBER: 100, OCTOBER: 100}


def test_a_bounced_payment_in_advance_is_owed_on_the_later_date() -> None:
    back = payment(30, date(2026, 8, 20), reversed_on=date(2026, 9, 12))
    some = loan(item(SEPTEMBER, 70), as_of=date(2026, 8, 25), paid=(back,))
    assert unpaid(some, date(2026, 9, 12)) == {SEPTEMBER: 100}


def test_a_bounced_payment_of_a_loan_without_items_is_owed_from_the_reversal_on() -> None:
    back = payment(30, date(2026, 8, 20), reversed_on=date(2026, 9, 12))
    some = loan(as_of=date(2026, 8, 25), paid=(back,))
    assert unpaid(some, date(2026, 9, 12)) == {date(2026, 9, 12): 30}


def test_an_older_snapshot_tells_exactly_what_a_bounced_payment_had_paid() -> None:
    back = payment(130, date(2026, 10, 5), reversed_on=date(2026, 10, 12))
    some = replace(
        loan(item(OCTOBER, 70), as_of=date(2026, 10, 10), paid=(back,)),
        earlier=(Snapshot(date(2026, 10, 1), 200, (item(SEPTEMBER, 90, 10), item(OCTOBER, 100))),),
    )
    now = standing(some, date(2026, 10, 12))
    assert [one.left for one in now.items] == [item(SEPTEMBER, 90, 10), item(OCTOBER, 100)]


def test_a_bounced_payment_that_was_too_much_is_outstanding_again_in_full() -> None:
    back = payment(150, date(2026, 9, 5), reversed_on=date(2026, 10, 12))
    some = replace(
        loan(item(SEPTEMBER, 0), as_of=date(2026, 9, 10), paid=(back,)),
        outstanding=850,
        earlier=(Snapshot(date(2026, 8, 31), 1000, (item(SEPTEMBER, 100),)),),
    )
    after = standing(some, date(2026, 10, 12))
    assert (after.due, after.outstanding) == (Money(100, "CNY"), Money(1000, "CNY"))


def test_a_bounced_payment_of_more_than_everything_brings_back_no_more_than_there_was() -> None:
    back = payment(150, date(2026, 9, 5), reversed_on=date(2026, 10, 12))
    some = replace(
        loan(item(SEPTEMBER, 0), as_of=date(2026, 9, 10), paid=(back,)),
        outstanding=0,
        earlier=(Snapshot(date(2026, 8, 31), 100, (item(SEPTEMBER, 100),)),),
    )
    assert standing(some, date(2026, 10, 12)).outstanding == Money(100, "CNY")


def test_two_payments_bounced_one_after_the_other_are_both_owed_again() -> None:
    # the snapshot between them had counted the first, and took the second for too much
    first = payment(100, date(2026, 9, 5), reversed_on=date(2026, 9, 8), ref="P1")
    second = payment(100, date(2026, 9, 8), reversed_on=date(2026, 9, 12), ref="P2")
    some = replace(
        loan(item(SEPTEMBER, 0), as_of=date(2026, 9, 10), paid=(first, second)),
        earlier=(
            Snapshot(date(2026, 8, 31), 100, (item(SEPTEMBER, 100),)),
            Snapshot(date(2026, 9, 6), 0, (item(SEPTEMBER, 0),)),
        ),
    )
    assert unpaid(some, date(2026, 9, 11)) == {SEPTEMBER: 0}
    assert unpaid(some, date(2026, 9, 12)) == {SEPTEMBER: 100}


# --- What a standing tells --------------------------------------------------------------------


def test_a_standing_separates_overdue_due_today_and_not_yet_due() -> None:
    some = loan(item(SEPTEMBER, 100), item(OCTOBER, 200), item(NOVEMBER, 300))
    now = standing(some, OCTOBER)
    assert (now.overdue, now.due_today, now.due, now.not_yet_due) == tuple(
        Money(minor, "CNY") for minor in (100, 200, 300, 300)
    )
    assert now.oldest_unpaid is not None
    assert now.oldest_unpaid.due_date == SEPTEMBER
    assert now.next_due is not None
    assert now.next_due.due_date == OCTOBER


def test_what_is_due_is_told_by_component() -> None:
    some = loan(item(SEPTEMBER, 100, 10, 2, 1), item(OCTOBER, 100, 9), item(NOVEMBER, 100, 8))
    assert standing(some, OCTOBER).due_components == item(SEPTEMBER, 200, 19, 2, 1)


def test_money_beyond_the_listed_items_is_credit_and_lowers_what_is_outstanding() -> None:
    some = replace(
        loan(item(SEPTEMBER, 100), paid=(payment(130, date(2026, 9, 3)),)), outstanding=1000
    )
    now = standing(some, date(2026, 9, 3))
    assert now.credit == Money(30, "CNY")
    assert now.outstanding == Money(870, "CNY")
    assert now.oldest_unpaid is None


def test_an_item_is_settled_on_the_day_of_the_payment_that_completed_it() -> None:
    some = loan(
        item(SEPTEMBER, 100), item(OCTOBER, 100),
        paid=(payment(60, date(2026, 9, 1)), payment(60, date(2026, 9, 9))),
    )  # fmt: skip
    first, second = standing(some, date(2026, 10, 10)).items
    assert first.settled_on == date(2026, 9, 9)
    assert second.settled_on is None


def test_an_item_dropped_from_a_newer_snapshot_was_settled_by_its_day() -> None:
    some = replace(
        loan(item(OCTOBER, 100), as_of=date(2026, 9, 10)),
        earlier=(Snapshot(date(2026, 8, 31), 200, (item(SEPTEMBER, 100), item(OCTOBER, 100))),),
    )
    first, second = standing(some, date(2026, 9, 20)).items
    assert (first.due_date, first.unpaid, first.settled_on) == (SEPTEMBER, 0, date(2026, 9, 10))
    assert second.unpaid == 100


def test_a_rescheduled_due_date_leaves_no_trace() -> None:
    some = replace(
        loan(item(NOVEMBER, 100), as_of=date(2026, 9, 10)),
        earlier=(Snapshot(date(2026, 8, 31), 100, (item(OCTOBER, 100),)),),
    )
    assert unpaid(some, date(2026, 12, 1)) == {NOVEMBER: 100}


def test_an_item_paid_before_the_first_snapshot_has_no_known_day() -> None:
    assert standing(loan(item(SEPTEMBER, 0)), date(2026, 9, 5)).items[0].settled_on is None


def test_the_past_is_answered_by_the_snapshot_of_then() -> None:
    some = replace(
        loan(item(SEPTEMBER, 0), as_of=date(2026, 9, 10)),
        earlier=(Snapshot(date(2026, 8, 31), 100, (item(SEPTEMBER, 100),)),),
    )
    assert standing(some, date(2026, 9, 9)).due == Money(100, "CNY")


def test_a_day_before_the_first_snapshot_is_answered_by_it() -> None:
    some = loan(item(SEPTEMBER, 100), paid=(payment(100, date(2026, 9, 3)),))
    assert standing(some, date(2026, 8, 1)).not_yet_due == Money(100, "CNY")


def test_currencies_of_one_borrower_are_never_added() -> None:
    yuan, dollars = loan(item(SEPTEMBER, 100)), replace(loan(item(OCTOBER, 70)), currency="USD")
    now = borrower_standing((yuan, dollars, yuan), date(2026, 10, 2))
    assert now.due == {"CNY": Money(200, "CNY"), "USD": Money(70, "USD")}
    assert now.oldest_unpaid is not None
    assert now.oldest_unpaid.due_date == SEPTEMBER


# --- Properties -------------------------------------------------------------------------------

days = st.integers(0, 120).map(lambda offset: EPOCH + timedelta(days=offset))
amounts = st.integers(0, 60)


@st.composite
def payments(draw: st.DrawFn, latest: int = 6) -> tuple[Payment, ...]:
    some = []
    for number in range(draw(st.integers(0, latest))):
        paid_on = draw(days)
        back = draw(st.none() | st.integers(0, 60).map(lambda n, on=paid_on: on + timedelta(n)))
        some.append(Payment(f"P{number}", draw(st.integers(1, 150)), paid_on, back))
    return tuple(some)


@st.composite
def loans(draw: st.DrawFn) -> Loan:
    due_dates = draw(st.lists(days, min_size=1, max_size=5, unique=True))
    parts = st.builds(DueItem, st.sampled_from(due_dates), amounts, amounts, amounts, amounts)
    items = [replace(draw(parts), due_date=due_date) for due_date in due_dates]
    return loan(*items, as_of=EPOCH - timedelta(days=1), paid=draw(payments()))


def told_on(some: Loan, day: date) -> Snapshot:
    """What a lender who knows nothing of the future says of `some` at the end of `day`."""
    now = standing(some, day)
    return Snapshot(day, now.outstanding.minor, tuple(one.left for one in now.items))


@given(loans(), days)
def test_money_is_conserved(some: Loan, day: date) -> None:
    there = [
        one.amount
        for one in some.payments
        if one.paid_on <= day and (one.reversed_on is None or one.reversed_on > day)
    ]
    now = standing(some, day)
    left = sum(one.unpaid for one in now.items)
    assert sum(one.unpaid for one in some.items) - left + now.credit.minor == sum(there)
    assert all(
        part >= 0
        for one in now.items
        for part in (one.left.principal, one.left.interest, one.left.penalty, one.left.fees)
    )


@given(loans(), days, st.randoms(use_true_random=False))
def test_facts_give_the_same_standing_in_any_order_of_arrival(
    some: Loan, day: date, shuffler: random.Random
) -> None:
    items, paid = list(some.items), list(some.payments)
    shuffler.shuffle(items)
    shuffler.shuffle(paid)
    shuffled = replace(some, items=tuple(items), payments=tuple(paid))
    assert standing(shuffled, day) == standing(some, day)


@given(loans(), st.lists(days, min_size=1, max_size=3, unique=True), days)
@settings(max_examples=200)
def test_a_newer_snapshot_that_agrees_with_the_facts_changes_nothing(
    some: Loan, told: list[date], day: date
) -> None:
    first = Snapshot(some.as_of, some.outstanding, some.items)
    *others, newest = sorted(told)
    retold = told_on(some, newest)
    replaced = replace(
        some,
        as_of=retold.as_of,
        outstanding=retold.outstanding,
        items=retold.items,
        earlier=(first, *(told_on(some, other) for other in others)),
    )
    assert standing(replaced, day).items == standing(some, day).items


@given(loans(), st.permutations(USUAL_ORDER))
def test_the_order_of_components_changes_no_total(some: Loan, order: list[Component]) -> None:
    usual = allocate(some.items, some.payments)
    other = allocate(some.items, some.payments, tuple(order))
    assert usual.settled_on == other.settled_on
    assert usual.credit == other.credit
    assert {k: v.unpaid for k, v in usual.left.items()} == {
        k: v.unpaid for k, v in other.left.items()
    }
