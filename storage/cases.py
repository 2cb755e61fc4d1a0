"""Handed-off cases, what was said in them, and which staff message shows which case."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, bindparam, exists, func, or_, select, update

from storage import transcript
from storage.bulk import insert_many
from storage.engine import Transaction
from storage.prepared import Inserting, Prepared
from storage.records import (
    Actor,
    BorrowerId,
    Case,
    CaseId,
    HandoffReason,
    Message,
    OutboxId,
    StaffId,
    WorkId,
    WorkKind,
)
from storage.schema import audit, borrowers, cases, conversation_changes, messages, relays, work

_GIVE_A_REASON = ("case.opened", "case.reopened", "case.reason_added")

_CASE = Prepared(select(cases).where(cases.c.id == bindparam("number")))
_NOT_SAID = {
    "case_id": None, "text": "", "media_kind": None, "file_id": None, "chat_id": None,
    "message_id": None, "update_id": None, "outbox_id": None,
}  # fmt: skip
_LED = (
    select(conversation_changes.c.staff_id)
    .where(conversation_changes.c.staff_id.is_not(None))
    .distinct()
)
_LED_CASE = Prepared(_LED.where(conversation_changes.c.case_id == bindparam("about")))
_LED_LATELY = Prepared(
    _LED.where(
        conversation_changes.c.borrower_id == bindparam("borrower"),
        conversation_changes.c.at >= bindparam("since"),
    )
)
_BY_UPDATE = Prepared(select(messages).where(messages.c.update_id == bindparam("number")))
_ADD_RELAY = Inserting(
    relays,
    ("staff_chat_id", "staff_message_id", "case_id", "borrower_id", "message_id"),
    lambda insert: insert.on_conflict_do_nothing(),
)
_RELAY = Prepared(
    select(relays.c.case_id, relays.c.message_id).where(
        relays.c.staff_chat_id == bindparam("chat"),
        relays.c.staff_message_id == bindparam("message"),
    )
)
_ADD_MESSAGE = Inserting(
    messages,
    ("borrower_id", "direction", "actor", "at", *_NOT_SAID),
    lambda insert: insert.on_conflict_do_nothing().returning(messages),
)


@dataclass(frozen=True, slots=True)
class Relay:
    """What a message in a staff chat shows: a borrower's message, or else something of the case."""

    case_id: CaseId
    message_id: int | None


async def open_case(
    tx: Transaction, borrower_id: BorrowerId, reason: HandoffReason, actor: Actor, now: datetime
) -> CaseId:
    key = await tx.add(
        cases,
        borrower_id=borrower_id,
        reason=reason,
        more_reasons=[],
        brief={},
        opened_at=now,
        opened_by=str(actor),
        since=now,
        reopened=0,
    )
    await transcript.begin(tx, CaseId(key), borrower_id, now)
    return CaseId(key)


async def closed_since(tx: Transaction, borrower_id: BorrowerId, since: datetime) -> Case | None:
    """A borrower's newest case, if it ended after a moment."""
    rows = await tx.all(
        select(cases).where(cases.c.borrower_id == borrower_id).order_by(cases.c.id.desc()).limit(1)
    )
    case = _case(rows[0]) if rows else None
    return case if case and case.closed_at is not None and case.closed_at > since else None


async def reopen_case(tx: Transaction, case: Case, reason: HandoffReason, now: datetime) -> None:
    """People go on with it for another reason. Who ended it last is still known."""
    assert case.closed_at is not None, "what is open needs no opening"
    await tx.execute(
        update(cases)
        .where(cases.c.id == case.case_id)
        .values(
            reason=reason,
            more_reasons=[],
            since=now,
            reopened=cases.c.reopened + 1,
            brief={},
            closed_at=None,
            disposition=None,
            board_chat_id=None,
            board_message_id=None,
        )
    )
    await transcript.go_on(tx, case.case_id, case.borrower_id, case.closed_at)


async def set_brief(tx: Transaction, case_id: CaseId, brief: dict[str, Any]) -> None:
    """Keep what was true only at the handoff itself."""
    await tx.execute(update(cases).where(cases.c.id == case_id).values(brief=brief))


async def add_reason(tx: Transaction, case: Case, reason: HandoffReason) -> None:
    """A second reason joins the open case; one that is there already changes nothing."""
    if reason in (case.reason, *case.more_reasons):
        return
    more = [*case.more_reasons, reason]
    await tx.execute(update(cases).where(cases.c.id == case.case_id).values(more_reasons=more))


async def close_case(
    tx: Transaction, case_id: CaseId, disposition: str, actor: Actor, now: datetime
) -> None:
    await tx.execute(
        update(cases)
        .where(cases.c.id == case_id, cases.c.closed_at.is_(None))
        .values(closed_at=now, closed_by=str(actor), disposition=disposition)
    )


async def case(tx: Transaction, case_id: CaseId) -> Case | None:
    row = await tx.one(_CASE, number=case_id)
    return None if row is None else _case(row)


