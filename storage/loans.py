"""Loans: the lender's newest snapshot of each, and the payments and waivers known for it."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from functools import lru_cache
from typing import Any, NamedTuple

from sqlalchemy import (
    Column,
    ColumnElement,
    Row,
    Select,
    Table,
    Text,
    bindparam,
    cast,
    func,
    select,
    union,
)

from storage import waivers
from storage.engine import Transaction
from storage.prepared import Prepared, listed
from storage.records import (
    BorrowerId,
    DueItem,
    Loan,
    LoanId,
    Order,
    Payment,
    Snapshot,
    Waiver,
)
from storage.schema import due_items, loan_snapshots, loans, payments
from storage.schema import waivers as waiver_rows

ITEMS_OF = func.coalesce(loan_snapshots.c.items_of, loan_snapshots.c.id).label("items_of")
"""Under which number the due items of a snapshot are kept."""


def _of_these(*where: ColumnElement[bool]) -> Select[tuple[int]]:
    """The numbers of replaced snapshots."""
    return (
        select(loan_snapshots.c.id)
        .join(loans, loans.c.id == loan_snapshots.c.loan_id)
        .where(
            listed(loans.c.borrower_id, "borrowers"),
            loan_snapshots.c.id != loans.c.snapshot_id,
            *where,
        )
    )


def _after(events: Table, day: Column[Any]) -> Select[tuple[int]]:
    """The first snapshot of a loan that may count what happened on `day`, for each of `events`."""
    later = loan_snapshots.alias("later")
    first = (
        select(func.min(later.c.as_of))
        .where(later.c.loan_id == events.c.loan_id, later.c.as_of >= day)
        .correlate(events)
        .scalar_subquery()
    )
    return _of_these(loan_snapshots.c.as_of == first).join(
        events, events.c.loan_id == loan_snapshots.c.loan_id
    )


_HEADS = Prepared(
    select(
        loans.c.borrower_id,
        loan_snapshots.c.loan_id,
        ITEMS_OF,
        loan_snapshots.c.product,
        loan_snapshots.c.as_of,
        loan_snapshots.c.imported_at,
        loan_snapshots.c.outstanding,
        loan_snapshots.c.currency,
        loan_snapshots.c.pay_to,
        loans.c.loan_ref,
    )
    .join(loan_snapshots, loan_snapshots.c.id == loans.c.snapshot_id)
    .where(listed(loans.c.borrower_id, "borrowers"))
    .order_by(loans.c.id)
)
_BORROWER, _LOAN, _ITEMS_OF = range(3)
_GLIMPSED = slice(3, 7)
"""Where a row of `_HEADS` has the first fields of a `Glimpse`."""
_EARLIER = Prepared(
    select(
        loan_snapshots.c.id,
        loan_snapshots.c.loan_id,
        loan_snapshots.c.as_of,
        loan_snapshots.c.outstanding,
        ITEMS_OF,
    )
    .where(
        loan_snapshots.c.id.in_(
            union(
                _of_these(~loan_snapshots.c.repeats),
                _after(payments, payments.c.paid_on),
                _after(payments, payments.c.reversed_on),
                _after(waiver_rows, waiver_rows.c.waived_on),
            )
        )
    )
    .order_by(loan_snapshots.c.loan_id, loan_snapshots.c.as_of)
)
"""Replaced snapshots that say something new, and of those that repeat it the first after each
payment, reversal and waiver. The others tell nothing that these do not, and a loan that is told of
daily has hundreds of them.
"""
_AMOUNTS = (
    due_items.c.principal,
    due_items.c.interest,
    due_items.c.penalty,
    due_items.c.fees,
)


def _written() -> ColumnElement[str]:
    text: ColumnElement[str] = cast(due_items.c.due_date, Text)
    for amount in _AMOUNTS:
        text = text + " " + cast(amount, Text)
    return text


_ITEMS = Prepared(
    select(due_items.c.snapshot_id, func.aggregate_strings(_written(), ",").label("items"))
    .where(listed(due_items.c.snapshot_id, "snapshots"))
    .group_by(due_items.c.snapshot_id)
)
"""The items of a snapshot in one row: a loan that is told of daily has hundreds of them."""
_PAYMENTS = Prepared(
    select(payments)
    .where(listed(payments.c.loan_id, "loans"))
    .order_by(payments.c.loan_id, payments.c.paid_on, payments.c.id)
)
_OWNER = Prepared(
    select(loans.c.borrower_id, loans.c.id).where(loans.c.loan_ref == bindparam("reference"))
)


class Glimpse(NamedTuple):
    """A loan told of once; `items` and `payments` as in `Loan`."""

    product: str
    as_of: date
    told_at: datetime
    outstanding: int
    items: tuple[DueItem, ...]
    payments: Sequence[Payment]


class Told:
    """The loans of some borrowers as they were read.

    They become a `Loan` only where one is asked for: of most borrowers a planner needs to know
    no more than whom they are like.
    """

    def __init__(
        self,
        heads: Iterable[Row[Any]],
        items: Mapping[int, tuple[DueItem, ...]],
        earlier: Mapping[int, Sequence[Snapshot]],
        paid: Mapping[int, Sequence[Payment]],
        let_go: Mapping[LoanId, tuple[Waiver, ...]],
        order: Order,
    ) -> None:
        self._heads: dict[int, list[Row[Any]]] = {}
        for row in heads:
            self._heads.setdefault(row[_BORROWER], []).append(row)
        self._items, self._earlier, self._paid = items, earlier, paid
        self._let_go, self._order = let_go, order

    def of(self, borrower_id: BorrowerId) -> tuple[tuple[Loan, ...], datetime | None]:
        """The borrower's loans, and when the oldest of their snapshots reached us."""
        rows = self._heads.get(borrower_id, ())
        return tuple(map(self._loan, rows)), min((row.imported_at for row in rows), default=None)

    def glimpses(self, borrower_id: BorrowerId) -> tuple[Glimpse, ...] | None:
        """The loans, if no more is known of any of them than a snapshot and payments since."""
        found = []
        for row in self._heads.get(borrower_id, ()):
            loan_id = row[_LOAN]
            if loan_id in self._earlier or loan_id in self._let_go:
                return None
            items = self._items.get(row[_ITEMS_OF], ())
            paid = self._paid.get(loan_id, ())
            found.append(Glimpse._make((*row[_GLIMPSED], items, paid)))
        return tuple(found)

    def _loan(self, row: Row[Any]) -> Loan:
        loan_id = LoanId(row.loan_id)
        return Loan(
            loan_id=loan_id,
            loan_ref=row.loan_ref,
            product=row.product,
            currency=row.currency,
            outstanding=row.outstanding,
            pay_to=row.pay_to,
            as_of=row.as_of,
            items=self._items.get(row.items_of, ()),
            payments=tuple(self._paid.get(loan_id, ())),
            earlier=tuple(self._earlier.get(loan_id, ())),
            waivers=self._let_go.get(loan_id, ()),
            told_at=row.imported_at,
            order=self._order,
        )


