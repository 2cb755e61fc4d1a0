"""Which of the days and sums a message names are still meant when it ends.

Those that are past, ruled out, corrected, quoted, left open or told of something else are taken
out: what stays is what somebody may bind himself to.
"""

import re
from itertools import pairwise

from bot.understanding.about_paying import words_beside
from bot.understanding.amounts import NamedAmount
from bot.understanding.clauses import Clause, clause_at
from bot.understanding.lexicon import Finding, Findings, beside
from bot.understanding.named_day import NamedDay


def counts_instalments(day: NamedDay, found: Findings) -> bool:
    """ "I need 18 months": a length, no day."""
    return day.kind == "in_some" and any(
        one.start < day.end and day.start < one.end for one in found.of("amounts.instalments")
    )


_AN_ASIDE, _A_STORY = 1, 2
"""Words beside a day that tell of something else than paying, where another day has its sum and
where it has none."""


def without_asides(live: list[NamedDay], clauses: list[Clause], text: str) -> list[NamedDay]:
    """ "350 on Friday, at the weekend I am at the clinic": the second day is not for paying."""
    told = [one for one in clauses if one.names_day and (one.has_verb or one.names_sum)]
    if not told and not any(_is_bare(day, clauses, text) for day in live):
        return live
    most = _AN_ASIDE if any(one.names_sum for one in told) else _A_STORY
    return [day for day in live if not _is_an_aside(day, clauses, text, most)]


def _is_an_aside(day: NamedDay, clauses: list[Clause], text: str, most: int) -> bool:
    clause = clause_at(clauses, day.start)
    if clause is None or clause.has_verb or clause.names_sum:
        return False
    return _words_with(day, clause, text) >= most


def sums_without_asides(
    sums: list[NamedAmount], named: list[NamedDay], clauses: list[Clause], text: str
) -> list[NamedAmount]:
    """ "The plumber was 210, you get 50 on the 11th": the first sum is somebody else's."""
    figures = [
        clause
        for one in sums
        if one.kind not in _PARTS and (clause := clause_at(clauses, one.start)) is not None
        if not clause.cues & {"others", "paid"}
    ]
    firm = any(clause.has_verb for clause in figures)
    if not firm and not any(_words_of(clause, named, sums, text) == 0 for clause in figures):
        return sums
    kept: list[NamedAmount] = []
    for one in sums:
        clause = clause_at(clauses, one.start)
        if (
            clause is None
            or one.kind in _PARTS
            or clause.has_verb
            or "paid" in clause.cues
            or (clause.names_day and not firm)
            or _words_of(clause, named, sums, text) < _OTHER_MONEY
        ):
            kept.append(one)
    return kept


def _words_of(clause: Clause, named: list[NamedDay], sums: list[NamedAmount], text: str) -> int:
    """Its words that are no part of an answer, days and sums apart."""
    if clause.end - clause.start > _LONGEST_ANSWER:
        return _LONGEST_ANSWER
    rest, told = text[clause.start : clause.end], list[NamedDay | NamedAmount]([*named, *sums])
    for other in sorted(told, key=lambda other: -other.start):
        if clause.start <= other.start < clause.end:
            rest = rest[: other.start - clause.start] + " " + rest[other.end - clause.start :]
    return words_beside(rest)


_PARTS = frozenset({"full", "half", "percent"})
_OTHER_MONEY = 2
"""Words beside a sum that tell of something else than paying, where another one is promised."""


def _is_bare(day: NamedDay, clauses: list[Clause], text: str) -> bool:
    """ "Saturday then": the day is all that the clause says."""
    clause = clause_at(clauses, day.start)
    return clause is not None and _words_with(day, clause, text) == 0


def _words_with(day: NamedDay, clause: Clause, text: str) -> int:
    if clause.end - clause.start > _LONGEST_ANSWER:
        return _LONGEST_ANSWER
    return words_beside(text[clause.start : day.start] + " " + text[day.end : clause.end])


_LONGEST_ANSWER = 200
"""Characters; the words of a longer clause are not counted, they are too many for an answer."""


def without_conditions(live: list[NamedDay], clauses: list[Clause]) -> list[NamedDay]:
    """ "If they pay by the 15th, I pay on the 18th": the first day is the condition's."""
    for condition in clauses:
        if "condition" not in condition.cues or condition.names_sum or not condition.names_day:
            continue
        later = [one for one in clauses if one.start > condition.start and one.names_day]
        if any(one.has_verb and "condition" not in one.cues for one in later):
            live = [day for day in live if clause_at(clauses, day.start) is not condition]
    return live


def without_income(live: list[NamedDay], clauses: list[Clause], text: str) -> list[NamedDay]:
    """ "My refund comes on the 15th, and on the 16th I pay": the first day is the income's."""
    for income in clauses:
        said = text[income.start : income.end]
        told = any(pattern.search(said) for pattern in beside("income_told"))
        if not told or income.names_sum or not income.names_day:
            continue
        later = [one for one in clauses if one.start > income.start and one.names_day]
        if any(one.has_verb and one.on - income.on for one in later):
            live = [day for day in live if clause_at(clauses, day.start) is not income]
    return live


