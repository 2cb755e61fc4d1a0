"""Finds every pattern of every lexicon in a plain text, whatever the text's language.

Thousands of patterns cannot all be tried on each message within a millisecond. Each is filed under
the first letters of its keys; only those whose key really stands in the text are tried.
A pattern under `unless` takes back what it covers: "tired to death" is no cry for help.
"""

import re
from collections import defaultdict
from collections.abc import Iterator
from functools import cache
from itertools import islice
from threading import Lock
from typing import NamedTuple

from bot.understanding import tables
from bot.understanding.pattern import Pattern, read_pattern, weight

_LONGEST_FILING = 4
_HANDFUL = 20
"""Expressions compiled at one step: a few milliseconds."""
_EDGES = " ,.!"


class Finding(NamedTuple):
    """A pattern found: half-open in the plain text."""

    label: str
    start: int
    end: int
    match: re.Match[str]


class Findings:
    """What one text matched, by label ("crisis.sure")."""

    def __init__(self, found: dict[str, list[Finding]]) -> None:
        self._found = found

    def of(self, *labels: str) -> list[Finding]:
        """The findings under these labels, in order of place."""
        if len(labels) == 1:
            return self._found.get(labels[0], [])
        return sorted(
            (finding for label in labels for finding in self._found.get(label, [])),
            key=lambda finding: (finding.start, -finding.end),
        )

    def has(self, *labels: str) -> bool:
        return any(self._found.get(label) for label in labels)

    def labels(self) -> list[str]:
        return [label for label, found in self._found.items() if found]


class Lexicon:
    """Patterns filed for quick finding."""

    def __init__(self, patterns: list[Pattern]) -> None:
        self._patterns = patterns
        self._taken_up = False
        self._always = [pattern for pattern in patterns if not pattern.keys]
        self._filed: dict[str, dict[str, list[Pattern]]] = defaultdict(dict)
        for pattern in patterns:
            for key in pattern.keys:
                self._filed[_filing(key)].setdefault(key, []).append(pattern)

    def compiling(self) -> Iterator[None]:
        """Compiles every expression, a handful at each step.

        For the first who asks only. Whoever comes while he is at it goes on at once: what is not
        compiled by then is when a message needs it.
        """
        taken_up, self._taken_up = self._taken_up, True
        return iter(()) if taken_up else self._compile_in_handfuls()

    def _compile_in_handfuls(self) -> Iterator[None]:
        for start in range(0, len(self._patterns), _HANDFUL):
            for pattern in self._patterns[start : start + _HANDFUL]:
                pattern.expression()
            yield

    def find(self, text: str) -> Findings:
        found: dict[str, list[Finding]] = defaultdict(list)
        candidates = self._candidates(text)
        most = _CROWDED if len(text) <= _LONG_TEXT else _CROWDED_AT_LENGTH
        crowded = len(candidates) > most
        if crowded:
            candidates = _most_telling(candidates, most)
        for pattern, keys in candidates:
            if len(found[pattern.label]) >= _PLENTY and pattern.label.endswith(".sure"):
                continue
            around = _NARROW if crowded else _WIDE
            if pattern.label.startswith("crisis."):
                around = _EVERYWHERE
            for match in islice(_matches(pattern, keys, text, around), _MOST_OF_ONE):
                start, end = match.span()
                while start < end and text[start] in _EDGES:
                    start += 1
                while start < end and text[end - 1] in _EDGES:
                    end -= 1
                if start < end:
                    found[pattern.label].append(Finding(pattern.label, start, end, match))
        for findings in found.values():
            findings.sort(key=lambda finding: (finding.start, -finding.end))
        return Findings(_without_taken_back(found))

    def _candidates(self, text: str) -> list[tuple[Pattern, list[str]]]:
        """Patterns to try, each with those of its keys that stand in the text."""
        grams = {
            text[index : index + length]
            for length in range(1, _LONGEST_FILING + 1)
            for index in range(len(text) - length + 1)
        }
        chosen: dict[int, tuple[Pattern, list[str]]] = {}
        for pattern in self._always:
            chosen[id(pattern)] = (pattern, [])
        for gram in grams & self._filed.keys():
            for key, patterns in self._filed[gram].items():
                if key in text:
                    for pattern in patterns:
                        chosen.setdefault(id(pattern), (pattern, []))[1].append(key)
        return list(chosen.values())


class _Around(NamedTuple):
    """How much of a long text is searched: characters about a key, keys, places of one, of all."""

    before: int
    after: int
    keys: int
    places: int
    most: int


