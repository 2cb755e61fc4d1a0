"""Chats: private ones, groups and supergroups, and who stands how in them.

The private chat of a person with the bot carries the person's own id. A group that was upgraded
stays as a husk that only answers where it went.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal

Json = dict[str, Any]
ChatType = Literal["private", "group", "supergroup"]
BotStatus = Literal["member", "administrator", "left", "kicked"]

_ADMIN_RIGHTS = (
    "can_be_edited",
    "is_anonymous",
    "can_manage_chat",
    "can_delete_messages",
    "can_manage_video_chats",
    "can_restrict_members",
    "can_promote_members",
    "can_change_info",
    "can_invite_users",
    "can_post_stories",
    "can_edit_stories",
    "can_delete_stories",
    "can_pin_messages",
    "can_manage_topics",
    "can_send_welcome_messages",  # Bot API 10.3
)


@dataclass(slots=True)
class Topic:
    thread_id: int
    name: str
    icon_color: int
    closed: bool = False


@dataclass(slots=True)
class Chat:
    chat_id: int
    type: ChatType
    title: str = ""
    members: list[int] = field(default_factory=list)
    admins: set[int] = field(default_factory=set)
    removed: set[int] = field(default_factory=set)
    bot_status: BotStatus = "member"
    is_forum: bool = False
    migrated_to: int | None = None
    topics: dict[int, Topic] = field(default_factory=dict)
    last_message_id: int = 0

    @property
    def is_private(self) -> bool:
        return self.type == "private"

    def as_json(self) -> Json:
        """Telegram's `Chat` of a group (a private chat is described by its person)."""
        chat: Json = {"id": self.chat_id, "type": self.type, "title": self.title}
        if self.is_forum:
            chat["is_forum"] = True
        return chat

    def status_of(self, telegram_id: int) -> str:
        if telegram_id not in self.members:
            return "kicked" if telegram_id in self.removed else "left"
        if self.members[0] == telegram_id:
            return "creator"
        return "administrator" if telegram_id in self.admins else "member"


def chat_member(user: Json, status: str) -> Json:
    """Telegram's `ChatMember` in one of its six forms."""
    member: Json = {"user": user, "status": status}
    if status == "creator":
        member["is_anonymous"] = False
    elif status == "administrator":
        member |= {right: right not in ("can_be_edited", "is_anonymous") for right in _ADMIN_RIGHTS}
    elif status == "kicked":
        member["until_date"] = 0
    return member
