"""A plan's progress with the real command: a picture where Telegram takes one, words where not."""

from collections.abc import AsyncIterator
from datetime import date
from pathlib import Path

import pytest

from tests.process.deployment import (
    Debtor,
    Deployment,
    Person,
    deployed,
    import_portfolio,
    link,
    people,
    write_csv,
)

pytestmark = pytest.mark.process

MARIA = Debtor("B-1", 1001, "Maria Lopez", "en", due_date=date(2026, 11, 10))


@pytest.fixture
async def town(tmp_path: Path) -> AsyncIterator[Deployment]:
    async with deployed(tmp_path) as town:
        await town.move_clock(to="2026-11-18T01:00:00Z")
        await people(
            town, {"telegram_id": 1001, "role": "borrower", "name": "Maria", "language": "en"}
        )
        await import_portfolio(town, [MARIA], date(2026, 11, 18))
        await town.start()
        yield town


async def _with_a_plan(town: Deployment) -> Person:
    """Three parts agreed, the first one paid."""
    maria = await link(town, MARIA)
    await maria.says("1234")
    await maria.sees("Maria Lopez")
    await maria.says("/plan 3")
    await maria.taps("plan_yes:1")
    await maria.sees("the plan starts today")
    write_csv(
        town.folder / "payments.csv",
        [
            ["payment_ref", "loan_ref", "amount", "paid_on"],
            ["P-1", "L-B-1", "400.00", "2026-11-18"],
        ],
    )
    await town.do("import", "payments", "payments.csv")
    await maria.sees("Thank you")
    return maria


async def test_progress_is_a_photograph_and_without_one_the_words_are_there(
    town: Deployment,
) -> None:
    maria = await _with_a_plan(town)
    await maria.says("/menu")
    await maria.taps("progress")
    shown = await maria.sees("1 of 3 parts are paid")
    assert shown["photo"]

    # A Telegram that has no such method: the words come, nothing ends, home can still be redrawn.
    await town.trouble("error", method="sendPhoto", error_code=404, description="Not Found")
    before = len(await maria.messages())
    await maria.taps("menu")
    await maria.taps("progress")
    await town.until(lambda: _more_than(maria, before + 1), "the words of the picture")
    last = (await maria.messages())[-1]
    assert "1 of 3 parts are paid" in last["text"]
    assert "photo" not in last
    status, _ = await town.readyz()
    assert status == 200


async def _more_than(person: Person, count: int) -> bool:
    return len(await person.messages()) > count
