"""Days and sums that are not for what the grammar took them for get another stance.

Where the third ear agrees with the grammar about all of them, nothing is touched. Otherwise those
of one stance are put together anew.
"""

from collections.abc import Callable
from dataclasses import replace
from datetime import date

from bot.understanding.about_paying import words_beside
from bot.understanding.amounts import NamedAmount
from bot.understanding.answer import Slot
from bot.understanding.clauses import Stance
from bot.understanding.commitment import Commitments
from bot.understanding.hunch import Hunch
from bot.understanding.lexicon import Findings
from bot.understanding.named_day import NamedDay
from bot.understanding.purpose import STANCES, purposes
from bot.understanding.slots import once, paired
from bot.understanding.surroundings import Figure, Surroundings

_BARE = Slot(None, None)
_MOST_FIGURES = 12
"""A message with more days and sums than this is no answer; the grammar's word stands."""


def reconsidered(
    said: Commitments,
    text: str,
    found: Findings,
    figures: list[Figure],
    heard: Callable[[], Hunch],
    *,
    sensitive: bool,
) -> Commitments:
    """`figures`: every day and sum of the plain text in order of place, whatever became of it.

    `sensitive` as in `commitment.commitments`.
    """
    named = [one for one in figures if _value(one) is not None]
    if not named or said.is_notice or len(figures) > _MOST_FIGURES or _is_bare(text, figures):
        return said
    surroundings = Surroundings(text, figures, found)
    words = [ruled(one, said) for one in named]
    shares = purposes(named, surroundings, words, heard())
    shares = [_of_its_slot(index, named, shares, said) for index in range(len(named))]
    unbound = [_taken_out(one, said) or bool(surroundings.cues(one) & _NEVER) for one in named]
    meant = _meant(shares, words, unbound)
    if sensitive and not _sums_promised(named, meant):
        # "surgery on Wednesday": beside what needs a person a day alone is none of paying
        meant = [
            word if stance is Stance.PROMISE else stance
            for stance, word in zip(meant, words, strict=True)
        ]
    if meant == words:
        return said
    return _anew(said, text, found, list(zip(named, words, meant, strict=True)))


def _is_bare(text: str, figures: list[Figure]) -> bool:
    """ "Five hundred then": an answer to what was asked, which no ear has heard."""
    if len(figures) > 1:
        return False
    (only,) = figures
    return words_beside(f"{text[: only.start]} {text[only.end :]}") == 0


_NEVER = frozenset({"quoted", "denied"})
"""Cues of a clause that binds nobody."""
_BY_FAR = {stance: 0.65 if stance is Stance.NOTHING else 0.4 for stance in STANCES}
"""What the grammar made nothing of may be anything, and so needs more."""
_AHEAD = (Stance.PROMISE, Stance.PROPOSED)


def _meant(
    shares: list[dict[Stance, float]], words: list[Stance], unbound: list[bool]
) -> list[Stance]:
    """The likeliest where it is likelier by far than the grammar's word, and likelier at all where
    something else in the message becomes the same: a sum goes with its day. What is `unbound`, or
    was paid, becomes no promise."""
    likeliest = [
        word if stance is Stance.PROMISE and (never or word is Stance.PAID) else stance
        for share, word, never in zip(shares, words, unbound, strict=True)
        for stance in [max(share, key=share.__getitem__)]
    ]
    by_far = {
        stance
        for stance, share, word in zip(likeliest, shares, words, strict=True)
        if share[stance] - share[word] > _BY_FAR[word]
    }
    return [
        stance if stance in by_far else word for stance, word in zip(likeliest, words, strict=True)
    ]


def _taken_out(figure: Figure, said: Commitments) -> bool:
    """The grammar kept others of its kind, and not this one: it was corrected, past or an aside."""
    kept: tuple[Figure, ...] = said.days if isinstance(figure, NamedDay) else said.amounts
    return bool(kept) and not any(_value(figure) == _value(one) for one in kept)


def _sums_promised(named: list[Figure], meant: list[Stance]) -> bool:
    return any(
        stance is Stance.PROMISE and isinstance(one, NamedAmount)
        for one, stance in zip(named, meant, strict=True)
    )


