"""Fits the weights of the third ear (bot/understanding/tables/purpose.bin), after fit_hunch.

What the surroundings of a day or a sum say is learnt from every open part. How much that is worth
beside the grammar's word is learnt from weighed.jsonl alone, each author's messages judged by ears
that have not met them: the grammar was mended for all other parts, and would be trusted too much.
So nobody mends the grammar by the lines of weighed.jsonl. Needs scikit-learn, as fit_hunch does,
and takes ten minutes, because the second ear is fitted anew for every group of authors:

    PYTHONPATH=. python tests/corpora/understanding/fit_purpose.py
"""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from pathlib import Path
from typing import Any

import fit_hunch
import numpy as np
from scipy.sparse import csr_matrix
from sklearn.linear_model import LogisticRegression

from bot.understanding.clauses import Stance
from bot.understanding.hunch import Hunch, hunch
from bot.understanding.named_day import NamedDay
from bot.understanding.purpose import STANCES, buckets, considered, kind_of
from bot.understanding.reading import by_grammar
from bot.understanding.second_thoughts import ruled
from bot.understanding.surroundings import Figure, Surroundings

HERE = Path(__file__).parent
WEIGHTS = HERE.parents[2] / "bot" / "understanding" / "tables" / "purpose.bin"
KNOWN = ("dev", "once_sealed", "strangers", "more_strangers", "later_strangers", "taught",
         "inboxes")  # fmt: skip
BUCKETS, GROUPS = 1 << 16, 4
INVERSE_PENALTY, WEIGHT_OF_UNMET = 40, 3.0
_LEAST = 1e-4
_NEVER = -50.0


@dataclass(frozen=True, slots=True)
class Named:
    """A day or a sum of a labelled message, with its right stance and the grammar's word."""

    author: str
    figure: Figure
    stance: Stance
    word: Stance
    buckets: list[int]
    heard: Hunch


def main() -> None:
    known, everything = list(_named(*KNOWN)), list(_named("weighed"))
    told: list[list[float]] = []
    unmet: list[Named] = []
    for group in _groups("weighed"):
        listen = fit_hunch.listener(fit_hunch.fitted(but=group))
        here = list(_named("weighed", of=group, listen=listen))
        met = [one for one in everything if one.author not in group]
        unmet += here
        told += _considered(_fitted(known, met), here)
    weighing = {kind: _weighing(unmet, told, kind) for kind in ("day", "sum")}
    _write(_fitted(known, everything), weighing)


def _groups(part: str) -> list[frozenset[str]]:
    authors = sorted({fit_hunch.author(one) for one in _examples(part)})
    return [frozenset(authors[start::GROUPS]) for start in range(GROUPS)]


def _fitted(known: list[Named], unmet: list[Named]) -> LogisticRegression:
    weights = [1.0] * len(known) + [WEIGHT_OF_UNMET] * len(unmet)
    named = [*known, *unmet]
    model = LogisticRegression(C=INVERSE_PENALTY, max_iter=500, tol=1e-3)
    return model.fit(_matrix(named), [one.stance.value for one in named], sample_weight=weights)


def _considered(model: LogisticRegression, named: list[Named]) -> list[list[float]]:
    """What is weighed about each figure beside the others of its message."""
    order = [list(model.classes_).index(stance.value) for stance in STANCES]
    ear = np.log(model.predict_proba(_matrix(named))[:, order] + _LEAST)
    told = []
    for _, message in groupby(enumerate(named), lambda one: id(one[1].heard)):
        places, together = zip(*message, strict=True)
        figures, words = [one.figure for one in together], [one.word for one in together]
        shares = [list(ear[place]) for place in places]
        told += [
            considered(index, figures, shares, words, together[0].heard)
            for index in range(len(together))
        ]
    return told


def _weighing(named: list[Named], told: list[list[float]], kind: str) -> list[list[float]]:
    """A line for each stance; one that is never right of this kind is never chosen."""
    here = [index for index, one in enumerate(named) if kind_of(one.figure) == kind]
    model = LogisticRegression(max_iter=8000)
    model.fit([told[index] for index in here], [named[index].stance.value for index in here])
    lines = {
        name: [*line, bias]
        for name, line, bias in zip(model.classes_, model.coef_, model.intercept_, strict=True)
    }
    never = [0.0] * len(told[0]) + [_NEVER]
    return [[round(float(one), 4) for one in lines.get(s.value, never)] for s in STANCES]


def _named(
    *parts: str, of: frozenset[str] | None = None, listen: Callable[[str], Hunch] = hunch
) -> Iterator[Named]:
    for example in _examples(*parts):
        if of is None or fit_hunch.author(example) in of:
            yield from _of(example, listen)


def _examples(*parts: str) -> Iterator[dict[str, Any]]:
    for part in parts:
        for line in (HERE / f"{part}.jsonl").read_text("utf-8").splitlines():
            example = json.loads(line)
            if "promise" in example["expected"]:
                yield example


def _of(example: dict[str, Any], listen: Callable[[str], Hunch]) -> Iterator[Named]:
    now = datetime.fromisoformat(example["now"])
    read = by_grammar(example["text"], now=now, timezone=example["timezone"], listen=listen)
    surroundings = Surroundings(read.plain.text, read.figures, read.found)
    for figure in read.figures:
        values = _values(figure)
        if values:
            yield Named(
                author=fit_hunch.author(example),
                figure=figure,
                stance=_stance(values, example["expected"]),
                word=ruled(figure, read.said),
                buckets=sorted(buckets(figure, surroundings, BUCKETS)),
                heard=read.heard(),
            )


def _values(figure: Figure) -> set[str]:
    if isinstance(figure, NamedDay):
        return {day.isoformat() for day in (figure.day, figure.other) if day is not None}
    return {figure.amount} if figure.amount is not None else set()


def _stance(values: set[str], expected: dict[str, list[dict[str, str]]]) -> Stance:
    for stance in STANCES[:-1]:
        for slot in expected.get(stance.value) or []:
            if values & {slot["date"], slot["amount"]}:
                return stance
    return Stance.NOTHING


def _matrix(named: list[Named]) -> csr_matrix:
    columns = [bucket for one in named for bucket in one.buckets]
    values = [len(one.buckets) ** -0.5 for one in named for _ in one.buckets]
    ends = np.cumsum([0, *(len(one.buckets) for one in named)])
    return csr_matrix((values, columns, ends), shape=(len(named), BUCKETS))


def _write(ear: LogisticRegression, weighing: dict[str, list[list[float]]]) -> None:
    order = [list(ear.classes_).index(stance.value) for stance in STANCES]
    weights, biases = ear.coef_[order], ear.intercept_[order]
    scales = np.abs(weights).max(1) / 127
    table = np.clip(np.round(weights / scales[:, None]), -127, 127).astype(np.int8)
    header = {
        "buckets": BUCKETS,
        "biases": [round(float(one), 4) for one in biases],
        "scales": [float(one) for one in scales],
        "weighing": weighing,
    }
    WEIGHTS.write_bytes(json.dumps(header).encode() + b"\n" + table.T.tobytes())


if __name__ == "__main__":
    main()
