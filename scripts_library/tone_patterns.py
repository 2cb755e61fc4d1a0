"""The guard's patterns, read from `tone/*.yaml` and compiled once.

A pattern is a regular expression over a normalised view in which `<kin>` stands for the words of
that name in `words.yaml`. Words are looked for first: a pattern whose words are not in the message
is never tried, which is what keeps a judgement far below a millisecond.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Literal

import yaml

from scripts_library.reading import View

_TONE = Path(__file__).parent / "tone"
_RULE_FILES = (
    "threat", "insult", "third_party", "impersonation", "false_claim", "unauthorised_waiver",
    "private_payment", "pressure", "privacy", "discrimination", "shaming", "self_harm",
)  # fmt: skip
_WORD = re.compile(r"<([a-z_]+)>")
_CHINESE = re.compile("[\u3400-\u9fff]")

Level = Literal["block", "warn"]


@dataclass(frozen=True, slots=True)
class Pattern:
    """One way of breaking rules.

    `needs` are the word classes without which it cannot match. `unless` excuses it within its
    sentence, `unless_text` anywhere. `keeps_negation`: a "not" before it does not excuse it;
    `denied_inside`: a "not" among the matched words does, as the pattern spans a whole clause.
    A `sure` one needs no agreement of the
    scorer. `quotable`: it may be cited in order to apologise, to explain or to forbid.
    """

    id: str
    rules: tuple[str, ...]
    level: Level
    expression: re.Pattern[str]
    needs: tuple[str, ...]
    unless: re.Pattern[str] | None
    unless_text: re.Pattern[str] | None
    keeps_negation: bool
    denied_inside: bool
    quotable: bool
    sure: bool
    kind: str | None
    tongue: str | None
    """`zh` or `en` when every word of the expression is of one script."""

    def matches(self, view: View, present: "Present") -> Iterator[re.Match[str]]:
        if self.tongue == "zh" and not view.has_chinese:
            return
        if self.tongue == "en" and not view.has_latin:
            return
        if all(present.has(word) for word in self.needs):
            yield from self.expression.finditer(view.text)


class Present:
    """Which word classes one view holds; each is looked for once, when first asked."""

    def __init__(self, view: View) -> None:
        self._text = view.text
        self._known: dict[str, bool] = {}

    def has(self, word: str) -> bool:
        known = self._known.get(word)
        if known is None:
            known = self._known[word] = words()[word].search(self._text) is not None
        return known


@cache
def patterns() -> tuple[Pattern, ...]:
    """All patterns, blocks before warnings."""
    found = [pattern for name in _RULE_FILES for pattern in _read_rule_file(name)]
    return tuple(sorted(found, key=lambda pattern: pattern.level != "block"))


@cache
def words() -> Mapping[str, re.Pattern[str]]:
    """The word classes as compiled alternatives."""
    return {name: re.compile(source, re.ASCII) for name, source in _word_sources().items()}


@cache
def excuses() -> Mapping[str, re.Pattern[str]]:
    """Expressions of `excuses.yaml`: negation, reported speech, warnings of impostors."""
    return {
        name: re.compile("|".join(_expanded(row) for row in rows), re.ASCII)
        for name, rows in _load("excuses").items()
    }


@cache
def notions() -> Mapping[str, Mapping[str, re.Pattern[str]]]:
    """Expressions of `notions.yaml`, by the script they are written in: `zh` and `en`."""
    return {
        script: {
            name: re.compile("|".join(_expanded(row) for row in rows), re.ASCII)
            for name, given in _load("notions").items()
            if (
                rows := [row for row in given if (_CHINESE.search(row) is None) == (script == "en")]
            )
        }
        for script in ("zh", "en")
    }


def expression(source: str) -> re.Pattern[str]:
    """Compile one expression with its `<words>`."""
    return re.compile(_expanded(source), re.ASCII)


@cache
def _load(name: str) -> dict[str, Any]:
    text = (_TONE / f"{name}.yaml").read_text(encoding="utf-8")
    given: dict[str, Any] = yaml.load(text, Loader=yaml.CSafeLoader)
    return given


@cache
def _word_sources() -> Mapping[str, str]:
    """Chinese words stand anywhere, English ones at word boundaries. `<other>` may be nested."""
    sources: dict[str, str] = {}
    for name, entries in _load("words").items():
        parts = []
        for entry in entries:
            part = _WORD.sub(lambda match: sources[match.group(1)], str(entry))
            latin = re.match(r"[a-z]", part) is not None
            parts.append(rf"\b(?:{part})\b" if latin else part)
        sources[name] = "(?:" + "|".join(parts) + ")"
    return sources


_GAP = re.compile(r"~(\d+)~")


def _expanded(source: str) -> str:
    """`<words>` become their alternatives, `~12~` at most 12 characters of the same sentence."""
    gapped = _GAP.sub(r"[^。.!?;\\n]{0,\1}", source)
    return _WORD.sub(lambda match: _word_sources()[match.group(1)], gapped)


def _read_rule_file(name: str) -> Iterator[Pattern]:
    for number, given in enumerate(_load(name)["patterns"]):
        rules = tuple(given["rules"])
        for index, source in enumerate(given["any"]):
            yield Pattern(
                id=f"{name}.{given.get('id', number)}.{index}",
                rules=rules,
                level=given.get("level", "block"),
                expression=expression(source),
                needs=(*given.get("needs", ()), *_needed(source)),
                unless=_optional(given.get("unless")),
                unless_text=_optional(given.get("unless_text")),
                keeps_negation=given.get("keeps_negation", False),
                denied_inside=given.get("denied_inside", False),
                quotable=given.get("quotable", True),
                sure=given.get("sure", False),
                kind=given.get("kind"),
                tongue=_tongue(source),
            )


def _optional(rows: list[str] | None) -> re.Pattern[str] | None:
    return expression("|".join(rows)) if rows else None


def _tongue(source: str) -> str | None:
    """Of a source without its word classes, which may be in both."""
    plain = _WORD.sub("", source)
    chinese = _CHINESE.search(plain) is not None
    latin = re.search(r"(?<!\\)[a-z]{2,}", plain) is not None
    if chinese == latin:
        return None
    return "zh" if chinese else "en"


def _needed(source: str) -> tuple[str, ...]:
    """Word classes outside every group, alternative and option: each must be there."""
    depth, found = 0, []
    index = 0
    while index < len(source):
        char = source[index]
        if char == "\\":
            index += 2
            continue
        if char == "|" and depth == 0:
            return ()
        depth += (char == "(") - (char == ")")
        match = _WORD.match(source, index)
        if match:
            after = source[match.end() : match.end() + 1]
            if depth == 0 and after not in ("?", "*", "{"):
                found.append(match.group(1))
            index = match.end()
            continue
        index += 1
    return tuple(found)
