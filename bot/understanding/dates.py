"""The days a message names, each with its place, read by the conventions of the service.

"Next Friday" is the Friday of the next ISO week, a bare weekday the next one after today, a
deadline its boundary day. A time without a day ("next week", "soon") is a named but unknown day.
"""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from re import Match

from bot.understanding import calendar_days as days
from bot.understanding.day_words import group, later, names, unit_of, which
from bot.understanding.lexicon import Finding, Findings
from bot.understanding.named_day import NamedDay, together
from bot.understanding.numerals import are_neighbours, chinese_number, count, ordinal

FUTURE = (
    "dates.today", "dates.hour", "dates.now", "dates.tomorrow", "dates.after_tomorrow",
    "dates.in_three",
    "dates.weekday", "dates.last_weekday", "dates.week_from", "dates.weekend",
    "dates.day_of_month", "dates.written",
    "dates.end_of_month", "dates.mid_month", "dates.start_of_month", "dates.end_of_year",
    "dates.end_of_week", "dates.in_some", "dates.month_and_half", "dates.half_month",
    "dates.festival", "dates.solar_term", "dates.lunar", "dates.payday", "dates.due_date",
    "dates.vague",
    "dates.past",
)  # fmt: skip


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
    taken = [_by_the_moon(one, found, today) for one in taken]
    return together(taken, found, text)


def _by_the_moon(named: NamedDay, found: Findings, today: date) -> NamedDay:
    """ "8-15, by the moon": a date beside the word for her calendar is one of hers."""
    if named.kind != "day_of_month" or named.day is None or named.end - named.start < _A_MONTH:
        return named
    if any(
        -_NEAR_MOON <= one.start - named.end <= _NEAR_MOON or 0 <= named.start - one.end <= 1
        for one in found.of("dates.lunar_mark")
    ):
        day = days.next_lunar(today, named.day.month, named.day.day)
        return replace(named, day=day) if day else named
    return named


_NEAR_MOON, _A_MONTH = 2, 4
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


def _weekday(match: Match[str], today: date) -> date | None:
    weekday = names()["weekdays"][match["day"]]
    week = group(match, "week")
    if match.groupdict().get("after"):
        return days.weekday_of_week(today, weekday, 1)
    weeks = which(week)
    if weeks is None:
        return days.next_weekday(today, weekday)
    return days.weekday_of_week(today, weekday, weeks)


def _week_from(match: Match[str], today: date) -> date | None:
    ahead = 14 if match.groupdict().get("two") else 7
    if group(match, "today", "today2", "today3"):
        return today + timedelta(ahead)
    if group(match, "tomorrow", "tomorrow2"):
        return today + timedelta(ahead + 1)
    weekday = names()["weekdays"][match["day"]]
    if match.groupdict().get("after_next"):
        return days.weekday_of_week(today, weekday, 2)
    return days.next_weekday(today, weekday) + timedelta(ahead)


def _last_weekday(match: Match[str], today: date) -> date | None:
    month = _month_of(match, today)
    if month is None:
        return None
    nth = match.groupdict().get("nth")
    if nth:
        first = days.next_weekday(month - timedelta(1), names()["weekdays"][match["day"]])
        return first + timedelta(7 * ((ordinal(nth) or count(nth[0]) or 1) - 1))
    last = days.last_of_month(month)
    return last - timedelta((last.weekday() - names()["weekdays"][match["day"]]) % 7)


def _weekend(match: Match[str], today: date) -> date | None:
    weeks = which(group(match, "week"))
    if weeks:
        return days.weekday_of_week(today, 5, weeks)
    saturday = days.weekday_of_week(today, 5, 0)
    return saturday if saturday >= today else saturday + timedelta(7)


def _number(written: str | None) -> int | None:
    return None if written is None else count(written)


def _month_number(written: str) -> int | None:
    months = names()["months"]
    if written in months:
        return int(months[written])
    for stem, number in months.items():
        if not stem.isascii() and written.startswith(stem):
            return int(number)
    return count(written)


