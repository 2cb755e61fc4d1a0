"""A person, please: `/human`, the button, or words to that effect; and calling it off again."""

from bot.services.cases import handoff, reassuring
from bot.services.cases.case_file import case_file
from bot.telegram.borrower import home
from bot.telegram.talk import BorrowerTalk, Handler
from storage.records import HandoffReason


async def human(talk: BorrowerTalk, _args: str) -> None:
    """Bring a person in; who asks again while waiting is told again how long it may take."""
    started = await handoff.start(
        talk.tx,
        talk.office,
        talk.actor,
        talk.borrower.borrower_id,
        HandoffReason.ASKED,
        talk.now,
    )
    talk.changed()
    file = await case_file(talk.tx, started.case_id)
    if file is None or file.talk.staff_id is not None:
        talk.notice("toast.person_here")
        return
    talk.notice("toast.person_waits")
    if not started.opened:
        await reassuring.answer_impatience(talk.tx, talk.office, file, talk.now)


async def settled(talk: BorrowerTalk, _args: str) -> None:
    """It has settled itself; nobody needs to come. Otherwise an old button: show how things are."""
    called_off = await handoff.settle(
        talk.tx, talk.office, talk.actor, talk.borrower.borrower_id, talk.now
    )
    talk.changed()
    situation = await talk.situation()
    if called_off:
        await talk.show("human.settled", {}, [[talk.choice("menu"), talk.choice("human")]])
    elif situation.facts.conversation is None or situation.facts.conversation.case_id is None:
        await home.show(talk, "")


def says_settled(talk: BorrowerTalk, text: str) -> bool:
    """Nothing but words that call it off, in any language we speak."""
    known = talk.office.library.labels_of("answer.settled").values()
    return _folded(text) in {_folded(one) for words in known for one in words.split(",")}


def _folded(text: str) -> str:
    return text.casefold().strip(" .!\t\n\u3002\uff01\uff0c")


COMMANDS: dict[str, Handler] = {"human": human, "settled": settled}
PRESSES: dict[str, Handler] = {"human": human, "settled": settled}
