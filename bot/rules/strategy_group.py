"""Which groups of a strategy's experiments a borrower is in, and the strategy they get for it.

Without experiments everybody gets the strategy of the file itself, the very same object.
"""

from collections.abc import Iterable
from functools import lru_cache

from bot.rules.experiment import HELD_OUT, USUAL
from bot.rules.strategy_file import Strategy
from bot.rules.strategy_step import Step

Groups = tuple[tuple[str, str], ...]
"""(experiment, group) of one borrower, the hold-out first."""


def groups_of(strategy: Strategy, borrower_ref: str) -> Groups:
    """Whoever is held out is in no other experiment."""
    found = []
    if strategy.hold_out is not None:
        held = strategy.hold_out.holds(borrower_ref)
        found.append((strategy.hold_out.name, HELD_OUT if held else USUAL))
        if held:
            return tuple(found)
    for one in strategy.experiments:
        variant = one.variant_of(borrower_ref)
        found.append((one.name, variant.name if variant else USUAL))
    return tuple(found)


def as_text(groups: Groups) -> str:
    """As decisions are kept with it: "hold_out_2026=usual fewer_words=weekly"."""
    return " ".join(f"{experiment}={group}" for experiment, group in groups)


def strategy_for(strategy: Strategy, borrower_ref: str) -> Strategy:
    """What this borrower gets. One object for each group, told by identity."""
    if not strategy.has_groups:
        return strategy
    names = tuple(group for _, group in groups_of(strategy, borrower_ref))
    return strategy_of(strategy, names)


def group_names(strategy: Strategy) -> tuple[str, ...]:
    """Every group there is, the usual first."""
    held = (HELD_OUT,) if strategy.hold_out else ()
    variants = (one.name for experiment in strategy.experiments for one in experiment.variants)
    return (USUAL, *held, *variants)


@lru_cache(maxsize=1_024)
def strategy_of(strategy: Strategy, groups: tuple[str, ...] = (USUAL,)) -> Strategy:
    """What somebody in these groups gets, without any further experiments."""
    steps: Iterable[Step] = strategy.steps
    for experiment in strategy.experiments:
        for variant in experiment.variants:
            if variant.name in groups:
                steps = variant.changed(steps)
    return strategy.with_steps(steps, holds_out=HELD_OUT in groups)


def as_shown(strategy: Strategy, group: str = USUAL, product: str = "") -> Strategy:
    """What a group gets, for a calendar or a table; of one product alone where it is named.

    Raises LookupError for a group that the file does not have.
    """
    if group not in group_names(strategy):
        raise LookupError(group)
    mine = strategy_of(strategy, (group,))
    steps = [one for one in mine.steps if not (mine.holds_out and one.is_reminder)]
    if product:
        everybodys = {"products": (), "except_products": ()}
        steps = [one.model_copy(update=everybodys) for one in steps if one.is_for([product])]
    named = (strategy.strategy, "" if group == USUAL else group, product)
    shown = mine.with_steps(steps, holds_out=False)
    return shown.model_copy(update={"strategy": ", ".join(filter(None, named))})


@lru_cache(maxsize=64)
def of_anybody(strategy: Strategy) -> Strategy:
    """Every step that is not the same for all groups, whoever gets it.

    By these alone somebody enters an experiment, so that a group's own steps do not decide who is
    counted in it.
    """
    steps = [step for step in strategy.steps if step.may_vary]
    for experiment in strategy.experiments:
        for variant in experiment.variants:
            steps += [step for step in variant.steps if step not in steps]
    return strategy.with_steps(steps, holds_out=False)
