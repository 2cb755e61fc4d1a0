"""`remindful run`: the bot itself, until SIGTERM."""

import asyncio
import os
import sys
from typing import NoReturn

from bot import settings
from bot.errors import RemindfulError
from bot.logs import write_logs
from storage.errors import StorageError


def run() -> NoReturn:
    """Leaves with 0 after a drained stop; raises what kept it from starting or going on."""
    # A wrong setting is said before the slow libraries are loaded.
    chosen = settings.load("bot_token", "secret_key")
    write_logs()
    from bot import application

    try:
        asyncio.run(application.serve(chosen))
    except* (RemindfulError, StorageError) as group:
        raise _first(group) from None
    # Everything is closed. Taking so large an interpreter apart would take a second or two of the
    # ten that a stop has, and what still runs in threads could hold it up for ever.
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(0)


def _first(group: BaseExceptionGroup) -> BaseException:
    """The fault itself out of the task group's wrapping."""
    fault: BaseException = group
    while isinstance(fault, BaseExceptionGroup):
        fault = fault.exceptions[0]
    return fault
