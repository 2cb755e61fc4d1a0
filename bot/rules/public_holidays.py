"""The public holidays and weekends of a country, as the `holidays` package gives them by default.

Observed days are in, weekends are no holidays. The package takes a tenth of a second to load and
a country-year a millisecond to compute, so both happen once and only when somebody asks.
"""

from datetime import date
from functools import cache, lru_cache
from typing import TYPE_CHECKING

from bot.rules.zones import known_countries

if TYPE_CHECKING:
    from holidays import HolidayBase

_DAY_ZERO = date(1970, 1, 1).toordinal()
_SATURDAY = 5


def is_country(code: str) -> bool:
    """Whether `code` is an ISO 3166 alpha-2 code (GB, not UK)."""
    return code in known_countries()


def is_public_holiday(country: str, day: date) -> bool:
    return day in public_holidays(country, day.year)


def is_weekend(country: str, day: date) -> bool:
    """Whether `day` is in the country's own weekend; Saturday and Sunday where none is known."""
    calendar = _calendar(country)
    return day.weekday() >= _SATURDAY if calendar is None else calendar.is_weekend(day)


@lru_cache(maxsize=8_192)
def public_holidays(country: str, year: int) -> frozenset[date]:
    """Days off in `country` in `year`; none for a country without a calendar."""
    from holidays import country_holidays

    try:
        return frozenset(country_holidays(country, years=year))
    except NotImplementedError:
        return frozenset()


def is_holiday_number(country: str, day_number: int) -> bool:
    """`is_public_holiday` for a day counted from 1970-01-01, as `bot.rules.zones` counts them."""
    return is_public_holiday(country, date.fromordinal(_DAY_ZERO + day_number))


@cache
def _calendar(country: str) -> "HolidayBase | None":
    from holidays import country_holidays

    try:
        return country_holidays(country, expand=False)
    except NotImplementedError:
        return None
