"""A third ear: what a day or a sum is named for, judged by what stands around it.

The grammar gives each its stance by the clause it stands in. Beside the payment people tell of
wages, of the rent, of what they owe others and of the day they were reminded of, in more words than
any list has. A small linear model over the surroundings gives each stance a share; then the
grammar's own word and the shares are weighed. How much either is worth was learnt from messages
that neither had met. All weights are one data file: a line of JSON, then a signed byte per stance
and hashed sequence.
"""

import json
import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from zlib import crc32

from bot.understanding import tables
from bot.understanding.clauses import Stance
from bot.understanding.hunch import Hunch
from bot.understanding.named_day import NamedDay
from bot.understanding.surroundings import Figure, Surroundings

_LEAST, _FAINT = 1e-4, 1e-2
"""Shares of the ear, and of the whole message, below which less makes no difference."""
STANCES = (Stance.PROMISE, Stance.PROPOSED, Stance.PAID, Stance.NOTHING)


@dataclass(frozen=True, slots=True)
class _Weights:
    """`table` holds a row of a byte per stance for each bucket. Days and sums are weighed apart:
    for each stance a weight for each of `considered`, and a bias behind them."""

    biases: tuple[float, ...]
    scales: tuple[float, ...]
    weighing: dict[str, tuple[tuple[float, ...], ...]]
    buckets: int
    table: memoryview


def purposes(
    figures: list[Figure], surroundings: Surroundings, words: list[Stance], heard: Hunch
) -> list[dict[Stance, float]]:
    """For each figure the share of each stance, where the grammar gave them the stances `words`."""
    weights = _weights()
    ear = [_log_shares(weights, figure, surroundings) for figure in figures]
    return [
        _weighed(weights, figure, considered(index, figures, ear, words, heard))
        for index, figure in enumerate(figures)
    ]


def considered(
    index: int,
    figures: list[Figure],
    ear: Sequence[Sequence[float]],
    words: list[Stance],
    heard: Hunch,
) -> list[float]:
    """What is weighed about one figure.

    The logarithms of the ear's shares, the grammar's word, how the whole message sounds; then the
    same of the nearest figure of the other kind (a sum's day, a day's sum), and whether another of
    its own kind sounds more like a promise.
    """
    figure = figures[index]
    word = _as_told(words[index])
    told = [*ear[index], *word]
    for share in (heard.paying, heard.harmless["already_paid"], heard.doubt):
        sounds = math.log(share + _FAINT)
        told += [sounds, *(one * sounds for one in word)]
    rivals, partners = _others(index, figures)
    if partners:
        near = min(partners, key=lambda one: _apart(figure, figures[one]))
        distance = math.log1p(_apart(figure, figures[near]))
        told += [0.0, *ear[near], *_as_told(words[near]), distance]
    else:
        told += [1.0, *_NOBODY, *_NOBODY, 0.0]
    likeliest = max((ear[one][0] for one in rivals), default=0.0)
    told += [float(bool(rivals)), likeliest, ear[index][0] - likeliest if rivals else 0.0]
    for others in (rivals, partners):
        told.append(float(any(words[one] is Stance.PROMISE for one in others)))
    return told


_NOBODY = (0.0,) * len(STANCES)


def _as_told(word: Stance) -> list[float]:
    return [float(word is stance) for stance in STANCES]


def _others(index: int, figures: list[Figure]) -> tuple[list[int], list[int]]:
    """Those of its own kind, and those of the other."""
    kind = type(figures[index])
    rivals = [at for at, one in enumerate(figures) if type(one) is kind and at != index]
    return rivals, [at for at, one in enumerate(figures) if type(one) is not kind]


def _apart(one: Figure, other: Figure) -> int:
    """Characters between two figures."""
    return max(one.start - other.end, other.start - one.end, 0)


def _weighed(weights: _Weights, figure: Figure, told: list[float]) -> dict[Stance, float]:
    lines = weights.weighing[kind_of(figure)]
    logits = [
        sum(weight * one for weight, one in zip(line, (*told, 1.0), strict=True)) for line in lines
    ]
    return dict(zip(STANCES, _softmax(logits), strict=True))


def kind_of(figure: Figure) -> str:
    return "day" if isinstance(figure, NamedDay) else "sum"


def buckets(figure: Figure, surroundings: Surroundings, count: int) -> set[int]:
    return {crc32(gram.encode()) % count for gram in surroundings.of(figure)}


def _log_shares(weights: _Weights, figure: Figure, surroundings: Surroundings) -> list[float]:
    count = len(STANCES)
    seen = buckets(figure, surroundings, weights.buckets)
    rows = [weights.table[one * count : (one + 1) * count] for one in seen]
    norm = math.sqrt(len(seen))
    logits = [
        bias + scale * sum(column) / norm
        for bias, scale, column in zip(
            weights.biases, weights.scales, zip(*rows, strict=True), strict=True
        )
    ]
    return [math.log(share + _LEAST) for share in _softmax(logits)]


def _softmax(logits: list[float]) -> list[float]:
    top = max(logits)
    shares = [math.exp(logit - top) for logit in logits]
    total = sum(shares)
    return [share / total for share in shares]


@cache
def _weights() -> _Weights:
    header, _, body = tables.read_bytes("tables/purpose.bin").partition(b"\n")
    told = json.loads(header)
    return _Weights(
        biases=tuple(told["biases"]),
        scales=tuple(told["scales"]),
        weighing={
            kind: tuple(tuple(line) for line in lines) for kind, lines in told["weighing"].items()
        },
        buckets=told["buckets"],
        table=memoryview(body).cast("b"),
    )