def without_reasons(live: list[NamedDay], clauses: list[Clause], text: str) -> list[NamedDay]:
    """ "Monday is school, Tuesday the doctor, so Wednesday": the days before are the reasons."""
    for clause in clauses:
        said = text[clause.start : clause.end]
        if not clause.names_day or not any(one.match(said) for one in beside("concludes")):
            continue
        live = [
            day
            for day in live
            if day.start >= clause.start
            or (told := clause_at(clauses, day.start)) is None
            or told.names_sum
            or told.sentence != clause.sentence
        ]
    return live


def left_open(one: NamedAmount, text: str) -> bool:
    """ "The rest we can talk about", "the rest in six parts": nothing is said of when."""
    after = text[one.end : one.end + _NEAR]
    if any(pattern.match(after) for pattern in beside("left_open")):
        return True
    before = text[max(0, one.start - _NEAR) : one.start]
    if one.kind == "full" and any(pattern.search(before) for pattern in beside("left_open_after")):
        return True
    is_rest = any(pattern.search(text[one.start : one.end]) for pattern in beside("rest"))
    return is_rest and any(pattern.match(after) for pattern in beside("rest_left_open"))


def still_standing(
    text: str, found: Findings, named: list[NamedDay], clauses: list[Clause]
) -> tuple[list[NamedDay], bool]:
    """Days neither past, ruled out, corrected nor quoted; and whether one was ruled out."""
    standing: list[NamedDay] = []
    ruled_out = False
    for day in named:
        if day.kind == "past" or quoted(day.start, found, clauses, text):
            continue
        if _ruled_out(day, text, clauses):
            ruled_out = True
            continue
        standing.append(day)
    for correction in found.of("commitment.corrected"):
        before = [day for day in standing if day.end <= correction.start]
        after = [day for day in standing if day.start >= correction.end - 1]
        others = [day for day in after if day.day != before[-1].day] if before else []
        if before and after:
            standing = [day for day in standing if day not in before[-1:]]
        if others and others[-1].day is not None and before[-1].day is not None:
            standing = [day for day in standing if day in before or day in others]
    return standing, ruled_out


def passed_on(named: list[NamedDay], found: Findings, summed: bool) -> list[NamedDay]:
    """ "Wages come on the 29th, you get it on the 30th": the first is the borrower's own.

    A day of income alone is kept when something beside it speaks of paying.
    """
    kept = list(named)
    for income in found.of("commitment.income"):
        exact = [day for day in kept if day.kind not in _LOOSE and day.day is not None]
        before = [one for one in exact if 0 <= income.start - one.end <= _BESIDE_INCOME][-1:]
        after = [one for one in exact if -1 <= one.start - income.end <= _BESIDE_INCOME]
        own = (before or after)[:1]
        passed_on = any(one.start >= max(own[0].end, income.end) for one in exact) if own else False
        asked = len(exact) == 1 and found.has("everyday.plan_request")
        if own and (passed_on or not (summed or asked or _pays_beside(income, found))):
            kept = [day for day in kept if day is not own[0]]
    return kept


def _pays_beside(income: Finding, found: Findings) -> bool:
    """Something is said of paying, apart from the income itself."""
    said = found.of("commitment.verb", "commitment.future", "commitment.promise_only")
    return any(one.end <= income.start or one.start >= income.end for one in said)


_BEHIND = 10
"""Characters between a correction and the sum that it brings."""
_BESIDE_INCOME = 6
"""Characters between a day and the words that money comes to the borrower on it."""
_NEAR = 60
"""Characters before a day or a sum in which it may be denied."""


def without_denied(sums: list[NamedAmount], text: str) -> list[NamedAmount]:
    """ "Not 500, 300": where several sums are named, one that is denied goes."""
    kept = [
        one
        for one in sums
        if not any(
            pattern.search(text[max(0, one.start - _NEAR) : one.start])
            for pattern in beside("not_this_sum")
        )
    ]
    return kept if kept else sums


def without_corrected(sums: list[NamedAmount], found: Findings) -> list[NamedAmount]:
    """ "600, oh no, 800": the sum right behind a correction takes the place of the last."""
    for correction in found.of("commitment.corrected"):
        before = [one for one in sums if one.end <= correction.start]
        after = [one for one in sums if 0 <= one.start - correction.end + 1 <= _BEHIND]
        if before and after:
            sums = [one for one in sums if one is not before[-1]]
    return sums


def without_repeated(
    sums: list[NamedAmount], named: list[NamedDay], clauses: list[Clause], text: str
) -> list[NamedAmount]:
    """ "35, not 53, I mistyped. Sending 35" is one sum; "50 this week and 50 next week" are two."""
    if _take_turns(sums, named):
        return sums
    dated = [clause_at(clauses, day.start) for day in named]
    kept: list[NamedAmount] = []
    for one in sums:
        twin = next((other for other in kept if _said_again(other, one, text)), None)
        if twin is not None and _is_paid(twin, clauses) != _is_paid(one, clauses):
            twin = None
        if twin is None:
            kept.append(one)
        elif clause_at(clauses, one.start) in dated:
            if clause_at(clauses, twin.start) not in dated:
                kept.remove(twin)
            kept.append(one)
    return kept


