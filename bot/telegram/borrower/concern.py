"""Dispute, hardship and complaint by button or command; words reach the same place."""

from bot.services import concerns
from bot.services.concerns import Concern
from bot.services.saying import Manner
from bot.telegram.talk import BorrowerTalk, Handler
from storage.records import ContactKind

SAID_AT_ONCE = Manner(kind=ContactKind.SAFETY, kept=True)
"""It passes even where the bot may not speak any more, and stays for the borrower to keep."""


async def voice(talk: BorrowerTalk, *voiced: Concern) -> None:
    """Pause, hand over, and say so: the first concern gets the answer, the others join the case."""
    told = await concerns.raise_concerns(
        talk.tx, talk.office, talk.actor, await talk.situation(), voiced, talk.now
    )
    talk.changed()
    if told is not None:
        await talk.show(told.script, told.values, manner=SAID_AT_ONCE)


async def dispute(talk: BorrowerTalk, _args: str) -> None:
    await voice(talk, Concern.DISPUTE)


async def hardship(talk: BorrowerTalk, _args: str) -> None:
    await voice(talk, Concern.HARDSHIP)


async def complaint(talk: BorrowerTalk, _args: str) -> None:
    await voice(talk, Concern.COMPLAINT)


COMMANDS: dict[str, Handler] = {
    "dispute": dispute,
    "hardship": hardship,
    "complaint": complaint,
}
PRESSES: dict[str, Handler] = COMMANDS
