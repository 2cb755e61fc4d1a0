"""Batches of an import: how they are written down while staged, and how each becomes facts.

A batch is applied whole, in the transaction that also removes it, together with the conversation
of a new borrower and the planner's next look at everyone concerned. Bodies are plain JSON lists,
because a portfolio has hundreds of thousands of rows, each written and read once.
"""

from collections.abc import Collection, Iterable, Sequence
from datetime import date, datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import Column, bindparam, delete, literal, select, update

from storage import accounts, schedule
from storage.bulk import among, insert_many
from storage.engine import Transaction
from storage.import_lookups import loan_keys, parked_for_loans
from storage.portfolio import (
    Applied,
    LoanToApply,
    NewPayment,
    Reversal,
    ToldBorrower,
    ToldPayment,
)
from storage.records import LARGEST_AMOUNT, BorrowerId, ConversationState, LoanId, Money
from storage.schema import (
    borrowers,
    conversations,
    due_items,
    loan_snapshots,
    loans,
    parked_payments,
    payments,
)

_BORROWER = (
    "borrower_ref", "full_name", "language", "country", "timezone", "phone", "birth_date_hmac",
    "id_last4_hmac", "segment", "consent_at", "imported_at",
)  # fmt: skip
_LOAN = ("loan_ref", "borrower_id", "imported_at")
_SNAPSHOT = ("loan_id", "product", "currency", "outstanding", "pay_to", "as_of", "imported_at")
_ITEM = ("snapshot_id", "due_date", "principal", "interest", "penalty", "fees")
_PAYMENT = (
    "payment_ref", "loan_id", "amount", "paid_on", "received_at", "reversed_on",
    "reversal_received_at",
)  # fmt: skip
_PARKED = ("payment_ref", "loan_ref", "amount_major", "paid_on", "reversed_on", "parked_at")

Body = list[Any] | dict[str, Any]


def borrowers_body(told: Iterable[ToldBorrower]) -> Body:
    return [
        (
            one.borrower_ref, one.full_name, one.language, one.country, one.timezone, one.phone,
            one.birth_date_hmac.hex(), one.id_last4_hmac.hex(), one.segment,
            one.consent_at and one.consent_at.isoformat(),
        )
        for one in told
    ]  # fmt: skip


def loans_body(some: Iterable[LoanToApply]) -> Body:
    return [
        (
            one.borrower_id, one.loan_id, told.loan_ref, told.product, told.currency,
            told.outstanding, told.pay_to, _iso(told.as_of),
            [
                (_iso(item.due_date), item.principal, item.interest, item.penalty, item.fees)
                for item in told.items
            ],
        )
        for one in some
        for told in (one.told,)
    ]  # fmt: skip


def payments_body(
    new: Iterable[NewPayment] = (),
    reversals: Iterable[Reversal] = (),
    parked: Iterable[ToldPayment] = (),
) -> Body:
    return {
        "new": [
            (
                one.borrower_id, one.payment_ref, one.loan_id, one.amount, one.currency,
                _iso(one.paid_on), one.reversed_on and _iso(one.reversed_on),
            )
            for one in new
        ],
        "reversed": [
            (one.borrower_id, one.payment_ref, _iso(one.reversed_on)) for one in reversals
        ],
        "parked": [
            (
                one.payment_ref, one.loan_ref, one.amount, _iso(one.paid_on),
                one.reversed_on and _iso(one.reversed_on),
            )
            for one in parked
        ],
    }  # fmt: skip


async def apply(tx: Transaction, kind: str, body: Any, told_at: datetime, now: datetime) -> Applied:
    """Make facts of one batch. `told_at`: when the import was accepted; `now`: when it counts."""
    if kind == "borrowers":
        applied = await _apply_borrowers(tx, body, told_at)
    elif kind == "loans":
        applied = await _apply_loans(tx, body, told_at)
    else:
        applied = await _apply_payments(tx, body, told_at)
    await schedule.look_again(tx, sorted(applied.borrower_ids), now)
    return applied


async def _apply_borrowers(tx: Transaction, body: list[Any], told_at: datetime) -> Applied:
    rows = [
        (*plain, bytes.fromhex(birth), bytes.fromhex(digits), segment, _instant(consent), told_at)
        for *plain, birth, digits, segment, consent in body
    ]
    await insert_many(tx, borrowers, _BORROWER, rows, replacing="borrower_ref")
    of_these = among(tx, borrowers.c.borrower_ref, [row[0] for row in body])
    begun = select(
        borrowers.c.id,
        literal(ConversationState.BOT.value),
        literal(1),
        literal(told_at, conversations.c.since.type),
    ).where(of_these)
    await tx.execute(
        tx.insert_or(conversations)
        .from_select(["borrower_id", "state", "version", "since"], begun)
        .on_conflict_do_nothing()
    )
    ids = await tx.all(select(borrowers.c.id).where(of_these))
    return Applied(frozenset(BorrowerId(row.id) for row in ids))


