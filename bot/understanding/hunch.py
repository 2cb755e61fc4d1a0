"""A second ear: how much a message sounds like those that needed a person.

Lexicons name what they know. This small linear model over character sequences only adds recall: it
is asked when no lexicon found anything sensitive, and it can hand a message over, never take one
back. The weights are a data file of one signed byte per class and hashed sequence.
"""

import math
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from zlib import crc32

from bot.understanding import tables

_HEAD, _TAIL = 280, 120
"""Characters of a long message that are listened to, from its beginning and its end."""
FINE = "fine"


@dataclass(frozen=True, slots=True)
class Hunch:
    """The likeliest sensitive intent, and the share of doubt that the message is harmless."""

    intent: str
    doubt: float


@dataclass(frozen=True, slots=True)
class _Weights:
    classes: tuple[str, ...]
    biases: tuple[float, ...]
    scales: tuple[float, ...]
    buckets: int
    table: memoryview


def hunch(text: str) -> Hunch:
    """Listen to a plain text; nothing is learned and nothing is kept."""
    weights = _weights()
    count = len(weights.classes)
    sums = [0] * count
    seen = {crc32(gram.encode()) % weights.buckets for gram in grams(text)}
    for bucket in seen:
        row = weights.table[bucket * count : (bucket + 1) * count]
        for index, weight in enumerate(row):
            sums[index] += weight
    norm = math.sqrt(len(seen) or 1)
    logits = [
        bias + scale * total / norm
        for bias, scale, total in zip(weights.biases, weights.scales, sums, strict=True)
    ]
    top = max(logits)
    shares = [math.exp(logit - top) for logit in logits]
    whole = sum(shares)
    fine = shares[weights.classes.index(FINE)] / whole
    likeliest = max(
        (name for name in weights.classes if name != FINE),
        key=lambda name: shares[weights.classes.index(name)],
    )
    return Hunch(likeliest, 1 - fine)


def grams(text: str) -> Iterator[str]:
    """Sequences of one to four characters, and whole words with their neighbour."""
    heard = text if len(text) <= _HEAD + _TAIL else text[:_HEAD] + " " + text[-_TAIL:]
    padded = f"^{heard.strip(' .,!?-')}$"
    for length in (1, 2, 3, 4):
        for start in range(len(padded) - length + 1):
            yield padded[start : start + length]
    words = ["^", *heard.replace(",", " ").replace(".", " ").replace("?", " ").split(), "$"]
    for left, right in pairwise(words):
        if left.isascii() and right.isascii():
            yield f"{left} {right}"


@cache
def _weights() -> _Weights:
    """Layout: one line of class names, then floats (bias, scale per class), then the bytes."""
    header, _, body = tables.read_bytes("tables/hunch.bin").partition(b"\n")
    names, buckets = header.decode().split("|")
    classes = tuple(names.split(","))
    floats = struct.unpack_from(f"<{2 * len(classes)}f", body)
    table = memoryview(body)[8 * len(classes) :].cast("b")
    return _Weights(classes, floats[: len(classes)], floats[len(classes) :], int(buckets), table)
