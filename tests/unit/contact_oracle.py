"""The contact policy once more, written to be read and not to be fast.

It shares no code with the real one but the value types and the zone files: wall clocks are
datetimes, windows are compared one by one, and the first allowed instant is found by trying every
instant at which anything could change. The tests hold the two against each other.
"""

import warnings
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from zoneinfo import ZoneInfo

from holidays import HolidayBase, country_holidays

from bot.rules.contact_policy import ChatOwner, ContactFacts, ContactPolicy
from bot.rules.zones import load_zone, zones_of

DENY, DEFER = "deny", "defer"
AUTOMATED = {"pre_due", "overdue", "promise_note", "plan_note", "notice"}
BUDGET = AUTOMATED | {"staff"}
WEEK = timedelta(hours=168)


def said(facts: ContactFacts, policy: ContactPolicy, now: datetime) -> dict[str, str]:
    """Every rule that says no at `now`, in order, with what its no means."""
    zones = zones_for(facts)
    local = [now.astimezone(zone) for zone in zones]
    kind: str = facts.kind.value
    wrote = facts.borrower_wrote_at
    is_reply = prompt = False
    if kind == "reply":
        if wrote is not None:
            same_day = all(wrote.astimezone(z).date() == now.astimezone(z).date() for z in zones)
            is_reply = not facts.answered or same_day
            prompt = is_reply and now - wrote <= timedelta(minutes=30)
        if not is_reply:
            kind = "automated"
    automated = kind in AUTOMATED or kind == "automated"
    noes: dict[str, str] = {}

    if not (facts.private and facts.reachable) and kind != "call":
        noes["private_chat"] = DENY
    if kind == "safety":
        return noes
    if kind != "call" and not (facts.verified or facts.neutral):
        noes["identity"] = DENY
    if kind != "call" and not facts.consent:
        noes["consent"] = DENY
    if facts.stopped and kind not in ("reply", "notice"):
        noes["opt_out"] = DENY
    _hold(noes, "legal_hold", facts, ("legal", "frozen"), now)
    if kind != "reply":
        _hold(noes, "dispute", facts, ("dispute",), now)
        if automated:
            _hold(noes, "complaint", facts, ("complaint",), now)
        _hold(noes, "hardship", facts, ("hardship",), now)
    if kind != "call":
        if facts.kind == "reply":
            owned = facts.owner in (ChatOwner.BOT, ChatOwner.PERSON)
        elif kind == "staff":
            owned = facts.owner == ChatOwner.PERSON
        else:
            owned = facts.owner == ChatOwner.BOT
        if not owned:
            noes["person_owns_chat"] = DENY
    if facts.promise_open and kind in ("overdue", "notice", "call"):
        noes["promise_open"] = DENY
    if facts.plan_kept:
        if policy.kept_plan_stops_all:
            if kind not in ("plan_note", "thanks", "reply"):
                noes["plan_kept"] = DENY
        elif kind in ("overdue", "notice", "call"):
            noes["plan_kept"] = DENY
    if automated or kind == "call":
        as_of = facts.balance_as_of
        if as_of is not None and facts.at - as_of > timedelta(hours=policy.balance_hours):
            noes["balance_stale"] = DENY
        if not facts.something_due:
            noes["balance_zero"] = DENY
    if kind != "call" and (not facts.published or facts.guard == "block"):
        noes["script"] = DENY
    if not prompt:
        minutes = [when.hour * 60 + when.minute for when in local]
        if any(not policy.hours.opens <= minute < policy.hours.closes for minute in minutes):
            noes["hours"] = DEFER
        if any(_is_holiday(facts.country, when.date()) for when in local):
            noes["holiday"] = DEFER
    if automated:
        quiet = timedelta(hours=policy.quiet_borrower_hours)
        if wrote is not None and now < wrote + quiet:
            noes["quiet_borrower"] = DEFER
        quiet = timedelta(hours=policy.quiet_person_hours)
        if facts.person_wrote_at is not None and now < facts.person_wrote_at + quiet:
            noes["quiet_person"] = DEFER
    budget = [past.at for past in facts.history if past.kind.value in BUDGET]
    if automated or kind == "staff":
        if _most_in_a_day(budget, zones, now) >= policy.cap_day:
            noes["cap_day"] = DEFER
        if _in_a_week(budget, now) >= policy.cap_week:
            noes["cap_week"] = DEFER
    if kind == "overdue":
        overdue = [past.at for past in facts.history if past.kind.value == "overdue"]
        if _in_a_week(overdue, now) >= policy.cap_overdue:
            noes["cap_overdue"] = DEFER
    if kind == "call":
        calls = [past for past in facts.history if past.kind.value == "call"]
        tries = [past.at for past in calls]
        talks = [past.at for past in calls if past.outcome == "answered"]
        rest = timedelta(hours=policy.quiet_after_talk_hours)
        if (
            _most_in_a_day(talks, zones, now) >= policy.calls_answered_per_day
            or _most_in_a_day(tries, zones, now) >= policy.calls_tried_per_day
            or _in_a_week(tries, now) >= policy.calls_tried_per_week
            or any(now < talk + rest for talk in talks)
        ):
            noes["cap_call"] = DEFER
    if facts.already_sent:
        noes["duplicate"] = DENY
    return noes


