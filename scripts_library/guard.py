"""The guard: whether a text may be said to a borrower, and what to write instead.

`judge` reads what a collector is about to send or an admin is about to save. Patterns (data in
`tone/`) find what breaks a rule; excuses take back what was denied, quoted in order to apologise,
or said as a warning; a small trained scorer doubts what a pattern found in an innocent message and
finds what no pattern was told. Only the text and its kind are known; nothing is looked up outside.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

from scripts_library.excused import findings
from scripts_library.identifiers import shown_identifiers
from scripts_library.inflated import inflated_amounts
from scripts_library.reading import View, read
from scripts_library.scorer import UNCLEAR, features, scorer
from scripts_library.shouting import shouting
from scripts_library.suggestions import explain, suggest

Kind = Literal["collector", "script"]

_ORDER = (
    "self_harm_mishandling", "impersonation", "insult", "third_party", "threat", "false_claim",
    "private_payment", "unauthorised_waiver", "pressure", "privacy", "discrimination", "shaming",
)  # fmt: skip
_LONGEST = 8_192
"""Code points read: twice what Telegram would show of a message."""
_LONG, _PART, _OUT_OF_CONTEXT = 160, 20, 0.8
"""Code points from which a text is also heard in parts; letters of a part; the doubt that costs."""
_MOST_SENTENCES = 60

# How sure the scorer must be, in log odds: alone, or where a pattern found something too. Each
# further finding needs less. Chosen on rounds of messages that neither of them had seen.
_ALONE, _WITH_PATTERN, _PATTERN_STEP, _LEAST = 0.3, -0.7, 0.3, -1.4
_WITH_TRUSTED = -2.4
_ENGLISH_DOUBT = 0.4
"""An English message shares more of its little words with every other one than a Chinese one."""
_WARN_ALONE, _WARN_WITH_PATTERN = -1.0, -3.2
_NAMED, _NAMED_WITH_PATTERN, _BESIDE_MAIN = -1.2, -2.5, 2.0
"""Which rules: log odds among messages that break one, and how near the likeliest is a main one."""


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
    trusted: bool = False


def judge(text: str, kind: Kind, language: str | None = None) -> Verdict:
    """Judge one message. `language` chooses the words of `why`; by default the text's own."""
    given = text[:_LONGEST]
    views = read(given)
    scores = _scores(given, views, kind)
    hits = list(_pattern_hits(views, kind))
    hits += [
        _Hit(("false_claim",), "block", *span, trusted=True) for span in inflated_amounts(given)
    ]
    blocks = [hit for hit in hits if hit.level == "block"]
    certain = [_Hit(("privacy",), "block", *span) for span in shown_identifiers(given)]
    if certain or _blocked(blocks, scores["block"]):
        found = [*certain, *blocks]
        rules = _broken(found, scores)
        found.extend(_by_ear(given, kind, rules, found))
        return _verdict("block", found, rules, language or _language(text))
    warnings = [hit for hit in hits if hit.level == "warn"]
    loud = [_Hit(("pressure",), "warn", *span) for span in shouting(given)]
    if loud or scores["warn"] > (_WARN_WITH_PATTERN if warnings else _WARN_ALONE):
        found = [*loud, *warnings] or [_sounding(given, kind, scores)]
        return _verdict("warn", found, _warned(found), language or _language(text))
    return Verdict("ok")


def _scores(text: str, views: list[View], kind: Kind) -> dict[str, float]:
    """Of the worst-sounding reading: as written, without its disguise, or a part of a long text."""
    heard = [scorer().scores(features(view, kind)) for view in views]
    for part in _parts(text):
        scores = scorer().scores(features(read(part)[0], kind))
        scores["block"] -= _OUT_OF_CONTEXT
        heard.append(scores)
    worst = max(heard, key=lambda scores: scores["block"])
    if not views[0].has_chinese:
        worst["block"] -= _ENGLISH_DOUBT
    return {**worst, "warn": max(scores["warn"] for scores in heard[: len(views)])}


