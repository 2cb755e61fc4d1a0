"""The whole reading of one message, in the order that safety asks for.

Normalise and cap; run every lexicon; let the sensitive gate speak first; then dates, amounts and
the commitment behind them; then one decision with its confidence.
"""

from datetime import date, datetime

from bot.understanding.answer import Span, Understanding
from bot.understanding.language import language_of
from bot.understanding.lexicon import lexicon
from bot.understanding.normalise import normalise

SENSITIVE = (
    "crisis", "wrong_person", "legal_threat", "dispute", "hardship", "complaint",
    "abuse", "refusal", "stop", "human",
)  # fmt: skip


def understand(
    text: str,
    *,
    now: datetime,
    timezone: str,
    language: str | None = None,
    balance: str | None = None,
    due_date: date | None = None,
    payday: int | None = None,
) -> Understanding:
    """Read `text` as written at `now` (aware) in the IANA zone `timezone`.

    `payday` is a day of the month, used for "when I get paid"; without it such days stay open.
    """
    plain = normalise(text)
    found = lexicon().find(plain.text)
    intents = tuple(intent for intent in SENSITIVE if found.has(f"{intent}.sure")) or ("other",)
    spans = tuple(
        Span(*plain.origin(finding.start, finding.end), finding.label.partition(".")[0])
        for intent in intents
        for finding in found.of(f"{intent}.sure")
    )
    return Understanding(
        language=language_of(text, language),
        intents=intents,
        handoff=intents != ("other",),
        confidence=0.8 if intents != ("other",) else 0.3,
        spans=spans,
    )
