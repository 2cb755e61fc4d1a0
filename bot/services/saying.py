"""Saying something: a script and its values become a row of the outbox, nothing else.

Nobody calls Telegram from a use case. The row leaves after the commit, under the contact policy,
and a repeated update finds its key used and says nothing twice.
"""

from base64 import b64encode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo
from typing import Any, Protocol

from bot.services.office import Office
from scripts_library.render import Rendered, render
from scripts_library.script import Script
from storage import outbox
from storage.engine import Transaction
from storage.records import (
    Actor,
    BorrowerId,
    CaseId,
    ContactKind,
    DeliveryClass,
    OutboxId,
    Outgoing,
    Wording,
)


@dataclass(frozen=True, slots=True)
class Choice:
    """A button: what it shows and what a press sends back (at most 64 bytes)."""

    label: str
    data: str


Rows = Sequence[Sequence[Choice]]


@dataclass(frozen=True, slots=True)
class Reader:
    """Who will read it. `borrower_id` None: staff or a stranger, so no contact of a borrower."""

    chat_id: int
    language: str
    zone: tzinfo
    borrower_id: BorrowerId | None = None


@dataclass(frozen=True, slots=True)
class Manner:
    """How it is said, where the script alone does not settle it.

    `kind`: instead of the script's own; `edit`: the message to redraw; `home`: the result is the
    home message, the one edited in place; `kept`: what was agreed or confirmed, so a press below
    it never redraws it; `thread`: the topic of the chat, unless the case has one there itself.
    """

    kind: ContactKind | None = None
    delivery: DeliveryClass = DeliveryClass.ANSWER
    edit: int | None = None
    home: bool = False
    kept: bool = False
    case_id: CaseId | None = None
    reply_to: int | None = None
    thread: int | None = None
    not_before: datetime | None = None
    expires_at: datetime | None = None


PLAINLY = Manner()


class File(Protocol):
    """A file of our own making; what is said with it is its caption."""

    def as_payload(self) -> dict[str, Any]: ...


@dataclass(frozen=True, slots=True)
class Attached:
    """A small file as it is."""

    name: str
    content: bytes

    def as_payload(self) -> dict[str, Any]:
        encoded = b64encode(self.content).decode()
        return {"attached": {"name": self.name, "base64": encoded}}


async def say(
    tx: Transaction,
    office: Office,
    reader: Reader,
    key: str,
    values: Mapping[str, Any],
    *,
    unique_key: str,
    actor: Actor,
    now: datetime,
    rows: Rows = (),
    manner: Manner = PLAINLY,
    file: File | None = None,
) -> OutboxId | None:
    """Queue the script `key` for `reader`; None when `unique_key` was said before.

    `rows` are choices made at run time (days, amounts) and stand above the script's own buttons.
    Raises the library's errors when a value is missing: nothing is ever said with a hole.
    """
    script = office.library.script(key, reader.language).wording_for(unique_key)
    said = render(script, {"lender": office.lender, **values}, zone=reader.zone)
    payload: dict[str, Any] = {"text": said.text, "buttons": drawn(said, rows), "script": key}
    if manner.reply_to is not None:
        payload["reply_to"] = manner.reply_to
    if manner.thread is not None:
        payload["thread"] = manner.thread
    if manner.home:
        payload["home"] = True
    if manner.kept:
        payload["kept"] = True
    if script.neutral:
        payload["neutral"] = True
    method = "sendMessage"
    if file is not None:
        payload["caption"] = payload.pop("text")
        payload |= file.as_payload()
        method = "sendPhoto" if "picture" in payload else "sendDocument"
    elif manner.edit is not None:
        method = "editMessageText"
        payload["message_id"] = manner.edit
    return await outbox.put(
        tx,
        Outgoing(
            unique_key=unique_key,
            chat_id=reader.chat_id,
            delivery=manner.delivery,
            method=method,
            payload=payload,
            actor=actor,
            not_before=manner.not_before or now,
            kind=_kind(script, reader, manner),
            borrower_id=reader.borrower_id,
            case_id=manner.case_id,
            expires_at=manner.expires_at,
            wording=None if reader.borrower_id is None else wording_of(script),
        ),
        now,
    )


def wording_of(script: Script) -> Wording:
    """Which words a script says, for the record."""
    return Wording(script.key, script.language.tag, script.variant, script.version)


async def may_redraw(tx: Transaction, chat_id: int, message_id: int) -> bool:
    """Whether a press below a message may replace it.

    Screens may be; what we started (a reminder), what a person wrote and what was confirmed stay
    in the chat as they were said, for the borrower to keep.
    """
    shown = await outbox.by_message(tx, chat_id, message_id)
    if shown is None or shown.kind is None:
        return True
    return shown.kind is ContactKind.REPLY and not shown.payload.get("kept")


def _kind(script: Script, reader: Reader, manner: Manner) -> ContactKind | None:
    """What is said to a borrower is a contact of some kind; to anybody else it is none."""
    if reader.borrower_id is None:
        return None
    return manner.kind or ContactKind(script.kind or ContactKind.REPLY)


def drawn(said: Rendered, rows: Rows = ()) -> list[list[dict[str, str]]]:
    """Buttons as the outbox keeps them: rows of {"text", "data"}."""
    chosen = [[{"text": choice.label, "data": choice.data} for choice in row] for row in rows]
    own = [[{"text": button.label, "data": button.name} for button in row] for row in said.buttons]
    return chosen + own
