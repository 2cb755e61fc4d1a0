from datetime import date, timedelta
from decimal import Decimal

import holidays
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.rules.plan import (
    Approval,
    PlanRefusal,
    PlanRequest,
    PlanRule,
    PlanTerms,
    add_months,
    equal_parts,
    fewest_parts,
    months_between,
    plan_terms,
)
from bot.rules.plan_policy import Frequency, PlanPolicy, default_policy
from storage.records import Instalment, Money

TODAY = date(2026, 1, 20)


def money(text: str, currency: str = "USD") -> Money:
    return Money.parse(text, currency)


def request(**changes: object) -> PlanRequest:
    """100 dollars from the end of January on, monthly, in the United States."""
    given: dict[str, object] = {
        "balance": money("100.00"),
        "today": TODAY,
        "country": "US",
        "frequency": Frequency.MONTHLY,
        "first_date": date(2026, 1, 30),
    }
    return PlanRequest(**(given | changes))


def agreed(policy: PlanPolicy | None = None, **changes: object) -> PlanTerms:
    found = plan_terms(request(**changes), policy)
    assert isinstance(found, PlanTerms), found
    return found


def refused(policy: PlanPolicy | None = None, **changes: object) -> tuple[PlanRefusal, ...]:
    found = plan_terms(request(**changes), policy)
    assert isinstance(found, tuple), found
    return found


def due_dates(**changes: object) -> list[date]:
    return [part.due_date for part in agreed(**changes).instalments]


# --- Amounts --------------------------------------------------------------------------------


def test_the_last_part_takes_the_remainder() -> None:
    assert [part.amount for part in agreed(instalments=3).instalments] == [3333, 3333, 3334]


def test_parts_are_minor_units_of_their_currency() -> None:
    assert equal_parts(money("100", "JPY"), 3) == (33, 33, 34)
    assert equal_parts(money("100", "KWD"), 3) == (33333, 33333, 33334)


def test_a_down_payment_is_apart_from_the_list() -> None:
    parts = agreed(instalments=3, down_payment=money("10.00")).instalments
    assert sum(part.amount for part in parts) == 9000


@pytest.mark.parametrize(
    ("amount", "affordable", "count"),
    [
        ("100.00", "100.00", 1),
        ("100.00", "500.00", 1),
        ("100.00", "50.00", 2),
        ("100.00", "33.34", 3),  # 33.33 + 33.33 + 33.34
        ("100.00", "33.33", 4),
        ("10.00", "0.35", 37),  # the last of 29 parts would be 0.48, of 36 still 0.55
        ("0.03", "0.01", 3),
    ],
)
def test_affordable_means_every_part_the_last_included(
    amount: str, affordable: str, count: int
) -> None:
    assert fewest_parts(money(amount), money(affordable)) == count


@given(st.integers(1, 4000), st.integers(1, 4000))
@settings(max_examples=300)
def test_no_smaller_number_of_parts_is_affordable(amount: int, affordable: int) -> None:
    whole, most = Money(amount, "USD"), Money(affordable, "USD")
    count = fewest_parts(whole, most)
    fitting = [n for n in range(1, count + 1) if max(equal_parts(whole, n)) <= affordable]
    assert fitting == [count]


def test_the_largest_balance_in_the_smallest_parts_is_answered_at_once() -> None:
    # (10^6 + 2) (10^6 - 2) = 10^12 - 4, so the last part is 4 larger
    assert fewest_parts(Money(10**12, "USD"), Money(10**6 + 7, "USD")) == 999_998
    assert fewest_parts(Money(10**12, "USD"), Money(1, "USD")) == 10**12


