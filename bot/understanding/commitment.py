"""What a borrower binds himself to, asks for, or has done already: days and sums get their stance.

The message is cut into clauses. Each clause is a promise, a proposal (question, condition, hope),
something paid, or nothing (a quotation, another day ruled out, other people's money). The days and
sums in it take its stance; days and sums that belong together become one slot.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date
from itertools import pairwise

from bot.understanding.amounts import NamedAmount
from bot.understanding.answer import Slot
from bot.understanding.clauses import (
    Clause,
    Stance,
    clause_at,
    clauses_of,
    mark,
    take_stances,
)
from bot.understanding.lexicon import Finding, Findings, beside
from bot.understanding.named_day import NamedDay
from bot.understanding.slots import paired


@dataclass(frozen=True, slots=True)
class Commitments:
    """The slots of a message by stance, and what decided them."""

    promise: tuple[Slot, ...]
    proposed: tuple[Slot, ...]
    paid: tuple[Slot, ...]
    days: tuple[NamedDay, ...]
    amounts: tuple[NamedAmount, ...]
    hedged: bool
    conditional: bool
    questioned: bool
    ruled_out: bool
    is_notice: bool
    elliptical: bool
    bound: bool
    """The speaker binds himself in words, outside of what he asks for."""
    unpaid: bool
    """Words of paying stand beside a day to come: nothing was paid yet."""


def commitments(
    text: str,
    found: Findings,
    named: list[NamedDay],
    sums: list[NamedAmount],
    *,
    refused: bool,
    sensitive: bool,
    only_stops: bool,
    asks_figures: bool,
    instalments: int | None,
    sounds_like_paying: Callable[[], float],
    known_words: bool,
    today: date,
) -> Commitments:
    """Give every named day and sum its stance.

    `refused`: an outright refusal was read; `sensitive`: something else that needs a person;
    `instalments`: their number, where one is named;
    `only_stops`: and that is nothing but a wish for no more messages; `sounds_like_paying`: the
    share of promises and requests among messages like this one, asked only where a day or a sum
    stands among words of which none says what it is for, or beside none that binds. `known_words`:
    the message is in a language that share was learnt from.
    """
    clauses = clauses_of(text)
    for clause in clauses:
        mark(clause, found)
    sums = [one for one in sums if not _left_open(one, text)]
    notice = found.has("commitment.notice")
    live, ruled_out = _still_standing(text, found, named, clauses)
    if instalments:
        live = [day for day in live if not _counts_instalments(day, found)]
    live = _passed_on(live, found, bool(sums))
    live = _without_loose(live, sums, clauses)
    live_sums = [one for one in sums if not _quoted(one.start, found, clauses, text)]
    live_sums = _without_corrected(_without_denied(live_sums, text), found)
    elliptical = not any(clause.has_verb for clause in clauses)
    about_paying = instalments is not None or _about_paying(
        text, found, clauses, [*named, *sums], sensitive, only_stops
    )
    if not about_paying and not _sounds_so(
        live, bool(live_sums), found, sensitive, sounds_like_paying
    ):
        live, live_sums = [], []
    told = any("paid" in clause.cues for clause in clauses)
    for clause in clauses:
        clause.names_day = any(clause.start <= day.start < clause.end for day in live)
        clause.on = frozenset(
            day.day for day in live if clause.start <= day.start < clause.end and day.day
        )
        clause.names_sum = any(clause.start <= one.start < clause.end for one in live_sums)
        _settle_paid(clause, live, found, text)
    unpaid = told and not any("paid" in clause.cues for clause in clauses)
    live = _without_asides(live, clauses, text)
    live = _without_conditions(live, clauses)
    take_stances(clauses, text, instalments=instalments)
    if notice:
        live, live_sums = [], []
    groups = _grouped(clauses, live, live_sums, text)
    by_stance: dict[Stance, list[Slot]] = {stance: [] for stance in Stance}
    for stance, days_here, sums_here in groups:
        if refused and stance is Stance.PROMISE:
            continue
        if stance is Stance.PAID:
            days_here = [day for day in days_here if day.day == today and day.kind != "now"]
        by_stance[stance] += paired(days_here, sums_here, text, found)
    loose = known_words and not only_stops and _hardly_binds(by_stance[Stance.PROMISE], clauses)
    if loose and sounds_like_paying() < _HARDLY:
        by_stance[Stance.PROMISE] = []
    if elliptical and (ruled_out or any(_asks(clause) for clause in clauses)):
        by_stance[Stance.PROMISE] = [slot for slot in by_stance[Stance.PROMISE] if slot != _BARE]
    says = any(
        clause.stance is Stance.PROMISE and "promise_only" in clause.cues for clause in clauses
    )
    says = says and not refused and not notice and not sensitive
    if says and not any(
        slots for stance, slots in by_stance.items() if stance is not Stance.NOTHING
    ):
        by_stance[Stance.PROMISE] = [Slot(None, None)]
    if asks_figures or found.has("commitment.asks_fact"):
        by_stance[Stance.PROPOSED] = []
    if sensitive and not any(clause.cues & {"future", "promise_only"} for clause in clauses):
        by_stance[Stance.PROMISE] = [
            slot for slot in by_stance[Stance.PROMISE] if slot.date is not None
        ]
    return Commitments(
        promise=_once(by_stance[Stance.PROMISE], text),
        bound=any(
            clause.stance is Stance.PROMISE
            and "asks" not in clause.cues
            and bool(clause.cues & {"future", "promise_only"})
            for clause in clauses
        ),
        unpaid=unpaid,
        proposed=_once(list(dict.fromkeys(by_stance[Stance.PROPOSED])), text),
        paid=tuple(dict.fromkeys(by_stance[Stance.PAID])),
        days=tuple(live),
        amounts=tuple(live_sums),
        hedged=any("hedge" in clause.cues for clause in clauses),
        conditional=any("condition" in clause.cues for clause in clauses),
        questioned=any("question" in clause.cues or "tag" in clause.cues for clause in clauses),
        ruled_out=ruled_out,
        is_notice=notice,
        elliptical=elliptical,
    )


def _once(slots: list[Slot], text: str) -> tuple[Slot, ...]:
    """A day named twice is one, and a sum that is named again with its day.

    "50 this week and 50 next week" are two sums without a day.
    """
    more = any(pattern.search(text) for pattern in beside("once_more"))
    dated = set() if more else {slot.amount for slot in slots if slot.date is not None}
    return tuple(
        slot
        for place, slot in enumerate(slots)
        if slot not in slots[:place] or (slot.date is None and slot.amount not in (None, "full"))
        if slot.date is not None or slot.amount is None or slot.amount not in dated
    )


def _asks(clause: Clause) -> bool:
    """More than "are you there?"."""
    asks = clause.cues & {"question", "asks_fact"}
    return bool(asks) and clause.end - clause.start > _SHORT_QUESTION


_SHORT_QUESTION = 4


def _counts_instalments(day: NamedDay, found: Findings) -> bool:
    """ "I need 18 months": a length, no day."""
    return day.kind == "in_some" and any(
        one.start < day.end and day.start < one.end for one in found.of("amounts.instalments")
    )


def _hardly_binds(promised: list[Slot], clauses: list[Clause]) -> bool:
    """A day without a sum, and no word by which the speaker binds himself."""
    return (
        bool(promised)
        and all(slot.amount is None for slot in promised)
        and not any(clause.cues & {"future", "promise_only"} for clause in clauses)
    )


_BARE = Slot(None, None)
_HARDLY = 0.01
"""Share of promises and requests among messages like this one, below which a day is no promise."""
_AN_ASIDE, _A_STORY = 3, 2
"""Words beside a day that tell of something else than paying."""


def _without_asides(live: list[NamedDay], clauses: list[Clause], text: str) -> list[NamedDay]:
    """ "350 on Friday, at the weekend I am at the clinic": the second day is not for paying."""
    told = [one for one in clauses if one.has_verb and one.names_day]
    if not told:
        return live
    with_sum = any(one.names_sum for one in told)
    kept: list[NamedDay] = []
    for day in live:
        clause = clause_at(clauses, day.start)
        if clause is not None and not clause.has_verb and not clause.names_sum:
            rest = text[clause.start : day.start] + " " + text[day.end : clause.end]
            if _words_beside(rest) >= (_AN_ASIDE if with_sum else _A_STORY):
                continue
        kept.append(day)
    return kept


def _settle_paid(clause: Clause, live: list[NamedDay], found: Findings, text: str) -> None:
    """What is bound to a day ahead, or is promised, has not been paid yet."""
    here = [day for day in live if clause.start <= day.start < clause.end and day.kind != "vague"]
    ahead = any(
        day.kind in _AHEAD or (day.kind in _OF_TWO and _NEXT.search(text[day.start : day.end]))
        for day in here
    )
    past = any(clause.start <= one.start < clause.end for one in found.of("dates.past"))
    bound = clause.cues & {"question", "condition"}
    bound |= set() if past else clause.cues & {"future", "promise_only"}
    ahead = ahead or (not past and bool(_ONCE.search(text[clause.start : clause.end])))
    if any(day.kind in _FEASTS for day in here):
        ahead = ahead or not _ALREADY.search(text[clause.start : clause.end])
    if ahead:
        clause.cues.discard("paid")
        return
    only_done = "done" in clause.cues and not here and clause.cues <= _ONLY_DONE
    over = _FEASTS if _ALREADY.search(text[clause.start : clause.end]) else frozenset()
    told = "told_paid" in clause.cues and all(day.kind in _MAYBE_PAST | over for day in here)
    if not bound and (only_done or told):
        clause.cues.add("paid")


_AHEAD = frozenset(
    {"tomorrow", "after_tomorrow", "in_three", "in_some", "week_from", "half_month", "end_of_week"}
)
_ONCE = re.compile(r"\u4e00(?:\u4e0b\u6765|\u5230|\u62ff|\u6536|\u53d1)|\u7b49")
""" "As soon as it is there", in Chinese: nothing of it has happened."""
_ONLY_DONE = {"done", "verb", "told_paid"}
_FEASTS = frozenset({"festival", "solar_term", "lunar", "end_of_month", "end_of_year"})
_ALREADY = re.compile(r"\u5c31|\u5df2|\u65e9|\u8fc7\u4e86|\balready\b|\bago\b|\bpaid\b")
"""Words by which a feast or the end of a month is the last one."""
_OF_TWO = frozenset({"weekday", "day_of_month"})
_MAYBE_PAST = _OF_TWO | {"today", "now", "hour"}
_NEXT = re.compile(r"\u4e0b|\bnext\b|\bcoming\b")
"""Words by which a weekday or a day of the month lies ahead, and is not the last one."""


def _without_conditions(live: list[NamedDay], clauses: list[Clause]) -> list[NamedDay]:
    """ "If they pay by the 15th, I pay on the 18th": the first day is the condition's."""
    for condition in clauses:
        if "condition" not in condition.cues or condition.names_sum or not condition.names_day:
            continue
        later = [one for one in clauses if one.start > condition.start and one.names_day]
        if any(one.has_verb and "condition" not in one.cues for one in later):
            live = [day for day in live if clause_at(clauses, day.start) is not condition]
    return live


