"""The portfolio as a whole: how old the balances are that somebody owes, which payments wait."""

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import func, select

from storage.engine import Transaction
from storage.schema import borrowers, loan_snapshots, loans, parked_payments, payments


@dataclass(frozen=True, slots=True)
class Told:
    """Loans that were told of together: of one day, at one moment, for one country and zone."""

    country: str
    timezone: str | None
    as_of: date
    told_at: datetime
    loans: int


async def owing(tx: Transaction) -> list[Told]:
    """Loans whose newest word, less the payments since, leaves something owed."""
    newest = loans.join(loan_snapshots, loan_snapshots.c.id == loans.c.snapshot_id)
    since = (
        select(payments.c.loan_id, func.sum(payments.c.amount).label("amount"))
        .join(newest, loans.c.id == payments.c.loan_id)
        .where(payments.c.paid_on > loan_snapshots.c.as_of, payments.c.reversed_on.is_(None))
        .group_by(payments.c.loan_id)
        .subquery()
    )
    together = (
        borrowers.c.country, borrowers.c.timezone, loan_snapshots.c.as_of,
        loan_snapshots.c.imported_at,
    )  # fmt: skip
    rows = await tx.all(
        select(*together, func.count().label("loans"))
        .select_from(
            newest.join(borrowers, borrowers.c.id == loans.c.borrower_id).outerjoin(
                since, since.c.loan_id == loans.c.id
            )
        )
        .where(loan_snapshots.c.outstanding > func.coalesce(since.c.amount, 0))
        .group_by(*together)
    )
    return [Told(row.country, row.timezone, row.as_of, row.imported_at, row.loans) for row in rows]


@dataclass(frozen=True, slots=True)
class Waiting:
    """Parked payments: how many, and the reference and loan of the longest waiting."""

    payments: int
    oldest: tuple[tuple[str, str], ...]


async def waiting(tx: Transaction, limit: int) -> Waiting:
    """Payments whose loan is not known yet, the longest waiting first."""
    columns = parked_payments.c
    count = await tx.value(select(func.count()).select_from(parked_payments))
    rows = await tx.all(
        select(columns.payment_ref, columns.loan_ref)
        .order_by(columns.parked_at, columns.payment_ref)
        .limit(limit)
    )
    return Waiting(count, tuple((row.payment_ref, row.loan_ref) for row in rows))
