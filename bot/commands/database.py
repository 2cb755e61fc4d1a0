"""`remindful migrate`."""

import asyncio

from bot import settings
from bot.commands.using import write
from storage import migrating
from storage.engine import Storage


def migrate() -> None:
    """Create or upgrade the database; a newer one is refused."""
    asyncio.run(_migrate(settings.load().database_url))


async def _migrate(url: str) -> None:
    storage = Storage.open(url)
    try:
        before = await migrating.current(storage)
        await migrating.upgrade(storage)
        after = await migrating.current(storage)
    finally:
        await storage.close()
    write(f"at version {after}" if before == after else f"from {before or 'empty'} to {after}")
