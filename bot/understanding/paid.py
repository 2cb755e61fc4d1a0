"""What was paid already, and what only sounds so because a day to come stands beside it."""

import re
from datetime import date

from bot.understanding.clauses import Clause
from bot.understanding.lexicon import Findings
from bot.understanding.named_day import NamedDay


def settle_paid(
    clause: Clause, live: list[NamedDay], found: Findings, text: str, today: date
) -> None:
    """What is bound to a day ahead, or is promised, has not been paid yet."""
    here = [day for day in live if clause.start <= day.start < clause.end and day.kind != "vague"]
    if any(_is_over(day, found, text, today) for day in here) and not clause.cues & _OPEN:
        clause.cues |= {"paid", "over"}
        return
    ahead = any(
        day.kind in _AHEAD or (day.kind in _OF_TWO and _NEXT.search(text[day.start : day.end]))
        for day in here
    )
    past = any(clause.start <= one.start < clause.end for one in found.of("dates.past"))
    bound = clause.cues & {"question", "condition"}
    told_of_a_feast = "told_paid" in clause.cues and any(day.kind in _FEASTS for day in here)
    if not (past or told_of_a_feast):
        bound |= clause.cues & {"future", "promise_only"}
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


def _is_over(day: NamedDay, found: Findings, text: str, today: date) -> bool:
    """ "The 3rd, paid", said on the 20th: the last 3rd is meant, the next one is too far off."""
    bare = day.kind == "day_of_month" and not _MONTH.search(text[day.start : day.end])
    if not bare or day.day is None or (day.day - today).days < _FAR_OFF:
        return False
    return day.day.month != today.month and any(
        one.start < day.end <= one.end for one in found.of("commitment.over")
    )


def take_back_paid(clause: Clause) -> None:
    """Nothing was paid: what else the clause says stands, and without more it says nothing."""
    clause.cues.discard("paid")
    binds = clause.cues & {"future", "promise_only"} and (clause.names_day or clause.names_sum)
    if not binds and not clause.cues & {"question", "condition", "hedge"}:
        clause.cues.add("denied")


_MONTH = re.compile(r"\u6708")
_FAR_OFF = 10
"""Days ahead from which a day of the month that was spoken of as done is the last one."""
_OPEN = {"question", "condition", "hedge", "quoted", "denied"}
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