def _take_turns(sums: list[NamedAmount], named: list[NamedDay]) -> bool:
    """ "A hundred today, a hundred on the 15th": each sum has a day of its own."""
    told: list[NamedAmount | NamedDay] = sorted([*sums, *named], key=lambda one: one.start)
    turns = all(
        isinstance(one, NamedDay) != isinstance(after, NamedDay) for one, after in pairwise(told)
    )
    return turns and len(sums) == len(named) == len({day.day for day in named} - {None}) > 1


def _is_paid(one: NamedAmount, clauses: list[Clause]) -> bool:
    """ "Paid 500 yesterday, will pay 500 on Friday" names two sums."""
    clause = clause_at(clauses, one.start)
    return clause is not None and bool(clause.cues & {"paid", "told_paid"})


def _said_again(one: NamedAmount, later: NamedAmount, text: str) -> bool:
    before = text[max(one.end, later.start - _ONCE_MORE) : later.start]
    same = one.amount is not None and one.amount == later.amount
    return same and not any(pattern.search(before) for pattern in beside("once_more"))


_ONCE_MORE = 12
"""Characters before a sum in which "and", "another" or "then" make it a second one."""


_LOOSE = frozenset({"now", "hour", "vague", "payday"})


def without_loose(
    named: list[NamedDay], sums: list[NamedAmount], clauses: list[Clause]
) -> list[NamedDay]:
    """A loose time beside a real day says nothing more, unless it has a sum of its own."""
    exact = [day for day in named if day.kind not in _LOOSE]
    if not exact:
        open_days = [day for day in named if day.kind not in ("now", "hour")] or named
        return open_days[-1:] if len(named) > max(1, len(sums)) else named
    return [day for day in named if day in exact or _has_own_sum(day, exact, sums, clauses)]


def _has_own_sum(
    day: NamedDay, exact: list[NamedDay], sums: list[NamedAmount], clauses: list[Clause]
) -> bool:
    """ "The rest when I get paid" beside "500 on Friday"."""
    clause = clause_at(clauses, day.start)
    if clause is None:
        return False
    beside = [one for one in sums if clause.start <= one.start < clause.end]
    if not beside and day.kind == "now":
        before = next((one for one in clauses if one.end + 1 == clause.start), None)
        free = before is not None and not any(
            before.start <= one.start < before.end for one in exact
        )
        return bool(free and before and any(before.start <= one.start < before.end for one in sums))
    taken = [one for one in exact if clause.start <= one.start < clause.end]
    elsewhere = [one for one in sums if one not in beside]
    return len(beside) > len(taken) and len(elsewhere) >= len(exact) - len(taken)


def _ruled_out(day: NamedDay, text: str, clauses: list[Clause]) -> bool:
    clause = clause_at(clauses, day.start)
    after = text[day.end : min(len(text), day.end + 30)]
    before = text[max(clause.start, day.start - _NEAR) : day.start] if clause else ""
    return bool(
        _matches_after(after)
        or _matches_before(before)
        or (day.kind != "following" and _matches_from(before, day, text))
    )


def _matches_after(after: str) -> bool:
    return any(pattern.match(after) for pattern in beside("not_then"))


def _matches_before(before: str) -> bool:
    return any(pattern.search(before) for pattern in beside("not_before"))


def _matches_from(before: str, day: NamedDay, text: str) -> bool:
    """ "From the 5th to the 10th": the first is left, but only when a second follows."""
    rest = text[day.end :]
    if any(pattern.match(rest) for pattern in beside("begins")):
        return False
    return any(pattern.search(before) for pattern in beside("from_then")) and bool(
        re.search(r"\d|[\u3400-\u9fff]{2}|[a-z]{3}", rest)
    )


def quoted(at: int, found: Findings, clauses: list[Clause], text: str) -> bool:
    """Inside quotation marks, or after "you said" and the like in the same clause."""
    quotes = [match.start() for match in re.finditer('"', text)] if '"' in text else []
    for opening, closing in zip(quotes[::2], quotes[1::2], strict=False):
        if opening < at < closing:
            return True
    clause = clause_at(clauses, at)
    if clause is None:
        return False
    return any(
        clause.start <= one.start <= at and not _closed(one.start, at, quotes, text)
        for one in found.of("commitment.quoted")
    )


def _closed(said: int, at: int, quotes: list[int], text: str) -> bool:
    """ "You said "pay by the 3rd", well it is going in on Friday": our words end with the quote."""
    marks = [place for place in quotes if said < place < at]
    return len(marks) >= 2 and bool(_OWN_WORDS.match(text[marks[-1] + 1 : at + 1]))


_OWN_WORDS = re.compile(
    r"[ ,.-]*(?:well|but|so|fine|ok|okay|yes|then|and|i|it|you|ye|we)\b|[ ,.]*-"
)
