"""The home message: what is due, how late, what was agreed, and the next steps as buttons.

One message, edited in place. It is also where every way back leads, and where an old button of a
message long gone ends up.
"""

from bot.services import asking, figures, pictures
from bot.services.saying import Choice, Manner
from bot.services.situation import Situation
from bot.telegram import stranger
from bot.telegram.talk import BorrowerTalk, Handler

AT_HOME = Manner(home=True)


async def show(talk: BorrowerTalk, _args: str) -> None:
    await asking.done(talk.tx, talk.reader.chat_id)
    situation = await talk.situation()
    await talk.show(
        "home.now", figures.standing_values(situation), _rows(talk, situation), manner=AT_HOME
    )


async def more(talk: BorrowerTalk, _args: str) -> None:
    """The choices that are needed rarely."""
    situation = await talk.situation()
    quiet = "resume" if situation.facts.stopped_at else "stop"
    rows = [
        [talk.choice("dispute"), talk.choice("hardship")],
        [talk.choice("complaint"), talk.choice(quiet)],
        [talk.choice("language"), talk.choice("privacy")],
        [talk.choice("menu")],
    ]
    await talk.show("home.more", {}, rows)


async def start(talk: BorrowerTalk, token: str) -> None:
    """A verified borrower opens a link again: their own leads home, another's asks who they are."""
    if token:
        known = await stranger.spend_link(talk, token)
        if known.account.verified_at is None:
            await stranger.ask_identity(talk, known)
            return
    await show(talk, "")


async def help_(talk: BorrowerTalk, _args: str) -> None:
    await talk.show("help.borrower", {}, [[talk.choice("menu"), talk.choice("human")]])


async def unknown_command(talk: BorrowerTalk, _args: str) -> None:
    await talk.show("help.unknown_command", {}, [[talk.choice("menu"), talk.choice("human")]])


async def outdated(talk: BorrowerTalk, _args: str) -> None:
    """Telegram keeps old buttons alive for ever; the screen of now takes their place."""
    talk.notice("toast.outdated")
    await show(talk, "")


def _rows(talk: BorrowerTalk, situation: Situation) -> list[list[Choice]]:
    if not situation.owes:
        return [[talk.choice("balance"), talk.choice("human")], [talk.choice("more")]]
    helps = pictures.plan_with_progress(situation) is not None
    return [
        [talk.choice("pay"), talk.choice("balance")],
        [talk.choice("promise"), talk.choice("plan")],
        [talk.choice("paid"), talk.choice("human")],
        [talk.choice("progress"), talk.choice("more")] if helps else [talk.choice("more")],
    ]


COMMANDS: dict[str, Handler] = {"start": start, "menu": show, "help": help_}
PRESSES: dict[str, Handler] = {"menu": show, "back": show, "more": more, "help": help_}