# --- Dates ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("start", "months", "expected"),
    [
        (date(2026, 1, 31), 1, date(2026, 2, 28)),
        (date(2026, 1, 31), 2, date(2026, 3, 31)),
        (date(2027, 12, 31), 2, date(2028, 2, 29)),
        (date(2028, 2, 29), 12, date(2029, 2, 28)),
        (date(2026, 3, 31), -1, date(2026, 2, 28)),
        (date(2026, 1, 15), -1, date(2025, 12, 15)),
    ],
)
def test_a_month_later_is_the_same_day_or_the_last(
    start: date, months: int, expected: date
) -> None:
    assert add_months(start, months) == expected


def test_the_day_of_the_month_is_kept_through_a_short_month() -> None:
    assert due_dates(first_date=date(2026, 1, 30), instalments=3) == [
        date(2026, 1, 30),
        date(2026, 3, 2),  # 28 February is a Saturday
        date(2026, 3, 30),
    ]


def test_weekly_dates_are_seven_days_apart_and_fortnightly_fourteen() -> None:
    weekly = due_dates(frequency=Frequency.WEEKLY, first_date=date(2026, 1, 27), instalments=3)
    assert weekly == [date(2026, 1, 27), date(2026, 2, 3), date(2026, 2, 10)]
    two = due_dates(frequency=Frequency.FORTNIGHTLY, first_date=date(2026, 1, 27), instalments=2)
    assert two == [date(2026, 1, 27), date(2026, 2, 10)]


def test_a_moved_date_does_not_drag_the_later_ones_along() -> None:
    # 31 January 2026 is a Saturday
    assert due_dates(first_date=date(2026, 1, 31), instalments=3) == [
        date(2026, 2, 2),
        date(2026, 3, 2),
        date(2026, 3, 31),
    ]


def test_a_date_moved_onto_another_pushes_that_one_on() -> None:
    # Golden week: 1 October 2026 moves to the 8th, which is the next week's own date
    assert due_dates(
        country="CN",
        balance=money("100.00", "CNY"),
        today=date(2026, 9, 20),
        first_date=date(2026, 9, 24),
        frequency=Frequency.WEEKLY,
        instalments=4,
    ) == [date(2026, 9, 24), date(2026, 10, 8), date(2026, 10, 9), date(2026, 10, 15)]


def test_a_make_up_working_saturday_is_no_due_date() -> None:
    # 10 October 2026 is worked in China
    assert due_dates(
        country="CN", today=date(2026, 9, 30), first_date=date(2026, 10, 10), instalments=1
    ) == [date(2026, 10, 12)]


@pytest.mark.parametrize(
    ("frequency", "days"),
    [(Frequency.WEEKLY, 7), (Frequency.FORTNIGHTLY, 14), (Frequency.MONTHLY, 14)],
)
def test_without_a_first_date_there_is_a_default(frequency: Frequency, days: int) -> None:
    [part] = agreed(frequency=frequency, first_date=None, instalments=1).instalments
    assert part.due_date == TODAY + timedelta(days=days)


# --- Pay-days -------------------------------------------------------------------------------


def payday_dates(today: date, payday: int, count: int = 1, country: str = "CN") -> list[date]:
    return due_dates(
        today=today,
        payday=payday,
        instalments=count,
        country=country,
        frequency=Frequency.PAYDAY,
        first_date=None,
    )


def test_a_pay_day_plan_falls_due_the_first_business_day_after_pay_day() -> None:
    # 15 January 2027 is a Friday
    assert payday_dates(date(2026, 12, 20), 15) == [date(2027, 1, 18)]


def test_the_first_due_date_after_a_pay_day_is_at_least_three_days_away() -> None:
    # pay-day on the 24th is due on the 25th
    assert payday_dates(date(2026, 11, 22), 24) == [date(2026, 11, 25)]
    assert payday_dates(date(2026, 11, 23), 24) == [date(2026, 12, 25)]


def test_a_pay_day_of_last_month_counts_while_its_due_date_lies_ahead() -> None:
    # pay-day 30 September is due after golden week, on 8 October
    assert payday_dates(date(2026, 10, 3), 30) == [date(2026, 10, 8)]
    assert payday_dates(date(2026, 10, 6), 30) == [date(2026, 11, 2)]


