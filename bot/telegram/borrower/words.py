"""Free words: safety first, then the question that is open, then what they mean.

Nothing sensitive is ever answered with a word about payment. What is not understood gets one
closed question, and the second time in a row a person.
"""

from collections.abc import Mapping

from bot.errors import Refusal
from bot.services import asking, listening
from bot.services.cases import handoff
from bot.services.concerns import Concern
from bot.telegram.borrower import (
    balance,
    concern,
    home,
    human,
    named_payments,
    paid,
    plan,
    plan_ways,
    promise,
    quiet,
)
from bot.telegram.borrower.language import follow
from bot.telegram.borrower.reading import (
    SURE,
    button_named,
    named_slot,
    read,
    several_promised,
)
from bot.telegram.talk import AnswerHandler, BorrowerTalk, Handler
from bot.understanding import Understanding
from storage.records import HandoffReason

ANSWERS: dict[str, AnswerHandler] = {**promise.ANSWERS, **plan.ANSWERS, **plan_ways.ANSWERS}

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
"""In the order in which one of them gets the answer when several are voiced."""

_READABLE_FILES = {"photo", "document"}
_TWICE = 2


async def heard(talk: BorrowerTalk, text: str, presses: Mapping[str, Handler]) -> None:
    """A message that is neither a command nor a press. `presses`: what buttons do by name."""
    if talk.incoming.forwarded and talk.incoming.media is None:
        await _passed_on(talk, text)
        return
    await follow(talk, text)
    if text and not await _expected(talk, text) and await safety_gate(talk, text):
        return
    if talk.incoming.edited:
        return  # what was said first has been dealt with; the new wording is in the record
    if talk.incoming.media is not None:
        await _file(talk, talk.incoming.media.kind, text)
    elif (named := presses.get(button_named(talk, text) or "")) is not None:
        await asking.done(talk.tx, talk.reader.chat_id)
        await named(talk, "")
    elif not await _answers_question(talk, text):
        await asking.done(talk.tx, talk.reader.chat_id)
        await _act_on(talk, text, await read(talk, text))


async def safety_gate(talk: BorrowerTalk, text: str) -> bool:
    """Act on what may not wait, whoever owns the conversation. True: it was dealt with.

    "Stop" takes effect even beside another concern, which then opens the case.
    """
    meant = await read(talk, text)
    if not meant.handoff:
        return False
    if meant.confidence < SURE:
        await _only_a_hunch(talk, meant)
    else:
        await _act_at_once(talk, meant)
    return True


async def _expected(talk: BorrowerTalk, text: str) -> bool:
    """A receipt that we asked for, whose caption is sensitive by a mere hunch.

    What somebody sends because we asked for it is that first of all.
    """
    if talk.incoming.media is None or talk.incoming.media.kind not in _READABLE_FILES:
        return False
    meant = await read(talk, text)
    sure = meant.confidence >= SURE or "crisis" in meant.intents
    return meant.handoff and not sure and await paid.is_awaited(talk)


async def _passed_on(talk: BorrowerTalk, text: str) -> None:
    """Somebody else's words promise, stop and refuse nothing; danger to life is danger to life."""
    if text and "crisis" in (await read(talk, text)).intents:
        await safety_gate(talk, text)
        return
    rows = [[talk.choice("paid"), talk.choice("human")], [talk.choice("menu")]]
    await talk.show("words.forwarded", {}, rows)


async def _act_at_once(talk: BorrowerTalk, meant: Understanding) -> None:
    stops = "stop" in meant.intents
    if stops:
        await quiet.take_effect(talk)
    await asking.done(talk.tx, talk.reader.chat_id)
    voiced = [what for intent, what in _CONCERNS.items() if intent in meant.intents]
    if voiced:
        await concern.voice(talk, *voiced)
    elif "human" in meant.intents:
        await human.human(talk, "")
    elif stops:
        await quiet.confirm(talk)
        await _note_day(talk, meant)
    else:
        await concern.voice(talk, Concern.DISPUTE)  # money that went astray, to be traced


async def _only_a_hunch(talk: BorrowerTalk, meant: Understanding) -> None:
    """It sounds as if a person should see it; nothing is stopped, frozen or unlinked on a guess."""
    await asking.done(talk.tx, talk.reader.chat_id)
    if "crisis" in meant.intents:
        await concern.voice(talk, Concern.CRISIS_FEARED)
    elif "wrong_person" in meant.intents:
        await concern.voice(talk, Concern.THIRD_PARTY)
    else:
        await concern.voice(talk, Concern.UNCLEAR)


async def _note_day(talk: BorrowerTalk, meant: Understanding) -> None:
    """Somebody who wants no messages may still have said when they pay."""
    slot = next((one for one in meant.promise if one.date is not None), None)
    if slot is None:
        return
    try:
        await promise.propose(talk, slot.date, slot.amount)
    except Refusal:
        return  # a day that cannot be must not undo the stop


async def _answers_question(talk: BorrowerTalk, text: str) -> bool:
    question = await asking.asked(talk.tx, talk.reader.chat_id)
    if question is None or question.name not in ANSWERS:
        return False
    if not await ANSWERS[question.name](talk, question.data, text):
        return False
    await listening.understood(talk.tx, talk.borrower)
    return True


async def _file(talk: BorrowerTalk, kind: str, caption: str) -> None:
    """The receipt of a payment that is checked; anything else is kept, and we say what we can."""
    if kind not in _READABLE_FILES:
        await talk.show("words.cannot_hear", {}, [[talk.choice("human"), talk.choice("menu")]])
        return
    says_so = bool(caption) and (await read(talk, caption)).main == "already_paid"
    if not await paid.receipt(talk, says_so=says_so):
        rows = [[talk.choice("paid"), talk.choice("human")], [talk.choice("menu")]]
        await talk.show("words.file_kept", {}, rows)


async def _act_on(talk: BorrowerTalk, text: str, meant: Understanding) -> None:
    """The main intent decides; a promise or plan is only ever shown for confirmation here."""
    act = _ACTS.get(meant.main)
    if act is None and promise.names_figures(text):
        await listening.understood(talk.tx, talk.borrower)
        await promise.promise(talk, text)
        return
    if act is None:
        await _not_understood(talk)
        return
    await listening.understood(talk.tx, talk.borrower)
    slot = named_slot(meant)
    if several_promised(meant) and await named_payments.answer(talk, meant):
        return
    if meant.main == "promise" and slot is not None:
        await promise.propose(talk, slot.date, slot.amount, meant.other_dates)
    elif meant.main == "plan_request" and await named_payments.answer(talk, meant):
        return
    elif meant.main == "plan_request" and (wish := await plan.wished(talk, meant)) is not None:
        await plan.propose(talk, wish)
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
        [talk.choice("balance"), talk.choice("pay")],
        [talk.choice("promise"), talk.choice("plan")],
        [talk.choice("paid"), talk.choice("human")],
        [talk.choice("menu")],
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
