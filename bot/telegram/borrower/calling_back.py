"""A call at a time of one's own choice: the button below "we are closed", or `/call_back 2`."""

from datetime import UTC, datetime

from bot.services.cases import calling_back, handoff
from bot.services.cases.case_file import case_file
from bot.services.saying import Choice, Manner
from bot.telegram.talk import BorrowerTalk, Handler
from storage.records import ContactKind, HandoffReason

_FOR_THE_CHAT = Manner(kind=ContactKind.SAFETY)
"""It tells when a person comes, so it may be said while the bot may say nothing else."""
_LONGEST = 12
_IN_A_ROW = 2
_CALLED_OFF_BY_IT = {HandoffReason.ASKED, HandoffReason.NOT_UNDERSTOOD}


async def call_back(talk: BorrowerTalk, args: str) -> None:
    """Without a time the times are shown; "at:29384750" from a button, "2" typed."""
    situation = await talk.situation()
    slots = calling_back.slots(situation, talk.office)
    at = _chosen(args.strip(), slots)
    if at is None or not await calling_back.book(
        talk.tx, talk.office, talk.actor, situation, at, talk.now
    ):
        await _offer(talk, slots)
        return
    await _call_off_the_chat(talk)
    rows = [[talk.choice("call_back"), talk.choice("human")], [talk.choice("menu")]]
    await talk.show("call_back.booked", {"call_at": at}, rows, manner=_FOR_THE_CHAT)


async def _offer(talk: BorrowerTalk, slots: list[datetime]) -> None:
    formats = talk.office.library.language(talk.reader.language).formats
    choices = []
    for at in slots:
        local = at.astimezone(talk.reader.zone)
        label = f"{formats.near_day(local.date())} {formats.clock(local.time())}"
        choices.append(Choice(label, f"call_back:at:{int(at.timestamp()) // 60}"))
    rows = [choices[at : at + _IN_A_ROW] for at in range(0, len(choices), _IN_A_ROW)]
    key = "call_back.choose" if slots else "call_back.none"
    await talk.show(key, {}, rows, manner=_FOR_THE_CHAT)


async def _call_off_the_chat(talk: BorrowerTalk) -> None:
    """Who only wanted a person need not wait in the queue of chats as well."""
    talk.changed()
    conversation = (await talk.situation()).facts.conversation
    if conversation is None or conversation.case_id is None:
        return
    file = await case_file(talk.tx, conversation.case_id)
    if file is not None and set(file.reasons) <= _CALLED_OFF_BY_IT:
        await handoff.settle(talk.tx, talk.office, talk.actor, talk.borrower.borrower_id, talk.now)
        talk.changed()


def _chosen(args: str, slots: list[datetime]) -> datetime | None:
    kind, _, minutes = args.rpartition(":")
    if not (minutes.isascii() and minutes.isdecimal() and len(minutes) <= _LONGEST):
        return None
    if kind == "at":
        return datetime.fromtimestamp(int(minutes) * 60, UTC)
    return slots[int(minutes) - 1] if not kind and 1 <= int(minutes) <= len(slots) else None


COMMANDS: dict[str, Handler] = {"call_back": call_back}
PRESSES: dict[str, Handler] = {"call_back": call_back}
