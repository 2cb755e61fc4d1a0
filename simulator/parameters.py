"""Parameters of a method: from whatever the wire carried to the types Telegram documents.

The same call may come as JSON, as a form or in the address, so a number may arrive as text and an
object as a JSON string. Telegram reads numbers leniently (rubbish is 0) and objects strictly;
unknown parameters are ignored. Types are written as in Telegram's own description, which lets a
test compare every accepted parameter with it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from simulator.errors import ApiError, bad_request

Json = dict[str, Any]
Reader = Callable[[str, Any], Any]

STRING = "String"
INTEGER = "Integer"
BOOLEAN = "Boolean"
FLOAT = "Float"
CHAT = "Integer|String"
FILE = "InputFile|String"
MARKUP = "InlineKeyboardMarkup|ReplyKeyboardMarkup|ReplyKeyboardRemove|ForceReply"

_NUMBER = re.compile(r"\s*([+-]?\d{1,19})")
_UNREADABLE = {
    "reply_markup": "can't parse reply keyboard markup JSON object",
    "reply_parameters": "can't parse reply parameters JSON object",
    "link_preview_options": "can't parse link preview options JSON object",
    "media": "can't parse media JSON object",
    "commands": "can't parse commands JSON object",
    "scope": "can't parse BotCommandScope JSON object",
    "message_ids": "can't parse message identifiers JSON object",
}
_WRONG_ARRAY = {
    "media": "expected an Array of InputMedia",
    "commands": "expected an Array of BotCommand",
}
_LENIENT = ("entities", "caption_entities", "allowed_updates")


@dataclass(slots=True, frozen=True)
class Upload:
    """A file that came in a multipart part."""

    filename: str
    content_type: str
    data: bytes


def reader_of(kind: str) -> Reader:
    """The reader of a type written as in Telegram's description."""
    simple: Mapping[str, Reader] = {
        STRING: _text,
        CHAT: _text,
        FILE: _text,
        INTEGER: _integer,
        BOOLEAN: _boolean,
        FLOAT: _float,
    }
    if kind in simple:
        return simple[kind]
    return _array if kind.startswith("Array of ") else _object


def _text(name: str, value: Any) -> str:
    if isinstance(value, str):
        if "\x00" in value or not value.isascii():
            return _utf8(value)
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    return json.dumps(value) if isinstance(value, dict | list) else str(value)


def _utf8(value: str) -> str:
    try:
        value.encode()
    except UnicodeEncodeError as error:
        raise bad_request("strings must be encoded in UTF-8") from error
    return value.replace("\x00", "")


def whole(value: Any) -> int:
    """A number as leniently as Telegram reads one: leading digits count, anything else is 0."""
    if isinstance(value, int):
        return int(value)
    match = _NUMBER.match(str(value))
    return int(match.group(1)) if match else 0


def _integer(name: str, value: Any) -> int:
    return whole(value)


def _boolean(name: str, value: Any) -> bool:
    if isinstance(value, bool):
        return value
    return str(value).strip().lower() in ("true", "yes", "1")


def _float(name: str, value: Any) -> float:
    try:
        return float(value)
    except (TypeError, ValueError):
        return 0.0


def _object(name: str, value: Any) -> Json | None:
    parsed = _parsed(name, value)
    if parsed is None or isinstance(parsed, dict):
        return parsed
    if name == "reply_markup":
        raise bad_request("object expected as reply markup")
    raise bad_request(_UNREADABLE.get(name, f"object expected as {name}"))


def _array(name: str, value: Any) -> list[Any] | None:
    if name in _LENIENT:
        try:
            parsed = _parsed(name, value)
        except ApiError:
            return None
        return parsed if isinstance(parsed, list) else None
    parsed = _parsed(name, value)
    if parsed is None or isinstance(parsed, list):
        return parsed
    raise bad_request(_WRONG_ARRAY.get(name, f"array expected as {name}"))


def _parsed(name: str, value: Any) -> Any:
    if not isinstance(value, str):
        return value
    if not value:
        return None
    try:
        return json.loads(value)
    except ValueError as error:
        raise bad_request(_UNREADABLE.get(name, f"can't parse {name} JSON object")) from error
