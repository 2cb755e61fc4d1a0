"""editMessageText, editMessageCaption, editMessageMedia and editMessageReplyMarkup.

An edit that changes nothing is an error at Telegram, and bots rely on its text; a keyboard that is
not given again is taken away.
"""

from __future__ import annotations

from typing import Any

from simulator.chats import Chat
from simulator.errors import bad_request
from simulator.keyboards import read_markup
from simulator.messages import StoredMessage
from simulator.methods.media import input_media
from simulator.methods.outgoing import (
    CAPTION,
    caption_content,
    check_access,
    find_chat,
    find_message,
    text_content,
)
from simulator.methods.registry import Call, method
from simulator.parameters import CHAT, INTEGER, STRING

Json = dict[str, Any]

_NOT_MODIFIED = (
    "message is not modified: specified new message content and reply markup are exactly the same "
    "as a current content and reply markup of the message"
)
_MEDIA = ("photo", "document", "voice")
_TARGET = {
    "chat_id": CHAT,
    "message_id": INTEGER,
    "inline_message_id": STRING,
    "reply_markup": "InlineKeyboardMarkup",
}


@method(
    "editMessageText",
    **_TARGET,
    text=STRING,
    parse_mode=STRING,
    entities="Array of MessageEntity",
    link_preview_options="LinkPreviewOptions",
)
async def edit_message_text(call: Call) -> Json:
    content = text_content(call)
    chat, message = _editable(call)
    if "text" not in message.body:
        raise bad_request("there is no text in the message to edit")
    content.setdefault("entities", None)
    return _edit(call, chat, message, content)


@method("editMessageCaption", **_TARGET, **CAPTION)
async def edit_message_caption(call: Call) -> Json:
    content = {
        "caption": None,
        "caption_entities": None,
        **caption_content(call.world, call.params),
    }
    chat, message = _editable(call)
    if not any(kind in message.body for kind in _MEDIA):
        raise bad_request("there is no caption in the message to edit")
    return _edit(call, chat, message, content)


@method("editMessageMedia", **_TARGET, media="InputMedia")
async def edit_message_media(call: Call) -> Json:
    item = call.params.get("media")
    if not item:
        raise bad_request('parameter "media" is required')
    chat, message = _editable(call)
    gone = dict.fromkeys((*_MEDIA, "text", "entities", "caption", "caption_entities"))
    return _edit(call, chat, message, {**gone, **input_media(call, item)})


@method("editMessageReplyMarkup", **_TARGET)
async def edit_message_reply_markup(call: Call) -> Json:
    chat, message = _editable(call)
    return _edit(call, chat, message, {})


def _editable(call: Call) -> tuple[Chat, StoredMessage]:
    if not call.text("chat_id") and not call.number("message_id"):
        inline = call.text("inline_message_id")
        raise bad_request("MESSAGE_ID_INVALID" if inline else "message identifier is not specified")
    chat = find_chat(call)
    check_access(call.world, chat)
    message = find_message(call, chat, "message to edit not found")
    if message.sender_id != call.world.bot_id or "forward_origin" in message.body:
        raise bad_request("message can't be edited")
    return chat, message


def _edit(call: Call, chat: Chat, message: StoredMessage, content: Json) -> Json:
    inline, _ = read_markup(call.params.get("reply_markup"))
    changes = {**content, "reply_markup": inline}
    if all(message.body.get(name) == value for name, value in changes.items()):
        raise bad_request(_NOT_MODIFIED)
    call.world.edit_message(chat, message, changes)
    return message.body
