"""A waiting case finds its person through the real command: held out, passed by, held out again."""

from collections.abc import AsyncIterator
from datetime import date
from pathlib import Path

import pytest

from tests.process.deployment import Debtor, Deployment, deployed, import_portfolio, known, people

pytestmark = pytest.mark.process

MARIA = Debtor("B-1", 1001, "Maria Lopez", "en", due_date=date(2026, 11, 21))
LIN, DANA = 7001, 7002


@pytest.fixture
async def town(tmp_path: Path) -> AsyncIterator[Deployment]:
    async with deployed(tmp_path) as town:
        await town.move_clock(to="2026-11-18T01:00:00Z")
        await people(
            town,
            {"telegram_id": 1001, "role": "borrower", "name": "Maria", "language": "en"},
            {"telegram_id": LIN, "role": "collector", "name": "Lin", "language": "en"},
            {"telegram_id": DANA, "role": "collector", "name": "Dana", "language": "en"},
        )
        for telegram_id, name in ((LIN, "Lin"), (DANA, "Dana")):
            await town.do(
                "staff", "add", str(telegram_id), "--role", "collector", "--name", name,
                "--language", "en", "--capacity", "2",
            )  # fmt: skip
        await import_portfolio(town, [MARIA], date(2026, 11, 18))
        yield town


async def test_silence_passes_a_case_on_and_a_yes_begins_the_talk(town: Deployment) -> None:
    (maria,) = await known(town, MARIA)
    lin, dana = town.person(LIN), town.person(DANA)
    await town.start()
    await lin.says("/shift on")
    await lin.sees("You are on shift")
    await maria.says("/human")
    await lin.sees("Can you take #1?")
    await dana.says("/shift on")
    await dana.sees("You are on shift")
    await town.move_clock(advance_s=90)
    await lin.sees("The offer of #1 is over")
    await dana.sees("Can you take #1?")
    await dana.says("/accept")
    await dana.sees("Maria Lopez", "Suggested")
    await maria.sees("Hello, I am Dana")
    # whoever has just been dismissed has nothing left, and the borrower goes on with somebody
    await town.do("staff", "disable", str(DANA))
    await maria.sees("Someone else will go on from here")
