"""What a chat is being asked for: one open question at a time, kept across restarts.

A topic of a chat has a question of its own, so that what is written in one answers nothing that was
asked in another.
"""

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
    tx: Transaction,
    chat_id: int,
    name: str,
    data: dict[str, Any],
    now: datetime,
    *,
    thread: int | None = None,
) -> None:
    """Open a question; it takes the place of the one before."""
    await dialogs.put(tx, chat_id, name, data, now, thread or dialogs.PLAIN)


async def asked(tx: Transaction, chat_id: int, *, thread: int | None = None) -> Question | None:
    found = await dialogs.get(tx, chat_id, thread or dialogs.PLAIN)
    return None if found is None else Question(*found)


async def done(tx: Transaction, chat_id: int, *, thread: int | None = None) -> None:
    """Answered, or not wanted any more."""
    await dialogs.clear(tx, chat_id, thread or dialogs.PLAIN)
