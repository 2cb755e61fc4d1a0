"""Webhooks: pushed with their secret, in order per chat, again after a failure."""

import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from typing import Any

import pytest
from aiohttp import web

from tests.simulator.stage import ANNA, MING, Stage


@dataclass
class Receiver:
    """The bot's own web server, answering what the test wants."""

    url: str
    requests: list[tuple[str | None, dict[str, Any]]] = field(default_factory=list)
    answers: list[Any] = field(default_factory=list)

    def texts(self) -> list[str]:
        return [update["message"]["text"] for _, update in self.requests]

    async def handle(self, request: web.Request) -> web.Response:
        secret = request.headers.get("X-Telegram-Bot-Api-Secret-Token")
        self.requests.append((secret, await request.json()))
        answer = self.answers.pop(0) if self.answers else 200
        if isinstance(answer, dict):
            return web.json_response(answer)
        return web.Response(status=answer)


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    application = web.Application()
    made = Receiver("")
    application.router.add_post("/hook", made.handle)
    runner = web.AppRunner(application)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    made.url = f"http://127.0.0.1:{runner.addresses[0][1]}/hook"
    yield made
    await runner.cleanup()


async def until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(5):
        while not condition():
            await asyncio.sleep(0.01)


async def test_updates_are_pushed_with_the_secret(stage: Stage, receiver: Receiver) -> None:
    await stage.bot.set_webhook(receiver.url, secret_token="s-3_cret")
    await stage.says(ANNA, "hello")
    await until(lambda: len(receiver.requests) == 1)
    secret, update = receiver.requests[0]
    assert secret == "s-3_cret"
    assert update["message"]["text"] == "hello"
    page = await stage.get("/sim/updates")
    assert page["pending"] == 0
    assert page["updates"][-1]["outcome"] == "confirmed"


async def test_what_waited_before_the_webhook_is_pushed_too(
    stage: Stage, receiver: Receiver
) -> None:
    await stage.says(ANNA, "before")
    await stage.bot.set_webhook(receiver.url)
    await until(lambda: receiver.texts() == ["before"])
    assert receiver.requests[0][0] is None


async def test_a_failed_push_is_repeated_and_keeps_its_place(
    stage: Stage, receiver: Receiver
) -> None:
    receiver.answers = [500, 502, 200]
    await stage.bot.set_webhook(receiver.url)
    for text in ("first", "second"):
        await stage.says(ANNA, text)
    await until(lambda: len(receiver.requests) == 4)
    assert receiver.texts() == ["first", "first", "first", "second"]
    info = await stage.bot.get_webhook_info()
    assert info.last_error_message == "Wrong response from the webhook: 502 Bad Gateway"
    assert info.pending_update_count == 0


async def test_one_chat_that_fails_does_not_hold_up_another(
    stage: Stage, receiver: Receiver
) -> None:
    receiver.answers = [500]
    await stage.bot.set_webhook(receiver.url, max_connections=2)
    await stage.says(ANNA, "stuck")
    await stage.says(MING, "free")
    await until(lambda: len(receiver.requests) == 3)
    assert sorted(receiver.texts()) == ["free", "stuck", "stuck"]


async def test_nobody_listening_is_told_in_the_info(stage: Stage) -> None:
    await stage.bot.set_webhook("http://127.0.0.1:9/hook")
    await stage.says(ANNA, "hello")
    async with asyncio.timeout(5):
        while (info := await stage.bot.get_webhook_info()).last_error_message is None:
            await asyncio.sleep(0.01)
    assert info.last_error_message == "Connection refused"
    assert info.pending_update_count == 1


async def test_a_method_in_the_answer_is_carried_out(stage: Stage, receiver: Receiver) -> None:
    receiver.answers = [{"method": "sendMessage", "chat_id": ANNA, "text": "by return"}]
    await stage.bot.set_webhook(receiver.url)
    await stage.says(ANNA, "hello")
    await until(lambda: any(entry["text"] == "by return" for entry in said(stage)))
    [entry] = await stage.requests("sendMessage")
    assert entry["outcome"] == "ok"


def said(stage: Stage) -> list[dict[str, Any]]:
    return [message.body for message in stage.sim.world.messages.in_chat(ANNA)]


async def test_gone_ends_the_webhook(stage: Stage, receiver: Receiver) -> None:
    receiver.answers = [410]
    await stage.bot.set_webhook(receiver.url)
    await stage.says(ANNA, "hello")
    async with asyncio.timeout(5):
        while (await stage.bot.get_webhook_info()).url:
            await asyncio.sleep(0.01)
    assert len(await stage.updates()) == 1


async def test_setting_and_deleting_says_what_was_the_case(
    stage: Stage, receiver: Receiver
) -> None:
    descriptions = []
    for name in ("setWebhook", "setWebhook", "deleteWebhook", "deleteWebhook"):
        fields = {"url": receiver.url} if name == "setWebhook" else {}
        async with stage.page.post(f"/bot{stage.sim.token}/{name}", data=fields) as answer:
            descriptions.append((await answer.json())["description"])
    assert descriptions == [
        "Webhook was set",
        "Webhook is already set",
        "Webhook was deleted",
        "Webhook is already deleted",
    ]


async def test_pending_updates_can_be_dropped(stage: Stage) -> None:
    await stage.says(ANNA, "hello")
    await stage.bot.delete_webhook(drop_pending_updates=True)
    assert await stage.updates() == []
    assert (await stage.get("/sim/updates"))["updates"][-1]["outcome"] == "dropped"


async def test_the_info_shows_what_was_set(stage: Stage, receiver: Receiver) -> None:
    await stage.bot.set_webhook(receiver.url, max_connections=7, allowed_updates=["message"])
    info = await stage.bot.get_webhook_info()
    assert (info.url, info.max_connections) == (receiver.url, 7)
    assert info.allowed_updates == ["message"]
    assert info.has_custom_certificate is False
