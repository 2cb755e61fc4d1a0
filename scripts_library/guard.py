"""The guard: whether a text may be said to a borrower, and what to write instead.

`judge` reads what a collector is about to send or an admin is about to save. Patterns (data in
`tone/`) find what breaks a rule; excuses take back what was denied, quoted in order to apologise,
or said as a warning; a small trained scorer doubts what a pattern found in an innocent message and
finds what no pattern was told. Only the text and its kind are known; nothing is looked up outside.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from scripts_library.excused import excused
from scripts_library.identifiers import shown_identifiers
from scripts_library.reading import View, read
from scripts_library.scorer import features, scorer
from scripts_library.shouting import shouting
from scripts_library.suggestions import explain, suggest
from scripts_library.tone_patterns import Present, patterns

Kind = Literal["collector", "script"]

_ORDER = (
    "self_harm_mishandling", "impersonation", "insult", "third_party", "threat", "false_claim",
    "private_payment", "unauthorised_waiver", "pressure", "privacy", "discrimination", "shaming",
)  # fmt: skip
_WARNING_RULES = ("pressure", "private_payment")
_LONGEST = 8_192
"""Code points read: twice what Telegram would show of a message."""

# How sure the scorer must be, in log odds. With a pattern's finding it only has to agree half-way,
# without one it has to be certain. Chosen by cross-validation for 2 % blocks on lawful messages.
_DOUBT, _DOUBT_STEP, _LEAST_DOUBT, _CERTAINTY = -1.4, 0.5, -3.0, 1.2
_RULE_AGREES = -2.0
_WARN_DOUBT, _WARN_CERTAINTY = -3.2, -0.6
_ALSO, _UNLIKELY, _SURE_TOO = 0.3, -4.0, 0.0


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
    sure: bool = False


def judge(text: str, kind: Kind, language: str | None = None) -> Verdict:
    """Judge one message. `language` chooses the words of `why`; by default the text's own."""
    given = text[:_LONGEST]
    views = read(given)
    scores = scorer().scores(features(views[0], kind))
    hits = [hit for view in views for hit in _pattern_hits(view, kind)]
    blocks = [hit for hit in hits if hit.level == "block"]
    certain = [_Hit(("privacy",), "block", *span) for span in shown_identifiers(given)]
    if certain or _blocked(blocks, scores):
        found = [*certain, *blocks] or [_scored(given, kind, scores, "block")]
        return _verdict("block", found, _block_rules(found, scores), language or _language(text))
    warnings = [hit for hit in hits if hit.level == "warn"]
    loud = [_Hit(("pressure",), "warn", *span) for span in shouting(given)]
    if loud or scores["warn"] > (_WARN_DOUBT if warnings else _WARN_CERTAINTY):
        found = [*loud, *warnings] or [_scored(given, kind, scores, "warn")]
        return _verdict("warn", found, _rules(found), language or _language(text))
    return Verdict("ok")


def _blocked(found: list[_Hit], scores: Mapping[str, float]) -> bool:
    """Whether patterns and scorer together are sure: more findings need less agreement."""
    score = scores["block"]
    if not found:
        return score > _CERTAINTY
    if any(hit.sure or scores[hit.rules[0]] > _RULE_AGREES for hit in found):
        return True
    return score > max(_LEAST_DOUBT, _DOUBT - _DOUBT_STEP * (len(found) - 1))


def _verdict(
    level: Literal["warn", "block"], found: list[_Hit], rules: tuple[str, ...], language: str
) -> Verdict:
    blocked = level == "block"
    return Verdict(
        verdict=level,
        rules=rules,
        spans=_spans(found, rules),
        why=explain(rules, blocked, language),
        suggestion=suggest(rules, blocked, language),
    )


def _pattern_hits(view: View, kind: Kind) -> list[_Hit]:
    present = Present(view)
    found = []
    for pattern in patterns():
        if pattern.kind is not None and pattern.kind != kind:
            continue
        for match in pattern.matches(view, present):
            if match.end() > match.start() and not excused(pattern, match, view, kind):
                start, end = view.span(match.start(), match.end())
                found.append(_Hit(pattern.rules, pattern.level, start, end, pattern.sure))
    return found


def _scored(text: str, kind: Kind, scores: Mapping[str, float], level: str) -> _Hit:
    """What no pattern found: the sentence that sounds worst, under the likeliest rules."""
    if level == "warn":
        rules: tuple[str, ...] = (max(_WARNING_RULES, key=lambda rule: scores[rule]),)
    else:
        best = max(_ORDER, key=lambda rule: scores[rule])
        others = [rule for rule in _ORDER if rule != best and scores[rule] > _ALSO]
        rules = (best, *others)
    start, end = max(
        _sentences(text), key=lambda span: _score_of(text[span[0] : span[1]], kind, level)
    )
    return _Hit(rules, level, start, end)


def _score_of(part: str, kind: Kind, label: str) -> float:
    return scorer().scores(features(read(part)[0], kind))[label]


_SENTENCE = re.compile(r"[^。！？!?\n.]*(?:[。！？!?\n]+|\.(?!\s|$)[^。！？!?\n.]*|\.\s*|$)")


def _sentences(text: str) -> list[tuple[int, int]]:
    spans = [match.span() for match in _SENTENCE.finditer(text) if match.group().strip()]
    return spans[:40] or [(0, len(text))]


def _block_rules(hits: list[_Hit], scores: Mapping[str, float]) -> tuple[str, ...]:
    """The rules the patterns name, without those the scorer finds far from the message."""
    rules = _rules(hits)
    likely = tuple(rule for rule in rules if scores[rule] > _UNLIKELY)
    missed = [rule for rule in _ORDER if rule not in rules and scores[rule] > _SURE_TOO]
    return (*(likely or rules[:1]), *missed)


def _rules(hits: list[_Hit]) -> tuple[str, ...]:
    """The main rule first: one that leads a finding before one that only goes with it."""
    named = {rule for hit in hits for rule in hit.rules}
    leads = {hit.rules[0] for hit in hits}
    return tuple(sorted(named, key=lambda rule: (rule not in leads, _ORDER.index(rule))))


def _spans(hits: list[_Hit], rules: tuple[str, ...]) -> tuple[Span, ...]:
    spans = {(hit.start, hit.end, rule) for hit in hits for rule in hit.rules if rule in rules}
    return tuple(Span(*span) for span in sorted(spans))


def _language(text: str) -> str:
    chinese = sum("\u3400" <= char <= "\u9fff" for char in text)
    return "zh-Hans" if chinese * 3 >= len(text) - text.count(" ") else "en"
