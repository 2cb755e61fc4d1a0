"""Was any rule broken? Judged from what arrived and what really happened, by code of its own.

Nothing here asks the contact policy, the planner or the ledger: their tables are written down a
second time, as they are in the published rules, and every message is held against them.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import holidays

from bot.rehearsal.diary import Arrival, Diary
from bot.rehearsal.lender import Debt, owed

_HOURS = {"CN": (8, 21), "US": (8, 21), "GB": (8, 20), "IN": (8, 19)}
_ZONES = {"CN": ("Asia/Shanghai", "Asia/Urumqi")}
_BUDGET = {"pre_due", "overdue", "promise_note", "plan_note", "notice", "staff"}
_STARTED = {"pre_due", "overdue", "promise_note", "plan_note", "notice"}
_BY_HOURS = _STARTED | {"thanks"}
_DAY, _WEEK = timedelta(days=1), timedelta(hours=168)
_PROMISE_TOLERANCE, _INSTALMENT_GRACE = 2, 3
"""Business days."""
_SATURDAY = 5
_STALE = timedelta(hours=36)
_AMOUNT = re.compile(r"\d[\d,]*\.\d\d(?!\d)")


@dataclass(frozen=True, slots=True)
class Violation:
    rule: str
    borrower_ref: str
    at: datetime
    key: str
    why: str


@dataclass(frozen=True, slots=True)
class Case:
    """One message held against one borrower's diary. `zones`: everywhere they may be."""

    one: Arrival
    diary: Diary
    debts: Sequence[Debt]
    zones: tuple[ZoneInfo, ...]

    @property
    def local(self) -> list[datetime]:
        return [self.one.at.astimezone(zone) for zone in self.zones]


def violations(diary: Diary, debts: Sequence[Debt], since: int = 0) -> Iterator[Violation]:
    """Every rule broken by the messages from number `since` on."""
    names = (diary.timezone,) if diary.timezone else _ZONES.get(diary.country, ())
    zones = tuple(ZoneInfo(name) for name in names)
    for one in diary.arrived[since:]:
        case = Case(one, diary, debts, zones)
        for rule, broken in _RULES.items():
            why = broken(case)
            if why:
                yield Violation(rule, diary.ref, one.at, one.key, why)


def _hours(case: Case) -> str:
    first, last = _HOURS[case.diary.country]
    if case.one.kind in _BY_HOURS and not all(first <= at.hour < last for at in case.local):
        return f"arrived at {case.local[0]:%H:%M} local time"
    return ""


def _holiday(case: Case) -> str:
    if case.one.kind not in _BY_HOURS:
        return ""
    closed = _public_holidays(case.diary.country)
    day = next((at.date() for at in case.local if at.date() in closed), None)
    return f"{day} is a public holiday" if day else ""


def _cap_day(case: Case) -> str:
    if case.one.kind not in _BUDGET:
        return ""
    for zone in case.zones:
        day = case.one.at.astimezone(zone).date()
        same = [one for one in _before(case, _BUDGET) if one.at.astimezone(zone).date() == day]
        if same:
            return f"the second of {day}, after {same[-1].key}"
    return ""


def _cap_week(case: Case) -> str:
    if case.one.kind not in _BUDGET:
        return ""
    week = [one for one in _before(case, _BUDGET) if case.one.at - one.at < _WEEK]
    return f"{len(week) + 1} within 168 hours" if len(week) >= 4 else ""


def _cap_overdue(case: Case) -> str:
    if case.one.kind != "overdue":
        return ""
    week = [one for one in _before(case, {"overdue"}) if case.one.at - one.at < _WEEK]
    return f"{len(week) + 1} about what is overdue within 168 hours" if len(week) >= 3 else ""


def _quiet(case: Case) -> str:
    if case.one.kind not in _STARTED:
        return ""
    wrote = [at for at in case.diary.wrote if at <= case.one.at]
    if wrote and case.one.at - wrote[-1] < _DAY:
        return f"the borrower wrote at {wrote[-1]:%Y-%m-%d %H:%M}"
    return ""


def _doubled(case: Case) -> str:
    if not case.one.automated:
        return ""
    if any(one.key == case.one.key for one in _before(case, None)):
        return "arrived before"
    return ""


def _stopped(case: Case) -> str:
    forbidden = _BY_HOURS - {"notice"}
    if case.one.kind in forbidden and any(one.holds(case.one.at) for one in case.diary.stops):
        return "after a stop"
    return ""


def _held(case: Case) -> str:
    for kind, some in case.diary.holds.items():
        forbidden = _STARTED if kind == "complaint" else _BY_HOURS
        if case.one.kind in forbidden and any(one.holds(case.one.at) for one in some):
            return f"during a {kind}"
    return ""


def _person_owns_chat(case: Case) -> str:
    if case.one.automated and any(one.holds(case.one.at) for one in case.diary.persons):
        return "while a person has the conversation"
    return ""


