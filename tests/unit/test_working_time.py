"""When a stretch of working time is over: nights, weekends and holidays do not count."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.rules.working_hours import WorkingHours
from bot.rules.zones import load_zone

HOURS = WorkingHours.parse("1-5 09:00-18:00")
SHANGHAI = load_zone("Asia/Shanghai")
NEW_YORK = load_zone("America/New_York")


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI)


@pytest.mark.parametrize(
    ("start", "minutes", "over"),
    [
        ("2026-11-23T10:00", 5, "2026-11-23T10:05"),
        ("2026-11-23T17:58", 5, "2026-11-24T09:03"),
        ("2026-11-23T17:55", 5, "2026-11-23T18:00"),
        ("2026-11-23T20:00", 5, "2026-11-24T09:05"),
        ("2026-11-21T12:00", 15, "2026-11-23T09:15"),  # a Saturday
        ("2026-09-30T17:50", 15, "2026-10-08T09:05"),  # before the national holiday
        ("2026-11-23T09:00", 9 * 60 + 1, "2026-11-24T09:01"),
    ],
)
def test_working_time_is_counted_over_nights_and_days_off(
    start: str, minutes: int, over: str
) -> None:
    found = HOURS.after(at(start), timedelta(minutes=minutes), SHANGHAI, "CN")
    assert found == at(over)


BEGINNING = datetime(2026, 1, 1, tzinfo=UTC)
moments = st.integers(0, 700 * 24 * 3600).map(lambda gone: BEGINNING + timedelta(seconds=gone))
lengths = st.integers(0, 3 * 24 * 60).map(lambda minutes: timedelta(minutes=minutes))


@given(start=moments, length=lengths, more=lengths)
def test_two_stretches_one_after_the_other_are_one_long_one(
    start: datetime, length: timedelta, more: timedelta
) -> None:
    first = HOURS.after(start, length, NEW_YORK, "US")
    together = HOURS.after(start, length + more, NEW_YORK, "US")
    assert HOURS.after(first, more, NEW_YORK, "US") == together or not more
    assert start + length <= together