def _of_its_slot(
    index: int, named: list[Figure], shares: list[dict[Stance, float]], said: Commitments
) -> dict[Stance, float]:
    """A day and a sum of one slot are promised together, or proposed together, and the day stays
    where its sum does."""
    values = {_value(named[index])}
    for slot in (*said.promise, *said.proposed):
        if values & {slot.date, slot.amount}:
            values |= {slot.date, slot.amount} - {None}
    together = [share for one, share in zip(named, shares, strict=True) if _value(one) in values]
    return shares[index] | {
        stance: sum(share[stance] for share in together) / len(together)
        for stance in (STANCES if isinstance(named[index], NamedDay) else _AHEAD)
    }


def _value(figure: Figure) -> date | str | None:
    return figure.day if isinstance(figure, NamedDay) else figure.amount


def ruled(figure: Figure, said: Commitments) -> Stance:
    """The stance under which the grammar keeps this day or sum, wherever it was named."""
    value = _value(figure)
    for stance, slots in _by_stance(said):
        if any(value in (slot.date, slot.amount) for slot in slots):
            return stance
    return Stance.NOTHING


def _by_stance(said: Commitments) -> list[tuple[Stance, tuple[Slot, ...]]]:
    return [
        (Stance.PROMISE, said.promise),
        (Stance.PROPOSED, said.proposed),
        (Stance.PAID, said.paid),
    ]


def _anew(
    said: Commitments,
    text: str,
    found: Findings,
    told: list[tuple[Figure, Stance, Stance]],
) -> Commitments:
    live: tuple[Figure, ...] = (*said.days, *said.amounts)
    slots = dict(_by_stance(said))
    for stance in slots:
        meant = _each_once([one for one, _, now in told if now is stance], live)
        if meant == _each_once([one for one, before, _ in told if before is stance], live):
            continue
        sums = [one for one in meant if isinstance(one, NamedAmount)]
        named = [one for one in meant if isinstance(one, NamedDay)]
        if stance is Stance.PAID:
            named = []  # a payment made is told without its day
        elif meant:
            named = _with_open_days(named, said, told, stance)
        together = once(paired(named, sums, text, found), text) if named or sums else ()
        slots[stance] = tuple(slot for slot in together if slot != _BARE)
    if said.promise and not slots[Stance.PROMISE] and said.bound:
        slots[Stance.PROMISE] = (_BARE,)
    still = _still_meant(live, told)
    return replace(
        said,
        days=tuple(one for one in still if isinstance(one, NamedDay)),
        amounts=tuple(one for one in still if isinstance(one, NamedAmount)),
        promise=slots[Stance.PROMISE],
        proposed=slots[Stance.PROPOSED],
        paid=slots[Stance.PAID],
    )


def _still_meant(
    live: tuple[Figure, ...], told: list[tuple[Figure, Stance, Stance]]
) -> list[Figure]:
    """What the grammar kept, without what is for nothing now and with what is for something."""
    gone = [one for one, before, now in told if before is not now and now is Stance.NOTHING]
    come = [one for one, before, now in told if before is not now and before is Stance.NOTHING]
    kept = [one for one in live if not any(one is other for other in gone)]
    kept += [one for one in come if not any(one is other for other in live)]
    return sorted(kept, key=lambda one: one.start)


def _each_once(figures: list[Figure], live: tuple[Figure, ...]) -> list[Figure]:
    """What the grammar took out is left out where it kept another of the same value."""
    kept = [one for one in figures if any(one is other for other in live)]
    for one in figures:
        if not any(_value(one) == _value(other) for other in kept):
            kept.append(one)
    return sorted(kept, key=lambda one: one.start)


def _with_open_days(
    named: list[NamedDay],
    said: Commitments,
    told: list[tuple[Figure, Stance, Stance]],
    stance: Stance,
) -> list[NamedDay]:
    """A time that is no day ("when I get paid") goes with what stands nearest to it."""
    opened = [
        day
        for day in said.days
        if day.day is None and min(told, key=lambda one: abs(one[0].start - day.start))[2] is stance
    ]
    return sorted([*named, *opened], key=lambda day: day.start)
