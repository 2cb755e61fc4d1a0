"""The guard: whether a text may be said to a borrower, and what to write instead.

`judge` reads what a collector is about to send or an admin is about to save. Patterns (data in
`tone/`) find what breaks a rule; excuses take back what was denied, quoted in order to apologise,
or said as a warning. Nothing but the text and its kind is known, and nothing is looked up outside.
"""

from dataclasses import dataclass
from typing import Literal

from scripts_library.excused import excused
from scripts_library.identifiers import shown_identifiers
from scripts_library.reading import View, read
from scripts_library.shouting import shouting
from scripts_library.suggestions import explain, suggest
from scripts_library.tone_patterns import Present, patterns

Kind = Literal["collector", "script"]

_ORDER = (
    "self_harm_mishandling", "impersonation", "insult", "third_party", "threat", "false_claim",
    "private_payment", "unauthorised_waiver", "pressure", "privacy", "discrimination", "shaming",
)  # fmt: skip
_LONGEST = 8_000
"""Code points read; Telegram shows 4,096, and a longer text is judged by its beginning and end."""


@dataclass(frozen=True, slots=True)
class Span:
    """Half-open, in code points of the text as given."""

    start: int
    end: int
    rule: str


@dataclass(frozen=True, slots=True)
class Verdict:
    """`rules` broken, the main one first; `why` and `suggestion` in the text's language."""

    verdict: Literal["ok", "warn", "block"]
    rules: tuple[str, ...] = ()
    spans: tuple[Span, ...] = ()
    why: str = ""
    suggestion: str | None = None


@dataclass(frozen=True, slots=True)
class _Hit:
    rules: tuple[str, ...]
    level: str
    start: int
    end: int


def judge(text: str, kind: Kind, language: str | None = None) -> Verdict:
    """Judge one message. `language` chooses the words of `why`; by default the text's own."""
    hits = _hits(text, kind)
    blocks = [hit for hit in hits if hit.level == "block"]
    found = blocks or hits
    if not found:
        return Verdict("ok")
    rules = _rules(found)
    spoken = language or _language(text)
    return Verdict(
        verdict="block" if blocks else "warn",
        rules=rules,
        spans=_spans(found),
        why=explain(rules, bool(blocks), spoken),
        suggestion=suggest(rules, bool(blocks), spoken),
    )


def _hits(text: str, kind: Kind) -> list[_Hit]:
    read_text = text if len(text) <= _LONGEST else text[:_LONGEST]
    hits: list[_Hit] = []
    for view in read(read_text):
        hits.extend(_pattern_hits(view, kind))
    hits.extend(
        _Hit(("privacy",), "block", start, end) for start, end in shown_identifiers(read_text)
    )
    hits.extend(_Hit(("pressure",), "warn", start, end) for start, end in shouting(read_text))
    return hits


def _pattern_hits(view: View, kind: Kind) -> list[_Hit]:
    present = Present(view)
    found = []
    for pattern in patterns():
        if pattern.kind is not None and pattern.kind != kind:
            continue
        for match in pattern.matches(view, present):
            if match.end() > match.start() and not excused(pattern, match, view, kind):
                start, end = view.span(match.start(), match.end())
                found.append(_Hit(pattern.rules, pattern.level, start, end))
    return found


def _rules(hits: list[_Hit]) -> tuple[str, ...]:
    """The main rule first: the one most findings name first, then by weight."""
    named = {rule for hit in hits for rule in hit.rules}
    leads = {hit.rules[0] for hit in hits}
    return tuple(sorted(named, key=lambda rule: (rule not in leads, _ORDER.index(rule))))


def _spans(hits: list[_Hit]) -> tuple[Span, ...]:
    spans = {(hit.start, hit.end, rule) for hit in hits for rule in hit.rules}
    return tuple(Span(*span) for span in sorted(spans))


def _language(text: str) -> str:
    chinese = sum("\u3400" <= char <= "\u9fff" for char in text)
    return "zh-Hans" if chinese * 3 >= len(text) - text.count(" ") else "en"
