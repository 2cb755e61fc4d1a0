"""The score card of a conversation: a tap for each criterion, or `/score fully`."""

from bot.errors import Refusal
from bot.services.cases import checking
from bot.telegram.collector.queue import number
from bot.telegram.talk import StaffHandler, StaffTalk


async def marked(talk: StaffTalk, args: str) -> None:
    """ "15:heard:partly" """
    which, _, rest = args.partition(":")
    criterion, _, given = rest.partition(":")
    found = await checking.mark(
        talk.tx, talk.office, talk.member, number(which), criterion or None, given, talk.now
    )
    await talk.show(found.script, found.values, found.rows)


async def score(talk: StaffTalk, args: str) -> None:
    """`/score fully|partly|not|none` for the criterion that is asked."""
    if not args:
        raise Refusal("qa.how")
    work_id = await checking.in_hand(talk.tx, talk.member)
    found = await checking.mark(
        talk.tx, talk.office, talk.member, work_id, None, args.strip().lower(), talk.now
    )
    await talk.show(found.script, found.values, found.rows)


COMMANDS: dict[str, StaffHandler] = {"score": score}
PRESSES: dict[str, StaffHandler] = {"qa": marked}
