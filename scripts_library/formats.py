"""Money, dates and times in the reader's own way of writing.

Babel knows the ways, but asking it for every message costs more than the message itself. So each
language asks once: patterns are parsed at the first use, a currency's sign and place are learnt
from one sample, and a date that was written before is remembered.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, tzinfo
from decimal import Decimal
from functools import lru_cache
from typing import Protocol

from babel import Locale
from babel.dates import DateTimePattern, parse_pattern
from babel.numbers import format_currency, get_currency_precision


class MoneyLike(Protocol):
    """Anything that states major units and an ISO 4217 currency."""

    @property
    def major(self) -> Decimal: ...

    @property
    def currency(self) -> str: ...


@dataclass(frozen=True, slots=True)
class Amount:
    """An exact amount: `major` units (yuan, dollars) of an ISO 4217 `currency`."""

    major: Decimal
    currency: str


@dataclass(frozen=True, slots=True)
class Patterns:
    """A language's patterns, as its `language.yaml` gives them; dates in CLDR letters."""

    date: str = "d MMMM y"
    short_date: str = "d MMM"
    weekday: str = "EEEE"
    near_day: str = "EEE d MMM"
    time: str = "HH:mm"
    moment: str = "d MMMM, HH:mm"
    days: Mapping[str, str] = field(default_factory=lambda: {"one": "{0} day", "other": "{0} days"})
    """By CLDR plural category; `other` must be there."""


@dataclass(frozen=True, eq=False)
class Formats:
    """How one language writes figures. Safe to share; every method is cheap after one use."""

    locale: Locale
    patterns: Patterns = field(default_factory=Patterns)

    def __post_init__(self) -> None:
        def written(pattern: str) -> Callable[[date | time], str]:
            return lru_cache(maxsize=4096)(_writer(parse_pattern(pattern), self.locale))

        object.__setattr__(self, "_date", written(self.patterns.date))
        object.__setattr__(self, "_short_date", written(self.patterns.short_date))
        object.__setattr__(self, "_weekday", written(self.patterns.weekday))
        object.__setattr__(self, "_near_day", written(self.patterns.near_day))
        object.__setattr__(self, "_time", written(self.patterns.time))
        object.__setattr__(self, "_moment", written(self.patterns.moment))
        object.__setattr__(self, "_currency", lru_cache(maxsize=512)(self._learn_currency))
        object.__setattr__(self, "_days", lru_cache(maxsize=1024)(self._write_days))

    _date: Callable[[date], str] = field(init=False, repr=False)
    _short_date: Callable[[date], str] = field(init=False, repr=False)
    _weekday: Callable[[date], str] = field(init=False, repr=False)
    _near_day: Callable[[date], str] = field(init=False, repr=False)
    _time: Callable[[time], str] = field(init=False, repr=False)
    _moment: Callable[[datetime], str] = field(init=False, repr=False)
    _currency: Callable[[str], "_CurrencyWay"] = field(init=False, repr=False)
    _days: Callable[[int], str] = field(init=False, repr=False)

    def money(self, amount: MoneyLike) -> str:
        """An amount with its currency, as "¥1,200.00"."""
        return self.amount(amount.major, amount.currency)

    def amount(self, major: Decimal, currency: str) -> str:
        """The same of major units and a currency."""
        return self._currency(currency)(major)

    def day(self, day: date) -> str:
        """A calendar day with its year."""
        return self._date(day)

    def short_day(self, day: date) -> str:
        """A calendar day without its year, for days near today."""
        return self._short_date(day)

    def weekday(self, day: date) -> str:
        return self._weekday(day)

    def near_day(self, day: date) -> str:
        """A day to choose on a button: the day of the week and the date, both short."""
        return self._near_day(day)

    def clock(self, moment: time) -> str:
        """An hour and minute of the day."""
        return self._time(moment)

    def moment(self, instant: datetime, zone: tzinfo) -> str:
        """An aware `instant` in the reader's `zone`."""
        # Without its zone: one instant is the same in two zones, and is remembered as it reads.
        there = instant.astimezone(zone).replace(second=0, microsecond=0, tzinfo=None)
        return self._moment(there)

    def days(self, count: int) -> str:
        """A number of days in words: "1 day", "12 days"."""
        return self._days(count)

    def number(self, value: int | Decimal) -> str:
        """A plain number with the language's digit groups left out: 1200, 2.5."""
        return str(value)

    def _write_days(self, count: int) -> str:
        ways = self.patterns.days
        return ways.get(self.locale.plural_form(count), ways["other"]).format(count)

    def _learn_currency(self, currency: str) -> "_CurrencyWay":
        digits = get_currency_precision(currency)
        sample = Decimal(1234567).scaleb(-digits) + 7654321
        shown = format_currency(sample, currency, locale=self.locale)
        before, plain, after = shown.partition(f"{sample:,.{digits}f}")
        negative = format_currency(-sample, currency, locale=self.locale)
        if before[-1:].isalpha():
            before += "\u00a0"
        if not plain or negative != f"-{shown}":
            return lambda major: format_currency(major, currency, locale=self.locale)

        def write(major: Decimal) -> str:
            sign = "-" if major < 0 else ""
            return f"{sign}{before}{abs(major):,.{digits}f}{after}"

        return write


_CurrencyWay = Callable[[Decimal], str]


def _writer(pattern: DateTimePattern, locale: Locale) -> Callable[[date | time], str]:
    def write(value: date | time) -> str:
        return pattern.apply(value, locale)

    return write
