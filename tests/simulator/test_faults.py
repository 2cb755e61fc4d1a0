"""Trouble on purpose: what the bot sees, and what really happened meanwhile."""

import asyncio
from typing import Any

import pytest
from aiogram.exceptions import (
    ClientDecodeError,
    TelegramBadRequest,
    TelegramNetworkError,
    TelegramRetryAfter,
    TelegramServerError,
)

from tests.simulator.stage import ANNA, MING, Stage


async def switch(stage: Stage, **rule: Any) -> int:
    return int((await stage.post("/sim/faults", {"method": "sendMessage", **rule}))["id"])


async def arrived(stage: Stage, text: str = "Hello", person: int = ANNA) -> bool:
    return text in [message.get("text") for message in await stage.seen(person, person)]


@pytest.mark.parametrize(
    ("rule", "raises", "delivered"),
    [
        ({"kind": "server_error"}, TelegramServerError, False),
        ({"kind": "server_error", "status": 500}, TelegramServerError, False),
        ({"kind": "server_error", "after_delivery": True}, TelegramServerError, True),
        ({"kind": "too_many_requests", "retry_after": 7}, TelegramRetryAfter, False),
        ({"kind": "error", "description": "Bad Request: x"}, TelegramBadRequest, False),
        ({"kind": "reset_before"}, TelegramNetworkError, False),
        ({"kind": "reset_after"}, TelegramNetworkError, True),
        ({"kind": "undecodable"}, ClientDecodeError, True),
    ],
    ids=lambda value: str(value.get("kind")) if isinstance(value, dict) else None,
)
async def test_a_fault_shows_in_the_client_and_in_the_record(
    stage: Stage, rule: dict[str, Any], raises: type[Exception], delivered: bool
) -> None:
    await switch(stage, count=1, **rule)
    with pytest.raises(raises):
        await stage.bot.send_message(ANNA, "Hello")
    assert await arrived(stage) is delivered
    [entry] = await stage.requests("sendMessage")
    assert entry["delivered"] is delivered
    assert entry["fault"] == rule["kind"]
    await stage.bot.send_message(ANNA, "Hello again")


async def test_a_wait_carries_its_seconds(stage: Stage) -> None:
    await switch(stage, kind="too_many_requests", retry_after=42)
    with pytest.raises(TelegramRetryAfter) as met:
        await stage.bot.send_message(ANNA, "Hello")
    assert met.value.retry_after == 42
    [entry] = await stage.requests("sendMessage")
    assert (entry["status"], entry["retry_after"]) == (429, 42)
    assert entry["description"] == "Too Many Requests: retry after 42"


async def test_a_slow_request_times_out_at_the_client_and_is_delivered(stage: Stage) -> None:
    await switch(stage, kind="slow_answer", delay_s=30, count=1)
    with pytest.raises(TelegramNetworkError, match="timeout"):
        await stage.bot.send_message(ANNA, "Hello", request_timeout=1)
    assert await arrived(stage)


async def test_slow_is_late_but_well(stage: Stage) -> None:
    await switch(stage, kind="slow", delay_s=0.2, count=1)
    loop = asyncio.get_running_loop()
    began = loop.time()
    await stage.bot.send_message(ANNA, "Hello")
    assert loop.time() - began >= 0.2


async def test_a_count_is_used_up_and_stays_listed(stage: Stage) -> None:
    number = await switch(stage, kind="server_error", count=2)
    for _ in range(2):
        with pytest.raises(TelegramServerError):
            await stage.bot.send_message(ANNA, "Hello")
    await stage.bot.send_message(ANNA, "Hello")
    [rule] = (await stage.get("/sim/faults"))["faults"]
    assert (rule["id"], rule["hits"], rule["spent"]) == (number, 2, True)


async def test_a_rule_concerns_its_chat_and_method_only(stage: Stage) -> None:
    await switch(stage, kind="server_error", chat_id=MING)
    await stage.bot.send_message(ANNA, "Hello")
    await stage.bot.get_chat(MING)
    with pytest.raises(TelegramServerError):
        await stage.bot.send_message(MING, "Hello")


async def test_a_method_may_be_a_pattern(stage: Stage) -> None:
    await switch(stage, kind="server_error", method="send*")
    await stage.bot.get_me()
    for send in (
        stage.bot.send_message(ANNA, "x"),
        stage.bot.send_location(ANNA, latitude=1, longitude=1),
    ):
        with pytest.raises(TelegramServerError):
            await send


async def outcomes(stage: Stage, seed: int) -> list[bool]:
    number = await switch(stage, kind="server_error", probability=0.5, seed=seed)
    seen = []
    for _ in range(20):
        try:
            await stage.bot.send_message(ANNA, "x")
            seen.append(True)
        except TelegramServerError:
            seen.append(False)
    await stage.delete(f"/sim/faults/{number}")
    return seen


async def test_chance_is_repeatable_by_its_seed(stage: Stage) -> None:
    first, again, other = [await outcomes(stage, seed) for seed in (1, 1, 2)]
    assert first == again
    assert first != other
    assert 0 < sum(first) < 20


async def test_polling_survives_its_own_faults(stage: Stage) -> None:
    await switch(stage, method="getUpdates", kind="reset_after", count=1)
    await stage.says(ANNA, "keep me")
    with pytest.raises(TelegramNetworkError):
        await stage.updates()
    [update] = await stage.updates()
    assert update.message is not None
    assert update.message.text == "keep me"


async def test_faults_are_switched_off_one_by_one_and_all_at_once(stage: Stage) -> None:
    first = await switch(stage, kind="server_error")
    await switch(stage, kind="reset_before")
    left = await stage.delete(f"/sim/faults/{first}")
    assert [rule["kind"] for rule in left["faults"]] == ["reset_before"]
    await stage.delete("/sim/faults")
    await stage.bot.send_message(ANNA, "Hello")
    await stage.delete(f"/sim/faults/{first}", status=404)


@pytest.mark.parametrize(
    "rule",
    [
        {},
        {"kind": "gremlin"},
        {"kind": "slow", "delay_s": "long"},
        {"kind": "slow", "delay_s": -1},
        {"kind": "slow", "count": True},
        {"kind": "server_error", "status": 404},
        {"kind": "slow", "probability": 2},
        {"kind": "slow", "colour": "red"},
    ],
    ids=str,
)
async def test_a_rule_that_cannot_be_meant_is_refused(stage: Stage, rule: dict[str, Any]) -> None:
    assert (await stage.post("/sim/faults", rule, status=400))["error"]
