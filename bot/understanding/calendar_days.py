"""Arithmetic on calendar days: months that clamp, ISO weeks, the moon's calendar, feasts.

The moon's months and the solar terms come from a table computed for 2020 to 2040; outside of it
such a day is unknown, never guessed.
"""

from calendar import monthrange
from datetime import date, timedelta
from functools import cache
from typing import Any

from bot.understanding import tables


def add_months(day: date, months: int) -> date:
    """The same day of a later month, clamped to its last."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def last_of_month(day: date) -> date:
    return day.replace(day=monthrange(day.year, day.month)[1])


def day_in(year: int, month: int, day: int) -> date | None:
    """None for a day that does not exist (31 February)."""
    try:
        return date(year, month, day)
    except ValueError:
        return None


def next_weekday(today: date, weekday: int) -> date:
    """The first such weekday after today; Monday is 0."""
    return today + timedelta((weekday - today.weekday() - 1) % 7 + 1)


def weekday_of_week(today: date, weekday: int, weeks: int) -> date:
    """The weekday of the ISO week that is `weeks` after this one."""
    return today + timedelta(weekday - today.weekday() + 7 * weeks)


def next_day_of_month(today: date, day: int) -> date | None:
    """The next month's day with that number, today excluded; months without it are skipped."""
    if not 1 <= day <= 31:
        return None
    for months in range(4):
        first = add_months(today.replace(day=1), months)
        found = day_in(first.year, first.month, day)
        if found is not None and found > today:
            return found
    return None


def next_yearly(today: date, month: int, day: int) -> date | None:
    """The next such day, today included; 29 February waits for a leap year."""
    for year in range(today.year, today.year + 9):
        found = day_in(year, month, day)
        if found is not None and found >= today:
            return found
        if found is None and (month, day) != (2, 29):
            return None
    return None


def next_weekday_of_month(today: date, month: int, which: int, weekday: int) -> date:
    """The second Sunday of May and the like; `which` 0 is the last one."""
    for year in (today.year, today.year + 1):
        first = next_weekday(date(year, month, 1) - timedelta(1), weekday)
        last = last_of_month(first)
        found = last - timedelta((last.weekday() - weekday) % 7)
        found = first + timedelta(7 * (which - 1)) if which else found
        if found >= today:
            break
    return found


def working_days_later(today: date, count: int) -> date:
    day = today
    while count > 0:
        day += timedelta(1)
        count -= day.weekday() < 5
    return day


@cache
def _moon() -> dict[str, Any]:
    table: dict[str, Any] = tables.read_yaml("tables/chinese_calendar.yaml")
    return table


def lunar_day(year: int, month: int, day: int) -> date | None:
    """The sun's date of a lunar one, leap months left out."""
    known = _moon()["lunar_years"].get(year)
    if known is None:
        return None
    passed = 0
    for number, length in zip(known["months"], known["days"], strict=True):
        if number == month:
            return known["first"] + timedelta(passed + day - 1) if day <= length else None
        passed += length
    return None


def next_lunar(today: date, month: int, day: int) -> date | None:
    for year in (today.year - 1, today.year, today.year + 1):
        found = lunar_day(year, month, day)
        if found is not None and found >= today:
            return found
    return None


def next_new_years_eve(today: date) -> date | None:
    """The last day of the moon's year."""
    for year in (today.year, today.year + 1, today.year + 2):
        first = lunar_day(year, 1, 1)
        if first is not None and first - timedelta(1) >= today:
            return first - timedelta(1)
    return None


def next_solar_term(today: date, name: str) -> date | None:
    moon = _moon()
    place = moon["terms"].index(name)
    for year in (today.year, today.year + 1):
        listed = moon["solar_terms"].get(year)
        if listed is None:
            return None
        found = date(year, int(listed[place][:2]), int(listed[place][2:]))
        if found >= today:
            return found
    return None


def next_thanksgiving(today: date) -> date:
    """The fourth Thursday of November."""
    for year in (today.year, today.year + 1):
        found = next_weekday(date(year, 10, 31), 3) + timedelta(21)
        if found >= today:
            break
    return found


def next_easter(today: date) -> date:
    """Easter Sunday, by the anonymous Gregorian computus."""
    for year in (today.year, today.year + 1):
        a, b, c = year % 19, year // 100, year % 100
        h = (19 * a + b - b // 4 - (b - (b + 8) // 25 + 1) // 3 + 15) % 30
        k = (32 + 2 * (b % 4) + 2 * (c // 4) - h - c % 4) % 7
        m = (a + 11 * h + 22 * k) // 451
        month, day = divmod(h + k - 7 * m + 114, 31)
        found = date(year, month, day + 1)
        if found >= today:
            break
    return found
