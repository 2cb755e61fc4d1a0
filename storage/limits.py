"""What limits contact with a borrower: holds, stops, wishes, and the emergency stop for all."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import bindparam, insert, select, update

from storage.engine import Transaction
from storage.prepared import Prepared, listed
from storage.records import Actor, BorrowerId, Hold, HoldKind, LoanId, Wishes
from storage.schema import holds, opt_outs, switches, wishes

EMERGENCY_STOP = "stop_all"

_HOLDS = Prepared(
    select(holds).where(listed(holds.c.borrower_id, "borrowers")).order_by(holds.c.id)
)
_LIFTED = (
    update(holds)
    .where(
        holds.c.borrower_id == bindparam("held"),
        holds.c.kind == bindparam("of"),
        holds.c.lifted_at.is_(None),
    )
    .values(lifted_at=bindparam("now"), lifted_by=bindparam("by"), outcome=bindparam("what"))
)
_LIFT = Prepared(_LIFTED)
_LIFT_FROM = Prepared(_LIFTED.where(holds.c.source == bindparam("came_from")))
_STOPPED = Prepared(
    select(opt_outs.c.borrower_id, opt_outs.c.stopped_at).where(
        listed(opt_outs.c.borrower_id, "borrowers"), opt_outs.c.resumed_at.is_(None)
    )
)
_WISHES = Prepared(select(wishes).where(listed(wishes.c.borrower_id, "borrowers")))
_IS_ON = Prepared(
    select(switches.c.id)
    .where(switches.c.name == bindparam("switch"), switches.c.off_at.is_(None))
    .limit(1)
)


async def add_hold(
    tx: Transaction,
    borrower_id: BorrowerId,
    hold: Hold,
    *,
    source: str,
    actor: Actor,
) -> int:
    return await tx.add(
        holds,
        borrower_id=borrower_id,
        loan_id=hold.loan_id,
        kind=hold.kind,
        start_at=hold.start,
        end_at=hold.end,
        source=source,
        actor=str(actor),
    )


async def lift_holds(
    tx: Transaction,
    borrower_id: BorrowerId,
    kind: HoldKind,
    *,
    source: str | None,
    actor: Actor,
    outcome: str,
    now: datetime,
) -> int:
    """End the open holds of a kind (of one source, or all). Returns how many there were."""
    ended = {"held": borrower_id, "of": kind, "now": now, "by": str(actor), "what": outcome}
    if source is None:
        return await tx.change(_LIFT, **ended)
    return await tx.change(_LIFT_FROM, **ended, came_from=source)


async def is_held(
    tx: Transaction, borrower_id: BorrowerId, source: str, *, until: datetime | None, now: datetime
) -> bool:
    """Whether a hold made for `source` is in force now and lasts at least `until` (None: open)."""
    open_end = holds.c.end_at.is_(None)
    lasts = open_end if until is None else open_end | (holds.c.end_at >= until)
    found = await tx.all(
        select(holds.c.id)
        .where(
            holds.c.borrower_id == borrower_id,
            holds.c.source == source,
            holds.c.lifted_at.is_(None),
            holds.c.start_at <= now,
            lasts,
        )
        .limit(1)
    )
    return bool(found)


async def holds_of(
    tx: Transaction, borrower_ids: Iterable[BorrowerId]
) -> dict[BorrowerId, tuple[Hold, ...]]:
    """Every hold; a lifted one ends when it was lifted."""
    rows = await tx.all(_HOLDS, borrowers=borrower_ids)
    found: dict[BorrowerId, list[Hold]] = defaultdict(list)
    for row in rows:
        ends = [end for end in (row.end_at, row.lifted_at) if end is not None]
        end = min(ends) if ends else None
        if end is not None and end <= row.start_at:
            continue  # lifted before it began: it never held
        loan_id = None if row.loan_id is None else LoanId(row.loan_id)
        found[BorrowerId(row.borrower_id)].append(
            Hold(HoldKind(row.kind), row.start_at, end, loan_id)
        )
    return {borrower_id: tuple(some) for borrower_id, some in found.items()}


async def stop(tx: Transaction, borrower_id: BorrowerId, actor: Actor, now: datetime) -> bool:
    """Record a stop. False: it was stopped already."""
    if (await stopped(tx, [borrower_id])).get(borrower_id):
        return False
    await tx.add(opt_outs, borrower_id=borrower_id, stopped_at=now, actor=str(actor))
    return True


async def resume(tx: Transaction, borrower_id: BorrowerId, actor: Actor, now: datetime) -> bool:
    """End a stop. False: there was none."""
    result = await tx.execute(
        update(opt_outs)
        .where(opt_outs.c.borrower_id == borrower_id, opt_outs.c.resumed_at.is_(None))
        .values(resumed_at=now, resumed_by=str(actor))
    )
    return result.rowcount > 0


async def stopped(
    tx: Transaction, borrower_ids: Iterable[BorrowerId]
) -> dict[BorrowerId, datetime]:
    """Since when each stopped borrower is stopped."""
    rows = await tx.all(_STOPPED, borrowers=borrower_ids)
    return {BorrowerId(row.borrower_id): row.stopped_at for row in rows}


async def wishes_of(
    tx: Transaction, borrower_ids: Iterable[BorrowerId]
) -> dict[BorrowerId, Wishes]:
    rows = await tx.all(_WISHES, borrowers=borrower_ids)
    return {BorrowerId(row.borrower_id): Wishes(row.hours, row.max_per_week) for row in rows}


async def set_wishes(tx: Transaction, borrower_id: BorrowerId, wish: Wishes, now: datetime) -> None:
    values = {"hours": wish.hours, "max_per_week": wish.max_per_week, "updated_at": now}
    await tx.execute(
        tx.insert_or(wishes)
        .values(borrower_id=borrower_id, **values)
        .on_conflict_do_update(index_elements=["borrower_id"], set_=values)
    )


async def switch_on(tx: Transaction, name: str, actor: Actor, now: datetime) -> bool:
    """False: it was on already."""
    if await is_on(tx, name):
        return False
    await tx.execute(insert(switches).values(name=name, on_at=now, on_by=str(actor)))
    return True


async def switch_off(tx: Transaction, name: str, actor: Actor, now: datetime) -> bool:
    """False: it was off already."""
    result = await tx.execute(
        update(switches)
        .where(switches.c.name == name, switches.c.off_at.is_(None))
        .values(off_at=now, off_by=str(actor))
    )
    return result.rowcount > 0


async def is_on(tx: Transaction, name: str) -> bool:
    return bool(await tx.all(_IS_ON, switch=name))
