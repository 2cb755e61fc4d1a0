"""Borrowers as the lender's file tells them. Phones and digests stay here until asked for."""

from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import bindparam, func, select

from storage.bulk import among
from storage.engine import Transaction
from storage.prepared import Prepared, listed
from storage.records import Borrower, BorrowerId
from storage.schema import borrowers

COLUMNS = (
    borrowers.c.id,
    borrowers.c.borrower_ref,
    borrowers.c.full_name,
    borrowers.c.language,
    borrowers.c.country,
    borrowers.c.timezone,
    borrowers.c.consent_at,
    borrowers.c.segment,
)
"""In the order of `Borrower`."""
_BY_ID = Prepared(select(*COLUMNS).where(borrowers.c.id == bindparam("number")))
_BY_REF = Prepared(select(*COLUMNS).where(borrowers.c.borrower_ref == bindparam("ref")))
_MANY = Prepared(select(*COLUMNS).where(listed(borrowers.c.id, "ids")))


async def by_id(tx: Transaction, borrower_id: BorrowerId) -> Borrower | None:
    row = await tx.one(_BY_ID, number=borrower_id)
    return None if row is None else read(row)


async def by_ref(tx: Transaction, borrower_ref: str) -> Borrower | None:
    row = await tx.one(_BY_REF, ref=borrower_ref)
    return None if row is None else read(row)


_AGREEING = -(2**61)
"""The advisory lock of whoever agrees something with a borrower, less the borrower's number."""


async def alone(tx: Transaction, borrower_id: BorrowerId) -> None:
    """Wait until nobody else agrees anything with this borrower; until this transaction ends."""
    await tx.lock(_AGREEING - borrower_id)


async def many(tx: Transaction, ids: Iterable[BorrowerId]) -> dict[BorrowerId, Borrower]:
    rows = await tx.all(_MANY, ids=ids)
    return {BorrowerId(row.id): read(row) for row in rows}


async def count(tx: Transaction) -> int:
    return int(await tx.value(select(func.count()).select_from(borrowers)))


async def references(tx: Transaction) -> list[tuple[BorrowerId, str]]:
    """Every borrower as (id, reference), by reference."""
    rows = await tx.all(
        select(borrowers.c.id, borrowers.c.borrower_ref).order_by(borrowers.c.borrower_ref)
    )
    return [(BorrowerId(row.id), row.borrower_ref) for row in rows]


async def refs_of(tx: Transaction, ids: Iterable[BorrowerId]) -> dict[BorrowerId, str]:
    """The references of some borrowers, however many they are."""
    rows = await tx.all(
        select(borrowers.c.id, borrowers.c.borrower_ref).where(among(tx, borrowers.c.id, ids))
    )
    return {BorrowerId(row.id): row.borrower_ref for row in rows}


async def verification_digests(
    tx: Transaction, borrower_id: BorrowerId
) -> tuple[bytes | None, bytes | None]:
    """Keyed digests of (last four ID digits, birth date); None where the file had none."""
    row = await tx.one(
        select(borrowers.c.id_last4_hmac, borrowers.c.birth_date_hmac).where(
            borrowers.c.id == borrower_id
        )
    )
    return (None, None) if row is None else (row.id_last4_hmac, row.birth_date_hmac)


async def phone(tx: Transaction, borrower_id: BorrowerId) -> str:
    """For a person who has to call; never for a log."""
    return str(await tx.value(select(borrowers.c.phone).where(borrowers.c.id == borrower_id)))


def read(row: Sequence[Any]) -> Borrower:
    """Of a row of COLUMNS."""
    return Borrower(*row)
