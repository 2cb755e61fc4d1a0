"""The one way a conversation's owner changes: by the table, and only if nobody was faster."""

from dataclasses import replace
from datetime import datetime

from bot.errors import Refusal
from bot.rules.conversation import Event, Refused, next_state
from bot.services.cases.case_file import CaseFile
from storage import conversations
from storage.engine import Transaction
from storage.records import Actor, ConversationState, StaffId


async def move(
    tx: Transaction,
    file: CaseFile,
    event: Event,
    staff_id: StaffId | None,
    actor: Actor,
    now: datetime,
    *,
    reason: str | None = None,
) -> CaseFile:
    """Let `event` happen; afterwards `staff_id` answers. Returns the file with its new owner.

    Raises Refusal where the table has no place for the event, Conflict when somebody was faster.
    """
    to = next_state(file.talk.state, event)
    if isinstance(to, Refused):
        raise Refusal("case.not_now", case_number=file.number)
    talk = await conversations.move(
        tx,
        file.talk,
        to,
        staff_id=staff_id,
        case_id=None if to is ConversationState.BOT else file.case_id,
        reason=reason or event,
        actor=actor,
        now=now,
    )
    return replace(file, talk=talk)


async def assign(
    tx: Transaction, file: CaseFile, staff_id: StaffId | None, actor: Actor, now: datetime
) -> CaseFile:
    """Name who answers, or nobody, in a frozen conversation; it stays frozen."""
    talk = await conversations.move(
        tx, file.talk, file.talk.state, staff_id=staff_id, case_id=file.case_id,
        reason="responder", actor=actor, now=now,
    )  # fmt: skip
    return replace(file, talk=talk)
