"""sendMessage, sendLocation, sendChatAction and what takes messages away."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from simulator.errors import bad_request
from simulator.methods.outgoing import (
    ADDRESS,
    SENDING,
    check_access,
    find_chat,
    find_message,
    send,
    text_content,
)
from simulator.methods.registry import Call, method
from simulator.parameters import CHAT, FLOAT, INTEGER, STRING, whole

Json = dict[str, Any]

DELETABLE_FOR = timedelta(hours=48)
MAX_DELETED_AT_ONCE = 100
_ACTIONS = {
    "typing",
    "upload_photo",
    "record_video",
    "upload_video",
    "record_voice",
    "upload_voice",
    "upload_document",
    "choose_sticker",
    "find_location",
    "record_video_note",
    "upload_video_note",
    "cancel",
}


@method(
    "sendMessage",
    **SENDING,
    text=STRING,
    parse_mode=STRING,
    entities="Array of MessageEntity",
    link_preview_options="LinkPreviewOptions",
)
async def send_message(call: Call) -> Json:
    content = text_content(call)
    if call.params.get("link_preview_options"):
        content["link_preview_options"] = call.params["link_preview_options"]
    return send(call, content)


@method(
    "sendLocation",
    **SENDING,
    latitude=FLOAT,
    longitude=FLOAT,
    horizontal_accuracy=FLOAT,
    live_period=INTEGER,
)
async def send_location(call: Call) -> Json:
    latitude, longitude = call.params.get("latitude"), call.params.get("longitude")
    if latitude is None:
        raise bad_request("latitude is empty")
    if longitude is None:
        raise bad_request("longitude is empty")
    if not (-90 <= latitude <= 90 and -180 <= longitude <= 180):
        raise bad_request("wrong location specified")
    location = {"latitude": latitude, "longitude": longitude}
    for name in ("horizontal_accuracy", "live_period"):
        if call.params.get(name):
            location[name] = call.params[name]
    return send(call, {"location": location})


@method("sendChatAction", **ADDRESS, action=STRING)
async def send_chat_action(call: Call) -> bool:
    action = call.text("action")
    if not action:
        raise bad_request("chat action is empty")
    if action not in _ACTIONS:
        raise bad_request("wrong parameter action in request")
    chat = find_chat(call)
    check_access(call.world, chat)
    shown = {"chat_id": chat.chat_id, "action": action}
    call.world.events.publish("action", shown, set(chat.members))
    return True


@method("deleteMessage", chat_id=CHAT, message_id=INTEGER)
async def delete_message(call: Call) -> bool:
    chat = find_chat(call)
    if not call.number("message_id"):
        raise bad_request("message identifier is not specified")
    check_access(call.world, chat)
    message = find_message(call, chat, "message to delete not found")
    if _too_old(call, message.body):
        raise bad_request("message can't be deleted for everyone")
    if not _deletable(call, message.sender_id, chat.is_private or chat.bot_status != "member"):
        raise bad_request("message can't be deleted")
    call.world.delete_message(chat, message)
    return True


@method("deleteMessages", chat_id=CHAT, message_ids="Array of Integer")
async def delete_messages(call: Call) -> bool:
    """Telegram skips what it cannot find; only too many or none at once is an error."""
    chat = find_chat(call)
    check_access(call.world, chat)
    message_ids = call.params.get("message_ids") or []
    if not message_ids:
        raise bad_request("message identifiers are not specified")
    if len(message_ids) > MAX_DELETED_AT_ONCE:
        raise bad_request("too many message identifiers specified")
    for message_id in message_ids:
        message = call.world.messages.get(chat.chat_id, whole(message_id))
        if message is not None and not _too_old(call, message.body):
            call.world.delete_message(chat, message)
    return True


def _too_old(call: Call, body: Json) -> bool:
    return bool(call.world.clock.unix() - body["date"] > DELETABLE_FOR.total_seconds())


def _deletable(call: Call, sender_id: int, all_of_them: bool) -> bool:
    """Its own messages and any message in a private chat or where the bot is an admin."""
    return sender_id == call.world.bot_id or all_of_them
