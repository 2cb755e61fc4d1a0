"""Watches that balances stay fresh: when files stop coming, the admins hear of it.

The database is asked when a balance grows stale by the clock, while one is, and now and then
beside. The bot does its job all the while, so it stays ready: /readyz carries a warning.
"""

import asyncio
import time
from datetime import datetime, timedelta

import structlog

from bot.alarms import Alarms
from bot.clock import Clock
from bot.errors import NotAvailable
from bot.health import Health
from bot.services.freshness import Freshness, freshness
from bot.services.office import Office
from storage.engine import Storage
from storage.errors import StorageUnavailable

log = structlog.get_logger(__name__)

_PAUSE_SECONDS = 2.0
_NOW_AND_THEN = timedelta(minutes=10)
_SOON = timedelta(seconds=15)
_SAID_AGAIN = timedelta(days=1)
_PATIENCE_SECONDS = 10.0


class Watch:
    """One for a process; several processes warn once, for the message is told once.

    `patience`: so many real seconds a balance has to be old before it is told of. When the clock of
    a demo jumps over days, the lender's next file comes a moment later.
    """

    def __init__(
        self,
        storage: Storage,
        clock: Clock,
        office: Office,
        health: Health,
        alarms: Alarms,
        *,
        patience: float = _PATIENCE_SECONDS,
    ) -> None:
        self._storage = storage
        self._clock = clock
        self._office = office
        self._health = health
        self._alarms = alarms
        self._patience = patience
        self._stale_since: float | None = None
        self._look_at: datetime | None = None
        self._told_at: datetime | None = None

    async def run(self) -> None:
        while True:
            try:
                await self.look(await self._clock.now())
            except (StorageUnavailable, NotAvailable) as error:
                log.warning("balances cannot be watched", reason=str(error))
            await asyncio.sleep(_PAUSE_SECONDS)

    async def look(self, now: datetime) -> None:
        """Look if it is time to."""
        if self._look_at is not None and now <= self._look_at:
            return
        async with self._storage.reading() as tx:
            found = await freshness(tx, self._office, now)
        later = now + (_SOON if found.stale else _NOW_AND_THEN)
        self._look_at = min(later, found.until or later)
        self._tell(found, now)

    def _tell(self, found: Freshness, now: datetime) -> None:
        if not found.stale:
            self._health.stale_balances = self._told_at = self._stale_since = None
            return
        self._stale_since = self._stale_since or time.monotonic()
        if time.monotonic() - self._stale_since < self._patience:
            self._look_at = None
            return
        assert found.oldest is not None, "something is stale"
        reason = (
            f"{found.stale} of {found.loans} loans with something owed have a balance that is too "
            f"old to speak of, the oldest of {found.oldest:%Y-%m-%d %H:%M} UTC; nothing automated "
            f"goes for them until new loans are imported"
        )
        self._health.stale_balances = reason
        if self._told_at is None or now - self._told_at >= _SAID_AGAIN:
            self._told_at = now
            self._alarms.warn("balances", reason)
