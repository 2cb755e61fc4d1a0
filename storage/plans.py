"""Instalment plans with their snapshot of terms. Standing is derived from dates and payments."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import insert, select, update

from storage.engine import Transaction
from storage.prepared import Prepared, listed
from storage.records import Actor, BorrowerId, Instalment, Interest, Money, Plan, PlanId
from storage.schema import instalments, plans

_OF_BORROWERS = Prepared(
    select(plans).where(listed(plans.c.borrower_id, "borrowers")).order_by(plans.c.id)
)
_TERMS = Prepared(
    select(instalments)
    .where(listed(instalments.c.plan_id, "plans"))
    .order_by(instalments.c.plan_id, instalments.c.number)
)
_DATES = ("approved_at", "rejected_at", "countered_at", "agreed_at", "cancelled_at")


async def propose(
    tx: Transaction,
    borrower_id: BorrowerId,
    *,
    balance: Money,
    down_payment: int,
    frequency: str,
    approval: str,
    covers_all: bool,
    terms: Iterable[Instalment],
    actor: Actor,
    now: datetime,
    replaces: PlanId | None = None,
) -> PlanId:
    """Store a proposal with its terms in full. Amounts in minor units of `balance.currency`."""
    plan_id = await tx.add(
        plans,
        borrower_id=borrower_id,
        balance=balance.minor,
        currency=balance.currency,
        down_payment=down_payment,
        frequency=frequency,
        approval=approval,
        covers_all=covers_all,
        proposed_at=now,
        actor=str(actor),
        replaces_id=replaces,
    )
    await tx.execute(
        insert(instalments),
        [
            {
                "plan_id": plan_id,
                "number": part.number,
                "due_date": part.due_date,
                "amount": part.amount,
            }
            for part in terms
        ],
    )
    return PlanId(plan_id)


async def approve(
    tx: Transaction,
    plan_id: PlanId,
    actor: Actor,
    now: datetime,
    *,
    interest: Interest = Interest.PER_CONTRACT,
) -> bool:
    return await _decide(tx, plan_id, approved_at=now, approved_by=str(actor), interest=interest)


async def reject(tx: Transaction, plan_id: PlanId, actor: Actor, now: datetime) -> bool:
    return await _decide(tx, plan_id, rejected_at=now, rejected_by=str(actor))


async def counter(tx: Transaction, plan_id: PlanId, now: datetime) -> bool:
    """Something else is offered instead. False: it was decided or cancelled before."""
    return await _decide(tx, plan_id, countered_at=now)


async def agree(tx: Transaction, plan_id: PlanId, now: datetime) -> bool:
    """The borrower's consent to an approved plan. False: not approved, or decided otherwise."""
    result = await tx.execute(
        update(plans)
        .where(
            plans.c.id == plan_id,
            plans.c.approved_at.is_not(None),
            plans.c.rejected_at.is_(None),
            plans.c.agreed_at.is_(None),
            plans.c.cancelled_at.is_(None),
        )
        .values(agreed_at=now)
    )
    return result.rowcount == 1


async def cancel(tx: Transaction, plan_id: PlanId, actor: Actor, now: datetime) -> bool:
    result = await tx.execute(
        update(plans)
        .where(plans.c.id == plan_id, plans.c.cancelled_at.is_(None))
        .values(cancelled_at=now, cancelled_by=str(actor))
    )
    return result.rowcount == 1


async def owner(tx: Transaction, plan_id: PlanId) -> BorrowerId | None:
    found = await tx.value(select(plans.c.borrower_id).where(plans.c.id == plan_id))
    return None if found is None else BorrowerId(found)


async def of_borrowers(
    tx: Transaction, borrower_ids: Iterable[BorrowerId]
) -> dict[BorrowerId, tuple[Plan, ...]]:
    """Every plan with its instalments, oldest first."""
    rows = await tx.all(_OF_BORROWERS, borrowers=borrower_ids)
    terms = await _terms(tx, [row.id for row in rows])
    found: dict[BorrowerId, list[Plan]] = defaultdict(list)
    for row in rows:
        found[BorrowerId(row.borrower_id)].append(
            Plan(
                plan_id=PlanId(row.id),
                balance=Money(row.balance, row.currency),
                down_payment=row.down_payment,
                frequency=row.frequency,
                instalments=tuple(terms[row.id]),
                proposed_at=row.proposed_at,
                approval=row.approval,
                covers_all=row.covers_all,
                interest=Interest(row.interest),
                replaces=None if row.replaces_id is None else PlanId(row.replaces_id),
                **{name: getattr(row, name) for name in _DATES},
            )
        )
    return {borrower_id: tuple(some) for borrower_id, some in found.items()}


async def _decide(tx: Transaction, plan_id: PlanId, **values: object) -> bool:
    """Approve, reject or counter once; False when it was decided or cancelled before."""
    result = await tx.execute(
        update(plans)
        .where(
            plans.c.id == plan_id,
            plans.c.approved_at.is_(None),
            plans.c.rejected_at.is_(None),
            plans.c.countered_at.is_(None),
            plans.c.cancelled_at.is_(None),
        )
        .values(**values)
    )
    return result.rowcount == 1


async def _terms(tx: Transaction, plan_ids: list[int]) -> dict[int, list[Instalment]]:
    rows = await tx.all(_TERMS, plans=plan_ids)
    found: dict[int, list[Instalment]] = defaultdict(list)
    for row in rows:
        found[row.plan_id].append(Instalment(row.number, row.due_date, row.amount))
    return found
