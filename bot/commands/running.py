"""`remindful run`: the bot itself, until SIGTERM."""

import asyncio
import os
import sys
from typing import NoReturn

from bot import settings
from bot.errors import RemindfulError
from bot.logs import write_logs
from bot.settings import Settings
from storage.errors import StorageError


def run() -> NoReturn:
    """Leaves with 0 after a drained stop; raises what kept it from starting or going on.

    What is quickest to find wrong is loaded first: settings, then files and the database.
    """
    chosen = settings.load("bot_token", "secret_key")
    write_logs()
    try:
        asyncio.run(_serve(chosen))
    except* (RemindfulError, StorageError) as group:
        raise _first(group) from None
    # Everything is closed. Taking so large an interpreter apart would take a second or two of the
    # ten that a stop has, and what still runs in threads could hold it up for ever.
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(0)


async def _serve(chosen: Settings) -> None:
    from bot.beginning import begun

    async with begun(chosen) as house:
        from bot import application  # takes longest to load, and nothing is in doubt any more

        await application.serve(house)


def _first(group: BaseExceptionGroup) -> BaseException:
    """The fault itself out of the task group's wrapping."""
    fault: BaseException = group
    while isinstance(fault, BaseExceptionGroup):
        fault = fault.exceptions[0]
    return fault
