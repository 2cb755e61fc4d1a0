"""Keyboards under messages, checked as Telegram checks them.

Inline keyboards travel with the message; reply keyboards, their removal and forced replies only
change what the person's app shows. Limits are Telegram's: 64 bytes of callback data, a hundred
buttons, eight in a row.
"""

from __future__ import annotations

import re
from typing import Any

from simulator.errors import bad_request

Json = dict[str, Any]

MAX_DATA_BYTES = 64
MAX_BUTTONS = 100
MAX_IN_ROW = 8
_ACTIONS = (
    "url",
    "callback_data",
    "web_app",
    "login_url",
    "switch_inline_query",
    "switch_inline_query_current_chat",
    "switch_inline_query_chosen_chat",
    "copy_text",
    "callback_game",
    "pay",
)
_URL = re.compile(r"(?:https?://|tg://)?[^\s/.]+\.[^\s]+|tg://\S+|https?://[^\s/]+\S*", re.I)
_REPLY_KINDS = ("keyboard", "remove_keyboard", "force_reply")


def read_markup(markup: Json | None) -> tuple[Json | None, Json | None]:
    """(inline keyboard, what the app shows instead); raises Telegram's 400."""
    if not markup:
        return None, None
    if "inline_keyboard" in markup:
        rows = markup["inline_keyboard"]
        return (_inline(rows), None) if rows else (None, None)
    if "keyboard" in markup:
        return None, {**markup, "keyboard": _reply_rows(markup["keyboard"])}
    if any(markup.get(kind) for kind in _REPLY_KINDS):
        return None, markup
    return None, None


def _inline(rows: Any) -> Json | None:
    checked: list[list[Json]] = []
    count = 0
    for row in _rows(rows, "inline keyboard"):
        buttons = [_inline_button(button) for button in row][:MAX_IN_ROW]
        count += len(buttons)
        if buttons:
            checked.append(buttons)
    if count > MAX_BUTTONS:
        raise bad_request("REPLY_MARKUP_TOO_LONG")
    return {"inline_keyboard": checked} if checked else None


def _inline_button(button: Any) -> Json:
    if not isinstance(button, dict):
        raise bad_request(
            "can't parse inline keyboard button: InlineKeyboardButton must be an Object"
        )
    text = button.get("text")
    if not isinstance(text, str):
        raise bad_request("can't parse inline keyboard button: Can't find field \"text\"")
    if not text.strip():
        raise bad_request("BUTTON_TEXT_INVALID")
    action = next((name for name in _ACTIONS if button.get(name) is not None), None)
    if action is None:
        raise bad_request(
            "can't parse inline keyboard button: Text buttons are unallowed in the inline keyboard"
        )
    if action == "callback_data":
        data = str(button["callback_data"])
        if not 1 <= len(data.encode("utf-8", "surrogatepass")) <= MAX_DATA_BYTES:
            raise bad_request("BUTTON_DATA_INVALID")
        return _kept(button, text, "callback_data", data)
    if action == "url":
        url = str(button["url"])
        if not _URL.fullmatch(url):
            raise bad_request(f"inline keyboard button URL '{url}' is invalid: Wrong HTTP URL")
    return _kept(button, text, action, button[action])


def _kept(button: Json, text: str, action: str, value: Any) -> Json:
    kept: Json = {"text": text, action: value}
    for look in ("style", "icon_custom_emoji_id"):
        if button.get(look):
            kept[look] = button[look]
    return kept


def _reply_rows(rows: Any) -> list[list[Json]]:
    checked: list[list[Json]] = []
    for row in _rows(rows, "keyboard"):
        buttons = [{"text": button} if isinstance(button, str) else button for button in row]
        for button in buttons:
            if not isinstance(button, dict) or not isinstance(button.get("text"), str):
                raise bad_request("can't parse keyboard button: Can't find field \"text\"")
        if buttons:
            checked.append(buttons)
    if not checked:
        raise bad_request("can't parse reply keyboard markup JSON object")
    return checked


def _rows(rows: Any, what: str) -> list[list[Any]]:
    if not isinstance(rows, list):
        raise bad_request(
            f'field "{"inline_keyboard" if what[0] == "i" else what}" must be of type Array'
        )
    for row in rows:
        if not isinstance(row, list):
            raise bad_request(f"can't parse {what} button: row must be an Array")
    return rows
