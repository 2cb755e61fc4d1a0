"""A borrower's words -> intents, dates, amounts, instalments, sensitivity.

Pure and offline: no clock, no I/O but the data files of this room, no network. The reading never
acts; services decide what follows from it, and show it before anything becomes a promise.
"""

from bot.understanding.answer import Slot, Span, Understanding
from bot.understanding.decide import EVERYDAY
from bot.understanding.decide import SENSITIVE as _SENSITIVE
from bot.understanding.language import language_spoken
from bot.understanding.reading import understand

SENSITIVE = frozenset(_SENSITIVE)
INTENTS = (*_SENSITIVE, *EVERYDAY, "other")

__all__ = ["INTENTS", "SENSITIVE", "Slot", "Span", "Understanding", "language_spoken", "understand"]
