"""Who is in which group of the strategy's experiments, worked out a second time from its file.

The product has its own way (`bot.rules.strategy_group`), which is what a rehearsal puts to the
test, so nothing of it is used here: only the names, shares and steps as they stand in the file.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

HELD_OUT, USUAL = "held_out", "usual"


@dataclass(frozen=True, slots=True)
class Trial:
    """What one borrower may hear. `groups`: (experiment, group).

    `allowed`: the only steps that may remind whoever is held out, None for everybody else.
    `foreign`: steps that only others have.
    """

    groups: tuple[tuple[str, str], ...] = ()
    allowed: frozenset[str] | None = None
    foreign: frozenset[str] = frozenset()


def trial_of(file: Mapping[str, Any], ref: str) -> Trial:
    """`file`: the strategy as it was read, shares in hundredths of a percent."""
    hold_out, groups = file["hold_out"], []
    if hold_out is not None:
        if _percent(hold_out["name"], ref) < hold_out["share"] / 100:
            required = frozenset(step["id"] for step in file["steps"] if step["required"])
            return Trial(((hold_out["name"], HELD_OUT),), required)
        groups.append((hold_out["name"], USUAL))
    foreign: set[str] = set()
    usual = {step["id"] for step in file["steps"]}
    for experiment in file["experiments"]:
        percent, mine = _percent(experiment["name"], ref), USUAL
        own: set[str] = set()
        for variant in experiment["variants"]:
            first = (variant["begins"] or 0) / 100
            if first <= percent < first + variant["share"] / 100:
                mine = variant["name"]
                own = {step["id"] for step in variant["steps"]}
                foreign |= set(variant["without"])
        added = {step["id"] for variant in experiment["variants"] for step in variant["steps"]}
        foreign |= added - usual - own
        groups.append((experiment["name"], mine))
    return Trial(tuple(groups), None, frozenset(foreign))


def _percent(experiment: str, ref: str) -> float:
    """The first 16 hexadecimal digits of SHA-256, in whole hundredths of a percent."""
    digits = sha256(f"{experiment}:{ref}".encode()).hexdigest()[:16]
    return int(digits, 16) * 10_000 // 16**16 / 100


def every_group(trials: list[Trial]) -> Iterator[tuple[str, str]]:
    """Each group that somebody is in, once, by its experiment."""
    yield from sorted({group for one in trials for group in one.groups})
