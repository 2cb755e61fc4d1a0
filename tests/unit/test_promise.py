from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.rules.local_time import local_time_of
from bot.rules.promise import (
    Judgement,
    PromiseOutcome,
    PromiseRefusal,
    allowed_days,
    broken_lately,
    judge,
    payments_in_scope,
    refusal,
    tolerance,
)
from storage.records import (
    Borrower,
    BorrowerId,
    Loan,
    LoanId,
    Money,
    Payment,
    Promise,
    PromiseId,
)

# Monday to Friday of one week without holidays, the weekend and the next Monday
MON, TUE, WED, THU, FRI, SAT, SUN, NEXT_MON = (
    date(2026, 11, 16) + timedelta(days=n) for n in range(8)
)
LOCAL = local_time_of(Borrower(BorrowerId(1), "B", "N", "zh-Hans", "CN", "Asia/Shanghai", None))
NOON = 4  # o'clock UTC is noon in Shanghai


def yuan(minor: int) -> Money:
    return Money(minor, "CNY")


def at(day: date, hour: int = NOON) -> datetime:
    return datetime(day.year, day.month, day.day, hour, tzinfo=UTC)


def promise(
    amount: int = 10_000,
    due: date = WED,
    made: date = MON,
    withdrawn: date | None = None,
    superseded: date | None = None,
) -> Promise:
    return Promise(
        promise_id=PromiseId(1),
        amount=yuan(amount),
        due_date=due,
        made_at=at(made),
        withdrawn_at=at(withdrawn) if withdrawn else None,
        superseded_at=at(superseded) if superseded else None,
    )


def paid(*some: tuple[int, date] | tuple[int, date, date]) -> list[Payment]:
    return [Payment(f"P{number}", *one) for number, one in enumerate(some)]


def judged(one: Promise, payments: list[Payment], day: date) -> Judgement:
    return judge(one, payments, day, country="CN", local_time=LOCAL)


def outcome(one: Promise, payments: list[Payment], day: date) -> PromiseOutcome:
    return judged(one, payments, day).outcome


# --- Making one -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("amount", "due", "expected"),
    [
        (yuan(1), WED, None),
        (yuan(500), MON, None),
        (yuan(500), MON + timedelta(days=14), None),
        (yuan(500), MON + timedelta(days=15), PromiseRefusal.TOO_FAR),
        (yuan(500), SUN - timedelta(days=7), PromiseRefusal.PAST),
        (yuan(0), WED, PromiseRefusal.NOT_POSITIVE),
        (yuan(-5), WED, PromiseRefusal.NOT_POSITIVE),
        (yuan(501), WED, PromiseRefusal.MORE_THAN_OWED),
        (Money(100, "USD"), WED, PromiseRefusal.OTHER_CURRENCY),
    ],
)
def test_a_promise_has_limits(amount: Money, due: date, expected: PromiseRefusal | None) -> None:
    assert refusal(amount, due, owed=yuan(500), today=MON) is expected


def test_nothing_can_be_promised_when_nothing_is_owed() -> None:
    assert refusal(yuan(1), WED, owed=yuan(0), today=MON) is PromiseRefusal.NOTHING_OWED


def test_the_calendar_offers_exactly_the_days_that_are_accepted() -> None:
    days = allowed_days(MON)
    around = [MON + timedelta(days=n) for n in range(-5, 30)]
    accepted = [day for day in around if refusal(yuan(1), day, owed=yuan(1), today=MON) is None]
    assert list(days) == accepted


# --- What became of it ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("amount", "currency", "expected"),
    [
        (100, "CNY", 1),
        (150, "CNY", 1),
        (1_000, "CNY", 10),
        (10_000, "CNY", 100),
        (1_000_000, "CNY", 100),  # never more than a yuan
        (100_000, "JPY", 1),
        (50, "KWD", 1),
        (1_000_000, "KWD", 1_000),
    ],
)
def test_what_may_be_missing_is_one_percent_within_bounds(
    amount: int, currency: str, expected: int
) -> None:
    assert tolerance(Money(amount, currency)).minor == expected


def test_a_promise_is_kept_as_soon_as_enough_was_paid() -> None:
    some = paid((4_000, MON), (5_900, TUE))
    assert outcome(promise(), some, MON) is PromiseOutcome.OPEN
    assert judged(promise(), some, TUE) == Judgement(PromiseOutcome.KEPT, yuan(9_900), FRI)


def test_one_fen_below_the_tolerance_is_partly_kept() -> None:
    assert outcome(promise(), paid((9_899, WED)), SAT) is PromiseOutcome.PARTLY_KEPT


def test_money_may_take_two_business_days_to_arrive() -> None:
    assert outcome(promise(), paid((10_000, FRI)), FRI) is PromiseOutcome.KEPT
    assert outcome(promise(), paid((10_000, SAT)), SAT) is PromiseOutcome.BROKEN


