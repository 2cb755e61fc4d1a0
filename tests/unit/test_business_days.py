from datetime import date, timedelta

import pytest

from bot.rules import business_days
from bot.rules.business_days import is_weekend
from bot.rules.public_holidays import is_public_holiday

NATIONAL_DAY = date(2026, 10, 1)  # China: 1 to 7 October are days off, 10 October is worked


def test_a_weekday_that_is_no_holiday_is_a_business_day() -> None:
    assert business_days.is_business_day("CN", date(2026, 11, 23))


def test_weekends_and_public_holidays_are_no_business_days() -> None:
    assert not business_days.is_business_day("CN", date(2026, 11, 22))
    assert not business_days.is_business_day("CN", NATIONAL_DAY)


def test_a_make_up_working_saturday_stays_a_weekend() -> None:
    assert is_weekend("CN", date(2026, 10, 10))
    assert not business_days.is_business_day("CN", date(2026, 10, 10))


def test_a_weekend_is_no_public_holiday() -> None:
    assert not is_public_holiday("GB", date(2026, 11, 22))


def test_an_observed_day_is_a_public_holiday() -> None:
    # 4 July 2026 is a Saturday
    assert is_public_holiday("US", date(2026, 7, 3))


def test_a_country_has_its_own_weekend() -> None:
    friday = date(2026, 11, 20)
    assert is_weekend("KW", friday)
    assert not is_weekend("GB", friday)


def test_a_country_nobody_knows_still_has_weekends() -> None:
    assert business_days.is_business_day("XX", date(2026, 1, 1))
    assert not business_days.is_business_day("XX", date(2026, 11, 22))


def test_the_first_business_day_after_golden_week_is_the_eighth() -> None:
    assert business_days.on_or_after("CN", NATIONAL_DAY) == date(2026, 10, 8)
    assert business_days.on_or_before("CN", NATIONAL_DAY) == date(2026, 9, 30)


def test_a_business_day_is_its_own_on_or_after_and_on_or_before() -> None:
    monday = date(2026, 11, 23)
    assert business_days.on_or_after("CN", monday) == monday
    assert business_days.on_or_before("CN", monday) == monday


def test_after_and_before_never_answer_the_day_itself() -> None:
    monday = date(2026, 11, 23)
    assert business_days.after("CN", monday) == date(2026, 11, 24)
    assert business_days.before("CN", monday) == date(2026, 11, 20)


@pytest.mark.parametrize(
    ("day", "expected"),
    [
        (date(2026, 11, 20), date(2026, 11, 24)),  # Friday
        (date(2026, 11, 21), date(2026, 11, 24)),  # Saturday
        (date(2026, 9, 30), date(2026, 10, 9)),  # the eve of golden week
    ],
)
def test_two_business_days_skip_weekends_and_holidays(day: date, expected: date) -> None:
    assert business_days.add("CN", day, 2) == expected
    assert business_days.add("CN", day, 0) == day


def test_every_answer_is_a_business_day_over_two_years() -> None:
    for offset in range(730):
        day = date(2026, 1, 1) + timedelta(days=offset)
        later = business_days.on_or_after("IN", day)
        assert business_days.is_business_day("IN", later)
        assert not any(
            business_days.is_business_day("IN", day + timedelta(days=n))
            for n in range((later - day).days)
        )
