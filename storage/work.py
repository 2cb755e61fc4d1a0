"""Everything a person has to do, whatever it is: one table, one claim, one clock each."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import Row, exists, func, select, tuple_, update

from storage.engine import Transaction
from storage.records import (
    Actor,
    BorrowerId,
    CaseId,
    Contact,
    ContactKind,
    ConversationState,
    LoanId,
    PlanId,
    StaffId,
    WaiverId,
    Work,
    WorkId,
    WorkKind,
)
from storage.schema import conversations, work

NOT_URGENT = 2
"""The urgency of ordinary work; a lower one goes first."""

CALLED = ("answered", "tried")
"""Outcomes of a call task that mean the telephone was used."""


async def add(
    tx: Transaction,
    unique_key: str,
    kind: WorkKind,
    borrower_id: BorrowerId,
    *,
    actor: Actor,
    now: datetime,
    due_at: datetime,
    urgency: int = NOT_URGENT,
    note: str = "",
    loan_id: LoanId | None = None,
    case_id: CaseId | None = None,
    plan_id: PlanId | None = None,
) -> WorkId | None:
    """Create a task; None when one with this key exists, whatever became of it."""
    result = await tx.execute(
    waiver_id: WaiverId | None = None,
        tx.insert_or(work)
        .values(
            unique_key=unique_key,
            kind=kind,
            borrower_id=borrower_id,
            created_at=now,
            created_by=str(actor),
            due_at=due_at,
            urgency=urgency,
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

            waiver_id=waiver_id,

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


async def by_key(tx: Transaction, unique_key: str) -> Work | None:
    """The task created under this key, done or not."""
    row = await tx.one(select(work).where(work.c.unique_key == unique_key))
    return None if row is None else _work(row)


async def waiting(
    tx: Transaction, limit: int = 50, *, kinds: Iterable[WorkKind] | None = None
) -> list[Work]:
    """Unclaimed tasks (of these kinds): the most urgent first, then the soonest due."""
    condition = [work.c.done_at.is_(None), work.c.staff_id.is_(None)]
    if kinds is not None:
        condition.append(work.c.kind.in_(list(kinds)))
    rows = await tx.all(
        select(work)
        .where(*condition)
        .order_by(work.c.urgency, work.c.due_at, work.c.id)
        .limit(limit)
    )
    return [_work(row) for row in rows]


async def claimed_by(tx: Transaction, staff_id: StaffId) -> list[Work]:
    rows = await tx.all(
        select(work)
        .where(work.c.done_at.is_(None), work.c.staff_id == staff_id)
        .order_by(work.c.urgency, work.c.due_at, work.c.id)
    )
    return [_work(row) for row in rows]


async def chats_ahead(tx: Transaction, one: Work) -> int:
    """How many waiting conversations go before `one`."""
    return int(
        await tx.value(
            select(func.count())
            .select_from(work)
            .where(
                work.c.kind == WorkKind.CHAT,
                work.c.done_at.is_(None),
                work.c.staff_id.is_(None),
                work.c.id != one.work_id,
                tuple_(work.c.urgency, work.c.due_at, work.c.id)
                < tuple_(one.urgency, one.due_at, one.work_id),
            )
        )
    )


async def make_urgent(tx: Transaction, work_id: WorkId, urgency: int, due_at: datetime) -> None:
    """Move a task to the front; one that is there already stays."""
    await tx.execute(
        update(work)
        .where(work.c.id == work_id, work.c.done_at.is_(None), work.c.urgency > urgency)
        .values(urgency=urgency, due_at=due_at)
    )


async def put_off(tx: Transaction, work_id: WorkId, due_at: datetime) -> None:
    """Look at a task again at `due_at`."""
    await tx.execute(
        update(work).where(work.c.id == work_id, work.c.done_at.is_(None)).values(due_at=due_at)
    )


async def held_until(tx: Transaction, now: datetime) -> list[Work]:
    """Conversations that were set aside until a moment which has come, the longest past first."""
    rows = await tx.all(
        select(work).where(*_HELD, work.c.due_at <= now).order_by(work.c.due_at, work.c.id)
    )
    return [_work(row) for row in rows]


async def next_held_until(tx: Transaction, now: datetime) -> datetime | None:
    """The first moment after `now` at which a conversation that was set aside comes back."""
    found: datetime | None = await tx.value(
        select(func.min(work.c.due_at)).where(*_HELD, work.c.due_at > now)
    )
    return found


_HELD = (
    work.c.kind == WorkKind.CHAT,
    work.c.done_at.is_(None),
    exists().where(
        conversations.c.case_id == work.c.case_id,
        conversations.c.state == ConversationState.HELD,
    ),
)


async def calls_of(
    tx: Transaction, borrower_ids: Iterable[BorrowerId], since: datetime
) -> dict[BorrowerId, tuple[Contact, ...]]:
    """Calls that people made since a moment, as contacts with their outcome, oldest first."""
    rows = await tx.all(
        select(work.c.borrower_id, work.c.done_at, work.c.outcome)
        .where(
            work.c.borrower_id.in_(list(borrower_ids)),
            work.c.kind == WorkKind.CALL,
            work.c.done_at > since,
            work.c.outcome.in_(CALLED),
        )
        .order_by(work.c.done_at)
    )
    found: dict[BorrowerId, list[Contact]] = defaultdict(list)
    for row in rows:
        found[BorrowerId(row.borrower_id)].append(
            Contact(row.done_at, ContactKind.CALL, "person", row.outcome)
        )
    return {borrower_id: tuple(some) for borrower_id, some in found.items()}


def _work(row: Row[tuple[object, ...]]) -> Work:
    return Work(
        work_id=WorkId(row.id),
        kind=WorkKind(row.kind),
        borrower_id=BorrowerId(row.borrower_id),
        created_at=row.created_at,
        due_at=row.due_at,
        urgency=row.urgency,
        note=row.note,
        loan_id=None if row.loan_id is None else LoanId(row.loan_id),
        case_id=None if row.case_id is None else CaseId(row.case_id),
        plan_id=None if row.plan_id is None else PlanId(row.plan_id),
        staff_id=None if row.staff_id is None else StaffId(row.staff_id),
        claimed_at=row.claimed_at,
        done_at=row.done_at,
        outcome=row.outcome,
    )
        waiver_id=None if row.waiver_id is None else WaiverId(row.waiver_id),
