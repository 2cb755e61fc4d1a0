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

from scripts_library.excused import findings, speaks_of_words
from scripts_library.hearing import parts, sentences
from scripts_library.identifiers import shown_identifiers
from scripts_library.inflated import inflated_amounts
from scripts_library.reading import View, is_traditional, read
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
_OUT_OF_CONTEXT, _PERHAPS_CITED, _WARN_OUT_OF_CONTEXT = 0.4, 1.2, 1.0
"""The doubt a part costs that is heard alone, and more where the text speaks of what was said."""
_MOST_SENTENCES = 60

# How sure the scorer must be, in log odds: alone, or where a pattern found something too. Each
# further finding needs less. Chosen on rounds of messages that neither of them had seen.
_ALONE, _WITH_PATTERN, _PATTERN_STEP, _LEAST = 0.5, -0.8, 0.3, -1.6
_WITH_TRUSTED = -1.4
_ALONE_BESIDE_WARNING = 2.2
"""Where a hard tone was found already, what sounds bad is most often that."""
_ENGLISH_DOUBT = 0.3
"""An English message shares more of its little words with every other one than a Chinese one."""
_WARN_ALONE, _WARN_WITH_PATTERN = 0.0, -2.3
_NAMED, _NAMED_WITH_PATTERN, _BESIDE_MAIN = -1.5, -2.5, 2.0
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


@dataclass(frozen=True, slots=True)
class _Heard:
    """The whole text or a part of it: how it sounds, and what the patterns found in it."""

    scores: Mapping[str, float]
    found: list[_Hit]
    warned: bool = False

    @property
    def blocked(self) -> bool:
        """Whether patterns and scorer together are sure: more findings need less agreement."""
        score = self.scores["block"]
        if not self.found:
            return score > (_ALONE_BESIDE_WARNING if self.warned else _ALONE)
        if any(hit.sure for hit in self.found):
            return True
        if any(hit.trusted for hit in self.found):
            return score > _WITH_TRUSTED
        return score > max(_LEAST, _WITH_PATTERN - _PATTERN_STEP * (len(self.found) - 1))


def judge(text: str, kind: Kind, language: str | None = None) -> Verdict:
    """Judge one message. `language` chooses the words of `why`; by default the text's own."""
    given = text[:_LONGEST]
    views = read(given)
    hits = list(_pattern_hits(views, kind))
    hits += [_Hit(("false_claim",), "block", *span, sure=True) for span in inflated_amounts(given)]
    blocks = [hit for hit in hits if hit.level == "block"]
    certain = [_Hit(("privacy",), "block", *span) for span in shown_identifiers(given)]
    warnings = [hit for hit in hits if hit.level == "warn"]
    whole = _Heard(_scores(views, kind), blocks, bool(warnings))
    heard = [whole, *_heard_in_parts(given, views[0], kind, hits)]
    bad = [one for one in heard if one.blocked]
    if certain or bad:
        found = [*certain, *blocks]
        rules = _all_broken(bad or [whole], certain)
        found.extend(_by_ear(given, kind, rules, found))
        return _verdict("block", found, rules, language or _language(text))
    loud = [_Hit(("pressure",), "warn", *span) for span in shouting(given)]
    scores = max((one.scores for one in heard), key=lambda scores: scores["warn"])
    if loud or scores["warn"] > (_WARN_WITH_PATTERN if warnings else _WARN_ALONE):
        found = [*loud, *warnings] or [_sounding(given, kind, scores)]
        return _verdict("warn", found, _warned(found), language or _language(text))
    return Verdict("ok")


def _scores(views: list[View], kind: Kind) -> dict[str, float]:
    """Of the worse-sounding reading: as written, or without its disguise."""
    heard = [scorer().scores(features(view, kind)) for view in views]
    worst = max(heard, key=lambda scores: scores["block"])
    if not views[0].has_chinese:
        worst["block"] -= _ENGLISH_DOUBT
    return {**worst, "warn": max(scores["warn"] for scores in heard)}


def _heard_in_parts(text: str, view: View, kind: Kind, hits: list[_Hit]) -> Iterator[_Heard]:
    """Each part as if nothing stood around it, with some doubt, as something does."""
    doubt = _PERHAPS_CITED if speaks_of_words(view) else _OUT_OF_CONTEXT
    for start, end in parts(text):
        scores = _scores(read(text[start:end]), kind)
        scores["block"] -= doubt
        scores["warn"] -= _WARN_OUT_OF_CONTEXT
        inside = [hit for hit in hits if start <= hit.start and hit.end <= end]
        found = [hit for hit in inside if hit.level == "block"]
        yield _Heard(scores, found, warned=len(inside) > len(found))


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
    spans = sentences(text)[:_MOST_SENTENCES]
    if len(spans) == 1:
        return spans[0]
    return max(spans, key=lambda span: _score_of(text[span[0] : span[1]], kind, label))


def _score_of(part: str, kind: Kind, label: str) -> float:
    return scorer().scores(features(read(part)[0], kind))[label]


def _all_broken(bad: list[_Heard], certain: list[_Hit]) -> tuple[str, ...]:
    """The rules of what sounds worst, then what the other bad parts are mainly about."""
    worst, *others = sorted(bad, key=lambda one: -one.scores["block"])
    rules = dict.fromkeys(_broken([*certain, *worst.found], worst.scores))
    rules.update(dict.fromkeys(_broken(one.found, one.scores)[0] for one in others))
    return tuple(rules)


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
    """What most of it is written in; a placeholder's name is no word of the message."""
    said = _PLACEHOLDER.sub("", text)
    chinese = sum("\u3400" <= char <= "\u9fff" for char in said)
    if chinese * 2 <= sum(char.isascii() and char.isalpha() for char in said):
        return "en"
    return "zh-Hant" if is_traditional(said) else "zh-Hans"


_PLACEHOLDER = re.compile(r"\{\{?[^{}]*\}?\}")
