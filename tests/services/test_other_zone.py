"""A lender in Shanghai, a borrower in New York: when it is tomorrow here, it is today there."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from bot.errors import Refusal
from bot.rules.promise import PromiseOutcome
from bot.rules.strategy import outlook
from bot.services import promising
from bot.services.situation import Situation, situation_of
from storage.records import Actor, Money
from tests.services.lender import Lender, borrower, loan, payment
from tests.telegram.conversation import Town

MORNING_IN_SHANGHAI = datetime(2026, 11, 24, 1, 0, tzinfo=UTC)
"""09:00 on the 24th there, 20:00 on the 23rd in New York."""
MIDNIGHT_IN_NEW_YORK = datetime(2026, 11, 24, 5, 0, tzinfo=UTC)
AHEAD = date(2026, 11, 24)
LOCAL = date(2026, 11, 23)
OWED = Money(100_000, "CNY")


@pytest.fixture
async def lender(town: Town, tmp_path: Path) -> Lender:
    """1,000.00 is due on the 22nd."""
    lender = Lender(town.storage, tmp_path, now=MORNING_IN_SHANGHAI)
    await lender.knows(
        borrower(country="US", timezone="America/New_York"),
        loan(due_date="2026-11-22", as_of="2026-11-22"),
    )
    return lender


async def situation(town: Town, lender: Lender, at: datetime) -> Situation:
    anna = (await lender.facts_of()).borrower.borrower_id
    async with town.storage.reading() as tx:
        return await situation_of(tx, anna, at)


async def test_the_due_date_passes_at_the_borrowers_midnight(town: Town, lender: Lender) -> None:
    before = await situation(town, lender, MIDNIGHT_IN_NEW_YORK - timedelta(seconds=1))
    after = await situation(town, lender, MIDNIGHT_IN_NEW_YORK)

    assert (before.today, before.days_past_due) == (LOCAL, 1)
    assert (after.today, after.days_past_due) == (AHEAD, 2)


async def test_money_that_is_known_counts_though_the_lender_dates_it_tomorrow(
    town: Town, lender: Lender
) -> None:
    await lender.knows(payment(amount="1000.00", paid_on=AHEAD.isoformat()))

    now = await situation(town, lender, MORNING_IN_SHANGHAI)

    assert now.today == LOCAL
    assert (now.standing.due, now.owes) == ({}, False)
    assert not outlook(town.office.strategy, now.facts, now.now).due


async def test_a_payment_taken_back_tomorrow_is_owed_again_at_once(
    town: Town, lender: Lender
) -> None:
    paid = payment(amount="1000.00", paid_on="2026-11-23")
    await lender.knows(paid)
    await lender.knows({**paid, "reversed_on": AHEAD.isoformat()})

    now = await situation(town, lender, MORNING_IN_SHANGHAI)

    assert now.standing.due == {"CNY": OWED}


async def test_the_newest_word_is_believed_though_it_is_of_tomorrow(
    town: Town, lender: Lender
) -> None:
    await lender.knows(loan(due_date="2026-11-22", as_of=AHEAD.isoformat(), principal_due="100.00"))

    now = await situation(town, lender, MORNING_IN_SHANGHAI)

    assert now.standing.due == {"CNY": Money(20_000, "CNY")}


async def test_a_word_of_next_week_is_a_mistake_and_waits_for_its_day(
    town: Town, lender: Lender
) -> None:
    await lender.knows(loan(due_date="2026-11-22", as_of="2026-11-30", principal_due="100.00"))

    now = await situation(town, lender, MORNING_IN_SHANGHAI)

    assert now.standing.due == {"CNY": OWED}


async def test_a_promise_for_today_is_kept_by_money_the_lender_dates_tomorrow(
    town: Town, lender: Lender
) -> None:
    before = await situation(town, lender, MORNING_IN_SHANGHAI)
    anna = Actor.borrower(before.facts.borrower.borrower_id)
    async with town.storage.transaction() as tx:
        await promising.record_promise(tx, anna, before, OWED, LOCAL, MORNING_IN_SHANGHAI)
    later = MORNING_IN_SHANGHAI + timedelta(hours=1)
    lender.now = later
    await lender.knows(payment(amount="1000.00", paid_on=AHEAD.isoformat()))

    now = await situation(town, lender, later)

    (promise,) = now.facts.promises
    assert now.judged(promise).outcome is PromiseOutcome.KEPT
    assert now.open_promise is None


async def test_a_day_that_is_over_for_the_borrower_cannot_be_promised(
    town: Town, lender: Lender
) -> None:
    evening = await situation(town, lender, MIDNIGHT_IN_NEW_YORK - timedelta(seconds=1))
    midnight = await situation(town, lender, MIDNIGHT_IN_NEW_YORK)

    promising.refuse_unless_possible(evening, OWED, LOCAL)
    with pytest.raises(Refusal) as refused:
        promising.refuse_unless_possible(midnight, OWED, LOCAL)
    assert refused.value.script == "promise.refused_past"
