"""Before any word about a debt: is this the person the lender knows?

Everything an account sends until then is heard as an answer to that question, but for what may
not wait: danger to life, and people who are not the borrower or want nothing of us.
"""

from bot.services import concerns, linking
from bot.services.audience import Known, who_is
from bot.services.linking import Verdict
from bot.telegram import stranger
from bot.telegram.borrower import home
from bot.telegram.borrower.reading import SURE
from bot.telegram.talk import BorrowerTalk

NOT_ME = "not_me"


async def serve(talk: BorrowerTalk) -> None:
    incoming = talk.incoming
    if incoming.data == NOT_ME:
        await _leave(talk, "wrong_person")
        return
    match incoming.command:
        case ("start", token) if token:
            await stranger.open_link(talk, token)
        case ("privacy", _):
            await talk.show("privacy.short")
        case ("stop", _):
            await _leave(talk, "stop")
        case None if incoming.text:
            if not await _safety_gate(talk, incoming.text):
                await _answer(talk, incoming.text)
        case _:
            await ask(talk)


async def ask(talk: BorrowerTalk) -> None:
    await stranger.ask_identity(talk, Known(talk.account, talk.borrower))


async def _answer(talk: BorrowerTalk, text: str) -> None:
    verdict = await linking.answer_identity(
        talk.tx, talk.office, talk.account, talk.borrower, text, talk.now
    )
    match verdict:
        case Verdict.VERIFIED:
            await _welcome(talk)
        case Verdict.WRONG:
            check = await linking.identity_check(talk.tx, talk.account, talk.now)
            await talk.show("identity.wrong", {"tries": check.tries_left})
        case Verdict.TO_A_PERSON:
            await talk.show("identity.person")
        case Verdict.NO_ANSWER | Verdict.LOCKED:
            await ask(talk)


async def _welcome(talk: BorrowerTalk) -> None:
    found = await who_is(talk.tx, talk.incoming.telegram_id)
    assert isinstance(found, Known), "it was just verified"
    talk.account = found.account
    talk.changed()
    await home.show(talk, "")


async def _safety_gate(talk: BorrowerTalk, text: str) -> bool:
    """Act on what may not wait although nobody knows yet who speaks. True: it was dealt with."""
    meant = stranger.read_unknown(talk, text)
    if stranger.in_danger(talk, text):
        await concerns.stranger_in_danger(talk.tx, talk.account, talk.now)
        await stranger.tell_help_lines(talk, talk.borrower.country)
    elif meant.confidence < SURE:
        return False
    elif "stop" in meant.intents:
        await _leave(talk, "stop")
    elif "wrong_person" in meant.intents:
        await talk.show("identity.not_you")  # a link is lost for good, so one tap has to confirm
    else:
        return False
    return True


async def _leave(talk: BorrowerTalk, reason: str) -> None:
    await linking.close_link(talk.tx, talk.account, reason, talk.now)
    await talk.show("start.unlinked")
