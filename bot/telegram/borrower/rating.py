"""How it was with a person: a tap from 1 to 5 below the goodbye, or `/rate 4`."""

from bot.services.cases import rating
from bot.telegram.talk import BorrowerTalk, Handler
from storage.records import CaseId, ConversationState

_LONGEST = 18


async def rate(talk: BorrowerTalk, args: str) -> None:
    """ "12:4" from a button, "4" typed."""
    which, _, score = args.strip().rpartition(":")
    known = score.isascii() and score.isdecimal() and len(score) == 1
    named = which.isascii() and which.isdecimal() and len(which) <= _LONGEST
    if not known or (which and not named):
        await talk.show("rating.how")
        return
    kept = await rating.rate(
        talk.tx,
        talk.borrower.borrower_id,
        CaseId(int(which)) if which else None,
        int(score),
        talk.now,
    )
    if (await talk.situation()).state is not ConversationState.BOT:
        talk.notice("toast.rated" if kept else "toast.rated_already")  # somebody is there already
    elif kept:
        await talk.show("rating.thanks", {}, [[talk.choice("menu"), talk.choice("human")]])
    elif talk.incoming.data is not None:
        talk.notice("toast.rated_already")
    else:
        await talk.show("rating.how")


COMMANDS: dict[str, Handler] = {"rate": rate}
PRESSES: dict[str, Handler] = {"rate": rate}
