"""What the words of a message are about, whatever its language: illness, family, a court, leisure.

The second ear learns from a few thousand messages and meets words in none of them. A list of words
by notion tells it that an illness it never heard of is one, and that "husband" beside it is family.
"""

import re
from collections.abc import Iterator
from functools import cache

from bot.understanding import tables

_PART = re.compile("[a-z0-9&']+(?:-[a-z]+)*|[\u3400-\u9fff]+|[.,!?]")
_LONGEST_CHINESE, _LONGEST_PHRASE = 6, 5
"""Characters of a Chinese word, words of an English phrase."""
_ENDINGS = (
    ("ies", "y"), ("ing", ""), ("ing", "e"), ("ed", ""), ("ed", "e"), ("es", ""), ("s", ""),
    ("er", ""), ("'s", ""),
)  # fmt: skip
_SHORTEST_STEM = 3
_NEAR = 3
"""Notions are paired with those that follow so soon after them."""


def notion_grams(text: str) -> Iterator[str]:
    """Notions in the order of the plain text: alone, with those that follow, first and last."""
    told = list(_told(text))
    for index, first in enumerate(told):
        follows = told[index + 1 : index + _NEAR]
        for one in first:
            yield f"c:{one}"
            yield from (f"{one}>{other}" for after in follows for other in after)
            if len(follows) > 1:
                yield from (f"{one}>{two}>{three}" for two in follows[0] for three in follows[1])
    if not told:
        yield "c:none"
        return
    yield from (f"^{one}" for one in told[0])
    yield from (f"{one}$" for one in told[-1])
    if len(told) <= 2:
        yield "short:" + "+".join(sorted({one for notions in told for one in notions}))


def known_words(words: list[str]) -> list[str]:
    """Those of the words that stand under a notion."""
    listed = _listed()
    return [word for word in words if word in listed]


def notions_in(text: str) -> Iterator[tuple[int, tuple[str, ...]]]:
    """Where each word begins that has notions, and those; the longest phrase counts."""
    listed = _listed()
    parts = list(_PART.finditer(text))
    at = 0
    while at < len(parts):
        part, start = parts[at].group(), parts[at].start()
        if not part.isascii():
            yield from _in_chinese(part, start)
            at += 1
            continue
        for length in range(min(_LONGEST_PHRASE, len(parts) - at), 0, -1):
            notions = listed.get(" ".join(one.group() for one in parts[at : at + length]))
            if notions is None and length == 1:
                notions = _of_its_stem(part)
            if notions:
                yield start, notions
                break
        at += length


def _told(text: str) -> Iterator[tuple[str, ...]]:
    return (notions for _, notions in notions_in(text))


def _in_chinese(run: str, start: int) -> Iterator[tuple[int, tuple[str, ...]]]:
    listed = _listed()
    at = 0
    while at < len(run):
        for length in range(min(_LONGEST_CHINESE, len(run) - at), 0, -1):
            notions = listed.get(run[at : at + length])
            if notions:
                yield start + at, notions
                break
        at += length


def _of_its_stem(word: str) -> tuple[str, ...] | None:
    listed = _listed()
    for ending, instead in _ENDINGS:
        if word.endswith(ending) and len(word) - len(ending) >= _SHORTEST_STEM:
            notions = listed.get(word[: -len(ending)] + instead)
            if notions:
                return notions
    return None


@cache
def _listed() -> dict[str, tuple[str, ...]]:
    """Word or phrase in the plain form -> the notions it stands under."""
    listed: dict[str, list[str]] = {}
    for notion, words in tables.read_yaml("tables/notions.yaml").items():
        for word in words.split("|"):
            listed.setdefault(word, []).append(notion)
    return {word: tuple(notions) for word, notions in listed.items()}
