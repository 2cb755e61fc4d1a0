"""What a chat is being asked for: one open question at a time, kept across restarts."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from storage import dialogs
from storage.engine import Transaction


@dataclass(frozen=True, slots=True)
class Question:
    """`name` says who reads the answer ("amount_of_promise"), `data` what is known so far."""

    name: str
    data: dict[str, Any]


async def ask(
    tx: Transaction, chat_id: int, name: str, data: dict[str, Any], now: datetime
) -> None:
    """Open a question; it takes the place of the one before."""
    await dialogs.put(tx, chat_id, name, data, now)


async def asked(tx: Transaction, chat_id: int) -> Question | None:
    found = await dialogs.get(tx, chat_id)
    return None if found is None else Question(*found)


async def done(tx: Transaction, chat_id: int) -> None:
    """Answered, or not wanted any more."""
    await dialogs.clear(tx, chat_id)
