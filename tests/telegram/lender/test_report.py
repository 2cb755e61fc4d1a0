"""`/report`: what was done lately, counted: everybody's for who leads, one's own for others."""

import pytest

from storage.records import Role, WorkKind
from tests.telegram.late import LATE
from tests.telegram.lending import LendingTown


async def test_a_supervisor_sees_what_happened(town_anywhere: LendingTown) -> None:
    town = town_anywhere
    zhou = await town.staff("Zhou", Role.SUPERVISOR)
    maria = await town.client("Maria Lopez", owes=[LATE])
    fang = await town.client("王芳", owes=[LATE], language="zh-Hans")
    otto = await town.client("Otto", owes=[LATE])
    await maria.says("/promise 2026-11-27 600")
    await maria.taps("Confirm")
    await fang.says("/plan 3")
    await fang.taps("同意")
    await otto.says("stop texting me")
    await otto.says("/dispute")
    town.later(minutes=5)
    await maria.pays("600.00", leaves=[LATE])
    await zhou.says("/report")

    told = zhou.sees(
        "The last 7 days", "Promises made: 1", "Plans agreed: 1", "Payments: 1, CN¥600.00"
    )
    for part in ("Stopped: 1", "disputes: 1", "complaints: 0", "Waiting now: "):
        assert part in told.text


async def test_a_kept_promise_counts_once_its_last_day_is_over(town: LendingTown) -> None:
    zhou = await town.staff("周", Role.SUPERVISOR, language="zh-Hans")
    maria = await town.client("Maria Lopez", owes=[LATE])
    await maria.says("/promise 2026-11-27 600")
    await maria.taps("Confirm")
    town.later(minutes=5)
    await maria.pays("600.00", leaves=[LATE])
    town.later(days=12)
    await zhou.says("/report 14")

    zhou.sees("最近 14 天", "约定还款：1 次", "1/1")


async def test_a_collector_sees_only_their_own(town: LendingTown) -> None:
    lin = await town.staff("Lin")
    dana = await town.staff("Dana")
    maria = await town.client("Maria Lopez", owes=[LATE])
    await maria.says("/plan 6")
    [task] = await town.tasks(maria, WorkKind.PLAN_REVIEW)
    await lin.says(f"/take {task.work_id}")
    await lin.says("/close approved")
    await lin.says("/report")
    await dana.says("/report")

    assert "Other tasks you finished: 1" in lin.sees("The last 7 days").text
    told = dana.sees("The last 7 days")
    assert "Other tasks you finished: 0" in told.text
    assert "Promises" not in told.text


@pytest.mark.parametrize("typed", ["/report much", "/report 0", "/report 9999", "/report -3"])
async def test_what_is_no_number_of_days_is_answered(town: LendingTown, typed: str) -> None:
    lin = await town.staff("Lin")
    await lin.says(typed)

    lin.sees("for example /report 30")


async def test_with_nothing_yet_shares_are_a_dash(town: LendingTown) -> None:
    zhou = await town.staff("Zhou", Role.ADMIN)
    await zhou.says("/report")

    assert "delivered: –" in zhou.sees("The last 7 days").text
