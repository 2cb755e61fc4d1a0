"""What every method that writes into a chat has in common.

The order of the checks is Telegram's, because it decides which of two errors a bot sees: first what
can be judged from the request alone, then whether the chat can be written to, then what the message
answers, then the flood limits.
"""

from __future__ import annotations

from typing import Any

from simulator.chats import Chat
from simulator.entities import finish
from simulator.errors import CHAT_NOT_FOUND, bad_request, forbidden
from simulator.html_text import parse_html
from simulator.keyboards import read_markup
from simulator.messages import StoredMessage
from simulator.methods.registry import Call
from simulator.parameters import (
    BOOLEAN,
    CHAT,
    INTEGER,
    MARKUP,
    whole,
)
from simulator.world import World

Json = dict[str, Any]

MAX_TEXT = 4096
MAX_CAPTION = 1024

_FOUND_TYPES = {
    "mention",
    "hashtag",
    "cashtag",
    "bot_command",
    "url",
    "email",
    "phone_number",
    "bank_card_number",
}
_GIVEN_TYPES = {
    "bold",
    "italic",
    "underline",
    "strikethrough",
    "spoiler",
    "blockquote",
    "expandable_blockquote",
    "code",
    "pre",
    "text_link",
    "text_mention",
    "custom_emoji",
}

ADDRESS = {"chat_id": CHAT, "message_thread_id": INTEGER}
QUIETLY = {"disable_notification": BOOLEAN, "protect_content": BOOLEAN}
ANSWERING = {"reply_parameters": "ReplyParameters", "reply_markup": MARKUP}
PAID = {"allow_paid_broadcast": BOOLEAN}
SENDING = {**ADDRESS, **QUIETLY, **ANSWERING, **PAID, "message_effect_id": "String"}
CAPTION = {
    "caption": "String",
    "parse_mode": "String",
    "caption_entities": "Array of MessageEntity",
}


def find_chat(call: Call, name: str = "chat_id") -> Chat:
    """The chat a parameter names, by id or @username; raises Telegram's 400."""
    given = call.text(name).strip()
    if not given:
        raise bad_request(f"{name} is empty")
    chat = None
    if given.startswith("@"):
        chat = None  # the groups of the stage are private, people cannot be reached by username
    elif given.lstrip("-").isdigit():
        chat = call.world.chats.get(int(given))
    if chat is None:
        raise CHAT_NOT_FOUND
    return chat


def check_access(world: World, chat: Chat) -> None:
    """Raise what Telegram raises when the bot may not act in this chat."""
    if chat.migrated_to is not None:
        raise bad_request(
            "group chat was upgraded to a supergroup chat", migrate_to_chat_id=chat.migrated_to
        )
    if chat.is_private:
        person = world.people[chat.chat_id]
        if person.deactivated:
            raise forbidden("user is deactivated")
        if person.blocked:
            raise forbidden("bot was blocked by the user")
        if not person.started:
            raise forbidden("bot can't initiate conversation with a user")
    elif chat.bot_status == "kicked":
        raise forbidden(f"bot was kicked from the {chat.type} chat")
    elif chat.bot_status == "left":
        raise forbidden(f"bot is not a member of the {chat.type} chat")


def formatted(
    world: World, text: str, parse_mode: str, entities: list[Json] | None
) -> tuple[str, list[Json]]:
    """Text and entities as Telegram would store them."""
    if parse_mode.lower() == "html":
        plain, found = parse_html(text)
    elif parse_mode and parse_mode.lower() != "none":
        raise bad_request("unsupported parse_mode")
    else:
        plain, found = text, [_given(entity) for entity in entities or [] if _is_marked(entity)]
    plain, found = finish(plain.replace("\r\n", "\n").replace("\r", ""), found)
    return plain, _with_users(world, found)


def text_content(call: Call) -> Json:
    """`text` and `entities` of a message; raises Telegram's 400 for empty and too long."""
    given = call.text("text")
    if not given:
        raise bad_request("message text is empty")
    text, entities = formatted(
        call.world, given, call.text("parse_mode"), call.params.get("entities")
    )
    if not text:
        raise bad_request("text must be non-empty")
    if len(text) > MAX_TEXT:
        raise bad_request("message is too long")
    return {"text": text, "entities": entities} if entities else {"text": text}


