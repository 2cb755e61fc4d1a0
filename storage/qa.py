"""Score cards of checked conversations: one mark for each criterion, or that it did not come up."""

from collections import defaultdict
from datetime import datetime

from sqlalchemy import select

from storage.engine import Transaction
from storage.records import Actor, WorkId, WorkKind
from storage.schema import qa_marks, work


async def mark(
    tx: Transaction,
    work_id: WorkId,
    criterion: str,
    given: int | None,
    actor: Actor,
    now: datetime,
) -> None:
    """Set a mark; a second thought replaces the first while the card is open."""
    values = {"mark": given, "at": now, "actor": str(actor)}
    await tx.execute(
        tx.insert_or(qa_marks)
        .values(work_id=work_id, criterion=criterion, **values)
        .on_conflict_do_update(index_elements=["work_id", "criterion"], set_=values)
    )


async def marks(tx: Transaction, work_id: WorkId) -> dict[str, int | None]:
    """What was given so far; None: it did not come up."""
    rows = await tx.all(select(qa_marks).where(qa_marks.c.work_id == work_id))
    return {row.criterion: row.mark for row in rows}


async def cards(tx: Transaction, since: datetime) -> list[list[int]]:
    """The marks of each card that was finished since a moment."""
    rows = await tx.all(
        select(qa_marks.c.work_id, qa_marks.c.mark)
        .join(work, work.c.id == qa_marks.c.work_id)
        .where(work.c.kind == WorkKind.QA, work.c.done_at >= since)
    )
    found: dict[int, list[int]] = defaultdict(list)
    for row in rows:
        card = found[row.work_id]
        if row.mark is not None:
            card.append(row.mark)
    return list(found.values())
