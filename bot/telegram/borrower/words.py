"""Free words: safety first, then the question that is open, then what they mean.

Nothing sensitive is ever answered with a word about payment. What is not understood gets one
closed question, and the second time in a row a person.
"""

from bot.services import asking, handoff, listening
from bot.services.concerns import Concern
from bot.telegram.borrower import balance, concern, home, human, paid, plan, promise, quiet
from bot.telegram.talk import AnswerHandler, BorrowerTalk, Handler
from bot.understanding import Slot, Understanding, understand
from storage.records import HandoffReason

ANSWERS: dict[str, AnswerHandler] = {**promise.ANSWERS}
FILES: dict[str, AnswerHandler] = {**paid.FILES}

_CONCERNS = {
    "crisis": Concern.CRISIS,
    "wrong_person": Concern.WRONG_PERSON,
    "legal_threat": Concern.LEGAL,
    "dispute": Concern.DISPUTE,
    "hardship": Concern.HARDSHIP,
    "complaint": Concern.COMPLAINT,
    "abuse": Concern.ABUSE,
    "refusal": Concern.REFUSAL,
}
_READABLE_FILES = {"photo", "document"}
_TWICE = 2


async def heard(talk: BorrowerTalk, text: str) -> None:
    """A message that is neither a command nor a press."""
    if talk.incoming.edited:
        return  # what was said first has been dealt with; the new wording is in the record
    if text and await safety_gate(talk, text):
        return
    if talk.incoming.media is not None:
        await _file(talk, talk.incoming.media.kind)
    elif await _answers_question(talk, text):
        return
    else:
        await _act_on(talk, await _read(talk, text))


async def safety_gate(talk: BorrowerTalk, text: str) -> bool:
    """Act on what may not wait, whoever owns the conversation. True: it was dealt with.

    "Stop" takes effect even beside another concern, which then opens the case.
    """
    read = await _read(talk, text)
    stops = "stop" in read.intents
    if stops:
        await quiet.take_effect(talk)
    for intent, what in _CONCERNS.items():
        if intent in read.intents:
            await concern.voice(talk, what)
            return True
    if "human" in read.intents:
        await human.human(talk, "")
        return True
    if stops:
        await quiet.confirm(talk)
        return True
    return False


async def _read(talk: BorrowerTalk, text: str) -> Understanding:
    situation = await talk.situation()
    due = next(iter(situation.standing.due.values()), None)
    oldest = situation.standing.oldest_unpaid
    return understand(
        text,
        now=talk.now,
        timezone=situation.zone.key,
        language=talk.reader.language,
        balance=str(due) if due else None,
        due_date=oldest.due_date if oldest else None,
    )


async def _answers_question(talk: BorrowerTalk, text: str) -> bool:
    question = await asking.asked(talk.tx, talk.reader.chat_id)
    if question is None or question.name not in ANSWERS:
        return False
    await ANSWERS[question.name](talk, question.data, text)
    return True


async def _file(talk: BorrowerTalk, kind: str) -> None:
    """A receipt when one was asked for; anything else is kept, and we say what we cannot do."""
    question = await asking.asked(talk.tx, talk.reader.chat_id)
    if question is not None and question.name in FILES and kind in _READABLE_FILES:
        await FILES[question.name](talk, question.data, "")
    elif kind in _READABLE_FILES:
        rows = [[talk.choice("paid"), talk.choice("human")], [talk.choice("menu")]]
        await talk.show("words.file_kept", {}, rows)
    else:
        await talk.show("words.cannot_hear", {}, [[talk.choice("human"), talk.choice("menu")]])


async def _act_on(talk: BorrowerTalk, read: Understanding) -> None:
    """The main intent decides; a promise or plan is only ever shown for confirmation here."""
    act = _ACTS.get(read.main)
    if act is None:
        await _not_understood(talk)
        return
    await listening.understood(talk.tx, talk.borrower)
    if read.main == "promise":
        slot = (read.promise or read.proposed or (Slot(None, None),))[0]
        await promise.propose(talk, slot.date, slot.amount)
    elif read.main == "plan_request" and read.instalments is not None:
        await plan.propose(talk, read.instalments)
    else:
        await act(talk, "")


async def _not_understood(talk: BorrowerTalk) -> None:
    if await listening.not_understood(talk.tx, talk.borrower) >= _TWICE:
        await listening.understood(talk.tx, talk.borrower)
        await handoff.start(
            talk.tx, talk.office, talk.actor, talk.borrower.borrower_id,
            HandoffReason.NOT_UNDERSTOOD, talk.now,
        )  # fmt: skip
        return
    rows = [
        [talk.choice("balance"), talk.choice("promise")],
        [talk.choice("plan"), talk.choice("paid")],
        [talk.choice("human"), talk.choice("menu")],
    ]
    await talk.show("words.not_understood", {}, rows)


async def _thanks(talk: BorrowerTalk, _args: str) -> None:
    await talk.show("words.welcome", {}, [[talk.choice("menu")]])


_ACTS: dict[str, Handler] = {
    "promise": promise.promise,
    "plan_request": plan.plan,
    "already_paid": paid.paid,
    "balance": balance.balance,
    "greeting": home.show,
    "thanks": _thanks,
}
