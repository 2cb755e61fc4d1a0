"""What nobody should send and somebody will: a clear answer, and nothing half done."""

import asyncio
from collections.abc import Awaitable
from datetime import date, timedelta
from pathlib import Path

import pytest

from bot.errors import Refusal
from bot.services import plans, promising
from bot.services.plan_terms import Wish, overdue_in
from bot.services.situation import Situation, situation_of
from storage import work
from storage.engine import Storage
from storage.errors import Conflict
from storage.records import Actor, Money, WorkKind
from tests.services.lender import Lender, borrower, loan, payment
from tests.telegram.conversation import Borrower, Town

# --- Plans and promises: in two chats at once, so that no lock of a chat helps --------------------


async def _at_once(*acts: Awaitable[object]) -> list[object]:
    """What each came to; an expected "no" is an answer."""
    done = await asyncio.gather(*acts, return_exceptions=True)
    for one in done:
        if isinstance(one, BaseException) and not isinstance(one, Refusal | Conflict):
            raise one
    return done


async def _now(town: Town, anna: Borrower) -> Situation:
    async with town.storage.reading() as tx:
        return await situation_of(tx, anna.borrower_id, town.now)


async def _proposes(town: Town, anna: Borrower, parts: int) -> plans.Proposed:
    actor = Actor.borrower(anna.borrower_id)
    async with town.storage.transaction() as tx:
        now = await situation_of(tx, anna.borrower_id, town.now)
        balance = overdue_in(now, "CNY")
        return await plans.propose_plan(tx, actor, now, balance, Wish(parts=parts), town.now)


async def test_two_proposals_at_once_leave_one_open_and_one_review(town: Town) -> None:
    anna = await town.borrower("B1", "Anna Berg", owes=120_000)

    await _at_once(_proposes(town, anna, 9), _proposes(town, anna, 12))

    now = await _now(town, anna)
    open_ones = [plan for plan, standing in now.plans if standing.state == "under_review"]
    assert len(open_ones) == 1
    async with town.storage.reading() as tx:
        reviews = await work.open_of(tx, anna.borrower_id, WorkKind.PLAN_REVIEW)
    assert [one.plan_id for one in reviews] == [open_ones[0].plan_id]


async def test_two_yeses_to_two_plans_at_once_start_one(town: Town) -> None:
    anna = await town.borrower("B1", "Anna Berg", owes=120_000)
    first = await _proposes(town, anna, 2)
    second = await _proposes(town, anna, 3)

    async def agrees(proposed: plans.Proposed) -> None:
        async with town.storage.transaction() as tx:
            now = await situation_of(tx, anna.borrower_id, town.now)
            await plans.agree_to_plan(
                tx, Actor.borrower(anna.borrower_id), now, proposed.plan_id, town.now
            )

    outcomes = await _at_once(agrees(first), agrees(second))

    assert [type(one) for one in outcomes] == [Refusal, type(None)], "the first had given way"
    now = await _now(town, anna)
    assert now.active_plan is not None
    assert len(now.active_plan.instalments) == 3


async def test_two_promises_at_once_leave_one_open(town: Town) -> None:
    anna = await town.borrower("B1", "Anna Berg", owes=120_000)
    actor = Actor.borrower(anna.borrower_id)

    async def promises(day: date) -> None:
        async with town.storage.transaction() as tx:
            now = await situation_of(tx, anna.borrower_id, town.now)
            amount = Money(100_000, "CNY")
            await promising.record_promise(tx, actor, now, amount, day, town.now)

    await _at_once(*(promises(town.now.date() + timedelta(days=ahead)) for ahead in (2, 3, 4)))

    made = (await _now(town, anna)).facts.promises
    assert len(made) == 3
    assert sum(one.superseded_at is None for one in made) == 1


@pytest.mark.parametrize("parts", [0, -1, 1000, 10**20])
async def test_a_plan_of_very_many_parts_or_none_is_refused(town: Town, parts: int) -> None:
    anna = await town.borrower("B1", "Anna Berg", owes=120_000)

    with pytest.raises(Refusal) as refused:
        await _proposes(town, anna, parts)

    assert refused.value.script.startswith("plan.")
    assert (await _now(town, anna)).plans == ()


async def test_a_debt_of_one_cent_can_be_one_part_and_no_two(town: Town) -> None:
    anna = await town.borrower("B1", "Anna Berg", owes=1)

    with pytest.raises(Refusal):
        await _proposes(town, anna, 2)
    only = await _proposes(town, anna, 1)

    assert [part.amount for part in only.terms.instalments] == [1]


async def test_a_part_of_one_cent_a_month_is_refused(town: Town) -> None:
    anna = await town.borrower("B1", "Anna Berg", owes=120_000)
    now = await _now(town, anna)

    with pytest.raises(Refusal):
        async with town.storage.transaction() as tx:
            await plans.propose_plan(
                tx, Actor.borrower(anna.borrower_id), now, Money(120_000, "CNY"),
                Wish(affordable=Money(1, "CNY")), town.now,
            )  # fmt: skip
    assert (await _now(town, anna)).plans == ()


# --- Payments ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ({"amount": "-1.00"}, "negative"),
        ({"amount": "0"}, "zero"),
        ({"paid_on": "2026-11-24"}, "future"),
        ({"paid_on": "2026-11-21", "reversed_on": "2026-11-20"}, "before"),
        ({"paid_on": "2026-11-21", "reversed_on": "2026-11-24"}, "future"),
    ],
)
async def test_one_impossible_payment_refuses_the_whole_file(
    storage: Storage, tmp_path: Path, row: dict[str, str], reason: str
) -> None:
    lender = Lender(storage, tmp_path)
    await lender.knows(borrower(), loan())
    before = await lender.everything()

    report = await lender.imports("payments", payment("P-1"), payment("P-2", **row))

    assert [one.line for one in report.refused] == [3]
    assert reason in report.refused[0].reason
    assert await lender.everything() == before


async def test_a_payment_reversed_twice_on_other_days_is_refused_and_the_first_stays(
    storage: Storage, tmp_path: Path
) -> None:
    lender = Lender(storage, tmp_path)
    paid = payment()
    await lender.knows(
        borrower(),
        loan(),
        paid,
    )
    await lender.knows({**paid, "reversed_on": "2026-11-21"})

    report = await lender.imports("payments", {**paid, "reversed_on": "2026-11-22"})

    assert report.refused
    (kept,) = (await lender.loan()).payments
    assert kept.reversed_on == date(2026, 11, 21)
