"""Formal letters as they were approved: the very words and figures, kept as evidence."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import bindparam, select

from storage.engine import Transaction
from storage.prepared import Prepared
from storage.records import Actor, WorkId
from storage.schema import notices

_OF = Prepared(select(notices).where(notices.c.work_id == bindparam("task")))


@dataclass(frozen=True, slots=True)
class Notice:
    """`sheet`: what stands on the paper, ready to be set; `name`: of its file."""

    work_id: WorkId
    name: str
    sheet: dict[str, Any]
    reply_by: date
    approved_at: datetime
    approved_by: str


async def approve(
    tx: Transaction,
    work_id: WorkId,
    *,
    name: str,
    sheet: dict[str, Any],
    reply_by: date,
    actor: Actor,
    now: datetime,
) -> None:
    """Keep the letter of a task as `actor` approved it, instead of one whose figures are over."""
    said = {
        "name": name,
        "sheet": sheet,
        "reply_by": reply_by,
        "approved_at": now,
        "approved_by": str(actor),
    }
    await tx.execute(
        tx.insert_or(notices)
        .values(work_id=work_id, **said)
        .on_conflict_do_update(index_elements=["work_id"], set_=said)
    )


async def of(tx: Transaction, work_id: WorkId) -> Notice | None:
    """The approved letter of a task; None while nobody has approved one."""
    row = await tx.one(_OF, task=work_id)
    if row is None:
        return None
    return Notice(
        work_id=WorkId(row.work_id),
        name=row.name,
        sheet=row.sheet,
        reply_by=row.reply_by,
        approved_at=row.approved_at,
        approved_by=row.approved_by,
    )
