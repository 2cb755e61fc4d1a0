"""A message cut into clauses, and the stance of each: promise, proposal, paid, or nothing.

A clause takes its stance from its own words, from a question asked about it further on, and, where
it has no verb of paying, from the neighbour that has one.
"""

import re
from dataclasses import dataclass, field
from datetime import date
from enum import Enum
from itertools import pairwise

from bot.understanding.lexicon import Findings, beside

_CLAUSE_END = re.compile(
    r"[!?]+|\.(?!\d)|(?<!\d)\.|(?<!\d),|,(?!\d{3})|(?<=[\u3400-\u9fff0-9]) (?=[\u3400-\u9fff0-9])"
    r"|(?<=[\u3400-\u9fff]) (?=(?:mon|tues|wednes|thurs|fri|satur|sun)day )"
    r"| (?=but |then |although |however |anyway |if (?:i|my|he|she|they|we|the) )"
    r"| (?=so (?:[0-9]|i |ill |we |on |at |by |you |it |yours |urs |your |ur ))"
    r"| (?=so (?:mon|tues|wednes|thurs|fri|satur|sun)day)"
    r"| (?=and (?:i |we )?(?:will|the rest|rest|another|remaining|then) )"
    r"| (?=(?:and|&) (?:the |my )?(?:other|last|final) (?:[0-9]|half |part |one ))"
    r"| (?=and [0-9]+ (?:more |to (?:come|follow)|tomorrow|later|extra ))"
    r"|(?<=[0-9]) (?=(?:i )?will (?:do|pay|send|give|manage) [0-9])"
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
    on: frozenset[date] = frozenset()
    cues: set[str] = field(default_factory=set)


def clauses_of(text: str) -> list[Clause]:
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


_CUES = (
    "question", "condition", "hedge", "quoted", "denied", "others", "done", "future", "verb",
    "asks_fact",
)  # fmt: skip


def mark(clause: Clause, found: Findings, text: str) -> None:
    for cue in _CUES:
        findings = found.of(f"commitment.{cue}")
        if any(clause.start <= one.start < clause.end for one in findings):
            clause.cues.add(cue)
    paid = found.of("everyday.already_paid", "everyday.wrong_account", "commitment.surely_paid")
    if any(one.start < clause.end and clause.start < one.end for one in paid):
        clause.cues.add("paid")
    astray = found.of("everyday.wrong_account")
    if any(one.start < clause.end and clause.start < one.end for one in astray):
        clause.cues.discard("others")
    figures = found.of("everyday.balance", "commitment.figures")
    if any(clause.start <= one.start < clause.end for one in figures):
        clause.cues.add("figures")
    told = found.of("commitment.paid", "commitment.surely_paid")
    if any(one.start < clause.end and clause.start <= one.start for one in told):
        clause.cues.add("told_paid")
    if any(
        clause.start <= one.start < clause.end and not _is_a_part(one.match.group())
        for one in found.of("everyday.plan_request")
    ):
        clause.cues.add("asks")
    if any(pattern.search(text[clause.start : clause.end]) for pattern in beside("of_the_rest")):
        clause.cues.add("of_the_rest")
    promised = found.of("commitment.promise_only")
    if any(clause.start <= one.start < clause.end for one in promised):
        clause.cues.add("promise_only")
    clause.has_verb = bool(clause.cues & {"verb", "future", "promise_only"})


def _is_a_part(words: str) -> bool:
    """ "Half first" alone tells what will be paid; it asks for nothing."""
    return any(pattern.fullmatch(words) for pattern in beside("a_part"))


def clause_at(clauses: list[Clause], at: int) -> Clause | None:
    return next((clause for clause in clauses if clause.start <= at < clause.end), None)


_THE_REST = re.compile(r"\u5176\u4f59|\u53e6\u4e00\u534a|\u5269|\u4f59\u4e0b|\brest\b|\bremain")


_SPEAKS_OF_US = re.compile(
    r"[\u6211\u4f60\u60a8\u54b1]|\u8fd9(?:\u8fb9|\u5934)|\b(?:i|we|you|ye|u|me|yours?)\b"
)
"""What is said of others goes on in the next clause until somebody here is named."""


_TAG_REACHES = 3
"""Clauses of a sentence that "is that all right?" at its end is asked about."""


def take_stances(clauses: list[Clause], text: str, *, instalments: int | None) -> None:
    """Give each clause its stance. `instalments`: their number, where one is named."""
    for clause in clauses:
        if _asks_for_the_rest(clause, text):
            clause.cues.add("asks_rest")
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
        if clause.ends_with == "?" and (clause.stance is Stance.PROMISE or "asks" in clause.cues):
            clause.stance = Stance.PROPOSED
            clause.cues.add("question")
    for clause, after in reversed(list(pairwise(clauses))):
        goes_on = clause.ends_with == " " or _THE_REST.search(text[after.start : after.end])
        joined = goes_on and clause.sentence == after.sentence
        if joined and (_asks_beside(clause, after) or _stands_alone(clause, after)):
            continue
        told = not clause.has_verb and _paid_before(clauses.index(clause), clauses)
        if joined and clause.stance is Stance.PROMISE and "question" in after.cues and not told:
            clause.stance = Stance.PROPOSED
    for clause, after in pairwise(clauses):
        passed_on = after.cues & {"future", "verb"} and "others" not in after.cues
        if clause.cues >= {"others", "condition"} and passed_on:
            same = clause.sentence == after.sentence
            clause.stance = Stance.PROPOSED if same else clause.stance
    for clause, after in pairwise(clauses):
        if after.stance is Stance.PROMISE and _goes_on_asking(clause, after, text):
            after.stance = Stance.PROPOSED
            after.cues.add("question")
    for before, clause in pairwise(clauses):
        same = before.sentence == clause.sentence and "others" in before.cues
        if "condition" in before.cues and clause.has_verb:
            continue
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
    if instalments or any("asks" in clause.cues for clause in clauses):
        _offer(clauses, text, instalments or 0)


def _asks_beside(clause: Clause, after: Clause) -> bool:
    """ "I pay on Saturday, how much is it again?": the promise is not asked about."""
    return "figures" in after.cues and clause.has_verb and clause.names_day


_TOLD = 2
"""So many payments are often told with their days, without asking anybody."""


def _offer(clauses: list[Clause], text: str, instalments: int) -> None:
    """Where other terms are asked for, days and sums are offered, not promised.

    "Wait till Thursday, I pay then" only tells, and so does "in two parts, Friday and Monday";
    "could I wait" and a longer row of instalments ask.
    """
    asks = any("question" in clause.cues for clause in clauses)
    if not asks and any(pattern.search(text) for pattern in beside("agreed")):
        return
    asked = instalments > _TOLD or any(
        "question" in clause.cues and (instalments or "asks" in clause.cues) for clause in clauses
    )
    wished = any(_wishes(clause, text) for clause in clauses)
    binds = not asked and any(
        clause.has_verb and clause.stance is Stance.PROMISE and not _wishes(clause, text)
        for clause in clauses
    )
    split = instalments == _TOLD and not _THE_REST.search(text)
    binds = binds or (split and not asked and not wished)
    for clause in clauses:
        if clause.stance is not Stance.PROMISE or binds:
            continue
        if not any(_stands_alone(clause, other) for other in clauses if other is not clause):
            clause.stance = Stance.PROPOSED


def _wishes(clause: Clause, text: str) -> bool:
    return (
        "asks" in clause.cues
        and "future" not in clause.cues
        and any(pattern.search(text[clause.start : clause.end]) for pattern in beside("wish"))
    )


def _stands_alone(clause: Clause, asking: Clause) -> bool:
    """ "2000 on Friday, may the rest wait?": only the rest is asked about."""
    told = clause.has_verb and (clause.names_day or clause.names_sum)
    asks = asking.cues & {"question", "asks"} and not clause.cues & {"question", "asks"}
    regardless = (
        clause.sentence != asking.sentence
        and "future" in clause.cues
        and clause.names_day
        and clause.names_sum
    )
    return bool(told and asks and ("asks_rest" in asking.cues or regardless))


def _asks_for_the_rest(clause: Clause, text: str) -> bool:
    asks = clause.cues & {"question", "asks"}
    return bool(asks) and any(
        pattern.search(text[clause.start : clause.end]) for pattern in beside("asked_rest")
    )


def _goes_on_asking(clause: Clause, after: Clause, text: str) -> bool:
    """ "Could I, say, until three days from now, pay then": the question is not over yet.

    Nor is it when a day was asked about ("is the 10th all right, 400") and a sum alone follows.
    """
    if clause.sentence != after.sentence and clause.ends_with != "?":
        return False
    if clause.stance is not Stance.PROPOSED or "question" not in clause.cues:
        return False
    opens = any(one.match(text[clause.start : clause.end]) for one in beside("opens_asking"))
    a_sum_alone = clause.names_day and not clause.names_sum and after.names_sum
    return (opens and clause.ends_with != "?") or (a_sum_alone and after.on <= clause.on)


def _loosens(clause: Clause) -> bool:
    """A condition beside a promise, or a hope without a promise of its own."""
    hopes = "hedge" in clause.cues and not clause.has_verb and "of_the_rest" not in clause.cues
    return "condition" in clause.cues or hopes


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


_PAID_REACHES = 3
"""Clauses after a payment in which a sum alone still belongs to it."""


_A_SUM_ALONE = 14
"""Characters of a sentence that is no more than a sum: "paid it off. all of it"."""


def _paid_before(index: int, clauses: list[Clause]) -> bool:
    """ "I paid yesterday, 75": a sum without a day of its own goes with what was paid before it."""
    clause = clauses[index]
    if clause.names_day:
        return False
    for before in clauses[max(0, index - _PAID_REACHES) : index][::-1]:
        if before.stance is Stance.PAID:
            same = before.sentence == clause.sentence or before.ends_with == "!"
            return same or (clause.end - clause.start <= _A_SUM_ALONE and not clause.cues)
        if before.names_day or before.names_sum or before.cues & {"future", "promise_only"}:
            return False
    return False


def _paid_after(index: int, clauses: list[Clause]) -> bool:
    """ "650, went through an hour ago": a sum alone goes with the payment told after it."""
    after = clauses[index + 1] if index + 1 < len(clauses) else None
    clause = clauses[index]
    if after is None or after.sentence != clause.sentence or clause.names_day:
        return False
    return after.stance is Stance.PAID and not after.names_sum


def _own_stance(clause: Clause) -> Stance:
    if "denied" in clause.cues or clause.cues & {"asks_fact", "future"} == {"asks_fact"}:
        return Stance.NOTHING
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
