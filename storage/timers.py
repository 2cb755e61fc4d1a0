"""What will happen to a case by itself: one row a case and name, found by its moment."""

from datetime import datetime

from sqlalchemy import Integer, Row, bindparam, delete, func, select

from storage.engine import Transaction
from storage.prepared import Inserting, Prepared
from storage.records import CaseId, Timer, TimerName
from storage.schema import timers

_DUE = Prepared(
    select(timers)
    .where(timers.c.due_at <= bindparam("now"))
    .order_by(timers.c.due_at)
    .limit(bindparam("most", type_=Integer))
)
_OF_CASE = Prepared(select(timers).where(timers.c.case_id == bindparam("of_case")))
_PUT = Inserting(
    timers,
    ("case_id", "name", "started_at", "due_at"),
    lambda insert: insert.on_conflict_do_update(
        index_elements=["case_id", "name"],
        set_={name: insert.excluded[name] for name in ("started_at", "due_at")},
    ),
)
_NEXT = Prepared(select(func.min(timers.c.due_at)).where(timers.c.due_at > bindparam("now")))


async def put(
    tx: Transaction,
    case_id: CaseId,
    name: TimerName,
    started_at: datetime,
    due_at: datetime,
) -> None:
    """Set it, or set it anew."""
    await tx.change(_PUT, case_id=case_id, name=name, started_at=started_at, due_at=due_at)


async def clear(tx: Transaction, case_id: CaseId, *names: TimerName) -> bool:
    """Forget those named, or all of a case. False: there was nothing to forget."""
    condition = [timers.c.case_id == case_id]
    if names:
        condition.append(timers.c.name.in_(names))
    result = await tx.execute(delete(timers).where(*condition))
    return result.rowcount > 0


async def of_case(tx: Transaction, case_id: CaseId) -> dict[TimerName, Timer]:
    rows = await tx.all(_OF_CASE, of_case=case_id)
    return {TimerName(row.name): _timer(row) for row in rows}


async def due(tx: Transaction, now: datetime, limit: int) -> list[Timer]:
    """The longest past first."""
    rows = await tx.all(_DUE, now=now, most=limit)
    return [_timer(row) for row in rows]


async def next_due_at(tx: Transaction, now: datetime) -> datetime | None:
    found: datetime | None = await tx.value(_NEXT, now=now)
    return found


def _timer(row: Row[tuple[object, ...]]) -> Timer:
    return Timer(CaseId(row.case_id), TimerName(row.name), row.started_at, row.due_at)
