"""Topics: threads inside a forum, and inside the private chats of a bot that has them on."""

from __future__ import annotations

from typing import Any

from simulator.chats import Chat, Topic
from simulator.errors import bad_request
from simulator.methods.outgoing import check_access, find_chat
from simulator.methods.registry import Call, method
from simulator.parameters import CHAT, INTEGER, STRING

Json = dict[str, Any]

LONGEST_NAME = 128
DEFAULT_COLOR = 7_322_096
_COLORS = {DEFAULT_COLOR, 16_766_590, 13_338_331, 9_367_192, 16_749_490, 16_478_047}
NOT_A_FORUM = bad_request("the chat is not a forum")
_TOPIC = {"chat_id": CHAT, "message_thread_id": INTEGER}


@method(
    "createForumTopic",
    chat_id=CHAT,
    name=STRING,
    icon_color=INTEGER,
    icon_custom_emoji_id=STRING,
)
async def create_forum_topic(call: Call) -> Json:
    chat, name = _forum(call), _name(call)
    color = call.number("icon_color") or DEFAULT_COLOR
    if color not in _COLORS:
        raise bad_request("TOPIC_ICON_COLOR_INVALID")
    if call.world.settings.strict_limits:
        call.world.limits.check(chat.chat_id, group=not chat.is_private, paid=False)
    look = {"name": name, "icon_color": color}
    notice = call.world.store_message(
        chat, call.world.bot_id, {"forum_topic_created": look, "is_topic_message": True}
    )
    notice.body["message_thread_id"] = notice.message_id
    chat.topics[notice.message_id] = Topic(notice.message_id, name, color)
    return {"message_thread_id": notice.message_id, **look}


@method("editForumTopic", **_TOPIC, name=STRING, icon_custom_emoji_id=STRING)
async def edit_forum_topic(call: Call) -> bool:
    chat = _forum(call)
    topic = _topic(call, chat)
    if not call.text("name") or call.text("name") == topic.name:
        raise bad_request("TOPIC_NOT_MODIFIED")
    topic.name = _name(call)
    _notice(call, chat, topic, "forum_topic_edited", {"name": topic.name})
    return True


@method("closeForumTopic", **_TOPIC)
async def close_forum_topic(call: Call) -> bool:
    return _set_closed(call, closed=True)


@method("reopenForumTopic", **_TOPIC)
async def reopen_forum_topic(call: Call) -> bool:
    return _set_closed(call, closed=False)


@method("deleteForumTopic", **_TOPIC)
async def delete_forum_topic(call: Call) -> bool:
    chat = _forum(call)
    call.world.delete_topic(chat, _topic(call, chat).thread_id)
    return True


def _set_closed(call: Call, *, closed: bool) -> bool:
    chat = _forum(call)
    if chat.is_private:  # the topics of private chats are made, named and deleted, never closed
        raise NOT_A_FORUM
    topic = _topic(call, chat)
    if topic.closed == closed:
        raise bad_request("TOPIC_NOT_MODIFIED")
    topic.closed = closed
    _notice(call, chat, topic, "forum_topic_closed" if closed else "forum_topic_reopened", {})
    return True


def _forum(call: Call) -> Chat:
    chat = find_chat(call)
    check_access(call.world, chat)
    if chat.is_private:
        if not call.world.topics_in_private:
            raise NOT_A_FORUM
    elif not chat.is_forum:
        raise NOT_A_FORUM
    elif chat.bot_status != "administrator":
        raise bad_request("not enough rights to manage topics")
    return chat


def _topic(call: Call, chat: Chat) -> Topic:
    topic = chat.topics.get(call.number("message_thread_id"))
    if topic is None:
        raise bad_request("TOPIC_ID_INVALID")
    return topic


def _name(call: Call) -> str:
    name = call.text("name").strip()
    if not name:
        raise bad_request("topic name must be non-empty")
    return name[:LONGEST_NAME]


def _notice(call: Call, chat: Chat, topic: Topic, field: str, content: Json) -> None:
    call.world.store_message(
        chat,
        call.world.bot_id,
        {field: content, "message_thread_id": topic.thread_id, "is_topic_message": True},
    )
