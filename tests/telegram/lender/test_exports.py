"""What the lender's core system is told: promises, plans, and how cases and tasks ended."""

from datetime import date, datetime, timedelta

from bot.services import exporting
from bot.services.exporting import COLUMNS, ExportKind
from storage.records import Role, WorkKind
from tests.telegram.late import LATE
from tests.telegram.lending import Client, LendingTown, Owed


async def _told(town: LendingTown, kind: ExportKind, since: datetime) -> list[dict[str, str]]:
    async with town.storage.snapshot() as tx:
        rows = [dict(row) async for row in exporting.rows(tx, kind, since, town.now)]
    assert all(tuple(row) == COLUMNS[kind] for row in rows)
    return rows


async def _promised(town: LendingTown) -> Client:
    maria = await town.client("Maria Lopez", owes=[LATE])
    await maria.says("/promise 2026-11-27 600")
    await maria.taps("Confirm")
    return maria


async def test_a_promise_is_told_with_what_became_of_it(town_anywhere: LendingTown) -> None:
    town, start = town_anywhere, town_anywhere.now
    await _promised(town)

    [row] = await _told(town, ExportKind.PROMISES, start)
    assert row == {
        "promise_ref": "1", "borrower_ref": "B-1", "loan_ref": "", "currency": "CNY",
        "amount": "600.00", "due_date": "2026-11-27", "made_at": "2026-11-22T04:00:01Z",
        "outcome": "open", "paid": "0.00", "counts_until": "2026-12-01",
    }  # fmt: skip

    town.later(days=10)
    [row] = await _told(town, ExportKind.PROMISES, town.now - timedelta(days=2))
    assert row["outcome"] == "broken"
    town.later(days=5)
    assert await _told(town, ExportKind.PROMISES, town.now) == []


async def test_money_that_becomes_known_late_tells_an_old_promise_anew(town: LendingTown) -> None:
    maria = await _promised(town)
    town.later(days=40)
    since = town.now
    assert await _told(town, ExportKind.PROMISES, since) == []

    await maria.pays("600.00", on=date(2026, 11, 26), leaves=[LATE])

    [row] = await _told(town, ExportKind.PROMISES, since)
    assert (row["outcome"], row["paid"]) == ("kept", "600.00")


async def test_a_plan_is_told_part_by_part(town_anywhere: LendingTown) -> None:
    town, start = town_anywhere, town_anywhere.now
    maria = await town.client("Maria Lopez", owes=[LATE])
    await maria.says("/plan 3")
    await maria.taps("I agree")

    rows = await _told(town, ExportKind.PLANS, start)
    assert [(row["number"], row["due_date"], row["amount"], row["paid"]) for row in rows] == [
        ("1", "2026-12-07", "400.00", "0.00"),
        ("2", "2027-01-06", "400.00", "0.00"),
        ("3", "2027-02-11", "400.00", "0.00"),
    ]
    assert {(row["plan_ref"], row["state"], row["frequency"]) for row in rows} == {
        ("1", "agreed", "monthly")
    }

    town.later(minutes=5)
    await maria.pays("400.00", leaves=[Owed("800.00", due=LATE.due)])
    assert [row["paid"] for row in await _told(town, ExportKind.PLANS, town.now)] == [
        "400.00", "0.00", "0.00",
    ]  # fmt: skip


async def test_how_a_plan_review_and_a_case_ended(town_anywhere: LendingTown) -> None:
    town, start = town_anywhere, town_anywhere.now
    maria = await town.client("Maria Lopez", owes=[LATE])
    lin = await town.staff("Lin", Role.SUPERVISOR)
    await maria.says("/plan 12")
    maria.looks_away()
    [task] = await town.tasks(maria, WorkKind.PLAN_REVIEW)
    await lin.says(f"/take {task.work_id}")
    await lin.says("/close approved")

    [row] = await _told(town, ExportKind.OUTCOMES, start)
    assert (row["what"], row["borrower_ref"], row["outcome"]) == ("plan_review", "B-1", "approved")
    assert row["ended_by"].startswith("staff:")
    town.later(minutes=1)
    assert await _told(town, ExportKind.OUTCOMES, town.now) == []


async def test_nobody_is_told_by_name(town: LendingTown) -> None:
    start = town.now
    await _promised(town)
    for kind in ExportKind:
        assert "Maria" not in str(await _told(town, kind, start))
