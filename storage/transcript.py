"""What happened in each case, one entry after another, each bound to the one before it.

An entry's hash covers the hash before it and its own content, so that nothing can be changed,
taken out or slipped in without every later hash being wrong. Entries are written in the
transaction of what they tell, from the row that tells it; `content_of_*` make the same of such a
row at any later time, so that a row that was changed afterwards shows as well.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from operator import itemgetter
from typing import Any

from sqlalchemy import Row, bindparam, insert, or_, select

from storage import unsent
from storage.engine import Transaction
from storage.prepared import Prepared
from storage.records import BorrowerId, CaseId
from storage.schema import audit, cases, conversation_changes, conversations, messages, transcript
from storage.unsent import Unsent

MESSAGE = "message"
STATE = "state"
ACT = "act"
WORDS = "words"
OUTCOME = "outcome"
EDIT = "edit"
SEAL = "seal"

BEGINNING = "0" * 64
"""The hash before the first entry."""

_HEAD = Prepared(
    select(transcript.c.number, transcript.c.hash)
    .where(transcript.c.case_id == bindparam("of_case"))
    .order_by(transcript.c.number.desc())
    .limit(1)
)
_APPEND = Prepared(
    insert(transcript),
    columns=("case_id", "number", "at", "actor", "kind", "content", "hash"),
)
_LED_TO_IT = timedelta(hours=72)
_LED_TO_IT_MOST = 50


@dataclass(frozen=True, slots=True)
class Entry:
    """`kind` says what `content` holds; `hash` is of the entry and the one before it."""

    case_id: CaseId
    number: int
    at: datetime
    actor: str
    kind: str
    content: dict[str, Any]
    hash: str


def hash_of(
    previous: str,
    case_id: CaseId,
    number: int,
    at: datetime,
    actor: str,
    kind: str,
    content: Mapping[str, Any],
) -> str:
    """SHA-256 in hexadecimal over the hash before and the entry as JSON.

    The JSON has sorted keys, no spaces, letters as they are in UTF-8, and the instant in UTC with
    microseconds. A line feed stands between the two.
    """
    told = {
        "case": case_id,
        "number": number,
        "at": written(at),
        "actor": actor,
        "kind": kind,
        "content": content,
    }
    plain = json.dumps(told, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return sha256(f"{previous}\n{plain}".encode()).hexdigest()


def written(at: datetime) -> str:
    """As "2026-11-22T11:30:00.000000Z"."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


async def append(
    tx: Transaction,
    case_id: CaseId,
    kind: str,
    actor: str,
    content: Mapping[str, Any],
    now: datetime,
) -> None:
    """Write the next entry of a case. Whoever writes to one case at the same time waits."""
    if tx.is_postgresql:  # the lock that everybody who changes a case takes first
        owner = select(cases.c.borrower_id).where(cases.c.id == case_id).scalar_subquery()
        await tx.execute(
            select(conversations.c.borrower_id)
            .where(conversations.c.borrower_id == owner)
            .with_for_update()
        )
    number, previous = await head(tx, case_id)
    entry = _next(previous, case_id, number + 1, now, actor, kind, content)
    await tx.change(_APPEND, **entry)


async def begin(tx: Transaction, case_id: CaseId, borrower_id: BorrowerId, now: datetime) -> None:
    """The first entries of a new case, at once: what was said before it and belongs to no other."""
    await _led_to_it(tx, case_id, borrower_id, now - _LED_TO_IT, (0, BEGINNING))


async def go_on(
    tx: Transaction, case_id: CaseId, borrower_id: BorrowerId, closed_at: datetime
) -> None:
    """A case is opened again: what was said since it ended stands before what is said now."""
    await _led_to_it(tx, case_id, borrower_id, closed_at, await head(tx, case_id))


async def _led_to_it(
    tx: Transaction,
    case_id: CaseId,
    borrower_id: BorrowerId,
    since: datetime,
    last: tuple[int, str],
) -> None:
    rows = await tx.all(
        select(messages)
        .where(
            messages.c.borrower_id == borrower_id,
            messages.c.case_id.is_(None),
            messages.c.at > since,
        )
        .order_by(messages.c.id.desc())
        .limit(_LED_TO_IT_MOST)
    )
    told = [(row.at, row.actor, MESSAGE, content_of_message(row)) for row in reversed(rows)]
    lost = await unsent.since(tx, borrower_id, since)
    told += [(one.at, one.actor, OUTCOME, dict(one.content)) for one in lost]
    entries: list[dict[str, Any]] = []
    before, previous = last
    in_order = sorted(told, key=itemgetter(0))
    for number, (at, actor, kind, content) in enumerate(in_order, start=before + 1):
        content["before"] = True
        entries.append(_next(previous, case_id, number, at, actor, kind, content))
        previous = entries[-1]["hash"]
    if entries:
        await tx.execute(insert(transcript), entries)


