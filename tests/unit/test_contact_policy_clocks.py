"""Hours, days and caps across clock changes, vanished dates and zones nobody knows."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from bot.rules.contact_policy import ContactFacts, ContactPolicy, Hours, decide, policy_for
from bot.rules.zones import clock_of, clocks_for, from_micros, known_zones, to_micros, zones_of
from storage.records import Contact, ContactKind

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def until(
    at: datetime,
    country: str,
    zone: str | None,
    policy: ContactPolicy | None = None,
    **facts: Any,
) -> datetime | None:
    base = ContactFacts(at=at, kind=ContactKind.OVERDUE, country=country, timezone=zone)
    decision = decide(replace(base, **facts), policy or policy_for(country))
    assert decision.verdict == "defer"
    return decision.until


def instant(text: str, zone: str, fold: int = 0) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone), fold=fold).astimezone(UTC)


@pytest.mark.parametrize(
    ("evening", "morning"),
    [
        ("2027-03-13T22:00", "2027-03-14T08:00"),  # an hour is skipped in this night
        ("2026-10-31T22:00", "2026-11-01T08:00"),  # an hour comes twice
    ],
)
def test_the_morning_after_a_clock_change_begins_at_eight_on_the_wall(
    evening: str, morning: str
) -> None:
    zone = "America/New_York"
    assert until(instant(evening, zone), "US", zone) == instant(morning, zone)


def test_an_opening_that_the_clock_skips_is_the_moment_of_the_change() -> None:
    # Lord Howe goes from 02:00 to 02:30 on 4 October 2026, a Sunday
    policy = ContactPolicy(hours=Hours.parse("02:15-03:00"))
    at = instant("2026-10-04T01:00", "Australia/Lord_Howe")
    assert until(at, "AU", "Australia/Lord_Howe", policy) == at + HOUR


def test_a_window_that_the_clock_skips_altogether_opens_a_day_later() -> None:
    policy = ContactPolicy(hours=Hours.parse("02:00-02:30"))
    at = instant("2026-10-04T01:00", "Australia/Lord_Howe")
    expected = instant("2026-10-05T02:00", "Australia/Lord_Howe")
    assert until(at, "AU", "Australia/Lord_Howe", policy) == expected


def test_a_window_that_comes_twice_opens_twice() -> None:
    # New York, 1 November 2026: 01:00 to 02:00 comes twice
    policy = ContactPolicy(hours=Hours.parse("01:30-01:45"))
    first = instant("2026-11-01T01:30", "America/New_York")
    assert until(first - HOUR, "US", "America/New_York", policy) == first
    between = first + timedelta(minutes=20)
    assert until(between, "US", "America/New_York", policy) == first + HOUR


def test_a_day_that_begins_at_one_has_its_budget_from_one() -> None:
    # Beirut skips midnight to one o'clock on 29 March 2026
    evening = instant("2026-03-28T22:00", "Asia/Beirut")
    sent = (Contact(evening - HOUR, ContactKind.OVERDUE),)
    policy = ContactPolicy(cap_day=1)
    expected = instant("2026-03-29T01:00", "Asia/Beirut")
    assert until(evening, "LB", "Asia/Beirut", policy, history=sent) == expected


def test_a_midnight_that_comes_twice_begins_no_new_day_the_first_time() -> None:
    # Beirut goes from midnight back to 23:00 on 24 October 2026
    evening = instant("2026-10-24T22:00", "Asia/Beirut")
    sent = (Contact(evening - HOUR, ContactKind.OVERDUE),)
    policy = ContactPolicy(cap_day=1)
    assert until(evening, "LB", "Asia/Beirut", policy, history=sent) == evening + 3 * HOUR


def test_a_date_that_never_was_is_stepped_over() -> None:
    # Samoa had no 30 December 2011
    evening = instant("2011-12-29T22:00", "Pacific/Apia")
    expected = instant("2011-12-31T08:00", "Pacific/Apia")
    assert until(evening, "WS", "Pacific/Apia") == expected


def test_an_unknown_zone_waits_for_the_last_zone_of_the_country() -> None:
    at = instant("2026-11-23T07:00", "Asia/Shanghai")
    assert until(at, "CN", None) == instant("2026-11-23T08:00", "Asia/Urumqi")
    # and stops with the first: 19:00 in Urumqi is 21:00 in Shanghai
    late = instant("2026-11-23T19:00", "Asia/Urumqi")
    assert until(late, "CN", None) == instant("2026-11-24T08:00", "Asia/Urumqi")


def test_an_unknown_zone_counts_a_day_in_each_zone() -> None:
    # Sent at 00:30 in Shanghai, 22:30 of the day before in Urumqi: today in one of them
    sent = (Contact(instant("2026-11-23T00:30", "Asia/Shanghai"), ContactKind.OVERDUE),)
    noon = instant("2026-11-23T12:00", "Asia/Shanghai")
    expected = instant("2026-11-24T08:00", "Asia/Urumqi")
    assert until(noon, "CN", None, history=sent) == expected


def test_an_unknown_zone_keeps_a_holiday_until_it_is_over_everywhere() -> None:
    at = instant("2026-10-08T00:30", "Asia/Shanghai")
    assert until(at, "CN", None) == instant("2026-10-08T08:00", "Asia/Urumqi")


def test_zones_without_a_common_hour_are_never_open() -> None:
    policy = ContactPolicy(hours=Hours.parse("10:00-11:00"))
    assert until(instant("2026-11-23T12:00", "America/Denver"), "US", None, policy) is None


def test_a_country_without_a_zone_needs_one_named() -> None:
    assert zones_of("BV") == ()
    with pytest.raises(ValueError, match="BV"):
        clocks_for("BV", None)
    with pytest.raises(ValueError, match="Mars/Olympus"):
        clocks_for("BV", "Mars/Olympus")


def test_china_has_two_zones_and_the_old_names_are_known() -> None:
    assert zones_of("CN") == ("Asia/Shanghai", "Asia/Urumqi")
    assert "PRC" in known_zones()
    assert "Factory" not in known_zones()


@pytest.mark.parametrize(
    "zone",
    ["America/St_Johns", "Africa/Casablanca", "Asia/Gaza", "Pacific/Apia", "Antarctica/Troll"],
)
def test_the_table_of_a_zone_agrees_with_the_zone(zone: str) -> None:
    # every seven hours and some, so that all times of day and all clock changes are met
    clock, at = clock_of(zone), datetime(1990, 1, 1, tzinfo=UTC)
    while at.year < 2031:
        local = at.astimezone(clock.zone)
        days = (local.date() - EPOCH.date()).days
        assert clock.day(to_micros(at)) == days, at
        at += timedelta(hours=31, minutes=7)


def test_no_zone_changes_its_clock_twice_within_six_days() -> None:
    # Zones are sampled every two days, which misses nothing as long as this holds.
    at = to_micros(datetime(2027, 1, 1, tzinfo=UTC))
    for zone in ("Africa/Casablanca", "Africa/Cairo", "Asia/Gaza", "Australia/Lord_Howe"):
        clock = clock_of(zone)
        clock.day(at)
        changes = clock._stretches[2][1:]
        assert len(changes) > 2
        assert min(b - a for a, b in pairwise(changes)) > to_micros(EPOCH + 6 * DAY)


def test_microseconds_survive_the_way_there_and_back() -> None:
    at = datetime(2026, 11, 23, 7, 8, 9, 123_457, tzinfo=UTC)
    assert from_micros(to_micros(at)) == at
