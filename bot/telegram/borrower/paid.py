""" "I have paid": believed at once, checked within a day, receipt welcome."""

from bot.services import paying
from bot.services.saying import Manner
from bot.telegram.talk import BorrowerTalk, Handler

_KEPT = Manner(kept=True)


async def paid(talk: BorrowerTalk, _args: str) -> None:
    """Open the check and ask for a receipt, which is a help and not a condition."""
    situation = await talk.situation()
    if not situation.owes:
        rows = [[talk.choice("balance"), talk.choice("human")], [talk.choice("menu")]]
        await talk.show("paid.nothing_owed", {"as_of": situation.as_of}, rows)
        return
    fresh = await _claim(talk)
    key = "paid.received" if fresh else "paid.open_already"
    await talk.show(key, {}, [[talk.choice("menu"), talk.choice("human")]], manner=_KEPT)


async def receipt(talk: BorrowerTalk, *, says_so: bool) -> bool:
    """Take a photo or document as the receipt of a payment that is checked.

    `says_so`: the words below it say that it was paid, which opens the check. False: nothing is
    checked, so what came may be anything.
    """
    if says_so:
        await _claim(talk)
    elif not await is_awaited(talk):
        return False
    await talk.show("paid.receipt_kept", {}, [[talk.choice("menu")]])
    return True


async def is_awaited(talk: BorrowerTalk) -> bool:
    """Whether a payment is being checked, so that a receipt of it is welcome."""
    return await paying.is_checking(talk.tx, talk.borrower.borrower_id)


async def _claim(talk: BorrowerTalk) -> bool:
    fresh = await paying.claim_payment(
        talk.tx, talk.actor, talk.borrower.borrower_id, talk.now, key=str(talk.incoming.update_id)
    )
    talk.changed()
    return fresh


COMMANDS: dict[str, Handler] = {"paid": paid}
PRESSES: dict[str, Handler] = {"paid": paid}
