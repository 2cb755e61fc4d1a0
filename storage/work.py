"""Everything a person has to do, whatever it is: one table, one claim, one clock each."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Integer, Row, bindparam, case, exists, func, literal, select, tuple_, update

from storage.bulk import insert_many
from storage.engine import Transaction
from storage.prepared import Inserting, Prepared, listed
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
from storage.schema import conversations, offers, shifts, staff, work

NOT_URGENT = 2
"""The urgency of ordinary work; a lower one goes first."""

_QUEUED = (case((work.c.urgency == 0, 0), else_=1), work.c.place_at, work.c.id)

_ORDINARY = (
    "unique_key", "kind", "borrower_id", "created_at", "created_by", "due_at", "place_at",
    "urgency", "note",
)  # fmt: skip


def _unless_there(insert: Any) -> Any:
    return insert.on_conflict_do_nothing()


_ADD = Inserting(
    work,
    (*_ORDINARY, "loan_id", "case_id", "plan_id", "waiver_id"),
    lambda insert: _unless_there(insert).returning(work.c.id),
)
_STILL_OPEN = case((work.c.done_at.is_(None), 1), else_=0) == 1
"""Said so that SQLite goes by the borrowers asked for, and not through everything that is open."""
_PLANNED_FOR = Prepared(
    select(work)
    .where(
        listed(work.c.borrower_id, "borrowers"),
        _STILL_OPEN,
        work.c.unique_key.startswith("step:", autoescape=True) | (work.c.kind == WorkKind.TRIAGE),
    )
    .order_by(work.c.id)
)

_THIS = work.c.id == bindparam("row")
_BY_ID = Prepared(select(work).where(_THIS))
_BY_KEY = Prepared(select(work).where(work.c.unique_key == bindparam("key")))
_OPEN_OF = Prepared(
    select(work)
    .where(work.c.borrower_id == bindparam("borrower"), work.c.done_at.is_(None))
    .order_by(work.c.id)
)
_UNCLAIMED = (
    select(work)
    .where(work.c.done_at.is_(None), work.c.staff_id.is_(None))
    .order_by(*_QUEUED)
    .limit(bindparam("most", type_=Integer))
)
_WAITING = Prepared(_UNCLAIMED)
_WAITING_OF = Prepared(_UNCLAIMED.where(listed(work.c.kind, "kinds")))
_CLAIM = Prepared(
    update(work)
    .where(_THIS, work.c.staff_id.is_(None), work.c.done_at.is_(None))
    .values(staff_id=bindparam("staff"), claimed_at=bindparam("now"))
)
_FINISH = Prepared(
    update(work)
    .where(_THIS, work.c.done_at.is_(None))
    .values(done_at=bindparam("now"), done_by=bindparam("by"), outcome=bindparam("what"))
)
_HELD = (
    work.c.kind == WorkKind.CHAT,
    work.c.done_at.is_(None),
    exists().where(
        conversations.c.borrower_id == work.c.borrower_id,  # found by its key
        conversations.c.case_id == work.c.case_id,
        conversations.c.state == ConversationState.HELD,
    ),
)
_HELD_UNTIL = Prepared(
    select(work).where(*_HELD, work.c.due_at <= bindparam("now")).order_by(work.c.due_at, work.c.id)
)
_NEXT_HELD_UNTIL = Prepared(
    select(func.min(work.c.due_at)).where(*_HELD, work.c.due_at > bindparam("now"))
)

CALLED = ("answered", "tried")
"""Outcomes of a call task that mean the telephone was used."""


@dataclass(frozen=True, slots=True)
class Task:
    """Ordinary work to be created together with other work."""

    unique_key: str
    kind: WorkKind
    borrower_id: BorrowerId
    due_at: datetime
    note: str = ""


async def add(
    tx: Transaction,
    unique_key: str,
    kind: WorkKind,
    borrower_id: BorrowerId,
    *,
    actor: Actor,
    now: datetime,
    due_at: datetime,
    place_at: datetime | None = None,
    urgency: int = NOT_URGENT,
    note: str = "",
    loan_id: LoanId | None = None,
    case_id: CaseId | None = None,
    plan_id: PlanId | None = None,
    waiver_id: WaiverId | None = None,
) -> WorkId | None:
    """Create a task; None when one with this key exists, whatever became of it.

    `place_at`: its place among what is not urgent; without one, when it is due.
    """
    found = await tx.value(
        _ADD,
        unique_key=unique_key,
        kind=kind,
        borrower_id=borrower_id,
        created_at=now,
        created_by=str(actor),
        due_at=due_at,
        place_at=place_at or due_at,
        urgency=urgency,
        note=note,
        loan_id=loan_id,
        case_id=case_id,
        plan_id=plan_id,
        waiver_id=waiver_id,
    )
    return None if found is None else WorkId(found)


async def add_many(tx: Transaction, tasks: Iterable[Task], actor: Actor, now: datetime) -> None:
    """Create each as `add` does."""
    by = str(actor)
    await insert_many(
        tx,
        work,
        _ORDINARY,
        (
            (one.unique_key, one.kind, one.borrower_id, now, by, one.due_at, one.due_at,
             NOT_URGENT, one.note)
            for one in tasks
        ),
        but=_unless_there,
    )  # fmt: skip


async def claim(tx: Transaction, work_id: WorkId, staff_id: StaffId, now: datetime) -> bool:
    """Take a task. False: somebody has it, or it is done."""
    return await tx.change(_CLAIM, row=work_id, staff=staff_id, now=now) == 1


async def hand_over(
    tx: Transaction,
    work_id: WorkId,
    giver: StaffId | None,
    receiver: StaffId,
    now: datetime,
) -> bool:
    """Give a task from one person to another. False: it is not the giver's any more."""
    result = await tx.execute(
        update(work)
        .where(work.c.id == work_id, work.c.staff_id == giver, work.c.done_at.is_(None))
        .values(staff_id=receiver, claimed_at=now)
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
    return await tx.change(_FINISH, row=work_id, now=now, by=str(actor), what=outcome) == 1


async def reopen(
    tx: Transaction,
    work_id: WorkId,
    *,
    actor: Actor,
    now: datetime,
    due_at: datetime,
    place_at: datetime,
    urgency: int,
    note: str,
) -> None:
    """A task that was done is to be done again, and has waited since now."""
    await tx.execute(
        update(work)
        .where(work.c.id == work_id)
        .values(
            created_at=now,
            created_by=str(actor),
            due_at=due_at,
            place_at=place_at,
            urgency=urgency,
            note=note,
            staff_id=None,
            claimed_at=None,
            done_at=None,
            done_by=None,
            outcome=None,
        )
    )


async def by_id(tx: Transaction, work_id: WorkId) -> Work | None:
    row = await tx.one(_BY_ID, row=work_id)
    return None if row is None else _work(row)


async def open_of(
    tx: Transaction, borrower_id: BorrowerId, kind: WorkKind | None = None
) -> list[Work]:
    rows = await tx.all(_OPEN_OF, borrower=borrower_id)
    return [_work(row) for row in rows if kind is None or row.kind == kind]


async def planned_for(tx: Transaction, borrower_ids: Iterable[BorrowerId]) -> list[Work]:
    """Open tasks that the strategy made about these borrowers."""
    rows = await tx.all(_PLANNED_FOR, borrowers=borrower_ids)
    return [_work(row) for row in rows]


async def by_key(tx: Transaction, unique_key: str) -> Work | None:
    """The task created under this key, done or not."""
    row = await tx.one(_BY_KEY, key=unique_key)
    return None if row is None else _work(row)


async def waiting(
    tx: Transaction, limit: int = 50, *, kinds: Iterable[WorkKind] | None = None
) -> list[Work]:
    """Unclaimed tasks (of these kinds): danger to life first, then in the order of their places."""
    if kinds is None:
        rows = await tx.all(_WAITING, most=limit)
    else:
        rows = await tx.all(_WAITING_OF, most=limit, kinds=list(kinds))
    return [_work(row) for row in rows]


async def unoffered(
    tx: Transaction, limit: int, offset: int = 0, *, frozen: bool = False
) -> list[Work]:
    """Conversations that wait and are held out to nobody, the next one first.

    `frozen`: those instead in which only some may speak.
    """
    # Written out, so that SQLite may use the index of those that people have to do with.
    with_people = conversations.c.state != literal(ConversationState.BOT, literal_execute=True)
    wanted = [with_people, conversations.c.state == ConversationState.WAITING]
    if frozen:
        held_out = exists().where(offers.c.work_id == work.c.id, offers.c.ended_at.is_(None))
        wanted = [with_people, conversations.c.state == ConversationState.FROZEN, ~held_out]
    rows = await tx.all(
        select(work)
        .join(
            conversations,
            (conversations.c.borrower_id == work.c.borrower_id)
            & (conversations.c.case_id == work.c.case_id),
        )
        .where(
            work.c.kind == WorkKind.CHAT,
            work.c.done_at.is_(None),
            work.c.staff_id.is_(None),
            *wanted,
        )
        .order_by(*_QUEUED)
        .limit(limit)
        .offset(offset)
    )
    return [_work(row) for row in rows]


async def claimed_by(tx: Transaction, staff_id: StaffId) -> list[Work]:
    rows = await tx.all(
        select(work).where(work.c.done_at.is_(None), work.c.staff_id == staff_id).order_by(*_QUEUED)
    )
    return [_work(row) for row in rows]


async def count_waiting(tx: Transaction, kind: WorkKind) -> int:
    """How many tasks of a kind nobody has."""
    return int(
        await tx.value(
            select(func.count())
            .select_from(work)
            .where(work.c.kind == kind, work.c.done_at.is_(None), work.c.staff_id.is_(None))
        )
    )


async def count_open(tx: Transaction, kind: WorkKind) -> int:
    """How many tasks of a kind are not done, in hand or not."""
    return int(
        await tx.value(
            select(func.count())
            .select_from(work)
            .where(work.c.done_at.is_(None), work.c.kind == kind)
        )
    )


async def holders(tx: Transaction, kind: WorkKind) -> list[StaffId]:
    """Who has tasks of a kind in hand, once for each."""
    result = await tx.execute(
        select(work.c.staff_id).where(
            work.c.done_at.is_(None), work.c.staff_id.is_not(None), work.c.kind == kind
        )
    )
    return [StaffId(found) for found in result.scalars()]


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
                tuple_(*_QUEUED) < tuple_(int(one.urgency > 0), one.place_at, one.work_id),
            )
        )
    )


