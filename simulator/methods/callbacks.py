"""answerCallbackQuery: what becomes of the press of an inline button."""

from __future__ import annotations

from typing import Any

from simulator.errors import bad_request
from simulator.methods.registry import Call, method
from simulator.parameters import BOOLEAN, INTEGER, STRING

Json = dict[str, Any]

LONGEST_ANSWER = 200


@method(
    "answerCallbackQuery",
    callback_query_id=STRING,
    text=STRING,
    show_alert=BOOLEAN,
    url=STRING,
    cache_time=INTEGER,
)
async def answer_callback_query(call: Call) -> bool:
    text = call.text("text")
    if len(text) > LONGEST_ANSWER:
        raise bad_request("MESSAGE_TOO_LONG")
    answer: Json = {
        "text": text or None,
        "show_alert": call.flag("show_alert"),
        "url": call.text("url") or None,
    }
    press = call.world.presses.answer(call.text("callback_query_id"), answer)
    shown = {"query_id": press.query_id, "telegram_id": press.telegram_id, **answer}
    call.world.events.publish("answer", shown, {press.telegram_id})
    return True
