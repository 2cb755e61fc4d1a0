"""Words in a collector's chat: an answer on purpose, otherwise a private note.

An answer is what replies to something the borrower said, what follows the Reply button, or
`/reply`. Everything else about a case stays among colleagues.
"""

from datetime import datetime, timedelta
from typing import Any

from bot.rules.handoff import handoff_policy
from bot.services import asking
from bot.services.cases import noting, showing, speaking
from bot.services.cases.case_file import own_case
from bot.services.cases.drafts import Draft
from bot.services.cases.speaking import Spoken
from bot.services.saying import Choice, Manner
from bot.telegram.collector.meant import case_meant, case_pressed, pointed_at, topic_here
from bot.telegram.talk import StaffHandler, StaffTalk
from storage.records import CaseId

_ARMED = "case.reply"
_CONFIRM = "case.confirm"
_ALBUM = "case.album"


async def heard(talk: StaffTalk) -> None:
    """Plain words, or a file."""
    incoming = talk.incoming
    meant = await _answers(talk)
    if meant is not None:
        await _answer(talk, meant, _draft(talk, incoming.text))
        return
    await _note(talk, incoming.text)


async def reply(talk: StaffTalk, args: str) -> None:
    """`/reply TEXT`."""
    if not args and talk.incoming.media is None:
        await _arm(talk, await case_meant(talk))
        return
    await _answer(talk, await case_meant(talk), _draft(talk, args))


async def reply_pressed(talk: StaffTalk, args: str) -> None:
    await _arm(talk, case_pressed(args))
    talk.notice("toast.reply_now")


async def note(talk: StaffTalk, args: str) -> None:
    """`/note TEXT`."""
    await _note(talk, args)


async def send_anyway(talk: StaffTalk, args: str) -> None:
    """The second tap after a warning, or `/send`, for exactly the words that were warned about."""
    waiting = await _in_doubt(talk)
    if waiting is None:
        await _nothing_to_send(talk)
        return
    data, thread = waiting
    other_message = talk.incoming.data is not None and str(data["asked_in"]) != args
    if other_message or await topic_here(talk) not in (None, data["case"]):
        await _nothing_to_send(talk)
        return
    for one in [data, *data["more"]]:
        spoken = await speaking.speak(
            talk.tx,
            talk.office,
            talk.member,
            CaseId(data["case"]),
            Draft(**one["draft"]),
            talk.now,
            unique_key=talk.key(),
            asked_in=one["asked_in"],
            confirmed=True,
        )
        if not spoken.on_its_way:  # they paid meanwhile, too: the question stays open
            await tell_verdict(talk, spoken, data["asked_in"])
            return
    await asking.done(talk.tx, talk.reader.chat_id, thread=thread)
    talk.notice("toast.on_its_way")


async def do_not_send(talk: StaffTalk, _args: str) -> None:
    """The other button, or `/drop`."""
    waiting = await _in_doubt(talk)
    if waiting is not None:
        data, thread = waiting
        await asking.done(talk.tx, talk.reader.chat_id, thread=thread)
        await speaking.drop(talk.tx, talk.member, CaseId(data["case"]), talk.now)
    await talk.show("case.dropped")


async def _in_doubt(talk: StaffTalk) -> tuple[dict[str, Any], int | None] | None:
    """The words that wait for a yes, and the topic they were typed in.

    The buttons are in the topic of the case, the words may have been typed in the plain chat.
    """
    incoming = talk.incoming
    for thread in dict.fromkeys((incoming.thread, incoming.thread if incoming.text else None)):
        question = await asking.asked(talk.tx, talk.reader.chat_id, thread=thread)
        if question is not None and question.name == _CONFIRM:
            return question.data, thread
    return None


async def _nothing_to_send(talk: StaffTalk) -> None:
    if talk.incoming.data is not None:
        talk.notice("toast.outdated_staff")
    else:
        await talk.show("case.dropped")


async def _answers(talk: StaffTalk) -> CaseId | None:
    """The case these words answer in; None when they are a note.

    What is replied to decides, and it has to be of the case whose topic it is written in. The Reply
    button counts for one message, an album being one.
    """
    incoming = talk.incoming
    here, shown = await pointed_at(talk)
    if shown is not None and shown.message_id is not None:
        return shown.case_id
    question = await talk.asked()
    if question is None:
        return None
    case_id = CaseId(question.data.get("case", 0))
    if (shown is not None and shown.case_id != case_id) or here not in (None, case_id):
        return None
    if question.name == _ARMED and talk.now < datetime.fromisoformat(question.data["until"]):
        return case_id
    same_album = incoming.album is not None and question.data.get("album") == incoming.album
    return case_id if question.name in (_ALBUM, _CONFIRM) and same_album else None


async def _answer(talk: StaffTalk, case_id: CaseId, draft: Draft) -> None:
    incoming = talk.incoming
    if await _goes_with(talk, draft):
        return
    spoken = await speaking.speak(
        talk.tx,
        talk.office,
        talk.member,
        case_id,
        draft,
        talk.now,
        unique_key=talk.key(),
        asked_in=incoming.message_id,
    )
    await _remember(talk, case_id, draft, spoken)
    await tell_verdict(talk, spoken, incoming.message_id)


