"""How a staged batch of an import becomes facts: whole, in one short transaction.

The same transaction removes the batch, gives new borrowers their conversation and has the planner
look again at everyone concerned. Rows go from the staged JSON to their tables inside the database.
"""

import json
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import (
    ColumnElement,
    FromClause,
    Select,
    Table,
    bindparam,
    case,
    delete,
    insert,
    literal,
    select,
    update,
)
from sqlalchemy.dialects import postgresql, sqlite

from storage import accounts
from storage.bulk import insert_many
from storage.engine import Transaction
from storage.import_lookups import loan_keys, parked_in, parked_where
from storage.json_rows import JsonRows
from storage.portfolio import Accepted, Applied, NewPayment
from storage.prepared import Prepared, listed
from storage.records import BorrowerId, ConversationState, LoanId
from storage.schedule import begin as first_looks
from storage.schema import accounts as account_rows
from storage.schema import (
    borrowers,
    conversations,
    due_items,
    loan_snapshots,
    loans,
    parked_payments,
    payments,
    schedule,
    staged_batches,
)

_BORROWER = (
    "borrower_ref", "full_name", "language", "country", "timezone", "phone", "birth_date_hmac",
    "id_last4_hmac", "segment", "consent_at", "imported_at",
)  # fmt: skip
_PAYMENT = (
    "payment_ref", "loan_id", "amount", "paid_on", "received_at", "reversed_on",
    "reversal_received_at",
)  # fmt: skip

_VERIFIED = select(account_rows.c.borrower_id).where(
    account_rows.c.verified_at.is_not(None), account_rows.c.unlinked_at.is_(None)
)
_THIS = (
    staged_batches.c.import_id == bindparam("of_import"),
    staged_batches.c.number == bindparam("batch"),
)
_TOLD_AT = bindparam("told_at", type_=borrowers.c.imported_at.type)
_LOOKS_AT = bindparam("looks_at", type_=schedule.c.next_contact_at.type)
_IS_THERE = Prepared(select(staged_batches.c.number).where(*_THIS).with_for_update())
_BODY = Prepared(select(staged_batches.c.body).where(*_THIS))
_REMOVE = Prepared(delete(staged_batches).where(*_THIS))
_REVERSE = Prepared(
    update(payments)
    .where(payments.c.payment_ref == bindparam("ref"))
    .values(reversed_on=bindparam("day"), reversal_received_at=_TOLD_AT)
)
_UNPARK = Prepared(delete(parked_payments).where(listed(parked_payments.c.payment_ref, "refs")))


async def apply(tx: Transaction, accepted: Accepted, number: int, now: datetime) -> Applied | None:
    """Make facts of one batch and remove it; None when somebody else has done so.

    The facts are of the moment the import was accepted; the planner looks again `now`.
    """
    if await tx.value(_IS_THERE, of_import=accepted.import_id, batch=number) is None:
        return None
    batch = _Batch(tx, accepted, number, now)
    steps = {"borrowers": batch.borrowers, "loans": batch.loans, "payments": batch.payments}
    applied = await steps[accepted.kind]()
    await tx.change(_REMOVE, of_import=accepted.import_id, batch=number)
    return applied


