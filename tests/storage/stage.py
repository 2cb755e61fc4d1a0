"""What the storage tests put on stage: a moment, borrowers, and messages on their way out."""

from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

from sqlalchemy import select

from storage import outbox
from storage.engine import Storage, Transaction
from storage.records import (
    Actor,
    BorrowerId,
    ContactKind,
    DeliveryClass,
    OutboxId,
    OutboxRow,
    Outgoing,
)
from storage.schema import borrowers

NOW = datetime(2026, 11, 20, 2, 0, tzinfo=UTC)
SYSTEM = Actor.system()
WORKER = "one:1"

_numbers = count(1)


def later(**how: float) -> datetime:
    """NOW and a bit: `later(minutes=5)`."""
    return NOW + timedelta(**how)


async def add_borrower(tx: Transaction, ref: str = "") -> BorrowerId:
    return BorrowerId(
        await tx.add(
            borrowers,
            borrower_ref=ref or f"B-{next(_numbers)}",
            full_name="Wang Fang",
            language="en",
            country="CN",
            imported_at=NOW,
        )
    )


async def a_borrower(storage: Storage) -> BorrowerId:
    async with storage.transaction() as tx:
        return await add_borrower(tx)


def answer(chat_id: int = 7, **how: Any) -> Outgoing:
    """What the bot says back."""
    return _outgoing(chat_id, delivery=DeliveryClass.ANSWER, kind=ContactKind.REPLY, **how)


def words(chat_id: int = 7, **how: Any) -> Outgoing:
    """What a person says to another through us."""
    return _outgoing(chat_id, delivery=DeliveryClass.WORDS, kind=ContactKind.STAFF, **how)


def reminder(borrower_id: BorrowerId, chat_id: int = 7, **how: Any) -> Outgoing:
    """What the bot starts by itself."""
    return _outgoing(
        chat_id,
        delivery=DeliveryClass.REMINDER,
        kind=how.pop("kind", ContactKind.OVERDUE),
        borrower_id=borrower_id,
        **how,
    )


def _outgoing(chat_id: int, **how: Any) -> Outgoing:
    given: dict[str, Any] = {
        "unique_key": f"key:{next(_numbers)}",
        "method": "sendMessage",
        "payload": {"text": "hello"},
        "actor": SYSTEM,
        "not_before": NOW,
        **how,
    }
    return Outgoing(chat_id=chat_id, **given)


async def put(storage: Storage, *messages: Outgoing) -> list[OutboxId]:
    """Queue messages, in this order; each has to be new."""
    async with storage.transaction() as tx:
        found = [await outbox.put(tx, message, NOW) for message in messages]
    assert None not in found
    return [one for one in found if one is not None]


async def claim(
    storage: Storage, worker: str = WORKER, at: datetime = NOW, limit: int = 100
) -> list[OutboxRow]:
    async with storage.transaction() as tx:
        return await outbox.claim(tx, worker, at, limit=limit)


async def put_on_the_wire(storage: Storage, *messages: Outgoing) -> list[OutboxId]:
    """Queue, claim and mark messages of different chats."""
    ids = await put(storage, *messages)
    async with storage.transaction() as tx:
        await outbox.claim(tx, WORKER, NOW, limit=100)
        marked = await outbox.mark_sending(tx, ids, WORKER, NOW)
    assert marked == set(ids)
    return ids


async def row(storage: Storage, outbox_id: OutboxId) -> Any:
    """A row as the database holds it."""
    from storage.schema import outbox as table

    async with storage.reading() as tx:
        return await tx.one(select(table).where(table.c.id == outbox_id))


async def statuses(storage: Storage, ids: list[OutboxId]) -> list[str]:
    return [(await row(storage, one)).status for one in ids]
