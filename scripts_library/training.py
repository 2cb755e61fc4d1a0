"""Trains the guard's scorer from a reviewed corpus: `python -m scripts_library.training FILE...`

The verdicts are learnt with the widest margin (dual coordinate descent for a squared hinge), which
carries over to new wordings better than anything else tried; the rules with logistic regression,
as their scores are compared. Plain Python and a fixed order: the same corpus gives the same weights
on every machine. It takes a minute and a half.
"""

import json
import math
import random
import sys
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from scripts_library.excused import blocking_patterns
from scripts_library.hearing import parts
from scripts_library.reading import read
from scripts_library.scorer import UNCLEAR, WEIGHTS, Scorer, features, size

ROUNDS = 12
RATE = 0.3
SHRINK = 2e-4
SMALLEST = 0.12
"""Weights nearer to nothing are left out of the file."""
ENOUGH = 6
"""Messages a pattern must have found, all of them rightly, to be trusted."""


PASSES, FIRM, MARGIN = 25, 12.0, 2.5
"""Of the margin: passes over the corpus, the price of a mistake, log odds of one margin."""


_VERDICTS = ("block", "warn")
"""Learnt from all messages; which rule it is, from those that break one, as it is asked later."""


@dataclass(frozen=True)
class Example:
    """One labelled message: its features, their length, and the corpus row."""

    seen: Mapping[str, float]
    length: float
    row: Mapping[str, Any]


def example(row: Mapping[str, Any]) -> Example:
    seen = features(read(row["text"])[0], row["kind"])
    return Example(seen, size(seen), row)


def harmless_parts(rows: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """The parts of lawful messages, which are heard alone too.

    Not those in which a pattern finds something: they are lawful only for what stands around them.
    """
    found = []
    for row in rows:
        if row["verdict"] != "ok":
            continue
        for start, end in parts(row["text"]):
            part = row["text"][start:end]
            if not blocking_patterns(read(part), row["kind"]):
                found.append({**row, "text": part})
    return found


Learning = Callable[
    [list["Example"], Callable[[Mapping[str, Any]], bool]], tuple[dict[str, float], float]
]


def train(examples: Iterable[Example]) -> Scorer:
    """A scorer for `block`, `warn`, every rule named in the examples, and UNCLEAR."""
    pool = list(examples)
    blocked = _met_again([one for one in pool if one.row["verdict"] == "block"])
    warned = _met_again([one for one in pool if one.row["verdict"] == "warn"])
    every = _met_again(pool)
    lessons: list[tuple[str, Learning, list[Example], Callable[[Mapping[str, Any]], bool]]] = [
        *((label, _widest_margin, every, _has_verdict(label)) for label in _VERDICTS),
        *((rule, _logistic, blocked, _breaks(rule)) for rule in _rules(blocked)),
        (UNCLEAR, _logistic, warned, _breaks("private_payment")),
    ]
    weights: dict[str, dict[str, float]] = defaultdict(dict)
    biases = []
    for label, learn, lesson, says in lessons:
        found, bias = learn(lesson, says)
        biases.append(round(bias, 3))
        for name, weight in found.items():
            if abs(weight) >= SMALLEST:
                weights[name][label] = round(weight, 2)
    labels = tuple(label for label, *_ in lessons)
    return Scorer(labels, tuple(biases), dict(sorted(weights.items())))


def _met_again(examples: list[Example]) -> list[Example]:
    """Without what only one of them has: it tells nothing of the next, and would fill the file."""
    met = Counter(name for one in examples for name in one.seen)
    return [
        replace(one, seen={name: value for name, value in one.seen.items() if met[name] > 1})
        for one in examples
    ]


def _rules(examples: Iterable[Example]) -> list[str]:
    return sorted({rule for one in examples for rule in one.row["rules"]})


def _has_verdict(verdict: str) -> Callable[[Mapping[str, Any]], bool]:
    return lambda row: bool(row["verdict"] == verdict)


def _breaks(rule: str) -> Callable[[Mapping[str, Any]], bool]:
    return lambda row: rule in row["rules"]


def _logistic(
    pool: list[Example], says: Callable[[Mapping[str, Any]], bool]
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
            seen = [(name, value / one.length) for name, value in one.seen.items()]
            score = bias + sum(weights[name] * value for name, value in seen)
            error = 1 / (1 + math.exp(-max(-30.0, min(30.0, score)))) - says(one.row)
            bias -= 0.05 * error
            for name, value in seen:
                slope = error * value + SHRINK * weights[name]
                spent[name] += slope * slope
                weights[name] -= RATE * slope / math.sqrt(spent[name])
    return weights, bias


def _widest_margin(
    pool: list[Example], says: Callable[[Mapping[str, Any]], bool]
) -> tuple[dict[str, float], float]:
    """Weights of the separation that leaves the widest margin (Hsieh and others, ICML 2008)."""
    weights: dict[str, float] = defaultdict(float)
    bias, slack = 0.0, 1 / (2 * FIRM)
    rows = [
        (
            [(name, value / one.length) for name, value in one.seen.items()],
            1 if says(one.row) else -1,
        )
        for one in pool
    ]
    lengths = [1 + slack + sum(value * value for _, value in seen) for seen, _ in rows]
    pulls = [0.0] * len(rows)
    order = list(range(len(rows)))
    chance = random.Random(1)
    for _ in range(PASSES):
        chance.shuffle(order)
        for place in order:
            seen, side = rows[place]
            pull = pulls[place]
            score = bias + sum(weights[name] * value for name, value in seen)
            slope = side * score - 1 + slack * pull
            pulls[place] = max(0.0, pull - slope / lengths[place])
            step = (pulls[place] - pull) * side
            if step:
                bias += step
                for name, value in seen:
                    weights[name] += step * value
    return {name: weight * MARGIN for name, weight in weights.items()}, bias * MARGIN


def trusted_patterns(rows: Iterable[Mapping[str, Any]]) -> frozenset[str]:
    """Patterns that found enough messages to block and not one other."""
    right: Counter[str] = Counter()
    wrong: set[str] = set()
    for row in rows:
        found = {pattern.id for pattern in blocking_patterns(read(row["text"]), row["kind"])}
        if row["verdict"] == "block":
            right.update(found)
        else:
            wrong |= found
    return frozenset(name for name, times in right.items() if times >= ENOUGH) - wrong


def write(scorer: Scorer, path: Path = WEIGHTS) -> None:
    given = {
        "labels": scorer.labels,
        "biases": scorer.biases,
        "trusted": sorted(scorer.trusted),
        "weights": scorer.weights,
    }
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
    lessons = [*rows, *harmless_parts(rows)]
    scorer = replace(train(map(example, lessons)), trusted=trusted_patterns(rows))
    write(scorer)
    sys.stdout.write(f"{len(rows)} messages {dict(counted)}, {len(scorer.weights)} features\n")


if __name__ == "__main__":
    main(sys.argv[1:])
