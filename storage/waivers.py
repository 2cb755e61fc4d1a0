"""Waivers: proposed by one person, decided by another. What they change is derived, not stored."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select, update

from storage.engine import Transaction
from storage.prepared import Prepared, listed
from storage.records import Actor, BorrowerId, Component, LoanId, Waiver, WaiverId
from storage.schema import borrowers, loan_snapshots, loans, waivers


@dataclass(frozen=True, slots=True)
class Proposal:
    """A waiver as proposed. `amount` is minor units of the loan's currency; `proposed_by` an actor
    as written in audit columns; `decided_at` None while nobody has decided."""

    waiver_id: WaiverId
    borrower_id: BorrowerId
    loan_id: LoanId
    component: Component
    amount: int
    reason: str
    proposed_at: datetime
    proposed_by: str
    decided_at: datetime | None


@dataclass(frozen=True, slots=True)
class Granted:
    """A waiver for the lender's core system, with both who decided it."""

    waiver_id: WaiverId
    borrower_ref: str
    loan_ref: str
    currency: str
    component: Component
    amount: int
    waived_on: date
    granted_at: datetime
    proposed_by: str
    granted_by: str


async def propose(
    tx: Transaction,
    loan_id: LoanId,
    component: Component,
    amount: int,
    reason: str,
    actor: Actor,
    now: datetime,
) -> WaiverId | None:
    """None: another proposal for this loan waits for its answer."""
    result = await tx.execute(
        tx.insert_or(waivers)
        .values(
            loan_id=loan_id,
            component=component,
            amount=amount,
            reason=reason,
            proposed_at=now,
            proposed_by=str(actor),
        )
        .on_conflict_do_nothing()
        .returning(waivers.c.id)
    )
    found = result.scalar_one_or_none()
    return None if found is None else WaiverId(found)


async def decide(
    tx: Transaction, waiver_id: WaiverId, actor: Actor, now: datetime, *, waived_on: date | None
) -> bool:
    """`waived_on`: from which day it counts, None rejects it. False: it was decided before."""
    result = await tx.execute(
        update(waivers)
        .where(waivers.c.id == waiver_id, waivers.c.decided_at.is_(None))
        .values(decided_at=now, decided_by=str(actor), waived_on=waived_on)
    )
    return result.rowcount == 1


async def proposal(tx: Transaction, waiver_id: WaiverId) -> Proposal | None:
    row = await tx.one(
        select(waivers, loans.c.borrower_id)
        .join(loans, loans.c.id == waivers.c.loan_id)
        .where(waivers.c.id == waiver_id)
    )
    if row is None:
        return None
    return Proposal(
        waiver_id=WaiverId(row.id),
        borrower_id=BorrowerId(row.borrower_id),
        loan_id=LoanId(row.loan_id),
        component=Component(row.component),
        amount=row.amount,
        reason=row.reason,
        proposed_at=row.proposed_at,
        proposed_by=row.proposed_by,
        decided_at=row.decided_at,
    )


_GRANTED = Prepared(
    select(waivers)
    .where(listed(waivers.c.loan_id, "loans"), waivers.c.waived_on.is_not(None))
    .order_by(waivers.c.waived_on, waivers.c.id)
)


async def granted(tx: Transaction, loan_ids: Iterable[LoanId]) -> dict[LoanId, tuple[Waiver, ...]]:
    """The waivers that count, loan by loan, oldest first; loans without any are not there."""
    rows = await tx.all(_GRANTED, loans=loan_ids)
    found: dict[LoanId, list[Waiver]] = defaultdict(list)
    for row in rows:
        found[LoanId(row.loan_id)].append(
            Waiver(
                WaiverId(row.id), Component(row.component), row.amount, row.waived_on,
                row.decided_at,
            )
        )  # fmt: skip
    return {loan_id: tuple(some) for loan_id, some in found.items()}


async def granted_since(tx: Transaction, since: datetime) -> list[Granted]:
    """Waivers that were decided at `since` or later, in the order of their numbers."""
    rows = await tx.all(
        select(waivers, loans.c.loan_ref, borrowers.c.borrower_ref, loan_snapshots.c.currency)
        .join(loans, loans.c.id == waivers.c.loan_id)
        .join(borrowers, borrowers.c.id == loans.c.borrower_id)
        .join(loan_snapshots, loan_snapshots.c.id == loans.c.snapshot_id)
        .where(waivers.c.decided_at >= since, waivers.c.waived_on.is_not(None))
        .order_by(waivers.c.id)
    )
    return [
        Granted(
            WaiverId(row.id), row.borrower_ref, row.loan_ref, row.currency,
            Component(row.component), row.amount, row.waived_on, row.decided_at, row.proposed_by,
            row.decided_by,
        )
        for row in rows
    ]  # fmt: skip
