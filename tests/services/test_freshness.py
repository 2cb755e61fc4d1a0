"""Balances that are too old: nothing automated goes, and the admins hear of it."""

import asyncio
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bot.alarms import Alarms
from bot.clock import Clock
from bot.health import Health
from bot.services.contacting import may_contact
from bot.services.freshness import freshness
from bot.services.situation import situation_of
from bot.watch import Watch
from storage.records import ContactKind, Decision, Role
from tests.services.lender import Lender, borrower, loan, payment
from tests.telegram.conversation import Town

TOLD = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
LIMIT = timedelta(hours=36)
SECOND = timedelta(seconds=1)


class StillClock(Clock):
    def __init__(self, now: datetime) -> None:
        self.at = now

    async def now(self) -> datetime:
        return self.at

    async def close(self) -> None:
        return None


@pytest.fixture
async def lender(town: Town, tmp_path: Path) -> Lender:
    lender = Lender(town.storage, tmp_path, now=TOLD)
    await lender.knows(borrower(), loan(due_date="2026-11-15", as_of="2026-11-20"))
    return lender


async def reminder(town: Town, lender: Lender, at: datetime) -> Decision:
    maria = (await lender.facts_of()).borrower.borrower_id
    async with town.storage.reading() as tx:
        situation = await situation_of(tx, maria, at)
    return may_contact(situation, town.office, ContactKind.OVERDUE)


async def test_a_balance_of_exactly_36_hours_is_fresh_and_a_moment_later_it_is_not(
    town: Town, lender: Lender
) -> None:
    async with town.storage.reading() as tx:
        fresh = await freshness(tx, town.office, TOLD + LIMIT)
        stale = await freshness(tx, town.office, TOLD + LIMIT + SECOND)

    assert (fresh.loans, fresh.stale, fresh.until) == (1, 0, TOLD + LIMIT)
    assert (stale.loans, stale.stale, stale.oldest) == (1, 1, TOLD)
    assert "balance_stale" not in (await reminder(town, lender, TOLD + LIMIT)).rules
    assert "balance_stale" in (await reminder(town, lender, TOLD + LIMIT + SECOND)).rules


async def test_the_end_of_its_day_counts_when_a_file_comes_later(
    town: Town, tmp_path: Path
) -> None:
    lender = Lender(town.storage, tmp_path, now=TOLD)
    await lender.knows(borrower(), loan(as_of="2026-11-18"))
    day_ended = datetime(2026, 11, 18, 16, 0, tzinfo=UTC)  # in Shanghai

    async with town.storage.reading() as tx:
        found = await freshness(tx, town.office, TOLD)

    assert (found.stale, found.oldest) == (1, day_ended)


async def test_a_loan_that_was_paid_off_is_not_waited_for(town: Town, lender: Lender) -> None:
    paid_off = loan("L-2", principal_due="0", interest_due="0", penalty_due="0", fees_due="0",
                    outstanding_total="0", as_of="2026-11-20")  # fmt: skip
    paid_since = loan("L-3", outstanding_total="1000", as_of="2026-11-20")
    await lender.knows(paid_off, paid_since)
    lender.now = TOLD + timedelta(days=1)
    await lender.knows(payment("P-3", loan_ref="L-3", amount="1000.00", paid_on="2026-11-21"))
    later = TOLD + timedelta(days=3)
    lender.now = later
    await lender.knows(loan(due_date="2026-11-15", as_of="2026-11-23"))

    async with town.storage.reading() as tx:
        found = await freshness(tx, town.office, later)

    assert (found.loans, found.stale) == (1, 0)
    assert "balance_stale" not in (await reminder(town, lender, later)).rules


async def test_when_files_stop_the_admins_are_told_once_and_readyz_says_why_until_they_come(
    town: Town, lender: Lender
) -> None:
    vera = await town.staff("Vera", Role.ADMIN)
    health, clock = Health(polls=False), StillClock(TOLD)
    alarms = Alarms(town.storage, clock, town.office, health)
    watch = Watch(town.storage, clock, town.office, health, alarms, patience=0)

    await watch.look(TOLD)
    assert not health.warnings()

    stale = TOLD + LIMIT + SECOND
    for moment in (stale, stale + timedelta(minutes=1), stale + timedelta(hours=1)):
        await watch.look(moment)
    assert "1 of 1 loans" in health.warnings()["balances"]
    assert not health.faults(), "it still answers everybody"
    assert health.alarms["balances"] == 1, "the metric counts it, and nobody is told every minute"
    with suppress(TimeoutError):
        await asyncio.wait_for(alarms.run(), 1)
    await town.deliver()
    vera.sees("balances", "too old to speak of")

    lender.now = stale + timedelta(hours=2)
    await lender.knows(loan(due_date="2026-11-15", as_of="2026-11-22"))
    await watch.look(stale + timedelta(hours=2))
    assert not health.warnings()


async def test_a_file_that_comes_right_after_a_jump_of_the_clock_is_not_missed(
    town: Town, lender: Lender
) -> None:
    health, clock = Health(polls=False), StillClock(TOLD)
    alarms = Alarms(town.storage, clock, town.office, health)
    watch = Watch(town.storage, clock, town.office, health, alarms)
    jumped = TOLD + timedelta(days=3)

    await watch.look(jumped)
    lender.now = jumped
    await lender.knows(loan(due_date="2026-11-15", as_of="2026-11-23"))
    await watch.look(jumped + SECOND)

    assert not health.warnings()
    assert not health.alarms