def test_a_pay_day_that_a_month_lacks_is_its_last_day() -> None:
    assert payday_dates(date(2027, 1, 10), 31, 3) == [
        date(2027, 2, 1),
        date(2027, 3, 1),
        date(2027, 4, 1),
    ]


def test_pay_day_plans_count_one_month_less_than_instalments() -> None:
    kwargs = {"frequency": Frequency.PAYDAY, "payday": 1, "first_date": None}
    four = agreed(instalments=4, **kwargs)
    assert (four.months, four.approval) == (3, Approval.AUTOMATIC)
    assert agreed(instalments=5, **kwargs).approval is Approval.REVIEW


def test_a_pay_day_plan_may_begin_later_than_the_latest_first_payment() -> None:
    assert payday_dates(date(2026, 11, 23), 20) == [date(2026, 12, 21)]


# --- Approval -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("count", "down", "approval"),
    [
        (1, None, Approval.AUTOMATIC),
        (4, None, Approval.AUTOMATIC),
        (5, None, Approval.REVIEW),
        (5, "10.00", Approval.AUTOMATIC),
        (5, "9.99", Approval.REVIEW),
        (7, "10.00", Approval.AUTOMATIC),
        (8, "10.00", Approval.REVIEW),
        (13, None, Approval.REVIEW),
        (14, None, Approval.PERSON),
    ],
)
def test_longer_plans_need_more_of_a_yes(count: int, down: str | None, approval: Approval) -> None:
    paid_down = None if down is None else money(down)
    assert agreed(instalments=count, down_payment=paid_down).approval is approval


def test_weekly_plans_count_months_to_the_last_nominal_date() -> None:
    # 27 January to 28 April 2026 is three months and a day; to 21 April less than three
    weekly = {"frequency": Frequency.WEEKLY, "first_date": date(2026, 1, 27)}
    assert agreed(instalments=13, **weekly).months == 3
    assert agreed(instalments=14, **weekly).months == 4


@given(st.dates(date(2026, 1, 1), date(2030, 12, 31)), st.integers(0, 900))
def test_months_between_is_the_smallest_number_that_reaches(first: date, days: int) -> None:
    last = first + timedelta(days=days)
    months = months_between(first, last)
    assert add_months(first, months) >= last
    assert months == 0 or add_months(first, months - 1) < last


# --- Refusals -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("balance", "currency", "least"),
    [
        ("1000.00", "USD", "20.00"),
        ("400.00", "USD", "20.00"),
        ("399.99", "USD", "19.99"),
        ("100.00", "USD", "5.00"),
        ("10000", "JPY", "20"),
        ("90", "JPY", "4"),
        ("1000.000", "KWD", "20.000"),
        ("0.10", "USD", "0.01"),
    ],
)
def test_the_least_instalment_is_the_lower_of_twenty_and_five_percent(
    balance: str, currency: str, least: str
) -> None:
    [refusal] = [
        one
        for one in refused(balance=money(balance, currency), instalments=10_000)
        if one.rule is PlanRule.LEAST_INSTALMENT
    ]
    assert str(refusal.limit) == least


def test_five_percent_are_of_the_whole_balance_also_after_a_down_payment() -> None:
    # 5 % of 100 is 5.00; 90 in 19 parts is 4.73
    [refusal] = refused(instalments=19, down_payment=money("10.00"))
    assert refusal == PlanRefusal(PlanRule.LEAST_INSTALMENT, money("5.00"), money("4.73"))


def test_a_part_of_exactly_the_least_is_enough() -> None:
    assert len(agreed(instalments=20).instalments) == 20


def test_nobody_is_asked_for_instalments_of_nothing() -> None:
    [refusal] = refused(balance=money("0.02"), instalments=3)
    assert refusal == PlanRefusal(PlanRule.LEAST_INSTALMENT, money("0.01"), money("0.00"))


