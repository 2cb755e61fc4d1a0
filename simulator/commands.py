"""The bot's command menu, by scope and language.

Telegram shows a person the commands of the narrowest scope that has any, in the person's language
if there are some for it and in the language-free set otherwise.
"""

from __future__ import annotations

import re
from typing import Any

from simulator.chats import Chat
from simulator.errors import bad_request
from simulator.parameters import whole

Json = dict[str, Any]
Key = tuple[str, int, int, str]

MAX_COMMANDS = 100
LONGEST_NAME = 32
LONGEST_DESCRIPTION = 256
_NAME = re.compile(r"[a-z0-9_]+")
_LANGUAGE = re.compile(r"[a-z]{2}")
_KINDS = {
    "default",
    "all_private_chats",
    "all_group_chats",
    "all_chat_administrators",
    "chat",
    "chat_administrators",
    "chat_member",
}


class CommandBook:
    def __init__(self) -> None:
        self._by_scope: dict[Key, list[Json]] = {}

    def put(self, key: Key, commands: list[Json]) -> None:
        """Raises Telegram's 400 for a name or a description it would refuse."""
        if len(commands) > MAX_COMMANDS:
            raise bad_request("BOT_COMMANDS_TOO_MUCH")
        kept = [_checked(command) for command in commands]
        if kept:
            self._by_scope[key] = kept
        else:
            self.drop(key)

    def get(self, key: Key) -> list[Json]:
        return self._by_scope.get(key, [])

    def drop(self, key: Key) -> None:
        self._by_scope.pop(key, None)

    def shown_to(self, telegram_id: int, language: str, chat: Chat) -> list[Json]:
        """What this person sees behind the menu button of `chat`; `language` is a BCP 47 tag."""
        code = language[:2].lower()
        for scope in _scopes(telegram_id, chat):
            for wanted in (code, ""):
                commands = self._by_scope.get((*scope, wanted))
                if commands:
                    return commands
        return []


def scope_key(scope: Json | None, language_code: str) -> Key:
    """The place of a `BotCommandScope` and a two-letter language, "" meaning any."""
    scope = scope or {"type": "default"}
    kind = scope.get("type")
    if kind not in _KINDS:
        raise bad_request("can't parse BotCommandScope: unsupported type specified")
    if language_code and not _LANGUAGE.fullmatch(language_code):
        raise bad_request("invalid language code specified")
    return kind, whole(scope.get("chat_id")), whole(scope.get("user_id")), language_code


def _scopes(telegram_id: int, chat: Chat) -> list[tuple[str, int, int]]:
    if chat.is_private:
        return [("chat", chat.chat_id, 0), ("all_private_chats", 0, 0), ("default", 0, 0)]
    scopes = [("chat_member", chat.chat_id, telegram_id)]
    admin = chat.status_of(telegram_id) in ("creator", "administrator")
    if admin:
        scopes.append(("chat_administrators", chat.chat_id, 0))
    scopes.append(("chat", chat.chat_id, 0))
    if admin:
        scopes.append(("all_chat_administrators", 0, 0))
    return [*scopes, ("all_group_chats", 0, 0), ("default", 0, 0)]


def _checked(command: Any) -> Json:
    if not isinstance(command, dict):
        raise bad_request("can't parse BotCommand: expected an Object")
    for field in ("command", "description"):
        if not isinstance(command.get(field), str):
            raise bad_request(f"can't parse BotCommand: Can't find field \"{field}\"")
    name = command["command"].removeprefix("/").strip()
    description = command["description"].strip()
    for what, text, longest in (
        ("command", name, LONGEST_NAME),
        ("command description", description, LONGEST_DESCRIPTION),
    ):
        if not text:
            raise bad_request(f"{what} must be non-empty")
        if len(text) > longest:
            raise bad_request(f"{what} length must not exceed {longest}")
    if not _NAME.fullmatch(name):
        raise bad_request("BOT_COMMAND_INVALID")
    return {"command": name, "description": description}
