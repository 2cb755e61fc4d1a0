"""Messages as they stand, each with the Telegram object the bot was given or sent.

`seq` numbers every change of anything visible (a new message, an edit, a deletion), so that a page
or a test can ask for what happened after what it already knows. Former versions stay: training and
tests need to see what a message said before.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

Json = dict[str, Any]


@dataclass(slots=True)
class StoredMessage:
    chat_id: int
    message_id: int
    sender_id: int
    body: Json
    seq: int
    keyboard: Json | None = None
    deleted: bool = False
    versions: list[Json] = field(default_factory=list)

    @property
    def edited(self) -> bool:
        return bool(self.versions)

    @property
    def words(self) -> tuple[str, list[Json]]:
        """Text or caption with its entities; empty for a picture alone."""
        kind = "text" if "text" in self.body else "caption"
        entities = "entities" if kind == "text" else "caption_entities"
        return self.body.get(kind) or "", self.body.get(entities) or []

    @property
    def protected(self) -> bool:
        return bool(self.body.get("has_protected_content"))


class MessageStore:
    def __init__(self) -> None:
        self.seq = 0
        self._by_chat: dict[int, dict[int, StoredMessage]] = {}

    def add(self, chat_id: int, sender_id: int, body: Json) -> StoredMessage:
        message = StoredMessage(chat_id, body["message_id"], sender_id, body, self._next_seq())
        self._by_chat.setdefault(chat_id, {})[message.message_id] = message
        return message

    def change(self, message: StoredMessage, body: Json, *, keep_former: bool) -> None:
        """Replace the message's body; a former version that said something else is kept."""
        if keep_former:
            message.versions.append(message.body)
        message.body = body
        message.seq = self._next_seq()

    def delete(self, message: StoredMessage) -> None:
        message.deleted = True
        message.seq = self._next_seq()

    def get(self, chat_id: int, message_id: int) -> StoredMessage | None:
        """The message, unless it was deleted or never was."""
        message = self._by_chat.get(chat_id, {}).get(message_id)
        return None if message is None or message.deleted else message

    def in_chat(self, chat_id: int, after: int = 0) -> Iterator[StoredMessage]:
        """Messages changed after `after`, oldest message first, deleted ones included."""
        for message in self._by_chat.get(chat_id, {}).values():
            if message.seq > after:
                yield message

    def last(self, chat_id: int) -> StoredMessage | None:
        for message in reversed(self._by_chat.get(chat_id, {}).values()):
            if not message.deleted:
                return message
        return None

    def clear(self) -> None:
        """Forget all messages; `seq` goes on."""
        self._by_chat.clear()

    def _next_seq(self) -> int:
        self.seq += 1
        return self.seq
