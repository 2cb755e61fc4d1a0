"""The first second of `remindful run`: what an earlier process left behind is settled.

Nothing of Telegram is loaded for it. Those libraries take longer than everything here, and nobody
should wait for them to hear what may not have arrived.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import structlog

from bot.house import House, opened
from bot.services import sending, staffing
from bot.settings import Settings
from storage.sole import alone

log = structlog.get_logger(__name__)


@asynccontextmanager
async def begun(settings: Settings) -> AsyncIterator[House]:
    """The database, for this process alone where there can be only one, settled and open.

    Raises what `opened` raises, StorageUnavailable when another process has it.
    """
    async with opened(settings) as house:
        with alone(house.storage.url):
            await _settle(house)
            yield house


async def _settle(house: House) -> None:
    """End what was on its way, and let the first admins in."""
    now = await house.clock.now()
    async with house.storage.transaction() as tx:
        await staffing.bootstrap_admins(tx, house.settings.admin_ids, now)
        left = await sending.recover(tx, now, everything=house.storage.is_sqlite)
    log.info("started", **left)