async def make_urgent(
    tx: Transaction, work_id: WorkId, urgency: int, place_at: datetime, due_at: datetime
) -> None:
    """Move a task to the front; one that is there already stays."""
    await tx.execute(
        update(work)
        .where(work.c.id == work_id, work.c.done_at.is_(None), work.c.urgency > urgency)
        .values(urgency=urgency, place_at=place_at, due_at=due_at)
    )


async def put_off(tx: Transaction, work_id: WorkId, due_at: datetime) -> None:
    """Look at a task again at `due_at`."""
    await tx.execute(
        update(work).where(work.c.id == work_id, work.c.done_at.is_(None)).values(due_at=due_at)
    )


async def held_until(tx: Transaction, now: datetime) -> list[Work]:
    """Conversations that were set aside until a moment which has come, the longest past first."""
    return [_work(row) for row in await tx.all(_HELD_UNTIL, now=now)]


async def next_held_until(tx: Transaction, now: datetime) -> datetime | None:
    """The first moment after `now` at which a conversation that was set aside comes back."""
    found: datetime | None = await tx.value(_NEXT_HELD_UNTIL, now=now)
    return found


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


async def with_nobody_at_work(tx: Transaction) -> list[Work]:
    """Tasks in the hands of somebody who is not at work or may not work here any more."""
    at_work = exists().where(
        staff.c.id == work.c.staff_id,
        staff.c.disabled_at.is_(None),
        shifts.c.staff_id == staff.c.id,
        shifts.c.ended_at.is_(None),
    )
    rows = await tx.all(
        select(work)
        .where(work.c.done_at.is_(None), work.c.staff_id.is_not(None), ~at_work)
        .order_by(work.c.id)
    )
    return [_work(row) for row in rows]


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
        waiver_id=None if row.waiver_id is None else WaiverId(row.waiver_id),
        staff_id=None if row.staff_id is None else StaffId(row.staff_id),
        claimed_at=row.claimed_at,
        done_at=row.done_at,
        outcome=row.outcome,
        place_at=row.place_at,
    )