async def note_unsent(tx: Transaction, found: Iterable[Unsent], now: datetime) -> None:
    """What the bot said outside a case did not arrive, or nobody knows, while the case is open."""
    for one in found:
        assert one.case_id is not None, "it falls into a case"
        await append(tx, one.case_id, OUTCOME, one.actor, one.content, now)


def _next(
    previous: str,
    case_id: CaseId,
    number: int,
    at: datetime,
    actor: str,
    kind: str,
    content: Mapping[str, Any],
) -> dict[str, Any]:
    """A row that is bound to the hash before it."""
    return {
        "case_id": case_id,
        "number": number,
        "at": at,
        "actor": actor,
        "kind": kind,
        "content": dict(content),
        "hash": hash_of(previous, case_id, number, at, actor, kind, content),
    }


async def head(tx: Transaction, case_id: CaseId) -> tuple[int, str]:
    """The number and the hash of the newest entry; 0 and BEGINNING before the first."""
    rows = await tx.all(_HEAD, of_case=case_id)
    return (rows[0].number, rows[0].hash) if rows else (0, BEGINNING)


async def entries(tx: Transaction, case_id: CaseId, since: datetime | None = None) -> list[Entry]:
    """All of a case, or of one stretch of it, in their order, as they stand in the database now."""
    wanted = [transcript.c.case_id == case_id]
    if since is not None:
        wanted.append(transcript.c.at >= since)
    rows = await tx.all(select(transcript).where(*wanted).order_by(transcript.c.number))
    return [
        Entry(CaseId(row.case_id), row.number, row.at, row.actor, row.kind, dict(row.content),
              row.hash)
        for row in rows
    ]  # fmt: skip


async def sources(tx: Transaction, case_id: CaseId) -> dict[tuple[str, int], Entry]:
    """What the rows behind the entries say now, by kind and row; `number` and `hash` are empty.

    Every row of the case is there, and the messages its entries name, so that a row without an
    entry shows as well as an entry without its row.
    """
    named = {kind: set[int]() for kind in (MESSAGE, STATE)}
    for one in await entries(tx, case_id):
        if one.kind in named:
            named[one.kind].add(one.content["row"])
    said = await tx.all(
        select(messages).where(
            or_(messages.c.case_id == case_id, messages.c.id.in_(named[MESSAGE]))
        )
    )
    moved = await tx.all(  # the change that ends a case names none any more
        select(conversation_changes).where(
            or_(
                conversation_changes.c.case_id == case_id,
                conversation_changes.c.id.in_(named[STATE]),
            )
        )
    )
    done = await tx.all(select(audit).where(audit.c.subject == subject_of(case_id)))
    found: dict[tuple[str, int], Entry] = {}
    for kind, rows, content in (
        (MESSAGE, said, content_of_message),
        (STATE, moved, content_of_change),
        (ACT, done, content_of_act),
    ):
        for row in rows:
            found[kind, row.id] = Entry(case_id, 0, row.at, row.actor, kind, content(row), "")
    return found


def content_of_message(row: Row[Any]) -> dict[str, Any]:
    """One thing said, sent or noted; what it does not have is left out."""
    told = {
        "row": row.id,
        "direction": row.direction,
        "text": row.text or None,
        "media": row.media_kind,
        "file": row.file_id,
        "chat": row.chat_id,
        "message": row.message_id,
        "outbox": row.outbox_id,
    }
    return {name: value for name, value in told.items() if value is not None}


def content_of_change(row: Row[Any]) -> dict[str, Any]:
    """Who owns the conversation from now on; `staff` is there while it is a person."""
    told = {"row": row.id, "from": row.from_state, "to": row.to_state, "reason": row.reason}
    return told if row.staff_id is None else {**told, "staff": row.staff_id}


def content_of_act(row: Row[Any]) -> dict[str, Any]:
    """What somebody did with the case, looking at it included."""
    return {"row": row.id, "act": row.act, "details": dict(row.details)}


def subject_of(case_id: CaseId) -> str:
    """How audit rows name a case."""
    return f"case:{case_id}"


def case_of(subject: str) -> CaseId | None:
    """The case that an audit row is about, None for anything else."""
    kind, _, number = subject.partition(":")
    return CaseId(int(number)) if kind == "case" and number.isdecimal() else None
