""" "I have paid": believed at once, checked within a day, receipt welcome."""

from typing import Any

from bot.services import asking, paying
from bot.telegram.talk import AnswerHandler, BorrowerTalk, Handler

RECEIPT = "paid.receipt"


async def paid(talk: BorrowerTalk, _args: str) -> None:
    """Open the check and ask for a receipt, which is a help and not a condition."""
    fresh = await paying.claim_payment(
        talk.tx, talk.actor, talk.borrower.borrower_id, talk.now, key=str(talk.incoming.update_id)
    )
    talk.changed()
    await asking.ask(talk.tx, talk.reader.chat_id, RECEIPT, {}, talk.now)
    await talk.show("paid.received" if fresh else "paid.open_already", {}, [[talk.choice("menu")]])


async def receipt(talk: BorrowerTalk, _data: dict[str, Any], _text: str) -> None:
    """A photo or document after "I have paid" is the receipt; it is kept with the conversation."""
    await asking.done(talk.tx, talk.reader.chat_id)
    await paying.claim_payment(
        talk.tx, talk.actor, talk.borrower.borrower_id, talk.now, key=str(talk.incoming.update_id)
    )
    await talk.show("paid.receipt_kept", {}, [[talk.choice("menu")]])


COMMANDS: dict[str, Handler] = {"paid": paid}
PRESSES: dict[str, Handler] = {"paid": paid}
FILES: dict[str, AnswerHandler] = {RECEIPT: receipt}
