"""What one cell of a lender's file may hold, strictly: a guess here would be a wrong debt there.

Every reader takes the trimmed text of a cell and returns its value, or raises Unreadable with the
reason and the mend. Readers never see more than their own cell.
"""

import re
import unicodedata
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache

from bot.rules.local_time import latest_day
from bot.rules.zones import known_countries, known_zones
from bot.services.portfolio.report import Unreadable
from scripts_library.library import LAST_RESORT, Library
from storage.currencies import MINOR_DIGITS
from storage.portfolio import FINEST
from storage.records import LARGEST_AMOUNT

FIRST_DAY = date(1970, 1, 1)
YEARS_AHEAD = 50
_MOST_DIGITS = 100
"""A number of very many digits costs time before it can be refused."""

_FIRST_BIRTH = date(1900, 1, 1)

_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_INSTANT = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt ][0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]{1,6})?"
    r"(?:[Zz]|[+-][0-9]{2}:[0-9]{2})"
)
_AMOUNT = re.compile(r"(-?)([0-9]+)(?:\.([0-9]+))?")
_LANGUAGE = re.compile(r"([A-Za-z]{2,3})(?:[-_]([A-Za-z]{4}))?(?:[-_]([A-Za-z]{2}|[0-9]{3}))?")
_PHONE = re.compile(r"\+?[0-9(][0-9 ().\-/]{3,30}")
_LAST4 = re.compile(r"[0-9A-Z]{4}")

Day = Callable[[str], date]


def reference(text: str) -> str:
    """A key of the lender's, compared as it is: 1 to 64 characters."""
    if not text:
        raise Unreadable("empty", "every row needs its reference")
    if len(text) > 64:
        raise Unreadable("longer than 64 characters", "use a shorter reference")
    if text[0] in "+-=@" or "\n" in text:
        raise Unreadable("no reference", "one line, and none of + - = @ in front")
    return text


def words(longest: int, *, may_be_empty: bool = False) -> Callable[[str], str]:
    """A reader of one line of text of at most `longest` characters."""

    def read(text: str) -> str:
        if not text and not may_be_empty:
            raise Unreadable("empty", "fill it in")
        if len(text) > longest:
            raise Unreadable(f"longer than {longest} characters", "shorten it")
        if text[:1] in ("+", "-"):
            raise Unreadable("looks like a formula", "take the sign in front away")
        if "\n" in text or "\r" in text:
            raise Unreadable("has a line break", "write it on one line")
        return unicodedata.normalize("NFC", text)

    return read


def payment_instruction(text: str) -> str:
    """How to pay, as the borrower is shown it; several lines are fine."""
    if not text:
        raise Unreadable("empty", "say how to pay: account, reference, address")
    if len(text) > 500:
        raise Unreadable("longer than 500 characters", "shorten it")
    return unicodedata.normalize("NFC", text.replace("\r\n", "\n").replace("\r", "\n"))


def currency(text: str) -> str:
    if text not in MINOR_DIGITS:
        raise Unreadable("unknown currency", "three capital letters of ISO 4217, like CNY")
    return text


def country(text: str) -> str:
    if text not in known_countries():
        raise Unreadable("unknown country", "two capital letters of ISO 3166, like CN or GB")
    return text


def zone_or_none(text: str) -> str | None:
    if text and text not in known_zones():
        raise Unreadable("unknown time zone", "an IANA name like Asia/Shanghai, or leave it empty")
    return text or None


def language_in(library: Library) -> Callable[[str], str]:
    """A reader of BCP 47 tags that some language of the library serves."""

    @lru_cache(256)
    def read(text: str) -> str:
        match = _LANGUAGE.fullmatch(text)
        mend = f"one of {', '.join(library.languages)}, with a region if you like"
        if match is None:
            raise Unreadable("no language tag", mend)
        language, script, region = match.groups()
        if region and region.isalpha() and region.upper() not in known_countries():
            raise Unreadable("unknown region in the language tag", mend)
        parts = [language.lower(), script and script.title(), region and region.upper()]
        tag = "-".join(part for part in parts if part)
        served = library.resolve_language(tag)
        if served == LAST_RESORT and language.lower() != LAST_RESORT:
            raise Unreadable("a language that nothing is written in", mend)
        return tag

    return read


def phone(text: str) -> str:
    if _PHONE.fullmatch(text) is None:
        raise Unreadable("no phone number", "digits with + in front, like +86 138 0013 8000")
    return text


def id_last4(text: str) -> str:
    """The last four characters of an ID, which the borrower is asked for."""
    folded = unicodedata.normalize("NFKC", text).upper()
    if _LAST4.fullmatch(folded) is None:
        raise Unreadable(
            "not the last four characters of an ID",
            "four digits or letters; format the column as text, so that zeros in front stay",
        )
    return folded


