"""A row of the outbox as a call of the Bot API."""

from base64 import b64decode
from functools import lru_cache
from typing import Any

import structlog
from aiogram.methods import (
    CreateForumTopic,
    EditForumTopic,
    EditMessageReplyMarkup,
    EditMessageText,
    SendDocument,
    SendLocation,
    SendMessage,
    SendPhoto,
    SendSticker,
    SendVoice,
    TelegramMethod,
)
from aiogram.types import (
    BufferedInputFile,
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    LinkPreviewOptions,
)
from aiogram.types import ReplyParameters as Reply

from bot.documents.drawing import png
from bot.documents.typesetting import pdf
from storage.records import OutboxRow
from storage.topics import CREATE, RENAME

log = structlog.get_logger(__name__)

_NO_PREVIEW = LinkPreviewOptions(is_disabled=True)
_FILES: dict[str, type[SendPhoto] | type[SendDocument] | type[SendVoice]] = {
    "sendPhoto": SendPhoto,
    "sendDocument": SendDocument,
    "sendVoice": SendVoice,
}


def method_for(
    row: OutboxRow, *, anew: bool = False, in_words: bool = False
) -> TelegramMethod[Any]:
    """The call for a row. `anew`: the message to redraw is gone, so say it in a new one.

    Papers are set and pictures drawn here, which takes some hundredths of a second. A picture that
    cannot be drawn, or with `in_words`, leaves its caption, which says the same.
    Raises ValueError for a method nobody here sends.
    """
    said, chat_id = row.payload, row.payload.get("moved_to", row.chat_id)
    markup = keyboard(said.get("buttons") or [])
    name = "sendMessage" if anew and row.method == "editMessageText" else row.method
    if "picture" in said and (in_words or _picture(said) is None):
        name, said = "sendMessage", {**said, "text": said["caption"]}
    if name == "editMessageText":
        return EditMessageText(
            chat_id=chat_id,
            message_id=said["message_id"],
            text=said["text"],
            reply_markup=markup,
            link_preview_options=_NO_PREVIEW,
        )
    if name == "editMessageReplyMarkup":
        return EditMessageReplyMarkup(
            chat_id=chat_id, message_id=said["message_id"], reply_markup=markup
        )
    reply, thread = _reply(said), said.get("thread")
    if name == CREATE:
        return CreateForumTopic(chat_id=chat_id, name=said["name"])
    if name == RENAME:
        return EditForumTopic(chat_id=chat_id, message_thread_id=said["thread"], name=said["name"])
    if name == "sendMessage":
        return SendMessage(
            chat_id=chat_id,
            message_thread_id=thread,
            text=said["text"],
            reply_markup=markup,
            reply_parameters=reply,
            link_preview_options=_NO_PREVIEW,
        )
    if name in _FILES:
        file: dict[str, Any] = {name.removeprefix("send").lower(): _file(said)}
        return _FILES[name](
            chat_id=chat_id,
            message_thread_id=thread,
            caption=said.get("caption"),
            reply_markup=markup,
            reply_parameters=reply,
            **file,
        )
    if name == "sendSticker":
        return SendSticker(
            chat_id=chat_id,
            message_thread_id=thread,
            sticker=said["file_id"],
            reply_markup=markup,
        )
    if name == "sendLocation":
        latitude, _, longitude = str(said["file_id"]).partition(",")
        return SendLocation(
            chat_id=chat_id,
            message_thread_id=thread,
            latitude=float(latitude),
            longitude=float(longitude),
        )
    raise ValueError(f"no way to send {name}")


def keyboard(rows: list[list[dict[str, str]]]) -> InlineKeyboardMarkup | None:
    """Rows of {"text", "data"} (or {"text", "url"}) under a message."""
    if not rows:
        return None
    return _drawn(tuple(tuple(tuple(one.items()) for one in row) for row in rows))


@lru_cache(maxsize=1_000)
def _drawn(rows: tuple[tuple[tuple[tuple[str, str], ...], ...], ...]) -> InlineKeyboardMarkup:
    """The same few keyboards stand under nearly all messages."""
    return InlineKeyboardMarkup(
        inline_keyboard=[[_button(dict(one)) for one in row] for row in rows]
    )


def _button(one: dict[str, str]) -> InlineKeyboardButton:
    if "url" in one:
        return InlineKeyboardButton(text=one["text"], url=one["url"])
    return InlineKeyboardButton(text=one["text"], callback_data=one["data"])


def _picture(said: dict[str, Any]) -> bytes | None:
    """The same picture is drawn once; None when it cannot be."""
    try:
        return png(said["picture"]["template"], said["picture"]["content"])
    except Exception as error:  # whatever the typesetter does not like, the words are there
        log.warning("a picture could not be drawn", reason=type(error).__name__)
        return None


def _file(said: dict[str, Any]) -> str | BufferedInputFile:
    """One that Telegram has already, or one of our own making."""
    if "picture" in said and (drawn := _picture(said)) is not None:
        return BufferedInputFile(drawn, filename=f"{said['picture']['template']}.png")
    if "paper" in said:
        return BufferedInputFile(pdf(said["paper"]["sheet"]), filename=said["paper"]["name"])
    if "attached" not in said:
        return str(said["file_id"])
    made = said["attached"]
    return BufferedInputFile(b64decode(made["base64"]), filename=made["name"])


def _reply(said: dict[str, Any]) -> Reply | None:
    if "reply_to" not in said:
        return None
    return Reply(message_id=said["reply_to"], allow_sending_without_reply=True)
