"""Updates on their way in: kept as they came, handled once, given up only if unreadable."""

import json
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from storage import inbox
from storage.engine import Transaction
from storage.records import Received


async def keep(
    tx: Transaction, updates: Iterable[tuple[dict[str, Any], int | None]], now: datetime
) -> None:
    """Write (update, chat id) pairs to the inbox; one that came before stays as it is."""
    await inbox.receive(
        tx,
        [
            Received(int(update["update_id"]), chat_id, json.dumps(update, ensure_ascii=False), now)
            for update, chat_id in updates
        ],
    )


async def waiting(tx: Transaction, *, after: int, limit: int) -> list[Received]:
    """Updates not handled yet, in Telegram's order."""
    return await inbox.waiting(tx, after=after, limit=limit)


async def finish(tx: Transaction, update_id: int, now: datetime) -> bool:
    """Mark one handled together with its effects. False: it was handled before."""
    return await inbox.finish(tx, update_id, now)


async def give_up(tx: Transaction, update_id: int, reason: str, now: datetime) -> None:
    """Make one a dead letter: it is kept for a person to look at and stops nobody."""
    await inbox.failed(tx, update_id, reason, give_up=True, now=now)


async def failed(tx: Transaction, update_id: int, reason: str, now: datetime) -> None:
    """Note an attempt that failed; the update is tried again."""
    await inbox.failed(tx, update_id, reason, give_up=False, now=now)
