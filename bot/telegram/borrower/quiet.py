"""Stop and resume: one tap or one word, effective for the very next send."""

from bot.services import stopping
from bot.telegram.talk import BorrowerTalk, Handler


async def stop(talk: BorrowerTalk, _args: str) -> None:
    await take_effect(talk)
    await confirm(talk)


async def take_effect(talk: BorrowerTalk) -> None:
    await stopping.stop(talk.tx, talk.actor, talk.borrower.borrower_id, talk.now)
    talk.changed()


async def confirm(talk: BorrowerTalk) -> None:
    """One confirmation, whoever owns the conversation: its script is of the safety kind."""
    await talk.show("stop.done")


async def resume(talk: BorrowerTalk, _args: str) -> None:
    await stopping.resume(talk.tx, talk.actor, talk.borrower.borrower_id, talk.now)
    talk.changed()
    await talk.show("stop.resumed")


COMMANDS: dict[str, Handler] = {"stop": stop, "resume": resume}
PRESSES: dict[str, Handler] = {"stop": stop, "resume": resume}