def _left_open(one: NamedAmount, text: str) -> bool:
    """ "The rest we can talk about", "the rest in six parts": nothing is said of when."""
    after = text[one.end : one.end + _NEAR]
    if any(pattern.match(after) for pattern in beside("left_open")):
        return True
    is_rest = any(pattern.search(text[one.start : one.end]) for pattern in beside("rest"))
    return is_rest and any(pattern.match(after) for pattern in beside("rest_left_open"))


_WORDS = re.compile(r"[\u3400-\u9fff]|[^\W\d_\u3400-\u9fff]+")
_MOST_WORDS_BESIDE = 0
_MOST_WORDS_BESIDE_BOTH = 6
"""A day or a sum alone ("Friday then") is an answer; among other words it is a story."""
_DATED = {NamedDay, NamedAmount}


def _about_paying(
    text: str,
    found: Findings,
    clauses: list[Clause],
    named: list[NamedDay | NamedAmount],
    sensitive: bool,
    only_stops: bool,
) -> bool:
    if any(clause.has_verb or clause.cues & {"done", "paid", "told_paid"} for clause in clauses):
        return True
    if sensitive and only_stops:
        return bool({type(one) for one in named} >= _DATED)
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
    left = _words_beside(rest)
    if both or any(clause.cues & {"question", "condition", "hedge"} for clause in clauses):
        return left <= _MOST_WORDS_BESIDE_BOTH
    return left <= _MOST_WORDS_BESIDE


