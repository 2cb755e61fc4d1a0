"""One clock for the whole stage.

Everything dated here (messages, expiry, flood waits) uses this clock, and so does the bot when its
`CLOCK_URL` points at us. It flows like the system's clock plus an offset that a demo or a test
moves. It never goes backwards by itself, even if the system's clock is corrected; only `set_to`
may do that, because a person asked for that very moment.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from simulator.errors import Refused

FARTHEST = timedelta(days=366 * 50)


class Clock:
    def __init__(self) -> None:
        self._offset = timedelta()
        self._last = datetime.min.replace(tzinfo=UTC)

    def now(self) -> datetime:
        """The simulated moment, aware, UTC."""
        moment = datetime.now(UTC) + self._offset
        if moment < self._last:
            return self._last
        self._last = moment
        return moment

    def unix(self) -> int:
        """The simulated moment in whole seconds, as Telegram dates everything."""
        return int(self.now().timestamp())

    def advance(self, seconds: float) -> None:
        if not 0 <= seconds <= FARTHEST.total_seconds():
            raise Refused("advance_s is a number of seconds from 0 to fifty years")
        self._offset += timedelta(seconds=seconds)

    def set_to(self, moment: datetime) -> None:
        """Jump to `moment` (aware), backwards too."""
        if moment.tzinfo is None:
            raise Refused("the moment needs its offset from UTC, for example a Z at the end")
        real = datetime.now(UTC)
        if abs(moment - real) > FARTHEST:
            raise Refused("the moment must be within fifty years of today")
        self._offset = moment - real
        self._last = datetime.min.replace(tzinfo=UTC)


def real_now() -> datetime:
    """The system's own moment, for the records that carry both."""
    return datetime.now(UTC)


def as_rfc3339(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")


def from_rfc3339(text: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise Refused(f"{text!r} is not a moment such as 2026-03-01T09:00:00Z") from error
    if moment.tzinfo is None:
        raise Refused(f"{text!r} lacks its offset from UTC, for example a Z at the end")
    return moment.astimezone(UTC)
