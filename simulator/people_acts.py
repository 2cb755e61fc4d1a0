"""What a person does in Telegram: write, attach, edit, press, block.

Each act changes the world as Telegram's servers would and queues the update the bot is to see, if
it may see it: in groups a bot in privacy mode hears commands, answers to itself and notices.
"""

from __future__ import annotations

from typing import Any

from simulator.callbacks import Press
from simulator.chats import Chat
from simulator.entities import command_of, finish
from simulator.errors import Refused
from simulator.files import FileKind, StoredFile, media_json
from simulator.messages import StoredMessage
from simulator.methods.outgoing import MAX_CAPTION, MAX_TEXT
from simulator.people import Person
from simulator.world import World

Json = dict[str, Any]

SHARED: dict[str, dict[str, type | tuple[type, ...]]] = {
    "location": {"latitude": (int, float), "longitude": (int, float)},
    "contact": {"phone_number": str, "first_name": str},
}


def say(
    world: World,
    telegram_id: int,
    chat_id: int,
    text: str,
    reply_to: int | None = None,
    forward_from_name: str | None = None,
    thread_id: int | None = None,
) -> list[StoredMessage]:
    """Write as a person. An app cuts a long text into pieces of 4,096, so there may be several."""
    person, chat = _writer(world, telegram_id, chat_id)
    plain = text.strip()
    if not plain:
        raise Refused("an empty message cannot be sent")
    shared = _around(world, chat, reply_to, forward_from_name, thread_id)
    pieces = [plain[at : at + MAX_TEXT] for at in range(0, len(plain), MAX_TEXT)]
    return [_write(world, person, chat, {**_text(piece), **shared}) for piece in pieces]


def attach(
    world: World,
    telegram_id: int,
    chat_id: int,
    files: list[StoredFile],
    caption: str = "",
    reply_to: int | None = None,
    forward_from_name: str | None = None,
    duration: int = 0,
    thread_id: int | None = None,
) -> list[StoredMessage]:
    """Send files as a person; several make an album, with the caption under the first."""
    person, chat = _writer(world, telegram_id, chat_id)
    if not files:
        raise Refused("there is no file to send")
    if len(files) > 10:
        raise Refused("an album holds at most ten files")
    if len(caption) > MAX_CAPTION:
        raise Refused("a caption has at most 1,024 characters")
    shared = _around(world, chat, reply_to, forward_from_name, thread_id)
    if len(files) > 1:
        shared["media_group_id"] = world.new_album_id()
    sent: list[StoredMessage] = []
    for number, file in enumerate(files):
        content = {**media_json(file, duration), **shared}
        if caption.strip() and number == 0:
            text, entities = finish(caption, [])
            content["caption"] = text
            if entities:
                content["caption_entities"] = entities
        sent.append(_write(world, person, chat, content))
    return sent


def share(world: World, telegram_id: int, chat_id: int, kind: str, given: Any) -> StoredMessage:
    """Send a location (latitude, longitude) or a contact (phone_number, first_name)."""
    person, chat = _writer(world, telegram_id, chat_id)
    wanted = SHARED[kind]
    if not isinstance(given, dict) or set(given) != set(wanted):
        raise Refused(f"a {kind} has {' and '.join(wanted)}")
    for name, types in wanted.items():
        if not isinstance(given[name], types) or isinstance(given[name], bool):
            raise Refused(f"{name} cannot be {given[name]!r}")
    return _write(world, person, chat, {kind: given})


def edit(world: World, telegram_id: int, chat_id: int, message_id: int, text: str) -> StoredMessage:
    """Change one's own text or caption."""
    _, chat = _writer(world, telegram_id, chat_id)
    message = world.messages.get(chat_id, message_id)
    if message is None or message.sender_id != telegram_id:
        raise Refused("only an own message that is still there can be edited", status=404)
    if not text.strip():
        raise Refused("an empty message cannot be sent")
    content: Json = {"entities": None, **_text(text)}
    if "text" not in message.body:
        content = {"caption": content["text"], "caption_entities": content["entities"]}
    world.edit_message(chat, message, content)
    if _bot_hears(world, chat, message.body):
        world.updates.add("edited_message", chat_id, message.body)
    return message


def take_back(world: World, telegram_id: int, chat_id: int, message_id: int) -> None:
    """Delete for everyone: any message of a private chat, one's own in a group. Bots never hear."""
    _, chat = _reader(world, telegram_id, chat_id)
    message = world.messages.get(chat_id, message_id)
    if message is None or not (chat.is_private or message.sender_id == telegram_id):
        raise Refused("there is no such message to delete", status=404)
    world.delete_message(chat, message)


def press(world: World, telegram_id: int, chat_id: int, message_id: int, data: str) -> Press:
    """Tap an inline button. Buttons of messages long gone can be tapped too: old apps do."""
    person, chat = _reader(world, telegram_id, chat_id)
    if person.blocked and chat.is_private:
        raise Refused("the bot is blocked: unblock it first", status=409)
    if not 1 <= len(data.encode("utf-8", "surrogatepass")) <= 64:
        raise Refused("a button carries 1 to 64 bytes of data")
    message = world.messages.get(chat_id, message_id)
    pressed = world.presses.add(telegram_id)
    world.updates.add(
        "callback_query",
        chat_id,
        {
            "id": pressed.query_id,
            "from": person.as_user(),
            "message": message.body
            if message is not None
            else {"chat": world.chat_json(chat), "message_id": message_id, "date": 0},
            "chat_instance": str(-(3_141_592_653_589 + abs(chat_id))),
            "data": data,
        },
    )
    return pressed