def caption_content(world: World, given: Json) -> Json:
    """`caption` and `caption_entities`, from a method's or an album item's fields."""
    text, entities = formatted(
        world,
        str(given.get("caption") or ""),
        str(given.get("parse_mode") or ""),
        given.get("caption_entities"),
    )
    if len(text) > MAX_CAPTION:
        raise bad_request("message caption is too long")
    if not text:
        return {}
    return {"caption": text, "caption_entities": entities} if entities else {"caption": text}


def send(call: Call, content: Json) -> Json:
    """Write one message with `content`; the Message that Telegram would return."""
    return send_all(call, [content])[0]


def send_all(call: Call, contents: list[Json]) -> list[Json]:
    """Write several at once (an album): all or none."""
    inline, keyboard = read_markup(call.params.get("reply_markup"))
    world, chat = call.world, find_chat(call)
    check_access(world, chat)
    shared = {**_answered(call, chat), **_thread(call, chat)}
    if inline:
        shared["reply_markup"] = inline
    if call.flag("protect_content"):
        shared["has_protected_content"] = True
    if world.settings.strict_limits:
        for _ in contents:
            world.limits.check(
                chat.chat_id, group=not chat.is_private, paid=call.flag("allow_paid_broadcast")
            )
    return [
        world.store_message(chat, world.bot_id, {**content, **shared}, keyboard).body
        for content in contents
    ]


def find_message(call: Call, chat: Chat, refusal: str) -> StoredMessage:
    """The message that `message_id` names; raises `refusal` when it is gone."""
    message = call.world.messages.get(chat.chat_id, call.number("message_id"))
    if message is None:
        raise bad_request(refusal)
    return message


def _answered(call: Call, chat: Chat) -> Json:
    wanted = call.params.get("reply_parameters") or {}
    message_id = whole(wanted.get("message_id"))
    if not message_id:
        return {}
    same_chat = str(wanted.get("chat_id") or chat.chat_id) == str(chat.chat_id)
    message = call.world.messages.get(chat.chat_id, message_id) if same_chat else None
    if message is None:
        if wanted.get("allow_sending_without_reply"):
            return {}
        raise bad_request("message to be replied not found")
    answered = {key: value for key, value in message.body.items() if key != "reply_to_message"}
    content: Json = {"reply_to_message": answered}
    if wanted.get("quote"):
        mode = str(wanted.get("quote_parse_mode") or "")
        quote, _ = formatted(call.world, str(wanted["quote"]), mode, None)
        said = message.words[0]
        if quote not in said:
            raise bad_request("QUOTE_TEXT_INVALID")
        content["quote"] = {"text": quote, "position": said.index(quote), "is_manual": True}
    return content


def _thread(call: Call, chat: Chat) -> Json:
    thread_id = call.number("message_thread_id")
    if not thread_id:
        return {}
    topic = chat.topics.get(thread_id)
    if topic is None or (chat.is_private and not call.world.topics_in_private):
        raise bad_request("message thread not found")
    if topic.closed:
        raise bad_request("TOPIC_CLOSED")
    return {"message_thread_id": thread_id, "is_topic_message": True}


def _given(entity: Json) -> Json:
    """One of the caller's own entities, with the fields that Telegram keeps."""
    if not isinstance(entity, dict):
        raise bad_request("can't parse MessageEntity: expected an Object")
    for field in ("type", "offset", "length"):
        if field not in entity:
            raise bad_request(f"can't parse MessageEntity: Can't find field \"{field}\"")
    if entity["type"] not in _GIVEN_TYPES:
        raise bad_request("can't parse MessageEntity: Unsupported type specified")
    kept = {
        key: entity[key]
        for key in ("type", "url", "user", "language", "custom_emoji_id")
        if entity.get(key) is not None
    }
    return {**kept, "offset": whole(entity["offset"]), "length": whole(entity["length"])}


def _is_marked(entity: Any) -> bool:
    """Kinds that Telegram finds by itself are not taken from the caller."""
    return not (isinstance(entity, dict) and entity.get("type") in _FOUND_TYPES)


def _with_users(world: World, entities: list[Json]) -> list[Json]:
    """Mentions by id become mentions of a user; those of strangers fall away."""
    named: list[Json] = []
    for entity in entities:
        user_id = entity.pop("user_id", None)
        if user_id is not None:
            if user_id not in world.people:
                continue
            entity["user"] = world.user_json(user_id)
        named.append(entity)
    return named
