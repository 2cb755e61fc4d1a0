from datetime import UTC, date, datetime, time

import pytest

from bot.rules.local_time import LocalTime, local_time_of
from storage.records import Borrower, BorrowerId


def of(country: str, timezone: str | None) -> LocalTime:
    return local_time_of(Borrower(BorrowerId(1), "B", "N", "en", country, timezone, None))


def test_a_day_begins_at_local_midnight() -> None:
    shanghai = of("CN", "Asia/Shanghai")
    assert shanghai.day(datetime(2026, 11, 22, 15, 59, tzinfo=UTC)) == date(2026, 11, 22)
    assert shanghai.day(datetime(2026, 11, 22, 16, 0, tzinfo=UTC)) == date(2026, 11, 23)


def test_a_time_that_a_clock_change_skips_is_an_hour_later() -> None:
    # 01:30 on 29 March 2026 does not exist in London
    instant = of("GB", "Europe/London").instant(date(2026, 3, 29), time(1, 30))
    assert instant == datetime(2026, 3, 29, 1, 30, tzinfo=UTC)  # 02:30 there


def test_a_time_that_happens_twice_is_the_first() -> None:
    instant = of("GB", "Europe/London").instant(date(2026, 10, 25), time(1, 30))
    assert instant == datetime(2026, 10, 25, 0, 30, tzinfo=UTC)


def test_with_an_unknown_zone_the_day_and_the_hour_have_come_everywhere() -> None:
    somewhere = of("CN", None)  # Shanghai and, two hours later, Urumqi
    assert somewhere.day(datetime(2026, 11, 22, 17, tzinfo=UTC)) == date(2026, 11, 22)
    assert somewhere.day(datetime(2026, 11, 22, 18, tzinfo=UTC)) == date(2026, 11, 23)
    ten = somewhere.instant(date(2026, 11, 22), time(10))
    assert ten == datetime(2026, 11, 22, 4, tzinfo=UTC)


def test_a_country_without_zones_needs_a_zone() -> None:
    with pytest.raises(ValueError, match="no time zone"):
        of("XX", None)
