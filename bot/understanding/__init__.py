"""A borrower's words -> intents, dates, amounts, instalments, sensitivity.

Pure and offline: no clock, no I/O but the data files of this room, no network. The reading never
acts; services decide what follows from it, and show it before anything becomes a promise. What
reads is imported when it is first asked for: a process that hears nobody does not wait for it.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from bot.understanding.intents import EVERYDAY
from bot.understanding.intents import SENSITIVE as _SENSITIVE

if TYPE_CHECKING:
    from bot.understanding.answer import Slot, Span, Understanding
    from bot.understanding.language import language_spoken
    from bot.understanding.reading import learn, understand

SENSITIVE = frozenset(_SENSITIVE)
INTENTS = (*_SENSITIVE, *EVERYDAY, "other")

__all__ = [
    "INTENTS",
    "SENSITIVE",
    "Slot",
    "Span",
    "Understanding",
    "language_spoken",
    "learn",
    "understand",
]

_STANDS_IN = {
    "Slot": "answer",
    "Span": "answer",
    "Understanding": "answer",
    "language_spoken": "language",
    "learn": "reading",
    "understand": "reading",
}


def __getattr__(name: str) -> Any:
    if name not in _STANDS_IN:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    found = getattr(import_module(f"{__name__}.{_STANDS_IN[name]}"), name)
    globals()[name] = found
    return found
