"""What stands around a day or a sum in its message, as sequences a small model can learn from.

Words near it and their place, the cues of its clause and of the two beside it, what the lexicons
found and what the words are about, each told by the side it stands on and by whether a clause or a
sentence ends in between. Other days and sums are only told as such.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby

from bot.understanding.amounts import NamedAmount
from bot.understanding.clauses import Clause, clause_at, clauses_of, mark
from bot.understanding.lexicon import Findings
from bot.understanding.named_day import NamedDay
from bot.understanding.notions import notions_in

Figure = NamedDay | NamedAmount
"""A day or a sum that a message names."""

_WORD = re.compile(r"[a-z0-9']+|[\u3400-\u9fff]|[.,!?:;-]")
_A_DAY, _A_SUM = "<day>", "<sum>"
_WINDOW, _NEAR, _LONGEST = 24, 4, 3
"""Words on each side, those whose place is told, and words of a sequence."""
_APART = frozenset({"dates", "amounts"})
"""Lexicons of the days and sums themselves."""


@dataclass(frozen=True, slots=True)
class _Told:
    """A word, a finding or a notion, and where it stands."""

    start: int
    end: int
    what: str


class Surroundings:
    """Of all the figures of one plain text, in order of place."""

    def __init__(self, text: str, figures: list[Figure], found: Findings) -> None:
        self._figures = figures
        # Cut and marked anew: those of the grammar have lost the cues it took back on its way.
        self._clauses = clauses_of(text)
        for clause in self._clauses:
            mark(clause, found, text)
        self._words = _words(text, figures)
        self._found = [
            _Told(one.start, one.end, f"F{label}")
            for label in found.labels()
            if label.partition(".")[0] not in _APART
            for one in found.of(label)
        ]
        self._notions = [
            _Told(at, at + 1, f"N{notion}")
            for at, notions in notions_in(text)
            for notion in notions
        ]

    def of(self, figure: Figure) -> Iterator[str]:
        """Sequences, some of them more than once."""
        kind = "d" if isinstance(figure, NamedDay) else "s"
        for gram in self._of_the_message(figure):
            yield f"{kind}{gram}"
        own = clause_at(self._clauses, figure.start)
        for gram in self._of_the_clauses(own):
            yield f"{kind}{gram}"
        left, right = self._beside(figure)
        for side, words in (("L", left), ("R", right)):
            for gram in self._of_a_side(words, own):
                yield f"{kind}{side}{gram}"
        for told in (*self._found, *self._notions):
            yield f"{kind}{self._place(told, figure, own)}{told.what}"
            yield f"{kind}{told.what}"

    def cues(self, figure: Figure) -> set[str]:
        """Of the clause it stands in."""
        own = clause_at(self._clauses, figure.start)
        return own.cues if own is not None else set()

    def _of_the_message(self, figure: Figure) -> Iterator[str]:
        like = [one for one in self._figures if type(one) is type(figure)]
        others = len(self._figures) - len(like)
        before = like.index(figure)
        yield f"kind {figure.kind}"
        yield f"count {min(len(like), 4)} {min(before, 3)} {min(others, 3)}"
        yield f"last {before == len(like) - 1} {others > 0}"

    def _of_the_clauses(self, own: Clause | None) -> Iterator[str]:
        if own is None:
            return
        at = self._clauses.index(own)
        near = {"own": at, "before": at - 1, "after": at + 1}
        for name, index in near.items():
            if not 0 <= index < len(self._clauses):
                yield f"{name} none"
                continue
            clause = self._clauses[index]
            yield f"{name} ends {clause.ends_with}"
            yield f"{name} verb {clause.has_verb}"
            yield from (f"{name} {cue}" for cue in sorted(clause.cues))

    def _beside(self, figure: Figure) -> tuple[list[_Told], list[_Told]]:
        """The words on its left, the nearest first, and on its right."""
        at = next(index for index, word in enumerate(self._words) if word.end > figure.start)
        return self._words[max(0, at - _WINDOW) : at][::-1], self._words[at + 1 : at + 1 + _WINDOW]

    def _of_a_side(self, words: list[_Told], own: Clause | None) -> Iterator[str]:
        near = [word.what for word in words[:_NEAR]]
        for place, word in enumerate(near):
            yield f"{place}={word}"
            yield f"to {place}={' '.join(near[: place + 1])}"
        for zone, there in groupby(words, lambda word: self._zone(word.start, own)):
            said = [word.what for word in there]
            for length in range(1, _LONGEST + 1):
                for start in range(len(said) - length + 1):
                    yield f"{zone}:{' '.join(said[start : start + length])}"

    def _zone(self, at: int, own: Clause | None) -> str:
        """In the same clause, in the same sentence, or further away."""
        if own is None:
            return "f"
        if own.start <= at < own.end:
            return "c"
        clause = clause_at(self._clauses, at)
        return "s" if clause is not None and clause.sentence == own.sentence else "f"

    def _place(self, told: _Told, figure: Figure, own: Clause | None) -> str:
        if told.start < figure.end and figure.start < told.end:
            return "o"
        if told.start >= figure.end:
            return f"R{'n' if told.start - figure.end <= _NEAR else self._zone(told.start, own)}"
        return f"L{'n' if figure.start - told.end <= _NEAR else self._zone(told.start, own)}"


def _words(text: str, figures: list[Figure]) -> list[_Told]:
    """In order of place; a figure is one word."""
    words: list[_Told] = []
    at = 0
    for figure in figures:
        if figure.start < at:
            continue
        words += _plain_words(text, at, figure.start)
        name = _A_DAY if isinstance(figure, NamedDay) else _A_SUM
        words.append(_Told(figure.start, figure.end, name))
        at = figure.end
    return [*words, *_plain_words(text, at, len(text))]


def _plain_words(text: str, start: int, end: int) -> list[_Told]:
    return [
        _Told(match.start(), match.end(), match.group())
        for match in _WORD.finditer(text, start, end)
    ]
