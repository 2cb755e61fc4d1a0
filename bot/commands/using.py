"""What every command that touches the database does: settings, house, one use case, commit."""

import asyncio
import json
import sys
from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Any, TypeVar

from bot import settings
from bot.house import House, opened
from storage.engine import Transaction

Result = TypeVar("Result")


def in_transaction(
    use_case: Callable[[House, Transaction, datetime], Awaitable[Result]], *needed: str
) -> Result:
    """Run `use_case` in one transaction of an open house; `needed` settings must be there."""
    chosen = settings.load(*needed)

    async def inside() -> Result:
        async with opened(chosen) as house:
            now = await house.clock.now()
            async with house.storage.transaction() as tx:
                return await use_case(house, tx, now)

    return asyncio.run(inside())


def write(line: str) -> None:
    sys.stdout.write(f"{line}\n")


def write_json(value: Any) -> None:
    """Instants are written as RFC 3339 in UTC, like everywhere else."""
    write(json.dumps(value, ensure_ascii=False, default=_plain))


def _plain(value: Any) -> str:
    if isinstance(value, datetime):
        return value.isoformat().replace("+00:00", "Z")
    return str(value)
