"""The door itself: encodings, tokens, unknown methods, bodies that are no requests."""

import json
from typing import Any

import aiohttp
import pytest
from aiogram import Bot
from aiogram.exceptions import TelegramEntityTooLarge, TelegramNotFound, TelegramUnauthorizedError
from aiogram.methods import TelegramMethod
from aiogram.types import BufferedInputFile

from tests.simulator.stage import ANNA, Stage, new_bot

TEXT = "Ihre Rate, 还款 & <more>"


async def test_a_call_may_come_in_the_address_as_a_form_as_json_or_in_parts(stage: Stage) -> None:
    path = f"/bot{stage.sim.token}/sendMessage"
    fields = {"chat_id": str(ANNA), "text": TEXT}
    parts = aiohttp.FormData(default_to_multipart=True)
    for name, value in fields.items():
        parts.add_field(name, value)
    for send in (
        stage.page.get(path, params=fields),
        stage.page.post(path, data=fields),
        stage.page.post(path, json={"chat_id": ANNA, "text": TEXT}),
        stage.page.post(path, data=parts),
    ):
        async with send as answer:
            body = await answer.json()
            assert answer.status == 200
            assert body["ok"] is True
            assert body["result"]["text"] == TEXT


async def test_a_method_is_found_whatever_its_case(stage: Stage) -> None:
    async with stage.page.get(f"/bot{stage.sim.token}/GETME") as answer:
        assert (await answer.json())["result"]["is_bot"] is True


async def test_a_wrong_token_is_unauthorized(stage: Stage) -> None:
    stranger = new_bot(stage.sim, "7000000001:AAsomebody-elses-token")
    with pytest.raises(TelegramUnauthorizedError, match=r"Unauthorized$"):
        await stranger.get_me()
    await stranger.session.close()


async def test_a_token_that_is_none_is_not_found(stage: Stage) -> None:
    async with stage.page.get("/botnonsense/getMe") as answer:
        assert answer.status == 404
        assert await answer.json() == {"ok": False, "error_code": 404, "description": "Not Found"}


async def test_an_unknown_method_is_not_found(bot: Bot) -> None:
    class SendTelepathy(TelegramMethod[bool]):
        __returning__ = bool
        __api_method__ = "sendTelepathy"

    with pytest.raises(TelegramNotFound, match="Not Found: method not found"):
        await bot(SendTelepathy())


@pytest.mark.parametrize("body", [b"{", b"[]", b"\xff\xfe", b'{"chat_id": NaN'])
async def test_a_body_that_is_no_json_object_is_a_bad_request(stage: Stage, body: bytes) -> None:
    headers = {"Content-Type": "application/json"}
    path = f"/bot{stage.sim.token}/sendMessage"
    async with stage.page.post(path, data=body, headers=headers) as answer:
        assert answer.status == 400
        assert (await answer.json())["description"].startswith("Bad Request: ")


async def test_a_markup_that_is_no_json_is_a_bad_request(stage: Stage) -> None:
    fields = {"chat_id": ANNA, "text": "x", "reply_markup": "{"}
    async with stage.page.post(f"/bot{stage.sim.token}/sendMessage", data=fields) as answer:
        assert (await answer.json())["description"] == (
            "Bad Request: can't parse reply keyboard markup JSON object"
        )


async def test_more_than_fifty_megabytes_are_refused_at_the_door(stage: Stage) -> None:
    path = f"/bot{stage.sim.token}/sendDocument"
    headers = {"Content-Length": str(60 * 1024 * 1024), "Content-Type": "text/plain"}

    async def little() -> Any:
        yield b"x"

    async with stage.page.post(path, data=little(), headers=headers) as answer:
        assert answer.status == 413
        assert (await answer.json())["description"] == "Request Entity Too Large"


async def test_aiogram_reads_an_upload_that_is_too_large_as_such(stage: Stage) -> None:
    with pytest.raises(TelegramEntityTooLarge):
        await stage.bot.send_document(ANNA, BufferedInputFile(bytes(52 * 1024 * 1024), "a.bin"))


async def test_unknown_parameters_are_ignored_and_recorded(stage: Stage) -> None:
    fields = {"chat_id": ANNA, "text": "x", "telepathy": "on"}
    async with stage.page.post(f"/bot{stage.sim.token}/sendMessage", json=fields) as answer:
        assert answer.status == 200
    [entry] = await stage.requests("sendMessage")
    assert entry["params"] == fields


async def test_the_record_tells_method_parameters_outcome_and_both_times(stage: Stage) -> None:
    await stage.post("/clock", {"advance_s": 3600})
    message = await stage.bot.send_message(ANNA, "Hello")
    [entry] = await stage.requests("sendMessage")
    assert entry["params"] == {"chat_id": str(ANNA), "text": "Hello"}
    assert (entry["outcome"], entry["delivered"], entry["status"]) == ("ok", True, 200)
    assert entry["message_id"] == message.message_id
    assert entry["at"] > entry["real_at"]


async def test_the_record_is_read_in_pages(stage: Stage) -> None:
    for number in range(5):
        await stage.bot.send_message(ANNA, str(number))
    last = (await stage.get("/sim/requests"))["last"]
    first = await stage.get(f"/sim/requests?after={last - 5}&limit=2")
    rest = await stage.get(f"/sim/requests?after={first['next_after']}&limit=10")
    texts = [entry["params"]["text"] for entry in first["requests"] + rest["requests"]]
    assert texts == ["0", "1", "2", "3", "4"]
    assert rest["next_after"] == rest["last"]


async def test_an_answer_is_plain_json_with_the_result_under_ok(stage: Stage) -> None:
    async with stage.page.get(f"/bot{stage.sim.token}/getMe") as answer:
        assert answer.headers["content-type"] == "application/json"
        body = json.loads(await answer.text())
    assert set(body) == {"ok", "result"}
    assert body["result"]["username"] == "remindful_demo_bot"
