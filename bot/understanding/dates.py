"""The days a message names, each with its place, read by the conventions of the service.

"Next Friday" is the Friday of the next ISO week, a bare weekday the next one after today, a
deadline its boundary day. A time without a day ("next week", "soon") is a named but unknown day.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import cache
from re import Match
from typing import Any

from bot.understanding import calendar_days as days
from bot.understanding import tables
from bot.understanding.lexicon import Finding, Findings, beside
from bot.understanding.numerals import chinese_number, count, ordinal

FUTURE = (
    "dates.today", "dates.now", "dates.tomorrow", "dates.after_tomorrow", "dates.in_three",
    "dates.weekday", "dates.last_weekday", "dates.week_from", "dates.weekend",
    "dates.day_of_month", "dates.written",
    "dates.end_of_month", "dates.mid_month", "dates.start_of_month", "dates.end_of_year",
    "dates.end_of_week", "dates.in_some", "dates.month_and_half", "dates.half_month",
    "dates.festival", "dates.solar_term", "dates.lunar", "dates.payday", "dates.due_date",
    "dates.vague",
    "dates.past",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class NamedDay:
    """A day named at [start, end) of the plain text; `day` is None when only a time was named.

    `kind` is the tier of the grammar that read it; `other` a second reading, for 12/05 in English.
    """

    start: int
    end: int
    day: date | None
    kind: str
    other: date | None = None


def named_days(
    found: Findings,
    text: str,
    today: date,
    *,
    payday: int | None = None,
    due_date: date | None = None,
    english: bool = False,
) -> list[NamedDay]:
    """In order of place, without overlaps; past days are kept with kind "past"."""
    taken: list[NamedDay] = []
    findings = found.of(*FUTURE)
    if len(findings) > _MOST:
        findings = findings[: _MOST - _MOST // 4] + findings[-(_MOST // 4) :]
    findings.sort(key=lambda one: (one.start - one.end, one.start))
    for finding in findings:
        if any(finding.start < one.end and one.start < finding.end for one in taken):
            continue
        day, other = _resolve(finding, today, payday, due_date, english)
        kind = finding.label.partition(".")[2]
        if day is not None and day < today:
            kind = "past"
        if day is _NONSENSE:
            continue
        taken.append(NamedDay(finding.start, finding.end, day, kind, other))
    taken.sort(key=lambda one: one.start)
    taken = _shifted(_after_the_one_before(taken, found), found, text)
    return _joined(_in_the_same_week(taken, found, text), text)


_MOST = 48
"""Findings that are weighed; nobody names more days in one message and means them."""
_NONSENSE = date.min
"""A number that looks like a day and is none: it names nothing at all."""


def _resolve(
    finding: Finding, today: date, payday: int | None, due_date: date | None, english: bool
) -> tuple[date | None, date | None]:
    kind = finding.label.partition(".")[2]
    if kind == "written":
        return _written(finding.match, today, english)
    if kind == "payday":
        return (days.next_day_of_month(today, payday) if payday else None), None
    if kind == "due_date":
        return due_date, None
    return _READERS[kind](finding.match, today), None


def _joined(named: list[NamedDay], text: str) -> list[NamedDay]:
    """ "Friday the 27th" is one day: the number tells, the weekday beside it goes."""
    result: list[NamedDay] = []
    for day in named:
        before = result[-1] if result else None
        told = before and (_in_a_week_named(before, day, text) or _after_a_day(before, day, text))
        if before is not None and told:
            result[-1] = NamedDay(before.start, day.end, told, "weekday")
        elif (
            before is not None and day.day is not None and _says_again(text[before.end : day.start])
        ):
            result[-1] = replace(day, start=before.start)
        elif (
            before is not None
            and text[before.end : day.start].strip(" ,(") == ""
            and {before.kind, day.kind} in _SAME_DAY
        ):
            tells = day if day.kind != "weekday" and day.day is not None else before
            result[-1] = NamedDay(before.start, day.end, tells.day, tells.kind, tells.other)
        else:
            result.append(day)
    return result


def _after_the_one_before(named: list[NamedDay], found: Findings) -> list[NamedDay]:
    """ "50 on Friday and 50 the Friday after": counted from the day that stands before it."""
    for finding in found.of("dates.following"):
        before = [day for day in named if day.end <= finding.start and _is_ahead(day)]
        day = _following(finding.match, before[-1].day) if before else None
        if day is None:
            continue
        apart = [one for one in named if one.end <= finding.start or one.start >= finding.end]
        named = [*apart, NamedDay(finding.start, finding.end, day, "following")]
        named.sort(key=lambda one: one.start)
    return named


def _shifted(named: list[NamedDay], found: Findings, text: str) -> list[NamedDay]:
    """ "The day after Christmas" and "the day before the 15th" are one day each."""
    for finding in found.of("dates.shift"):
        groups = finding.match.groupdict()
        if groups.get("earlier") or groups.get("later"):
            near = [day for day in named if day.end <= finding.start][-1:]
            gap = text[near[0].end : finding.start] if near else ""
        else:
            near = [day for day in named if day.start >= finding.end][:1]
            gap = text[finding.end : near[0].start] if near else ""
        if not near or not _is_ahead(near[0]) or gap.strip(" \u7684") not in ("", "the", "that"):
            continue
        back = bool(groups.get("earlier") or groups.get("day_before"))
        day = (near[0].day or date.max) + timedelta(-1 if back else 1)
        start, end = min(near[0].start, finding.start), max(near[0].end, finding.end)
        apart = [one for one in named if one.end <= start or one.start >= end]
        named = sorted([*apart, NamedDay(start, end, day, "following")], key=lambda one: one.start)
    return named


def _is_ahead(day: NamedDay) -> bool:
    return day.day is not None and day.kind != "past"


def _following(match: Match[str], before: date | None) -> date | None:
    if before is None:
        return None
    weekday = match.groupdict().get("day")
    if weekday is not None:
        return days.next_weekday(before, _names()["weekdays"][weekday])
    number = 1 if _group(match, "n") in (None, "the") else count(match["n"])
    return _later(before, number, unit_of(match["unit"])) if number else None


_JOINED = re.compile(r"[ ,/-]*(?:\u548c|\u6216\u8005|\u6216|\u8ddf|\u5230|and|or|to)? ?(?:on )?")
"""What stands between two days that are named in one breath."""


def _in_the_same_week(named: list[NamedDay], found: Findings, text: str) -> list[NamedDay]:
    """ "Next Tuesday or Wednesday" is the Wednesday of that week too."""
    weeks = {one.start: _which(_group(one.match, "week")) for one in found.of("dates.weekday")}
    result: list[NamedDay] = []
    for day in named:
        before = result[-1] if result else None
        if (
            before is not None
            and before.day is not None
            and day.day is not None
            and (before.kind, day.kind) == ("weekday", "weekday")
            and weeks.get(before.start)
            and weeks.get(day.start) is None
            and _JOINED.fullmatch(text[before.end : day.start])
        ):
            same = days.weekday_of_week(before.day, day.day.weekday(), 0)
            day = replace(day, day=same) if same > before.day else day
        result.append(day)
    return result


def _in_a_week_named(before: NamedDay, day: NamedDay, text: str) -> date | None:
    """ "The Monday in three weeks": the weekday tells which day of that week."""
    between = text[before.end : day.start].strip(" \u7684")
    if between or {before.kind, day.kind} != {"in_some", "weekday"}:
        return None
    weekday, week = (before, day) if before.kind == "weekday" else (day, before)
    if weekday.day is None or week.day is None:
        return None
    return days.weekday_of_week(week.day, weekday.day.weekday(), 0)


def _after_a_day(before: NamedDay, day: NamedDay, text: str) -> date | None:
    """ "The Monday after Christmas"."""
    if before.kind != "weekday" or before.day is None or day.day is None or not _is_ahead(day):
        return None
    if text[before.end : day.start].strip() not in ("after", "after the", "following"):
        return None
    return days.next_weekday(day.day, before.day.weekday())


def _says_again(between: str) -> bool:
    return any(pattern.fullmatch(between) for pattern in beside("that_is"))


_SAME_DAY = (
    {"weekday", "day_of_month"},
    {"weekday", "written"},
    {"weekday", "tomorrow"},
    {"weekday", "vague"},
    {"vague", "payday"},
)


@cache
def _names() -> dict[str, dict[str, Any]]:
    table: dict[str, dict[str, Any]] = tables.read_yaml("tables/day_names.yaml")
    return table


def _group(match: Match[str], *names: str) -> str | None:
    groups = match.groupdict()
    return next((groups[name] for name in names if groups.get(name)), None)


def _which(word: str | None) -> int | None:
    """How many weeks or months ahead "next", "the one after next" and the like point."""
    if word is None:
        return None
    offset = _names()["which"].get(word.strip())
    return int(offset) if offset is not None else None


def _weekday(match: Match[str], today: date) -> date | None:
    weekday = _names()["weekdays"][match["day"]]
    week = _group(match, "week")
    if match.groupdict().get("after"):
        return days.weekday_of_week(today, weekday, 1)
    weeks = _which(week)
    if weeks is None:
        return days.next_weekday(today, weekday)
    return days.weekday_of_week(today, weekday, weeks)


def _week_from(match: Match[str], today: date) -> date | None:
    ahead = 14 if match.groupdict().get("two") else 7
    if _group(match, "today", "today2", "today3"):
        return today + timedelta(ahead)
    if _group(match, "tomorrow", "tomorrow2"):
        return today + timedelta(ahead + 1)
    weekday = _names()["weekdays"][match["day"]]
    return days.next_weekday(today, weekday) + timedelta(ahead)


def _last_weekday(match: Match[str], today: date) -> date | None:
    month = _month_of(match, today)
    if month is None:
        return None
    last = days.last_of_month(month)
    return last - timedelta((last.weekday() - _names()["weekdays"][match["day"]]) % 7)


def _weekend(match: Match[str], today: date) -> date | None:
    weeks = _which(_group(match, "week"))
    if weeks:
        return days.weekday_of_week(today, 5, weeks)
    saturday = days.weekday_of_week(today, 5, 0)
    return saturday if saturday >= today else saturday + timedelta(7)


def _number(written: str | None) -> int | None:
    return None if written is None else count(written)


def _month_number(written: str) -> int | None:
    months = _names()["months"]
    if written in months:
        return int(months[written])
    for stem, number in months.items():
        if not stem.isascii() and written.startswith(stem):
            return int(number)
    return count(written)


def _day_of_month(match: Match[str], today: date) -> date | None:
    spelt = _group(match, "ordinal")
    written = _group(match, "day")
    number = ordinal(spelt) if spelt else _number(written)
    if number is None and written:
        number = ordinal(written)
    if number is None or not 1 <= number <= 31:
        return _NONSENSE
    relative = _which(_group(match, "relative"))
    month = _group(match, "month")
    if month is not None:
        return _month_and_day(_month_number(month), number, _group(match, "year"), today)
    if relative is not None:
        first = days.add_months(today.replace(day=1), relative)
        return days.day_in(first.year, first.month, number)
    return days.next_day_of_month(today, number)


def _month_and_day(month: int | None, day: int, year: str | None, today: date) -> date | None:
    if month is None or not 1 <= month <= 12:
        return _NONSENSE
    if year is None:
        return days.next_yearly(today, month, day)
    if year.isdigit():
        full = int(year) + (2000 if len(year) == 2 else 0)
        return days.day_in(full, month, day)
    return days.day_in(today.year + (_which(year) or 0), month, day)


def _written(match: Match[str], today: date, english: bool) -> tuple[date | None, date | None]:
    groups = match.groupdict()
    if groups.get("month"):
        return _month_and_day(int(match["month"]), int(match["day"]), match["year"], today), None
    first, second = int(match["first"]), int(match["second"])
    year = groups.get("year")
    month_first = _month_and_day(first, second, year, today) if 1 <= second <= 31 else None
    day_first = _month_and_day(second, first, year, today) if 1 <= first <= 31 else None
    readings = [one for one in (month_first, day_first) if one is not None and one != _NONSENSE]
    if not readings:
        return _NONSENSE, None
    if not english and month_first is not None and month_first != _NONSENSE:
        return month_first, None
    return readings[0], readings[1] if len(set(readings)) == 2 else None


def _month_of(match: Match[str], today: date) -> date | None:
    """The first day of the month that is meant."""
    month = _group(match, "month")
    if month is not None:
        number = _month_number(month)
        if number is None or not 1 <= number <= 12:
            return None
        year = today.year + (number < today.month)
        return date(year, number, 1)
    ahead = _which(_group(match, "relative", "relative2"))
    if ahead is None:
        ahead = _which(match.group()[:2]) or 0
    return days.add_months(today.replace(day=1), ahead)


def _end_of_month(match: Match[str], today: date) -> date | None:
    month = _month_of(match, today)
    return days.last_of_month(month) if month else None


def _mid_month(match: Match[str], today: date) -> date | None:
    month = _month_of(match, today)
    if month is None:
        return None
    middle = month.replace(day=15)
    return middle if middle >= today else days.add_months(middle, 1)


def _start_of_month(match: Match[str], today: date) -> date | None:
    month = _month_of(match, today)
    if month is None:
        return None
    return month if month >= today else days.add_months(month, 1)


def _end_of_year(match: Match[str], today: date) -> date | None:
    return date(today.year + (1 if _group(match, "next") else 0), 12, 31)


def _end_of_week(match: Match[str], today: date) -> date | None:
    return days.weekday_of_week(today, 6, 1 if _group(match, "next") else 0)


def _in_some(match: Match[str], today: date) -> date | None:
    unit_word = _group(match, "unit", "unit2", "unit3") or ""
    unit = unit_of(unit_word)
    written = _group(match, "n", "n2") or "1"
    if written in (_names()["half"], "half a"):
        return today + timedelta(15) if unit == "month" else None
    number = count(written)
    if number is None or number > 999:
        return None
    return _later(today, number, unit)


def unit_of(word: str) -> str | None:
    """ "day", "week", "month", "year" and the like, for the word of a grammar."""
    units: dict[str, str] = _names()["units"]
    known = units.get(word)
    if known is not None or not word:
        return known
    return next((meant for stem, meant in units.items() if word.startswith(stem)), None)


def _later(today: date, number: int, unit: str | None) -> date | None:
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


def _festival(match: Match[str], today: date) -> date | None:
    name = match["name"]
    festivals = _names()["festivals"]
    meant = festivals.get(name) or next(
        (value for known, value in festivals.items() if name.replace("-", " ").startswith(known)),
        None,
    )
    if meant is None:
        return None
    rules: dict[str, Callable[[date], date | None]] = {
        "eve": days.next_new_years_eve,
        "qingming": lambda day: days.next_solar_term(day, _names()["festivals_term"]["qingming"]),
        "thanksgiving": days.next_thanksgiving,
        "black_friday": lambda day: days.next_thanksgiving(day) + timedelta(1),
        "easter": days.next_easter,
        "easter_monday": lambda day: days.next_easter(day - timedelta(1)) + timedelta(1),
        "good_friday": lambda day: days.next_easter(day + timedelta(2)) - timedelta(2),
    }
    if meant in rules:
        return rules[meant](today)
    if meant.startswith("L"):
        return days.next_lunar(today, int(meant[1:3]), int(meant[3:]))
    return days.next_yearly(today, int(meant[:2]), int(meant[2:]))


def _solar_term(match: Match[str], today: date) -> date | None:
    return days.next_solar_term(today, match["name"])


def _lunar(match: Match[str], today: date) -> date | None:
    month_word = _group(match, "month")
    named = _names()["lunar_months"]
    month = 1 if month_word is None else named.get(month_word) or _number(month_word)
    day = chinese_number(match["day"].removeprefix(str(_names()["lunar_day_prefix"])))
    if not month or day is None:
        return None
    return days.next_lunar(today, month, int(day))


_READERS: dict[str, Callable[[Match[str], date], date | None]] = {
    "today": lambda match, today: today,
    "now": lambda match, today: today,
    "tomorrow": lambda match, today: today + timedelta(1),
    "after_tomorrow": lambda match, today: today + timedelta(2),
    "in_three": lambda match, today: today + timedelta(3),
    "weekday": _weekday,
    "last_weekday": _last_weekday,
    "week_from": _week_from,
    "weekend": _weekend,
    "day_of_month": _day_of_month,
    "end_of_month": _end_of_month,
    "mid_month": _mid_month,
    "start_of_month": _start_of_month,
    "end_of_year": _end_of_year,
    "end_of_week": _end_of_week,
    "in_some": _in_some,
    "month_and_half": lambda match, today: days.add_months(today, 1) + timedelta(15),
    "half_month": lambda match, today: today + timedelta(15),
    "festival": _festival,
    "solar_term": _solar_term,
    "lunar": _lunar,
    "vague": lambda match, today: None,
    "past": lambda match, today: None,
}
