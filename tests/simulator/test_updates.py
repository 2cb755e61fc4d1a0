"""getUpdates: what is confirmed, what comes again, who is sent away."""

import asyncio

import pytest
from aiogram import Bot, Dispatcher
from aiogram.exceptions import TelegramConflictError
from aiogram.types import Message

from simulator.server import Simulator
from tests.simulator.stage import ANNA, MING, Stage, new_bot


async def ids(stage: Stage, **more: int) -> list[int]:
    return [update.update_id for update in await stage.bot.get_updates(**more)]


async def three(stage: Stage) -> list[int]:
    for text in "abc":
        await stage.says(ANNA, text)
    return await ids(stage, offset=stage.offset)


async def test_what_was_not_confirmed_comes_again(stage: Stage) -> None:
    first = await three(stage)
    assert len(first) == 3
    assert await ids(stage) == first
    assert await ids(stage) == first


async def test_an_offset_confirms_everything_below_it(stage: Stage) -> None:
    first = await three(stage)
    assert await ids(stage, offset=first[1]) == first[1:]
    assert await ids(stage) == first[1:]


async def test_an_offset_one_past_the_last_confirms_all(stage: Stage) -> None:
    first = await three(stage)
    assert await ids(stage, offset=first[-1] + 1) == []
    assert await ids(stage, offset=first[0]) == []


async def test_an_offset_far_in_the_future_confirms_nothing(stage: Stage) -> None:
    first = await three(stage)
    assert await ids(stage, offset=first[-1] + 1000) == first


async def test_a_negative_offset_keeps_only_the_newest(stage: Stage) -> None:
    first = await three(stage)
    assert await ids(stage, offset=-1) == first[-1:]
    assert await ids(stage) == first[-1:]


async def test_a_limit_hands_out_the_oldest_first(stage: Stage) -> None:
    first = await three(stage)
    assert await ids(stage, limit=2) == first[:2]


async def test_a_hundred_is_the_most_at_once(stage: Stage) -> None:
    for number in range(103):
        await stage.says(ANNA, str(number))
    assert len(await ids(stage, offset=stage.offset, limit=500)) == 100


async def test_update_numbers_follow_each_other(stage: Stage) -> None:
    first = await three(stage)
    assert first == list(range(first[0], first[0] + 3))


async def test_a_long_poll_answers_as_soon_as_something_happens(stage: Stage) -> None:
    loop = asyncio.get_running_loop()
    began = loop.time()
    waiting = asyncio.create_task(stage.updates(timeout=20))
    await asyncio.sleep(0.1)
    assert not waiting.done()
    await stage.says(ANNA, "now")
    [update] = await waiting
    assert update.message is not None
    assert update.message.text == "now"
    assert loop.time() - began < 5


async def test_a_long_poll_ends_empty_after_its_time(stage: Stage) -> None:
    loop = asyncio.get_running_loop()
    began = loop.time()
    assert await stage.updates(timeout=1) == []
    assert 0.9 < loop.time() - began < 5


async def test_a_second_waiting_poll_sends_the_first_away(stage: Stage) -> None:
    other = new_bot(stage.sim)
    first = asyncio.create_task(stage.updates(timeout=20))
    await asyncio.sleep(0.1)
    second = asyncio.create_task(other.get_updates(offset=stage.offset, timeout=20))
    with pytest.raises(TelegramConflictError, match="terminated by other getUpdates request"):
        await first
    await stage.says(ANNA, "for the second")
    assert len(await second) == 1
    await other.session.close()


async def test_a_poll_whose_caller_hung_up_takes_nothing_away(stage: Stage) -> None:
    waiting = asyncio.create_task(stage.updates(timeout=20))
    await asyncio.sleep(0.1)
    waiting.cancel()
    await asyncio.gather(waiting, return_exceptions=True)
    await stage.says(ANNA, "still here")
    [update] = await stage.updates(timeout=2)
    assert update.message is not None
    assert update.message.text == "still here"


async def test_polling_is_a_conflict_while_a_webhook_is_set(stage: Stage) -> None:
    await stage.bot.set_webhook("http://127.0.0.1:9/hook")
    with pytest.raises(TelegramConflictError, match="while webhook is active; use deleteWebhook"):
        await stage.updates()


async def test_a_webhook_sends_a_waiting_poll_away(stage: Stage) -> None:
    waiting = asyncio.create_task(stage.updates(timeout=20))
    await asyncio.sleep(0.1)
    await stage.bot.set_webhook("http://127.0.0.1:9/hook")
    with pytest.raises(TelegramConflictError, match="terminated by setWebhook request"):
        await waiting


async def test_updates_live_twenty_four_hours(stage: Stage) -> None:
    await stage.says(ANNA, "yesterday")
    await stage.post("/clock", {"advance_s": 23 * 3600})
    await stage.says(ANNA, "today")
    assert len(await ids(stage, offset=stage.offset)) == 2
    await stage.post("/clock", {"advance_s": 2 * 3600})
    [update] = await stage.updates()
    assert update.message is not None
    assert update.message.text == "today"


async def test_kinds_that_are_not_wanted_are_dropped_when_they_happen(stage: Stage) -> None:
    await stage.bot.get_updates(allowed_updates=["callback_query"])
    await stage.says(ANNA, "nobody listens")
    assert await stage.bot.get_updates(allowed_updates=["message"]) == []
    await stage.says(ANNA, "somebody does")
    assert len(await stage.bot.get_updates()) == 1


async def test_the_history_says_what_became_of_every_update(stage: Stage) -> None:
    first = await three(stage)
    await ids(stage, offset=first[1])
    page = await stage.get(f"/sim/updates?after={first[0] - 1}")
    assert [row["outcome"] for row in page["updates"]] == ["confirmed", "pending", "pending"]
    assert [row["deliveries"] for row in page["updates"]] == [1, 2, 2]
    assert page["pending"] == 2


async def test_an_unchanged_aiogram_polls_and_answers(stage: Stage, sim: Simulator) -> None:
    dispatcher = Dispatcher()
    answered = asyncio.Event()

    @dispatcher.message()
    async def echo(message: Message, bot: Bot) -> None:
        await message.answer(f"You said {message.text}")
        answered.set()

    bot = new_bot(sim)
    polling = asyncio.create_task(
        dispatcher.start_polling(bot, polling_timeout=5, handle_signals=False)
    )
    await stage.says(MING, "您好")
    async with asyncio.timeout(5):
        await answered.wait()
    await dispatcher.stop_polling()
    await polling
    assert (await stage.seen(MING, MING))[-1]["text"] == "You said 您好"
    page = await stage.get("/sim/updates")
    assert page["pending"] == 0
