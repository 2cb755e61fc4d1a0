"""Trains the guard's scorer from a reviewed corpus: `python -m scripts_library.training FILE...`

Logistic regression, one label at a time, with AdaGrad and a fixed order, in plain Python: the same
corpus gives the same weights on every machine. It takes about a minute.
"""

import json
import math
import random
import sys
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from scripts_library.reading import read
from scripts_library.scorer import WEIGHTS, Scorer, features, size

ROUNDS = 12
RATE = 0.3
SHRINK = 2e-4
SMALLEST = 0.12
"""Weights nearer to nothing are left out of the file."""


_VERDICTS = ("block", "warn")
"""Learnt from words and runs of words; which rule it is, from words and senses alone."""


@dataclass(frozen=True)
class Example:
    """One labelled message: its features, their length, and the corpus row."""

    seen: Mapping[str, float]
    length: float
    row: Mapping[str, Any]


def example(row: Mapping[str, Any]) -> Example:
    seen = features(read(row["text"])[0], row["kind"])
    return Example(seen, size(seen), row)


def train(examples: Iterable[Example]) -> Scorer:
    """A scorer for `block`, `warn` and every rule named in the examples."""
    pool = list(examples)
    labels = [*_VERDICTS, *sorted({rule for one in pool for rule in one.row["rules"]})]
    weights: dict[str, dict[str, float]] = defaultdict(dict)
    biases = []
    for label in labels:
        found, bias = _train_one(pool, _says(label), runs=label in _VERDICTS)
        biases.append(round(bias, 3))
        for name, weight in found.items():
            if abs(weight) >= SMALLEST:
                weights[name][label] = round(weight, 2)
    return Scorer(tuple(labels), tuple(biases), dict(sorted(weights.items())))


def _says(label: str) -> Callable[[Mapping[str, Any]], bool]:
    if label in _VERDICTS:
        return lambda row: bool(row["verdict"] == label)
    return lambda row: row["verdict"] == "block" and label in row["rules"]


def _train_one(
    pool: list[Example], says: Callable[[Mapping[str, Any]], bool], *, runs: bool
) -> tuple[dict[str, float], float]:
    weights: dict[str, float] = defaultdict(float)
    spent: dict[str, float] = defaultdict(lambda: 1e-6)
    bias = 0.0
    order = list(range(len(pool)))
    chance = random.Random(1)
    for _ in range(ROUNDS):
        chance.shuffle(order)
        for place in order:
            one = pool[place]
            seen = [
                (name, value / one.length)
                for name, value in one.seen.items()
                if runs or " " not in name
            ]
            score = bias + sum(weights[name] * value for name, value in seen)
            error = 1 / (1 + math.exp(-max(-30.0, min(30.0, score)))) - says(one.row)
            bias -= 0.05 * error
            for name, value in seen:
                slope = error * value + SHRINK * weights[name]
                spent[name] += slope * slope
                weights[name] -= RATE * slope / math.sqrt(spent[name])
    return weights, bias


def write(scorer: Scorer, path: Path = WEIGHTS) -> None:
    given = {"labels": scorer.labels, "biases": scorer.biases, "weights": scorer.weights}
    text = json.dumps(given, ensure_ascii=False, separators=(",", ":"))
    path.write_text(text.replace("},", "},\n") + "\n", encoding="utf-8")


def read_corpus(paths: Iterable[Path]) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = []
    for path in paths:
        rows.extend(json.loads(line) for line in path.read_text(encoding="utf-8").splitlines())
    return rows


def main(arguments: list[str]) -> None:
    rows = read_corpus(Path(argument) for argument in arguments)
    counted = Counter(row["verdict"] for row in rows)
    scorer = train(example(row) for row in rows)
    write(scorer)
    sys.stdout.write(f"{len(rows)} messages {dict(counted)}, {len(scorer.weights)} features\n")


if __name__ == "__main__":
    main(sys.argv[1:])
