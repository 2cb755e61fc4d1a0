"""A second ear: how much a message sounds like those that needed a person.

Lexicons name what they know. This small linear model over character sequences and notions only adds
recall: it is asked when no lexicon found anything sensitive, and it can hand a message over, never
take one back. The weights are a data file of one signed byte per class and hashed sequence.
"""

import math
import re
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from zlib import crc32

from bot.understanding import tables
from bot.understanding.notions import notion_grams

_HEAD, _TAIL = 280, 120
"""Characters of a long message that are listened to, from its beginning and its end."""
_DANGER, _NAMED_BEFORE = "crisis", 2
_PAUSES = re.compile(r"[,.?!]+")


@dataclass(frozen=True, slots=True)
class Hunch:
    """The likeliest sensitive intent, the share of all sensitive ones together, and two more.

    `paying` is the share of promises and of wishes for other terms, `danger` that of danger to
    life, which is named even where another intent is likelier, up to twice as likely.
    """

    intent: str
    doubt: float
    paying: float
    danger: float


@dataclass(frozen=True, slots=True)
class _Weights:
    """`sensitive` of the classes come first; `table` holds a row of weights for each bucket.

    The rows of the `letters` come before those of the `notions`, whose share is `loudness`.
    """

    classes: tuple[str, ...]
    sensitive: int
    biases: tuple[float, ...]
    scales: tuple[float, ...]
    letters: int
    notions: int
    loudness: float
    table: memoryview


def hunch(text: str) -> Hunch:
    """Listen to a plain text; nothing is learned and nothing is kept."""
    weights = _weights()
    text = heard(text)
    letters = _sums(weights, buckets(grams(text), weights.letters), 0)
    notions = _sums(weights, buckets(notion_grams(text), weights.notions), weights.letters)
    logits = [
        bias + scale * (letter + weights.loudness * notion)
        for bias, scale, letter, notion in zip(
            weights.biases, weights.scales, letters, notions, strict=True
        )
    ]
    top = max(logits)
    shares = [math.exp(logit - top) for logit in logits]
    grave = shares[: weights.sensitive]
    paying = sum(
        share
        for name, share in zip(weights.classes, shares, strict=True)
        if name in ("promise", "plan_request")
    )
    total = sum(shares)
    danger = grave[weights.classes.index(_DANGER)]
    likeliest = weights.classes[grave.index(max(grave))]
    named = _DANGER if danger * _NAMED_BEFORE >= max(grave) else likeliest
    return Hunch(named, sum(grave) / total, paying / total, danger / total)


def _sums(weights: _Weights, seen: set[int], offset: int) -> list[float]:
    """Per class, what these buckets weigh together, for a message of length one."""
    count = len(weights.classes)
    rows = [weights.table[(offset + one) * count : (offset + one + 1) * count] for one in seen]
    norm = math.sqrt(len(seen))
    return [sum(column) / norm for column in zip(*rows, strict=True)]


def heard(text: str) -> str:
    """What is listened to of a plain text."""
    return text if len(text) <= _HEAD + _TAIL else text[:_HEAD] + " " + text[-_TAIL:]


def buckets(named: Iterator[str], count: int) -> set[int]:
    return {crc32(gram.encode()) % count for gram in named}


def grams(text: str) -> Iterator[str]:
    """Sequences of one to four characters, pairs with a gap, and words with their neighbours."""
    padded = f"^{text.strip(' .,!?-')}$"
    for length in (1, 2, 3, 4):
        for start in range(len(padded) - length + 1):
            yield padded[start : start + length]
    for left, right in zip(padded, padded[2:], strict=False):
        if not left.isascii() and not right.isascii():
            yield f"{left}_{right}"
    words = ["^", *_PAUSES.sub(" ", text).split(), "$"]
    latin = [word.isascii() for word in words]
    for index, word in enumerate(words[:-1]):
        if latin[index]:
            yield f"w:{word}"
            if latin[index + 1]:
                yield f"{word} {words[index + 1]}"
            if index + 2 < len(words) and latin[index + 2]:
                yield f"{word} * {words[index + 2]}"
                if latin[index + 1]:
                    yield f"{word} {words[index + 1]} {words[index + 2]}"


@cache
def _weights() -> _Weights:
    """Layout: a line of names and sizes, then floats (bias, scale per class), then the bytes."""
    header, _, body = tables.read_bytes("tables/hunch.bin").partition(b"\n")
    names, letters, notions, loudness = header.decode().split("|")
    grave, harmless = (part.split(",") for part in names.split(";"))
    classes = (*grave, *harmless)
    floats = struct.unpack_from(f"<{2 * len(classes)}f", body)
    table = memoryview(body)[8 * len(classes) :].cast("b")
    biases, scales = floats[: len(classes)], floats[len(classes) :]
    sizes = int(letters), int(notions), float(loudness)
    return _Weights(classes, len(grave), biases, scales, *sizes, table)
