"""An update as our handlers see it: small and flat."""

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from pydantic import ValidationError

from bot.services.listening import Said
from bot.telegram.updates import Membership, Message, Person, Press, Update

ALLOWED_UPDATES = ["message", "edited_message", "callback_query", "my_chat_member", "chat_member"]
_FILES = ("animation", "document", "voice", "video", "audio", "sticker", "video_note")
"""An animation comes with a document of the same file, so it is looked for first."""
_OTHER = ("contact", "poll", "dice", "venue", "game", "story", "checklist", "live_photo",
          "paid_media", "giveaway", "invoice")  # fmt: skip
"""What people send that has neither words nor a file we could pass on."""


_GONE = ("kicked", "left")


class Undecodable(Exception):
    """The update is not what Telegram promises; the text names the fields, not their values."""


@dataclass(frozen=True, slots=True)
class Media:
    kind: str
    file_id: str
    size: int | None = None


@dataclass(frozen=True, slots=True)
class Move:
    """Somebody is in the group from `at` on, or no longer; None: Telegram did not say when."""

    telegram_id: int
    present: bool
    at: datetime | None


@dataclass(frozen=True, slots=True)
class Incoming:
    """One thing somebody did. `data` is of a press, `text` of a message or a caption.

    `moves`: who came to this group or left it, whoever brought that about.
    `thread`: the topic of the chat it was done in; `topic`: the name a bot gave it when it made it,
    where Telegram says so. `reply_elsewhere`: it answers a message that is
    not in this chat, or in another topic of it, and Telegram does not say which.
    """

    update_id: int
    chat_id: int
    private: bool
    telegram_id: int
    language: str | None = None
    name: str = ""
    message_id: int | None = None
    text: str = ""
    media: Media | None = None
    reply_to: int | None = None
    reply_elsewhere: bool = False
    thread: int | None = None
    topic: str | None = None
    forwarded: bool = False
    edited: bool = False
    query_id: str | None = None
    data: str | None = None
    blocked: bool | None = None
    album: str | None = None
    moves: tuple[Move, ...] = ()

    @property
    def command(self) -> tuple[str, str] | None:
        """("promise", "2026-12-01 500") of "/promise@our_bot 2026-12-01 500"."""
        head, *rest = self.text.split(maxsplit=1) or [""]
        if not head.startswith("/"):
            return None
        name = head[1:].partition("@")[0].lower()
        return (name, rest[0].strip() if rest else "") if name.isidentifier() else None

    def as_said(self) -> Said:
        """For the record of the conversation."""
        return Said(
            update_id=self.update_id,
            chat_id=self.chat_id,
            message_id=self.message_id,
            text=self.text,
            media_kind=self.media.kind if self.media else None,
            file_id=self.media.file_id if self.media else None,
            data=self.data,
        )


def decode(body: str) -> Incoming | None:
    """Read an update; None for a kind that is not ours to answer. Raises Undecodable."""
    try:
        update = Update.model_validate(json.loads(body))
    except ValidationError as error:
        fields = sorted({".".join(map(str, fault["loc"][:3])) for fault in error.errors()})
        raise Undecodable(f"fields: {', '.join(fields)[:150]}") from None
    except ValueError:
        raise Undecodable("not JSON") from None
    if update.callback_query is not None:
        return _pressed(update.update_id, update.callback_query)
    if update.my_chat_member is not None:
        return _membership(update.update_id, update.my_chat_member)
    if update.chat_member is not None:
        return _standing(update.update_id, update.chat_member)
    if update.message is not None:
        return _said(update.update_id, update.message)
    if update.edited_message is not None:
        return _said(update.update_id, update.edited_message, edited=True)
    return None


def _said(update_id: int, message: Message, *, edited: bool = False) -> Incoming | None:
    moved = _moves(message)
    if moved and message.sender is not None:
        return _in_the_group(update_id, message.chat.id, message.sender, moved)
    if message.sender is None or message.sender.is_bot:
        return None
    text, media = message.text or message.caption or "", _media(message)
    if not text and media is None:
        return None  # Telegram's own notes: a pinned message, a changed timer
    return Incoming(
        update_id=update_id,
        chat_id=message.chat.id,
        private=message.chat.type == "private",
        telegram_id=message.sender.id,
        language=message.sender.language_code,
        name=message.sender.first_name,
        message_id=message.message_id,
        text=_storable(text),
        media=media,
        reply_to=_replied_to(message),
        reply_elsewhere=message.external_reply is not None,
        thread=_thread_of(message),
        topic=_made_as(message),
        forwarded=message.forward_origin is not None,
        edited=edited,
        album=message.media_group_id,
    )


