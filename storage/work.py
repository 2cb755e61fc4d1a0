"""Everything a person has to do, whatever it is: one table, one claim, one clock each."""

from datetime import datetime

from sqlalchemy import Row, select, update

from storage.engine import Transaction
from storage.records import (
    Actor,
    BorrowerId,
    CaseId,
    LoanId,
    PlanId,
    StaffId,
    Work,
    WorkId,
    WorkKind,
)
from storage.schema import work


async def add(
    tx: Transaction,
    unique_key: str,
    kind: WorkKind,
    borrower_id: BorrowerId,
    *,
    actor: Actor,
    now: datetime,
    due_at: datetime,
    note: str = "",
    loan_id: LoanId | None = None,
    case_id: CaseId | None = None,
    plan_id: PlanId | None = None,
) -> WorkId | None:
    """Create a task; None when one with this key exists, whatever became of it."""
    result = await tx.execute(
        tx.insert_or(work)
        .values(
            unique_key=unique_key,
            kind=kind,
            borrower_id=borrower_id,
            created_at=now,
            created_by=str(actor),
            due_at=due_at,
            note=note,
            loan_id=loan_id,
            case_id=case_id,
            plan_id=plan_id,
        )
        .on_conflict_do_nothing()
        .returning(work.c.id)
    )
    found = result.scalar_one_or_none()
    return None if found is None else WorkId(found)


async def claim(tx: Transaction, work_id: WorkId, staff_id: StaffId, now: datetime) -> bool:
    """Take a task. False: somebody has it, or it is done."""
    result = await tx.execute(
        update(work)
        .where(work.c.id == work_id, work.c.staff_id.is_(None), work.c.done_at.is_(None))
        .values(staff_id=staff_id, claimed_at=now)
    )
    return result.rowcount == 1


async def release(tx: Transaction, work_id: WorkId) -> None:
    await tx.execute(
        update(work)
        .where(work.c.id == work_id, work.c.done_at.is_(None))
        .values(staff_id=None, claimed_at=None)
    )


async def finish(
    tx: Transaction, work_id: WorkId, outcome: str, actor: Actor, now: datetime
) -> bool:
    """False: it was done before."""
    result = await tx.execute(
        update(work)
        .where(work.c.id == work_id, work.c.done_at.is_(None))
        .values(done_at=now, done_by=str(actor), outcome=outcome)
    )
    return result.rowcount == 1


async def by_id(tx: Transaction, work_id: WorkId) -> Work | None:
    row = await tx.one(select(work).where(work.c.id == work_id))
    return None if row is None else _work(row)


async def open_of(
    tx: Transaction, borrower_id: BorrowerId, kind: WorkKind | None = None
) -> list[Work]:
    condition = [work.c.borrower_id == borrower_id, work.c.done_at.is_(None)]
    if kind is not None:
        condition.append(work.c.kind == kind)
    return [_work(row) for row in await tx.all(select(work).where(*condition).order_by(work.c.id))]


async def waiting(tx: Transaction, limit: int = 50) -> list[Work]:
    """Unclaimed tasks, the soonest due first."""
    rows = await tx.all(
        select(work)
        .where(work.c.done_at.is_(None), work.c.staff_id.is_(None))
        .order_by(work.c.due_at, work.c.id)
        .limit(limit)
    )
    return [_work(row) for row in rows]


async def claimed_by(tx: Transaction, staff_id: StaffId) -> list[Work]:
    rows = await tx.all(
        select(work)
        .where(work.c.done_at.is_(None), work.c.staff_id == staff_id)
        .order_by(work.c.due_at, work.c.id)
    )
    return [_work(row) for row in rows]


def _work(row: Row[tuple[object, ...]]) -> Work:
    return Work(
        work_id=WorkId(row.id),
        kind=WorkKind(row.kind),
        borrower_id=BorrowerId(row.borrower_id),
        created_at=row.created_at,
        due_at=row.due_at,
        note=row.note,
        loan_id=None if row.loan_id is None else LoanId(row.loan_id),
        case_id=None if row.case_id is None else CaseId(row.case_id),
        plan_id=None if row.plan_id is None else PlanId(row.plan_id),
        staff_id=None if row.staff_id is None else StaffId(row.staff_id),
        claimed_at=row.claimed_at,
        done_at=row.done_at,
        outcome=row.outcome,
    )
