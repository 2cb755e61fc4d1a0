"""The clock on the wall of a time zone, as integer arithmetic.

The contact policy asks "which local day is it, and when does the window open next?" hundreds of
thousands of times in one planning run. Between two clock changes a zone is a constant offset, so
each zone is kept as a list of such stretches. Zones come from the locked `tzdata` package and not
from the machine: the same facts give the same answer on every machine.

Instants are integer microseconds since 1970-01-01T00:00Z; days are numbered from 1970-01-01.
"""

from bisect import bisect_right
from datetime import UTC, datetime, timedelta
from functools import cache
from importlib.resources import files
from zoneinfo import ZoneInfo

SECOND = 1_000_000
MINUTE = 60 * SECOND
HOUR = 60 * MINUTE
DAY = 24 * HOUR

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_TZDATA = files("tzdata") / "zoneinfo"
_SAMPLE_S = 2 * 86_400
"""No zone has changed its offset twice within six days since 1970, so two days miss nothing."""
_YEAR = 366 * DAY


def to_micros(instant: datetime) -> int:
    """Microseconds since 1970 of an aware datetime; TypeError for a naive one."""
    since = instant - _EPOCH
    return since.days * DAY + since.seconds * SECOND + since.microseconds


def from_micros(instant: int) -> datetime:
    return _EPOCH + timedelta(microseconds=instant)


class ZoneClock:
    """One IANA zone. Safe to share between threads: a longer table replaces the old one whole."""

    __slots__ = ("_stretches", "name", "zone")

    def __init__(self, name: str) -> None:
        self.name = name
        self.zone = load_zone(name)
        self._stretches: tuple[int, int, list[int], list[int]] = (0, 0, [], [])

    def day(self, instant: int) -> int:
        """The number of the local day at `instant`."""
        return (instant + self._stretch(instant)[1]) // DAY

    def next_day(self, instant: int) -> int:
        """The first instant after `instant` that has another local date."""
        until, offset = self._stretch(instant)
        today = (instant + offset) // DAY
        while True:
            midnight = (today + 1) * DAY - offset
            if midnight < until:
                return midnight
            instant = until
            until, offset = self._stretch(instant)
            if (instant + offset) // DAY != today:
                return instant

    def next_inside(self, instant: int, opens: int, closes: int) -> int:
        """The first instant from `instant` on with a local time of day in `[opens, closes)`.

        `opens` < `closes`, both in microseconds since local midnight.
        """
        while True:
            until, offset = self._stretch(instant)
            day, time_of_day = divmod(instant + offset, DAY)
            if opens <= time_of_day < closes:
                return instant
            if time_of_day >= closes:
                day += 1
            opening = day * DAY + opens - offset
            if opening < until:
                return opening
            instant = until

    def _stretch(self, instant: int) -> tuple[int, int]:
        """End (exclusive) and UTC offset of the stretch of constant offset around `instant`."""
        start, end, starts, offsets = self._stretches
        if not start <= instant < end:
            start, end, starts, offsets = self._stretches = self._wider(instant, start, end)
        index = bisect_right(starts, instant) - 1
        return (starts[index + 1] if index + 1 < len(starts) else end), offsets[index]

    def _wider(self, instant: int, start: int, end: int) -> tuple[int, int, list[int], list[int]]:
        first, last = instant - _YEAR, instant + 2 * _YEAR
        if start != end:
            first, last = min(first, start), max(last, end)
        second, last_second = first // SECOND, last // SECOND
        offset = self._offset_s(second)
        starts, offsets = [second * SECOND], [offset * SECOND]
        while second < last_second:
            sample = min(second + _SAMPLE_S, last_second)
            if (changed := self._offset_s(sample)) != offset:
                starts.append(self._change_between(second, sample, offset) * SECOND)
                offsets.append(changed * SECOND)
                offset = changed
            second = sample
        return starts[0], last_second * SECOND, starts, offsets

    def _change_between(self, before: int, after: int, offset: int) -> int:
        """The second at which the clock leaves `offset`: after `before`, at the latest `after`."""
        while after - before > 1:
            middle = (before + after) // 2
            if self._offset_s(middle) == offset:
                before = middle
            else:
                after = middle
        return after

    def _offset_s(self, second: int) -> int:
        offset = datetime.fromtimestamp(second, self.zone).utcoffset()
        assert offset is not None
        return offset.days * 86_400 + offset.seconds


@cache
def load_zone(name: str) -> ZoneInfo:
    """An IANA zone of the locked database; ValueError for any other name."""
    if name not in known_zones():
        raise ValueError(f"unknown time zone {name!r}")
    with _TZDATA.joinpath(*name.split("/")).open("rb") as file:
        return ZoneInfo.from_file(file, key=name)


@cache
def known_zones() -> frozenset[str]:
    """Every name of the tz database, old names included."""
    names = (files("tzdata") / "zones").read_text("utf-8").split()
    return frozenset(names) - {"Factory"}


@cache
def known_countries() -> frozenset[str]:
    """ISO 3166 alpha-2 codes."""
    return frozenset(row[0] for row in _rows("iso3166.tab"))


@cache
def zones_of(country: str) -> tuple[str, ...]:
    """The zones of a country in `zone.tab`; empty for the two uninhabited ones without any."""
    return tuple(sorted(row[2] for row in _rows("zone.tab") if row[0] == country))


@cache
def clock_of(name: str) -> ZoneClock:
    return ZoneClock(name)


@cache
def clocks_for(country: str, timezone: str | None) -> tuple[ZoneClock, ...]:
    """The borrower's clock, or one for every zone of the country while the zone is unknown.

    Raises ValueError when neither names a zone.
    """
    names = zones_of(country) if timezone is None else (timezone,)
    if not names:
        raise ValueError(f"no time zone is known for country {country!r}")
    return tuple(clock_of(name) for name in names)


def _rows(table: str) -> list[list[str]]:
    lines = (_TZDATA / table).read_text("utf-8").splitlines()
    return [line.split("\t") for line in lines if line and not line.startswith("#")]
