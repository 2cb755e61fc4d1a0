"""Batches of an import: how they are written down while staged, and how each becomes facts.

A batch is applied whole, in the transaction that also removes it, together with the conversation
of a new borrower and the planner's next look at everyone concerned. Bodies are plain JSON lists,
because a portfolio has hundreds of thousands of rows and they are written and read once.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable
from datetime import date, datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import Column, bindparam, delete, literal, select, update

from storage import schedule
from storage.bulk import insert_many
from storage.engine import Transaction
from storage.import_lookups import parked_for_loans
from storage.portfolio import (
    Applied,
    LoanToApply,
    NewPayment,
    PaymentsToApply,
    ToldBorrower,
    ToldPayment,
)
from storage.records import (
    LARGEST_AMOUNT,
    BorrowerId,
    ConversationState,
    LoanId,
    Money,
)
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
            told.outstanding, told.pay_to, told.as_of.isoformat(),
            [
                (item.due_date.isoformat(), item.principal, item.interest, item.penalty, item.fees)
                for item in told.items
            ],
        )
        for one in some
        for told in (one.told,)
    ]  # fmt: skip


def payments_body(some: Iterable[PaymentsToApply], parked: Iterable[ToldPayment] = ()) -> Body:
    new = []
    reversed_on = []
    for one in some:
        new += [
            (
                one.borrower_id, payment.payment_ref, payment.loan_id, payment.amount,
                payment.currency, payment.paid_on.isoformat(), _iso(payment.reversed_on),
            )
            for payment in one.new
        ]  # fmt: skip
        reversed_on += [(one.borrower_id, ref, day.isoformat()) for ref, day in one.reversals]
    waiting = [
        (one.payment_ref, one.loan_ref, one.amount, _iso(one.paid_on), _iso(one.reversed_on))
        for one in parked
    ]
    return {"new": new, "reversed": reversed_on, "parked": waiting}


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
    refs = [row[0] for row in body]
    await tx.execute(
        tx.insert_or(conversations)
        .from_select(
            ["borrower_id", "state", "version", "since"],
            select(
                borrowers.c.id,
                literal(ConversationState.BOT.value),
                literal(1),
                literal(told_at, conversations.c.since.type),
            ).where(borrowers.c.borrower_ref.in_(refs)),
        )
        .on_conflict_do_nothing()
    )
    ids = await tx.all(select(borrowers.c.id).where(borrowers.c.borrower_ref.in_(refs)))
    return Applied(frozenset(BorrowerId(row.id) for row in ids), {})


async def _apply_loans(tx: Transaction, body: list[Any], told_at: datetime) -> Applied:
    new = [(row[2], row[0], told_at) for row in body if row[1] is None]
    await insert_many(tx, loans, _LOAN, new)
    refs = [row[2] for row in body]
    loan_ids = await _by_loan(tx, loans.c.id, refs)
    snapshots = [
        (loan_ids[ref], product, currency, outstanding, pay_to, _day(as_of), told_at)
        for _, _, ref, product, currency, outstanding, pay_to, as_of, _ in body
    ]
    await insert_many(tx, loan_snapshots, _SNAPSHOT, snapshots)
    await _point_at_newest(tx, loan_ids.values())
    snapshot_ids = await _by_loan(tx, loans.c.snapshot_id, refs)
    items = [
        (snapshot_ids[row[2]], _day(due_date), *amounts)
        for row in body
        for due_date, *amounts in row[8]
    ]
    await insert_many(tx, due_items, _ITEM, items)
    came = await _apply_parked(tx, refs, told_at)
    return Applied(frozenset(BorrowerId(row[0]) for row in body), came)


async def _point_at_newest(tx: Transaction, loan_ids: Collection[int]) -> None:
    newest = (
        select(loan_snapshots.c.id)
        .where(loan_snapshots.c.loan_id == loans.c.id)
        .order_by(loan_snapshots.c.as_of.desc())
        .limit(1)
        .scalar_subquery()
    )
    await tx.execute(update(loans).where(loans.c.id.in_(loan_ids)).values(snapshot_id=newest))


async def _apply_parked(
    tx: Transaction, loan_refs: list[str], told_at: datetime
) -> dict[BorrowerId, list[NewPayment]]:
    """Payments that waited for these loans become payments, if their currency can hold them."""
    waiting = await parked_for_loans(tx, loan_refs)
    if not waiting:
        return {}
    found = await tx.all(
        select(loans.c.loan_ref, loans.c.id, loans.c.borrower_id, loan_snapshots.c.currency)
        .join(loan_snapshots, loan_snapshots.c.id == loans.c.snapshot_id)
        .where(loans.c.loan_ref.in_({one.loan_ref for one in waiting}))
    )
    loan_of = {row.loan_ref: row for row in found}
    came: dict[BorrowerId, list[NewPayment]] = defaultdict(list)
    for one in waiting:
        loan = loan_of[one.loan_ref]
        amount = fits(one.amount, loan.currency)
        if amount is not None:
            payment = NewPayment(
                one.payment_ref,
                LoanId(loan.id),
                amount,
                loan.currency,
                one.paid_on,
                one.reversed_on,
            )
            came[BorrowerId(loan.borrower_id)].append(payment)
    all_of_them = [payment for some in came.values() for payment in some]
    await _insert_payments(tx, all_of_them, told_at)
    await tx.execute(
        delete(parked_payments).where(
            parked_payments.c.payment_ref.in_([one.payment_ref for one in all_of_them])
        )
    )
    return came


def fits(amount: str, currency: str) -> int | None:
    """A parked amount in minor units of `currency`, None when it cannot be one of it."""
    try:
        minor = Money.parse(amount, currency).minor
    except ValueError:
        return None
    return minor if 0 < minor <= LARGEST_AMOUNT else None


async def _apply_payments(tx: Transaction, body: dict[str, Any], told_at: datetime) -> Applied:
    came: dict[BorrowerId, list[NewPayment]] = defaultdict(list)
    for borrower_id, ref, loan_id, amount, currency, paid_on, reversed_on in body["new"]:
        came[BorrowerId(borrower_id)].append(
            NewPayment(
                ref, LoanId(loan_id), amount, currency, _day(paid_on), _day_or_none(reversed_on)
            )
        )
    await _insert_payments(tx, [one for some in came.values() for one in some], told_at)
    await _reverse(tx, body["reversed"], told_at)
    parked = [
        (ref, loan_ref, amount, _day(paid_on), _day_or_none(reversed_on), told_at)
        for ref, loan_ref, amount, paid_on, reversed_on in body["parked"]
    ]
    await insert_many(tx, parked_payments, _PARKED, parked, replacing="payment_ref")
    concerned = {*came, *(BorrowerId(row[0]) for row in body["reversed"])}
    return Applied(frozenset(concerned), came)


async def _insert_payments(tx: Transaction, new: list[NewPayment], told_at: datetime) -> None:
    rows = [
        (
            one.payment_ref, one.loan_id, one.amount, one.paid_on, told_at, one.reversed_on,
            None if one.reversed_on is None else told_at,
        )
        for one in new
    ]  # fmt: skip
    await insert_many(tx, payments, _PAYMENT, rows)


async def _reverse(tx: Transaction, reversals: list[Any], told_at: datetime) -> None:
    if not reversals:
        return
    await tx.execute(
        update(payments)
        .where(payments.c.payment_ref == bindparam("ref"))
        .values(reversed_on=bindparam("day"), reversal_received_at=told_at),
        [{"ref": ref, "day": _day(day)} for _, ref, day in reversals],
    )


async def _by_loan(tx: Transaction, column: Column[int], refs: list[str]) -> dict[str, int]:
    rows = await tx.all(
        select(loans.c.loan_ref, column.label("number")).where(loans.c.loan_ref.in_(refs))
    )
    return {row.loan_ref: row.number for row in rows}


def _iso(day: date | None) -> str | None:
    return None if day is None else day.isoformat()


@lru_cache(4096)
def _day(text: str) -> date:
    return date.fromisoformat(text)


def _day_or_none(text: str | None) -> date | None:
    return None if text is None else _day(text)


@lru_cache(4096)
def _instant(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)
