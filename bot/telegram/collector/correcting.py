"""What a message really meant: `/meant dispute` in reply to it, or the button beneath it."""

from bot.errors import Refusal
from bot.services.cases import correcting, relaying
from bot.services.saying import Choice
from bot.telegram.talk import StaffHandler, StaffTalk

_OFTEN = (
    "crisis", "hardship", "dispute", "wrong_person", "stop", "complaint", "promise", "already_paid",
)  # fmt: skip
"""What is offered as buttons; `/meant` knows every other."""
_IN_A_ROW = 2


async def meant(talk: StaffTalk, args: str) -> None:
    """`/meant INTENT...` in reply to a message of the borrower; the main one first."""
    reply_to = talk.incoming.reply_to
    shown = await relaying.shown_by(talk.tx, talk.reader.chat_id, reply_to) if reply_to else None
    if shown is None or shown.message_id is None:
        raise Refusal("case.meant_which")
    intents = tuple(args.lower().replace(",", " ").split())
    if not intents:
        await _choose(talk, shown.message_id)
        return
    await correcting.correct(talk.tx, talk.member, shown.message_id, intents, talk.now)
    await talk.show("case.meant_kept")


async def meant_pressed(talk: StaffTalk, args: str) -> None:
    """ "meant:17" offers the intents, "meant:17:dispute" keeps one."""
    which, _, intent = args.partition(":")
    if not (which.isascii() and which.isdecimal() and len(which) <= 18):
        raise Refusal("case.meant_which")
    if not intent:
        await _choose(talk, int(which))
        return
    await correcting.correct(talk.tx, talk.member, int(which), (intent,), talk.now)
    talk.notice("toast.done")


async def _choose(talk: StaffTalk, message_id: int) -> None:
    choices = [
        Choice(talk.label(f"intent.{name}"), f"meant:{message_id}:{name}") for name in _OFTEN
    ]
    rows = [choices[at : at + _IN_A_ROW] for at in range(0, len(choices), _IN_A_ROW)]
    await talk.tell(talk.reader, "case.meant_choose", {}, rows)


COMMANDS: dict[str, StaffHandler] = {"meant": meant}
PRESSES: dict[str, StaffHandler] = {"meant": meant_pressed}
