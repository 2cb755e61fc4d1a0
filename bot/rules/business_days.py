"""Business days of a country: neither its weekend nor a public holiday.

Tolerances, graces and moved due dates count in them. Make-up working weekends stay weekends:
nobody's due date should fall on a Saturday because a calendar called it a working day.
"""

from datetime import date, timedelta
from functools import cache, lru_cache
from typing import TYPE_CHECKING

from bot.rules.public_holidays import is_public_holiday

if TYPE_CHECKING:
    from holidays import HolidayBase

_DAY = timedelta(days=1)


@lru_cache(maxsize=65_536)
def is_business_day(country: str, day: date) -> bool:
    """`country` is ISO 3166 alpha-2."""
    return not is_weekend(country, day) and not is_public_holiday(country, day)


def is_weekend(country: str, day: date) -> bool:
    """Whether `day` is of the country's own weekend, as the `holidays` package has it.

    Saturday and Sunday in a country the package does not know.
    """
    calendar = _calendar(country)
    return day.weekday() >= 5 if calendar is None else calendar.is_weekend(day)


def on_or_after(country: str, day: date) -> date:
    """`day` itself, or the first business day after it."""
    while not is_business_day(country, day):
        day += _DAY
    return day


def on_or_before(country: str, day: date) -> date:
    """`day` itself, or the last business day before it."""
    while not is_business_day(country, day):
        day -= _DAY
    return day


def after(country: str, day: date) -> date:
    """The first business day later than `day`."""
    return on_or_after(country, day + _DAY)


def before(country: str, day: date) -> date:
    """The last business day earlier than `day`."""
    return on_or_before(country, day - _DAY)


def add(country: str, day: date, count: int) -> date:
    """The `count`-th business day later than `day`; `day` itself when `count` is 0."""
    for _ in range(count):
        day = after(country, day)
    return day


@cache
def _calendar(country: str) -> "HolidayBase | None":
    from holidays import country_holidays

    try:
        return country_holidays(country)
    except NotImplementedError:
        return None