def _pressed(update_id: int, query: Press) -> Incoming | None:
    if query.message is None or query.data is None:
        return None
    return Incoming(
        update_id=update_id,
        chat_id=query.message.chat.id,
        private=query.message.chat.type == "private",
        telegram_id=query.sender.id,
        language=query.sender.language_code,
        name=query.sender.first_name,
        message_id=query.message.message_id,
        thread=_thread_of(query.message),
        query_id=query.id,
        data=_storable(query.data),
    )


def _replied_to(message: Message) -> int | None:
    """Whatever is written in a topic "replies" to the notice of its beginning; that is no reply."""
    answered = message.reply_to_message
    if answered is None or answered.forum_topic_created is not None:
        return None
    return None if answered.message_id == message.message_thread_id else answered.message_id


def _thread_of(message: Message) -> int | None:
    return message.message_thread_id if message.is_topic_message else None


def _made_as(message: Message) -> str | None:
    """What is written in a topic comes with the notice of its beginning, as long as it answers
    nothing else. In a private chat the only bot is ours.
    """
    notice = message.reply_to_message
    if notice is None or not isinstance(notice.forum_topic_created, dict):
        return None
    name, maker = notice.forum_topic_created.get("name"), notice.sender
    by_a_bot = isinstance(maker, dict) and maker.get("is_bot") is True
    return name if by_a_bot and isinstance(name, str) else None


def _membership(update_id: int, change: Membership) -> Incoming:
    return Incoming(
        update_id=update_id,
        chat_id=change.chat.id,
        private=change.chat.type == "private",
        telegram_id=change.sender.id,
        language=change.sender.language_code,
        blocked=change.new_chat_member.status in _GONE,
    )


def _standing(update_id: int, change: Membership) -> Incoming | None:
    """Of somebody else's standing, which only an administrator of the group is told."""
    changed = change.new_chat_member
    if changed.user.is_bot or change.chat.type == "private":
        return None
    present = changed.status not in _GONE and changed.is_member
    move = Move(changed.user.id, present, _moment(change.date))
    return _in_the_group(update_id, change.chat.id, change.sender, (move,))


def _moves(message: Message) -> tuple[Move, ...]:
    """Of Telegram's notes in a group those that say who came and who left."""
    at, gone = _moment(message.date), message.left_chat_member
    came = [(one, True) for one in message.new_chat_members or ()]
    told = [*came, (gone, False)] if gone is not None else came
    return tuple(Move(one.id, present, at) for one, present in told if not one.is_bot)


def _in_the_group(
    update_id: int, chat_id: int, sender: Person, moved: tuple[Move, ...]
) -> Incoming:
    return Incoming(
        update_id=update_id,
        chat_id=chat_id,
        private=False,
        telegram_id=sender.id,
        moves=moved,
    )


def _moment(seconds: Any) -> datetime | None:
    """Only who comes and goes is told by when it was; a date that is none keeps nothing else."""
    try:
        return datetime.fromtimestamp(seconds, UTC)
    except (TypeError, OverflowError, OSError, ValueError):
        return None


def _storable(text: str) -> str:
    """Without what a database refuses: NUL, and halves of characters outside the basic plane."""
    return text.replace("\0", "").encode("utf-8", "replace").decode()


def _media(message: Message) -> Media | None:
    if message.photo:
        largest = message.photo[-1]
        return Media("photo", largest.file_id, largest.file_size)
    for kind in _FILES:
        found = getattr(message, kind)
        if found is not None:
            return Media(kind, found.file_id, found.file_size)
    if message.location is not None:
        return Media("location", f"{message.location.latitude},{message.location.longitude}")
    if any(getattr(message, kind) is not None for kind in _OTHER):
        return Media("other", "")
    return None