async def _apply_loans(tx: Transaction, body: list[Any], told_at: datetime) -> Applied:
    refs = [row[2] for row in body]
    new = [(row[2], row[0], told_at) for row in body if row[1] is None]
    await insert_many(tx, loans, _LOAN, new)
    loan_ids = await _by_loan(tx, loans.c.id, refs)
    snapshots = [
        (loan_ids[ref], product, currency, outstanding, pay_to, _day(as_of), told_at)
        for _, _, ref, product, currency, outstanding, pay_to, as_of, _ in body
    ]
    await insert_many(tx, loan_snapshots, _SNAPSHOT, snapshots)
    await _point_at_newest(tx, loan_ids.values())
    snapshot_ids = await _by_loan(tx, loans.c.snapshot_id, refs)
    items = [(snapshot_ids[row[2]], _day(item[0]), *item[1:]) for row in body for item in row[8]]
    await insert_many(tx, due_items, _ITEM, items)
    came = await _apply_parked(tx, refs, told_at)
    return Applied(frozenset(BorrowerId(row[0]) for row in body), came)


async def _by_loan(tx: Transaction, column: Column[int], refs: list[str]) -> dict[str, int]:
    rows = await tx.all(
        select(loans.c.loan_ref, column.label("number")).where(among(tx, loans.c.loan_ref, refs))
    )
    return {row.loan_ref: row.number for row in rows}


async def _point_at_newest(tx: Transaction, loan_ids: Collection[int]) -> None:
    newest = (
        select(loan_snapshots.c.id)
        .where(loan_snapshots.c.loan_id == loans.c.id)
        .order_by(loan_snapshots.c.as_of.desc())
        .limit(1)
        .scalar_subquery()
    )
    await tx.execute(
        update(loans).where(among(tx, loans.c.id, loan_ids)).values(snapshot_id=newest)
    )


async def _apply_parked(
    tx: Transaction, loan_refs: list[str], told_at: datetime
) -> list[NewPayment]:
    """Payments that waited for these loans become payments, if their currency can hold them."""
    waiting = await parked_for_loans(tx, loan_refs)
    if not waiting:
        return []
    known = await loan_keys(tx, {one.loan_ref for one in waiting})
    came = []
    for one in waiting:
        loan = known[one.loan_ref]
        amount = fits(one.amount, loan.currency)
        if amount is not None:
            came.append(
                NewPayment(
                    loan.borrower_id, one.payment_ref, loan.loan_id, amount, loan.currency,
                    one.paid_on, one.reversed_on,
                )
            )  # fmt: skip
    rows = [
        (one.payment_ref, one.loan_id, one.amount, one.paid_on, one.reversed_on) for one in came
    ]
    await _insert_payments(tx, rows, told_at)
    refs = [one.payment_ref for one in came]
    await tx.execute(delete(parked_payments).where(among(tx, parked_payments.c.payment_ref, refs)))
    return await _of_verified(tx, came)


def fits(amount: str, currency: str) -> int | None:
    """A parked amount in minor units of `currency`, None when it cannot be one of it."""
    try:
        minor = Money.parse(amount, currency).minor
    except ValueError:
        return None
    return minor if 0 < minor <= LARGEST_AMOUNT else None


async def _apply_payments(tx: Transaction, body: dict[str, Any], told_at: datetime) -> Applied:
    rows = [
        (ref, loan_id, amount, _day(paid_on), reversed_on and _day(reversed_on))
        for _, ref, loan_id, amount, _, paid_on, reversed_on in body["new"]
    ]
    await _insert_payments(tx, rows, told_at)
    await _reverse(tx, body["reversed"], told_at)
    parked = [
        (ref, loan_ref, amount, _day(paid_on), reversed_on and _day(reversed_on), told_at)
        for ref, loan_ref, amount, paid_on, reversed_on in body["parked"]
    ]
    await insert_many(tx, parked_payments, _PARKED, parked, replacing="payment_ref")
    payers = {BorrowerId(row[0]) for row in body["new"]}
    verified = await accounts.verified(tx, payers) if payers else {}
    came = [
        NewPayment(
            BorrowerId(borrower_id), ref, LoanId(loan_id), amount, currency, _day(paid_on),
            reversed_on and _day(reversed_on),
        )
        for borrower_id, ref, loan_id, amount, currency, paid_on, reversed_on in body["new"]
        if borrower_id in verified
    ]  # fmt: skip
    return Applied(frozenset(payers | {BorrowerId(row[0]) for row in body["reversed"]}), came)


async def _of_verified(tx: Transaction, came: list[NewPayment]) -> list[NewPayment]:
    verified = await accounts.verified(tx, {one.borrower_id for one in came})
    return [one for one in came if one.borrower_id in verified]


async def _insert_payments(
    tx: Transaction, rows: Sequence[tuple[Any, ...]], told_at: datetime
) -> None:
    """`rows`: reference, loan, amount, paid on, reversed on."""
    full = [(*row[:4], told_at, row[4], row[4] and told_at) for row in rows]
    await insert_many(tx, payments, _PAYMENT, full)


async def _reverse(tx: Transaction, reversals: list[Any], told_at: datetime) -> None:
    if not reversals:
        return
    await tx.execute(
        update(payments)
        .where(payments.c.payment_ref == bindparam("ref"))
        .values(reversed_on=bindparam("day"), reversal_received_at=told_at),
        [{"ref": ref, "day": _day(day)} for _, ref, day in reversals],
    )


@lru_cache(4096)
def _iso(day: date) -> str:
    return day.isoformat()


@lru_cache(4096)
def _day(text: str) -> date:
    return date.fromisoformat(text)


@lru_cache(4096)
def _instant(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)
