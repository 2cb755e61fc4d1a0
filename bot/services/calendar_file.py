"""Days that were agreed as a calendar file (RFC 5545), for the borrower's own calendar.

Calendars are shown to families and colleagues: an entry has a plain title, and no word or figure
of a debt.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from icalendar import Alarm, Calendar, Event

NAME = "days.ics"
_MAKER = "-//Remindful//"
_IN_THE_MORNING = timedelta(hours=9)


@dataclass(frozen=True, slots=True)
class Day:
    """`uid` is the same for the same agreement: a new file replaces what an old one said."""

    uid: str
    day: date


def calendar_file(title: str, days: Iterable[Day], now: datetime) -> bytes:
    """One entry for each day, all day long, with an alarm at nine in the morning."""
    calendar = Calendar()
    calendar.add("prodid", _MAKER)
    calendar.add("version", "2.0")
    for one in days:
        entry = Event()
        entry.add("uid", f"{one.uid}@remindful")
        entry.add("dtstamp", now)
        entry.add("dtstart", one.day)
        entry.add("summary", title)
        entry.add("transp", "TRANSPARENT")
        alarm = Alarm()
        alarm.add("action", "DISPLAY")
        alarm.add("description", title)
        alarm.add("trigger", _IN_THE_MORNING)
        entry.add_component(alarm)
        calendar.add_component(entry)
    return bytes(calendar.to_ical())
