"""When the steps of a strategy are: the part that is the same for many borrowers.

Everybody with the same due date, zone and country shares these slots, so they are worked out once
and kept; which of them concern a borrower is decided elsewhere.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import lru_cache

from bot.rules import business_days
from bot.rules.ageing import PaymentClass
from bot.rules.local_time import LocalTime
from bot.rules.public_holidays import is_public_holiday
from bot.rules.strategy_file import Action, Anchor, Move, Step, Strategy
from storage.records import ContactKind

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
    kind: ContactKind | None


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
    for number, step in enumerate(strategy.enabled_steps):
        if step.anchor is not anchor:
            continue
        start = reached - step.valid_days - _LONGEST_MOVE
        end = max(reached, step.first_day) + (step.every.days if step.every else 0) + _LONGEST_MOVE
        for day in step.days(start, end):
            slot = _slot(strategy, number, day, anchor_date, country, local_time)
            if _last_day(slot) >= today:
                found.append(slot)
    return tuple(found)


def _last_day(slot: Slot) -> date:
    return slot.on + timedelta(days=max(slot.step.valid_days, 1))


@lru_cache(maxsize=65_536)
def _slot(
    strategy: Strategy,
    number: int,
    day: int,
    anchor_date: date,
    country: str,
    local_time: LocalTime,
) -> Slot:
    """The same on every day on which it is looked at."""
    step = strategy.enabled_steps[number]
    nominal = anchor_date + timedelta(days=day)
    on = _moved(step, day, nominal, country)
    over = on + timedelta(days=max(step.valid_days, 1))
    starts_at = local_time.instant(on, step.at)
    ends_at = local_time.instant(over, step.at if step.valid_days else _MIDNIGHT)
    return Slot(step, day, on, starts_at, ends_at, on != nominal, step.kind(day))


Around = tuple[Strategy, date, str, LocalTime, date, frozenset[str]]
"""The strategy, a due date, country, clock, today and the products due: what many share."""


def class_days(around: Around) -> tuple[date, ...]:
    """The days on which the payment class selects a step about the due date, in order."""
    return _concerning(around)[1]


def of_classes(around: Around, classes: Sequence[PaymentClass]) -> list[Slot]:
    """The slots about a due date that concern somebody of these classes on `class_days`."""
    some, days = _concerning(around)
    on = dict(zip(days, classes, strict=True))
    return _one_message_a_day(
        [slot for slot in some if not slot.step.classes or on[slot.on] in slot.step.classes]
    )


@lru_cache(maxsize=16_384)
def _concerning(around: Around) -> tuple[tuple[Slot, ...], tuple[date, ...]]:
    """Slots that stage and product select, and the days whose class is asked for."""
    strategy, due_date, country, local_time, today, products = around
    some = tuple(
        slot
        for slot in slots(strategy, Anchor.DUE, due_date, country, local_time, today)
        if (not slot.step.stages or strategy.stage(slot.day) in slot.step.stages)
        and slot.step.is_for(products)
    )
    return some, tuple(sorted({slot.on for slot in some if slot.step.classes}))


def _one_message_a_day(some: list[Slot]) -> list[Slot]:
    """Of the messages that fall on one day only the most important, of equals the latest step.

    What has to be sent comes before everything else.
    """
    best: dict[date, Slot] = {}
    for slot in some:
        if slot.step.action is Action.MESSAGE:
            other = best.get(slot.on)
            if other is None or _weight(slot) > _weight(other):
                best[slot.on] = slot
    return [
        slot for slot in some if slot.step.action is not Action.MESSAGE or best[slot.on] is slot
    ]


def _weight(slot: Slot) -> tuple[bool, int, int]:
    return slot.step.required, slot.step.priority, slot.day


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
