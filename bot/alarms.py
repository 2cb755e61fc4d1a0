"""An alarm a person sees: a message to every admin, /readyz, a metric, and a line in the log."""

import asyncio

import structlog

from bot.clock import Clock
from bot.errors import NotAvailable
from bot.health import Health
from bot.services.alarming import tell_admins
from bot.services.office import Office
from storage.engine import Storage
from storage.errors import StorageUnavailable

log = structlog.get_logger(__name__)

_PAUSE_SECONDS = 5.0
_LONGEST_REASON = 300


class Alarms:
    """Raised from anywhere in a process; one task tells the admins."""

    def __init__(self, storage: Storage, clock: Clock, office: Office, health: Health) -> None:
        self._storage = storage
        self._clock = clock
        self._office = office
        self._health = health
        self._raised: asyncio.Queue[tuple[str, str]] = asyncio.Queue()

    def ring(self, name: str, reason: str) -> None:
        """`name` is a short code, `reason` holds no personal data."""
        log.error("alarm", alarm=name, reason=reason)
        self._health.alarmed(name, reason[:_LONGEST_REASON])
        self._raised.put_nowait((name, reason[:_LONGEST_REASON]))

    def warn(self, name: str, reason: str) -> None:
        """As `ring`, for what leaves the process fit for its job: /readyz stays as it is."""
        log.warning("a person should see to this", about=name, reason=reason)
        self._health.alarms[name] += 1
        self._raised.put_nowait((name, reason[:_LONGEST_REASON]))

    async def run(self) -> None:
        while True:
            name, reason = await self._raised.get()
            if not await self._tell(name, reason):
                self._raised.put_nowait((name, reason))
                await asyncio.sleep(_PAUSE_SECONDS)

    async def _tell(self, name: str, reason: str) -> bool:
        """False: the database or the clock is away, which may be what the alarm is about."""
        try:
            now = await self._clock.now()
            async with self._storage.transaction() as tx:
                await tell_admins(tx, self._office, name, reason, now)
        except (StorageUnavailable, NotAvailable):
            return False
        except Exception:  # an alarm that cannot be put into words must not end the process
            log.exception("an alarm could not be told", alarm=name)
        return True