def days_until(last: date, *, first: date = FIRST_DAY, too_late: str = "") -> Day:
    """A reader of ISO dates from `first` to `last`, both included."""

    @lru_cache(4096)
    def read(text: str) -> date:
        if _DATE.fullmatch(text) is None:
            raise Unreadable("empty" if not text else "no date", "write YYYY-MM-DD")
        try:
            day = date.fromisoformat(text)
        except ValueError:
            raise Unreadable("no such day", "write YYYY-MM-DD") from None
        if day < first:
            raise Unreadable(f"before {first.isoformat()}", "check the year")
        if day > last:
            raise Unreadable(too_late or f"after {last.isoformat()}", "check the year")
        return day

    return read


def any_day(now: datetime) -> Day:
    """Dates from 1970 until 50 years ahead."""
    return days_until(fifty_years_after(now.date()))


def past_day(now: datetime) -> Day:
    """Dates that have begun somewhere on Earth, from 1970."""
    return days_until(latest_day(now), too_late="in the future")


def birth_day(now: datetime) -> Day:
    """People are born before 1970 too."""
    return days_until(now.date(), first=_FIRST_BIRTH, too_late="in the future")


def or_none(read: Day) -> Callable[[str], date | None]:
    return lambda text: read(text) if text else None


def consent(now: datetime) -> Callable[[str], datetime | date | None]:
    """An RFC 3339 time, or a date (its day begins in the borrower's zone); empty: no consent."""
    read_day = past_day(now)

    def read(text: str) -> datetime | date | None:
        if not text:
            return None
        if _DATE.fullmatch(text):
            return read_day(text)
        mend = "write YYYY-MM-DD, or a time with its offset like 2026-01-31T09:30:00+08:00"
        if _INSTANT.fullmatch(text) is None:
            raise Unreadable("neither a date nor a time with an offset", mend)
        try:
            instant = datetime.fromisoformat(text.upper()).astimezone(UTC)
        except (ValueError, OverflowError):
            raise Unreadable("no such time", mend) from None
        if instant.date() < FIRST_DAY:
            raise Unreadable(f"before {FIRST_DAY.isoformat()}", "check the year")
        if instant > now + timedelta(days=1):
            raise Unreadable("in the future", "consent is recorded when it was given")
        return instant

    return read


def amount(text: str) -> str:
    """Major units with a dot; how many decimals are allowed only the currency knows."""
    _parts(text)
    return text


def amount_in(text: str, of_currency: str) -> int:
    """A cell with an amount, in minor units of its currency."""
    if text in _NOTHING:
        return 0
    whole, part = _parts(text)
    digits = MINOR_DIGITS[of_currency]
    if len(part) > digits:
        raise too_fine(of_currency)
    minor = int(whole + part.ljust(digits, "0"))
    if minor > LARGEST_AMOUNT:
        raise too_much()
    return minor


def amount_paid(text: str) -> int:
    """A payment's amount in thousandths of a major unit, the finest that any currency has.

    Its currency is its loan's, which this file does not name.
    """
    whole, part = _parts(text)
    if len(part) > FINEST:
        raise Unreadable("more decimals than any currency has", f"at most {FINEST} after the dot")
    thousandths = int(whole + part.ljust(FINEST, "0"))
    if not thousandths:
        raise Unreadable("zero", "a payment is more than nothing")
    if thousandths > LARGEST_AMOUNT * 10**FINEST:
        raise too_much()
    return thousandths


_NOTHING = frozenset({"0", "0.0", "0.00", "0.000"})
"""Most due items have components of nothing."""


def _parts(text: str) -> tuple[str, str]:
    """Digits before the dot, and those after it without needless zeros."""
    match = _AMOUNT.fullmatch(text)
    if match is None:
        raise Unreadable(
            "empty" if not text else "no amount",
            "digits with a dot for decimals, like 1200.50; no separators, no currency sign",
        )
    sign, whole, part = match.groups()
    if sign:
        raise Unreadable("negative", "an amount is zero or more")
    if len(whole) > _MOST_DIGITS:
        raise too_much()
    return whole, part.rstrip("0") if part else ""


def too_fine(of_currency: str) -> Unreadable:
    """The fault of an amount with more decimals than its currency."""
    digits = MINOR_DIGITS[of_currency]
    return Unreadable(f"more decimals than {of_currency} has", f"at most {digits} after the dot")


def too_much() -> Unreadable:
    """The fault of an amount above `LARGEST_AMOUNT`."""
    return Unreadable("more than 10^12 minor units", "check the amount")


def fifty_years_after(day: date) -> date:
    """29 February becomes 28 where there is none."""
    try:
        return day.replace(year=day.year + YEARS_AHEAD)
    except ValueError:
        return day.replace(year=day.year + YEARS_AHEAD, day=28)
