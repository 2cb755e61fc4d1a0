"""A row that is a plain text, written for Telegram as it is.

Nearly all that leaves is text with a few buttons. To make aiogram's objects of it only to take them
apart again costs more than sending it.
"""

import json
from functools import lru_cache

from aiogram.enums import ParseMode

from storage.records import OutboxRow

_MORE = frozenset({"picture", "reply_to", "thread", "moved_to"})
"""What a payload may have besides, and aiogram's objects are for."""
_ALWAYS = f'"link_preview_options": {{"is_disabled": true}}, "parse_mode": "{ParseMode.HTML.value}"'

_Rows = tuple[tuple[tuple[tuple[str, str], ...], ...], ...]


def plain_text(row: OutboxRow, *, paid: bool = False) -> bytes | None:
    """The JSON of its sendMessage, the same as `method_for` would say; None: it is more than text.

    `paid`: it may be charged for.
    """
    said = row.payload
    if row.method != "sendMessage" or not _MORE.isdisjoint(said):
        return None
    buttons = said.get("buttons") or ()
    under = _written(tuple([tuple([tuple(one.items()) for one in some]) for some in buttons]))
    charged = ', "allow_paid_broadcast": true' if paid else ""
    text = json.dumps(said["text"])
    return f'{{"chat_id": {row.chat_id}, "text": {text}, {under}{_ALWAYS}{charged}}}'.encode()


@lru_cache(maxsize=1_000)
def _written(rows: _Rows) -> str:
    """The same few keyboards stand under nearly all messages."""
    if not rows:
        return ""
    keyboard = [[_button(dict(one)) for one in row] for row in rows]
    return f'"reply_markup": {json.dumps({"inline_keyboard": keyboard})}, '


def _button(one: dict[str, str]) -> dict[str, str]:
    if "url" in one:
        return {"text": one["text"], "url": one["url"]}
    return {"text": one["text"], "callback_data": one["data"]}
