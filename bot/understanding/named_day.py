"""A day that a message names, and what days that stand side by side say together.

"Friday the 27th" is one day, "the Friday after" is counted from the one before it, "next Tuesday or
Wednesday" stays in next week, and "the day after Christmas" is neither Christmas nor any day after.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date
from re import Match

from bot.understanding import calendar_days as days
from bot.understanding.day_words import group, later, names, names_a_period, unit_of, which
from bot.understanding.lexicon import Findings, beside
from bot.understanding.numerals import count


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


def together(named: list[NamedDay], found: Findings, text: str) -> list[NamedDay]:
    """Days in order of place, each read with its neighbours."""
    named = _shifted(_after_the_one_before(named, found), found, text)
    named = _on_that_day(named, found)
    named = _in_the_same_month(named, found)
    return _joined(_in_the_same_week(named, found, text), text)


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
            tells = before if day.kind == "weekday" else day
            result[-1] = replace(tells, start=before.start, end=day.end)
        elif (
            before is not None
            and text[before.end : day.start].strip(" ,(") == ""
            and {before.kind, day.kind} in _SAME_DAY
            and not ("tomorrow" in (before.kind, day.kind) and before.day != day.day)
        ):
            tells = day if day.kind != "weekday" and day.day is not None else before
            if before.kind == "vague" and not names_a_period(text[before.start : before.end]):
                tells = day  # "next week" keeps its weekday open, "these days" does not
            result[-1] = NamedDay(before.start, day.end, tells.day, tells.kind, tells.other)
        else:
            result.append(day)
    return result


_SAME_DAY = (
    {"weekday", "day_of_month"},
    {"weekday", "written"},
    {"weekday", "tomorrow"},
    {"weekday", "vague"},
    {"day_of_month", "vague"},
    {"day_of_month", "end_of_month"},
    {"vague", "payday"},
)


def _in_a_week_named(before: NamedDay, day: NamedDay, text: str) -> date | None:
    """ "The Monday in three weeks": the weekday tells which day of that week."""
    gap = _BESIDE.fullmatch(text[before.end : day.start])
    if not gap or {before.kind, day.kind} != {"in_some", "weekday"}:
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
    return any(pattern.fullmatch(between.strip()) for pattern in beside("that_is"))


def _in_the_same_week(named: list[NamedDay], found: Findings, text: str) -> list[NamedDay]:
    """ "Next Tuesday or Wednesday" is the Wednesday of that week too."""
    weeks = {one.start: which(group(one.match, "week")) for one in found.of("dates.weekday")}

    def read(before: NamedDay, first: date, day: NamedDay, second: date) -> date:
        joined = _JOINED.fullmatch(text[before.end : day.start])
        if (before.kind, day.kind) != ("weekday", "weekday") or not joined:
            return second
        if not weeks.get(before.start) or weeks.get(day.start) is not None:
            return second
        same = days.weekday_of_week(first, second.weekday(), 0)
        return same if same > first else second

    return _each_by_the_one_before(named, read)


def _in_the_same_month(named: list[NamedDay], found: Findings) -> list[NamedDay]:
    """ "The 1st of next month and the 15th": the second is counted from the first."""
    bare = {
        one.start
        for one in found.of("dates.day_of_month")
        if not group(one.match, "month", "relative", "year")
    }

    def read(before: NamedDay, first: date, day: NamedDay, second: date) -> date | None:
        counts = before.kind in _OF_A_MONTH and before.start not in bare
        counted = day.kind == "day_of_month" and day.start in bare
        again = counts and counted and second < first
        return days.next_day_of_month(first, second.day) if again else second

    return _each_by_the_one_before(named, read)


_OF_A_MONTH = frozenset({"day_of_month", "start_of_month", "mid_month"})


def _each_by_the_one_before(
    named: list[NamedDay], read: Callable[[NamedDay, date, NamedDay, date], date | None]
) -> list[NamedDay]:
    result: list[NamedDay] = []
    for day in named:
        before = result[-1] if result else None
        if before is not None and before.day is not None and day.day is not None:
            day = replace(day, day=read(before, before.day, day, day.day))
        result.append(day)
    return result


_JOINED = re.compile(r"[ ,/-]*(?:\u548c|\u6216\u8005|\u6216|\u8ddf|\u5230|and|or|to)? ?(?:on )?")
"""What stands between two days that are named in one breath."""


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


def _following(match: Match[str], before: date | None) -> date | None:
    if before is None:
        return None
    weekday = match.groupdict().get("day")
    if weekday is not None:
        return days.next_weekday(before, names()["weekdays"][weekday])
    number = 1 if group(match, "n") in (None, "the") else count(match["n"])
    return later(before, number, unit_of(match["unit"])) if number else None


_A_WORD_APART = 2


def _on_that_day(named: list[NamedDay], found: Findings) -> list[NamedDay]:
    """ "My brother pays me on Saturday, you get it that same day"."""
    for finding in found.of("dates.same_day"):
        before = [day for day in named if day.end + _A_WORD_APART <= finding.start]
        touching = [day for day in named if day not in before and day.start < finding.end]
        if before and not touching and _is_ahead(before[-1]):
            again = NamedDay(finding.start, finding.end, before[-1].day, "following")
            named = sorted([*named, again], key=lambda one: one.start)
    return named


_BESIDE = re.compile(r"[ \u7684]*(?:the|that)? *")
"""What may stand between a day and the words that tell which day it is from there."""


_SHARED = 2
"""Characters that the name of a feast ("before New Year") and the words after it may share."""


def _shifted(named: list[NamedDay], found: Findings, text: str) -> list[NamedDay]:
    """ "The day after Christmas" and "two days before the 15th" are one day each."""
    for finding in found.of("dates.shift"):
        groups = finding.match.groupdict()
        if groups.get("earlier") or groups.get("later"):
            near = [day for day in named if day.start < finding.start >= day.end - _SHARED][-1:]
            gap = text[near[0].end : finding.start] if near else ""
        else:
            near = [day for day in named if day.start >= finding.end][:1]
            gap = text[finding.end : near[0].start] if near else ""
        if not near or not _is_ahead(near[0]) or not _BESIDE.fullmatch(gap):
            continue
        back = bool(groups.get("earlier") or groups.get("day_before"))
        number = count(groups.get("n") or "1")
        unit = unit_of(groups.get("unit") or "day")
        if number is None or unit is None or near[0].day is None:
            continue
        day = later(near[0].day, -number if back else number, unit)
        start, end = min(near[0].start, finding.start), max(near[0].end, finding.end)
        apart = [one for one in named if one.end <= start or one.start >= end]
        named = sorted([*apart, NamedDay(start, end, day, "following")], key=lambda one: one.start)
    return named


def _is_ahead(day: NamedDay) -> bool:
    return day.day is not None and day.kind != "past"
