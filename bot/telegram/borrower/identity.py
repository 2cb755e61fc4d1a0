"""Before any word about a debt: is this the person the lender knows?"""

from bot.services import linking
from bot.services.audience import Known, who_is
from bot.telegram import stranger
from bot.telegram.borrower import home
from bot.telegram.talk import BorrowerTalk


async def serve(talk: BorrowerTalk) -> None:
    """Everything an unverified account sends is an answer to the identity question."""
    incoming = talk.incoming
    match incoming.command:
        case ("start", token) if token:
            await stranger.open_link(talk, token)
        case ("privacy", _):
            await talk.show("privacy.short")
        case None if incoming.text and not incoming.edited:
            await _answer(talk, incoming.text)
        case _:
            await ask(talk)


async def ask(talk: BorrowerTalk) -> None:
    check = await linking.identity_check(talk.tx, talk.account, talk.now)
    if check.locked_until is not None:
        await talk.show("identity.locked", {"again_at": check.locked_until})
    else:
        await talk.show(f"identity.ask_{check.asks}")


async def _answer(talk: BorrowerTalk, text: str) -> None:
    left = await linking.answer_identity(
        talk.tx, talk.office, talk.account, talk.borrower, text, talk.now
    )
    if left is None:
        found = await who_is(talk.tx, talk.incoming.telegram_id)
        assert isinstance(found, Known), "it was just verified"
        talk.account = found.account
        talk.changed()
        await home.show(talk, "")
    elif left.locked_until is not None:
        await talk.show("identity.locked", {"again_at": left.locked_until})
    else:
        await talk.show("identity.wrong", {"tries": left.tries_left})
