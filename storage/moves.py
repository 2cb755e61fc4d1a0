"""Groups that Telegram upgraded: the same group under another number, for ever."""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import select

from storage.engine import Transaction
from storage.schema import chat_moves


async def note(tx: Transaction, old_chat_id: int, new_chat_id: int, now: datetime) -> bool:
    """Telegram said where a group went. False: that was known."""
    result = await tx.execute(
        tx.insert_or(chat_moves)
        .values(old_chat_id=old_chat_id, new_chat_id=new_chat_id, at=now)
        .on_conflict_do_nothing()
    )
    return result.rowcount == 1


async def where(tx: Transaction, chat_ids: Collection[int]) -> dict[int, int]:
    """The present number of each of these that has moved. Only groups ever do."""
    groups = [one for one in chat_ids if one < 0]
    if not groups:
        return {}
    rows = await tx.all(select(chat_moves).where(chat_moves.c.old_chat_id.in_(groups)))
    return {row.old_chat_id: row.new_chat_id for row in rows}