def verdict(facts: ContactFacts, policy: ContactPolicy) -> str:
    noes = said(facts, policy, facts.at).values()
    return DENY if DENY in noes else DEFER if noes else "allow"


def first_allowed(facts: ContactFacts, policy: ContactPolicy, days: int = 400) -> datetime | None:
    """The first instant after `facts.at` with no no, tried at every possible change."""
    end = facts.at + timedelta(days=days)
    for instant in sorted(set(changes(facts, policy, facts.at, end))):
        if facts.at < instant <= end and not said(facts, policy, instant):
            return instant
    return None


def changes(
    facts: ContactFacts, policy: ContactPolicy, start: datetime, end: datetime
) -> Iterator[datetime]:
    """Every instant at which something may begin to be allowed."""
    for hold in facts.holds:
        yield hold.start
        if hold.end is not None:
            yield hold.end
    if facts.borrower_wrote_at is not None:
        yield facts.borrower_wrote_at + timedelta(hours=policy.quiet_borrower_hours)
    if facts.person_wrote_at is not None:
        yield facts.person_wrote_at + timedelta(hours=policy.quiet_person_hours)
    for past in facts.history:
        yield past.at + WEEK
        yield past.at + timedelta(hours=policy.quiet_after_talk_hours)
    opens = timedelta(minutes=policy.hours.opens)
    for zone in zones_for(facts):
        day = start.astimezone(zone).date() - timedelta(days=1)
        while day <= end.astimezone(zone).date() + timedelta(days=1):
            midnight = datetime.combine(day, time())
            for wall in (midnight, midnight + opens):
                for fold in (0, 1):
                    yield wall.replace(tzinfo=zone, fold=fold).astimezone(UTC)
            yield from _clock_changes(zone, day)
            day += timedelta(days=1)


def zones_for(facts: ContactFacts) -> list[ZoneInfo]:
    names = zones_of(facts.country) if facts.timezone is None else (facts.timezone,)
    return [load_zone(name) for name in names]


def _clock_changes(zone: ZoneInfo, day: date) -> Iterator[datetime]:
    """The minutes of a UTC day at which the offset changes."""
    hour = datetime.combine(day, time(), UTC)
    if hour.astimezone(zone).utcoffset() == (hour + timedelta(days=1)).astimezone(zone).utcoffset():
        return
    for minute in range(24 * 60):
        before, after = hour + timedelta(minutes=minute), hour + timedelta(minutes=minute + 1)
        if before.astimezone(zone).utcoffset() != after.astimezone(zone).utcoffset():
            yield after


def _hold(
    noes: dict[str, str], rule: str, facts: ContactFacts, kinds: tuple[str, ...], now: datetime
) -> None:
    for hold in facts.holds:
        if hold.kind.value in kinds and hold.start <= now and (hold.end is None or now < hold.end):
            noes[rule] = DENY if hold.end is None or noes.get(rule) == DENY else DEFER


def _is_holiday(country: str, day: date) -> bool:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of years it knows nothing about
        return day in _calendar(country)


@cache
def _calendar(country: str) -> HolidayBase:
    return country_holidays(country)


def _most_in_a_day(past: list[datetime], zones: list[ZoneInfo], now: datetime) -> int:
    """How many lie on the local day of `now`, in the zone in which they are most."""
    return max(
        sum(at.astimezone(zone).date() == now.astimezone(zone).date() for at in past)
        for zone in zones
    )


def _in_a_week(past: list[datetime], now: datetime) -> int:
    return sum(at > now - WEEK for at in past)
