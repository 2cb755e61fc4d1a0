"""Shares and their bounds."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.rules.shares import difference, mean, share


def test_a_share_of_nothing_is_none() -> None:
    assert share(0, 0) is None


@pytest.mark.parametrize(
    ("hits", "of", "low", "high"),
    [
        (0, 10, 0.0, 0.2775),
        (10, 10, 0.7225, 1.0),
        (1, 2, 0.0945, 0.9055),
        (41, 100, 0.3186, 0.5080),
    ],
)
def test_bounds_are_wilsons(hits: int, of: int, low: float, high: float) -> None:
    found = share(hits, of)
    assert found is not None
    assert found.low == pytest.approx(low, abs=5e-4)
    assert found.high == pytest.approx(high, abs=5e-4)


@given(st.integers(1, 10**6).flatmap(lambda of: st.tuples(st.integers(0, of), st.just(of))))
def test_the_share_lies_between_its_bounds(counts: tuple[int, int]) -> None:
    found = share(*counts)
    assert found is not None
    assert 0 <= found.low <= found.share <= found.high <= 1


def test_more_hits_than_tries_is_a_mistake() -> None:
    with pytest.raises(ValueError, match="3 of 2"):
        share(3, 2)


def test_bounds_of_a_difference_are_newcombes() -> None:
    """His own example: 56 of 70 less 48 of 80."""
    one, other = share(56, 70), share(48, 80)
    assert one is not None
    assert other is not None
    found = difference(one, other)
    assert (found.value, found.low, found.high) == pytest.approx((0.2, 0.0524, 0.3339), abs=5e-5)
    assert found.is_known
    assert not difference(one, one).is_known


def test_a_mean_without_an_upper_end_is_bounded_below_alone() -> None:
    found = mean({0: 3, 100: 1}, 0)
    assert found is not None
    assert (found.low, found.mean) == (0, 25)
    assert found.high is not None
    assert found.high > 70
