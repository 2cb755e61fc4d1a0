"""What a borrower binds himself to, asks for, or has done already: days and sums get their stance.

The message is cut into clauses. Each clause is a promise, a proposal (question, condition, hope),
something paid, or nothing (a quotation, another day ruled out, other people's money). The days and
sums in it take its stance; days and sums that belong together become one slot.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date

from bot.understanding.about_paying import about_paying
from bot.understanding.amounts import NamedAmount
from bot.understanding.answer import Slot
from bot.understanding.clauses import (
    Clause,
    Stance,
    clauses_of,
    mark,
    take_stances,
)
from bot.understanding.hunch import Hunch
from bot.understanding.lexicon import Findings
from bot.understanding.named_day import NamedDay
from bot.understanding.paid import settle_paid, take_back_paid
from bot.understanding.slots import once, paired
from bot.understanding.standing import (
    counts_instalments,
    left_open,
    passed_on,
    quoted,
    still_standing,
    sums_without_asides,
    without_asides,
    without_conditions,
    without_corrected,
    without_denied,
    without_income,
    without_loose,
    without_reasons,
    without_repeated,
)


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
    heard: Callable[[], Hunch],
    known_words: bool,
    today: date,
) -> Commitments:
    """Give every named day and sum its stance.

    `refused`: an outright refusal was read; `sensitive`: something else that needs a person;
    `instalments`: their number, where one is named;
    `only_stops`: and that is nothing but a wish for no more messages; `heard`: what the second ear
    hears, asked only where a day or a sum stands among words of which none says what it is for, or
    beside none that binds, where words of a payment stand, and beside what needs a person.
    `known_words`: the message is in a language that ear was taught.
    """
    clauses = clauses_of(text)
    for clause in clauses:
        mark(clause, found, text)
    sums = [one for one in sums if not left_open(one, text)]
    notice = found.has("commitment.notice")
    live, ruled_out = still_standing(text, found, named, clauses)
    if instalments:
        live = [day for day in live if not counts_instalments(day, found)]
    live = passed_on(live, found, bool(sums))
    live = without_loose(live, sums, clauses)
    live_sums = [one for one in sums if not quoted(one.start, found, clauses, text)]
    live_sums = without_corrected(without_denied(live_sums, text), found)
    live_sums = without_repeated(live_sums, live, clauses, text)
    elliptical = not any(clause.has_verb for clause in clauses)
    speaks_of_paying = instalments is not None or about_paying(
        text, found, clauses, [*named, *sums], sensitive, only_stops
    )
    if not speaks_of_paying and not _sounds_so(live, bool(live_sums), found, sensitive, heard):
        live, live_sums = [], []
    told = any("paid" in clause.cues for clause in clauses)
    for clause in clauses:
        clause.names_day = any(clause.start <= day.start < clause.end for day in live)
        clause.on = frozenset(
            day.day for day in live if clause.start <= day.start < clause.end and day.day
        )
        clause.names_sum = any(clause.start <= one.start < clause.end for one in live_sums)
        settle_paid(clause, live, found, text, today)
    paid = [clause for clause in clauses if "paid" in clause.cues]
    for clause in paid:
        if "others" in clause.cues and any(_own(one) for one in clauses if one is not clause):
            clause.cues.discard("paid")
    paid = [clause for clause in paid if "paid" in clause.cues]
    astray = found.has("everyday.wrong_account")
    surely = found.has("commitment.surely_paid", "everyday.receipt")
    surely = surely or any("over" in clause.cues for clause in paid)
    if paid and known_words and not surely and not heard().tells_of_payment(astray=astray):
        for clause in paid:
            take_back_paid(clause)
    unpaid = told and not any("paid" in clause.cues for clause in clauses)
    live_sums = sums_without_asides(live_sums, live, clauses, text)
    for clause in clauses:
        clause.names_sum = any(clause.start <= one.start < clause.end for one in live_sums)
    live = without_income(live, clauses, text)
    live = without_asides(without_reasons(live, clauses, text), clauses, text)
    live = without_conditions(live, clauses)
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
    if not by_stance[Stance.PAID] and any("over" in clause.cues for clause in clauses):
        by_stance[Stance.PAID] = [_BARE]
    loose = known_words and not only_stops and _hardly_binds(by_stance[Stance.PROMISE], clauses)
    if loose and heard().paying < _HARDLY:
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
    terms_named = any(
        clause.cues >= {"asks", "question"} and clause.names_sum for clause in clauses
    )
    if known_words and not only_stops:
        for stance in (Stance.PROMISE, Stance.PROPOSED):
            if stance is Stance.PROPOSED and terms_named and heard().danger < _IN_DANGER:
                continue
            by_stance[stance] = _told_beside(by_stance[stance], stance, sensitive, heard, today)
    return Commitments(
        promise=once(by_stance[Stance.PROMISE], text),
        bound=any(
            clause.stance is Stance.PROMISE
            and "asks" not in clause.cues
            and bool(clause.cues & {"future", "promise_only"})
            for clause in clauses
        ),
        unpaid=unpaid,
        proposed=once(list(dict.fromkeys(by_stance[Stance.PROPOSED])), text),
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


def _told_beside(
    slots: list[Slot], stance: Stance, sensitive: bool, heard: Callable[[], Hunch], today: date
) -> list[Slot]:
    """ "I cannot deal with this now", "680 a month from the state": beside what needs a person, a
    sum alone or a day that is today is no promise and no offer unless it sounds like paying. "50
    today" is one.
    """
    firm = stance is Stance.PROMISE
    near = [
        slot
        for slot in slots
        if slot.date is None
        or (slot.date == today and not (firm and slot.amount not in (None, "full")))
    ]
    if not near or not (sensitive or heard().doubt >= _GRAVE):
        return slots
    asks_in_danger = stance is Stance.PROPOSED and heard().danger >= _IN_DANGER
    if asks_in_danger and all(slot.amount is None for slot in near):
        return [slot for slot in slots if slot not in near]
    if heard().paying >= _FAINTLY[stance] and heard().pays_of_harmless >= _SOME_OF_HARMLESS:
        return slots
    return [slot for slot in slots if slot not in near]


_GRAVE, _IN_DANGER = 0.9, 0.5
"""Doubt, and danger to life, that weigh as much as a word for it."""
_FAINTLY = {Stance.PROMISE: 0.002, Stance.PROPOSED: 0.01}
"""Share of promises and requests beside what needs a person, below which nothing is offered."""
_SOME_OF_HARMLESS = 0.3
"""The same among the harmless matters alone."""


def _own(clause: Clause) -> bool:
    """Pays beside what was paid to or by others: "the rent is paid, yours comes on Monday"."""
    return clause.has_verb and clause.names_day and not clause.cues & {"others", "paid"}


def _asks(clause: Clause) -> bool:
    """More than "are you there?"."""
    asks = clause.cues & {"question", "asks_fact"}
    return bool(asks) and clause.end - clause.start > _SHORT_QUESTION


_SHORT_QUESTION = 4


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
_ENOUGH_PAYING, _PLAINLY_PAYING = 0.5, 0.8


def _sounds_so(
    live: list[NamedDay],
    summed: bool,
    found: Findings,
    sensitive: bool,
    heard: Callable[[], Hunch],
) -> bool:
    """A day to come, or a sum at some time, among words that sound like those of a promise."""
    dated = any(day.day is not None and day.kind not in ("now", "hour") for day in live)
    small = found.has("smalltalk.harmless", "idiom.harmless")
    enough = _ENOUGH_PAYING if dated and summed else _PLAINLY_PAYING
    if (
        sensitive
        or (found.has("commitment.unless") and not summed)
        or (small and heard().paying < enough)
    ):
        return False
    if not dated and not (summed and live):
        return any(day.kind == "vague" for day in live) and heard().paying >= _PLAINLY_PAYING
    return heard().paying >= _ENOUGH_PAYING


def offers(said: Commitments) -> Commitments:
    """Where other terms are asked for, a sum without a day is what is offered."""
    undated = tuple(slot for slot in said.promise if slot.date is None)
    if not undated or len(undated) != len(said.promise):
        return said
    offered = tuple(slot for slot in undated if slot.amount is not None)
    if said.bound and offered and not said.questioned:
        return replace(said, promise=offered)
    return replace(said, promise=(), proposed=said.proposed or offered)


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
