import random
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.rules.local_time import local_time_of
from bot.rules.plan_standing import (
    NewPlanRefusal,
    PlanStanding,
    PlanState,
    new_plan_refusal,
    payments_in_scope,
    plan_standing,
)
from storage.records import (
    Borrower,
    BorrowerId,
    DueItem,
    Instalment,
    Loan,
    LoanId,
    Money,
    Payment,
    Plan,
    PlanId,
)

LOCAL = local_time_of(Borrower(BorrowerId(1), "B", "N", "en", "GB", "Europe/London", None))
AGREED = date(2026, 6, 1)
# Wednesdays without a holiday near; the grace of each ends on the Monday after
FIRST, SECOND, THIRD = date(2026, 6, 10), date(2026, 6, 17), date(2026, 6, 24)
GRACE = timedelta(days=5)


def at(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, 12, tzinfo=UTC)


def plan(down: int = 0, amounts: tuple[int, ...] = (100, 100, 100), **dates: date) -> Plan:
    facts = {"proposed_at": AGREED, "approved_at": AGREED, "agreed_at": AGREED} | dates
    return Plan(
        plan_id=PlanId(1),
        balance=Money(sum(amounts) + down, "GBP"),
        down_payment=down,
        frequency="weekly",
        instalments=tuple(
            Instalment(number, FIRST + timedelta(days=7 * (number - 1)), amount)
            for number, amount in enumerate(amounts, start=1)
        ),
        **{name: at(day) for name, day in facts.items() if day is not None},
    )


def paid(*some: tuple[int, date] | tuple[int, date, date]) -> list[Payment]:
    return [Payment(f"P{number}", *one) for number, one in enumerate(some)]


def stand(one: Plan, payments: list[Payment], day: date) -> PlanStanding:
    return plan_standing(one, payments, day, country="GB", local_time=LOCAL)


def unpaid(standing: PlanStanding) -> list[tuple[date, int]]:
    return [(part.due_date, part.unpaid) for part in standing.instalments if part.unpaid]


# --- Before anything is paid ------------------------------------------------------------------


@pytest.mark.parametrize(
    ("facts", "state"),
    [
        ({"approved_at": None, "agreed_at": None}, PlanState.PROPOSED),
        ({"agreed_at": None}, PlanState.AUTO_APPROVED),
        ({"approved_at": None, "agreed_at": None, "rejected_at": AGREED}, PlanState.REJECTED),
        ({"approved_at": None, "agreed_at": None, "countered_at": AGREED}, PlanState.COUNTERED),
        ({"cancelled_at": AGREED}, PlanState.CANCELLED),
        ({}, PlanState.AGREED),
        ({"proposed_at": FIRST, "approved_at": None, "agreed_at": None}, PlanState.DRAFT),
    ],
)
def test_a_plan_is_what_its_facts_say(facts: dict[str, date], state: PlanState) -> None:
    assert stand(plan(**facts), [], AGREED).state is state


def test_a_plan_a_person_has_to_approve_is_under_review_until_then() -> None:
    undecided = plan(approved_at=None, agreed_at=None)
    review = replace(undecided, approval="review")
    assert stand(review, [], AGREED).state is PlanState.UNDER_REVIEW
    approved = replace(review, approved_at=at(AGREED))
    assert stand(approved, [], AGREED).state is PlanState.APPROVED


def test_a_plan_becomes_active_with_its_first_money_or_first_date() -> None:
    assert stand(plan(), [], FIRST - timedelta(days=1)).state is PlanState.AGREED
    assert stand(plan(), paid((1, AGREED)), AGREED).state is PlanState.ACTIVE
    assert stand(plan(), [], FIRST).state is PlanState.ACTIVE


def test_money_from_before_the_agreement_does_not_count() -> None:
    assert stand(plan(), paid((100, AGREED - timedelta(days=1))), FIRST).paid == Money(0, "GBP")


# --- Paying -----------------------------------------------------------------------------------


def test_a_partial_payment_goes_to_the_oldest_instalment() -> None:
    standing = stand(plan(), paid((60, FIRST)), FIRST)
    assert unpaid(standing) == [(FIRST, 40), (SECOND, 100), (THIRD, 100)]
    assert standing.left == Money(240, "GBP")


