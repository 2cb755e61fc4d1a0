"""The strategy as data: stages, payment class and the steps, read from YAML.

Everything an admin may change about who is contacted when is here, and a file that contradicts
itself is refused with the line that is wrong (see strategies/default.yaml for the meaning).
"""

import re
from collections.abc import Iterator
from datetime import time
from enum import StrEnum
from functools import cache, lru_cache
from importlib.resources import files
from itertools import pairwise
from typing import Annotated, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from bot.rules.ageing import ClassRule, PaymentClass, Stage, stage_of
from bot.rules.data_file import Place, read_data_file
from storage.records import ContactKind, HandoffReason

LAST_DAY = 3_650
"""Steps lie within ten years of their anchor."""


class Anchor(StrEnum):
    """What a step counts its days from."""

    DUE = "due"
    PROMISE = "promise"
    INSTALMENT = "instalment"
    DOWN_PAYMENT = "down_payment"
    MISSED_INSTALMENT = "missed_instalment"  # the first day after its grace
    BROKEN_PLAN = "broken_plan"
    BROKEN_PROMISE = "broken_promise"  # the first day after its tolerance
    BROKEN_AGAIN = "broken_again"
    RELAPSE = "relapse"  # the due date of what is late again soon after a cure


class Action(StrEnum):
    MESSAGE = "message"
    TASK = "task"
    NOTICE = "notice"
    REVIEW = "review"
    ESCALATION = "escalation"
    HANDOFF = "handoff"


class Move(StrEnum):
    """What happens to a step that falls on a day off."""

    BEFORE = "before"
    AFTER = "after"
    STAY = "stay"


_SPOKEN = frozenset({Action.MESSAGE, Action.NOTICE})


def _time(value: object) -> object:
    if isinstance(value, str) and (found := re.fullmatch(r"([01]\d|2[0-3]):([0-5]\d)", value)):
        return time(int(found[1]), int(found[2]))
    raise ValueError('write a time of day in quotes, such as "10:00"')


def _tuple(value: object) -> object:
    return tuple(value) if isinstance(value, list) else value


def _one_of(kinds: type[StrEnum]) -> BeforeValidator:
    def member(value: object) -> object:
        if isinstance(value, str) and value in set(kinds):
            return kinds(value)
        raise ValueError(f"one of {', '.join(kinds)}")

    return BeforeValidator(member)


_Day = Annotated[int, Field(ge=-LAST_DAY, le=LAST_DAY)]
_Names = Annotated[tuple[str, ...], BeforeValidator(_tuple)]
_Classes = Annotated[
    tuple[Annotated[PaymentClass, _one_of(PaymentClass)], ...], BeforeValidator(_tuple)
]
_Move = Annotated[Move, _one_of(Move)]
_ScriptKey = Annotated[str, Field(pattern=r"^[a-z_]+(\.[a-z0-9_]+)+$")]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class StageRange(_Strict):
    """Days past due from `first` to `last`, both included; left out it is open to that side."""

    first: _Day | None = None
    last: _Day | None = None


class ClassTerms(_Strict):
    due_dates: Annotated[int, Field(ge=1, le=60)]
    grace_days: Annotated[int, Field(ge=0, le=60)]


class Thanks(_Strict):
    payment: _ScriptKey
    cleared: _ScriptKey
    plan_completed: _ScriptKey | None = None


