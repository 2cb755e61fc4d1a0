"""The table of methods this server knows, with the parameters each accepts.

A method announces itself with `@method("sendMessage", chat_id=CHAT, ...)`; the HTTP door looks it
up without regard to case, as Telegram does, and hands it a `Call` with its parameters read.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

from simulator.parameters import Reader, Upload, reader_of
from simulator.world import World

Json = dict[str, Any]


def _still_there() -> bool:
    return False


@dataclass(slots=True)
class Call:
    """One request: its parameters by name, its files by part, and whether the caller hung up."""

    world: World
    params: Json
    uploads: dict[str, Upload] = field(default_factory=dict)
    hung_up: Callable[[], bool] = _still_there
    note: str | None = None

    def text(self, name: str) -> str:
        return str(self.params.get(name) or "")

    def number(self, name: str) -> int:
        return int(self.params.get(name) or 0)

    def flag(self, name: str) -> bool:
        return bool(self.params.get(name))


Handler = Callable[[Call], Awaitable[Any]]


@dataclass(slots=True, frozen=True)
class Method:
    name: str
    accepts: dict[str, str]
    readers: dict[str, Reader]
    handler: Handler

    def read(self, fields: Json) -> Json:
        """The known ones of `fields`, in their types; raises Telegram's 400."""
        readers = self.readers
        return {
            name: readers[name](name, value) for name, value in fields.items() if name in readers
        }


METHODS: dict[str, Method] = {}


def method(name: str, /, **accepts: str) -> Callable[[Handler], Handler]:
    """Enter a handler into the table; `accepts` gives each parameter's type."""

    def enter(handler: Handler) -> Handler:
        readers = {parameter: reader_of(kind) for parameter, kind in accepts.items()}
        METHODS[name.lower()] = Method(name, accepts, readers, handler)
        return handler

    return enter
