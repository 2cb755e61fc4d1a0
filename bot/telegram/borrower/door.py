"""The borrower's door: identity first, then whoever owns the conversation, then one table.

Every button has a typed twin: `COMMANDS` and `PRESSES` name the same handlers.
"""

from bot.services import asking, listening
from bot.telegram.borrower import (
    agreed_days,
    balance,
    calling_back,
    concern,
    home,
    human,
    identity,
    in_case,
    language,
    paid,
    papers,
    plan,
    plan_ways,
    privacy,
    promise,
    quiet,
    rating,
    words,
)
from bot.telegram.talk import BorrowerTalk, Handler
from storage.records import ConversationState

_MODULES = (
    home, balance, promise, plan, plan_ways, agreed_days, papers, paid, human, concern, quiet,
    language, privacy, rating, calling_back,
)  # fmt: skip

COMMANDS: dict[str, Handler] = {}
PRESSES: dict[str, Handler] = {}
for _module in _MODULES:
    COMMANDS.update(_module.COMMANDS)
    PRESSES.update(_module.PRESSES)


async def serve(talk: BorrowerTalk) -> None:
    """One message, press or membership change of a linked account."""
    incoming = talk.incoming
    if incoming.blocked is not None:
        await listening.note_reachable(talk.tx, talk.account, not incoming.blocked, talk.now)
        return
    if not talk.verified:
        await identity.serve(talk)
        return
    if not await listening.hear(talk.tx, talk.actor, talk.borrower, incoming.as_said(), talk.now):
        return
    situation = await talk.situation()
    if situation.state is not ConversationState.BOT:
        await in_case.serve(talk)
        return
    await serve_bot(talk)


async def serve_bot(talk: BorrowerTalk) -> None:
    """The conversation is the bot's: a press, a command, or words."""
    incoming = talk.incoming
    if incoming.data is not None:
        name, _, args = incoming.data.partition(":")
        await asking.done(talk.tx, talk.reader.chat_id)
        await PRESSES.get(name, home.outdated)(talk, args)
    elif incoming.command is not None and not incoming.edited:
        name, args = incoming.command
        await asking.done(talk.tx, talk.reader.chat_id)
        await COMMANDS.get(name, home.unknown_command)(talk, args)
    else:
        await words.heard(talk, incoming.text, PRESSES)
