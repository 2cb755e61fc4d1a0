"""Messages of which nobody knows whether they arrived, for a person to look at."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import literal, select

from storage.engine import Transaction
from storage.records import ContactKind, OutboxStatus
from storage.schema import borrowers, outbox
from storage.topics import CREATE

_UNKNOWN = outbox.c.status == literal(OutboxStatus.UNKNOWN, literal_execute=True)
"""Written out, so that SQLite may use the index of these rows."""


@dataclass(frozen=True, slots=True)
class Doubt:
    """One message that is `unknown`. `borrower_ref` None: it was to staff.

    `at`: when it was given to the line, or would have been.
    """

    number: int
    at: datetime
    borrower_ref: str | None
    kind: ContactKind | None
    script: str | None
    why: str


async def since(tx: Transaction, begins: datetime) -> list[Doubt]:
    """All from `begins` on, the oldest first. A later press or reply in its chat clears a doubt."""
    rows = await tx.all(
        select(
            outbox.c.id, outbox.c.marked_at, borrowers.c.borrower_ref,
            outbox.c.kind, outbox.c.script, outbox.c.error,
        )
        .outerjoin_from(outbox, borrowers, outbox.c.borrower_id == borrowers.c.id)
        .where(_UNKNOWN, outbox.c.marked_at >= begins, outbox.c.method != CREATE)
        .order_by(outbox.c.marked_at, outbox.c.id)
    )  # fmt: skip
    return [
        Doubt(
            row.id,
            row.marked_at,
            row.borrower_ref,
            None if row.kind is None else ContactKind(row.kind),
            row.script,
            row.error,
        )
        for row in rows
    ]