async def last_ended_by(
    tx: Transaction, borrower_ids: Iterable[BorrowerId], since: datetime
) -> dict[BorrowerId, StaffId]:
    """Who ended each borrower's last case, for those that a person ended after `since`.

    One that was opened again had ended lately.
    """
    rows = await tx.all(
        select(cases.c.borrower_id, cases.c.closed_by)
        .where(
            cases.c.borrower_id.in_(list(borrower_ids)),
            or_(cases.c.closed_at > since, cases.c.closed_at.is_(None)),
            cases.c.closed_by.like("staff:%"),
        )
        .order_by(cases.c.id)
    )
    return {
        BorrowerId(row.borrower_id): StaffId(int(row.closed_by.partition(":")[2])) for row in rows
    }


@dataclass(frozen=True, slots=True)
class Found:
    """A case as a search finds it. `staff_id`: who has it now."""

    case_id: CaseId
    work_id: WorkId
    borrower_id: BorrowerId
    name: str
    ref: str
    reason: HandoffReason
    opened_at: datetime
    staff_id: StaffId | None
    disposition: str | None


async def of_borrower(tx: Transaction, borrower_id: BorrowerId) -> list[CaseId]:
    """Every case there ever was, the oldest first."""
    result = await tx.execute(
        select(cases.c.id).where(cases.c.borrower_id == borrower_id).order_by(cases.c.id)
    )
    return [CaseId(found) for found in result.scalars()]


async def search(tx: Transaction, text: str, limit: int) -> list[Found]:
    """Cases of borrowers whose name has `text` in it, or whose reference it is; newest first."""
    name = borrowers.c.full_name.icontains(text, autoescape=True)
    rows = await tx.all(
        select(
            cases.c.id,
            cases.c.borrower_id,
            cases.c.reason,
            cases.c.opened_at,
            cases.c.disposition,
            work.c.id.label("work_id"),
            work.c.staff_id,
            borrowers.c.full_name,
            borrowers.c.borrower_ref,
        )
        .join(borrowers, borrowers.c.id == cases.c.borrower_id)
        .join(work, work.c.case_id == cases.c.id)
        .where(work.c.kind == WorkKind.CHAT, name | (borrowers.c.borrower_ref == text))
        .order_by(cases.c.id.desc())
        .limit(limit)
    )
    return [
        Found(
            CaseId(row.id),
            WorkId(row.work_id),
            BorrowerId(row.borrower_id),
            row.full_name,
            row.borrower_ref,
            HandoffReason(row.reason),
            row.opened_at,
            None if row.staff_id is None or row.disposition else StaffId(row.staff_id),
            row.disposition,
        )
        for row in rows
    ]


async def opened_since(
    tx: Transaction, borrower_id: BorrowerId, reason: HandoffReason, since: datetime
) -> bool:
    """Whether people were brought in for this reason at `since` or later."""
    mine = [transcript.subject_of(one) for one in await of_borrower(tx, borrower_id)]
    rows = await tx.all(
        select(audit.c.details).where(
            audit.c.subject.in_(mine), audit.c.act.in_(_GIVE_A_REASON), audit.c.at >= since
        )
    )
    return any(row.details["reason"] == reason for row in rows)


async def set_board_message(
    tx: Transaction, case_id: CaseId, chat_id: int, message_id: int
) -> None:
    await tx.execute(
        update(cases)
        .where(cases.c.id == case_id)
        .values(board_chat_id=chat_id, board_message_id=message_id)
    )


async def forget_lines(tx: Transaction, chat_id: int) -> None:
    """A group counts its messages anew, so no line of before can be drawn over any more."""
    await tx.execute(
        update(cases)
        .where(cases.c.board_chat_id == chat_id, cases.c.closed_at.is_(None))
        .values(board_chat_id=None, board_message_id=None)
    )


async def add_message(
    tx: Transaction,
    borrower_id: BorrowerId,
    direction: str,
    actor: Actor,
    now: datetime,
    **what: Any,
) -> int | None:
    """Keep one thing that was said; None when its `update_id` was kept before.

    `what`: text, media_kind, file_id, case_id, chat_id, message_id, update_id, outbox_id. What
    belongs to a case stands in its transcript too.
    """
    said = {**_NOT_SAID, **what}
    row = await tx.one(
        _ADD_MESSAGE, borrower_id=borrower_id, direction=direction, actor=str(actor), at=now, **said
    )
    if row is None:
        return None
    if row.case_id is not None:
        content = transcript.content_of_message(row)
        about = CaseId(row.case_id)
        await transcript.append(tx, about, transcript.MESSAGE, row.actor, content, row.at)
    return int(row.id)


@dataclass(frozen=True, slots=True)
class Sent:
    """A message of ours that arrived and belongs to no case."""

    borrower_id: BorrowerId
    actor: Actor
    text: str
    chat_id: int
    message_id: int | None
    outbox_id: OutboxId


async def add_sent(tx: Transaction, sent: Iterable[Sent], now: datetime) -> None:
    """Keep many at once, as `add_message` keeps one."""
    await insert_many(
        tx,
        messages,
        ("borrower_id", "direction", "actor", "at", "text", "chat_id", "message_id", "outbox_id"),
        (
            (one.borrower_id, "out", str(one.actor), now, one.text, one.chat_id, one.message_id,
             one.outbox_id)
            for one in sent
        ),
    )  # fmt: skip


