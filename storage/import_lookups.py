"""What the database holds for the references of a file, a few thousand of them at a time."""

from collections.abc import Collection
from typing import Any

from sqlalchemy import ColumnElement, Select, select, union

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
from storage.prepared import Prepared, listed
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

_PARKED = parked_payments.c


def parked_where(condition: ColumnElement[bool]) -> Select[Any]:
    """Parked payments in the order of their references, for `parked_in`."""
    columns = (
        _PARKED.payment_ref,
        _PARKED.loan_ref,
        _PARKED.thousandths,
        _PARKED.paid_on,
        _PARKED.reversed_on,
    )
    return select(*columns).where(condition).order_by(_PARKED.payment_ref)


_BORROWERS = Prepared(select(borrowers).where(listed(borrowers.c.borrower_ref, "refs")))
_BORROWER_IDS = Prepared(
    select(borrowers.c.borrower_ref, borrowers.c.id).where(listed(borrowers.c.borrower_ref, "refs"))
)
_IN_TOUCH = Prepared(
    union(
        *(
            select(table.c.borrower_id).where(listed(table.c.borrower_id, "borrowers"))
            for table in (accounts, promises, plans, cases)
        )
    )
)
_LOANS = Prepared(
    select(
        loans.c.loan_ref,
        loans.c.borrower_id,
        borrowers.c.borrower_ref,
        loan_snapshots.c.loan_id,
        loan_snapshots.c.product,
        loan_snapshots.c.currency,
        loan_snapshots.c.outstanding,
        loan_snapshots.c.pay_to,
        loan_snapshots.c.as_of,
        ITEMS_OF,
    )
    .join(loan_snapshots, loan_snapshots.c.id == loans.c.snapshot_id)
    .join(borrowers, borrowers.c.id == loans.c.borrower_id)
    .where(listed(loans.c.loan_ref, "refs"))
)
_LOAN_KEYS = Prepared(
    select(loans.c.loan_ref, loans.c.id, loans.c.borrower_id, loan_snapshots.c.currency)
    .join(loan_snapshots, loan_snapshots.c.id == loans.c.snapshot_id)
    .where(listed(loans.c.loan_ref, "refs"))
)
_PAYMENTS = Prepared(
    select(payments, loans.c.loan_ref, loans.c.borrower_id, loan_snapshots.c.currency)
    .join(loans, loans.c.id == payments.c.loan_id)
    .join(loan_snapshots, loan_snapshots.c.id == loans.c.snapshot_id)
    .where(listed(payments.c.payment_ref, "refs"))
)
_PARKED_PAYMENTS = Prepared(parked_where(listed(_PARKED.payment_ref, "refs")))
_PARKED_FOR_LOANS = Prepared(parked_where(listed(_PARKED.loan_ref, "refs")))


async def held_borrowers(tx: Transaction, refs: Collection[str]) -> dict[str, ToldBorrower]:
    """Borrowers known already, in the words of a file."""
    rows = await tx.all(_BORROWERS, refs=refs)
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
    rows = await tx.all(_BORROWER_IDS, refs=refs)
    return {row.borrower_ref: BorrowerId(row.id) for row in rows}


async def in_touch(tx: Transaction, ids: Collection[BorrowerId]) -> set[BorrowerId]:
    """Those to whom something may have been said: linked, promising, planning or with a case."""
    return {BorrowerId(row.borrower_id) for row in await tx.all(_IN_TOUCH, borrowers=ids)}


async def held_loans(tx: Transaction, refs: Collection[str]) -> dict[str, HeldLoan]:
    """Loans known already with the head of their newest snapshot; `held_items` has its items."""
    rows = await tx.all(_LOANS, refs=refs)
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
    rows = await tx.all(_LOAN_KEYS, refs=refs)
    return {
        row.loan_ref: LoanKey(LoanId(row.id), BorrowerId(row.borrower_id), row.currency)
        for row in rows
    }


async def held_payments(tx: Transaction, refs: Collection[str]) -> dict[str, HeldPayment]:
    """Payments applied before, by reference."""
    rows = await tx.all(_PAYMENTS, refs=refs)
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
    return {one.payment_ref: one for one in await parked_in(tx, _PARKED_PAYMENTS, refs=refs)}


async def parked_for_loans(tx: Transaction, loan_refs: Collection[str]) -> list[ToldPayment]:
    """Parked payments that wait for one of these loans."""
    return await parked_in(tx, _PARKED_FOR_LOANS, refs=loan_refs)


async def parked_in(tx: Transaction, statement: Prepared, **values: Any) -> list[ToldPayment]:
    """What a prepared `parked_where` finds."""
    return [ToldPayment._make(row) for row in await tx.all(statement, **values)]
