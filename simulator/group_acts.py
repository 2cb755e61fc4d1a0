"""What happens to groups: made, joined, left, upgraded, the bot thrown out and let in again.

Service notices reach the bot whatever its privacy mode; changes of its own standing come as
`my_chat_member`.
"""

from __future__ import annotations

from typing import Any

from simulator.chats import BotStatus, Chat, ChatType, chat_member
from simulator.errors import Refused
from simulator.messages import StoredMessage
from simulator.world import World

Json = dict[str, Any]

BOT_STATUSES: tuple[BotStatus, ...] = ("member", "administrator", "left", "kicked")


def make_group(
    world: World,
    title: str,
    kind: ChatType,
    members: list[int],
    chat_id: int | None = None,
    *,
    is_forum: bool = False,
    bot_is_admin: bool = False,
) -> Chat:
    """A group whose first member is its owner; the bot is in it from the start."""
    if kind not in ("group", "supergroup"):
        raise Refused("type is group or supergroup")
    if not title.strip():
        raise Refused("a group needs a title")
    if not members:
        raise Refused("a group needs at least one member, its owner")
    for telegram_id in members:
        world.person(telegram_id)
    if chat_id is None:
        chat_id = world.new_group_id(kind)
    if chat_id >= 0 or chat_id in world.chats:
        raise Refused(f"{chat_id} is not a free group id (they are below zero)")
    chat = Chat(
        chat_id,
        kind,
        title.strip(),
        members=list(dict.fromkeys(members)),
        is_forum=is_forum and kind == "supergroup",
        bot_status="administrator" if bot_is_admin else "member",
    )
    world.chats[chat_id] = chat
    _tell_standing(world, chat, members[0], "left")
    _notice(world, chat, members[0], {f"{kind}_chat_created": True})
    return chat


def add_member(world: World, chat_id: int, telegram_id: int) -> None:
    chat, person = _group(world, chat_id), world.person(telegram_id)
    if telegram_id in chat.members:
        return
    before = chat.status_of(telegram_id)
    chat.members.append(telegram_id)
    chat.removed.discard(telegram_id)
    _tell_member(world, chat, telegram_id, before, by=telegram_id)
    _notice(world, chat, telegram_id, {"new_chat_members": [person.as_user()]})


def remove_member(world: World, chat_id: int, telegram_id: int, by: int) -> None:
    """Somebody leaves, or `by`, another one of the group, takes them out."""
    chat, person = _group(world, chat_id), world.person(telegram_id)
    for one in (telegram_id, by):
        if one not in chat.members:
            raise Refused(f"{one} is not in chat {chat_id}", status=404)
    before = chat.status_of(telegram_id)
    _notice(world, chat, by, {"left_chat_member": person.as_user()})
    chat.members.remove(telegram_id)
    chat.admins.discard(telegram_id)
    if by != telegram_id:
        chat.removed.add(telegram_id)
    _tell_member(world, chat, telegram_id, before, by=by)


def set_bot_status(world: World, chat_id: int, status: str) -> None:
    """Throw the bot out, let it in, make it an administrator; the owner of the group does it."""
    chat = _group(world, chat_id)
    wanted = next((known for known in BOT_STATUSES if known == status), None)
    if wanted is None:
        raise Refused(f"status must be one of {', '.join(BOT_STATUSES)}")
    before, chat.bot_status = chat.bot_status, wanted
    if before != wanted:
        _tell_standing(world, chat, chat.members[0], before)


def migrate(world: World, chat_id: int) -> Chat:
    """Upgrade a group to a supergroup: it gets a new id, the old one only says where it went."""
    chat = _group(world, chat_id)
    if chat.type != "group":
        raise Refused("only a plain group can be upgraded")
    new = Chat(
        world.new_group_id("supergroup"),
        "supergroup",
        chat.title,
        members=list(chat.members),
        admins=set(chat.admins),
        bot_status=chat.bot_status,
    )
    world.chats[new.chat_id] = new
    _notice(world, chat, chat.members[0], {"migrate_to_chat_id": new.chat_id})
    chat.migrated_to = new.chat_id
    _notice(world, new, new.members[0], {"migrate_from_chat_id": chat_id})
    return new


def _group(world: World, chat_id: int) -> Chat:
    chat = world.chat(chat_id)
    if chat.is_private:
        raise Refused(f"{chat_id} is a private chat", status=400)
    if chat.migrated_to is not None:
        raise Refused(f"this group went on as {chat.migrated_to}", status=409)
    return chat


def _notice(world: World, chat: Chat, telegram_id: int, content: Json) -> StoredMessage:
    message = world.store_message(chat, telegram_id, content)
    if chat.bot_status in ("member", "administrator"):
        world.updates.add("message", chat.chat_id, message.body)
    return message


def _tell_standing(world: World, chat: Chat, by: int, before: str) -> None:
    world.updates.add(
        "my_chat_member",
        chat.chat_id,
        {
            "chat": chat.as_json(),
            "from": world.user_json(by),
            "date": world.clock.unix(),
            "old_chat_member": world.bot_member(before),
            "new_chat_member": world.bot_member(chat.bot_status),
        },
    )


def _tell_member(world: World, chat: Chat, telegram_id: int, before: str, by: int) -> None:
    if chat.bot_status != "administrator":
        return  # only an administrator is told about the others
    user = world.user_json(telegram_id)
    world.updates.add(
        "chat_member",
        chat.chat_id,
        {
            "chat": chat.as_json(),
            "from": world.user_json(by),
            "date": world.clock.unix(),
            "old_chat_member": chat_member(user, before),
            "new_chat_member": chat_member(user, chat.status_of(telegram_id)),
        },
    )
