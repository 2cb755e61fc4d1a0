"""Shares with their doubt: how many of how many, and between which bounds the truth likely is."""

from collections.abc import Mapping
from dataclasses import dataclass
from math import sqrt

_Z = 1.959963984540054
"""Two-sided 95 %."""


@dataclass(frozen=True, slots=True)
class Share:
    """`low` and `high` bound the share with 95 % (Wilson); all three lie in [0, 1]."""

    hits: int
    of: int
    share: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Mean:
    """`low` and `high` bound the mean with 95 % and never leave the scale; None from one alone."""

    of: int
    mean: float
    low: float | None
    high: float | None


@dataclass(frozen=True, slots=True)
class Difference:
    """One share less another, in [-1, 1]; `low` and `high` bound it with 95 %."""

    value: float
    low: float
    high: float

    @property
    def is_known(self) -> bool:
        """Whether it is likely to be one at all."""
        return self.low > 0 or self.high < 0


def difference(one: Share, other: Share) -> Difference:
    """Newcombe's bounds, made of those of the two shares."""
    value = one.share - other.share
    down = sqrt((one.share - one.low) ** 2 + (other.high - other.share) ** 2)
    up = sqrt((one.high - one.share) ** 2 + (other.share - other.low) ** 2)
    return Difference(value, value - down, value + up)


def mean(counts: Mapping[int, int], lowest: int, highest: int | None = None) -> Mean | None:
    """The mean of scores on a scale, `counts` times each; None when there is none.

    Without `highest` the scale has no upper end.
    """
    of = sum(counts.values())
    if of == 0:
        return None
    middle = sum(score * times for score, times in counts.items()) / of
    if of == 1:
        return Mean(of, middle, None, None)
    squares = sum(times * (score - middle) ** 2 for score, times in counts.items())
    half = _Z * sqrt(squares / (of - 1) / of)
    high = middle + half if highest is None else min(float(highest), middle + half)
    return Mean(of, middle, max(float(lowest), middle - half), high)


def share(hits: int, of: int) -> Share | None:
    """None when there is nothing to have a share of.

    Raises ValueError for more hits than there is to hit.
    """
    if not 0 <= hits <= of:
        raise ValueError(f"{hits} of {of}")
    if of == 0:
        return None
    seen = hits / of
    spread = _Z * _Z / of
    centre = (seen + spread / 2) / (1 + spread)
    half = _Z * sqrt(seen * (1 - seen) / of + spread / (4 * of)) / (1 + spread)
    low = 0.0 if hits == 0 else max(0.0, centre - half)
    high = 1.0 if hits == of else min(1.0, centre + half)
    return Share(hits, of, seen, low, high)
