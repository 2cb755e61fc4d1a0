"""copyMessage and forwardMessage: saying again what was said before.

A copy carries nothing of its origin and returns only its number; a forward names whom it is from.
Protected content can be neither.
"""

from __future__ import annotations

from typing import Any

from simulator.errors import bad_request
from simulator.messages import StoredMessage
from simulator.methods.outgoing import (
    ADDRESS,
    CAPTION,
    QUIETLY,
    SENDING,
    caption_content,
    find_chat,
    find_message,
    send,
)
from simulator.methods.registry import Call, method
from simulator.parameters import BOOLEAN, CHAT, INTEGER

Json = dict[str, Any]

_CONTENT = (
    "text",
    "entities",
    "caption",
    "caption_entities",
    "photo",
    "document",
    "voice",
    "sticker",
    "location",
    "contact",
    "has_media_spoiler",
)
_FROM = {"from_chat_id": CHAT, "message_id": INTEGER, "video_start_timestamp": INTEGER}


@method("copyMessage", **SENDING, **_FROM, **CAPTION, show_caption_above_media=BOOLEAN)
async def copy_message(call: Call) -> Json:
    message = _origin(call, "message to copy not found")
    content = _content(message)
    if not content or message.protected:
        raise bad_request("message can't be copied")
    if "caption" in call.params and "text" not in content:
        content.pop("caption", None)
        content.pop("caption_entities", None)
        content |= caption_content(call.world, call.params)
    return {"message_id": send(call, content)["message_id"]}


@method("forwardMessage", **ADDRESS, **QUIETLY, **_FROM, message_effect_id="String")
async def forward_message(call: Call) -> Json:
    message = _origin(call, "message to forward not found")
    content = _content(message)
    if not content or message.protected:
        raise bad_request("the message can't be forwarded")
    content["forward_origin"] = message.body.get("forward_origin") or {
        "type": "user",
        "sender_user": call.world.user_json(message.sender_id),
        "date": message.body["date"],
    }
    return send(call, content)


def _origin(call: Call, refusal: str) -> StoredMessage:
    if not call.text("from_chat_id"):
        raise bad_request('parameter "from_chat_id" is required')
    return find_message(call, find_chat(call, "from_chat_id"), refusal)


def _content(message: StoredMessage) -> Json:
    return {name: message.body[name] for name in _CONTENT if name in message.body}