def block(world: World, telegram_id: int, blocked: bool) -> None:
    """Block or unblock the bot; the bot hears of it."""
    person = world.person(telegram_id)
    if person.blocked == blocked:
        return
    person.blocked = blocked
    before, after = ("member", "kicked") if blocked else ("kicked", "member")
    world.updates.add(
        "my_chat_member",
        telegram_id,
        {
            "chat": person.as_chat(),
            "from": person.as_user(),
            "date": world.clock.unix(),
            "old_chat_member": world.bot_member(before),
            "new_chat_member": world.bot_member(after),
        },
    )
    world.show_people([telegram_id])


def _writer(world: World, telegram_id: int, chat_id: int) -> tuple[Person, Chat]:
    person, chat = _reader(world, telegram_id, chat_id)
    if person.deactivated:
        raise Refused("this account was deleted", status=409)
    if chat.is_private and person.blocked:
        raise Refused("the bot is blocked: unblock it first", status=409)
    if chat.migrated_to is not None:
        raise Refused(f"this group went on as {chat.migrated_to}", status=409)
    return person, chat


def _reader(world: World, telegram_id: int, chat_id: int) -> tuple[Person, Chat]:
    person, chat = world.person(telegram_id), world.chat(chat_id)
    if telegram_id not in chat.members:
        raise Refused(f"{telegram_id} is not in chat {chat_id}", status=404)
    return person, chat


def _write(world: World, person: Person, chat: Chat, content: Json) -> StoredMessage:
    first = chat.is_private and not person.started
    if first:
        person.started = True
    message = world.store_message(chat, person.telegram_id, content)
    if first:
        world.show_people([person.telegram_id])
    if _bot_hears(world, chat, message.body):
        world.updates.add("message", chat.chat_id, message.body)
    return message


def _text(text: str) -> Json:
    plain, entities = finish(text, [])
    return {"text": plain, "entities": entities} if entities else {"text": plain}


def _around(
    world: World,
    chat: Chat,
    reply_to: int | None,
    forward_from_name: str | None,
    thread_id: int | None,
) -> Json:
    """What surrounds a message: what it answers, whom it was forwarded from, its topic."""
    shared: Json = {}
    answered = None if reply_to is None else world.messages.get(chat.chat_id, reply_to)
    if reply_to is not None and answered is None:
        raise Refused(f"there is no message {reply_to} to answer", status=404)
    if thread_id is None and answered is not None:  # an app answers where the message stands
        thread_id = answered.body.get("message_thread_id")
    if thread_id is not None:
        if thread_id not in chat.topics:
            raise Refused(f"there is no topic {thread_id}", status=404)
        shared |= {"message_thread_id": thread_id, "is_topic_message": True}
    if answered is not None:
        shared |= _answer_to(world, answered, thread_id)
    elif thread_id is not None:  # as Telegram has it, whatever stands in a topic answers its notice
        notice = world.messages.get(chat.chat_id, thread_id)
        shared |= {"reply_to_message": notice.body} if notice is not None else {}
    if forward_from_name:
        shared["forward_origin"] = {
            "type": "hidden_user",
            "sender_user_name": forward_from_name,
            "date": world.clock.unix(),
        }
    return shared


def _answer_to(world: World, answered: StoredMessage, thread_id: int | None) -> Json:
    """The message answered; of one in another topic the bot hears hardly more than that it is."""
    if answered.body.get("message_thread_id") == thread_id:
        told = {key: value for key, value in answered.body.items() if key != "reply_to_message"}
        return {"reply_to_message": told}
    sender = world.user_json(answered.sender_id)
    origin = {"type": "user", "date": answered.body["date"], "sender_user": sender}
    return {"external_reply": {"origin": origin}}


def delete_topic(world: World, telegram_id: int, chat_id: int, thread_id: int) -> None:
    """A person deletes a topic of a private chat, with everything said in it. Bots never hear."""
    _, chat = _reader(world, telegram_id, chat_id)
    if not chat.is_private or thread_id not in chat.topics:
        raise Refused(f"there is no topic {thread_id} to delete", status=404)
    world.delete_topic(chat, thread_id)


def _bot_hears(world: World, chat: Chat, body: Json) -> bool:
    if chat.is_private:
        return True
    if chat.bot_status not in ("member", "administrator"):
        return False
    if chat.bot_status == "administrator" or world.reads_all_group_messages:
        return True
    command = command_of(body.get("text", ""), body.get("entities", []))
    if command is not None:
        return command[1].lower() in ("", str(world.bot["username"]).lower())
    answered = body.get("reply_to_message")
    if answered is None or "forum_topic_created" in answered:
        return False
    return bool(answered["from"]["id"] == world.bot_id)


def file_kind(name: str) -> FileKind:
    """The kind a page names when it attaches a file."""
    kinds: dict[str, FileKind] = {
        "photo": "photo",
        "document": "document",
        "voice": "voice",
        "sticker": "sticker",
    }
    if name not in kinds:
        raise Refused(f"kind must be one of {', '.join(kinds)}")
    return kinds[name]
