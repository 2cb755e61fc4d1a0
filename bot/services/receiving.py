"""Updates on their way in: kept as they came, handled once, given up only if unreadable."""

import json
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from storage import inbox
from storage.engine import Transaction
from storage.records import Received


async def keep(tx: Transaction, updates: Iterable[dict[str, Any]], now: datetime) -> None:
    """Write updates to the inbox; one that came before stays as it is."""
    await inbox.receive(
        tx,
        [
            Received(
                int(update["update_id"]),
                chat_of(update),
                json.dumps(update, ensure_ascii=False),
                now,
            )
            for update in updates
        ],
    )


def chat_of(update: dict[str, Any]) -> int | None:
    """The chat an update belongs to, read without decoding it: what is handled in order."""
    for value in update.values():
        if isinstance(value, dict):
            chat = value.get("chat") or (value.get("message") or {}).get("chat")
            if isinstance(chat, dict) and isinstance(chat.get("id"), int):
                return int(chat["id"])
    return None


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


async def forget(tx: Transaction, before: datetime) -> int:
    """Delete handled updates received before a moment."""
    return await inbox.purge(tx, before)
