"""What the database holds for the references of a file, a few thousand of them at a time."""

from collections.abc import Collection

from sqlalchemy import ColumnElement, select, union

from storage.bulk import among
from storage.engine import Transaction
from storage.loans import ITEMS_OF
from storage.loans import items_of as kept_items
from storage.portfolio import (
    HeldLoan,
    HeldPayment,
    LoanKey,
    ToldBorrower,
    ToldItem,
    ToldLoan,
    ToldPayment,
)
from storage.records import BorrowerId, LoanId
from storage.schema import (
    accounts,
    borrowers,
    cases,
    loan_snapshots,
    loans,
    parked_payments,
    payments,
    plans,
    promises,
)

_TOLD = (
    loan_snapshots.c.product,
    loan_snapshots.c.currency,
    loan_snapshots.c.outstanding,
    loan_snapshots.c.pay_to,
    loan_snapshots.c.as_of,
)


async def held_borrowers(tx: Transaction, refs: Collection[str]) -> dict[str, ToldBorrower]:
    """Borrowers known already, in the words of a file."""
    rows = await tx.all(select(borrowers).where(among(tx, borrowers.c.borrower_ref, refs)))
    return {
        row.borrower_ref: ToldBorrower(
            borrower_ref=row.borrower_ref,
            full_name=row.full_name,
            language=row.language,
            country=row.country,
            timezone=row.timezone,
            phone=row.phone,
            birth_date_hmac=row.birth_date_hmac,
            id_last4_hmac=row.id_last4_hmac,
            segment=row.segment,
            consent_at=row.consent_at,
        )
        for row in rows
    }


async def borrower_ids(tx: Transaction, refs: Collection[str]) -> dict[str, BorrowerId]:
    rows = await tx.all(
        select(borrowers.c.borrower_ref, borrowers.c.id).where(
            among(tx, borrowers.c.borrower_ref, refs)
        )
    )
    return {row.borrower_ref: BorrowerId(row.id) for row in rows}


async def in_touch(tx: Transaction, ids: Collection[BorrowerId]) -> set[BorrowerId]:
    """Those to whom something may have been said: linked, promising, planning or with a case."""
    asked = union(
        *(
            select(table.c.borrower_id).where(among(tx, table.c.borrower_id, ids))
            for table in (accounts, promises, plans, cases)
        )
    )
    return {BorrowerId(row.borrower_id) for row in await tx.all(asked)}


async def held_loans(tx: Transaction, refs: Collection[str]) -> dict[str, HeldLoan]:
    """Loans known already with the head of their newest snapshot; `held_items` has its items."""
    rows = await tx.all(
        select(
            loans.c.loan_ref,
            loans.c.borrower_id,
            borrowers.c.borrower_ref,
            loan_snapshots.c.loan_id,
            *_TOLD,
            ITEMS_OF,
        )
        .join(loan_snapshots, loan_snapshots.c.id == loans.c.snapshot_id)
        .join(borrowers, borrowers.c.id == loans.c.borrower_id)
        .where(among(tx, loans.c.loan_ref, refs))
    )
    return {
        row.loan_ref: HeldLoan(
            loan_id=LoanId(row.loan_id),
            borrower_id=BorrowerId(row.borrower_id),
            items_of=row.items_of,
            told=ToldLoan(
                loan_ref=row.loan_ref,
                borrower_ref=row.borrower_ref,
                product=row.product,
                currency=row.currency,
                outstanding=row.outstanding,
                pay_to=row.pay_to,
                as_of=row.as_of,
                items=(),
            ),
        )
        for row in rows
    }


async def held_items(tx: Transaction, items_of: Collection[int]) -> dict[int, tuple[ToldItem, ...]]:
    """What is kept under each of these numbers (`HeldLoan.items_of`), by due date."""
    return {
        number: tuple(
            (one.due_date, one.principal, one.interest, one.penalty, one.fees) for one in items
        )
        for number, items in (await kept_items(tx, items_of)).items()
    }


async def loan_keys(tx: Transaction, refs: Collection[str]) -> dict[str, LoanKey]:
    """What payments have to know of their loans; an unknown loan is left out."""
    rows = await tx.all(
        select(
            loans.c.loan_ref,
            loans.c.id,
            loans.c.borrower_id,
            loan_snapshots.c.currency,
        )
        .join(loan_snapshots, loan_snapshots.c.id == loans.c.snapshot_id)
        .where(among(tx, loans.c.loan_ref, refs))
    )
    return {
        row.loan_ref: LoanKey(LoanId(row.id), BorrowerId(row.borrower_id), row.currency)
        for row in rows
    }


async def held_payments(tx: Transaction, refs: Collection[str]) -> dict[str, HeldPayment]:
    """Payments applied before, by reference."""
    rows = await tx.all(
        select(payments, loans.c.loan_ref, loans.c.borrower_id, loan_snapshots.c.currency)
        .join(loans, loans.c.id == payments.c.loan_id)
        .join(loan_snapshots, loan_snapshots.c.id == loans.c.snapshot_id)
        .where(among(tx, payments.c.payment_ref, refs))
    )
    return {
        row.payment_ref: HeldPayment(
            borrower_id=BorrowerId(row.borrower_id),
            loan_ref=row.loan_ref,
            amount=row.amount,
            currency=row.currency,
            paid_on=row.paid_on,
            reversed_on=row.reversed_on,
        )
        for row in rows
    }


async def parked_payments_of(tx: Transaction, refs: Collection[str]) -> dict[str, ToldPayment]:
    """Parked payments by payment reference."""
    found = await parked_for(tx, among(tx, parked_payments.c.payment_ref, refs))
    return {one.payment_ref: one for one in found}


async def parked_for_loans(tx: Transaction, loan_refs: Collection[str]) -> list[ToldPayment]:
    """Parked payments that wait for one of these loans."""
    return await parked_for(tx, among(tx, parked_payments.c.loan_ref, loan_refs))


async def parked_for(tx: Transaction, condition: ColumnElement[bool]) -> list[ToldPayment]:
    columns = parked_payments.c
    rows = await tx.all(
        select(
            columns.payment_ref,
            columns.loan_ref,
            columns.thousandths,
            columns.paid_on,
            columns.reversed_on,
        )
        .where(condition)
        .order_by(columns.payment_ref)
    )
    return [ToldPayment._make(row) for row in rows]
