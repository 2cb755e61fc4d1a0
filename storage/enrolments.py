"""Who is counted in which group of an experiment, and what came of it within a stretch of days.

A borrower counts from the first moment at which groups could differ. Whoever was moved to another
group since, because a share has grown, is in no figure: what they did has two causes.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, and_, exists, func, select

from storage.bulk import insert_many
from storage.engine import Transaction
from storage.records import BorrowerId, ContactKind, OutboxStatus, WorkKind
from storage.schema import (
    borrowers,
    enrolments,
    loan_snapshots,
    loans,
    opt_outs,
    outbox,
    payments,
    promises,
    work,
)
from storage.script_figures import later

_REACHED = (OutboxStatus.SENT, OutboxStatus.UNKNOWN, OutboxStatus.SENDING)
_STARTED = (
    ContactKind.PRE_DUE,
    ContactKind.OVERDUE,
    ContactKind.PROMISE_NOTE,
    ContactKind.PLAN_NOTE,
    ContactKind.NOTICE,
)


@dataclass(frozen=True, slots=True)
class Counted:
    """One borrower, in the days after they were enrolled. `contacts`: that the bot began."""

    borrower_id: BorrowerId
    variant: str
    since: datetime
    contacts: int
    promised: bool
    stopped: bool
    complained: bool


@dataclass(frozen=True, slots=True)
class Paid:
    """Minor units that became known in those days and were not taken back, 0 for nothing."""

    borrower_id: BorrowerId
    variant: str
    currency: str
    amount: int


@dataclass(frozen=True, slots=True)
class Enrolled:
    borrower_ref: str
    experiment: str
    variant: str
    since: datetime


async def add_many(
    tx: Transaction, rows: Iterable[tuple[str, BorrowerId, str]], now: datetime
) -> None:
    """Enrol borrowers, each as (experiment, borrower, variant); an earlier day stands."""
    columns = ("experiment", "borrower_id", "variant", "since")
    await insert_many(tx, enrolments, columns, ((*row, now) for row in rows), but=_as_it_stands)


def _as_it_stands(insert: Any) -> Any:
    return insert.on_conflict_do_nothing()


async def experiments(tx: Transaction) -> list[str]:
    """Every experiment that anybody was ever in."""
    rows = await tx.all(
        select(enrolments.c.experiment).distinct().order_by(enrolments.c.experiment)
    )
    return [row.experiment for row in rows]


async def people(tx: Transaction, experiment: str) -> dict[str, int]:
    """How many were ever enrolled in each group, moved ones too."""
    rows = await tx.all(
        select(enrolments.c.variant, func.count().label("people"))
        .where(enrolments.c.experiment == experiment)
        .group_by(enrolments.c.variant)
    )
    return {row.variant: row.people for row in rows}


async def since(tx: Transaction, at: datetime) -> list[Enrolled]:
    """Who was enrolled at `at` or later, experiment by experiment."""
    rows = await tx.all(
        select(borrowers.c.borrower_ref, enrolments)
        .join(borrowers, borrowers.c.id == enrolments.c.borrower_id)
        .where(enrolments.c.since >= at)
        .order_by(enrolments.c.experiment, enrolments.c.borrower_id, enrolments.c.since)
    )
    return [Enrolled(row.borrower_ref, row.experiment, row.variant, row.since) for row in rows]


async def moved(tx: Transaction, experiment: str) -> int:
    """How many have been in more than one group."""
    more = (
        select(enrolments.c.borrower_id)
        .where(enrolments.c.experiment == experiment)
        .group_by(enrolments.c.borrower_id)
        .having(func.count() > 1)
        .subquery()
    )
    return int(await tx.value(select(func.count()).select_from(more)))


async def counted(
    tx: Transaction, experiment: str, *, now: datetime, within: timedelta, every: int = 1
) -> list[Counted]:
    """Everybody whose days are over, and who stayed in their group; or one of `every` so many.

    A borrower's number has no part in their group, so a sample by it is a fair one.
    """
    ends = later(tx, within, enrolments.c.since)
    contacts = (
        select(func.count())
        .where(
            outbox.c.borrower_id == enrolments.c.borrower_id,
            outbox.c.kind.in_(_STARTED),
            outbox.c.status.in_(_REACHED),
            outbox.c.marked_at >= enrolments.c.since,
            outbox.c.marked_at < ends,
        )
        .scalar_subquery()
    )
    rows = await tx.all(
        select(
            enrolments.c.borrower_id,
            enrolments.c.variant,
            enrolments.c.since,
            contacts.label("contacts"),
            _happened(promises, promises.c.made_at, ends).label("promised"),
            _happened(opt_outs, opt_outs.c.stopped_at, ends).label("stopped"),
            _happened(work, work.c.created_at, ends, work.c.kind == WorkKind.COMPLAINT).label(
                "complained"
            ),
        )
        .where(*_over(experiment, now - within, every))
        .order_by(enrolments.c.borrower_id)
    )
    return [
        Counted(
            BorrowerId(row.borrower_id),
            row.variant,
            row.since,
            row.contacts,
            bool(row.promised),
            bool(row.stopped),
            bool(row.complained),
        )
        for row in rows
    ]


async def paid(
    tx: Transaction, experiment: str, *, now: datetime, within: timedelta, every: int = 1
) -> list[Paid]:
    """What each of them paid, a row for every currency they have a loan in."""
    ends = later(tx, within, enrolments.c.since)
    known = and_(
        payments.c.loan_id == loans.c.id,
        payments.c.received_at >= enrolments.c.since,
        payments.c.received_at < ends,
        payments.c.reversed_on.is_(None),
    )
    rows = await tx.all(
        select(
            enrolments.c.borrower_id,
            enrolments.c.variant,
            loan_snapshots.c.currency,
            func.coalesce(func.sum(payments.c.amount), 0).label("amount"),
        )
        .join(loans, loans.c.borrower_id == enrolments.c.borrower_id)
        .join(loan_snapshots, loan_snapshots.c.id == loans.c.snapshot_id)
        .outerjoin(payments, known)
        .where(*_over(experiment, now - within, every))
        .group_by(enrolments.c.borrower_id, enrolments.c.variant, loan_snapshots.c.currency)
        .order_by(enrolments.c.borrower_id, loan_snapshots.c.currency)
    )
    return [
        Paid(BorrowerId(row.borrower_id), row.variant, row.currency, int(row.amount))
        for row in rows
    ]


def _over(experiment: str, last: datetime, every: int) -> tuple[ColumnElement[bool], ...]:
    other = enrolments.alias("other")
    elsewhere = exists().where(
        other.c.experiment == enrolments.c.experiment,
        other.c.borrower_id == enrolments.c.borrower_id,
        other.c.variant != enrolments.c.variant,
    )
    return (
        enrolments.c.experiment == experiment,
        enrolments.c.since <= last,
        enrolments.c.borrower_id % every == 0,
        ~elsewhere,
    )


def _happened(table: Any, at: Any, ends: Any, *more: ColumnElement[bool]) -> Any:
    return exists().where(
        table.c.borrower_id == enrolments.c.borrower_id, at >= enrolments.c.since, at < ends, *more
    )
