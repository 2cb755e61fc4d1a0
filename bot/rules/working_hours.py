"""When people are at work, and when they will be next: an honest time instead of silence."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta, tzinfo
from typing import Self

from bot.rules.public_holidays import is_public_holiday

_WRITTEN = re.compile(
    r"(?:(?P<first>[1-7])-(?P<last>[1-7]) )?(?P<start>\d\d:\d\d)-(?P<end>\d\d:\d\d)"
)


@dataclass(frozen=True, slots=True)
class WorkingHours:
    """Weekdays `first` to `last` (1 is Monday), local times `[start, end)`."""

    first: int
    last: int
    start: time
    end: time

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read "1-5 09:00-18:00"; without days Monday to Friday. Raises ValueError."""
        match = _WRITTEN.fullmatch(text.strip())
        if match is None:
            raise ValueError("write it like 1-5 09:00-18:00 (Monday to Friday, nine to six)")
        hours = cls(
            first=int(match["first"] or 1),
            last=int(match["last"] or 5),
            start=time.fromisoformat(match["start"]),
            end=time.fromisoformat(match["end"]),
        )
        if hours.start >= hours.end or hours.first > hours.last:
            raise ValueError("the start must lie before the end")
        return hours

    def after(self, start: datetime, length: timedelta, zone: tzinfo, country: str) -> datetime:
        """The instant at which `length` of working time has passed since `start`, as UTC."""
        at = self.opening(start, zone, country) or start
        while True:
            closes = datetime.combine(at.astimezone(zone).date(), self.end, zone)
            left = closes.astimezone(UTC) - at.astimezone(UTC)
            if length <= left:
                return at.astimezone(UTC) + length
            length -= left
            opens = self.opening(closes, zone, country)
            assert opens is not None, "nobody is at work when the day has ended"
            at = opens

    def opening(self, now: datetime, zone: tzinfo, country: str) -> datetime | None:
        """The next opening in `zone` as an aware time there; None while open."""
        local = now.astimezone(zone)
        for days in range(370):
            day = local.date() + timedelta(days=days)
            if not self.first <= day.isoweekday() <= self.last or is_public_holiday(country, day):
                continue
            opens = datetime.combine(day, self.start, zone)
            if now < opens:
                return opens
            if now < datetime.combine(day, self.end, zone):
                return None
        raise ValueError("no working day within a year")
