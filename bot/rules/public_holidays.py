"""The public holidays of a country, as the `holidays` package gives them by default.

Observed days are in, weekends are not. The package takes a tenth of a second to load and a
country-year a millisecond to compute, so both happen once and only when somebody asks.
"""

import warnings
from datetime import date
from functools import lru_cache

_DAY_ZERO = date(1970, 1, 1).toordinal()


@lru_cache(maxsize=8_192)
def public_holidays(country: str, year: int) -> frozenset[date]:
    """Days off in `country` (ISO 3166 alpha-2); empty for a country without a calendar."""
    from holidays import country_holidays

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it warns of years for which it knows no holidays
        try:
            return frozenset(country_holidays(country, years=year))
        except NotImplementedError:
            return frozenset()


def is_public_holiday(country: str, day: date) -> bool:
    return day in public_holidays(country, day.year)


def is_holiday_number(country: str, day_number: int) -> bool:
    """The same for a day counted from 1970-01-01, as `bot.rules.zones` counts them."""
    return is_public_holiday(country, date.fromordinal(_DAY_ZERO + day_number))
