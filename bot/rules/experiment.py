"""Experiments of a strategy as data: a hold-out group, and variants that some borrowers get.

A borrower's place is a hash of the experiment's name and their reference: the same for ever, in
every process, and of no weight in any other experiment. A group is a stretch of places that stands
in the file, so whoever lets one grow takes people from no other group than the usual one.
"""

from collections.abc import Iterable, Iterator, Sequence
from hashlib import sha256
from typing import Annotated, Self

from pydantic import BeforeValidator, Field, model_validator

from bot.rules.data_file import Place
from bot.rules.strategy_step import Action, Names, Step, Strict, as_tuple

USUAL, HELD_OUT = "usual", "held_out"
"""The groups that have no variant of their own."""
HOLD_OUT = "hold_out"
"""What a decision names, beside the rules of the contact policy, for a reminder held out."""
PLACES = 10_000
"""Shares are kept in hundredths of a percent."""


def place_of(experiment: str, borrower_ref: str) -> int:
    """Where a borrower stands in an experiment, from 0 up to and without `PLACES`.

    The first eight bytes of SHA-256 over `experiment:borrower_ref` in UTF-8, as a part of 2^64.
    """
    digest = sha256(f"{experiment}:{borrower_ref}".encode()).digest()
    return int.from_bytes(digest[:8]) * PLACES >> 64


def _hundredths(value: object) -> int:
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= 100:
        raise ValueError("a percentage from 0 to 100, such as 5 or 2.5")
    found = round(value * 100)
    if abs(found - value * 100) > 1e-6:
        raise ValueError("a percentage with at most two decimals")
    return found


def _share(value: object) -> int:
    found = _hundredths(value)
    if not found:
        raise ValueError("0 % is nobody; leave it out")
    return found


_Share = Annotated[int, BeforeValidator(_share)]
_Name = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,29}$")]


class HoldOut(Strict):
    """Borrowers whom no reminder is sent, to learn what reminders are worth."""

    name: _Name
    share: _Share

    def holds(self, borrower_ref: str) -> bool:
        return place_of(self.name, borrower_ref) < self.share


class Variant(Strict):
    """What one group gets instead of the usual: steps left out, replaced by their id, or added.

    `begins` (`from` in the file) and `share` are the stretch of places, in hundredths of a percent.
    """

    name: _Name
    share: _Share
    begins: Annotated[int | None, BeforeValidator(_hundredths), Field(alias="from")] = None
    without: Names = ()
    steps: Annotated[tuple[Step, ...], BeforeValidator(as_tuple)] = ()

    @model_validator(mode="after")
    def _changes_something(self) -> Self:
        if not self.without and not self.steps:
            raise ValueError("changes nothing; give `without` or `steps`")
        return self

    @property
    def first(self) -> int:
        return self.begins or 0

    @property
    def end(self) -> int:
        """The first place that is no longer in the group."""
        return self.first + self.share

    @property
    def touched(self) -> frozenset[str]:
        """The ids of all steps it says something of."""
        return frozenset(self.without) | {step.id for step in self.steps}

    def changed(self, steps: Iterable[Step]) -> tuple[Step, ...]:
        """`steps` as this group has them."""
        instead = {step.id: step for step in self.steps}
        kept = [
            instead.pop(step.id, step) for step in steps if step.id not in frozenset(self.without)
        ]
        return (*kept, *instead.values())


class Experiment(Strict):
    name: _Name
    variants: Annotated[tuple[Variant, ...], BeforeValidator(as_tuple), Field(min_length=1)]

    def variant_of(self, borrower_ref: str) -> Variant | None:
        """None: they get the usual."""
        place = place_of(self.name, borrower_ref)
        return next((one for one in self.variants if one.first <= place < one.end), None)


