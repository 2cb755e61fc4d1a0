"""A stage per test, started in the test's own loop on a free port."""

from collections.abc import AsyncIterator

import aiohttp
import pytest
from aiogram import Bot

from simulator.server import Simulator
from tests.simulator.stage import ANNA, CARL, MING, PEOPLE, Stage, new_bot


@pytest.fixture
async def sim() -> AsyncIterator[Simulator]:
    async with Simulator.running(webhook_retry_s=0.02) as running:
        yield running


@pytest.fixture
async def bot(sim: Simulator) -> AsyncIterator[Bot]:
    made = new_bot(sim)
    yield made
    await made.session.close()


@pytest.fixture
async def stage(sim: Simulator, bot: Bot) -> AsyncIterator[Stage]:
    """Anna and Ming have pressed Start, Carl too; the stranger never did. Nothing is pending."""
    async with aiohttp.ClientSession(sim.url) as page:
        made = Stage(sim, bot, page)
        await made.post("/sim/people", PEOPLE)
        for person in (ANNA, MING, CARL):
            await made.says(person, "/start")
        board = await made.post(
            "/sim/groups", {"title": "Board", "type": "supergroup", "members": [CARL, ANNA]}
        )
        made.board = board["chat_id"]
        await made.updates()
        await made.updates()  # confirms them
        yield made
