"""A small trained scorer beside the patterns: how much a message sounds like what may not be said.

Patterns know what they were told; the scorer has read the corpus and weighs words, short runs of
words, and the senses (`tone/senses.yaml`) that meet in one message. It is a linear model in a data
file, so its verdicts can be explained, and judging costs a few dictionary look-ups.
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

_TONE = Path(__file__).parent / "tone"
WEIGHTS = _TONE / "scorer.json"

_TOKEN = re.compile(r"\{[a-z]+\}|[a-z]+(?:'[a-z]+)?|[\u3400-\u9fff]|\d+|[^\sa-z\u3400-\u9fff\d]")
_ENDINGS = ("ing", "ed", "es", "s", "ly")
_LONGEST_RUN = 3
_PAIR = 0.5
_SHORTEST = 8.0
_MOST_TOKENS = 1_500


def features(view: View, kind: str) -> dict[str, float]:
    """What the scorer sees of a message, not yet normalised."""
    tokens = [_stem(token) for token in _TOKEN.findall(view.text)[:_MOST_TOKENS]]
    seen = dict.fromkeys(tokens, 1.0)
    for length in range(2, _LONGEST_RUN + 1):
        for start in range(len(tokens) - length + 1):
            seen[" ".join(tokens[start : start + length])] = 1.0
    senses = [name for name, expression in _senses().items() if expression.search(view.text)]
    for place, name in enumerate(senses):
        seen[f"<{name}>"] = 1.0
        for other in senses[:place]:
            seen[f"<{other}|{name}>"] = _PAIR
    seen[f"kind {kind}"] = 1.0
    return seen


def size(seen: Mapping[str, float]) -> float:
    """The length features are divided by; a short message must not weigh more than it says."""
    return math.sqrt(sum(value * value for value in seen.values()) + _SHORTEST)


@dataclass(frozen=True)
class Scorer:
    """Weights by feature, then by label's place; above 0 means more likely than not."""

    labels: tuple[str, ...]
    biases: tuple[float, ...]
    weights: Mapping[str, Mapping[str, float]]

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
    return Scorer(tuple(given["labels"]), tuple(given["biases"]), given["weights"])


def _stem(token: str) -> str:
    """English words without their usual endings; every number is one number."""
    if token.isdigit():
        return "0"
    for ending in _ENDINGS:
        if len(token) > len(ending) + 3 and token.endswith(ending):
            return token[: -len(ending)]
    return token


@cache
def _senses() -> Mapping[str, re.Pattern[str]]:
    text = (_TONE / "senses.yaml").read_text(encoding="utf-8")
    given: dict[str, str] = yaml.load(text, Loader=yaml.CSafeLoader)
    return {name: re.compile(source, re.ASCII) for name, source in given.items()}
