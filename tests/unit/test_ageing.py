from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.rules.ageing import PaymentClass, Stage, days_past_due, payment_class, stage_of
from bot.rules.ledger import borrower_standing
from storage.records import DueItem, Loan, LoanId, Payment

EPOCH = date(2026, 1, 1)
STAGES = (
    Stage("pre_due", None, -1),
    Stage("due_today", 0, 0),
    Stage("early", 1, 30),
    Stage("middle", 31, 90),
    Stage("late", 91, None),
)


def day(offset: int) -> date:
    return EPOCH + timedelta(days=offset)


def loan(*due: tuple[int, int], paid: tuple[tuple[int, int], ...] = (), as_of: int = -1) -> Loan:
    """Due items and payments as (day, amount)."""
    return Loan(
        loan_id=LoanId(1),
        loan_ref="L-1",
        product="card",
        currency="CNY",
        outstanding=sum(amount for _, amount in due),
        pay_to="",
        as_of=day(as_of),
        items=tuple(DueItem(day(on), amount, 0, 0, 0) for on, amount in due),
        payments=tuple(
            Payment(f"P{number}", amount, day(on)) for number, (on, amount) in enumerate(paid)
        ),
    )


def dpd(today: int, *loans: Loan) -> int | None:
    return days_past_due(borrower_standing(loans, day(today)))


def class_of(today: int, *loans: Loan) -> PaymentClass:
    return payment_class(borrower_standing(loans, day(today)))


@pytest.mark.parametrize(("today", "expected"), [(8, -2), (10, 0), (11, 1), (101, 91)])
def test_days_past_due_count_from_the_due_date(today: int, expected: int) -> None:
    assert dpd(today, loan((10, 100))) == expected


def test_days_past_due_count_from_the_oldest_unpaid_item_of_all_loans() -> None:
    assert dpd(50, loan((10, 100), (40, 100), paid=((20, 100),)), loan((30, 5))) == 20


def test_nothing_unpaid_has_no_days_past_due() -> None:
    assert dpd(50, loan((10, 100), paid=((20, 100),))) is None


@pytest.mark.parametrize(
    ("days", "stage"),
    [
        (-400, "pre_due"), (-1, "pre_due"), (0, "due_today"), (1, "early"), (30, "early"),
        (31, "middle"), (90, "middle"), (91, "late"), (4000, "late"),
    ],
)  # fmt: skip
def test_a_stage_includes_both_its_ends(days: int, stage: str) -> None:
    assert stage_of(STAGES, days).name == stage


def test_days_without_a_stage_are_an_error() -> None:
    with pytest.raises(LookupError):
        stage_of(STAGES[1:], -1)


@pytest.mark.parametrize(
    ("paid_on", "expected"),
    [
        ((10, 40, 70), PaymentClass.A),
        ((11, 41, 71), PaymentClass.A),  # the day after is in time
        ((10, 42, 70), PaymentClass.B),
        ((12, 42, 70), PaymentClass.B),
        ((12, 42, 72), PaymentClass.C),
    ],
)
def test_the_class_counts_late_due_dates(
    paid_on: tuple[int, int, int], expected: PaymentClass
) -> None:
    some = loan((10, 100), (40, 100), (70, 100), paid=tuple((on, 100) for on in paid_on))
    assert class_of(80, some) == expected


def test_fewer_than_three_due_dates_are_a_new_borrower() -> None:
    assert class_of(70, loan((10, 100), (40, 100), (70, 100))) is PaymentClass.NEW


def test_only_the_last_three_due_dates_before_today_count() -> None:
    some = loan(
        (10, 100), (40, 100), (70, 100), (100, 100), (130, 100),
        paid=((30, 100), (40, 100), (70, 100), (100, 100)),
    )  # fmt: skip
    assert class_of(129, some) is PaymentClass.A


def test_yesterdays_due_date_is_not_late_before_today_is_over() -> None:
    some = loan((10, 100), (40, 100), (70, 100), paid=((10, 100), (40, 100)))
    assert class_of(71, some) is PaymentClass.A
    assert class_of(72, some) is PaymentClass.B


def test_a_partly_paid_item_is_late() -> None:
    some = loan((10, 100), (40, 100), (70, 100), paid=((10, 100), (40, 100), (70, 99)))
    assert class_of(80, some) is PaymentClass.B


def test_an_item_paid_before_anything_is_known_counts_as_in_time() -> None:
    assert class_of(80, loan((10, 0), (40, 0), (70, 0), as_of=79)) is PaymentClass.A


def test_due_dates_shared_by_two_loans_are_one_due_date() -> None:
    shared = loan((10, 100), (40, 100))
    assert class_of(80, shared, shared) is PaymentClass.NEW


@given(
    due=st.lists(
        st.tuples(st.integers(0, 100), st.integers(1, 30)), max_size=6, unique_by=lambda d: d[0]
    ),
    paid=st.lists(st.tuples(st.integers(0, 100), st.integers(1, 60)), max_size=6),
    today=st.integers(0, 110),
)
def test_days_and_class_agree_with_counting_coin_by_coin(
    due: list[tuple[int, int]], paid: list[tuple[int, int]], today: int
) -> None:
    coins = [on for on, amount in sorted(due) for _ in range(amount)]
    spent = [on for on, amount in sorted(paid) if on <= today for _ in range(amount)]
    # the n-th coin owed is paid by the n-th coin that came, or never
    paid_on: dict[int, int | None] = {}
    for number, due_on in enumerate(coins):
        came = spent[number] if number < len(spent) else None
        if due_on not in paid_on or came is None or (paid_on[due_on] or 0) < came:
            paid_on[due_on] = came
    never = [on for on, when in paid_on.items() if when is None]
    assert dpd(today, loan(*due, paid=tuple(paid))) == (today - min(never) if never else None)

    judged = [on for on in sorted(paid_on) if on < today][-3:]
    late = 0
    for on in judged:
        when = paid_on[on]
        late += today > on + 1 if when is None else when > on + 1
    expected = (
        PaymentClass.NEW
        if len(judged) < 3
        else {0: PaymentClass.A, 3: PaymentClass.C}.get(late, PaymentClass.B)
    )
    assert class_of(today, loan(*due, paid=tuple(paid))) is expected