class _Batch:
    """One staged batch, in an open transaction that has locked it."""

    def __init__(self, tx: Transaction, accepted: Accepted, number: int, now: datetime) -> None:
        self.tx = tx
        self._by = _statements(tx.is_postgresql)
        self._this = {"of_import": accepted.import_id, "batch": number}
        self._told_at = accepted.accepted_at
        self._over_days = accepted.over_days
        self._now = now

    async def borrowers(self) -> Applied:
        body = json.loads(await self.tx.value(_BODY, **self._this))
        rows = [
            (
                *row[:6], bytes.fromhex(row[6]), bytes.fromhex(row[7]), row[8],
                row[9] and datetime.fromisoformat(row[9]), self._told_at,
            )
            for row in body
        ]  # fmt: skip
        await insert_many(self.tx, borrowers, _BORROWER, rows, replacing="borrower_ref")
        refs = [row[0] for row in body]
        await self.tx.change(self._by.conversations, refs=refs, told_at=self._told_at)
        await self.tx.change(self._by.look_at_known, refs=refs, looks_at=self._now)
        self.tx.touch("schedule")
        return Applied()

    async def loans(self) -> Applied:
        for statement in self._by.new_loans:
            await self.tx.change(statement, **self._this, told_at=self._told_at)
        for statement in self._by.told_again:
            await self.tx.change(statement, **self._this)
        came = await self._unpark()
        if self._over_days > 1:
            rows = await self.tx.all(self._by.owners_of_loans, **self._this)
            owners = sorted(BorrowerId(row.owner) for row in rows)
            await first_looks(self.tx, owners, self._now, over_days=self._over_days)
        else:
            await self._look_again(self._by.look_at_loans)
        return Applied(came)

    async def payments(self) -> Applied:
        for statement in self._by.new_payments:
            await self.tx.change(statement, **self._this, told_at=self._told_at)
        await self._reverse()
        await self._look_again(self._by.look_at_payments)
        rows = await self.tx.all(self._by.of_verified, **self._this)
        return Applied(
            [
                NewPayment(
                    BorrowerId(row.owner), row.ref, LoanId(row.loan_id), row.amount, row.currency,
                    row.paid_on, row.reversed_on,
                )
                for row in rows
            ]
        )  # fmt: skip

    async def _reverse(self) -> None:
        rows = await self.tx.all(self._by.reversed, **self._this)
        if not rows:
            return
        told = [{"ref": row.ref, "day": row.day, "told_at": self._told_at} for row in rows]
        await self.tx.change_each(_REVERSE, told)
        await self._look_again(self._by.look_at_reversed)

    async def _unpark(self) -> list[NewPayment]:
        """Payments that waited for these loans become payments, if their currency can hold them."""
        waiting = await parked_in(self.tx, self._by.parked_for, **self._this)
        if not waiting:
            return []
        known = await loan_keys(self.tx, {one.loan_ref for one in waiting})
        came = []
        for one in waiting:
            loan = known[one.loan_ref]
            amount = one.minor_units(loan.currency)
            if amount is not None:
                came.append(
                    NewPayment(
                        loan.borrower_id, one.payment_ref, loan.loan_id, amount, loan.currency,
                        one.paid_on, one.reversed_on,
                    )
                )  # fmt: skip
        rows = [
            (
                one.payment_ref, one.loan_id, one.amount, one.paid_on, self._told_at,
                one.reversed_on, one.reversed_on and self._told_at,
            )
            for one in came
        ]  # fmt: skip
        await insert_many(self.tx, payments, _PAYMENT, rows)
        await self.tx.change(_UNPARK, refs=[one.payment_ref for one in came])
        verified = await accounts.verified(self.tx, {one.borrower_id for one in came})
        return [one for one in came if one.borrower_id in verified]

    async def _look_again(self, statement: Prepared) -> None:
        await self.tx.change(statement, **self._this, looks_at=self._now)
        self.tx.touch("schedule")


