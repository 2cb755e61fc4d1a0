"""What messages were really about, by people who read them: labelled examples to learn from."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, insert, select

from storage.engine import Transaction
from storage.records import Actor, BorrowerId
from storage.schema import borrowers, corrections, messages, relays


@dataclass(frozen=True, slots=True)
class Corrected:
    """A message with the newest word on it; `zone` is the borrower's own, if one is known."""

    correction_id: int
    text: str
    said_at: datetime
    zone: str | None
    intents: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Heard:
    """A message of a borrower that a staff chat shows."""

    borrower_id: BorrowerId
    text: str


async def shown(tx: Transaction, staff_chat_id: int, message_id: int) -> Heard | None:
    """The borrower's message `message_id` of our record, if it was shown in this chat."""
    row = await tx.one(
        select(messages.c.borrower_id, messages.c.text)
        .join(relays, relays.c.message_id == messages.c.id)
        .where(
            messages.c.id == message_id,
            messages.c.direction == "in",
            relays.c.staff_chat_id == staff_chat_id,
        )
        .limit(1)
    )
    return None if row is None else Heard(BorrowerId(row.borrower_id), row.text)


async def add(
    tx: Transaction,
    message_id: int,
    borrower_id: BorrowerId,
    intents: Sequence[str],
    actor: Actor,
    now: datetime,
) -> None:
    await tx.execute(
        insert(corrections).values(
            message_id=message_id,
            borrower_id=borrower_id,
            intents=list(intents),
            at=now,
            actor=str(actor),
        )
    )


async def newest(tx: Transaction) -> list[Corrected]:
    """One of each corrected message, in the order of the corrections."""
    last = select(func.max(corrections.c.id)).group_by(corrections.c.message_id)
    rows = await tx.all(
        select(
            corrections.c.id,
            corrections.c.intents,
            messages.c.text,
            messages.c.at,
            borrowers.c.timezone,
        )
        .join(messages, messages.c.id == corrections.c.message_id)
        .join(borrowers, borrowers.c.id == corrections.c.borrower_id)
        .where(corrections.c.id.in_(last), messages.c.text != "")
        .order_by(corrections.c.id)
    )
    return [Corrected(row.id, row.text, row.at, row.timezone, tuple(row.intents)) for row in rows]