@pytest.mark.parametrize("days", [3, 14])
def test_a_first_payment_on_either_edge_is_allowed(days: int) -> None:
    assert agreed(first_date=TODAY + timedelta(days=days), instalments=1)


def test_a_first_payment_too_soon_or_too_late_is_refused() -> None:
    assert refused(first_date=date(2026, 1, 22), instalments=1) == (
        PlanRefusal(PlanRule.FIRST_PAYMENT_EARLIEST, date(2026, 1, 23), date(2026, 1, 22)),
    )
    assert refused(first_date=date(2026, 2, 4), instalments=1) == (
        PlanRefusal(PlanRule.FIRST_PAYMENT_LATEST, date(2026, 2, 3), date(2026, 2, 4)),
    )


def test_the_first_payment_is_judged_before_it_moves() -> None:
    # 31 January is a Saturday and the 14th day; it moves to the 16th
    assert due_dates(today=date(2026, 1, 17), first_date=date(2026, 1, 31), instalments=1) == [
        date(2026, 2, 2)
    ]


def test_sixty_months_are_the_end() -> None:
    big = money("10000.00")
    assert agreed(balance=big, instalments=61).approval is Approval.PERSON
    assert refused(balance=big, instalments=62) == (PlanRefusal(PlanRule.MOST_MONTHS, 60, 61),)


def test_every_refusal_is_told_in_one_order() -> None:
    rules = [one.rule for one in refused(first_date=TODAY, instalments=100)]
    assert rules == [
        PlanRule.LEAST_INSTALMENT,
        PlanRule.FIRST_PAYMENT_EARLIEST,
        PlanRule.MOST_MONTHS,
    ]


def test_a_number_of_instalments_beyond_any_calendar_is_refused_not_a_crash() -> None:
    *_, months = refused(frequency=Frequency.WEEKLY, instalments=146_097 * 100 + 1)
    assert months == PlanRefusal(PlanRule.MOST_MONTHS, 60, 4800 * 7 * 100)


def test_a_policy_may_replace_every_number() -> None:
    policy = default_policy().model_copy(
        update={"most_months": 2, "first_days_min": 0, "least_amount": Decimal(60)}
    )
    assert [one.rule for one in refused(policy, first_date=TODAY, instalments=30)] == [
        PlanRule.LEAST_INSTALMENT,
        PlanRule.MOST_MONTHS,
    ]


@pytest.mark.parametrize(
    "changes",
    [
        {"instalments": None},
        {"instalments": 2, "affordable": Money(1, "USD")},
        {"instalments": 0},
        {"affordable": Money(0, "USD")},
        {"instalments": 1, "balance": Money(0, "USD")},
        {"instalments": 1, "down_payment": Money(-1, "USD")},
        {"instalments": 1, "down_payment": Money(10_000, "USD")},
        {"instalments": 1, "payday": 3},
        {"instalments": 1, "frequency": Frequency.PAYDAY, "first_date": None},
        {"instalments": 1, "frequency": Frequency.PAYDAY, "payday": 3},
        {"instalments": 1, "frequency": Frequency.PAYDAY, "payday": 32, "first_date": None},
        {"instalments": 1, "down_payment": Money(1, "EUR")},
    ],
)
def test_a_proposal_without_sense_is_no_proposal(changes: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=r".+"):
        request(**changes)


def test_a_frequency_the_policy_does_not_offer_is_an_error() -> None:
    policy = default_policy().model_copy(update={"frequencies": [Frequency.WEEKLY]})
    with pytest.raises(ValueError, match="offers weekly"):
        plan_terms(request(instalments=1), policy)


# --- Against a plain recomputation ----------------------------------------------------------