async def _remember(talk: StaffTalk, case_id: CaseId, draft: Draft, spoken: Spoken) -> None:
    """What the next message or tap can refer to."""
    incoming = talk.incoming
    if spoken.refused is not None:
        return
    if not spoken.on_its_way and spoken.verdict.verdict != "block":
        data: dict[str, Any] = {
            "case": case_id,
            "draft": draft.as_data(),
            "asked_in": incoming.message_id,
            "album": incoming.album,
            "more": [],
        }
        await talk.ask(_CONFIRM, data)
    elif incoming.album is not None:
        data = {"case": case_id, "album": incoming.album}
        await talk.ask(_ALBUM, data)
    elif spoken.on_its_way:
        await talk.done()


async def _goes_with(talk: StaffTalk, draft: Draft) -> bool:
    """The rest of an album whose words are in doubt waits for the same tap."""
    incoming = talk.incoming
    question = await talk.asked()
    if incoming.album is None or question is None or question.name != _CONFIRM:
        return False
    data = question.data
    if data["album"] != incoming.album:
        return False
    one = {"draft": draft.as_data(), "asked_in": incoming.message_id}
    await talk.ask(_CONFIRM, {**data, "more": [*data["more"], one]})
    return True


async def tell_verdict(talk: StaffTalk, spoken: Spoken, asked_in: int | None) -> None:
    """The guard's no or its doubt, under the message concerned. A yes shows when it is sent."""
    if spoken.on_its_way:
        return
    verdict, file = spoken.verdict, spoken.file
    if spoken.refused is not None:
        about = Manner(case_id=file.case_id, reply_to=asked_in)
        await talk.tell(talk.reader, spoken.refused.script, spoken.refused.values, manner=about)
        return
    if spoken.paid:
        await _tell_paid(talk, spoken, asked_in)
        return
    values = {
        "case_number": file.number,
        "name": file.borrower.full_name,
        "why": verdict.why or None,
        "suggestion": verdict.suggestion,
    }
    manner = Manner(case_id=file.case_id, reply_to=asked_in)
    if verdict.verdict == "block":
        await talk.tell(talk.reader, "case.blocked", values, manner=manner)
        return
    await talk.tell(talk.reader, "case.warned", values, _two_ways(talk, asked_in), manner=manner)


def _two_ways(talk: StaffTalk, asked_in: int | None) -> list[list[Choice]]:
    return [[talk.choice("do_not_send")], [talk.choice("send_anyway", asked_in)]]


async def _tell_paid(talk: StaffTalk, spoken: Spoken, asked_in: int | None) -> None:
    """They paid while this was being typed; it may not fit any more."""
    file = spoken.file
    values = {
        "case_number": file.number,
        "name": file.borrower.full_name,
        "paid": list(spoken.paid),
        "due_now": list(spoken.due_now),
    }
    manner = Manner(case_id=file.case_id, reply_to=asked_in)
    rows = _two_ways(talk, asked_in)
    await talk.tell(talk.reader, "case.paid_meanwhile", values, rows, manner=manner)


async def _arm(talk: StaffTalk, case_id: CaseId) -> None:
    """The next message is meant for this borrower, for some minutes."""
    file = await own_case(talk.tx, talk.member, case_id)
    until = talk.now + timedelta(minutes=handoff_policy().armed_minutes)
    data = {"case": case_id, "until": until.isoformat()}
    await talk.ask(_ARMED, data)
    await talk.tell(
        talk.reader,
        "case.reply_now",
        {"case_number": file.number, "name": file.borrower.full_name},
        [[talk.choice("do_not_reply")]],
        manner=Manner(case_id=case_id),
    )


async def edited(talk: StaffTalk) -> None:
    """The new wording is kept beside the old one; it reaches nobody."""
    incoming = talk.incoming
    assert incoming.message_id is not None, "an edit is of a message"
    command = incoming.command
    said = command[1] if command is not None and command[0] in ("note", "reply") else incoming.text
    kept = await noting.edit(
        talk.tx, talk.member, _draft(talk, said), incoming.update_id, incoming.message_id, talk.now
    )
    if kept is None or kept[1] is noting.Edited.WORDS:
        await talk.show("case.edit_not_sent")
        return
    file = kept[0]
    values = {"case_number": file.number, "name": file.borrower.full_name}
    manner = Manner(case_id=file.case_id, reply_to=incoming.message_id)
    await talk.tell(talk.reader, "case.note_edited", values, manner=manner)


async def disarm(talk: StaffTalk, _args: str) -> None:
    await talk.done()
    await talk.show("case.disarmed")


async def _note(talk: StaffTalk, text: str) -> None:
    draft = _draft(talk, text)
    case_id = await case_meant(talk)
    incoming = talk.incoming
    file = await noting.note(
        talk.tx,
        talk.member,
        case_id,
        draft,
        incoming.update_id,
        talk.now,
        asked_in=incoming.message_id,
    )
    await talk.tell(
        talk.reader,
        "case.noted",
        {"case_number": file.number, "name": file.borrower.full_name},
        [[showing.choice(talk.office, talk.member, "reply", case_id)]],
        manner=Manner(case_id=case_id, reply_to=talk.incoming.message_id),
    )


def _draft(talk: StaffTalk, text: str) -> Draft:
    media = talk.incoming.media
    if media is None:
        return Draft(text)
    return Draft(text, media.kind, media.file_id)


COMMANDS: dict[str, StaffHandler] = {
    "reply": reply,
    "note": note,
    "send": send_anyway,
    "drop": do_not_send,
}
PRESSES: dict[str, StaffHandler] = {
    "reply": reply_pressed,
    "send_anyway": send_anyway,
    "do_not_send": do_not_send,
    "do_not_reply": disarm,
}
