"""Who is only read, and judged like somebody else, gets what they would have got alone.

The pairs are those of the same question about facts (`tests/unit/test_judging_alike.py`), put into
a database: a fact that is forgotten between its table and what tells the alike apart fails here.
"""

from datetime import datetime
from itertools import count
from typing import Any

from sqlalchemy import insert

from bot.services.judging import Judging, judged
from bot.services.situation import Situation
from storage import facts
from storage.engine import Storage, Transaction
from storage.records import BorrowerFacts, BorrowerId, Loan
from storage.schema import (
    accounts,
    borrowers,
    conversations,
    due_items,
    holds,
    instalments,
    loan_snapshots,
    loans,
    opt_outs,
    outbox,
    payments,
    plans,
    promises,
    waivers,
    wishes,
)
from tests.unit.test_judging_alike import NOW, PAIRS, Pair

BY = "staff:1"
_numbers = count(10_001)


async def test_neither_gets_the_judgement_of_the_other_as_they_are_read(storage: Storage) -> None:
    async with storage.transaction() as tx:
        pairs = [
            (pair, [await _put(tx, one, pair) for one in (pair.one, pair.other)]) for pair in PAIRS
        ]
    async with storage.reading() as tx:
        for pair, (one, other) in pairs:
            known = await facts.read(tx, [one, other], pair.now)
            alone = {
                number: judged(Situation(known.facts_of(number), pair.now), pair.office)
                for number in (one, other)
            }
            assert alone[one] != alone[other], f"{pair.name} decides"
            for first, second in ((one, other), (other, one)):
                judging = Judging(pair.office)
                assert judging.of_known(known, first, pair.now) == alone[first], pair.name
                assert judging.of_known(known, second, pair.now) == alone[second], pair.name


async def test_somebody_of_whom_there_is_no_more_is_like_others_as_read(storage: Storage) -> None:
    """Or nobody would share a judgement, and nothing above could fail."""
    pair = next(pair for pair in PAIRS if pair.name == "a payment")
    async with storage.transaction() as tx:
        one, other = [await _put(tx, pair.one, pair) for _ in range(2)]
        known = await facts.read(tx, [one, other], NOW)
    judging = Judging(pair.office)
    assert judging.of_known(known, one, NOW) is judging.of_known(known, other, NOW)


async def _put(tx: Transaction, told: BorrowerFacts, pair: Pair) -> BorrowerId:
    """Somebody in the database of whom just this is known."""
    number = next(_numbers)
    ref = told.borrower.borrower_ref
    if not pair.office.strategy.has_groups:  # which follow from the reference
        ref += f"-{number}"
    of = {"borrower_id": number}
    who, account, talk = told.borrower, told.account, told.conversation
    await _row(
        tx, borrowers, id=number, borrower_ref=ref, imported_at=NOW,
        full_name=who.full_name, language=who.language, country=who.country,
        timezone=who.timezone, consent_at=who.consent_at,
    )  # fmt: skip
    if account is not None:
        await _row(
            tx, accounts, **of, telegram_id=number, linked_at=NOW, verified_at=NOW,
            unreachable_at=account.unreachable_at,
        )  # fmt: skip
    if talk is not None:
        await _row(
            tx, conversations, **of, state=talk.state, version=1, since=NOW,
            borrower_wrote_at=talk.borrower_wrote_at, person_wrote_at=talk.person_wrote_at,
        )  # fmt: skip
    for loan in told.loans:
        await _put_loan(tx, number, loan, told.loans_imported_at or NOW)
    for hold in told.holds:
        await _row(
            tx, holds, **of, kind=hold.kind, start_at=hold.start, end_at=hold.end, source="tap",
            actor=BY,
        )  # fmt: skip
    if told.stopped_at is not None:
        await _row(tx, opt_outs, **of, stopped_at=told.stopped_at, actor=BY)
    if told.wishes.hours is not None:
        await _row(tx, wishes, **of, hours=told.wishes.hours, updated_at=NOW)
    for promise in told.promises:
        await _row(
            tx, promises, **of, amount=promise.amount.minor, currency=promise.amount.currency,
            due_date=promise.due_date, made_at=promise.made_at, actor=BY,
        )  # fmt: skip
    for plan in told.plans:
        plan_id = next(_numbers)
        await _row(
            tx, plans, id=plan_id, **of, balance=plan.balance.minor,
            currency=plan.balance.currency, frequency=plan.frequency, approval=plan.approval,
            covers_all=plan.covers_all, proposed_at=plan.proposed_at, actor=BY,
            approved_at=plan.approved_at, agreed_at=plan.agreed_at,
        )  # fmt: skip
        for part in plan.instalments:
            await _row(
                tx, instalments, plan_id=plan_id, number=part.number, due_date=part.due_date,
                amount=part.amount,
            )  # fmt: skip
    for contact in told.contacts:
        await _row(
            tx, outbox, **of, unique_key=f"contact:{number}", chat_id=number, kind=contact.kind,
            delivery="reminder", lane=2, automated=True, method="sendMessage", payload={},
            actor="system", created_at=contact.at, not_before=contact.at, status="sent",
            status_at=contact.at, marked_at=contact.at,
        )  # fmt: skip
    return BorrowerId(number)


async def _put_loan(tx: Transaction, borrower_id: int, loan: Loan, told_at: datetime) -> None:
    loan_id = next(_numbers)
    await _row(
        tx, loans, id=loan_id, loan_ref=f"L-{loan_id}", borrower_id=borrower_id, imported_at=NOW
    )
    snapshot_id = 0
    newest = (loan.as_of, loan.outstanding, loan.items)
    earlier = [(one.as_of, one.outstanding, one.items) for one in loan.earlier]
    for as_of, outstanding, items in (*earlier, newest):
        snapshot_id = next(_numbers)
        await _row(
            tx, loan_snapshots, id=snapshot_id, loan_id=loan_id, product=loan.product,
            currency=loan.currency, outstanding=outstanding, pay_to=loan.pay_to, as_of=as_of,
            imported_at=loan.told_at or told_at,
        )  # fmt: skip
        for item in items:
            await _row(
                tx, due_items, snapshot_id=snapshot_id, due_date=item.due_date,
                principal=item.principal, interest=0, penalty=0, fees=0,
            )  # fmt: skip
    await tx.execute(loans.update().where(loans.c.id == loan_id).values(snapshot_id=snapshot_id))
    for payment in loan.payments:
        await _row(
            tx, payments, payment_ref=f"{payment.payment_ref}-{loan_id}", loan_id=loan_id,
            amount=payment.amount, paid_on=payment.paid_on, received_at=NOW,
            reversed_on=payment.reversed_on,
        )  # fmt: skip
    for waiver in loan.waivers:
        await _row(
            tx, waivers, loan_id=loan_id, component=waiver.component, amount=waiver.amount,
            reason="told", proposed_at=NOW, proposed_by=BY, decided_at=waiver.granted_at,
            decided_by="staff:2", waived_on=waiver.waived_on,
        )  # fmt: skip


async def _row(tx: Transaction, table: Any, **values: Any) -> None:
    await tx.execute(insert(table).values(**values))
