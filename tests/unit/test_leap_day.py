"""29 February: a due date, a promise, the first instalment, a plan agreed, and a year after it."""

from datetime import UTC, date, datetime

import pytest

from bot.rules import promise
from bot.rules.ageing import days_past_due
from bot.rules.ledger import borrower_standing
from bot.rules.local_time import local_time_of
from bot.rules.plan import PlanRequest, PlanTerms, add_months, plan_terms
from bot.rules.plan_policy import Frequency
from bot.rules.promise import PromiseOutcome
from storage.records import (
    Borrower,
    BorrowerId,
    DueItem,
    Loan,
    LoanId,
    Money,
    Payment,
    Promise,
    PromiseId,
)

LEAP = date(2028, 2, 29)
NOON = datetime(2028, 2, 29, 4, tzinfo=UTC)
ANNA = Borrower(BorrowerId(1), "B1", "Anna", "en", "CN", "Asia/Shanghai", None)
OWED = Money(100_000, "CNY")


def loan(*payments: Payment) -> Loan:
    items = (DueItem(LEAP, OWED.minor, 0, 0, 0),)
    return Loan(LoanId(1), "L1", "loan", "CNY", OWED.minor, "", date(2028, 2, 20), items, payments)


@pytest.mark.parametrize(
    ("day", "late"), [(date(2028, 2, 28), -1), (LEAP, 0), (date(2028, 3, 1), 1),
                      (date(2029, 2, 28), 365), (date(2029, 3, 1), 366)]
)  # fmt: skip
def test_days_are_counted_through_it(day: date, late: int) -> None:
    assert days_past_due(borrower_standing([loan()], day)) == late


def test_a_promise_for_it_is_kept_on_it_and_broken_after_its_tolerance() -> None:
    assert promise.refusal(OWED, LEAP, owed=OWED, today=date(2028, 2, 15)) is None
    made = Promise(PromiseId(1), OWED, LEAP, datetime(2028, 2, 15, 4, tzinfo=UTC))

    def outcome(day: date, *paid: Payment) -> PromiseOutcome:
        return promise.judge(made, paid, day, country="CN", local_time=local_time_of(ANNA)).outcome

    assert outcome(LEAP, Payment("P", OWED.minor, LEAP)) is PromiseOutcome.KEPT
    assert outcome(date(2028, 3, 2)) is PromiseOutcome.OPEN, "a Tuesday and two business days"
    assert outcome(date(2028, 3, 3)) is PromiseOutcome.BROKEN


def test_monthly_instalments_from_it_keep_the_29th_and_clamp_a_year_later() -> None:
    terms = plan_terms(
        PlanRequest(
            OWED, date(2028, 2, 20), "GB", Frequency.MONTHLY, instalments=13, first_date=LEAP
        )
    )
    assert isinstance(terms, PlanTerms)
    days = [part.due_date for part in terms.instalments]

    assert days[0] == LEAP
    assert days[1] == date(2028, 3, 29)
    assert days[12] == date(2029, 2, 28)
    assert sum(part.amount for part in terms.instalments) == OWED.minor


def test_twelve_months_after_it_are_the_28th() -> None:
    assert add_months(LEAP, 12) == date(2029, 2, 28)
    assert add_months(LEAP, 48) == date(2032, 2, 29)
