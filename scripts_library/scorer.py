"""A small trained scorer beside the patterns: how much a message sounds like what may not be said.

Patterns know what they were told; the scorer has read the corpus and weighs words, short runs of
words, and the senses (`tone/thesaurus.yaml`) that meet in one message. It is a linear model in a
data file: its verdicts can be explained, and judging costs a few dictionary look-ups.
"""

import json
import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import yaml

from scripts_library.reading import View
from scripts_library.tone_patterns import excuses

_TONE = Path(__file__).parent / "tone"
WEIGHTS = _TONE / "scorer.json"
UNCLEAR = "unclear payment"
"""The label of warnings about where money is to go, beside those about tone."""

_TOKEN = re.compile(r"\{[a-z]+\}|[a-z]+(?:'[a-z]+)?|[\u3400-\u9fff]|\d+|[^\sa-z\u3400-\u9fff\d]")
_ENDINGS = ("ing", "ed", "es", "s", "ly")
_LONGEST_RUN = 3
_PAIR = 0.5
_IN_CLAUSE = 0.7
_NEXT, _NEAR = 6, 25
"""Senses belong together when one is among the next few and within so many characters."""
_LONGEST_WORD = 4
_FIRST_CHINESE = "\u3400"
_SHORTEST = 8.0
_MOST_TOKENS = 1_500


def features(view: View, kind: str) -> dict[str, float]:
    """What the scorer sees of a message, not yet normalised."""
    tokens = _tokens(view.text)
    seen = dict.fromkeys(tokens, 1.0)
    for length in range(2, _LONGEST_RUN + 1):
        for start in range(len(tokens) - length + 1):
            seen[" ".join(tokens[start : start + length])] = 1.0
    met = _met(view.text)
    _add_senses(seen, "", {name for _, name in met}, alone=1.0)
    _add_order(seen, met)
    for start, end in view.clauses():
        inside = [(place - start, name) for place, name in met if start <= place < end]
        _add_clause(seen, view.text[start:end], inside)
    for name, expression in excuses().items():
        if expression.search(view.text):
            seen[f"<excuse {name}>"] = 1.0
    seen[f"kind {kind}"] = 1.0
    return seen


def _tokens(text: str) -> list[str]:
    return [_stem(token) for token in _TOKEN.findall(text)[:_MOST_TOKENS]]


def _met(text: str) -> list[tuple[int, str]]:
    """Where which sense is met, in the order of the text."""
    table = _thesaurus()
    found: set[tuple[int, str]] = set()
    tokens = [(match.start(), match.group()) for match in _TOKEN.finditer(text)][:_MOST_TOKENS]
    stems = [_stem(token) for _, token in tokens]
    for place, (start, token) in enumerate(tokens):
        for length in range(1, _LONGEST_WORD + 1):
            if token >= _FIRST_CHINESE:
                word = text[start : start + length]
            else:
                word = " ".join(stems[place : place + length])
            found.update((start, name) for name in table.get(word, ()))
    return sorted(found)


def _add_senses(seen: dict[str, float], mark: str, names: set[str], *, alone: float) -> None:
    """Each sense, and each two that meet."""
    ordered = sorted(names)
    for place, name in enumerate(ordered):
        seen[f"{mark}<{name}>"] = alone
        for other in ordered[:place]:
            seen[f"{mark}<{other}|{name}>"] = _PAIR


def _add_order(seen: dict[str, float], met: list[tuple[int, str]]) -> None:
    """Which sense comes shortly before which: "tell your boss" is not "your boss tells"."""
    for place, (start, name) in enumerate(met):
        for later, other in met[place + 1 : place + _NEXT]:
            if later - start > _NEAR:
                break
            if other != name:
                seen[f"<{name}>{other}>"] = _PAIR


def _add_clause(seen: dict[str, float], clause: str, met: list[tuple[int, str]]) -> None:
    """The senses of one clause; those after a "not" are others, and so are the words there."""
    denial = excuses()["negated"].search(clause)
    if denial is not None and excuses()["sneaky"].search(clause):
        denial = None
    if denial is not None:
        for token in _tokens(clause[denial.end() :]):
            seen[f"!{token}"] = _PAIR
    denied_from = denial.start() if denial is not None else len(clause)
    names = {f"!{name}" if place >= denied_from else name for place, name in met}
    _add_senses(seen, "clause ", names, alone=_IN_CLAUSE)


def size(seen: Mapping[str, float]) -> float:
    """The length features are divided by; a short message must not weigh more than it says."""
    return math.sqrt(sum(value * value for value in seen.values()) + _SHORTEST)


@dataclass(frozen=True)
class Scorer:
    """Weights by feature, then by label; above 0 means more likely than not.

    `trusted` are the patterns that were right often and never wrong on the whole corpus.
    """

    labels: tuple[str, ...]
    biases: tuple[float, ...]
    weights: Mapping[str, Mapping[str, float]]
    trusted: frozenset[str] = frozenset()

    def scores(self, seen: Mapping[str, float]) -> dict[str, float]:
        """One score a label: `block`, `warn` and each rule."""
        length = size(seen)
        totals = dict.fromkeys(self.labels, 0.0)
        for name, value in seen.items():
            for label, weight in self.weights.get(name, {}).items():
                totals[label] += weight * value
        return {
            label: totals[label] / length + bias
            for label, bias in zip(self.labels, self.biases, strict=True)
        }


@cache
def scorer() -> Scorer:
    """The trained weights, read once."""
    given = json.loads(WEIGHTS.read_text(encoding="utf-8"))
    return Scorer(
        tuple(given["labels"]),
        tuple(given["biases"]),
        given["weights"],
        frozenset(given["trusted"]),
    )


def _stem(token: str) -> str:
    """English words without their usual endings; every number is one number."""
    if token.isdigit():
        return "0"
    for ending in _ENDINGS:
        if len(token) > len(ending) + 3 and token.endswith(ending):
            return token[: -len(ending)]
    return token


@cache
def _thesaurus() -> Mapping[str, tuple[str, ...]]:
    """The senses of every word of `thesaurus.yaml`, written as the tokens are."""
    text = (_TONE / "thesaurus.yaml").read_text(encoding="utf-8")
    given: dict[str, str] = yaml.load(text, Loader=yaml.CSafeLoader)
    table: dict[str, set[str]] = {}
    for name, words in given.items():
        for word in words.split():
            table.setdefault(_as_tokens(word), set()).add(name)
    return {word: tuple(sorted(names)) for word, names in table.items()}


def _as_tokens(word: str) -> str:
    if word >= _FIRST_CHINESE:
        return word
    return " ".join(_stem(token) for token in _TOKEN.findall(word.replace("_", " ")))
