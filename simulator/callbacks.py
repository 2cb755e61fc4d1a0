"""Presses of inline buttons that wait for the bot's answer.

A press is answered once, and only while it is fresh; afterwards Telegram calls it invalid. The
person's page shows a spinner until then, so it can ask here what became of a press.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from simulator.clock import Clock
from simulator.errors import bad_request

Json = dict[str, Any]

_EXPIRED = "query is too old and response timeout expired or query ID is invalid"


@dataclass(slots=True)
class Press:
    query_id: str
    telegram_id: int
    pressed_at: datetime
    answer: Json | None = None


class Presses:
    def __init__(self, clock: Clock, lifetime_s: float) -> None:
        self._clock = clock
        self._lifetime = timedelta(seconds=lifetime_s)
        self._number = 4_389_000_000_000_000_000
        self._presses: dict[str, Press] = {}

    def add(self, telegram_id: int) -> Press:
        self._number += 1
        press = Press(str(self._number), telegram_id, self._clock.now())
        self._presses[press.query_id] = press
        return press

    def answer(self, query_id: str, answer: Json) -> Press:
        """Raises Telegram's 400 for a press that is unknown, answered before or too old."""
        press = self._presses.get(query_id)
        if press is None or press.answer is not None or self.expired(press):
            raise bad_request(_EXPIRED)
        press.answer = answer
        return press

    def expired(self, press: Press) -> bool:
        return self._clock.now() - press.pressed_at >= self._lifetime

    def state_of(self, query_id: str, telegram_id: int) -> Json | None:
        """What the page shows for a press; None when that person never made it."""
        press = self._presses.get(query_id)
        if press is None or press.telegram_id != telegram_id:
            return None
        answer = press.answer or {}
        return {
            "query_id": query_id,
            "answered": press.answer is not None,
            "expired": press.answer is None and self.expired(press),
            "text": answer.get("text"),
            "show_alert": bool(answer.get("show_alert")),
            "url": answer.get("url"),
        }

    def clear(self) -> None:
        """Forget all presses; numbers go on."""
        self._presses.clear()
