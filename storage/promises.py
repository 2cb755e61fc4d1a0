"""Promises to pay, as made. Whether one was kept is derived from payments."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import date, datetime

from sqlalchemy import Row, select, update

from storage.engine import Transaction
from storage.prepared import Prepared, listed
from storage.records import Actor, BorrowerId, LoanId, Money, Promise, PromiseId
from storage.schema import promises

_OF_BORROWERS = Prepared(
    select(promises).where(listed(promises.c.borrower_id, "borrowers")).order_by(promises.c.id)
)


async def add(
    tx: Transaction,
    borrower_id: BorrowerId,
    amount: Money,
    due_date: date,
    *,
    loan_id: LoanId | None,
    actor: Actor,
    now: datetime,
) -> PromiseId:
    key = await tx.add(
        promises,
        borrower_id=borrower_id,
        loan_id=loan_id,
        amount=amount.minor,
        currency=amount.currency,
        due_date=due_date,
        made_at=now,
        actor=str(actor),
    )
    return PromiseId(key)


async def supersede(tx: Transaction, promise_id: PromiseId, now: datetime) -> None:
    await tx.execute(
        update(promises)
        .where(promises.c.id == promise_id, promises.c.superseded_at.is_(None))
        .values(superseded_at=now)
    )


async def withdraw(tx: Transaction, promise_id: PromiseId, now: datetime) -> bool:
    """False: it was withdrawn or superseded already."""
    result = await tx.execute(
        update(promises)
        .where(
            promises.c.id == promise_id,
            promises.c.superseded_at.is_(None),
            promises.c.withdrawn_at.is_(None),
        )
        .values(withdrawn_at=now)
    )
    return result.rowcount == 1


async def of_borrowers(
    tx: Transaction, borrower_ids: Iterable[BorrowerId]
) -> dict[BorrowerId, tuple[Promise, ...]]:
    """Every promise, oldest first."""
    rows = await tx.all(_OF_BORROWERS, borrowers=borrower_ids)
    found: dict[BorrowerId, list[Promise]] = defaultdict(list)
    for row in rows:
        found[BorrowerId(row.borrower_id)].append(_promise(row))
    return {borrower_id: tuple(some) for borrower_id, some in found.items()}


def _promise(row: Row[tuple[object, ...]]) -> Promise:
    return Promise(
        promise_id=PromiseId(row.id),
        amount=Money(row.amount, row.currency),
        due_date=row.due_date,
        made_at=row.made_at,
        loan_id=None if row.loan_id is None else LoanId(row.loan_id),
        superseded_at=row.superseded_at,
        withdrawn_at=row.withdrawn_at,
    )