async def last_messages(tx: Transaction, borrower_id: BorrowerId, limit: int) -> list[Message]:
    """The newest turns, oldest of them first; notes are left out."""
    rows = await tx.all(
        select(messages)
        .where(messages.c.borrower_id == borrower_id, messages.c.direction != "note")
        .order_by(messages.c.id.desc())
        .limit(limit)
    )
    return [_message(row) for row in reversed(rows)]


async def by_update(tx: Transaction, update_id: int) -> Message | None:
    """What was kept of one of Telegram's updates."""
    row = await tx.one(_BY_UPDATE, number=update_id)
    return None if row is None else _message(row)


async def unanswered(tx: Transaction, case: Case, limit: int) -> list[Message]:
    """The newest of what the borrower said since a person last wrote, oldest of them first.

    What led to the case belongs to it, although it was said a moment before there was one.
    """
    answered = (
        select(func.max(messages.c.id))
        .where(
            messages.c.case_id == case.case_id,
            messages.c.direction == "out",
            messages.c.actor.like("staff:%"),
        )
        .scalar_subquery()
    )
    rows = await tx.all(
        select(messages)
        .where(
            messages.c.borrower_id == case.borrower_id,
            messages.c.direction == "in",
            messages.c.at >= case.since,
            messages.c.id > func.coalesce(answered, 0),
        )
        .order_by(messages.c.id.desc())
        .limit(limit)
    )
    return [_message(row) for row in reversed(rows)]


async def had(tx: Transaction, case_id: CaseId) -> set[StaffId]:
    """Whoever has led a case at any time."""
    return _staff_in(await tx.all(_LED_CASE, about=case_id))


async def had_lately(tx: Transaction, borrower_id: BorrowerId, since: datetime) -> set[StaffId]:
    """Whoever has led any conversation of a borrower since a moment."""
    return _staff_in(await tx.all(_LED_LATELY, borrower=borrower_id, since=since))


def _staff_in(rows: Iterable[Row[Any]]) -> set[StaffId]:
    return {StaffId(row.staff_id) for row in rows}


async def notes(tx: Transaction, case_id: CaseId, limit: int) -> list[Message]:
    """The newest private notes of a case in their last wording, oldest of them first."""
    later = messages.alias("later")
    reworded = exists().where(
        later.c.case_id == case_id,
        later.c.direction == "note",
        later.c.chat_id == messages.c.chat_id,
        later.c.message_id == messages.c.message_id,
        later.c.id > messages.c.id,
    )
    rows = await tx.all(
        select(messages)
        .where(messages.c.case_id == case_id, messages.c.direction == "note", ~reworded)
        .order_by(messages.c.id.desc())
        .limit(limit)
    )
    return [_message(row) for row in reversed(rows)]


async def is_note(tx: Transaction, case_id: CaseId, chat_id: int, message_id: int) -> bool:
    """Whether a message of a staff chat was kept as a note of this case."""
    found = await tx.value(
        select(func.count())
        .select_from(messages)
        .where(
            messages.c.case_id == case_id,
            messages.c.direction == "note",
            messages.c.chat_id == chat_id,
            messages.c.message_id == message_id,
        )
    )
    return bool(found)


async def add_relay(
    tx: Transaction,
    staff_chat_id: int,
    staff_message_id: int,
    case_id: CaseId,
    borrower_id: BorrowerId,
    message_id: int | None,
) -> None:
    """Remember which case a message in a staff chat shows, so that a reply finds its way."""
    await tx.change(
        _ADD_RELAY,
        staff_chat_id=staff_chat_id,
        staff_message_id=staff_message_id,
        case_id=case_id,
        borrower_id=borrower_id,
        message_id=message_id,
    )


async def relay(tx: Transaction, staff_chat_id: int, staff_message_id: int) -> Relay | None:
    row = await tx.one(_RELAY, chat=staff_chat_id, message=staff_message_id)
    return None if row is None else Relay(CaseId(row.case_id), row.message_id)


def _case(row: Row[tuple[object, ...]]) -> Case:
    more: Sequence[str] = row.more_reasons
    return Case(
        case_id=CaseId(row.id),
        borrower_id=BorrowerId(row.borrower_id),
        reason=HandoffReason(row.reason),
        more_reasons=tuple(HandoffReason(reason) for reason in more),
        opened_at=row.opened_at,
        since=row.since,
        reopened=row.reopened,
        brief=dict(row.brief),
        closed_at=row.closed_at,
        disposition=row.disposition,
        board_chat_id=row.board_chat_id,
        board_message_id=row.board_message_id,
    )


def _message(row: Row[tuple[object, ...]]) -> Message:
    return Message(
        message_id=row.id,
        borrower_id=BorrowerId(row.borrower_id),
        direction=row.direction,
        actor=row.actor,
        at=row.at,
        text=row.text,
        media_kind=row.media_kind,
        file_id=row.file_id,
        case_id=None if row.case_id is None else CaseId(row.case_id),
    )