class _Statements:
    """How a batch is taken apart inside the database, which each of the two does in its own way."""

    def __init__(self, is_postgresql: bool) -> None:
        self._is_postgresql = is_postgresql
        self._insert_or = postgresql.insert if is_postgresql else sqlite.insert
        these = listed(borrowers.c.borrower_ref, "refs")
        began = select(borrowers.c.id, literal(ConversationState.BOT.value), literal(1), _TOLD_AT)
        self.conversations = Prepared(
            self._insert_or(conversations)
            .from_select(["borrower_id", "state", "version", "since"], began.where(these))
            .on_conflict_do_nothing()
        )
        known = select(borrowers.c.id, _LOOKS_AT).where(these).order_by(borrowers.c.id)
        self.look_at_known = self._schedule(known)
        self._of_loans()
        self._of_payments()

    def _of_loans(self) -> None:
        told = JsonRows(self._is_postgresql, staged_batches.c.body)
        each = told.beside(staged_batches)
        ref = told.field(2, loans.c.loan_ref)
        each_loan = each.join(loans, loans.c.loan_ref == ref)
        refs = select(ref).select_from(each).where(*_THIS)
        snapshot = loan_snapshots.c
        self.new_loans = (
            _insert(
                loans,
                each,
                told.field(1, loans.c.id).is_(None),
                loan_ref=ref,
                borrower_id=told.field(0, loans.c.borrower_id),
                imported_at=_TOLD_AT,
            ),
            _insert(
                loan_snapshots,
                each_loan,
                loan_id=loans.c.id,
                product=told.field(3, snapshot.product),
                currency=told.field(4, snapshot.currency),
                outstanding=told.field(5, snapshot.outstanding),
                pay_to=told.field(6, snapshot.pay_to),
                as_of=told.field(7, snapshot.as_of),
                imported_at=_TOLD_AT,
                items_of=told.field(9, snapshot.items_of),
                repeats=told.field(10, snapshot.repeats),
            ),
        )
        newest = (
            select(snapshot.id)
            .where(snapshot.loan_id == loans.c.id)
            .order_by(snapshot.as_of.desc())
            .limit(1)
            .scalar_subquery()
        )
        item = JsonRows(self._is_postgresql, told.value, 8, name="item")
        self.told_again = (
            Prepared(update(loans).where(loans.c.loan_ref.in_(refs)).values(snapshot_id=newest)),
            _insert(
                due_items,
                item.beside(each_loan),
                snapshot_id=loans.c.snapshot_id,
                due_date=item.field(0, due_items.c.due_date),
                principal=item.field(1, due_items.c.principal),
                interest=item.field(2, due_items.c.interest),
                penalty=item.field(3, due_items.c.penalty),
                fees=item.field(4, due_items.c.fees),
            ),
        )
        self.parked_for = Prepared(parked_where(parked_payments.c.loan_ref.in_(refs)))
        owner = told.field(0, schedule.c.borrower_id).label("owner")
        self.owners_of_loans = Prepared(select(owner).select_from(each).where(*_THIS).distinct())
        self.look_at_loans = self._look_at(told)

    def _of_payments(self) -> None:
        new = JsonRows(self._is_postgresql, staged_batches.c.body, "new")
        back = new.field(6, payments.c.reversed_on)
        self.new_payments = (
            _insert(
                payments,
                new.beside(staged_batches),
                payment_ref=new.field(1, payments.c.payment_ref),
                loan_id=new.field(2, payments.c.loan_id),
                amount=new.field(3, payments.c.amount),
                paid_on=new.field(5, payments.c.paid_on),
                received_at=_TOLD_AT,
                reversed_on=back,
                reversal_received_at=case((back.is_not(None), _TOLD_AT)),
            ),
            self._park(),
        )
        self.look_at_payments = self._look_at(new)
        owner = new.field(0, loans.c.borrower_id)
        self.of_verified = Prepared(
            select(
                owner.label("owner"),
                new.field(1, payments.c.payment_ref).label("ref"),
                new.field(2, payments.c.loan_id).label("loan_id"),
                new.field(3, payments.c.amount).label("amount"),
                new.field(4, loan_snapshots.c.currency).label("currency"),
                new.field(5, payments.c.paid_on).label("paid_on"),
                back.label("reversed_on"),
            )
            .select_from(new.beside(staged_batches))
            .where(*_THIS, owner.in_(_VERIFIED))
        )
        """Those of the batch's payments that somebody can be thanked for."""
        told = JsonRows(self._is_postgresql, staged_batches.c.body, "reversed")
        ref = told.field(1, payments.c.payment_ref).label("ref")
        day = told.field(2, payments.c.reversed_on).label("day")
        self.reversed = Prepared(
            select(ref, day).select_from(told.beside(staged_batches)).where(*_THIS)
        )
        self.look_at_reversed = self._look_at(told)

    def _park(self) -> Prepared:
        told = JsonRows(self._is_postgresql, staged_batches.c.body, "parked")
        columns = parked_payments.c
        names = ("payment_ref", "loan_ref", "thousandths", "paid_on", "reversed_on")
        fields = [told.field(place, columns[name]) for place, name in enumerate(names)]
        statement = self._insert_or(parked_payments).from_select(
            [*names, "parked_at"],
            select(*fields, _TOLD_AT).select_from(told.beside(staged_batches)).where(*_THIS),
        )
        return Prepared(
            statement.on_conflict_do_update(
                index_elements=["payment_ref"],
                set_={"reversed_on": statement.excluded.reversed_on},
            )
        )

    def _look_at(self, told: JsonRows) -> Prepared:
        """The planner looks at the owners of these rows, whose number is the first field."""
        owner = told.field(0, schedule.c.borrower_id)
        return self._schedule(
            select(owner, _LOOKS_AT)
            .select_from(told.beside(staged_batches))
            .where(*_THIS)
            .distinct()
            .order_by(owner)
        )

    def _schedule(self, owners: Select[Any]) -> Prepared:
        """As `schedule.put`, for borrowers that only the database has counted. Whose turn of a
        first import has not come waits for it.
        """
        statement = self._insert_or(schedule).from_select(
            ["borrower_id", "next_contact_at"], owners
        )
        return Prepared(
            statement.on_conflict_do_update(
                index_elements=["borrower_id"],
                set_={
                    "next_contact_at": case(
                        (
                            schedule.c.begins_at > statement.excluded.next_contact_at,
                            schedule.c.begins_at,
                        ),
                        else_=statement.excluded.next_contact_at,
                    ),
                    "news": schedule.c.news + 1,
                },
            )
        )


@cache
def _statements(is_postgresql: bool) -> _Statements:
    return _Statements(is_postgresql)


def _insert(
    table: Table, found: FromClause, *where: ColumnElement[bool], **fields: ColumnElement[Any]
) -> Prepared:
    """Insert a row of `fields` for each row of `found`."""
    rows = select(*fields.values()).select_from(found).where(*_THIS, *where)
    return Prepared(insert(table).from_select(list(fields), rows))