def _promise_open(case: Case) -> str:
    if case.one.kind != "overdue":
        return ""
    day = min(at.date() for at in case.local)
    for one in case.diary.promises:
        over = one.over is not None and one.over <= case.one.at
        if one.made_at <= case.one.at and day <= one.due_date and not over:
            return f"a promise for {one.due_date} is open"
    return ""


def _plan_kept(case: Case) -> str:
    if case.one.kind != "overdue":
        return ""
    day = min(at.date() for at in case.local)
    for agreed_at, first in case.diary.plans:
        if agreed_at <= case.one.at and day <= first and not _missed_since(case, agreed_at, day):
            return f"a plan was agreed, its first instalment is due on {first}"
    return ""


def _too_soon(case: Case) -> str:
    """Nobody hears that a promise was broken or an instalment missed while it may still be kept."""
    parts = case.one.key.split(":")
    anchor = parts[2] if parts[0] == "step" else ""
    day = min(at.date() for at in case.local)
    if anchor in ("broken_promise", "broken_again"):
        made = [one.due_date for one in case.diary.promises if one.made_at <= case.one.at]
        tolerated = _PROMISE_TOLERANCE
    elif anchor == "missed_instalment":
        made = [first for agreed_at, first in case.diary.plans if agreed_at <= case.one.at]
        tolerated = _INSTALMENT_GRACE
    else:
        return ""
    if any(day > _working_days_after(case, on, tolerated) for on in made):
        return ""
    return f"{anchor} is told of on {day}"


def _working_days_after(case: Case, day: date, number: int) -> date:
    closed = _public_holidays(case.diary.country)
    while number:
        day += _DAY
        number -= day.weekday() < _SATURDAY and day not in closed
    return day


def _missed_since(case: Case, agreed_at: datetime, day: date) -> bool:
    """Whether something that is no part of the plan has fallen due since it was agreed."""
    agreed_on = min(agreed_at.astimezone(zone).date() for zone in case.zones)
    return any(
        agreed_on <= item.due_date < day
        for debt in case.debts
        for item in debt.unpaid(at=case.one.at)
    )


def _fresh(case: Case) -> str:
    if case.one.kind not in _STARTED - {"promise_note", "plan_note"}:
        return ""
    days = [debt.as_of for debt in case.debts]
    known = [day for day in days if day is not None]
    if len(known) < len(days):
        return "no figures were delivered"
    ends = [
        datetime.combine(min(known) + _DAY, datetime.min.time(), zone).astimezone(UTC)
        for zone in case.zones
    ]
    age = case.one.at - min(ends)
    return f"the figures are {age} old" if age > _STALE else ""


def _amounts(case: Case) -> str:
    if not case.one.key.startswith("step:") or ":due:" not in case.one.key:
        return ""
    said = sorted(int(re.sub(r"\D", "", found)) for found in _AMOUNT.findall(case.one.text))
    right = [
        owed(case.debts, at.astimezone(zone).date(), case.one.at)
        for zone in case.zones
        for at in [case.one.at]
    ]
    both = [sorted([*one, sum(one)]) if len(one) > 1 else one for one in right]
    if said not in both:
        return f"says {said}, owed is {both[0]}"
    return ""


def _hold_out(case: Case) -> str:
    allowed = case.diary.trial.allowed
    if allowed is None or case.one.kind not in {"pre_due", "overdue"}:
        return ""
    return "" if _step(case) in allowed else "a reminder to somebody who is held out"


def _variant(case: Case) -> str:
    step = _step(case)
    return f"{step} is for another group" if step in case.diary.trial.foreign else ""


def _step(case: Case) -> str:
    """Of the strategy; empty for what is none."""
    parts = case.one.key.split(":")
    return parts[-2] if parts[0] == "step" and len(parts) > 2 else ""


def _before(case: Case, kinds: set[str] | None) -> list[Arrival]:
    """What arrived earlier, of some kinds."""
    found = []
    for one in case.diary.arrived:
        if one is case.one:
            break
        if kinds is None or one.kind in kinds:
            found.append(one)
    return found


_RULES: dict[str, Callable[[Case], str]] = {
    "hours": _hours,
    "holiday": _holiday,
    "cap_day": _cap_day,
    "cap_week": _cap_week,
    "cap_overdue": _cap_overdue,
    "quiet_borrower": _quiet,
    "duplicate": _doubled,
    "opt_out": _stopped,
    "hold": _held,
    "person_owns_chat": _person_owns_chat,
    "promise_open": _promise_open,
    "plan_kept": _plan_kept,
    "too_soon": _too_soon,
    "balance_stale": _fresh,
    "amounts": _amounts,
    "hold_out": _hold_out,
    "variant": _variant,
}

_CALENDARS: dict[str, holidays.HolidayBase] = {}


def _public_holidays(country: str) -> holidays.HolidayBase:
    if country not in _CALENDARS:
        _CALENDARS[country] = holidays.country_holidays(country)
    return _CALENDARS[country]


def by_rule(found: Sequence[Violation]) -> dict[str, int]:
    return dict(sorted(Counter(one.rule for one in found).items()))
