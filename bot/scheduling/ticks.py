"""The ticks of a process: each second the due work, now and then the housekeeping.

Intervals run on the machine's clock while `now` is asked anew at every tick, so a moved clock or a
late tick only means that more is due.
"""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta

import structlog
from apscheduler.schedulers.asyncio import AsyncIOScheduler

from bot.clock import Clock
from bot.errors import NotAvailable
from bot.services import planning, receiving, sending
from bot.services.cases import allocating, handoff, lateness, offering
from bot.services.office import Office
from bot.services.scripts import in_force
from storage.engine import Storage
from storage.errors import StorageUnavailable

log = structlog.get_logger(__name__)

_A_TURN = 1_000
_TOGETHER = 200
_OFFERED_TOGETHER = 5
_BODIES_KEPT = timedelta(days=30)


class Ticks:
    """Start and stop with the process."""

    def __init__(self, storage: Storage, clock: Clock, office: Office) -> None:
        self._storage = storage
        self._clock = clock
        self._office = office
        self._scheduler = AsyncIOScheduler(timezone=UTC)

    def start(self) -> None:
        # No grace time: the default of one second would skip a tick that comes late.
        options = {"misfire_grace_time": None, "coalesce": True, "max_instances": 1}
        self._scheduler.add_job(
            self._guarded(self.plan), "interval", seconds=1, id="plan", **options
        )
        self._scheduler.add_job(
            self._guarded(self.route), "interval", seconds=1, id="route", **options
        )
        self._scheduler.add_job(
            self._guarded(self.settle), "interval", seconds=5, id="settle", **options
        )
        self._scheduler.add_job(
            self._guarded(self.forget), "interval", hours=1, id="forget", **options
        )
        self._scheduler.start()

    def stop(self) -> None:
        self._scheduler.shutdown(wait=False)

    async def plan(self) -> None:
        """Plan everything due, two hundred at a time: judged beside the work of others, then
        written in a short transaction, so that no chat waits.
        """
        plan_some = self._plan_a_turn if self._storage.is_sqlite else self._plan_leased
        while await plan_some(await self._clock.now()):
            pass

    async def _plan_a_turn(self, now: datetime) -> bool:
        """False: nobody else is due."""
        async with self._storage.reading() as tx:
            turn = await planning.next_turn(tx, self._office, now, limit=_A_TURN)
        for some in turn.portions(_TOGETHER):
            async with self._storage.reading() as tx:
                looks = await planning.judge(tx, turn, some)
            await asyncio.sleep(0)  # whoever came meanwhile has their turn
            async with self._storage.transaction(at_once=True) as tx:
                await planning.keep(tx, self._office, looks)
        return len(turn.news) == _A_TURN

    async def _plan_leased(self, now: datetime) -> bool:
        """Where nobody waits for a writer, and whoever has no lease need not judge at all."""
        async with self._storage.transaction() as tx:
            looked = await planning.plan_due(tx, self._office, now, limit=_TOGETHER)
        return looked == _TOGETHER

    async def route(self) -> None:
        """Waiting cases to whoever has room, a few a transaction, so that no chat waits."""
        while True:
            now = await self._clock.now()
            async with self._storage.transaction() as tx:
                await lateness.sweep(tx, self._office, now)
                if await offering.route(tx, self._office, now, limit=_OFFERED_TOGETHER) == 0:
                    return

    async def settle(self) -> None:
        """Rows and conversations whose time ran out."""
        now = await self._clock.now()
        async with self._storage.transaction() as tx:
            await in_force.refresh(tx, self._office, now)
            await sending.expire(tx, now)
            await handoff.sweep(tx, self._office, now)
            await lateness.free_the_forgotten(tx, self._office, now)
            await allocating.share_out(tx, self._office, now)
            if not self._storage.is_sqlite:
                await sending.recover(tx, now, everything=False)

    async def forget(self) -> None:
        """Bodies of updates are kept for a month and no longer."""
        now = await self._clock.now()
        async with self._storage.transaction() as tx:
            await receiving.forget(tx, now - _BODIES_KEPT)

    def _guarded(self, tick: Callable[[], Awaitable[None]]) -> Callable[[], Awaitable[None]]:
        async def guarded() -> None:
            try:
                await tick()
            except (StorageUnavailable, NotAvailable) as error:
                log.warning("a tick has to wait", reason=str(error))

        return guarded
