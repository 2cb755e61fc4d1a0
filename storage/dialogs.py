"""What each chat is being asked for now, so that a restart forgets nobody."""

from datetime import datetime
from typing import Any

from sqlalchemy import delete, select

from storage.engine import Transaction
from storage.schema import dialogs


async def get(tx: Transaction, chat_id: int) -> tuple[str, dict[str, Any]] | None:
    """The state and its data, None when nothing is asked."""
    row = await tx.one(select(dialogs.c.state, dialogs.c.data).where(dialogs.c.chat_id == chat_id))
    return None if row is None else (row.state, dict(row.data))


async def put(
    tx: Transaction, chat_id: int, state: str, data: dict[str, Any], now: datetime
) -> None:
    values = {"state": state, "data": data, "updated_at": now}
    await tx.execute(
        tx.insert_or(dialogs)
        .values(chat_id=chat_id, **values)
        .on_conflict_do_update(index_elements=["chat_id"], set_=values)
    )


async def clear(tx: Transaction, chat_id: int) -> None:
    await tx.execute(delete(dialogs).where(dialogs.c.chat_id == chat_id))
