"""What each chat, or topic of one, is being asked for now, so that a restart forgets nobody."""

from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, delete, select

from storage.engine import Transaction
from storage.schema import dialogs

PLAIN = 0
"""The topic of what is said in none."""


async def get(
    tx: Transaction, chat_id: int, thread_id: int = PLAIN
) -> tuple[str, dict[str, Any]] | None:
    """The state and its data, None when nothing is asked."""
    row = await tx.one(select(dialogs.c.state, dialogs.c.data).where(*_at(chat_id, thread_id)))
    return None if row is None else (row.state, dict(row.data))


async def put(
    tx: Transaction,
    chat_id: int,
    state: str,
    data: dict[str, Any],
    now: datetime,
    thread_id: int = PLAIN,
) -> None:
    values = {"state": state, "data": data, "updated_at": now}
    await tx.execute(
        tx.insert_or(dialogs)
        .values(chat_id=chat_id, thread_id=thread_id, **values)
        .on_conflict_do_update(index_elements=["chat_id", "thread_id"], set_=values)
    )


async def clear(tx: Transaction, chat_id: int, thread_id: int = PLAIN) -> None:
    await tx.execute(delete(dialogs).where(*_at(chat_id, thread_id)))


def _at(chat_id: int, thread_id: int) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    return dialogs.c.chat_id == chat_id, dialogs.c.thread_id == thread_id
