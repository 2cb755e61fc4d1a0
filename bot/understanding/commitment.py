"""What a borrower binds himself to, asks for, or has done already: days and sums get their stance.

The message is cut into clauses. Each clause is a promise, a proposal (question, condition, hope),
something paid, or nothing (a quotation, another day ruled out, other people's money). The days and
sums in it take its stance; days and sums that belong together become one slot.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import date
from enum import Enum
from itertools import pairwise

from bot.understanding.amounts import NamedAmount
from bot.understanding.answer import Slot
from bot.understanding.dates import NamedDay
from bot.understanding.lexicon import Findings, beside
from bot.understanding.slots import paired

_CLAUSE_END = re.compile(
    r"[!?]+|\.(?!\d)|(?<!\d)\.|(?<!\d),|,(?!\d{3})|(?<=[\u3400-\u9fff0-9]) (?=[\u3400-\u9fff0-9])"
    r"| (?=but |then |although |however |if (?:i|my|he|she|they|we|the) )"
    r"| (?=and (?:i |we )?(?:will|the rest|rest|another|remaining|then) )"
)
_MOST_CLAUSES = 80
_SENTENCE_END = re.compile(r"[!?.]")


class Stance(Enum):
    PROMISE = "promise"
    PROPOSED = "proposed"
    PAID = "paid"
    NOTHING = "nothing"


@dataclass(slots=True)
class Clause:
    start: int
    end: int
    sentence: int
    ends_with: str
    stance: Stance = Stance.NOTHING
    has_verb: bool = False
    names_day: bool = False
    names_sum: bool = False
    cues: set[str] = field(default_factory=set)


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
    sounds_like_paying: Callable[[], float],
    today: date,
) -> Commitments:
    """Give every named day and sum its stance.

    `refused`: an outright refusal was read; `sensitive`: something else that needs a person;
    `only_stops`: and that is nothing but a wish for no more messages; `sounds_like_paying`: the
    share of promises and requests among messages like this one, asked only where a day or a sum
    stands among words of which none says what it is for.
    """
    clauses = _clauses(text)
    for clause in clauses:
        _mark(clause, found)
    notice = found.has("commitment.notice")
    live, ruled_out = _still_standing(text, found, named, clauses)
    live = _without_loose(live, sums, clauses)
    live_sums = [one for one in sums if not _quoted(one.start, found, clauses, text)]
    live_sums = _without_denied(live_sums, text)
    elliptical = not any(clause.has_verb for clause in clauses)
    about_paying = _about_paying(text, found, clauses, [*named, *sums], sensitive, only_stops)
    if not about_paying and not _sounds_so(
        live, bool(live_sums), found, sensitive, sounds_like_paying
    ):
        live, live_sums = [], []
    for clause in clauses:
        clause.names_day = any(clause.start <= day.start < clause.end for day in live)
        clause.names_sum = any(clause.start <= one.start < clause.end for one in live_sums)
    _take_stances(clauses, text)
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
    says = any(
        clause.stance is Stance.PROMISE and "promise_only" in clause.cues for clause in clauses
    )
    says = says and not refused and not notice and not sensitive
    if says and not any(
        slots for stance, slots in by_stance.items() if stance is not Stance.NOTHING
    ):
        by_stance[Stance.PROMISE] = [Slot(None, None)]
    if asks_figures:
        by_stance[Stance.PROPOSED] = []
    if sensitive and not any(clause.cues & {"future", "promise_only"} for clause in clauses):
        by_stance[Stance.PROMISE] = [
            slot for slot in by_stance[Stance.PROMISE] if slot.date is not None
        ]
    return Commitments(
        promise=tuple(dict.fromkeys(by_stance[Stance.PROMISE])),
        proposed=tuple(dict.fromkeys(by_stance[Stance.PROPOSED])),
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


_WORDS = re.compile(r"[\u3400-\u9fff]|[^\W\d_]+")
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
    if any(clause.has_verb or clause.cues & {"done", "paid"} for clause in clauses):
        return True
    if sensitive and only_stops:
        return bool({type(one) for one in named} >= _DATED)
    if sensitive or found.has("smalltalk.harmless", "idiom.harmless"):
        return False
    if any("asks" in clause.cues for clause in clauses):
        return True
    if all(one.kind in ("vague", "now", "past", "full", "due_date") for one in named):
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


_ENOUGH_PAYING = 0.5


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
    dated = any(day.day is not None and day.kind != "now" for day in live)
    if not dated and not (summed and live):
        return False
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
    return replace(said, promise=(), proposed=said.proposed or offered)


def _clauses(text: str) -> list[Clause]:
    clauses: list[Clause] = []
    start = sentence = 0
    for match in _CLAUSE_END.finditer(text):
        if match.start() > start:
            clauses.append(Clause(start, match.start(), sentence, match.group()[:1]))
        if _SENTENCE_END.match(match.group()):
            sentence += 1
        start = match.end()
    if start < len(text):
        clauses.append(Clause(start, len(text), sentence, ""))
    if len(clauses) > _MOST_CLAUSES:
        return clauses[: _MOST_CLAUSES // 2] + clauses[-(_MOST_CLAUSES // 2) :]
    return clauses


_CUES = ("question", "condition", "hedge", "quoted", "others", "done", "future", "verb")


def _mark(clause: Clause, found: Findings) -> None:
    for cue in _CUES:
        findings = found.of(f"commitment.{cue}")
        if any(clause.start <= one.start < clause.end for one in findings):
            clause.cues.add(cue)
    paid = found.of("everyday.already_paid", "everyday.wrong_account")
    if any(one.start < clause.end and clause.start < one.end for one in paid):
        clause.cues.add("paid")
    if any(clause.start <= one.start < clause.end for one in found.of("everyday.plan_request")):
        clause.cues.add("asks")
    promised = found.of("commitment.promise_only")
    if any(clause.start <= one.start < clause.end for one in promised):
        clause.cues.add("promise_only")
    clause.has_verb = bool(clause.cues & {"verb", "future", "promise_only"})


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
        if before and after:
            standing = [day for day in standing if day not in before[-1:]]
    return standing, ruled_out


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


_LOOSE = frozenset({"now", "vague", "payday"})


def _without_loose(
    named: list[NamedDay], sums: list[NamedAmount], clauses: list[Clause]
) -> list[NamedDay]:
    """A loose time beside a real day says nothing more, unless it has a sum of its own."""
    exact = [day for day in named if day.kind not in _LOOSE]
    if not exact:
        open_days = [day for day in named if day.kind != "now"] or named
        return open_days[-1:] if len(named) > max(1, len(sums)) else named
    return [day for day in named if day in exact or _has_own_sum(day, exact, sums, clauses)]


def _has_own_sum(
    day: NamedDay, exact: list[NamedDay], sums: list[NamedAmount], clauses: list[Clause]
) -> bool:
    """ "The rest when I get paid" beside "500 on Friday"."""
    clause = _clause_at(clauses, day.start)
    if clause is None:
        return False
    beside = [one for one in sums if clause.start <= one.start < clause.end]
    taken = [one for one in exact if clause.start <= one.start < clause.end]
    elsewhere = [one for one in sums if one not in beside]
    return len(beside) > len(taken) and len(elsewhere) >= len(exact) - len(taken)


def _ruled_out(day: NamedDay, text: str, clauses: list[Clause]) -> bool:
    clause = _clause_at(clauses, day.start)
    after = text[day.end : min(len(text), day.end + 30)]
    before = text[max(clause.start, day.start - _NEAR) : day.start] if clause else ""
    return bool(
        _matches_after(after) or _matches_before(before) or _matches_from(before, day, text)
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
    clause = _clause_at(clauses, at)
    if clause is None:
        return False
    return any(clause.start <= one.start <= at for one in found.of("commitment.quoted"))


def _clause_at(clauses: list[Clause], at: int) -> Clause | None:
    return next((clause for clause in clauses if clause.start <= at < clause.end), None)


_THE_REST = re.compile(r"\u5176\u4f59|\u5269|\u4f59\u4e0b|\brest\b|\bremain")
_SPEAKS_OF_US = re.compile(r"[\u6211\u4f60\u60a8\u54b1]|\b(?:i|we|you|u|me|your)\b")
"""What is said of others goes on in the next clause until somebody here is named."""


_TAG_REACHES = 3
"""Clauses of a sentence that "is that all right?" at its end is asked about."""


def _take_stances(clauses: list[Clause], text: str) -> None:
    for index, clause in enumerate(clauses):
        clause.stance = _own_stance(clause)
        reach = _TAG_REACHES if clause.stance is Stance.PROMISE else 1
        if any(
            _is_tag(text[later.start : later.end + 1])
            for place, later in enumerate(clauses[index + 1 : index + 1 + reach])
            if place == 0 or later.sentence == clause.sentence
        ):
            clause.cues.add("question")
            clause.stance = Stance.PROPOSED
    binds = any(one.has_verb and one.stance is Stance.PROMISE for one in clauses)
    for clause in clauses:
        if "asks" in clause.cues and clause.stance is Stance.PROMISE and not binds:
            clause.stance = Stance.PROPOSED
        if clause.ends_with == "?" and clause.stance is Stance.PROMISE:
            clause.stance = Stance.PROPOSED
            clause.cues.add("question")
    for clause, after in reversed(list(pairwise(clauses))):
        goes_on = clause.ends_with == " " or _THE_REST.search(text[after.start : after.end])
        joined = goes_on and clause.sentence == after.sentence
        if joined and clause.stance is Stance.PROMISE and "question" in after.cues:
            clause.stance = Stance.PROPOSED
    for before, clause in pairwise(clauses):
        same = before.sentence == clause.sentence and "others" in before.cues
        if same and not _SPEAKS_OF_US.search(text[clause.start : clause.end]):
            clause.cues.add("others")
            clause.stance = Stance.NOTHING
    for index, clause in enumerate(clauses):
        if clause.stance is not Stance.PROMISE:
            continue
        near = [
            other
            for other in clauses[max(0, index - 2) : index + 3]
            if abs(other.sentence - clause.sentence) <= (0 if other.ends_with == "?" else 1)
        ]
        if any(_loosens(other) for other in near):
            clause.stance = Stance.PROPOSED
        elif not clause.has_verb:
            clause.stance = _borrowed(index, clauses)


def _loosens(clause: Clause) -> bool:
    """A condition beside a promise, or a hope without a promise of its own."""
    return "condition" in clause.cues or ("hedge" in clause.cues and not clause.has_verb)


def _borrowed(index: int, clauses: list[Clause]) -> Stance:
    """A clause without a verb of paying takes the stance of the nearest one that has one."""
    clause = clauses[index]
    if _paid_before(index, clauses) or _paid_after(index, clauses):
        return Stance.PAID
    for other in clauses[index + 1 :] + clauses[index - 1 :: -1] if index else clauses[1:]:
        asked = other.start < clause.start and other.cues >= {"asks", "question"}
        tells = other.has_verb or asked
        if tells and other.sentence == clause.sentence:
            if other.stance in (Stance.PROPOSED, Stance.NOTHING) and "quoted" not in other.cues:
                return other.stance if other.stance is Stance.PROPOSED else Stance.PROMISE
            return Stance.PROMISE if other.stance is Stance.PAID else other.stance
    return Stance.PROMISE


def _paid_before(index: int, clauses: list[Clause]) -> bool:
    """ "I paid yesterday, 75": a sum without a day of its own goes with what was paid before it."""
    before = clauses[index - 1] if index else None
    clause = clauses[index]
    if before is None or before.sentence != clause.sentence or clause.names_day:
        return False
    return before.stance is Stance.PAID


def _paid_after(index: int, clauses: list[Clause]) -> bool:
    """ "650, went through an hour ago": a sum alone goes with the payment told after it."""
    after = clauses[index + 1] if index + 1 < len(clauses) else None
    clause = clauses[index]
    if after is None or after.sentence != clause.sentence or clause.names_day:
        return False
    return after.stance is Stance.PAID and not after.names_sum


def _own_stance(clause: Clause) -> Stance:
    if "others" in clause.cues:
        given_on = clause.cues >= {"condition", "future"}
        return Stance.PROPOSED if given_on else Stance.NOTHING
    if "paid" in clause.cues:
        return Stance.PAID
    if clause.cues & {"question", "condition", "hedge"}:
        return Stance.PROPOSED
    return Stance.PROMISE


def _is_tag(clause: str) -> bool:
    return any(pattern.match(clause) for pattern in beside("tag"))


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
