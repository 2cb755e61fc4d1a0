"""The stage itself: the bot's account, the people, their chats, and everything said in them.

`World` holds the state and the few steps that every act shares: storing a message, changing one,
queueing an update, telling the open pages. What the bot may do is under `simulator.methods`, what
a person does is in `simulator.people_acts`; both are written in these steps.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from simulator.callbacks import Presses
from simulator.chats import Chat, chat_member
from simulator.clock import Clock, as_rfc3339
from simulator.commands import CommandBook
from simulator.entities import as_html
from simulator.errors import Refused
from simulator.events import Broker
from simulator.files import FileStore
from simulator.limits import Limits
from simulator.messages import MessageStore, StoredMessage
from simulator.people import Person
from simulator.updates import UpdateQueue
from simulator.webhook import Webhook

Json = dict[str, Any]

DEFAULT_TOKEN = "7000000001:AAsimulator-speaks-only-on-loopback"
FIRST_GROUP_ID = -4_100_000_001
FIRST_SUPERGROUP_ID = -1_002_100_000_001
PRIVATE_MESSAGES_FROM = 100


@dataclass(slots=True)
class Settings:
    """How this stage behaves. Times are in seconds of the stage's clock.

    `zone`: the IANA zone the page shows times in at first; without one, the visitor's own.
    """

    token: str = DEFAULT_TOKEN
    username: str = "remindful_demo_bot"
    first_name: str = "Remindful"
    strict_limits: bool = True
    zone: str | None = None
    topics_in_private: bool = False
    callback_lifetime_s: float = 30.0
    webhook_retry_s: float = 1.0
    readyz_urls: list[str] = field(default_factory=list)


class World:
    def __init__(self, settings: Settings | None = None) -> None:
        self.settings = settings or Settings()
        self.clock = Clock()
        self.events = Broker()
        self.bot: Json = {
            "id": int(self.settings.token.partition(":")[0]),
            "is_bot": True,
            "first_name": self.settings.first_name,
            "username": self.settings.username,
        }
        self.reads_all_group_messages = False
        self.topics_in_private = self.settings.topics_in_private
        self.webhook = Webhook(self.clock)
        self.updates = UpdateQueue(self.clock)
        self.messages = MessageStore()
        self.presses = Presses(self.clock, self.settings.callback_lifetime_s)
        self._last_message_id = PRIVATE_MESSAGES_FROM
        self._last_album = 13_900_000_000_000_000
        self._next_group_id = {"group": FIRST_GROUP_ID, "supergroup": FIRST_SUPERGROUP_ID}
        self._begin()

    def _begin(self) -> None:
        self.started_at = self.clock.now()
        self.people: dict[int, Person] = {}
        self.chats: dict[int, Chat] = {}
        self.files = FileStore()
        self.commands = CommandBook()
        self.limits = Limits(self.clock)

    def reset(self) -> None:
        """Forget the people and all they said.

        The clock, the webhook and every counter go on: a bot that keeps running must not meet an
        update or a message number twice.
        """
        self.updates.clear()
        self.messages.clear()
        self.presses.clear()
        self._begin()
        self.events.publish("reset", {})
        self.show_people()

    # People and chats

    @property
    def bot_id(self) -> int:
        return int(self.bot["id"])

    def put_person(self, person: Person) -> None:
        """Add a person or replace what is known of one; what Telegram knows of them stays."""
        former = self.people.get(person.telegram_id)
        if former is not None:
            person.started = person.started or former.started
            person.blocked = former.blocked
            person.deactivated = former.deactivated
            person.unread = former.unread
        self.people[person.telegram_id] = person
        chat = self.chats.setdefault(person.telegram_id, Chat(person.telegram_id, "private"))
        chat.members = [person.telegram_id]

    def person(self, telegram_id: int) -> Person:
        person = self.people.get(telegram_id)
        if person is None:
            raise Refused(f"there is no person {telegram_id}", status=404)
        return person

    def chat(self, chat_id: int) -> Chat:
        chat = self.chats.get(chat_id)
        if chat is None:
            raise Refused(f"there is no chat {chat_id}", status=404)
        return chat

    def chat_json(self, chat: Chat) -> Json:
        if chat.is_private:
            return self.people[chat.chat_id].as_chat()
        return chat.as_json()

    def user_json(self, telegram_id: int) -> Json:
        if telegram_id == self.bot_id:
            return self.bot
        return self.people[telegram_id].as_user()

    def new_group_id(self, kind: str) -> int:
        while self._next_group_id[kind] in self.chats:
            self._next_group_id[kind] -= 1
        return self._next_group_id[kind]

    def bot_member(self, status: str) -> Json:
        return chat_member(self.bot, status)

    # Messages

    def new_message_id(self, chat: Chat) -> int:
        """Supergroups count for themselves, all other chats of the bot share one counter."""
        if chat.type == "supergroup":
            chat.last_message_id += 1
            return chat.last_message_id
        self._last_message_id += 1
        return self._last_message_id

    def new_album_id(self) -> str:
        self._last_album += 1
        return str(self._last_album)

    def store_message(
        self, chat: Chat, sender_id: int, content: Json, keyboard: Json | None = None
    ) -> StoredMessage:
        """Date, number and keep a message, count it as unread and show it on open pages.

        `keyboard` is a reply keyboard, its removal or a forced reply: the person's app shows it,
        but it is no part of the message that Telegram returns.
        """
        body: Json = {
            "message_id": self.new_message_id(chat),
            "from": self.user_json(sender_id),
            "chat": self.chat_json(chat),
            "date": self.clock.unix(),
            **content,
        }
        message = self.messages.add(chat.chat_id, sender_id, body)
        message.keyboard = keyboard
        for telegram_id in chat.members:
            if telegram_id == sender_id:
                self.people[telegram_id].unread.pop(chat.chat_id, None)
            elif telegram_id in self.people:
                unread = self.people[telegram_id].unread
                unread[chat.chat_id] = unread.get(chat.chat_id, 0) + 1
        self.show("message", chat, message)
        return message

    def edit_message(self, chat: Chat, message: StoredMessage, content: Json) -> None:
        """Replace the given fields; a value of None takes the field away.

        Another keyboard alone does not mark the message as edited, as in Telegram's apps.
        """
        said_anew = any(
            message.body.get(name) != value
            for name, value in content.items()
            if name != "reply_markup"
        )
        body = {**message.body, **content, "edit_date": self.clock.unix()}
        kept = {name: value for name, value in body.items() if value is not None}
        self.messages.change(message, kept, keep_former=said_anew)
        self.show("edit", chat, message)

    def delete_message(self, chat: Chat, message: StoredMessage) -> None:
        self.messages.delete(message)
        self.show("delete", chat, message)

    def delete_topic(self, chat: Chat, thread_id: int) -> None:
        """The topic goes with everything said in it."""
        del chat.topics[thread_id]
        for message in list(self.messages.in_chat(chat.chat_id)):
            if message.body.get("message_thread_id") == thread_id and not message.deleted:
                self.delete_message(chat, message)

    def as_shown(self, message: StoredMessage) -> Json:
        """The Telegram object plus `sim`: what the page needs and Telegram does not send."""
        body = message.body
        return {
            **body,
            "sim": {
                "seq": message.seq,
                "edited": message.edited,
                "deleted": message.deleted,
                "outgoing": message.sender_id == self.bot_id,
                "sender_id": message.sender_id,
                "html": as_html(*message.words),
                "sender_name": self.name_of(message.sender_id),
                "media_url": self._media_url(body),
                "keyboard": message.keyboard,
                "versions": len(message.versions),
            },
        }

    def name_of(self, telegram_id: int) -> str:
        user = self.user_json(telegram_id)
        return f"{user['first_name']} {user.get('last_name', '')}".strip()

    def show(self, kind: str, chat: Chat, message: StoredMessage) -> None:
        if self.events.heard():
            data = {"chat_id": chat.chat_id, "message": self.as_shown(message)}
            self.events.publish(kind, data, set(chat.members))

    def show_clock(self) -> None:
        self.events.publish("clock", {"now": as_rfc3339(self.clock.now())})

    def show_people(self, telegram_ids: Iterable[int] = ()) -> None:
        rows = [self.people[telegram_id].as_listed() for telegram_id in telegram_ids]
        self.events.publish("people", {"people": rows})

    def _media_url(self, body: Json) -> str | None:
        for kind in ("photo", "document", "voice", "sticker"):
            media = body.get(kind)
            if media:
                stored = media[-1] if kind == "photo" else media
                return f"/sim/files/{stored['file_id']}"
        return None