def _day_of_month(match: Match[str], today: date) -> date | None:
    spelt = group(match, "ordinal")
    written = group(match, "day")
    number = ordinal(spelt) if spelt else _number(written)
    if number is None and written:
        number = ordinal(written)
    if number is None or not 1 <= number <= 31:
        return _NONSENSE
    relative = 1 if group(match, "from_next") else which(group(match, "relative"))
    month = group(match, "month")
    if month is not None:
        return _month_and_day(_month_number(month), number, group(match, "year"), today)
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
    return days.day_in(today.year + (which(year) or 0), month, day)


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
    readings = [one for one in readings if one >= today] or readings
    return readings[0], readings[1] if len(set(readings)) == 2 else None


def _month_of(match: Match[str], today: date) -> date | None:
    """The first day of the month that is meant."""
    month = group(match, "month")
    if month is not None:
        number = _month_number(month)
        if number is None or not 1 <= number <= 12:
            return None
        year = today.year + (number < today.month)
        return date(year, number, 1)
    ahead = which(group(match, "relative", "relative2"))
    if ahead is None:
        ahead = which(match.group()[:2]) or 0
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
    return date(today.year + (1 if group(match, "next") else 0), 12, 31)


def _end_of_week(match: Match[str], today: date) -> date | None:
    return days.weekday_of_week(today, 6, 1 if group(match, "next") else 0)


def _in_some(match: Match[str], today: date) -> date | None:
    unit_word = group(match, "unit", "unit2", "unit3") or ""
    unit = unit_of(unit_word)
    written = group(match, "n", "n2") or "1"
    if written in (names()["half"], "half a"):
        return {"month": today + timedelta(15), "year": days.add_months(today, 6)}.get(unit or "")
    number = count(written)
    if number is None or number > 999 or are_neighbours(written):
        return None
    return later(today, number, unit)


def _festival(match: Match[str], today: date) -> date | None:
    name = match["name"]
    festivals = names()["festivals"]
    meant = festivals.get(name) or next(
        (value for known, value in festivals.items() if name.replace("-", " ").startswith(known)),
        None,
    )
    if meant is None:
        return None
    rules: dict[str, Callable[[date], date | None]] = {
        "eve": days.next_new_years_eve,
        "qingming": lambda day: days.next_solar_term(day, names()["festivals_term"]["qingming"]),
        "thanksgiving": days.next_thanksgiving,
        "black_friday": lambda day: days.next_thanksgiving(day) + timedelta(1),
        "easter": days.next_easter,
        "easter_monday": lambda day: days.next_easter(day - timedelta(1)) + timedelta(1),
        "good_friday": lambda day: days.next_easter(day + timedelta(2)) - timedelta(2),
    }
    if meant in rules:
        return rules[meant](today)
    if meant.startswith("W"):
        return days.next_weekday_of_month(today, int(meant[1:3]), int(meant[3]), int(meant[4]))
    if meant.startswith("L"):
        return days.next_lunar(today, int(meant[1:3]), int(meant[3:]))
    return days.next_yearly(today, int(meant[:2]), int(meant[2:]))


def _solar_term(match: Match[str], today: date) -> date | None:
    return days.next_solar_term(today, match["name"])


def _lunar(match: Match[str], today: date) -> date | None:
    month_word = group(match, "month")
    named = names()["lunar_months"]
    month = 1 if month_word is None else named.get(month_word) or _number(month_word)
    day = chinese_number(match["day"].removeprefix(str(names()["lunar_day_prefix"])))
    if not month or day is None:
        return None
    if match.groupdict().get("every"):
        ahead = (days.next_lunar(today, moon, int(day)) for moon in range(1, 13))
        return min((one for one in ahead if one is not None), default=None)
    return days.next_lunar(today, month, int(day))


_READERS: dict[str, Callable[[Match[str], date], date | None]] = {
    "today": lambda match, today: today,
    "hour": lambda match, today: today,
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
