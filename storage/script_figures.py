"""What came of messages, by the words they had: delivered, answered, promised, paid, complained.

A message's outcome is what its borrower did in the hours after it, whatever else moved them; only
messages whose hours are over count for that.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Interval, and_, case, exists, func, literal, select

from storage.engine import Transaction
from storage.records import OutboxStatus, WorkKind
from storage.schema import loans, messages, outbox, payments, promises, work

_TRIED = (OutboxStatus.SENT, OutboxStatus.UNKNOWN, OutboxStatus.FAILED)


@dataclass(frozen=True, slots=True)
class Outcomes:
    """Counts for one wording. `watched` of the `delivered` are old enough to know the rest of."""

    language: str
    variant: str
    version: int | None
    tried: int
    delivered: int
    watched: int
    answered: int
    promised: int
    paid: int
    complained: int


async def of_script(
    tx: Transaction, key: str, *, since: datetime, now: datetime, within: timedelta
) -> list[Outcomes]:
    """Every wording of `key` that was sent since a moment; outcomes within so long after it."""
    ends = later(tx, within)
    delivered = outbox.c.status == OutboxStatus.SENT
    watched = and_(delivered, outbox.c.marked_at <= now - within)
    answered = exists().where(
        messages.c.borrower_id == outbox.c.borrower_id,
        messages.c.direction == "in",
        messages.c.at > outbox.c.marked_at,
        messages.c.at <= ends,
    )
    promised = exists().where(
        promises.c.borrower_id == outbox.c.borrower_id,
        promises.c.made_at > outbox.c.marked_at,
        promises.c.made_at <= ends,
    )
    paid = exists().where(
        payments.c.loan_id == loans.c.id,
        loans.c.borrower_id == outbox.c.borrower_id,
        payments.c.received_at > outbox.c.marked_at,
        payments.c.received_at <= ends,
        payments.c.reversed_on.is_(None),
    )
    complained = exists().where(
        work.c.borrower_id == outbox.c.borrower_id,
        work.c.kind == WorkKind.COMPLAINT,
        work.c.created_at > outbox.c.marked_at,
        work.c.created_at <= ends,
    )
    wording = (outbox.c.script_language, outbox.c.script_variant, outbox.c.script_version)
    rows = await tx.all(
        select(
            *wording,
            func.count().label("tried"),
            _count(delivered).label("delivered"),
            _count(watched).label("watched"),
            _count(and_(watched, answered)).label("answered"),
            _count(and_(watched, promised)).label("promised"),
            _count(and_(watched, paid)).label("paid"),
            _count(and_(watched, complained)).label("complained"),
        )
        .where(
            outbox.c.script == key,
            outbox.c.script.is_not(None),
            outbox.c.marked_at >= since,
            outbox.c.status.in_(_TRIED),
        )
        .group_by(*wording)
        .order_by(*wording)
    )
    return [
        Outcomes(
            language=row.script_language,
            variant=row.script_variant,
            version=row.script_version,
            tried=row.tried,
            delivered=row.delivered,
            watched=row.watched,
            answered=row.answered,
            promised=row.promised,
            paid=row.paid,
            complained=row.complained,
        )
        for row in rows
    ]


def _count(condition: ColumnElement[bool]) -> ColumnElement[int]:
    return func.coalesce(func.sum(case((condition, 1), else_=0)), 0)


def later(
    tx: Transaction, within: timedelta, after: ColumnElement[Any] = outbox.c.marked_at
) -> ColumnElement[Any]:
    """The moment so long after a message left (or after another), computed by the database."""
    if tx.is_postgresql:
        return after + literal(within, Interval())
    seconds = f"+{int(within.total_seconds())} seconds"
    return func.strftime("%Y-%m-%d %H:%M:%f", after, seconds)
