"""Who owns each conversation: one row, one field, changed only when nobody changed it first."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, insert, literal, select, update

from storage import transcript
from storage.engine import Transaction
from storage.errors import Conflict
from storage.prepared import Prepared, listed
from storage.records import (
    Actor,
    BorrowerId,
    CaseId,
    Conversation,
    ConversationState,
    StaffId,
)
from storage.schema import conversation_changes, conversations

COLUMNS = (
    conversations.c.borrower_id,
    conversations.c.state,
    conversations.c.version,
    conversations.c.staff_id,
    conversations.c.case_id,
    conversations.c.since,
    conversations.c.borrower_wrote_at,
    conversations.c.answered_at,
    conversations.c.person_wrote_at,
    conversations.c.not_understood,
)
"""In the order of `Conversation`."""
_OF = Prepared(select(*COLUMNS).where(conversations.c.borrower_id == bindparam("borrower")))


# Written out, so that SQLite may use the index of those that people have to do with.
_WITH_PEOPLE = conversations.c.state != literal(ConversationState.BOT, literal_execute=True)
_IN_STATE = Prepared(
    select(*COLUMNS)
    .where(_WITH_PEOPLE, conversations.c.state == bindparam("wanted"))
    .order_by(conversations.c.since)
)
_CASES_OF = Prepared(
    select(conversations.c.borrower_id, conversations.c.case_id)
    .where(listed(conversations.c.borrower_id, "ids"))
    .order_by(conversations.c.borrower_id)
    .with_for_update()
)


def _setting(**values: Any) -> Prepared:
    of_borrower = conversations.c.borrower_id == bindparam("borrower")
    return Prepared(update(conversations).where(of_borrower).values(**values))


_BORROWER_WROTE = _setting(borrower_wrote_at=bindparam("now"))
_ANSWERED = _setting(answered_at=bindparam("now"))
_PERSON_WROTE = _setting(person_wrote_at=bindparam("now"), answered_at=bindparam("now"))
_NOT_UNDERSTOOD = _setting(not_understood=bindparam("times"))
_MOVE = Prepared(
    update(conversations)
    .where(
        conversations.c.borrower_id == bindparam("borrower"),
        conversations.c.version == bindparam("seen"),
        conversations.c.state == bindparam("was"),
    )
    .values(
        state=bindparam("to"),
        staff_id=bindparam("owner"),
        case_id=bindparam("about"),
        version=bindparam("next"),
        since=bindparam("now"),
    )
)
_CHANGED = Prepared(
    insert(conversation_changes).returning(conversation_changes),
    columns=(
        "borrower_id", "case_id", "from_state", "to_state", "staff_id", "reason", "actor", "at",
    ),
)  # fmt: skip


async def begin(tx: Transaction, borrower_id: BorrowerId, now: datetime) -> None:
    """Give a borrower their conversation, owned by the bot; nothing happens when there is one."""
    await tx.execute(
        tx.insert_or(conversations)
        .values(borrower_id=borrower_id, state=ConversationState.BOT, version=1, since=now)
        .on_conflict_do_nothing()
    )


async def of(
    tx: Transaction, borrower_id: BorrowerId, *, lock: bool = False, wait: bool = True
) -> Conversation | None:
    """A borrower's conversation. `lock`: nobody else changes it until this transaction ends.

    Whoever changes a case locks this row first, so that no two wait for each other. `wait` False:
    None when somebody else is changing it at this moment.
    """
    if lock and tx.is_postgresql:
        wanted = select(*COLUMNS).where(conversations.c.borrower_id == borrower_id)
        row = await tx.one(wanted.with_for_update(skip_locked=not wait))
    else:
        row = await tx.one(_OF, borrower=borrower_id)
    return None if row is None else read(row)


def read(row: Sequence[Any]) -> Conversation:
    """Of a row of COLUMNS."""
    borrower_id, state, *others = row
    return Conversation(borrower_id, ConversationState(state), *others)


async def move(
    tx: Transaction,
    conversation: Conversation,
    to: ConversationState,
    *,
    staff_id: StaffId | None,
    case_id: CaseId | None,
    reason: str,
    actor: Actor,
    now: datetime,
) -> Conversation:
    """Change the owner, if the conversation is still as `conversation` says.

    Raises Conflict when somebody else moved it first; nothing is written then.
    """
    moved = await tx.change(
        _MOVE,
        borrower=conversation.borrower_id,
        seen=conversation.version,
        was=conversation.state,
        to=to,
        owner=staff_id,
        about=case_id,
        next=conversation.version + 1,
        now=now,
    )
    if moved != 1:
        raise Conflict("the conversation was changed by somebody else first")
    await _write_down(
        tx,
        case_id or conversation.case_id,
        borrower_id=conversation.borrower_id,
        case_id=case_id,
        from_state=conversation.state,
        to_state=to,
        staff_id=staff_id,
        reason=reason,
        actor=str(actor),
        at=now,
    )
    return replace(
        conversation,
        state=to,
        staff_id=staff_id,
        case_id=case_id,
        version=conversation.version + 1,
        since=now,
    )


async def note_borrower_wrote(tx: Transaction, borrower_id: BorrowerId, now: datetime) -> None:
    await tx.change(_BORROWER_WROTE, borrower=borrower_id, now=now)


async def note_answered(tx: Transaction, borrower_id: BorrowerId, now: datetime) -> None:
    await tx.change(_ANSWERED, borrower=borrower_id, now=now)


async def note_person_wrote(tx: Transaction, borrower_id: BorrowerId, now: datetime) -> None:
    await tx.change(_PERSON_WROTE, borrower=borrower_id, now=now)


async def set_not_understood(tx: Transaction, borrower_id: BorrowerId, times: int) -> None:
    """How many messages in a row were not understood."""
    await tx.change(_NOT_UNDERSTOOD, borrower=borrower_id, times=times)


async def owned_by(tx: Transaction, staff_id: StaffId) -> list[Conversation]:
    """Conversations a person has now, longest first."""
    rows = await tx.all(
        select(*COLUMNS).where(conversations.c.staff_id == staff_id).order_by(conversations.c.since)
    )
    return [read(row) for row in rows]


async def in_state(tx: Transaction, state: ConversationState) -> list[Conversation]:
    """Longest first."""
    if state is not ConversationState.BOT:
        return [read(row) for row in await tx.all(_IN_STATE, wanted=state)]
    with_bot = select(*COLUMNS).where(conversations.c.state == state)
    return [read(row) for row in await tx.all(with_bot.order_by(conversations.c.since))]


async def cases_of(tx: Transaction, borrower_ids: Iterable[BorrowerId]) -> dict[BorrowerId, CaseId]:
    """The open cases of those who have one. Until this transaction ends no other is opened."""
    wanted = list(borrower_ids)
    rows = await tx.all(_CASES_OF, ids=wanted) if wanted else []
    return {
        BorrowerId(row.borrower_id): CaseId(row.case_id) for row in rows if row.case_id is not None
    }


async def _write_down(tx: Transaction, about: CaseId | None, **change: Any) -> None:
    """Keep a change for ever; in the transcript of the case it is about as well."""
    row = await tx.one(_CHANGED, **change)
    assert row is not None, "what is inserted is there"
    if about is not None:
        content = transcript.content_of_change(row)
        await transcript.append(tx, about, transcript.STATE, row.actor, content, row.at)
