"""The short way of a text to Telegram says and hears the same as aiogram's own."""

import json
from typing import Any

import pytest
from aiogram.exceptions import (
    ClientDecodeError,
    TelegramAPIError,
    TelegramBadRequest,
    TelegramForbiddenError,
    TelegramRetryAfter,
)
from aiogram.methods import (
    AnswerCallbackQuery,
    EditMessageReplyMarkup,
    EditMessageText,
    SendMessage,
    TelegramMethod,
)
from aiogram.types import ReplyParameters
from aiohttp import web

from bot.telegram.connection import connect
from bot.telegram.methods import keyboard

TEXT = "<b>您好</b>\nSend 100 % & more = more"
CALLS: list[TelegramMethod[Any]] = [
    SendMessage(chat_id=7, text=TEXT),
    SendMessage(
        chat_id=7,
        text=TEXT,
        reply_markup=keyboard([[{"text": "还款方式", "data": "pay:1"}]]),
        reply_parameters=ReplyParameters(message_id=3, allow_sending_without_reply=True),
    ),
    EditMessageText(chat_id=7, message_id=9, text=TEXT, reply_markup=None),
    EditMessageReplyMarkup(chat_id=7, message_id=9, reply_markup=None),
    AnswerCallbackQuery(callback_query_id="5", text="好", show_alert=True),
]


class Server:
    """Takes one call after the other and gives each the answer that is set."""

    def __init__(self) -> None:
        self.heard: dict[str, Any] = {}
        self.status = 200
        self.answer: object = {"ok": True, "result": {"message_id": 12, "date": 1, "chat": {}}}

    async def take(self, request: web.Request) -> web.Response:
        self.heard = await request.json()
        body = self.answer if isinstance(self.answer, str) else json.dumps(self.answer)
        return web.Response(status=self.status, text=body, content_type="application/json")


async def _call(server: Server, method: TelegramMethod[Any]) -> Any:
    application = web.Application()
    application.router.add_post("/{path:.*}", server.take)
    runner = web.AppRunner(application)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    bot = connect("42:token", f"http://127.0.0.1:{runner.addresses[0][1]}")
    try:
        return await bot(method)
    finally:
        await bot.session.close()
        await runner.cleanup()


@pytest.mark.parametrize("method", CALLS)
async def test_what_is_said_of_a_text_is_what_aiogram_would_say(
    method: TelegramMethod[Any],
) -> None:
    server, bot = Server(), connect("42:token", "http://127.0.0.1:1")
    theirs = bot.session.build_form_data(bot, method)  # type: ignore[attr-defined]
    if isinstance(method, AnswerCallbackQuery):
        server.answer = {"ok": True, "result": True}
    answer = await _call(server, method)
    assert answer is True or answer.message_id == 12
    assert _read(server.heard) == _read({field[0]["name"]: field[2] for field in theirs._fields})


@pytest.mark.parametrize(
    ("status", "answer", "error"),
    [
        (403, {"ok": False, "description": "Forbidden: blocked"}, TelegramForbiddenError),
        (400, {"ok": False, "description": "Bad Request: no"}, TelegramBadRequest),
        (
            429,
            {"ok": False, "description": "Too Many", "parameters": {"retry_after": 7}},
            TelegramRetryAfter,
        ),
        (200, "<html>a proxy's page</html>", ClientDecodeError),
        (200, {"ok": True, "result": {"message_id": "twelve"}}, ClientDecodeError),
        (200, {"ok": False, "description": "no"}, TelegramAPIError),
    ],
)
async def test_an_answer_that_is_not_plainly_good_is_read_by_aiogram(
    status: int, answer: object, error: type[Exception]
) -> None:
    server = Server()
    server.status, server.answer = status, answer
    with pytest.raises(error):
        await _call(server, CALLS[0])


def _read(fields: dict[str, Any]) -> dict[str, Any]:
    """Fields as they are meant: a form has JSON where an object has parts."""
    found: dict[str, Any] = {
        name: json.loads(value) if isinstance(value, str) and value.startswith("{") else value
        for name, value in fields.items()
        if value
    }
    for name, value in found.items():
        if not isinstance(value, dict):
            found[name] = "true" if value is True else str(value)
    if "reply_parameters" in found:
        # said of a quote, and we quote none
        found["reply_parameters"].pop("quote_parse_mode", None)
    return found
