"""When the steps of a strategy are: the part that is the same for many borrowers.

Everybody with the same due date, zone and country shares these slots, so they are worked out once
and kept; which of them concern a borrower is decided elsewhere.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import lru_cache

from bot.rules import business_days
from bot.rules.local_time import LocalTime
from bot.rules.public_holidays import is_public_holiday
from bot.rules.strategy_file import Action, Anchor, Move, Step, Strategy

_LONGEST_MOVE = 20
"""Days; no country has more days off in a row."""

_MIDNIGHT = time(0)


@dataclass(frozen=True, slots=True)
class Slot:
    """When a step is, for everybody with the same anchor date, zone and country.

    `on`: the local date; `[starts_at, ends_at)` in UTC; `day` counts from the anchor to the
    date before any move.
    """

    step: Step
    day: int
    on: date
    starts_at: datetime
    ends_at: datetime
    moved: bool


@lru_cache(maxsize=16_384)
def slots(
    strategy: Strategy,
    anchor: Anchor,
    anchor_date: date,
    country: str,
    local_time: LocalTime,
    today: date,
) -> tuple[Slot, ...]:
    """Every slot of the enabled steps around `today`, of repeated ones at least the next.

    Shared by all borrowers alike, whatever their class: a planner asks this thousands of times.
    """
    reached = (today - anchor_date).days
    found = []
    for step in strategy.enabled_steps:
        if step.anchor is not anchor:
            continue
        start = reached - step.valid_days - _LONGEST_MOVE
        end = max(reached, step.first_day) + (step.every.days if step.every else 0) + _LONGEST_MOVE
        for day in step.days(start, end):
            nominal = anchor_date + timedelta(days=day)
            on = _moved(step, day, nominal, country)
            over = on + timedelta(days=max(step.valid_days, 1))
            if over >= today:
                starts_at = local_time.instant(on, step.at)
                ends_at = local_time.instant(over, step.at if step.valid_days else _MIDNIGHT)
                found.append(Slot(step, day, on, starts_at, ends_at, moved=on != nominal))
    return tuple(found)


def one_message_a_day(some: Iterable[Slot]) -> list[Slot]:
    """Of the messages that fall on one day only the most important, of equals the latest step."""
    some = list(some)
    best: dict[date, Slot] = {}
    for slot in some:
        if slot.step.action is Action.MESSAGE:
            other = best.get(slot.on)
            if other is None or ((slot.step.priority, slot.day) > (other.step.priority, other.day)):
                best[slot.on] = slot
    return [
        slot for slot in some if slot.step.action is not Action.MESSAGE or best[slot.on] is slot
    ]


def _moved(step: Step, day: int, nominal: date, country: str) -> date:
    if is_public_holiday(country, nominal):
        move = step.holiday_move(day)
    elif business_days.is_weekend(country, nominal):
        move = step.weekends
    else:
        return nominal
    if move is Move.STAY:
        return nominal
    if move is Move.BEFORE:
        return business_days.before(country, nominal)
    return business_days.after(country, nominal)
