"""A portfolio that comes all at once is begun over days, so that people can do what it brings."""

from collections import Counter
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest

from bot.rules.strategy_file import Ramp
from storage import borrowers as known
from storage import schedule
from storage.engine import Storage
from storage.records import BorrowerId
from tests.services.lender import Lender, borrower, loan

MANY = 450
"""More than two hundred a day and less than three days of them."""


@pytest.fixture
def lender(storage: Storage, tmp_path: Path) -> Lender:
    return Lender(storage, tmp_path)


@pytest.fixture
def refs() -> list[str]:
    return [f"B-{number}" for number in range(MANY)]


async def _due(lender: Lender, now: datetime) -> set[BorrowerId]:
    async with lender.storage.reading() as tx:
        return set(await schedule.due(tx, now, 10 * MANY))


async def _brings(lender: Lender, refs: list[str], day: date) -> None:
    told = day.isoformat()
    loans = [loan(f"L-{ref}", borrower_ref=ref, as_of=told) for ref in refs]
    assert not (await lender.imports("loans", *loans)).refused


async def test_a_first_portfolio_is_begun_over_days(lender: Lender, refs: list[str]) -> None:
    await lender.imports("borrowers", *(borrower(ref) for ref in refs))
    await _brings(lender, refs, lender.now.date())

    first = await _due(lender, lender.now)
    assert len(first) == MANY / 3
    assert len(await _due(lender, lender.now + timedelta(days=1))) == 2 * MANY / 3
    assert len(await _due(lender, lender.now + timedelta(days=2))) == MANY

    lender.now += timedelta(hours=20)
    await _brings(lender, refs, lender.now.date())  # tomorrow's file hurries nobody
    assert await _due(lender, lender.now) == first


async def test_whoever_does_something_is_begun_with_at_once(
    lender: Lender, refs: list[str]
) -> None:
    await lender.imports("borrowers", *(borrower(ref) for ref in refs))
    await _brings(lender, refs, lender.now.date())
    async with lender.storage.transaction() as tx:
        everybody = {one for one, _ in await known.references(tx)}
        [late, *_] = sorted(everybody - await _due(lender, lender.now))
        await schedule.look_again(tx, [late], lender.now)
    assert late in await _due(lender, lender.now)
    lender.now += timedelta(hours=20)
    await _brings(lender, refs, lender.now.date())
    assert late in await _due(lender, lender.now)


async def test_a_second_file_is_begun_with_at_once(lender: Lender) -> None:
    await lender.knows(borrower("B-1"), loan("L-1", borrower_ref="B-1"))
    others = [f"C-{number}" for number in range(MANY)]
    await lender.imports("borrowers", *(borrower(ref) for ref in others))
    await _brings(lender, others, lender.now.date())
    assert len(await _due(lender, lender.now)) == MANY + 1


def test_a_tenth_a_day_but_no_fewer_than_the_least() -> None:
    days = {size: Ramp(percent=10, at_least=200).days(size) for size in (0, 1, 200, 201, 1_999)}
    assert days == {0: 1, 1: 1, 200: 1, 201: 2, 1_999: 10}
    assert Ramp(percent=10, at_least=200).days(1_000_000) == 10
    assert Counter(number % 10 for number in range(1, 30_001)).most_common(1)[0][1] == 3_000