def test_what_is_paid_beyond_the_next_instalment_shortens_the_plan_from_its_tail() -> None:
    assert unpaid(stand(plan(), paid((130, FIRST)), FIRST)) == [(SECOND, 70), (THIRD, 100)]
    early = stand(plan(), paid((130, AGREED)), AGREED)
    assert unpaid(early) == [(SECOND, 100), (THIRD, 70)]


def test_two_transfers_of_one_day_are_like_one() -> None:
    one = stand(plan(), paid((130, AGREED)), AGREED)
    two = stand(plan(), paid((100, AGREED), (30, AGREED)), AGREED)
    assert one == two


def test_a_plan_paid_in_full_is_completed_also_before_its_end() -> None:
    assert stand(plan(), paid((300, FIRST)), FIRST).state is PlanState.COMPLETED
    assert stand(plan(), paid((350, FIRST)), FIRST).left == Money(0, "GBP")


def test_a_down_payment_comes_first() -> None:
    standing = stand(plan(down=50), paid((120, AGREED)), AGREED)
    assert standing.down_unpaid == Money(0, "GBP")
    assert unpaid(standing) == [(FIRST, 30), (SECOND, 100), (THIRD, 100)]


def test_without_its_down_payment_a_plan_never_begins() -> None:
    # agreed on a Monday; three business days later is Thursday
    assert stand(plan(down=50), paid((49, AGREED)), date(2026, 6, 4)).is_kept
    late = stand(plan(down=50), paid((49, AGREED)), date(2026, 6, 5))
    assert late.state is PlanState.BROKEN


# --- Missing ----------------------------------------------------------------------------------


def test_within_the_grace_an_unpaid_instalment_is_a_risk_and_not_a_miss() -> None:
    assert stand(plan(), [], FIRST + timedelta(days=1)).state is PlanState.AT_RISK
    in_grace = stand(plan(), paid((100, FIRST + GRACE)), FIRST + GRACE)
    assert in_grace.state is PlanState.ACTIVE
    assert unpaid(in_grace) == [(SECOND, 100), (THIRD, 100)]


def test_one_missed_instalment_moves_to_the_end() -> None:
    standing = stand(plan(), paid((30, FIRST)), FIRST + GRACE + timedelta(days=1))
    assert standing.state is PlanState.AT_RISK
    assert standing.is_kept
    assert unpaid(standing) == [(SECOND, 100), (THIRD, 100), (THIRD + timedelta(days=7), 70)]
    assert [part.moved for part in standing.instalments] == [True, False, False, False]
    assert standing.left == Money(270, "GBP")


def test_paying_the_next_instalment_cures_a_miss() -> None:
    assert stand(plan(), paid((100, SECOND)), SECOND).state is PlanState.CURED


def test_two_misses_in_a_row_break_the_plan() -> None:
    last_chance = SECOND + GRACE
    assert stand(plan(), [], last_chance).state is PlanState.AT_RISK
    assert stand(plan(), [], last_chance + timedelta(days=1)).state is PlanState.BROKEN


def test_two_misses_apart_do_not_break_it() -> None:
    standing = stand(plan(), paid((100, SECOND)), THIRD + GRACE + timedelta(days=1))
    assert standing.is_kept
    assert len(unpaid(standing)) == 2


def test_a_reversed_payment_undoes_the_cure() -> None:
    back = paid((100, FIRST, date(2026, 6, 20)), (100, SECOND))
    assert stand(plan(), back, date(2026, 6, 19)).state is PlanState.ACTIVE
    # in hindsight the first was missed and the second paid
    assert stand(plan(), back, date(2026, 6, 20)).state is PlanState.CURED


def test_only_payments_of_the_plans_currency_are_its_own() -> None:
    pounds, dollars = paid((1, FIRST), (2, FIRST))
    loans = [
        Loan(LoanId(n), f"L{n}", "card", currency, 0, "", AGREED, payments=(one,))
        for n, (currency, one) in enumerate([("GBP", pounds), ("USD", dollars)])
    ]
    assert payments_in_scope(plan(), loans, LOCAL, FIRST) == (pounds,)


def test_money_for_a_loan_that_was_not_due_is_no_instalment() -> None:
    late, coming = paid((1, FIRST), (2, FIRST))
    loans = [
        Loan(
            LoanId(n),
            f"L{n}",
            "card",
            "GBP",
            300,
            "",
            AGREED,
            (DueItem(due, 300, 0, 0, 0),),
            (one,),
        )
        for n, (due, one) in enumerate([(AGREED, late), (AGREED + timedelta(days=9), coming)])
    ]
    assert payments_in_scope(plan(), loans, LOCAL, FIRST) == (late,)
    assert payments_in_scope(replace(plan(), covers_all=True), loans, LOCAL, FIRST) == (
        late,
        coming,
    )