def test_a_weekend_does_not_use_up_the_tolerance() -> None:
    # Friday + 2 business days is Tuesday
    assert outcome(promise(due=FRI), [], NEXT_MON + timedelta(days=1)) is PromiseOutcome.OPEN
    assert outcome(promise(due=FRI), [], NEXT_MON + timedelta(days=2)) is PromiseOutcome.BROKEN


def test_money_from_before_the_promise_does_not_count() -> None:
    some = paid((10_000, SUN - timedelta(days=7)))
    assert outcome(promise(), some, SAT) is PromiseOutcome.BROKEN


def test_a_promise_of_one_fen_needs_that_something_was_paid() -> None:
    assert outcome(promise(amount=1), [], SAT) is PromiseOutcome.BROKEN
    assert outcome(promise(amount=1), paid((1, WED)), SAT) is PromiseOutcome.KEPT


def test_a_reversed_payment_reopens_the_judgement() -> None:
    some = paid((10_000, TUE, THU))
    assert outcome(promise(), some, WED) is PromiseOutcome.KEPT
    assert outcome(promise(), some, THU) is PromiseOutcome.OPEN
    assert outcome(promise(), some, SAT) is PromiseOutcome.BROKEN


def test_a_payment_told_late_corrects_the_judgement() -> None:
    assert outcome(promise(), [], NEXT_MON) is PromiseOutcome.BROKEN
    assert outcome(promise(), paid((10_000, WED)), NEXT_MON) is PromiseOutcome.KEPT


def test_a_promise_taken_back_or_replaced_is_not_broken() -> None:
    assert outcome(promise(withdrawn=TUE), [], SAT) is PromiseOutcome.WITHDRAWN
    assert outcome(promise(superseded=TUE), [], SAT) is PromiseOutcome.SUPERSEDED
    assert outcome(promise(superseded=TUE), [], MON) is PromiseOutcome.OPEN


def test_a_promise_replaced_after_its_window_stays_broken() -> None:
    assert outcome(promise(superseded=SAT), [], SUN) is PromiseOutcome.BROKEN


def test_a_promise_kept_before_it_was_replaced_stays_kept() -> None:
    one = promise(superseded=WED)
    assert outcome(one, paid((10_000, TUE)), SAT) is PromiseOutcome.KEPT
    # money of the day itself belongs to the promise that replaced it
    assert outcome(one, paid((10_000, WED)), SAT) is PromiseOutcome.SUPERSEDED


def test_a_promise_late_in_the_evening_is_made_on_the_local_day() -> None:
    one = Promise(PromiseId(1), yuan(100), TUE, made_at=at(MON, hour=17))  # 01:00 on Tuesday
    assert outcome(one, paid((100, MON)), MON) is PromiseOutcome.OPEN
    assert outcome(one, paid((100, TUE)), TUE) is PromiseOutcome.KEPT


def loan(number: int, currency: str, *payments: Payment) -> Loan:
    return Loan(LoanId(number), f"L{number}", "card", currency, 0, "", MON, payments=payments)


def test_a_promise_over_everything_counts_all_payments_in_its_currency() -> None:
    one, two, three = paid((1, MON), (2, MON), (3, MON))
    loans = (loan(1, "CNY", one), loan(2, "CNY", two), loan(3, "USD", three))
    everything = promise()
    only_one = Promise(PromiseId(2), yuan(1), WED, at(MON), loan_id=LoanId(1))
    assert payments_in_scope(everything, loans) == (one, two)
    assert payments_in_scope(only_one, loans) == (one,)


def test_what_was_paid_before_the_promise_does_not_keep_it() -> None:
    made = promise().made_at
    before, after = (
        Payment(f"P{late}", 100, MON, received_at=made + timedelta(seconds=late)) for late in (0, 1)
    )
    assert payments_in_scope(promise(), [loan(1, "CNY", before, after)]) == (after,)


def test_broken_promises_are_remembered_for_ninety_days() -> None:
    # broke on Saturday, the day after the window
    def count(day: date) -> int:
        some = [promise(), promise(withdrawn=TUE)]
        return broken_lately(some, (), day, country="CN", local_time=LOCAL)

    assert count(FRI) == 0
    assert count(SAT) == 1
    assert count(SAT + timedelta(days=89)) == 1
    assert count(SAT + timedelta(days=90)) == 0


@given(
    amount=st.integers(1, 300),
    payments=st.lists(st.tuples(st.integers(1, 200), st.integers(-3, 12)), max_size=5),
    day=st.integers(0, 14),
)
def test_the_outcome_follows_from_what_was_paid_in_the_window(
    amount: int, payments: list[tuple[int, int]], day: int
) -> None:
    some = paid(*((one, MON + timedelta(days=on)) for one, on in payments))
    came = sum(one for one, on in payments if 0 <= on <= min(day, 4))  # Monday to Friday
    enough = came > 0 and came >= amount - max(amount // 100, 1)
    if enough:
        expected = PromiseOutcome.KEPT
    elif day <= 4:
        expected = PromiseOutcome.OPEN
    else:
        expected = PromiseOutcome.PARTLY_KEPT if came else PromiseOutcome.BROKEN
    assert outcome(promise(amount=amount), some, MON + timedelta(days=day)) is expected
