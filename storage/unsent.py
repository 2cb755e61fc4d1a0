"""What the bot said outside any case and nobody got, or nobody knows whether they did.

It is no message of the conversation, yet it belongs to the transcript of a case it falls into:
what was tried, in which words, and what became of it.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, func, select

from storage.engine import Transaction
from storage.records import Actor, ActorKind, BorrowerId, CaseId, OutboxId, OutboxStatus
from storage.schema import cases, conversations, outbox

_ENDED = (OutboxStatus.FAILED, OutboxStatus.UNKNOWN)
_OUTSIDE = (outbox.c.case_id.is_(None), outbox.c.kind.is_not(None))
_WHEN = func.coalesce(outbox.c.marked_at, outbox.c.status_at)


@dataclass(frozen=True, slots=True)
class Unsent:
    """`at`: when it was given to the line. `content`: as entries of a transcript have it."""

    at: datetime
    actor: str
    content: Mapping[str, Any]
    case_id: CaseId | None = None


async def since(tx: Transaction, borrower_id: BorrowerId, begins: datetime) -> list[Unsent]:
    """What was tried after `begins` and after the end of the borrower's last case, in order."""
    last_end = await tx.value(
        select(func.max(cases.c.closed_at)).where(cases.c.borrower_id == borrower_id)
    )
    begins = begins if last_end is None else max(begins, last_end)
    rows = await tx.all(
        select(outbox)
        .where(
            outbox.c.borrower_id == borrower_id,
            outbox.c.status.in_(_ENDED),
            *_OUTSIDE,
            begins < _WHEN,
        )
        .order_by(outbox.c.id)
    )
    return [Unsent(row.marked_at or row.status_at, _actor(row), _content(row)) for row in rows]


async def in_open_cases(tx: Transaction, ids: Collection[OutboxId]) -> list[Unsent]:
    """Those of these whose borrower has an open case now."""
    return await _falling_into(tx, outbox.c.id.in_(ids), outbox.c.status.in_(_ENDED))


async def doubted_at(tx: Transaction, moment: datetime) -> list[Unsent]:
    """The same of all that became unknown at a certain moment."""
    unknown = outbox.c.status == OutboxStatus.UNKNOWN
    return await _falling_into(tx, unknown, outbox.c.status_at == moment)


async def _falling_into(tx: Transaction, *which: ColumnElement[bool]) -> list[Unsent]:
    rows = await tx.all(
        select(outbox, conversations.c.case_id.label("falls_into"))
        .join_from(outbox, conversations, outbox.c.borrower_id == conversations.c.borrower_id)
        .where(*which, *_OUTSIDE, conversations.c.case_id.is_not(None))
        .order_by(outbox.c.id)
    )
    return [
        Unsent(row.marked_at or row.status_at, _actor(row), _content(row), CaseId(row.falls_into))
        for row in rows
    ]


def _content(row: Row[Any]) -> dict[str, Any]:
    """Words that were made when they left are known as long as their process lived."""
    payload: dict[str, Any] = row.payload
    told = {
        "outbox": row.id,
        "status": "unknown" if row.status == OutboxStatus.UNKNOWN else "not_sent",
        "why": [row.error] if row.error else [],
        "contact": row.kind,
        "script": row.script or payload.get("script") or payload.get("compose"),
        "version": row.script_version,
        "text": payload.get("text") or payload.get("caption"),
    }
    return {name: value for name, value in told.items() if value is not None}


def _actor(row: Row[Any]) -> str:
    """A person, or the bot, whatever made it speak."""
    kind, _, number = row.actor.partition(":")
    return row.actor if kind == ActorKind.STAFF and number else str(Actor.system())
