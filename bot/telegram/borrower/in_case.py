"""While the conversation is a person's: everything goes to that person, and the bot keeps quiet.

What may not wait still takes effect first: danger to life, a stop, the wrong person, a lawyer. Old
buttons answer with a short line over the chat; what was asked for is shown to the person.
"""

from bot.services import concerns
from bot.services.cases import reassuring, relaying
from bot.services.cases.case_file import CaseFile, case_file
from bot.services.concerns import Concern
from bot.telegram.borrower import calling_back, human, plan, promise, quiet, rating, words
from bot.telegram.borrower.concern import SAID_AT_ONCE
from bot.telegram.borrower.reading import SURE, read
from bot.telegram.talk import BorrowerTalk, Handler

_AT_ONCE = frozenset({"crisis", "stop", "wrong_person", "legal_threat"})
"""What takes effect with a safety text, whoever owns the conversation."""

_COMPLAINT = "complaint"
_QUIETLY = ("dispute", "hardship", _COMPLAINT)
"""What pauses messages at once while the answer is left to the person."""

_STILL_ACT: dict[str, Handler] = {
    "stop": quiet.stop,
    "resume": quiet.resume,
    "human": human.human,
    "settled": human.settled,
    "plan_yes": plan.agreed,
    "plan_no": plan.declined,
    "withdraw": promise.withdraw,
    "rate": rating.rate,
    "call_back": calling_back.call_back,
}
"""The buttons and commands that work whoever owns the conversation."""

_AGREED_OR_NOT = frozenset({"plan_yes", "plan_no", "withdraw"})
"""Answers to what a person worked out with the borrower, so that person sees them."""

_THANKS = ("thanks",)


async def serve(talk: BorrowerTalk) -> None:
    """One thing the borrower did; it is in the record already."""
    name = _name(talk)
    intents: tuple[str, ...] = ()
    if name in _STILL_ACT:
        await _STILL_ACT[name](talk, _args(talk))
    elif name in _QUIETLY and not talk.incoming.edited:
        await _pause(talk, name)
    elif name is None and talk.incoming.text and not talk.incoming.edited:
        intents = await _safety_first(talk, talk.incoming.text)
    file = await _file(talk)
    if file is None:
        return  # it has just been settled
    if talk.incoming.data is not None and talk.toast is None:
        waits = file.talk.staff_id is None
        talk.notice("toast.person_waits" if waits else "toast.person_here")
    acted = name in _STILL_ACT and name not in _AGREED_OR_NOT
    if name != _COMPLAINT and (not acted or talk.incoming.data is None):
        await relaying.pass_on(
            talk.tx,
            talk.office,
            file,
            talk.incoming.update_id,
            talk.now,
            edited=talk.incoming.edited,
            just_thanks=intents == _THANKS,
        )
    if file.talk.staff_id is None and not _answered(talk, name, intents):
        await _reassure(talk, file, asks=name is not None or "human" in intents)


def _answered(talk: BorrowerTalk, name: str | None, intents: tuple[str, ...]) -> bool:
    """Whether the borrower has had, or needs, no answer while nobody has come."""
    if name == _COMPLAINT:
        return True
    if name is not None:
        return name in _STILL_ACT or talk.incoming.data is not None or talk.incoming.edited
    return intents == _THANKS or bool(_AT_ONCE & set(intents))


def _name(talk: BorrowerTalk) -> str | None:
    """The name of a press or a command; None for words and files."""
    incoming = talk.incoming
    if incoming.data is not None:
        return incoming.data.partition(":")[0]
    if incoming.command is not None:
        return incoming.command[0]
    return "settled" if not incoming.edited and human.says_settled(talk, incoming.text) else None


def _args(talk: BorrowerTalk) -> str:
    """What stands behind the name of a press or a command."""
    incoming = talk.incoming
    if incoming.data is not None:
        return incoming.data.partition(":")[2]
    return incoming.command[1] if incoming.command is not None else ""


async def _safety_first(talk: BorrowerTalk, text: str) -> tuple[str, ...]:
    """Let what may not wait take effect. Returns what the words were understood to mean."""
    meant = await read(talk, text)
    if talk.incoming.forwarded and "crisis" not in meant.intents:
        return ()  # somebody else's words; the person sees them
    if meant.handoff and meant.confidence < SURE and "crisis" not in meant.intents:
        return ()  # a hunch needs a person to look, and one does already
    if _AT_ONCE & set(meant.intents):
        await words.safety_gate(talk, text)
        talk.changed()
        return meant.intents
    for intent in _QUIETLY:
        if intent in meant.intents:
            await _pause(talk, intent)
    return meant.intents


async def _pause(talk: BorrowerTalk, concern: str) -> None:
    told = await concerns.raise_concern(
        talk.tx, talk.office, talk.actor, await talk.situation(), Concern(concern), talk.now
    )
    talk.changed()
    if concern == _COMPLAINT and told is not None:  # its answer does not come from this person
        await talk.show(told.script, told.values, manner=SAID_AT_ONCE)


async def _reassure(talk: BorrowerTalk, file: CaseFile, *, asks: bool) -> None:
    tell = reassuring.answer_impatience if asks else reassuring.reassure
    await tell(talk.tx, talk.office, file, talk.now)


async def _file(talk: BorrowerTalk) -> CaseFile | None:
    conversation = (await talk.situation()).facts.conversation
    if conversation is None or conversation.case_id is None:
        return None
    return await case_file(talk.tx, conversation.case_id)
