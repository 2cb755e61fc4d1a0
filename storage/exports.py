"""Who and what an export to the lender's core system reads, in the order of its numbers."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Column, literal, or_, select, union_all

from storage.engine import Transaction
from storage.records import BorrowerId, WorkKind
from storage.schema import borrowers, cases, loans, payments, plans, promises, work

_TOGETHER = 500


@dataclass(frozen=True, slots=True)
class Ended:
    """A case or task that somebody, or a payment, brought to an end. `what`: case or a kind."""

    what: str
    number: int
    borrower_ref: str
    opened_at: datetime
    ended_at: datetime
    ended_by: str
    outcome: str


async def who_promised(tx: Transaction) -> AsyncIterator[Sequence[BorrowerId]]:
    """Everybody who ever made a promise, some hundred at a time."""
    async for some in _owners(tx, promises.c.borrower_id):
        yield some


async def who_planned(tx: Transaction) -> AsyncIterator[Sequence[BorrowerId]]:
    """Everybody who ever proposed a plan, some hundred at a time."""
    async for some in _owners(tx, plans.c.borrower_id):
        yield some


async def money_known_since(tx: Transaction, since: datetime) -> set[BorrowerId]:
    """Whose payments or reversals were delivered at `since` or later, whatever day they are of."""
    rows = await tx.all(
        select(loans.c.borrower_id)
        .join(payments, payments.c.loan_id == loans.c.id)
        .where(or_(payments.c.received_at >= since, payments.c.reversal_received_at >= since))
        .distinct()
    )
    return {BorrowerId(row.borrower_id) for row in rows}


async def ended(tx: Transaction, since: datetime) -> list[Ended]:
    """What came to an end at `since` or later, the oldest first."""
    talks = (
        select(
            literal("case").label("what"),
            cases.c.id.label("number"),
            cases.c.borrower_id,
            cases.c.opened_at.label("opened_at"),
            cases.c.closed_at.label("ended_at"),
            cases.c.closed_by.label("ended_by"),
            cases.c.disposition.label("outcome"),
        )
        .where(cases.c.closed_at >= since)
    )  # fmt: skip
    tasks = (
        select(
            work.c.kind, work.c.id, work.c.borrower_id, work.c.created_at, work.c.done_at,
            work.c.done_by, work.c.outcome,
        )
        .where(work.c.done_at >= since, work.c.kind.not_in((WorkKind.CHAT, WorkKind.QA)))
    )  # fmt: skip
    every = union_all(talks, tasks).subquery()
    rows = await tx.all(
        select(every, borrowers.c.borrower_ref)
        .join(borrowers, borrowers.c.id == every.c.borrower_id)
        .order_by(every.c.ended_at, every.c.what, every.c.number)
    )
    return [
        Ended(
            row.what, row.number, row.borrower_ref, row.opened_at, row.ended_at,
            row.ended_by or "", row.outcome or "",
        )
        for row in rows
    ]  # fmt: skip


async def _owners(tx: Transaction, owner: Column[int]) -> AsyncIterator[Sequence[BorrowerId]]:
    last = 0
    while True:
        rows = await tx.all(
            select(owner).where(owner > last).distinct().order_by(owner).limit(_TOGETHER)
        )
        if not rows:
            return
        last = rows[-1].borrower_id
        yield [BorrowerId(row.borrower_id) for row in rows]
