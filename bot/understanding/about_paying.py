"""Whether a day or a sum is an answer about paying at all, or stands in a story of something else.

Words of paying tell it; without them a day or a sum must be nearly the whole message, or the two
must stand side by side.
"""

import re
from itertools import pairwise

from bot.understanding.amounts import NamedAmount
from bot.understanding.clauses import Clause
from bot.understanding.lexicon import Findings, beside
from bot.understanding.named_day import NamedDay

_WORDS = re.compile(r"[\u3400-\u9fff]|[^\W\d_\u3400-\u9fff]+")
_MOST_WORDS_BESIDE = 0
_MOST_WORDS_BESIDE_BOTH = 6
"""A day or a sum alone ("Friday then") is an answer; among other words it is a story."""
_DATED = {NamedDay, NamedAmount}


def about_paying(
    text: str,
    found: Findings,
    clauses: list[Clause],
    named: list[NamedDay | NamedAmount],
    sensitive: bool,
    only_stops: bool,
) -> bool:
    """`sensitive` and `only_stops` as in `commitment.commitments`; `named`: all days and sums."""
    if any(clause.has_verb or clause.cues & {"done", "paid", "told_paid"} for clause in clauses):
        return True
    if sensitive and only_stops:
        return bool({type(one) for one in named} >= _DATED)
    if any(_is_an_answer(clause, named, text, sensitive) for clause in clauses):
        return True
    if sensitive and _side_by_side(named, text, alone=True):
        return True
    if not sensitive and _side_by_side(named, text):
        return True
    if sensitive or found.has("smalltalk.harmless", "idiom.harmless"):
        return False
    if any("asks" in clause.cues for clause in clauses):
        return True
    if all(one.kind in _NO_ANSWER for one in named):
        return False
    rest = _without_quotes(text, clauses)
    for one in sorted(named, key=lambda one: -one.start):
        rest = rest[: one.start] + " " + rest[one.end :]
    both = any(isinstance(one, NamedDay) for one in named) and any(
        isinstance(one, NamedAmount) for one in named
    )
    left = words_beside(rest)
    if both or any(clause.cues & {"question", "condition", "hedge"} for clause in clauses):
        return left <= _MOST_WORDS_BESIDE_BOTH
    return left <= _MOST_WORDS_BESIDE


def _side_by_side(named: list[NamedDay | NamedAmount], text: str, *, alone: bool = False) -> bool:
    """ "Wednesday 1200": a day and a sum with nothing between them are an answer anywhere.

    `alone`: only where they begin a sentence and a sign, "now" or "you" ends them.
    """
    return any(
        isinstance(one, NamedDay) != isinstance(other, NamedDay)
        and one.kind not in _NO_ANSWER
        and other.kind not in _NO_ANSWER
        and not text[min(one.end, other.end) : max(one.start, other.start)].strip(" ,:-")
        and (not one.start or text[one.start - 1] in _EDGE)
        and (other.end == len(text) or text[other.end] in _EDGE)
        and not (alone and not _begins_and_ends(one, other, text))
        for one, other in pairwise(sorted(named, key=lambda one: one.start))
    )


def _is_an_answer(
    clause: Clause, named: list[NamedDay | NamedAmount], text: str, sensitive: bool
) -> bool:
    """ "150 on the 28th" between two full stops: a clause of nothing but a day and a sum."""
    here = [one for one in named if clause.start <= one.start < clause.end]
    days = [one for one in here if isinstance(one, NamedDay) and one.kind not in _NO_ANSWER]
    sums = [one for one in here if isinstance(one, NamedAmount) and one.amount is not None]
    if len(days) != 1 or len(sums) != 1 or days[0].day is None or clause.ends_with == "?":
        return False
    if clause.cues & {"question", "condition", "hedge", "quoted", "denied", "others"}:
        return False
    if sensitive and days[0].kind in _LENGTHS:
        return False
    rest = text[clause.start : clause.end]
    for one in sorted(here, key=lambda one: -one.start):
        rest = rest[: one.start - clause.start] + " " + rest[one.end - clause.start :]
    rest = rest[rest.rfind(": ") + 1 :]
    return len(rest) <= _LONGEST_ANSWER and words_beside(rest) == 0


def _begins_and_ends(one: NamedDay | NamedAmount, other: NamedDay | NamedAmount, text: str) -> bool:
    before, after = text[: one.start].rstrip(), text[other.end :]
    lengths = {one.kind, other.kind} & _LENGTHS
    return not lengths and (not before or before[-1] in ".!?") and bool(_ENDED.match(after))


_ENDED = re.compile(r" ?(?:$|[,.!]|(?:now|you|u|ya|ye|and|but|so)\b)")
_LENGTHS = frozenset({"in_some", "half_month"})
"""Kinds of days that may as well be a length of time: "500 for a month"."""
_LONGEST_ANSWER = 60
_EDGE = " ,.!?:;-"
_NO_ANSWER = frozenset({"vague", "now", "hour", "past", "full", "due_date"})
"""Alone, these answer no question of ours."""


def _without_quotes(text: str, clauses: list[Clause]) -> str:
    """What was said before ("you wrote the 5th") is not counted; places stay as they are."""
    for clause in clauses:
        if "quoted" in clause.cues:
            blank = " " * (clause.end - clause.start)
            text = text[: clause.start] + blank + text[clause.end :]
    return text


def words_beside(text: str) -> int:
    """How many words stand beside a day or a sum that are no part of an answer."""
    for pattern in beside("filler"):
        text = pattern.sub(" ", text)
    return len(_WORDS.findall(text))