class Ramp(_Strict):
    """How a portfolio that comes all at once is begun: so many percent of it a day, or more where
    that would be fewer than `at_least`.
    """

    percent: Annotated[int, Field(ge=1, le=100)] = 10
    at_least: Annotated[int, Field(ge=1)] = 200

    def days(self, borrowers: int) -> int:
        """Over how many days so many borrowers are begun with."""
        a_day = max(-(-borrowers * self.percent // 100), self.at_least)
        return max(-(-borrowers // a_day), 1)


class Every(_Strict):
    """A repeated step: on day `first` and every `days` after it, up to `last`."""

    first: _Day
    last: _Day | None = None
    days: Annotated[int, Field(ge=1, le=366)]

    @model_validator(mode="after")
    def _forwards(self) -> Self:
        if self.last is not None and self.last < self.first:
            raise ValueError(f"last ({self.last}) lies before first ({self.first})")
        return self


class Step(_Strict):
    """One line of the strategy. Empty `stages`, `classes` or `products` mean all of them."""

    id: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,39}$")]
    enabled: bool = True
    anchor: Annotated[Anchor, _one_of(Anchor)] = Anchor.DUE
    stages: _Names = ()
    classes: _Classes = ()
    products: _Names = ()
    day: _Day | None = None
    every: Every | None = None
    at: Annotated[time, BeforeValidator(_time)]
    valid_days: Annotated[int, Field(ge=0, le=60)]
    action: Annotated[Action, _one_of(Action)]
    script: _ScriptKey | None = None
    moved_script: _ScriptKey | None = None
    about: Annotated[str, Field(min_length=1, max_length=40)] | None = None
    priority: Annotated[int, Field(ge=0, le=100)] = 50
    holidays: _Move | None = None
    weekends: _Move = Move.STAY

    @model_validator(mode="after")
    def _whole(self) -> Self:
        if (self.day is None) == (self.every is None):
            raise ValueError("give either day or every")
        if (self.action in _SPOKEN) != (self.script is not None):
            raise ValueError("a message or notice has a script, and nothing else has")
        if (self.action in _SPOKEN) == (self.about is not None):
            raise ValueError("what a person does says what it is about, nothing else does")
        if self.action is Action.HANDOFF and self.about not in set(HandoffReason):
            raise ValueError(f"a handoff is about one of {', '.join(HandoffReason)}")
        if self.moved_script is not None and self.script is None:
            raise ValueError("moved_script needs a script")
        if self.anchor is not Anchor.DUE and (self.stages or self.classes or self.products):
            raise ValueError("stages, classes and products are for steps about a due date")
        return self

    @property
    def first_day(self) -> int:
        """The first day of the step, counted from its anchor."""
        if self.every is not None:
            return self.every.first
        assert self.day is not None
        return self.day

    def days(self, start: int, end: int) -> Iterator[int]:
        """Its days from `start` to `end`, both included, counted from its anchor."""
        day = self.first_day
        if self.every is None:
            if start <= day <= end:
                yield day
            return
        if day < start:
            day += -(-(start - day) // self.every.days) * self.every.days
        last = end if self.every.last is None else min(end, self.every.last)
        yield from range(day, last + 1, self.every.days)

    def holiday_move(self, day: int) -> Move:
        if self.holidays is not None:
            return self.holidays
        return Move.BEFORE if day <= 0 else Move.AFTER

    def kind(self, day: int) -> ContactKind | None:
        """What the contact policy is asked for; None for what stays within the house."""
        if self.action is Action.TASK:
            return ContactKind.CALL
        if self.action is Action.NOTICE:
            return ContactKind.NOTICE
        if self.action is not Action.MESSAGE:
            return None
        if self.anchor is Anchor.DUE:
            return ContactKind.PRE_DUE if day <= 0 else ContactKind.OVERDUE
        about_promise = self.anchor in (Anchor.PROMISE, Anchor.BROKEN_PROMISE)
        return ContactKind.PROMISE_NOTE if about_promise else ContactKind.PLAN_NOTE


class Strategy(_Strict):
    strategy: Annotated[str, Field(min_length=1, max_length=40)]
    stages: Annotated[dict[str, StageRange], Field(min_length=1)]
    payment_class: ClassTerms
    thanks: Thanks
    relapse_days: Annotated[int, Field(ge=0, le=366)] = 90
    ramp: Ramp = Ramp()
    steps: Annotated[tuple[Step, ...], BeforeValidator(_tuple), Field(min_length=1)]

    @property
    def ranges(self) -> tuple[Stage, ...]:
        """For `bot.rules.ageing.stage_of`."""
        return _ranges(self)

    @property
    def class_rule(self) -> ClassRule:
        return ClassRule(self.payment_class.due_dates, self.payment_class.grace_days)

    @property
    def enabled_steps(self) -> tuple[Step, ...]:
        return tuple(step for step in self.steps if step.enabled)

    def __eq__(self, other: object) -> bool:
        return self is other

    def __hash__(self) -> int:
        """By identity: a strategy is read once and asked a thousand times a second."""
        return id(self)

    def stage(self, days_past_due: int) -> str:
        return _stage(self, days_past_due)


@lru_cache(maxsize=64)
def _ranges(strategy: Strategy) -> tuple[Stage, ...]:
    return tuple(Stage(name, one.first, one.last) for name, one in strategy.stages.items())


@lru_cache(maxsize=16_384)
def _stage(strategy: Strategy, days_past_due: int) -> str:
    return stage_of(strategy.ranges, days_past_due).name


def read_strategy(text: str, source: str) -> Strategy:
    """Read the YAML `text` of the file `source`; raises DataFileRefused, a line for each fault."""
    return read_data_file(text, source, Strategy, structural_faults)


@cache
def default_strategy() -> Strategy:
    source = files("bot.rules") / "strategies" / "default.yaml"
    return read_strategy(source.read_text("utf-8"), "default.yaml")


def structural_faults(strategy: Strategy) -> Iterator[tuple[Place, str]]:
    """What makes a strategy unusable although each of its values is fine."""
    gapless = True
    for fault in _range_faults(strategy):
        gapless = False
        yield fault
    seen: set[str] = set()
    for index, step in enumerate(strategy.steps):
        if step.id in seen:
            yield ("steps", index, "id"), f"{step.id} is the id of an earlier step; rename one"
        seen.add(step.id)
        unknown = [name for name in step.stages if name not in strategy.stages]
        for name in unknown:
            known = ", ".join(strategy.stages)
            yield ("steps", index, "stages"), f"no stage {name}; there are {known}"
        if gapless and step.stages and not unknown:
            yield from _outside_stage(strategy, index, step)


def _range_faults(strategy: Strategy) -> Iterator[tuple[Place, str]]:
    ordered = sorted(
        strategy.stages.items(),
        key=lambda pair: -LAST_DAY - 1 if pair[1].first is None else pair[1].first,
    )
    for name, stage in ordered:
        if stage.first is not None and stage.last is not None and stage.last < stage.first:
            yield ("stages", name), f"ends on day {stage.last}, before it begins"
            return
    first, last = ordered[0], ordered[-1]
    if first[1].first is not None:
        yield ("stages", first[0]), "the earliest stage has to leave `first` out"
    if last[1].last is not None:
        yield ("stages", last[0]), "the latest stage has to leave `last` out"
    for (name, stage), (later_name, later) in pairwise(ordered):
        if stage.last is None or later.first is None or later.first <= stage.last:
            yield ("stages", later_name), f"overlaps {name}; begin the day after it ends"
        elif later.first > stage.last + 1:
            missing = f"day {stage.last + 1} to {later.first - 1}"
            yield ("stages", later_name), f"leaves a gap after {name}: {missing}"


def _outside_stage(strategy: Strategy, index: int, step: Step) -> Iterator[tuple[Place, str]]:
    place: Place = ("steps", index, "day" if step.every is None else "every")
    last = step.first_day
    if step.every is not None:
        last = LAST_DAY if step.every.last is None else step.every.last
    for day in step.days(step.first_day, last):
        if strategy.stage(day) not in step.stages:
            names = " or ".join(step.stages)
            yield place, f"day {day} is {strategy.stage(day)}, not {names}"
            return
