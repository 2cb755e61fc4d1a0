"""How it was with a person: a tap from 1 to 5 below the goodbye, or `/rate 4`."""

from bot.services.cases import rating
from bot.telegram.talk import BorrowerTalk, Handler
from storage.records import CaseId, ConversationState

_LONGEST = 18


async def rate(talk: BorrowerTalk, args: str) -> None:
    """ "12.0:4" from a button, for case 12 before it was ever opened again; "4" typed."""
    named, _, score = args.strip().rpartition(":")
    which, _, stretch = named.partition(".")
    if not (_is_number(score, 1) and _may_be_number(which) and _may_be_number(stretch)):
        await talk.show("rating.how")
        return
    kept = await rating.rate(
        talk.tx,
        talk.borrower.borrower_id,
        CaseId(int(which)) if which else None,
        int(score),
        talk.now,
        stretch=int(stretch) if stretch else None,
    )
    if (await talk.situation()).state is not ConversationState.BOT:
        talk.notice("toast.rated" if kept else "toast.rated_already")  # somebody is there already
    elif kept:
        await talk.show("rating.thanks", {}, [[talk.choice("menu"), talk.choice("human")]])
    elif talk.incoming.data is not None:
        talk.notice("toast.rated_already")
    else:
        await talk.show("rating.how")


def _may_be_number(text: str) -> bool:
    return not text or _is_number(text, _LONGEST)


def _is_number(text: str, longest: int) -> bool:
    return text.isascii() and text.isdecimal() and len(text) <= longest


COMMANDS: dict[str, Handler] = {"rate": rate}
PRESSES: dict[str, Handler] = {"rate": rate}
