"""The strategy as data: stages, payment class, steps and experiments, read from YAML.

Everything an admin may change about who is contacted when is here, and a file that contradicts
itself is refused with the line that is wrong (see strategies/default.yaml for the meaning).
"""

from collections.abc import Iterable, Iterator
from functools import cache, lru_cache
from importlib.resources import files
from itertools import pairwise
from typing import Annotated

from pydantic import BeforeValidator, Field, PrivateAttr

from bot.rules.ageing import ClassRule, Stage, stage_of
from bot.rules.data_file import Place, read_data_file
from bot.rules.experiment import Experiment, HoldOut, experiment_faults
from bot.rules.strategy_step import (
    LAST_DAY,
    Action,
    Anchor,
    DayNumber,
    Every,
    Move,
    ScriptKey,
    Step,
    Strict,
    as_tuple,
)

__all__ = [
    "Action",
    "Anchor",
    "Every",
    "Move",
    "Ramp",
    "Step",
    "Strategy",
    "default_strategy",
    "every_step",
    "read_strategy",
]

MOST_EXPERIMENTS = 4
"""At once; each halves what the others can tell apart."""


class StageRange(Strict):
    """Days past due from `first` to `last`, both included; left out it is open to that side."""

    first: DayNumber | None = None
    last: DayNumber | None = None


class ClassTerms(Strict):
    due_dates: Annotated[int, Field(ge=1, le=60)]
    grace_days: Annotated[int, Field(ge=0, le=60)]


class Thanks(Strict):
    payment: ScriptKey
    cleared: ScriptKey
    plan_completed: ScriptKey | None = None


class Ramp(Strict):
    """How a portfolio that comes all at once is begun: so many percent of it a day, or more where
    that would be fewer than `at_least`.
    """

    percent: Annotated[int, Field(ge=1, le=100)] = 10
    at_least: Annotated[int, Field(ge=1)] = 200

    def days(self, borrowers: int) -> int:
        """Over how many days so many borrowers are begun with."""
        a_day = max(-(-borrowers * self.percent // 100), self.at_least)
        return max(-(-borrowers // a_day), 1)


class Strategy(Strict):
    strategy: Annotated[str, Field(min_length=1, max_length=40)]
    stages: Annotated[dict[str, StageRange], Field(min_length=1)]
    payment_class: ClassTerms
    thanks: Thanks
    relapse_days: Annotated[int, Field(ge=0, le=366)] = 90
    ramp: Ramp = Ramp()
    steps: Annotated[tuple[Step, ...], BeforeValidator(as_tuple), Field(min_length=1)]
    hold_out: HoldOut | None = None
    experiments: Annotated[
        tuple[Experiment, ...], BeforeValidator(as_tuple), Field(max_length=MOST_EXPERIMENTS)
    ] = ()
    _holds_out: bool = PrivateAttr(default=False)

    @property
    def has_groups(self) -> bool:
        """Whether not everybody gets the same."""
        return self.hold_out is not None or bool(self.experiments)

    @property
    def holds_out(self) -> bool:
        """Of whom this strategy is, no reminder is sent."""
        return self._holds_out

    def with_steps(self, steps: Iterable[Step], *, holds_out: bool) -> "Strategy":
        """The same for one group: with its steps, and nothing left to decide by experiments."""
        mine = self.model_copy(update={"steps": tuple(steps), "hold_out": None, "experiments": ()})
        mine._holds_out = holds_out
        return mine

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
    yield from experiment_faults(strategy.hold_out, strategy.experiments, strategy.steps)
    for place, step in every_step(strategy):
        unknown = [name for name in step.stages if name not in strategy.stages]
        for name in unknown:
            known = ", ".join(strategy.stages)
            yield (*place, "stages"), f"no stage {name}; there are {known}"
        if gapless and step.stages and not unknown:
            yield from _outside_stage(strategy, place, step)


def every_step(strategy: Strategy) -> Iterator[tuple[Place, Step]]:
    """All steps with their places in the file, those of variants too."""
    for index, step in enumerate(strategy.steps):
        yield ("steps", index), step
    for first, experiment in enumerate(strategy.experiments):
        for second, variant in enumerate(experiment.variants):
            for third, step in enumerate(variant.steps):
                yield ("experiments", first, "variants", second, "steps", third), step


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


def _outside_stage(strategy: Strategy, where: Place, step: Step) -> Iterator[tuple[Place, str]]:
    place: Place = (*where, "day" if step.every is None else "every")
    last = step.first_day
    if step.every is not None:
        last = LAST_DAY if step.every.last is None else step.every.last
    for day in step.days(step.first_day, last):
        if strategy.stage(day) not in step.stages:
            names = " or ".join(step.stages)
            yield place, f"day {day} is {strategy.stage(day)}, not {names}"
            return
