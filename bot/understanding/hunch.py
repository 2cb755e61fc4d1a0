"""A second ear: how much a message sounds like those that needed a person.

Lexicons name what they know. This small linear model over characters, words and notions adds
recall: it is asked when no lexicon found anything sensitive, and can hand a message over. Where it
is all but silent, a lone word in a short message is let go; danger to life never is. The weights
are a data file of one signed byte per class and hashed sequence.
"""

import math
import re
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from zlib import crc32

from bot.understanding import tables
from bot.understanding.intents import SENSITIVE
from bot.understanding.notions import notion_grams

_HEAD, _TAIL = 280, 120
"""Characters of a long message that are listened to, from its beginning and its end."""
_DANGER, _NAMED_BEFORE = "crisis", 2
_SOME_PAYMENT = 0.12
"""Share of payments made among the harmless matters, below which nothing was paid."""
_SOME_DISPUTE, _MOSTLY_DISPUTE = 0.05, 0.5
"""Shares of disputes beside which a payment is told of, gone astray and any."""
_PAUSES = re.compile(r"[,.?!]+")


@dataclass(frozen=True, slots=True)
class Hunch:
    """A sensitive intent, the share of all sensitive ones together, and four more.

    The intent is the likeliest one, or danger to life where nothing is more than twice as likely.
    `paying` is the share of promises and of wishes for other terms, `danger` that of danger to
    life; `shares` has that of each sensitive intent, `harmless` that of each other one.
    """

    intent: str
    doubt: float
    paying: float
    danger: float
    shares: dict[str, float]
    harmless: dict[str, float]

    @property
    def likeliest(self) -> str:
        return max(self.shares, key=self.shares.__getitem__)

    @property
    def pays_of_harmless(self) -> float:
        """The share of promises and wishes for other terms among the harmless matters."""
        return self.paying / (sum(self.harmless.values()) or 1.0)

    def tells_of_payment(self, *, astray: bool) -> bool:
        """Whether words of a payment made are that: "paid the rent", "you got the wrong person".

        What is said of a payment in the dark (`astray`: to another account) sounds like a dispute.
        """
        paid = self.harmless["already_paid"] / (sum(self.harmless.values()) or 1.0)
        disputed = self.shares["dispute"]
        if astray and disputed >= _SOME_DISPUTE:
            return disputed > self.shares["wrong_person"]
        return paid >= _SOME_PAYMENT or disputed >= _MOSTLY_DISPUTE


@dataclass(frozen=True, slots=True)
class _Weights:
    """`table` holds a row of weights, one for each class, for each bucket.

    The rows of the `letters` come first, then those of the `words` and of the `notions`, each with
    its loudness beside the letters.
    """

    classes: tuple[str, ...]
    biases: tuple[float, ...]
    scales: tuple[float, ...]
    letters: int
    words: int
    notions: int
    loudness_of_words: float
    loudness_of_notions: float
    table: memoryview


def hunch(text: str) -> Hunch:
    """Listen to a plain text; nothing is learned and nothing is kept."""
    weights = _weights()
    text = heard(text)
    letters = _sums(weights, buckets(letter_grams(text), weights.letters), 0)
    words = _sums(weights, buckets(word_grams(text), weights.words), weights.letters)
    before = weights.letters + weights.words
    notions = _sums(weights, buckets(notion_grams(text), weights.notions), before)
    logits = [
        bias
        + scale * (letter + weights.loudness_of_words * word + weights.loudness_of_notions * notion)
        for bias, scale, letter, word, notion in zip(
            weights.biases, weights.scales, letters, words, notions, strict=True
        )
    ]
    top = max(logits)
    shares = [math.exp(logit - top) for logit in logits]
    total = sum(shares)
    each = {name: share / total for name, share in zip(weights.classes, shares, strict=True)}
    return judged(each)


def judged(shares: dict[str, float]) -> Hunch:
    """The hunch of a text in which each intent has this share; together they are one."""
    sensitive = {name: share for name, share in shares.items() if name in SENSITIVE}
    harmless = {name: share for name, share in shares.items() if name not in SENSITIVE}
    danger, likeliest = sensitive[_DANGER], max(sensitive, key=sensitive.__getitem__)
    return Hunch(
        intent=_DANGER if danger * _NAMED_BEFORE >= sensitive[likeliest] else likeliest,
        doubt=sum(sensitive.values()),
        paying=harmless["promise"] + harmless["plan_request"],
        danger=danger,
        shares=sensitive,
        harmless=harmless,
    )


def _sums(weights: _Weights, seen: set[int], offset: int) -> list[float]:
    """Per class, what these buckets weigh together, for a message of length one."""
    count = len(weights.classes)
    if not seen:
        return [0.0] * count
    rows = [weights.table[(offset + one) * count : (offset + one + 1) * count] for one in seen]
    norm = math.sqrt(len(seen))
    return [sum(column) / norm for column in zip(*rows, strict=True)]


def heard(text: str) -> str:
    """What is listened to of a plain text."""
    return text if len(text) <= _HEAD + _TAIL else text[:_HEAD] + " " + text[-_TAIL:]


def buckets(named: Iterator[str], count: int) -> set[int]:
    return {crc32(gram.encode()) % count for gram in named}


def letter_grams(text: str) -> Iterator[str]:
    """Sequences of one to four characters, and pairs of Chinese ones with a gap."""
    padded = f"^{text.strip(' .,!?-')}$"
    for length in (1, 2, 3, 4):
        for start in range(len(padded) - length + 1):
            yield padded[start : start + length]
    for left, right in zip(padded, padded[2:], strict=False):
        if not left.isascii() and not right.isascii():
            yield f"{left}_{right}"


def word_grams(text: str) -> Iterator[str]:
    """Latin words, alone, with one or two that follow, and with the next but one."""
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
    names, *sizes, loud_words, loud_notions = header.decode().split("|")
    grave, harmless = (part.split(",") for part in names.split(";"))
    classes = (*grave, *harmless)
    floats = struct.unpack_from(f"<{2 * len(classes)}f", body)
    table = memoryview(body)[8 * len(classes) :].cast("b")
    biases, scales = floats[: len(classes)], floats[len(classes) :]
    letters, words, notions = map(int, sizes)
    loud = float(loud_words), float(loud_notions)
    return _Weights(classes, biases, scales, letters, words, notions, *loud, table)
