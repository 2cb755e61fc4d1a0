"""What each chat, or topic of one, is being asked for now, so that a restart forgets nobody."""

from datetime import datetime
from typing import Any

from sqlalchemy import and_, bindparam, delete, select

from storage.engine import Transaction
from storage.prepared import Inserting, Prepared
from storage.schema import dialogs

PLAIN = 0
"""The topic of what is said in none."""

_HERE = and_(dialogs.c.chat_id == bindparam("chat"), dialogs.c.thread_id == bindparam("thread"))
_GET = Prepared(select(dialogs.c.state, dialogs.c.data).where(_HERE))
_PUT = Inserting(
    dialogs,
    ("chat_id", "thread_id", "state", "data", "updated_at"),
    lambda insert: insert.on_conflict_do_update(
        index_elements=["chat_id", "thread_id"],
        set_={name: insert.excluded[name] for name in ("state", "data", "updated_at")},
    ),
)
_CLEAR = Prepared(delete(dialogs).where(_HERE))


async def get(
    tx: Transaction, chat_id: int, thread_id: int = PLAIN
) -> tuple[str, dict[str, Any]] | None:
    """The state and its data, None when nothing is asked."""
    row = await tx.one(_GET, chat=chat_id, thread=thread_id)
    return None if row is None else (row.state, dict(row.data))


async def put(
    tx: Transaction,
    chat_id: int,
    state: str,
    data: dict[str, Any],
    now: datetime,
    thread_id: int = PLAIN,
) -> None:
    await tx.change(
        _PUT, chat_id=chat_id, thread_id=thread_id, state=state, data=data, updated_at=now
    )


async def clear(tx: Transaction, chat_id: int, thread_id: int = PLAIN) -> None:
    await tx.change(_CLEAR, chat=chat_id, thread=thread_id)
