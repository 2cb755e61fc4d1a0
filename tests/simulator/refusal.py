"""One row of the matrix: a method, when it is refused, what aiogram raises, Telegram's text."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from aiogram.exceptions import TelegramAPIError, TelegramBadRequest

from tests.simulator.stage import Stage


@dataclass(frozen=True)
class Refusal:
    method: str
    when: str
    answer: str
    attempt: Callable[[Stage], Awaitable[Any]]
    raises: type[TelegramAPIError] = TelegramBadRequest

    @property
    def name(self) -> str:
        return f"{self.method}-{self.when}".replace(" ", "-")
