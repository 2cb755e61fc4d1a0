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


def read_markup(markup: Json | None) -> tuple[Json | None, Json | None]:
    """(inline keyboard, what the app shows instead); raises Telegram's 400."""
    if not markup:
        return None, None
    if markup.get("keyboard") is not None and (rows := _reply_rows(markup["keyboard"])):
        return None, {**markup, "keyboard": rows}
    if markup.get("inline_keyboard") is not None:
        return _inline(markup["inline_keyboard"]), None
    if markup.get("remove_keyboard") or markup.get("force_reply"):
        return None, markup
    return None, None


def _inline(rows: Any) -> Json | None:
    checked: list[list[Json]] = []
    count = 0
    for row in _rows(rows, "inline_keyboard", "InlineKeyboardMarkup"):
        buttons = [_inline_button(button) for button in row][:MAX_IN_ROW]
        count += len(buttons)
        if buttons:
            checked.append(buttons)
    if count > MAX_BUTTONS:
        raise bad_request("reply markup is too long")
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
    action = next((name for name in _ACTIONS if _does(button, name)), None)
    if action is None:
        raise bad_request(
            "can't parse inline keyboard button: Text buttons are unallowed in the inline keyboard"
        )
    if action == "callback_data":
        data = str(button["callback_data"])
        if len(data.encode("utf-8", "surrogatepass")) > MAX_DATA_BYTES:
            raise bad_request("BUTTON_DATA_INVALID")
        return _kept(button, text, "callback_data", data)
    if action == "url":
        url = str(button["url"])
        if not _URL.fullmatch(url):
            raise bad_request(f"inline keyboard button URL '{url}' is invalid: Wrong HTTP URL")
    return _kept(button, text, action, button[action])


def _does(button: Json, action: str) -> bool:
    """An empty address or empty data is no action at all, an empty inline query is one."""
    if action in ("url", "callback_data"):
        return bool(button.get(action))
    return button.get(action) is not None


def _kept(button: Json, text: str, action: str, value: Any) -> Json:
    kept: Json = {"text": text, action: value}
    for look in ("style", "icon_custom_emoji_id"):
        if button.get(look):
            kept[look] = button[look]
    return kept


def _reply_rows(rows: Any) -> list[list[Json]]:
    checked: list[list[Json]] = []
    for row in _rows(rows, "keyboard", "ReplyKeyboardMarkup"):
        buttons = [_reply_button(button) for button in row]
        if buttons:
            checked.append(buttons)
    return checked


def _reply_button(button: Any) -> Json:
    if isinstance(button, str):
        return {"text": button}
    if not isinstance(button, dict):
        raise bad_request(
            "can't parse keyboard button: KeyboardButton must be a String or an Object"
        )
    if not isinstance(button.get("text"), str):
        raise bad_request("can't parse keyboard button: Can't find field \"text\"")
    return button


def _rows(rows: Any, field: str, kind: str) -> list[list[Any]]:
    if not isinstance(rows, list):
        raise bad_request(f'field "{field}" of the {kind} must be an Array')
    if not all(isinstance(row, list) for row in rows):
        raise bad_request(f'field "{field}" of the {kind} must be an Array of Arrays')
    return rows