def _side_by_side(named: list[NamedDay | NamedAmount], text: str) -> bool:
    """ "Wednesday 1200": a day and a sum with nothing between them are an answer anywhere."""
    return any(
        isinstance(one, NamedDay) != isinstance(other, NamedDay)
        and one.kind not in _NO_ANSWER
        and other.kind not in _NO_ANSWER
        and not text[min(one.end, other.end) : max(one.start, other.start)].strip(" ,:-")
        and (not one.start or text[one.start - 1] in _EDGE)
        and (other.end == len(text) or text[other.end] in _EDGE)
        for one, other in pairwise(sorted(named, key=lambda one: one.start))
    )


_EDGE = " ,.!?:;-"
_NO_ANSWER = frozenset({"vague", "now", "hour", "past", "full", "due_date"})
"""Alone, these answer no question of ours."""
_ENOUGH_PAYING, _PLAINLY_PAYING = 0.5, 0.8


def _sounds_so(
    live: list[NamedDay],
    summed: bool,
    found: Findings,
    sensitive: bool,
    sounds_like_paying: Callable[[], float],
) -> bool:
    """A day to come, or a sum at some time, among words that sound like those of a promise."""
    if sensitive or found.has("smalltalk.harmless", "idiom.harmless"):
        return False
    dated = any(day.day is not None and day.kind not in ("now", "hour") for day in live)
    if not dated and not (summed and live):
        return any(day.kind == "vague" for day in live) and sounds_like_paying() >= _PLAINLY_PAYING
    return sounds_like_paying() >= _ENOUGH_PAYING


