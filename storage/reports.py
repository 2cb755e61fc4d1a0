"""What happened in a stretch of time, counted: messages, agreements, money, people's work."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import and_, distinct, exists, func, select
from sqlalchemy.sql import FromClause
from sqlalchemy.sql.elements import ColumnElement

from storage.engine import Transaction
from storage.records import (
    BorrowerId,
    HoldKind,
    Money,
    OfferOutcome,
    OutboxStatus,
    StaffId,
    WorkKind,
)
from storage.schema import (
    cases,
    holds,
    loan_snapshots,
    loans,
    messages,
    offers,
    opt_outs,
    outbox,
    payments,
    plans,
    promises,
    work,
)
from storage.script_figures import later

_ANSWERED = (OfferOutcome.ACCEPTED, OfferOutcome.DECLINED, OfferOutcome.EXPIRED, OfferOutcome.GONE)
_TRIED = (OutboxStatus.SENT, OutboxStatus.UNKNOWN, OutboxStatus.FAILED)


@dataclass(frozen=True, slots=True)
class Sendings:
    """Automated messages: tried, taken by Telegram, and of the borrowers whose time to answer is
    over, how many there were and how many wrote or tapped in it."""

    tried: int
    delivered: int
    messaged: int
    answered: int


@dataclass(frozen=True, slots=True)
class Counts:
    """`money`: payments that became known and were not taken back, by currency."""

    promises: int
    plans: int
    payments: int
    money: tuple[Money, ...]
    stops: int
    disputes: int
    complaints: int
    cases_opened: int
    cases_closed: int
    tasks_done: int


@dataclass(frozen=True, slots=True)
class Waiting:
    """What nobody has taken. `since`: the oldest."""

    count: int
    since: datetime | None


@dataclass(frozen=True, slots=True)
class HeldOut:
    """Cases held out to people; how many got a yes, a no or silence, and how many a yes."""

    made: int
    answered: int
    accepted: int


async def sendings(
    tx: Transaction, *, since: datetime, now: datetime, within: timedelta
) -> Sendings:
    """What the bot began by itself; answers within so long after a message."""
    ours = and_(outbox.c.automated, outbox.c.marked_at >= since, outbox.c.borrower_id.is_not(None))
    delivered = and_(ours, outbox.c.status == OutboxStatus.SENT)
    watched = and_(delivered, outbox.c.marked_at <= now - within)
    replied = exists().where(
        messages.c.borrower_id == outbox.c.borrower_id,
        messages.c.direction == "in",
        messages.c.at > outbox.c.marked_at,
        messages.c.at <= later(tx, within),
    )
    people = func.count(distinct(outbox.c.borrower_id))
    return Sendings(
        tried=await _count(tx, outbox, and_(ours, outbox.c.status.in_(_TRIED))),
        delivered=await _count(tx, outbox, delivered),
        messaged=await tx.value(select(people).where(watched)) or 0,
        answered=await tx.value(select(people).where(watched, replied)) or 0,
    )


async def counts(tx: Transaction, since: datetime) -> Counts:
    known = and_(payments.c.received_at >= since, payments.c.reversed_on.is_(None))
    sums = await tx.all(
        select(loan_snapshots.c.currency, func.sum(payments.c.amount).label("amount"))
        .join(loans, loans.c.id == payments.c.loan_id)
        .join(loan_snapshots, loan_snapshots.c.id == loans.c.snapshot_id)
        .where(known)
        .group_by(loan_snapshots.c.currency)
        .order_by(loan_snapshots.c.currency)
    )
    return Counts(
        promises=await _count(tx, promises, promises.c.made_at >= since),
        plans=await _count(tx, plans, plans.c.agreed_at >= since),
        payments=await _count(tx, payments, known),
        money=tuple(Money(int(row.amount), row.currency) for row in sums),
        stops=await _count(tx, opt_outs, opt_outs.c.stopped_at >= since),
        disputes=await _voiced(tx, HoldKind.DISPUTE, since),
        complaints=await _voiced(tx, HoldKind.COMPLAINT, since),
        cases_opened=await _count(tx, cases, cases.c.opened_at >= since),
        cases_closed=await _count(tx, cases, cases.c.closed_at >= since),
        tasks_done=await _count(
            tx, work, and_(work.c.done_at >= since, work.c.kind != WorkKind.CHAT)
        ),
    )


async def done_by(tx: Transaction, actor: str, since: datetime) -> tuple[int, int]:
    """Cases closed and other tasks done by one member of staff ("staff:7")."""
    closed = and_(cases.c.closed_at >= since, cases.c.closed_by == actor)
    done = and_(work.c.done_at >= since, work.c.done_by == actor, work.c.kind != WorkKind.CHAT)
    return await _count(tx, cases, closed), await _count(tx, work, done)


async def held_out(tx: Transaction, since: datetime, staff_id: StaffId | None = None) -> HeldOut:
    """To everybody or to one person. What ended by itself was nobody's answer."""
    wanted = [offers.c.offered_at >= since, offers.c.expires_at > offers.c.offered_at]
    if staff_id is not None:
        wanted.append(offers.c.staff_id == staff_id)
    made, accepted = and_(*wanted), offers.c.outcome == OfferOutcome.ACCEPTED
    return HeldOut(
        made=await _count(tx, offers, made),
        answered=await _count(tx, offers, and_(made, offers.c.outcome.in_(_ANSWERED))),
        accepted=await _count(tx, offers, and_(made, accepted)),
    )


async def waiting(tx: Transaction) -> Waiting:
    unclaimed = and_(work.c.done_at.is_(None), work.c.staff_id.is_(None))
    since = await tx.value(select(func.min(work.c.created_at)).where(unclaimed))
    return Waiting(await _count(tx, work, unclaimed), since)


async def promised_for(tx: Transaction, first: date, last: date) -> list[BorrowerId]:
    """Whose promises were for these days."""
    rows = await tx.all(
        select(promises.c.borrower_id)
        .where(promises.c.due_date >= first, promises.c.due_date <= last)
        .distinct()
        .order_by(promises.c.borrower_id)
    )
    return [BorrowerId(row.borrower_id) for row in rows]


async def _voiced(tx: Transaction, kind: HoldKind, since: datetime) -> int:
    """Holds that a borrower's words began; the check of a payment is another source."""
    began = and_(holds.c.kind == kind, holds.c.source == kind, holds.c.start_at >= since)
    return await _count(tx, holds, began)


async def _count(tx: Transaction, table: FromClause, where: ColumnElement[bool]) -> int:
    found: int | None = await tx.value(select(func.count()).select_from(table).where(where))
    return found or 0