def experiment_faults(
    hold_out: HoldOut | None, experiments: Sequence[Experiment], steps: Sequence[Step]
) -> Iterator[tuple[Place, str]]:
    """What makes experiments unusable although each of their values is fine."""
    if hold_out is not None:
        if hold_out.share >= PLACES:
            yield ("hold_out", "share"), "holds everybody out, so there is nobody to compare with"
        yield from _swallowed(steps)
    yield from _names_given_twice(hold_out, experiments)
    touched: dict[str, str] = {}
    for index, experiment in enumerate(experiments):
        yield from _place_faults(("experiments", index), experiment)
        ids: set[str] = set()
        for number, variant in enumerate(experiment.variants):
            where: Place = ("experiments", index, "variants", number)
            yield from _change_faults(where, variant, steps)
            for step in sorted(variant.touched & touched.keys()):
                yield where, f"{step} is changed by {touched[step]} too; two at once stay apart"
            ids |= variant.touched
        touched |= dict.fromkeys(ids, experiment.name)


def _swallowed(steps: Sequence[Step]) -> Iterator[tuple[Place, str]]:
    """Letters that go as plain messages and that the hold-out would not get."""
    for index, step in enumerate(steps):
        letter = (step.script or "").startswith("notice.")
        if step.enabled and step.is_reminder and letter:
            said = f"the hold-out would never get {step.script}; say `required: true`"
            yield ("steps", index, "script"), said


def _names_given_twice(
    hold_out: HoldOut | None, experiments: Sequence[Experiment]
) -> Iterator[tuple[Place, str]]:
    """The name is what the hash is made with: two of one name would have the same people."""
    seen = {hold_out.name} if hold_out else set()
    groups = {USUAL, HELD_OUT}
    for index, experiment in enumerate(experiments):
        if experiment.name in seen:
            said = f"{experiment.name} is taken, and would have the same people; rename one"
            yield ("experiments", index, "name"), said
        seen.add(experiment.name)
        for number, variant in enumerate(experiment.variants):
            if variant.name in groups:
                where: Place = ("experiments", index, "variants", number, "name")
                yield where, f"{variant.name} is the name of another group; rename one"
            groups.add(variant.name)


def _place_faults(where: Place, experiment: Experiment) -> Iterator[tuple[Place, str]]:
    seen: list[Variant] = []
    for number, variant in enumerate(experiment.variants):
        place: Place = (*where, "variants", number, "share")
        if seen and variant.begins is None:
            free = max(one.end for one in seen)
            said = "say from which percent on, so that one can grow alone"
            room = f"`from: {_percent(free)}` or later" if free < PLACES else "no room is left"
            yield place, f"{said}: {room}"
        elif variant.end > PLACES:
            said = f"from {_percent(variant.first)} it ends at {_percent(variant.end)}, over 100"
            yield place, said
        for one in seen:
            if variant.begins is not None and variant.first < one.end and one.first < variant.end:
                yield place, f"shares places with {one.name}; nobody can be in both"
        seen.append(variant)
    total = sum(one.share for one in experiment.variants)
    if total > PLACES:
        yield (*where, "variants"), f"the shares are {_percent(total)} in all, over 100"


def _change_faults(
    where: Place, variant: Variant, steps: Sequence[Step]
) -> Iterator[tuple[Place, str]]:
    usual = {step.id: step for step in steps}
    own: set[str] = set()
    for number, name in enumerate(variant.without):
        if name not in usual:
            yield (*where, "without", number), f"there is no step {name} to leave out"
        elif not usual[name].may_vary:
            yield (*where, "without", number), f"{_everybodys(usual[name])}; keep it"
    for number, step in enumerate(variant.steps):
        place: Place = (*where, "steps", number)
        if step.id in own:
            yield (*place, "id"), f"{step.id} is the id of an earlier step; rename one"
        own.add(step.id)
        if step.id in variant.without:
            yield (*place, "id"), f"{step.id} is left out above; a step here takes its place"
        replaced = usual.get(step.id)
        if replaced is not None and not replaced.may_vary:
            yield (*place, "id"), f"{_everybodys(replaced)}; leave it as it is"
        elif not step.may_vary:
            yield place, f"{_everybodys(step)}; an experiment is about reminders and tasks"


def _everybodys(step: Step) -> str:
    if step.required:
        return f"{step.id} is required, so everybody gets it"
    if step.action in (Action.MESSAGE, Action.TASK):
        return f"{step.id} follows from what the borrower said or agreed, so everybody gets it"
    return f"{step.id} is a {step.action}, which is the same for everybody"


def _percent(hundredths: int) -> str:
    return f"{hundredths / 100:g}"
