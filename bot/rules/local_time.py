"""A borrower's own calendar and clock.

With an unknown time zone every zone of the country has to be right at once: a day is over only
when it is over in the last of them, and ten o'clock is when even the latest clock shows ten.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from zoneinfo import ZoneInfo

from bot.rules.zones import load_zone, zones_of
from storage.records import Borrower

_EASTMOST = timedelta(hours=14)


@dataclass(frozen=True, slots=True)
class LocalTime:
    """One zone, or all that a borrower may live in."""

    zones: tuple[ZoneInfo, ...]

    def day(self, instant: datetime) -> date:
        """The local date at an aware `instant`."""
        return min(instant.astimezone(zone).date() for zone in self.zones)

    def instant(self, day: date, at: time) -> datetime:
        """The UTC instant of a local time of day.

        A time that a clock change skips is as much later; one that happens twice is the first.
        """
        wall = datetime.combine(day, at)
        return max(wall.replace(tzinfo=zone).astimezone(UTC) for zone in self.zones)


def latest_day(now: datetime) -> date:
    """The latest date that it is anywhere on Earth.

    Whoever wrote down a fact may have been a day ahead of the borrower whom it is about.
    """
    return (now + _EASTMOST).date()


def local_time_of(borrower: Borrower) -> LocalTime:
    """Raises ValueError when neither the borrower's zone nor the country's are known."""
    return _local_time(borrower.country, borrower.timezone)


@cache
def _local_time(country: str, timezone: str | None) -> LocalTime:
    names = zones_of(country) if timezone is None else (timezone,)
    if not names:
        raise ValueError(f"no time zone is known for country {country!r}")
    return LocalTime(tuple(load_zone(name) for name in names))