def test_money_beyond_a_loans_part_is_for_what_fell_due_later() -> None:
    first, second, third = paid((200, FIRST), (200, SECOND), (50, SECOND, THIRD))
    loan = Loan(
        LoanId(1), "L1", "card", "GBP", 600, "", AGREED,
        (DueItem(AGREED, 300, 0, 0, 0), DueItem(SECOND, 300, 0, 0, 0)), (third, second, first),
    )  # fmt: skip

    def counted(day: date) -> list[int]:
        return [one.amount for one in payments_in_scope(plan(), [loan], LOCAL, day)]

    assert counted(SECOND) == [200, 50, 50]
    assert counted(THIRD) == [200, 100], "the reversed one is none, so the next counts further"


def test_a_loan_that_was_due_stays_in_the_plan_when_it_is_paid_the_same_day() -> None:
    agreed = plan().agreed_at
    assert agreed is not None
    after = Payment("P1", 300, AGREED, received_at=agreed + timedelta(seconds=1))
    loans = [
        Loan(
            LoanId(1),
            "L1",
            "card",
            "GBP",
            0,
            "",
            AGREED,
            (DueItem(AGREED, 300, 0, 0, 0),),
            (after,),
        ),
        Loan(LoanId(2), "L2", "card", "GBP", 0, "", AGREED),
    ]
    assert payments_in_scope(plan(), loans, LOCAL, FIRST) == (after,)


def test_a_payment_known_when_the_plan_was_agreed_is_none_of_its_instalments() -> None:
    agreed = plan().agreed_at
    assert agreed is not None
    before, after = (
        Payment(f"P{late}", 100, AGREED, received_at=agreed + timedelta(seconds=late))
        for late in (0, 1)
    )
    loans = [Loan(LoanId(1), "L1", "card", "GBP", 0, "", AGREED, payments=(before, after))]
    assert payments_in_scope(plan(), loans, LOCAL, FIRST) == (after,)


# --- Another plan -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("one", "payments", "day", "expected"),
    [
        (plan(), [], AGREED, NewPlanRefusal.ONE_ACTIVE),
        (plan(agreed_at=None), [], AGREED, NewPlanRefusal.ONE_ACTIVE),
        (plan(), paid((300, FIRST)), FIRST, NewPlanRefusal.TOO_SOON),
        (plan(), paid((300, FIRST)), date(2027, 5, 31), NewPlanRefusal.TOO_SOON),
        (plan(), paid((300, FIRST)), date(2027, 6, 1), None),
        (plan(agreed_at=None, rejected_at=AGREED), [], FIRST, None),
        (plan(agreed_at=None, cancelled_at=AGREED), [], FIRST, None),
    ],
)
def test_one_plan_at_a_time_and_one_a_year(
    one: Plan, payments: list[Payment], day: date, expected: NewPlanRefusal | None
) -> None:
    both = [(one, stand(one, payments, day))]
    assert new_plan_refusal(both, day, local_time=LOCAL) is expected


# --- Properties -------------------------------------------------------------------------------


@given(
    payments=st.lists(st.tuples(st.integers(1, 200), st.integers(0, 60)), max_size=6),
    day=st.integers(0, 80),
    down=st.sampled_from([0, 50]),
    shuffler=st.randoms(use_true_random=False),
)
def test_a_plan_neither_loses_nor_invents_money(
    payments: list[tuple[int, int]], day: int, down: int, shuffler: random.Random
) -> None:
    some = paid(*((amount, AGREED + timedelta(days=on)) for amount, on in payments))
    today = AGREED + timedelta(days=day)
    one = plan(down=down)
    standing = stand(one, some, today)
    came = sum(amount for amount, on in payments if on <= day)
    assert standing.paid.minor == came
    assert standing.left.minor == max(one.balance.minor - came, 0)
    dates = [part.due_date for part in standing.instalments]
    assert dates == sorted(dates)
    assert len({part.number for part in standing.instalments}) == len(dates)
    shuffler.shuffle(some)
    assert stand(one, some, today) == standing