def _without_quotes(text: str, clauses: list[Clause]) -> str:
    """What was said before ("you wrote the 5th") is not counted; places stay as they are."""
    for clause in clauses:
        if "quoted" in clause.cues:
            blank = " " * (clause.end - clause.start)
            text = text[: clause.start] + blank + text[clause.end :]
    return text


def _words_beside(text: str) -> int:
    """How many words stand beside a day or a sum that are no part of an answer."""
    for pattern in beside("filler"):
        text = pattern.sub(" ", text)
    return len(_WORDS.findall(text))


def offers(said: Commitments) -> Commitments:
    """Where other terms are asked for, a sum without a day is what is offered."""
    undated = tuple(slot for slot in said.promise if slot.date is None)
    if not undated or len(undated) != len(said.promise):
        return said
    offered = tuple(slot for slot in undated if slot.amount is not None)
    if said.bound and offered and not said.questioned:
        return replace(said, promise=offered)
    return replace(said, promise=(), proposed=said.proposed or offered)


def _still_standing(
    text: str, found: Findings, named: list[NamedDay], clauses: list[Clause]
) -> tuple[list[NamedDay], bool]:
    """Days neither past, ruled out, corrected nor quoted; and whether one was ruled out."""
    standing: list[NamedDay] = []
    ruled_out = False
    for day in named:
        if day.kind == "past" or _quoted(day.start, found, clauses, text):
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


def _passed_on(named: list[NamedDay], found: Findings, summed: bool) -> list[NamedDay]:
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
        if own and (passed_on or not (summed or _pays_beside(income, found))):
            kept = [day for day in kept if day is not own[0]]
    return kept


def _pays_beside(income: Finding, found: Findings) -> bool:
    """Something is said of paying, apart from the income itself."""
    said = found.of("commitment.verb", "commitment.future", "commitment.promise_only")
    return any(one.end <= income.start or one.start >= income.end for one in said)


_BESIDE_INCOME = 6
"""Characters between a day and the words that money comes to the borrower on it."""
_NEAR = 60
"""Characters before a day or a sum in which it may be denied."""


def _without_denied(sums: list[NamedAmount], text: str) -> list[NamedAmount]:
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


def _without_corrected(sums: list[NamedAmount], found: Findings) -> list[NamedAmount]:
    """ "600, oh no, 800": the sum right behind a correction takes the place of the last."""
    for correction in found.of("commitment.corrected"):
        before = [one for one in sums if one.end <= correction.start]
        after = [one for one in sums if 0 <= one.start - correction.end + 1 <= _BESIDE_INCOME]
        if before and after:
            sums = [one for one in sums if one is not before[-1]]
    return sums


_LOOSE = frozenset({"now", "hour", "vague", "payday"})


def _without_loose(
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


def _quoted(at: int, found: Findings, clauses: list[Clause], text: str) -> bool:
    """Inside quotation marks, or after "you said" and the like in the same clause."""
    quotes = [match.start() for match in re.finditer('"', text)] if '"' in text else []
    for opening, closing in zip(quotes[::2], quotes[1::2], strict=False):
        if opening < at < closing:
            return True
    clause = clause_at(clauses, at)
    if clause is None:
        return False
    return any(clause.start <= one.start <= at for one in found.of("commitment.quoted"))


def _grouped(
    clauses: list[Clause], named: list[NamedDay], sums: list[NamedAmount], text: str
) -> list[tuple[Stance, list[NamedDay], list[NamedAmount]]]:
    """Neighbouring clauses of one stance share their days and sums."""
    groups: list[tuple[Stance, list[NamedDay], list[NamedAmount]]] = []
    for clause in clauses:
        days_here = [day for day in named if clause.start <= day.start < clause.end]
        sums_here = [one for one in sums if clause.start <= one.start < clause.end]
        if not days_here and not sums_here:
            continue
        if groups and groups[-1][0] is clause.stance:
            groups[-1][1].extend(days_here)
            groups[-1][2].extend(sums_here)
        else:
            groups.append((clause.stance, days_here, sums_here))
    return groups


def without_promise(said: Commitments) -> Commitments:
    """The same, binding nobody."""
    return replace(said, promise=())
