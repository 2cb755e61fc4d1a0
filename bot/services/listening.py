"""Hearing a borrower: what was said is kept, and from now on we owe an answer."""

from dataclasses import dataclass
from datetime import datetime

from storage import accounts, cases, conversations, schedule
from storage.engine import Transaction
from storage.records import Account, Actor, Borrower


@dataclass(frozen=True, slots=True)
class Said:
    """One thing a borrower did. A press has no text of its own; `data` names the button."""

    update_id: int
    chat_id: int
    message_id: int | None
    text: str
    media_kind: str | None = None
    file_id: str | None = None
    data: str | None = None


async def hear(
    tx: Transaction, actor: Actor, borrower: Borrower, said: Said, now: datetime
) -> bool:
    """Keep it in the record of the conversation. False: this very update was heard before."""
    talk = await conversations.of(tx, borrower.borrower_id)
    kept = await cases.add_message(
        tx,
        borrower.borrower_id,
        "in",
        actor,
        now,
        case_id=talk.case_id if talk else None,
        text=said.text if said.data is None else f"[{said.data}]",
        media_kind=said.media_kind,
        file_id=said.file_id,
        chat_id=said.chat_id,
        message_id=said.message_id,
        update_id=said.update_id,
    )
    if kept is None:
        return False
    await conversations.note_borrower_wrote(tx, borrower.borrower_id, now)
    await accounts.set_reachable(tx, said.chat_id, None)  # whoever writes can be written to
    await schedule.look_again(tx, [borrower.borrower_id], now)
    return True


async def understood(tx: Transaction, borrower: Borrower) -> None:
    await conversations.set_not_understood(tx, borrower.borrower_id, 0)


async def not_understood(tx: Transaction, borrower: Borrower) -> int:
    """Count a message nobody could read; returns how many in a row."""
    talk = await conversations.of(tx, borrower.borrower_id)
    times = (talk.not_understood if talk else 0) + 1
    await conversations.set_not_understood(tx, borrower.borrower_id, times)
    return times


async def note_reachable(tx: Transaction, account: Account, reachable: bool, now: datetime) -> None:
    """The borrower blocked or unblocked the bot."""
    await accounts.set_reachable(tx, account.telegram_id, None if reachable else now)
    await schedule.look_again(tx, [account.borrower_id], now)
