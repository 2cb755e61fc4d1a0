"""Days and sums of one stance become slots: which sum goes with which day.

"500 on Friday and the rest at the end of the month" is two slots, "500 each on Friday and Monday"
as well, "between Friday and Monday" is one day.
"""

import re
from decimal import Decimal

from bot.understanding.amounts import NamedAmount
from bot.understanding.answer import Slot
from bot.understanding.lexicon import Findings, beside
from bot.understanding.named_day import NamedDay


def paired(
    named: list[NamedDay],
    sums: list[NamedAmount],
    text: str,
    found: Findings,
) -> list[Slot]:
    exact = [one for one in sums if one.amount is not None]
    sums = exact or sums[:1]
    sums = _without_total(_meant_sums(sums, named, text))
    if not named:
        return [Slot(None, one.amount) for one in sums]
    if not sums:
        return [Slot(day.day, None) for day in _meant_days(named, text)]
    named = _each_once(named) if len(named) > len(sums) else named
    if len(sums) == 1:
        named = named if found.has("commitment.each") else _meant_days(named, text)
        if len(named) == 1 or found.has("commitment.each") or _on_both(named, text):
            return [Slot(day.day, sums[0].amount) for day in named]
    if len(named) == 1 and len(sums) > 1:
        return _sums_of_one_day(named[0], sums, text)
    return _side_by_side(named, sums)


def once(slots: list[Slot], text: str) -> tuple[Slot, ...]:
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


def _on_both(named: list[NamedDay], text: str) -> bool:
    """ "60 on the 15th and the 29th"."""
    return len(named) == 2 and bool(_AND.fullmatch(text[named[0].end : named[1].start]))


_AND = re.compile(r" and( on)?( the)? ?")


def _each_once(named: list[NamedDay]) -> list[NamedDay]:
    """ "Wages come on the 6th, I pay on the 6th" names one day."""
    return list({day.day or day.start: day for day in named}.values())


def _meant_days(named: list[NamedDay], text: str) -> list[NamedDay]:
    """ "Between Friday and Monday" is Monday at the latest."""
    if len(named) == 2:
        between = text[named[0].end : named[1].start].strip()
        if between.startswith("and") and _BETWEEN.search(text[: named[0].start]):
            return named[1:]
        if not between or any(pattern.fullmatch(between) for pattern in beside("up_to")):
            return named[1:]
    return named


_BETWEEN = re.compile(r"\bbetween( the)? ?$")


def _meant_sums(sums: list[NamedAmount], named: list[NamedDay], text: str) -> list[NamedAmount]:
    """ "500, cleared by Friday": a figure beside a word that only clears it is the figure."""
    figures = [one for one in sums if one.kind not in ("full",)]
    fulls = [one for one in sums if one.kind == "full"]
    each_dated = len(figures) > 1 and len(figures) == len(_each_once(named))
    if each_dated and fulls == sums[-1:] and _clears(figures[-1], fulls[0], text):
        return figures
    told = len(figures) == len(fulls) == 1 and len(_each_once(named)) < 2
    if told and _clears(figures[0], fulls[0], text):
        return figures
    if len(fulls) > 1:
        sums = sorted([*figures, fulls[0]], key=lambda one: one.start)
    return sums


def _clears(figure: NamedAmount, full: NamedAmount, text: str) -> bool:
    words = text[full.start : full.end].strip()
    between = text[min(figure.end, full.end) : max(figure.start, full.start)]
    return any(one.fullmatch(words) for one in beside("clears")) and not any(
        one.search(between) for one in beside("in_parts")
    )


def _without_total(sums: list[NamedAmount]) -> list[NamedAmount]:
    """ "600 in total: 200 and 400" is two sums."""
    figures = [Decimal(one.amount) for one in sums if one.amount and one.amount[-1].isdigit()]
    total = max(figures, default=Decimal(0))
    if len(figures) < 3 or total * 2 != sum(figures):
        return sums
    return [one for one in sums if one.amount != f"{total:.2f}"]


_ACROSS_A_COMMA = 12


def _apart(one: NamedAmount, day: NamedDay, text: str) -> int:
    """Characters between a sum and a day; a comma between them counts for many."""
    between = text[min(one.end, day.end) : max(one.start, day.start)]
    near = min(abs(one.start - day.end), abs(day.start - one.end))
    return near + (_ACROSS_A_COMMA if any(sign in ",.!?" for sign in between) else 0)


def _sums_of_one_day(day: NamedDay, sums: list[NamedAmount], text: str) -> list[Slot]:
    nearest = min(sums, key=lambda one: _apart(one, day, text))
    return [Slot(day.day if one is nearest else None, one.amount) for one in sums]


def _side_by_side(named: list[NamedDay], sums: list[NamedAmount]) -> list[Slot]:
    """Days and sums alternate; each day takes the next sum, or the one before it."""
    slots: list[Slot] = []
    if len(named) == len(sums):
        return [Slot(day.day, one.amount) for day, one in zip(named, sums, strict=True)]
    free = list(sums)
    for day in named:
        if not free:
            slots.append(Slot(day.day, None))
            continue
        nearest = min(free, key=lambda one: min(abs(one.start - day.end), abs(day.start - one.end)))
        free.remove(nearest)
        slots.append(Slot(day.day, nearest.amount))
    slots += [Slot(None, one.amount) for one in free]
    return slots
