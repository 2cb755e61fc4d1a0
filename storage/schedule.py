"""When the planner has to look at each borrower again: one narrow table, one index.

Facts are read and judged before anything is written. `news` counts the times that facts asked for
a look, so one that was judged before the last of them is told from one that still holds.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Integer, bindparam, func, select

from storage.bulk import insert_many
from storage.engine import Transaction
from storage.prepared import Inserting, Prepared, listed
from storage.records import BorrowerId
from storage.schema import schedule

_AGAIN = Inserting(
    schedule,
    ("borrower_id", "next_contact_at"),
    lambda insert: insert.on_conflict_do_update(
        index_elements=["borrower_id"],
        set_={
            "next_contact_at": insert.excluded.next_contact_at,
            "begins_at": None,
            "news": schedule.c.news + 1,
        },
    ),
)
_DUE = Prepared(
    select(schedule.c.borrower_id, schedule.c.news)
    .where(schedule.c.next_contact_at <= bindparam("now"))
    .order_by(schedule.c.next_contact_at)
    .limit(bindparam("most", type_=Integer))
)
_STILL_DUE = Prepared(
    select(schedule.c.borrower_id, schedule.c.news)
    .where(
        listed(schedule.c.borrower_id, "borrowers"),
        schedule.c.next_contact_at <= bindparam("now"),
    )
    .order_by(schedule.c.borrower_id)
    .with_for_update()
)
_NEXT = Prepared(
    select(func.min(schedule.c.next_contact_at)).where(
        schedule.c.next_contact_at > bindparam("now")
    )
)


async def put(tx: Transaction, next_contact: Mapping[BorrowerId, datetime | None]) -> None:
    """Set when each borrower is next looked at; None: not until facts change."""
    if not next_contact:
        return
    columns = ("borrower_id", "next_contact_at")
    await insert_many(tx, schedule, columns, next_contact.items(), replacing="borrower_id")
    tx.touch("schedule")


async def look_again(tx: Transaction, borrower_ids: Iterable[BorrowerId], now: datetime) -> None:
    """Something happened: the planner looks at these borrowers at once, and no longer waits for
    their turn of a first import.
    """
    rows = [{"borrower_id": one, "next_contact_at": now} for one in borrower_ids]
    if rows:
        await tx.change_each(_AGAIN, rows)
        tx.touch("schedule")


async def begin(
    tx: Transaction, borrower_ids: Iterable[BorrowerId], now: datetime, *, over_days: int
) -> None:
    """The planner first looks at these borrowers spread evenly over so many days from `now`."""
    turns = [now + timedelta(days=day) for day in range(over_days)]
    rows = [(one, turns[one % over_days], turns[one % over_days]) for one in borrower_ids]
    columns = ("borrower_id", "next_contact_at", "begins_at")
    await insert_many(tx, schedule, columns, rows, but=_begun)
    tx.touch("schedule")


def _begun(insert: Any) -> Any:
    there = {name: insert.excluded[name] for name in ("next_contact_at", "begins_at")}
    return insert.on_conflict_do_update(
        index_elements=["borrower_id"], set_={**there, "news": schedule.c.news + 1}
    )


async def due(tx: Transaction, now: datetime, limit: int) -> list[BorrowerId]:
    """Borrowers whose moment has come, longest waiting first."""
    return list(await due_with_news(tx, now, limit))


async def due_with_news(tx: Transaction, now: datetime, limit: int) -> dict[BorrowerId, int]:
    """As `due`, each with how often facts had asked for a look by then."""
    rows = await tx.all(_DUE, now=now, most=limit)
    return {BorrowerId(row.borrower_id): row.news for row in rows}


async def still_due(
    tx: Transaction, seen: Mapping[BorrowerId, int], now: datetime
) -> set[BorrowerId]:
    """Those of `seen` whom nobody has looked at and whose facts have not changed since.

    It stays so until this transaction ends.
    """
    rows = await tx.all(_STILL_DUE, borrowers=seen, now=now)
    return {BorrowerId(row.borrower_id) for row in rows if seen[row.borrower_id] == row.news}


async def due_after(tx: Transaction, now: datetime, after: int, limit: int) -> list[BorrowerId]:
    """Borrowers whose moment has come, by their number and beginning behind `after`."""
    rows = await tx.all(
        select(schedule.c.borrower_id)
        .where(schedule.c.next_contact_at <= now, schedule.c.borrower_id > after)
        .order_by(schedule.c.borrower_id)
        .limit(limit)
    )
    return [BorrowerId(row.borrower_id) for row in rows]


async def next_due_at(tx: Transaction, now: datetime) -> datetime | None:
    """The first moment after `now` at which a borrower is looked at."""
    found: datetime | None = await tx.value(_NEXT, now=now)
    return found