async def of_borrowers(tx: Transaction, borrower_ids: Iterable[BorrowerId]) -> Told:
    wanted = list(borrower_ids)
    heads = await tx.all(_HEADS, borrowers=wanted)
    loan_ids = [LoanId(row[_LOAN]) for row in heads]
    replaced = await tx.all(_EARLIER, borrowers=wanted)
    numbers = dict.fromkeys(row[_ITEMS_OF] for row in heads)
    numbers |= dict.fromkeys(row.items_of for row in replaced)
    items = await items_of(tx, numbers)
    paid = await _payments(tx, loan_ids)
    let_go = await waivers.granted(tx, loan_ids)
    return Told(heads, items, _earlier(replaced, items), paid, let_go, tx.payment_order)


async def owner(tx: Transaction, loan_ref: str) -> tuple[BorrowerId, LoanId] | None:
    """Whose loan a reference is, None for an unknown one."""
    row = await tx.one(_OWNER, reference=loan_ref)
    return None if row is None else (BorrowerId(row.borrower_id), LoanId(row.id))


async def paid_on(tx: Transaction, payment_ref: str) -> date | None:
    """The day of a payment, None when it is not known."""
    found: date | None = await tx.value(
        select(payments.c.paid_on).where(payments.c.payment_ref == payment_ref)
    )
    return found


def _earlier(
    rows: Iterable[Row[Any]], items: Mapping[int, tuple[DueItem, ...]]
) -> dict[int, list[Snapshot]]:
    """What each loan's replaced snapshots said, oldest first; hindsight needs them."""
    found: dict[int, list[Snapshot]] = defaultdict(list)
    for row in rows:
        told = Snapshot(row.as_of, row.outstanding, items.get(row.items_of, ()))
        found[row.loan_id].append(told)
    return found


async def items_of(
    tx: Transaction, snapshot_ids: Iterable[int]
) -> Mapping[int, tuple[DueItem, ...]]:
    """The due items kept under each of these numbers (`ITEMS_OF`), by due date."""
    rows = await tx.all(_ITEMS, snapshots=list(snapshot_ids))
    return {row.snapshot_id: _items_in(row.items) for row in rows}


@lru_cache(maxsize=8_192)
def _items_in(text: str) -> tuple[DueItem, ...]:
    """The same ones for the same text: a lender says most things again every day."""
    found = []
    for item in text.split(","):
        due_date, *amounts = item.split(" ")
        found.append(DueItem(date.fromisoformat(due_date), *map(int, amounts)))
    return tuple(sorted(found, key=lambda item: item.due_date))


async def _payments(tx: Transaction, loan_ids: list[LoanId]) -> dict[int, list[Payment]]:
    rows = await tx.all(_PAYMENTS, loans=loan_ids)
    found: dict[int, list[Payment]] = defaultdict(list)
    for row in rows:
        found[row.loan_id].append(
            Payment(row.payment_ref, row.amount, row.paid_on, row.reversed_on, row.received_at)
        )
    return found
