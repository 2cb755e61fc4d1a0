"""Between a borrower and the person who owns their conversation, and what became of it on the way.

What a borrower says is shown to the owner; while nobody owns it, it is kept and shown to whoever
takes the case. A collector learns that words arrived only from Telegram's own answer.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from bot.rules.conversation import Event
from bot.services.cases import board, casework, showing, topics
from bot.services.cases.case_file import CaseFile, case_file
from bot.services.office import Office
from storage import cases, staff, transcript
from storage.cases import Relay
from storage.engine import Transaction
from storage.outbox import BLOCKED
from storage.records import Actor, ConversationState, OutboxRow, StaffId, StaffMember
from storage.topics import CREATE


async def pass_on(
    tx: Transaction,
    office: Office,
    file: CaseFile,
    update_id: int,
    now: datetime,
    *,
    edited: bool = False,
    just_thanks: bool = False,
) -> None:
    """Show the owner what the borrower did in the update `update_id`, already kept.

    A case that was set aside comes back, unless it was only thanks. Without an owner nothing is
    to be done: what is kept is shown when somebody takes the case.
    """
    if file.talk.staff_id is None:
        return
    if file.talk.state is ConversationState.HELD and not just_thanks:
        await casework.come_back(tx, office, file.case_id, now)
    file = await _again(tx, file)
    if file.talk.staff_id is None:
        return
    if not just_thanks:
        file = await casework.go_on(tx, office, file, now)
    assert file.talk.staff_id is not None, "whoever has it goes on with it"
    owner = await staff.by_id(tx, file.talk.staff_id)
    message = await cases.by_update(tx, update_id)
    if owner is not None and message is not None:
        await showing.show_said(tx, office, owner, file, message, now, edited=edited)


async def shown_by(tx: Transaction, chat_id: int, message_id: int) -> Relay | None:
    """Which case a message in a staff chat shows; None for one that shows none."""
    return await cases.relay(tx, chat_id, message_id)


async def delivered(
    tx: Transaction, office: Office, row: OutboxRow, message_id: int, now: datetime
) -> None:
    """Telegram has a row that belongs to a case, as its message `message_id`."""
    assert row.case_id is not None, "only rows of a case are told of here"
    if row.method == CREATE:
        await topics.made(tx, row.chat_id, row.case_id, message_id)
    elif board.is_line(office, row):
        await board.arrived(tx, office, row.case_id, row, message_id, now)
    elif row.kind is None:
        await _remember(tx, row, message_id)
    else:
        author = await _author(tx, row)
        if author is not None:
            await _tell_sent(tx, office, author, row, now)


async def not_delivered(
    tx: Transaction, office: Office, row: OutboxRow, reasons: Sequence[str], now: datetime
) -> None:
    """A row that belongs to a case will not be sent: rules said no, or Telegram did."""
    assert row.case_id is not None, "only rows of a case are told of here"
    if board.is_line(office, row):
        return
    if row.kind is None:
        if BLOCKED in reasons:
            await _owner_is_gone(tx, office, row, now)
        elif row.method == CREATE:
            await topics.refused(tx, row.chat_id, row.case_id, now)
        return
    author = await _author(tx, row)
    content: dict[str, Any] = {
        "outbox": row.outbox_id,
        "status": "not_sent",
        "why": list(reasons),
    }
    if author is None and "script" in row.payload:  # a person's own words stand there already
        text = row.payload.get("text") or row.payload.get("caption") or ""
        content |= {"script": row.payload["script"], "text": text}
    await transcript.append(tx, row.case_id, transcript.OUTCOME, row.actor, content, now)
    file = await case_file(tx, row.case_id)
    if author is None or file is None:
        return
    await showing.tell(
        tx,
        office,
        author,
        "case.not_sent",
        {
            "case_number": file.number,
            "name": file.borrower.full_name,
            "reasons": showing.words_for(office, author).rules(reasons),
        },
        unique_key=f"case.not_sent:{row.outbox_id}",
        now=now,
        case_id=row.case_id,
        reply_to=row.payload.get("asked_in"),
    )


async def topic_lost(tx: Transaction, office: Office, row: OutboxRow, now: datetime) -> None:
    """A row found the topic of its case deleted. It waits for another one, which begins anew."""
    assert row.case_id is not None, "only rows of a case are told of here"
    member = await staff.by_telegram_id(tx, row.chat_id)
    file = await case_file(tx, row.case_id, lock=True)
    if member is None or file is None:
        return
    if await topics.again(tx, office, member, file, row.payload["thread"], now):
        await casework.show(tx, office, member, file, now)


async def _again(tx: Transaction, file: CaseFile) -> CaseFile:
    found = await case_file(tx, file.case_id)
    assert found is not None, "a case is never deleted"
    return found


async def _remember(tx: Transaction, row: OutboxRow, message_id: int) -> None:
    """A message in a staff chat shows this case, so a reply to it finds its way."""
    assert row.case_id is not None, "only rows of a case are told of here"
    case = await cases.case(tx, row.case_id)
    assert case is not None, "a case is never deleted"
    await cases.add_relay(
        tx, row.chat_id, message_id, row.case_id, case.borrower_id, row.payload.get("shows")
    )


async def _author(tx: Transaction, row: OutboxRow) -> StaffMember | None:
    """The person whose own words the row carries; None for what the bot said."""
    kind, _, number = row.actor.partition(":")
    if kind != "staff" or "asked_in" not in row.payload:
        return None
    return await staff.by_id(tx, StaffId(int(number)))


async def _tell_sent(
    tx: Transaction, office: Office, author: StaffMember, row: OutboxRow, now: datetime
) -> None:
    assert row.case_id is not None, "only rows of a case are told of here"
    file = await case_file(tx, row.case_id)
    assert file is not None, "a case is never deleted"
    await showing.tell(
        tx,
        office,
        author,
        "case.sent",
        {
            "case_number": file.number,
            "name": file.borrower.full_name,
            "twice": row.possible_repeat,
        },
        unique_key=f"case.sent:{row.outbox_id}",
        now=now,
        case_id=row.case_id,
        reply_to=row.payload.get("asked_in"),
    )


async def _owner_is_gone(tx: Transaction, office: Office, row: OutboxRow, now: datetime) -> None:
    """The collector's chat cannot be reached, so somebody else has to take the case."""
    assert row.case_id is not None, "only rows of a case are told of here"
    member = await staff.by_telegram_id(tx, row.chat_id)
    file = await case_file(tx, row.case_id, lock=True)
    if member is None or file is None or not file.belongs_to(member):
        return
    if file.talk.state is ConversationState.WRAP_UP:  # its talk is over; a timer ends it
        return
    await casework.give_back(tx, office, file, Actor.system(), now, event=Event.COLLECTOR_GONE)
