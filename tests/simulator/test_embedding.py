"""The stage inside a test: starts at once, ends cleanly, keeps a failure what it is."""

import asyncio

import pytest

from simulator.people import Person
from simulator.server import Simulator
from tests.simulator.stage import ANNA, new_bot


async def test_a_failure_inside_the_block_comes_out_as_it_is() -> None:
    with pytest.raises(LookupError, match="mine"):
        async with Simulator.running():
            raise LookupError("mine")


async def test_leaving_the_block_ends_what_is_open() -> None:
    async with Simulator.running() as sim:
        bot = new_bot(sim)
        waiting = asyncio.create_task(bot.get_updates(timeout=30))
        await asyncio.sleep(0.05)
    with pytest.raises(Exception, match=r"Disconnected|ClientOSError|reset"):
        await waiting
    await bot.session.close()


async def test_two_stages_run_side_by_side() -> None:
    async with Simulator.running() as one, Simulator.running(token="42:other") as other:
        assert one.url != other.url
        bot = new_bot(other)
        assert (await bot.get_me()).id == 42
        await bot.session.close()


async def test_the_world_is_at_hand_without_any_request() -> None:
    async with Simulator.running(first_name="House") as sim:
        sim.world.put_person(Person(ANNA, "Anna", started=True))
        bot = new_bot(sim)
        await bot.send_message(ANNA, "Hello")
        await bot.session.close()
        last = sim.world.messages.last(ANNA)
        assert last is not None
        assert (last.body["text"], last.body["from"]["first_name"]) == ("Hello", "House")
        [entry] = sim.journal.entries()
        assert (entry.method, entry.delivered) == ("sendMessage", True)
