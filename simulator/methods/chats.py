"""getChat and who is in a chat."""

from __future__ import annotations

from typing import Any

from simulator.chats import Chat, chat_member
from simulator.errors import bad_request
from simulator.methods.outgoing import check_access, find_chat
from simulator.methods.registry import Call, method
from simulator.parameters import BOOLEAN, CHAT, INTEGER

Json = dict[str, Any]

_MOST_REACTIONS = 11


@method("getChat", chat_id=CHAT)
async def get_chat(call: Call) -> Json:
    """Telegram's `ChatFullInfo`. A private chat can be looked at even when it is blocked."""
    chat = find_chat(call)
    if not chat.is_private:
        check_access(call.world, chat)
    info: Json = {
        **call.world.chat_json(chat),
        "accent_color_id": abs(chat.chat_id) % 7,
        "max_reaction_count": _MOST_REACTIONS,
        "accepted_gift_types": {
            "unlimited_gifts": False,
            "limited_gifts": False,
            "unique_gifts": False,
            "premium_subscription": False,
            "gifts_from_channels": False,
        },
    }
    if not chat.is_private:
        info["permissions"] = {"can_send_messages": True}
    return info


@method("getChatMember", chat_id=CHAT, user_id=INTEGER)
async def get_chat_member(call: Call) -> Json:
    world, user_id = call.world, call.number("user_id")
    if user_id <= 0:
        raise bad_request("invalid user_id specified")
    chat = find_chat(call)
    if not chat.is_private:
        check_access(world, chat)
    if user_id == world.bot_id:
        return world.bot_member("member" if chat.is_private else chat.bot_status)
    if user_id not in world.people:
        raise bad_request("PARTICIPANT_ID_INVALID")
    if chat.is_private and user_id != chat.chat_id:
        raise bad_request("user not found")
    status = "member" if chat.is_private else chat.status_of(user_id)
    return chat_member(world.user_json(user_id), status)


@method("getChatMemberCount", chat_id=CHAT)
async def get_chat_member_count(call: Call) -> int:
    chat = find_chat(call)
    check_access(call.world, chat)
    return len(chat.members) + 1


@method("getChatAdministrators", chat_id=CHAT, return_bots=BOOLEAN)
async def get_chat_administrators(call: Call) -> list[Json]:
    chat = find_chat(call)
    if chat.is_private:
        raise bad_request("there are no administrators in the private chat")
    check_access(call.world, chat)
    return _administrators(call, chat)


@method("leaveChat", chat_id=CHAT)
async def leave_chat(call: Call) -> bool:
    chat = find_chat(call)
    if chat.is_private:
        raise bad_request("chat member status can't be changed in private chats")
    check_access(call.world, chat)
    chat.bot_status = "left"
    return True


def _administrators(call: Call, chat: Chat) -> list[Json]:
    world = call.world
    found = [
        chat_member(world.user_json(telegram_id), chat.status_of(telegram_id))
        for telegram_id in chat.members
        if chat.status_of(telegram_id) in ("creator", "administrator")
    ]
    if chat.bot_status == "administrator" and call.flag("return_bots"):
        found.append(world.bot_member("administrator"))
    return found
