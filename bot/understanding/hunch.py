"""A second ear: how much a message sounds like those that needed a person.

Lexicons name what they know. This small linear model over character sequences only adds recall: it
is asked when no lexicon found anything sensitive, and it can hand a message over, never take one
back. The weights are a data file of one signed byte per class and hashed sequence.
"""

import math
import re
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from zlib import crc32

from bot.understanding import tables

_HEAD, _TAIL = 280, 120
"""Characters of a long message that are listened to, from its beginning and its end."""
_PAUSES = re.compile(r"[,.?!]+")


@dataclass(frozen=True, slots=True)
class Hunch:
    """The likeliest sensitive intent, the share of all sensitive ones together, and of paying.

    `paying` is the share of promises and of wishes for other terms.
    """

    intent: str
    doubt: float
    paying: float


@dataclass(frozen=True, slots=True)
class _Weights:
    """`sensitive` of the classes come first; `table` holds a row of weights for each bucket."""

    classes: tuple[str, ...]
    sensitive: int
    biases: tuple[float, ...]
    scales: tuple[float, ...]
    buckets: int
    table: memoryview


def hunch(text: str) -> Hunch:
    """Listen to a plain text; nothing is learned and nothing is kept."""
    weights = _weights()
    count = len(weights.classes)
    seen = {crc32(gram.encode()) % weights.buckets for gram in grams(text)}
    rows = [weights.table[bucket * count : (bucket + 1) * count] for bucket in seen]
    norm = math.sqrt(len(seen) or 1)
    logits = [
        bias + scale * sum(column) / norm
        for bias, scale, column in zip(
            weights.biases, weights.scales, zip(*rows, strict=True), strict=True
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
    return Hunch(weights.classes[grave.index(max(grave))], sum(grave) / total, paying / total)


def grams(text: str) -> Iterator[str]:
    """Sequences of one to four characters, pairs with a gap, and words with their neighbours."""
    heard = text if len(text) <= _HEAD + _TAIL else text[:_HEAD] + " " + text[-_TAIL:]
    padded = f"^{heard.strip(' .,!?-')}$"
    for length in (1, 2, 3, 4):
        for start in range(len(padded) - length + 1):
            yield padded[start : start + length]
    for left, right in zip(padded, padded[2:], strict=False):
        if not left.isascii() and not right.isascii():
            yield f"{left}_{right}"
    words = ["^", *_PAUSES.sub(" ", heard).split(), "$"]
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
    """Layout: a line of class names, then floats (bias, scale per class), then the bytes."""
    header, _, body = tables.read_bytes("tables/hunch.bin").partition(b"\n")
    names, buckets = header.decode().split("|")
    grave, harmless = (part.split(",") for part in names.split(";"))
    classes = (*grave, *harmless)
    floats = struct.unpack_from(f"<{2 * len(classes)}f", body)
    table = memoryview(body)[8 * len(classes) :].cast("b")
    biases, scales = floats[: len(classes)], floats[len(classes) :]
    return _Weights(classes, len(grave), biases, scales, int(buckets), table)
