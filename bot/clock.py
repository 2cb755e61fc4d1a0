"""Where `now` comes from: the system, or for demo and tests a clock that can be moved.

Everything else takes `now` as a value. A moved clock is asked each time, so a jump is seen at once.
"""

from datetime import UTC, datetime
from typing import Protocol

import aiohttp

from bot.errors import NotAvailable

_PATIENCE = aiohttp.ClientTimeout(total=5)


class Clock(Protocol):
    async def now(self) -> datetime:
        """The present instant, aware, UTC."""
        ...

    async def close(self) -> None: ...


class SystemClock:
    """The machine's own clock."""

    async def now(self) -> datetime:
        return datetime.now(UTC)

    async def close(self) -> None:
        return None


class MovableClock:
    """The clock behind CLOCK_URL: `GET` answers `{"now": RFC 3339}`."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._session: aiohttp.ClientSession | None = None

    async def now(self) -> datetime:
        """Raises NotAvailable when the clock does not answer."""
        if self._session is None:
            self._session = aiohttp.ClientSession(timeout=_PATIENCE)
        try:
            async with self._session.get(self._url) as answer:
                told = await answer.json(content_type=None)
                now = datetime.fromisoformat(told["now"])
        except (aiohttp.ClientError, TimeoutError, ValueError, KeyError, TypeError) as error:
            raise NotAvailable(
                f"CLOCK_URL {self._url}: no time ({type(error).__name__})"
            ) from error
        if now.tzinfo is None:
            raise NotAvailable(f"CLOCK_URL {self._url}: the time has no zone")
        return now.astimezone(UTC)

    async def close(self) -> None:
        if self._session is not None:
            await self._session.close()
            self._session = None


def clock_for(url: str | None) -> Clock:
    """The movable clock at `url`, or the system's."""
    return MovableClock(url) if url else SystemClock()
