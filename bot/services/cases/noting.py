"""What a person keeps for the colleagues, and every wording of what they typed.

A note goes nowhere near the outbox. An edit reaches nobody: what a borrower was sent stays as they
saw it, and the new wording stands beside the old one, in the notes or in the transcript.
"""

from datetime import datetime
from enum import StrEnum

from bot.errors import Refusal
from bot.services.cases.case_file import CaseFile, case_file, own_case
from bot.services.cases.drafts import Draft
from storage import cases, transcript
from storage.engine import Transaction
from storage.records import BorrowerId, CaseId, StaffMember


class Edited(StrEnum):
    """What an edited message had been."""

    NOTE = "note"
    WORDS = "words"


async def note(
    tx: Transaction,
    member: StaffMember,
    case_id: CaseId,
    draft: Draft,
    update_id: int,
    now: datetime,
    *,
    asked_in: int | None,
) -> CaseFile:
    """Keep something for the colleagues alone. `asked_in`: its number in the member's chat."""
    if not draft.text.strip() and draft.media_kind is None:
        raise Refusal("case.empty")
    file = await own_case(tx, member, case_id)
    await _keep(tx, member, case_id, file.borrower.borrower_id, draft, update_id, asked_in, now)
    await belongs(tx, member, file, asked_in)
    return file


async def belongs(
    tx: Transaction, member: StaffMember, file: CaseFile, asked_in: int | None
) -> None:
    """A message in the member's own chat is about this case, so its edits are, too."""
    if asked_in is not None:
        borrower_id = file.borrower.borrower_id
        await cases.add_relay(tx, member.telegram_id, asked_in, file.case_id, borrower_id, None)


async def edit(
    tx: Transaction,
    member: StaffMember,
    draft: Draft,
    update_id: int,
    asked_in: int,
    now: datetime,
) -> tuple[CaseFile, Edited] | None:
    """Keep the new wording of the message `asked_in`; None when it was about no case."""
    shown = await cases.relay(tx, member.telegram_id, asked_in)
    file = None if shown is None else await case_file(tx, shown.case_id, lock=True)
    if file is None:
        return None
    if await cases.is_note(tx, file.case_id, member.telegram_id, asked_in):
        borrower_id = file.borrower.borrower_id
        await _keep(tx, member, file.case_id, borrower_id, draft, update_id, asked_in, now)
        return file, Edited.NOTE
    content = {"message": asked_in, "text": draft.text}
    await transcript.append(tx, file.case_id, transcript.EDIT, str(member.actor), content, now)
    return file, Edited.WORDS


async def _keep(
    tx: Transaction,
    member: StaffMember,
    case_id: CaseId,
    borrower_id: BorrowerId,
    draft: Draft,
    update_id: int,
    asked_in: int | None,
    now: datetime,
) -> None:
    await cases.add_message(
        tx,
        borrower_id,
        "note",
        member.actor,
        now,
        case_id=case_id,
        text=draft.text,
        media_kind=draft.media_kind,
        file_id=draft.file_id,
        chat_id=member.telegram_id,
        message_id=asked_in,
        update_id=update_id,
    )
