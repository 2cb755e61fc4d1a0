"""What the grammar's words for days stand for: weekdays, months, units, "next" and "the one after".

The words themselves lie in tables/day_names.yaml; nothing here knows a message.
"""

from datetime import date, timedelta
from functools import cache
from re import Match
from typing import Any

from bot.understanding import calendar_days as days
from bot.understanding import tables


@cache
def names() -> dict[str, dict[str, Any]]:
    table: dict[str, dict[str, Any]] = tables.read_yaml("tables/day_names.yaml")
    return table


def group(match: Match[str], *names: str) -> str | None:
    groups = match.groupdict()
    return next((groups[name] for name in names if groups.get(name)), None)


def which(word: str | None) -> int | None:
    """How many weeks or months ahead "next", "the one after next" and the like point."""
    if word is None:
        return None
    offset = names()["which"].get(word.strip())
    return int(offset) if offset is not None else None


def unit_of(word: str) -> str | None:
    """ "day", "week", "month", "year" and the like, for the word of a grammar."""
    units: dict[str, str] = names()["units"]
    known = units.get(word)
    if known is not None or not word:
        return known
    return next((meant for stem, meant in units.items() if word.startswith(stem)), None)


def names_a_period(text: str) -> bool:
    """Whether it names a week, a month or a year."""
    units: dict[str, str] = names()["units"]
    return any(meant in _PERIODS and word in text for word, meant in units.items())


_PERIODS = {"week", "month", "year"}


def later(today: date, number: int, unit: str | None) -> date | None:
    match unit:
        case "day":
            return today + timedelta(number)
        case "week":
            return today + timedelta(7 * number)
        case "fortnight":
            return today + timedelta(14)
        case "working_day":
            return days.working_days_later(today, number)
        case "half_month":
            return today + timedelta(15)
        case "month":
            return days.add_months(today, number)
        case "year":
            return days.add_months(today, 12 * number)
    return None