_LONG_TEXT = 400
"""From how many characters a text is searched around the keys only."""
_EVERYWHERE = _Around(48, 80, 400, 4096, 4096)
_WIDE, _NARROW = _Around(48, 80, 400, 6, 48), _Around(32, 40, 3, 1, 2)
_CROWDED, _CROWDED_AT_LENGTH = 500, 200
"""A text in which so many patterns could stand, short or long, is no message a person wrote: all
but those of danger to life, which are looked for everywhere, are looked for in fewer and narrower
places."""
_MOST_OF_ONE, _PLENTY = 24, 12


def _matches(
    pattern: Pattern, keys: list[str], text: str, around: _Around
) -> Iterator[re.Match[str]]:
    expression = pattern.expression()
    if len(text) <= _LONG_TEXT or not keys:
        yield from expression.finditer(text)
        return
    told_by = keys if len(keys) <= around.keys else sorted(keys, key=_telling)[: around.keys]
    standing = sorted({at for key in told_by for at in _places(key, text, around.places)})
    if len(standing) > around.most:
        standing = standing[: around.most // 2] + standing[-(around.most // 2) :]
    for start, end in _stretches(standing, around):
        for match in expression.finditer(text, start, end):
            if not pattern.anchored or match.end() < end or end >= len(text):
                yield match


def _most_telling(
    candidates: list[tuple[Pattern, list[str]]], most: int
) -> list[tuple[Pattern, list[str]]]:
    """Those of danger to life, those without keys, and of the others those with the longest."""
    grave = [one for one in candidates if one[0].label.startswith("crisis.")]
    others = [one for one in candidates if not one[0].label.startswith("crisis.")]
    others.sort(key=lambda one: (max(map(weight, one[1]), default=_LONG_TEXT), one[0].source))
    return grave + others[-most:]


def _telling(key: str) -> tuple[int, str]:
    """Long keys are rare, and say more about where a pattern stands."""
    return -weight(key), key


def _stretches(places: list[int], around: _Around) -> Iterator[tuple[int, int]]:
    """The surroundings of the places, overlapping ones joined."""
    start = end = -1
    for place in places:
        if start >= 0 and place - around.before > end:
            yield start, end
            start = -1
        if start < 0:
            start = max(0, place - around.before)
        end = place + around.after
    if start >= 0:
        yield start, end


def _places(key: str, text: str, most: int) -> Iterator[int]:
    """Where a key stands: the first places and, for what is said at the end, the last."""
    place = text.find(key)
    for _ in range(most):
        if place < 0:
            return
        yield place
        place = text.find(key, place + len(key))
    yield text.rfind(key)


def _filing(key: str) -> str:
    """A Chinese key is filed under two characters, another one under its longest word's four."""
    if not key.isascii():
        return key[:2]
    word = max(key.split(" "), key=len)
    return word[:_LONGEST_FILING] or key[:_LONGEST_FILING]


def _without_taken_back(found: dict[str, list[Finding]]) -> dict[str, list[Finding]]:
    """Drops what an `unless` of the same lexicon, or an idiom, covers."""
    idioms = found.get("idiom.harmless", [])
    for label, findings in found.items():
        lexicon, _, tier = label.partition(".")
        if tier == "unless" or lexicon == "idiom":
            continue
        covers = found.get(f"{lexicon}.unless", [])
        if lexicon in _IDIOMS_COVER:
            covers = covers + idioms
        if covers:
            found[label] = [
                finding
                for finding in findings
                if not any(c.start <= finding.start and finding.end <= c.end for c in covers)
            ]
    return found


_IDIOMS_COVER = frozenset({"crisis", "hardship", "wrong_person", "abuse", "legal_threat"})


def lexicon() -> Lexicon:
    """Every file under lexicon/ and grammar/, read once. Raises WrongPattern."""
    with _ONE_READER:
        return _read()


_ONE_READER = Lock()


@cache
def _read() -> Lexicon:
    words: dict[str, str] = tables.read_yaml("tables/words.yaml")
    patterns = [
        read_pattern(f"{name.split('/')[1].removesuffix('.yaml')}.{tier}", written, words)
        for folder in ("lexicon", "grammar")
        for name in tables.names(folder)
        for tier, listed in tables.read_yaml(name).items()
        if tier not in _BESIDE
        for written in listed
    ]
    return Lexicon(patterns)


_BESIDE = frozenset(
    {
        "tag",
        "not_then",
        "not_before",
        "from_then",
        "not_this_sum",
        "filler",
        "up_to",
        "begins",
        "that_is",
    }
)
"""Tiers that are read only beside a named day or clause, by `beside`."""


@cache
def beside(tier: str) -> tuple[re.Pattern[str], ...]:
    """The expressions of a tier that looks at the words just before or after something."""
    words: dict[str, str] = tables.read_yaml("tables/words.yaml")
    written = tables.read_yaml("grammar/commitment.yaml")[tier]
    return tuple(read_pattern(tier, one, words).expression() for one in written)
