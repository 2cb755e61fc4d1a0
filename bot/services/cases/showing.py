"""Telling a member of staff about a case. Everything shown here leads a reply back to its case."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from bot.services.cases import readers
from bot.services.cases.case_file import CaseFile
from bot.services.cases.media import CAPTION_ROOM, CAPTIONED, METHODS, in_parts
from bot.services.cases.wording import Words, pressed_button
from bot.services.office import Office
from bot.services.saying import Choice, File, Manner, Rows, say
from scripts_library.render import render, utf16_length
from storage import outbox
from storage.engine import Transaction
from storage.records import (
    Actor,
    CaseId,
    DeliveryClass,
    Message,
    Outgoing,
    StaffMember,
    Work,
)


def choice(office: Office, member: StaffMember, name: str, *args: object) -> Choice:
    """A button in the member's language that sends back "name:arg:arg"."""
    label = words_for(office, member).label("button", name)
    return Choice(label, ":".join([name, *map(str, args)]))


def outcomes(words: Words, task: Work, codes: Iterable[str]) -> list[list[Choice]]:
    """The ways a task can go on or end, one below the other."""
    return [
        [Choice(words.label("outcome", code), f"finish:{task.work_id}:{code}")] for code in codes
    ]


def words_for(office: Office, member: StaffMember) -> Words:
    return Words(office.library, readers.of_staff(office, member).language)


async def tell(
    tx: Transaction,
    office: Office,
    member: StaffMember,
    key: str,
    values: Mapping[str, Any],
    *,
    unique_key: str,
    now: datetime,
    case_id: CaseId | None = None,
    rows: Rows = (),
    reply_to: int | None = None,
    file: File | None = None,
    expires_at: datetime | None = None,
) -> None:
    """Say a script in somebody's private chat, about a case or about none."""
    await say(
        tx,
        office,
        readers.of_staff(office, member),
        key,
        values,
        unique_key=unique_key,
        actor=Actor.system(),
        now=now,
        rows=rows,
        manner=Manner(case_id=case_id, reply_to=reply_to, expires_at=expires_at),
        file=file,
    )


async def tell_of(
    tx: Transaction,
    office: Office,
    member: StaffMember,
    file: CaseFile,
    key: str,
    values: Mapping[str, Any],
    now: datetime,
    rows: Rows = (),
) -> None:
    """Something that happened to a case at `now`."""
    moment = f"{file.case_id}:{file.talk.version}:{len(file.reasons)}:{now.timestamp()}"
    await tell(
        tx,
        office,
        member,
        key,
        {"case_number": file.number, "name": file.borrower.full_name, **values},
        unique_key=f"{key}:{moment}:{member.staff_id}",
        now=now,
        case_id=file.case_id,
        rows=rows,
    )


def case_rows(office: Office, member: StaffMember, file: CaseFile) -> list[list[Choice]]:
    """What can be done with a case one has, the safest first."""
    names = (("reply", "hold"), ("pass_on", "transfer"), ("close",))
    return [[choice(office, member, name, file.case_id) for name in row] for row in names]


async def show_said(
    tx: Transaction,
    office: Office,
    member: StaffMember,
    file: CaseFile,
    message: Message,
    now: datetime,
    *,
    edited: bool = False,
) -> None:
    """What the borrower said or sent, in the member's chat: replying to it answers the borrower."""
    showing = _Showing(tx, office, member, file, message, now)
    words, kind = message.text, message.media_kind
    pressed = pressed_button(message)
    if pressed is not None or (kind is None and words.startswith("/")):
        asked = showing.words.button(words) if pressed else _command(words)
        await showing.text("case.asked", {"asked": asked})
        return
    if kind is None and not words:
        await showing.text("case.sent_unknown", {"media": showing.words.label("media", "other")})
    if kind is not None and (kind not in CAPTIONED or utf16_length(words) > CAPTION_ROOM):
        await showing.text(
            "case.sent_something" if kind in METHODS else "case.sent_unknown",
            {"media": showing.words.label("media", kind)},
        )
    if words and (kind not in CAPTIONED or utf16_length(words) > CAPTION_ROOM):
        for part in in_parts(words):
            await showing.text("case.said", {"words": part, "edited": edited})
        words = ""
    if kind in CAPTIONED:
        await showing.file("case.captioned", {"words": words or None, "edited": edited})
    elif kind in METHODS:
        await showing.file(None, {})


def only_asks_for_a_person(message: Message) -> bool:
    """A press or command that asks for a person, which whoever comes knows."""
    return pressed_button(message) == "human" or message.text.strip() == "/human"


def _command(text: str) -> str:
    """A typed command; the token of a link is nobody's business."""
    name = text.split()[0]
    return name if name.startswith("/start") else text


class _Showing:
    """One message of a borrower on its way into one chat, in as many rows as it takes."""

    def __init__(
        self,
        tx: Transaction,
        office: Office,
        member: StaffMember,
        file: CaseFile,
        message: Message,
        now: datetime,
    ) -> None:
        self._tx = tx
        self._office = office
        self._member = member
        self._file = file
        self._message = message
        self._now = now
        self._rows = 0
        self.words = words_for(office, member)

    async def text(self, key: str, values: Mapping[str, Any]) -> None:
        await self._put("sendMessage", {"text": self._render(key, values)})

    async def file(self, key: str | None, values: Mapping[str, Any]) -> None:
        """The thing itself; `key` is the script of its caption, if it can have one."""
        message = self._message
        assert message.media_kind is not None, "only things that were sent come here"
        payload: dict[str, Any] = {"file_id": message.file_id}
        if key is not None:
            payload["caption"] = self._render(key, values)
        await self._put(METHODS[message.media_kind], payload)

    def _render(self, key: str, values: Mapping[str, Any]) -> str:
        reader = readers.of_staff(self._office, self._member)
        script = self._office.library.script(key, reader.language)
        known = {"case_number": self._file.number, "name": self._file.borrower.full_name}
        return render(script, {**known, **values}, zone=reader.zone).text

    async def _put(self, method: str, payload: dict[str, Any]) -> None:
        self._rows += 1
        reply = self.words.label("button", "reply")
        answer = Choice(f"{reply} #{self._file.number}", f"reply:{self._file.case_id}")
        row = [answer]
        if self._message.text and self._rows == 1:
            meant = self.words.label("button", "meant")
            row.append(Choice(meant, f"meant:{self._message.message_id}"))
        buttons = [[{"text": one.label, "data": one.data} for one in row]]
        shown = {**payload, "buttons": buttons, "shows": self._message.message_id}
        await outbox.put(
            self._tx,
            Outgoing(
                unique_key=f"shown:{self._message.message_id}:{self._member.staff_id}:{self._rows}",
                chat_id=self._member.telegram_id,
                delivery=DeliveryClass.WORDS,
                method=method,
                payload=shown,
                actor=Actor.system(),
                not_before=self._now,
                case_id=self._file.case_id,
            ),
            self._now,
        )