def oracle_dates(first: date, frequency: Frequency, count: int, country: str) -> list[date]:
    """Day by day, with the calendar's own package."""
    off = holidays.country_holidays(country)
    found: list[date] = []
    for index in range(count):
        if frequency is Frequency.MONTHLY:
            day = first
            for _ in range(index):  # the first day of each next month
                day = (day.replace(day=28) + timedelta(days=4)).replace(day=1)
            last = (day.replace(day=28) + timedelta(days=4)).replace(day=1) - timedelta(days=1)
            day = day.replace(day=min(first.day, last.day))
        else:
            day = first + timedelta(days=index * (7 if frequency is Frequency.WEEKLY else 14))
        while day.weekday() >= 5 or day in off or day in found:
            day += timedelta(days=1)
        found.append(day)
    return found


@given(
    balance=st.integers(1, 10**7),
    count=st.integers(1, 30),
    today=st.dates(date(2026, 1, 1), date(2028, 12, 31)),
    ahead=st.integers(3, 14),
    frequency=st.sampled_from([Frequency.WEEKLY, Frequency.FORTNIGHTLY, Frequency.MONTHLY]),
    country=st.sampled_from(["CN", "US", "GB", "IN"]),
)
@settings(max_examples=max(200, settings.default.max_examples))
def test_plans_agree_with_a_plain_recomputation(
    balance: int, count: int, today: date, ahead: int, frequency: Frequency, country: str
) -> None:
    first = today + timedelta(days=ahead)
    asked = PlanRequest(
        Money(balance, "CNY"), today, country, frequency, instalments=count, first_date=first
    )
    terms = plan_terms(asked)
    if isinstance(terms, tuple):
        assert [one.rule for one in terms] == [PlanRule.LEAST_INSTALMENT]
        assert balance // count < max(1, min(2000, balance * 5 // 100))
        return
    parts = terms.instalments
    assert sum(part.amount for part in parts) == balance
    assert {part.amount for part in parts[:-1]} <= {balance // count}
    assert [part.due_date for part in parts] == oracle_dates(first, frequency, count, country)
    assert [part.number for part in parts] == list(range(1, count + 1))


# --- Parts that somebody named ---------------------------------------------------------------

FRIDAY, SATURDAY = date(2026, 1, 30), date(2026, 1, 31)


def named(*parts: tuple[date, str]) -> dict[str, object]:
    return {
        "first_date": None,
        "named": tuple(
            Instalment(number, day, money(amount).minor)
            for number, (day, amount) in enumerate(parts, start=1)
        ),
    }


def test_named_parts_keep_their_days_and_amounts_and_move_off_a_weekend() -> None:
    terms = agreed(**named((FRIDAY, "20.00"), (SATURDAY, "30.00"), (date(2026, 2, 27), "50.00")))

    assert [(part.due_date, part.amount) for part in terms.instalments] == [
        (FRIDAY, 2_000),
        (date(2026, 2, 2), 3_000),
        (date(2026, 2, 27), 5_000),
    ]
    assert (terms.approval, terms.months) == (Approval.AUTOMATIC, 1)


def test_named_parts_are_judged_like_any_others() -> None:
    too_soon = TODAY + timedelta(days=2)
    found = refused(**named((too_soon, "4.99"), (date(2031, 2, 1), "95.01")))

    assert [one.rule for one in found] == [
        PlanRule.LEAST_INSTALMENT,
        PlanRule.FIRST_PAYMENT_EARLIEST,
        PlanRule.MOST_MONTHS,
    ]
    later = agreed(**named((FRIDAY, "20.00"), (date(2026, 7, 1), "80.00")))
    assert (later.approval, later.months) == (Approval.REVIEW, 6)


@pytest.mark.parametrize(
    "parts",
    [
        [(FRIDAY, "20.00"), (SATURDAY, "79.99")],
        [(FRIDAY, "20.00"), (FRIDAY, "80.00")],
        [(SATURDAY, "20.00"), (FRIDAY, "80.00")],
        [(FRIDAY, "0.00"), (SATURDAY, "100.00")],
    ],
)
def test_named_parts_that_do_not_add_up_or_follow_each_other_are_no_request(
    parts: list[tuple[date, str]],
) -> None:
    with pytest.raises(ValueError, match="named"):
        request(**named(*parts))
