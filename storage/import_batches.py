"""How a staged batch of an import becomes facts: whole, in one short transaction.

The same transaction removes the batch, gives new borrowers their conversation and has the planner
look again at everyone concerned. Rows go from the staged JSON to their tables inside the database.
"""

import json
from datetime import datetime
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

from storage import accounts
from storage.bulk import among, insert_many
from storage.engine import Transaction
from storage.import_lookups import loan_keys, parked_for
from storage.json_rows import JsonRows
from storage.portfolio import Accepted, Applied, NewPayment
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


async def apply(tx: Transaction, accepted: Accepted, number: int, now: datetime) -> Applied | None:
    """Make facts of one batch and remove it; None when somebody else has done so.

    The facts are of the moment the import was accepted; the planner looks again `now`.
    """
    this = staged_batches.c.import_id == accepted.import_id, staged_batches.c.number == number
    if await tx.value(select(staged_batches.c.number).where(*this).with_for_update()) is None:
        return None
    batch = _Batch(tx, this, accepted, now)
    steps = {"borrowers": batch.borrowers, "loans": batch.loans, "payments": batch.payments}
    applied = await steps[accepted.kind]()
    await tx.execute(delete(staged_batches).where(*this))
    return applied


class _Batch:
    """One staged batch, in an open transaction that has locked it."""

    def __init__(
        self,
        tx: Transaction,
        this: tuple[ColumnElement[bool], ...],
        accepted: Accepted,
        now: datetime,
    ) -> None:
        self.tx = tx
        self.this = this
        self.told_at = literal(accepted.accepted_at, borrowers.c.imported_at.type)
        self.now = literal(now, schedule.c.next_contact_at.type)
        self._told_at = accepted.accepted_at
        self._over_days = accepted.over_days
        self._now = now

    async def borrowers(self) -> Applied:
        body = json.loads(await self.tx.value(select(staged_batches.c.body).where(*self.this)))
        rows = [
            (
                *row[:6], bytes.fromhex(row[6]), bytes.fromhex(row[7]), row[8],
                row[9] and datetime.fromisoformat(row[9]), self._told_at,
            )
            for row in body
        ]  # fmt: skip
        await insert_many(self.tx, borrowers, _BORROWER, rows, replacing="borrower_ref")
        these = among(self.tx, borrowers.c.borrower_ref, [row[0] for row in body])
        began = select(
            borrowers.c.id, literal(ConversationState.BOT.value), literal(1), self.told_at
        )
        await self.tx.execute(
            self.tx.insert_or(conversations)
            .from_select(["borrower_id", "state", "version", "since"], began.where(these))
            .on_conflict_do_nothing()
        )
        owners = select(borrowers.c.id, self.now).where(these)
        await self._schedule(owners.order_by(borrowers.c.id))
        return Applied()

    async def loans(self) -> Applied:
        told = JsonRows(self.tx, staged_batches.c.body)
        each = told.beside(staged_batches)
        ref = told.field(2, loans.c.loan_ref)
        each_loan = each.join(loans, loans.c.loan_ref == ref)
        refs = select(ref).select_from(each).where(*self.this)
        snapshot = loan_snapshots.c
        await self._insert(
            loans,
            each,
            told.field(1, loans.c.id).is_(None),
            loan_ref=ref,
            borrower_id=told.field(0, loans.c.borrower_id),
            imported_at=self.told_at,
        )
        await self._insert(
            loan_snapshots,
            each_loan,
            loan_id=loans.c.id,
            product=told.field(3, snapshot.product),
            currency=told.field(4, snapshot.currency),
            outstanding=told.field(5, snapshot.outstanding),
            pay_to=told.field(6, snapshot.pay_to),
            as_of=told.field(7, snapshot.as_of),
            imported_at=self.told_at,
            items_of=told.field(9, snapshot.items_of),
        )
        newest = (
            select(snapshot.id)
            .where(snapshot.loan_id == loans.c.id)
            .order_by(snapshot.as_of.desc())
            .limit(1)
            .scalar_subquery()
        )
        await self.tx.execute(
            update(loans).where(loans.c.loan_ref.in_(refs)).values(snapshot_id=newest)
        )
        item = JsonRows(self.tx, told.value, 8, name="item")
        await self._insert(
            due_items,
            item.beside(each_loan),
            snapshot_id=loans.c.snapshot_id,
            due_date=item.field(0, due_items.c.due_date),
            principal=item.field(1, due_items.c.principal),
            interest=item.field(2, due_items.c.interest),
            penalty=item.field(3, due_items.c.penalty),
            fees=item.field(4, due_items.c.fees),
        )
        came = await self._unpark(refs)
        if self._over_days > 1:
            await self._begin(told)
        else:
            await self._look_again(told)
        return Applied(came)

    async def payments(self) -> Applied:
        new = JsonRows(self.tx, staged_batches.c.body, "new")
        back = new.field(6, payments.c.reversed_on)
        await self._insert(
            payments,
            new.beside(staged_batches),
            payment_ref=new.field(1, payments.c.payment_ref),
            loan_id=new.field(2, payments.c.loan_id),
            amount=new.field(3, payments.c.amount),
            paid_on=new.field(5, payments.c.paid_on),
            received_at=self.told_at,
            reversed_on=back,
            reversal_received_at=case((back.is_not(None), self.told_at)),
        )
        await self._reverse()
        await self._park()
        await self._look_again(new)
        return Applied(await self._of_verified(new))

    async def _reverse(self) -> None:
        told = JsonRows(self.tx, staged_batches.c.body, "reversed")
        ref = told.field(1, payments.c.payment_ref).label("ref")
        day = told.field(2, payments.c.reversed_on).label("day")
        each = told.beside(staged_batches)
        rows = await self.tx.all(select(ref, day).select_from(each).where(*self.this))
        if not rows:
            return
        await self.tx.execute(
            update(payments)
            .where(payments.c.payment_ref == bindparam("ref"))
            .values(reversed_on=bindparam("day"), reversal_received_at=self._told_at),
            [{"ref": row.ref, "day": row.day} for row in rows],
        )
        await self._look_again(told)

    async def _park(self) -> None:
        told = JsonRows(self.tx, staged_batches.c.body, "parked")
        columns = parked_payments.c
        names = ("payment_ref", "loan_ref", "thousandths", "paid_on", "reversed_on")
        fields = [told.field(place, columns[name]) for place, name in enumerate(names)]
        statement = self.tx.insert_or(parked_payments).from_select(
            [*names, "parked_at"],
            select(*fields, self.told_at)
            .select_from(told.beside(staged_batches))
            .where(*self.this),
        )
        await self.tx.execute(
            statement.on_conflict_do_update(
                index_elements=["payment_ref"],
                set_={"reversed_on": statement.excluded.reversed_on},
            )
        )

    async def _unpark(self, loan_refs: Select[Any]) -> list[NewPayment]:
        """Payments that waited for these loans become payments, if their currency can hold them."""
        waiting = await parked_for(self.tx, parked_payments.c.loan_ref.in_(loan_refs))
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
        refs = [one.payment_ref for one in came]
        unparked = among(self.tx, parked_payments.c.payment_ref, refs)
        await self.tx.execute(delete(parked_payments).where(unparked))
        verified = await accounts.verified(self.tx, {one.borrower_id for one in came})
        return [one for one in came if one.borrower_id in verified]

    async def _of_verified(self, new: JsonRows) -> list[NewPayment]:
        """Those of the batch's payments that somebody can be thanked for."""
        owner = new.field(0, loans.c.borrower_id)
        rows = await self.tx.all(
            select(
                owner.label("owner"),
                new.field(1, payments.c.payment_ref).label("ref"),
                new.field(2, payments.c.loan_id).label("loan_id"),
                new.field(3, payments.c.amount).label("amount"),
                new.field(4, loan_snapshots.c.currency).label("currency"),
                new.field(5, payments.c.paid_on).label("paid_on"),
                new.field(6, payments.c.reversed_on).label("reversed_on"),
            )
            .select_from(new.beside(staged_batches))
            .where(*self.this, owner.in_(_VERIFIED))
        )
        return [
            NewPayment(
                BorrowerId(row.owner), row.ref, LoanId(row.loan_id), row.amount, row.currency,
                row.paid_on, row.reversed_on,
            )
            for row in rows
        ]  # fmt: skip

    async def _begin(self, told: JsonRows) -> None:
        owner = told.field(0, schedule.c.borrower_id).label("owner")
        rows = await self.tx.all(
            select(owner).select_from(told.beside(staged_batches)).where(*self.this).distinct()
        )
        owners = sorted(BorrowerId(row.owner) for row in rows)
        await first_looks(self.tx, owners, self._now, over_days=self._over_days)

    async def _look_again(self, told: JsonRows) -> None:
        """The planner looks at the owners of these rows, whose number is the first field."""
        owner = told.field(0, schedule.c.borrower_id)
        await self._schedule(
            select(owner, self.now)
            .select_from(told.beside(staged_batches))
            .where(*self.this)
            .distinct()
            .order_by(owner)
        )

    async def _schedule(self, owners: Select[Any]) -> None:
        """As `schedule.put`, for borrowers that only the database has counted. Whose turn of a
        first import has not come waits for it.
        """
        statement = self.tx.insert_or(schedule).from_select(
            ["borrower_id", "next_contact_at"], owners
        )
        await self.tx.execute(
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
        self.tx.touch("schedule")

    async def _insert(
        self,
        table: Table,
        found: FromClause,
        *where: ColumnElement[bool],
        **fields: ColumnElement[Any],
    ) -> None:
        """Insert a row of `fields` for each row of `found`."""
        rows = select(*fields.values()).select_from(found).where(*self.this, *where)
        await self.tx.execute(insert(table).from_select(list(fields), rows))