def _parts(text: str) -> Iterator[str]:
    """A long text piece by piece, so that one bad sentence is not lost among many good ones."""
    if len(text) <= _LONG:
        return
    start = 0
    for _, stop in _sentences(text):
        if _said(text[start:stop]) >= _PART:
            yield text[start:stop]
            start = stop
    if start < len(text):
        yield text[start:]


def _said(text: str) -> int:
    """Roughly how much a text says: a Chinese character says as much as two letters or three."""
    return len(text) + 2 * sum("\u3400" <= char <= "\u9fff" for char in text)


def _blocked(found: list[_Hit], score: float) -> bool:
    """Whether patterns and scorer together are sure: more findings need less agreement."""
    if not found:
        return score > _ALONE
    if any(hit.sure for hit in found):
        return True
    if any(hit.trusted for hit in found):
        return score > _WITH_TRUSTED
    return score > max(_LEAST, _WITH_PATTERN - _PATTERN_STEP * (len(found) - 1))


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


def _pattern_hits(views: Iterable[View], kind: Kind) -> Iterator[_Hit]:
    trusted = scorer().trusted
    for pattern, (start, end) in findings(views, kind):
        yield _Hit(pattern.rules, pattern.level, start, end, pattern.sure, pattern.id in trusted)


def _by_ear(text: str, kind: Kind, rules: tuple[str, ...], found: list[_Hit]) -> Iterator[_Hit]:
    """For rules that no pattern found: the sentence that sounds most like them."""
    missing = [rule for rule in rules if not any(rule in hit.rules for hit in found)]
    if missing:
        start, end = _worst_sentence(text, kind, "block")
        yield _Hit(tuple(missing), "block", start, end)


def _sounding(text: str, kind: Kind, scores: Mapping[str, float]) -> _Hit:
    rule = "private_payment" if scores[UNCLEAR] > 0 else "pressure"
    return _Hit((rule,), "warn", *_worst_sentence(text, kind, "warn"))


def _worst_sentence(text: str, kind: Kind, label: str) -> tuple[int, int]:
    sentences = _sentences(text)[:_MOST_SENTENCES]
    if len(sentences) == 1:
        return sentences[0]
    return max(sentences, key=lambda span: _score_of(text[span[0] : span[1]], kind, label))


def _score_of(part: str, kind: Kind, label: str) -> float:
    return scorer().scores(features(read(part)[0], kind))[label]


_SENTENCE = re.compile(r"[^。！？!?\n.]*(?:[。！？!?\n]+|\.(?!\s|$)[^。！？!?\n.]*|\.\s*|$)")


def _sentences(text: str) -> list[tuple[int, int]]:
    spans = [match.span() for match in _SENTENCE.finditer(text) if match.group().strip()]
    return spans or [(0, len(text))]


def _broken(hits: list[_Hit], scores: Mapping[str, float]) -> tuple[str, ...]:
    """The rules broken, the main one first.

    The scorer has the first say; a pattern's rule counts unless the scorer finds it far-fetched.
    """
    named = {rule for hit in hits for rule in hit.rules}
    best = max(_ORDER, key=lambda rule: scores[rule] + (rule in named))
    likely = [
        rule
        for rule in _ORDER
        if rule == best or scores[rule] > (_NAMED_WITH_PATTERN if rule in named else _NAMED)
    ]
    main = [rule for rule in likely if scores[rule] > scores[best] - _BESIDE_MAIN]
    return (*main, *(rule for rule in likely if rule not in main))


def _warned(hits: list[_Hit]) -> tuple[str, ...]:
    named = {rule for hit in hits for rule in hit.rules}
    return tuple(rule for rule in _ORDER if rule in named)


def _spans(hits: list[_Hit], rules: tuple[str, ...]) -> tuple[Span, ...]:
    spans = {(hit.start, hit.end, rule) for hit in hits for rule in hit.rules if rule in rules}
    return tuple(Span(*span) for span in sorted(spans))


def _language(text: str) -> str:
    chinese = sum("\u3400" <= char <= "\u9fff" for char in text)
    return "zh-Hans" if chinese * 3 >= len(text) - text.count(" ") else "en"
