"""The life of an import: staged in batches, accepted in one stroke, applied batch by batch.

Until it is accepted nothing of it counts, and a crash leaves only staged batches that the next
import throws away. From then on it is decided: whoever comes next finishes it, whatever happened
to the process that began. Only one import at a time is accepted and unapplied, and it is accepted
only if no other was since its rows were judged, so what it was judged by still holds.
"""

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import bindparam, delete, exists, func, insert, select, update

from storage.engine import Transaction
from storage.portfolio import Accepted
from storage.prepared import Prepared
from storage.schema import imports, staged_batches

_TURN = -(2**62)
"""The advisory lock of whoever accepts or discards. No chat has such a number."""

_UNAPPLIED = imports.c.accepted_at.is_not(None) & imports.c.applied_at.is_(None)
_THIS = imports.c.id == bindparam("this")
_OF_THIS = staged_batches.c.import_id == bindparam("this")
_STAGE = Prepared(insert(staged_batches), columns=("import_id", "number", "body"))
_DECIDED = Prepared(
    select(func.count()).select_from(imports).where(imports.c.accepted_at.is_not(None))
)
_FIRST_UNAPPLIED = Prepared(select(imports).where(_UNAPPLIED).order_by(imports.c.id).limit(1))
_ACCEPT = Prepared(
    update(imports)
    .where(_THIS, imports.c.accepted_at.is_(None))
    .values(accepted_at=bindparam("now"), over_days=bindparam("days"))
)
_OF_LOANS = Prepared(
    select(imports.c.id)
    .where(imports.c.kind == "loans", imports.c.accepted_at.is_not(None))
    .limit(1)
)
_NEXT_BATCH = Prepared(
    select(func.min(staged_batches.c.number).label("first"), func.count().label("left")).where(
        _OF_THIS
    )
)
_FINISH = Prepared(
    update(imports)
    .where(_THIS, _UNAPPLIED, ~exists().where(_OF_THIS))
    .values(applied_at=bindparam("now"))
)
_ABANDONED = Prepared(
    select(imports.c.id).where(
        imports.c.accepted_at.is_(None), imports.c.staged_at < bindparam("before")
    )
)


@dataclass(frozen=True, slots=True)
class Batch:
    number: int
    body: str


async def begin(
    tx: Transaction, kind: str, *, rows: int, as_of: date | None, actor: str, now: datetime
) -> int:
    """A new import of `rows` rows, with nothing staged yet."""
    return await tx.add(imports, kind=kind, rows=rows, as_of=as_of, actor=actor, staged_at=now)


async def stage(tx: Transaction, import_id: int, batch: Batch) -> None:
    await tx.change(_STAGE, import_id=import_id, number=batch.number, body=batch.body)


async def decided(tx: Transaction) -> int:
    """How many imports were ever accepted; it tells whether one was since somebody looked."""
    count: int = await tx.value(_DECIDED)
    return count


async def unapplied(tx: Transaction) -> Accepted | None:
    """The import that is decided but not wholly applied, if there is one."""
    row = await tx.one(_FIRST_UNAPPLIED)
    if row is None:
        return None
    return Accepted(row.id, row.kind, row.actor, row.accepted_at, row.over_days)


async def has_loans(tx: Transaction) -> bool:
    """Whether any file of loans was ever accepted."""
    return bool(await tx.all(_OF_LOANS))


async def accept(
    tx: Transaction, import_id: int, *, judged_at: int, now: datetime, over_days: int = 1
) -> bool:
    """Decide an import. False: another one came in between, or its batches were thrown away.

    `judged_at`: what `decided` said before its rows were judged.
    """
    await tx.lock(_TURN)
    if await decided(tx) != judged_at or await unapplied(tx) is not None:
        return False
    return await tx.change(_ACCEPT, this=import_id, now=now, days=over_days) == 1


async def next_batch(tx: Transaction, import_id: int) -> tuple[int, int] | None:
    """The number of the next batch to apply, and how many are left with it."""
    row = await tx.one(_NEXT_BATCH, this=import_id)
    return None if row is None or row.first is None else (row.first, row.left)


async def finish(tx: Transaction, import_id: int, now: datetime) -> bool:
    """Mark an import applied when no batch of it is left. True: this call did it."""
    return await tx.change(_FINISH, this=import_id, now=now) == 1


async def discard(tx: Transaction, import_id: int) -> None:
    """Throw away an import that was not accepted."""
    await tx.lock(_TURN)
    open_ids = select(imports.c.id).where(
        imports.c.id == import_id, imports.c.accepted_at.is_(None)
    )
    await tx.execute(delete(staged_batches).where(staged_batches.c.import_id.in_(open_ids)))
    await tx.execute(
        delete(imports).where(imports.c.id == import_id, imports.c.accepted_at.is_(None))
    )


async def abandoned(tx: Transaction, before: datetime) -> list[int]:
    """Imports staged before `before` and never accepted: their process is gone."""
    rows = await tx.all(_ABANDONED, before=before)
    return [row.id for row in rows]
