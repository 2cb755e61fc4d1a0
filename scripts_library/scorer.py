"""A small trained scorer beside the patterns: how much a message sounds like what may not be said.

Patterns know what they were told; the scorer has read the corpus and weighs words, short runs of
words, and the senses (`tone/thesaurus.yaml`) that meet in one message. It is a linear model in a
data file: its verdicts can be explained, and judging costs a few dictionary look-ups.
"""

import json
import math
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import yaml

from scripts_library.reading import View
from scripts_library.tone_patterns import excuses, notions

_TONE = Path(__file__).parent / "tone"
WEIGHTS = _TONE / "scorer.json"
UNCLEAR = "unclear payment"
"""The label of warnings about where money is to go, beside those about tone."""

_TOKEN = re.compile(r"\{[a-z]+\}|[a-z]+(?:'[a-z]+)?|[\u3400-\u9fff]|\d+|[^\sa-z\u3400-\u9fff\d]")
_ENDINGS = ("ing", "ed", "es", "s", "ly")
_LONGEST_RUN = 3
_NOTION = 1.5
_PAIR = 0.5
_IN_CLAUSE = 0.7
_NEXT, _NEAR = 6, 25
"""Senses belong together when one is among the next few and within so many characters."""
_LONGEST_WORD = 4
_NOTHING = "nothing"
"""The sense of harmless words that hold a telling one: post office, 打折."""
_FIRST_CHINESE = "\u3400"
_SHORTEST = 8.0
_MOST_TOKENS = 1_500


def features(view: View, kind: str) -> dict[str, float]:
    """What the scorer sees of a message, not yet normalised.

    What stands after a "not" in its clause is marked by a "!": "we won't tell your boss" must not
    teach that a boss is harmless.
    """
    denied = _denied(view)
    places = [(match.start(), _stem(match.group())) for match in _TOKEN.finditer(view.text)]
    places = places[:_MOST_TOKENS]
    tokens = [_marked(word, start, denied) for start, word in places]
    seen = dict.fromkeys(tokens, 1.0)
    for length in range(2, _LONGEST_RUN + 1):
        for start in range(len(tokens) - length + 1):
            seen[" ".join(tokens[start : start + length])] = 1.0
    met = [(start, _marked(name, start, denied)) for start, name in _met(view.text, places)]
    _add_senses(seen, "", {name for _, name in met}, alone=1.0)
    _add_order(seen, met)
    for start, end in view.clauses():
        inside = {name for place, name in met if start <= place < end}
        _add_senses(seen, "clause ", inside, alone=_IN_CLAUSE)
    for name, expression in excuses().items():
        if expression.search(view.text):
            seen[f"<excuse {name}>"] = 1.0
    seen.update(dict.fromkeys(_notions(view), _NOTION))
    seen[f"kind {kind}"] = 1.0
    return seen


def _notions(view: View) -> Iterator[str]:
    """What `notions.yaml` hears in it: broader than a sense, which is a word."""
    scripts = (("zh", view.has_chinese), ("en", view.has_latin))
    for script in (script for script, there in scripts if there):
        for name, expression in notions()[script].items():
            if expression.search(view.text):
                yield f"<notion {name}>"


def _denied(view: View) -> list[tuple[int, int]]:
    """Where in the text a "not" holds: from its end to the end of its clause."""
    found = []
    for start, end in view.clauses():
        clause = view.text[start:end]
        denial = excuses()["negated"].search(clause)
        if denial is not None and not excuses()["sneaky"].search(clause):
            found.append((start + denial.end(), end))
    return found


def _marked(name: str, place: int, denied: list[tuple[int, int]]) -> str:
    return f"!{name}" if any(start <= place < end for start, end in denied) else name


def _met(text: str, places: list[tuple[int, str]]) -> list[tuple[int, str]]:
    """Where which sense is met, in the order of the text; not inside a word that means nothing."""
    table = _thesaurus()
    found: set[tuple[int, str]] = set()
    harmless: set[int] = set()
    stems = [word for _, word in places]
    for place, (start, token) in enumerate(places):
        for length in range(1, _LONGEST_WORD + 1):
            if token >= _FIRST_CHINESE:
                word = text[start : start + length]
            else:
                word = " ".join(stems[place : place + length])
            senses = table.get(word, ())
            if _NOTHING in senses:
                harmless.update(range(start, start + len(word)))
            found.update((start, name) for name in senses)
    return sorted((start, name) for start, name in found if start not in harmless)


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
