"""The short way of a text to Telegram says and hears the same as aiogram's own."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
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
from aiohttp import ClientTimeout, web

from bot.telegram.connection import QuickBot, connect
from bot.telegram.methods import keyboard, method_for
from bot.telegram.plain_text import plain_text
from storage.records import DeliveryClass, OutboxId, OutboxRow, OutboxStatus

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


async def _say(server: Server, row: OutboxRow) -> int:
    async with _bot_of(server) as bot:
        return await bot.say(plain_text(row) or b"", ClientTimeout(5), lambda: method_for(row))


async def _call(server: Server, method: TelegramMethod[Any]) -> Any:
    async with _bot_of(server) as bot:
        return await bot(method)


@asynccontextmanager
async def _bot_of(server: Server) -> AsyncIterator[QuickBot]:
    application = web.Application()
    application.router.add_post("/{path:.*}", server.take)
    runner = web.AppRunner(application)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    bot = connect("42:token", f"http://127.0.0.1:{runner.addresses[0][1]}")
    try:
        yield bot
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


def _row(**payload: Any) -> OutboxRow:
    return OutboxRow(
        outbox_id=OutboxId(1),
        unique_key="one",
        chat_id=7,
        delivery=DeliveryClass.REMINDER,
        method="sendMessage",
        payload={"text": TEXT, **payload},
        actor="system",
        kind=None,
        borrower_id=None,
        case_id=None,
        expires_at=None,
        automated=True,
        lane=2,
        attempts=1,
        status=OutboxStatus.SENDING,
    )


_BUTTONS = [[{"text": "还款方式", "data": "pay:1"}], [{"text": "more", "url": "https://e.org"}]]


@pytest.mark.parametrize("payload", [{}, {"buttons": _BUTTONS}, {"buttons": [], "home": True}])
async def test_a_plain_text_says_what_its_objects_would(payload: dict[str, Any]) -> None:
    row, server = _row(**payload), Server()
    body = plain_text(row)
    assert body is not None
    await _call(server, method_for(row))
    assert json.loads(body) == server.heard
    charged = plain_text(row, paid=True)
    assert charged is not None
    assert json.loads(charged) == {**server.heard, "allow_paid_broadcast": True}


@pytest.mark.parametrize("more", [{"reply_to": 3}, {"thread": 4}, {"moved_to": -5}])
def test_what_is_more_than_text_is_left_to_aiograms_objects(more: dict[str, Any]) -> None:
    assert plain_text(_row(**more)) is None


async def test_a_plain_text_is_answered_with_the_number_of_its_message() -> None:
    server = Server()
    assert await _say(server, _row()) == 12


@pytest.mark.parametrize(
    ("status", "answer", "error"),
    [
        (403, {"ok": False, "description": "Forbidden: blocked"}, TelegramForbiddenError),
        (200, "<html>a proxy's page</html>", ClientDecodeError),
        (200, {"ok": True, "result": {"message_id": "twelve"}}, ClientDecodeError),
        (200, [1], ClientDecodeError),
        (200, {"ok": False, "description": "no"}, TelegramAPIError),
    ],
)
async def test_a_plain_text_that_is_not_plainly_sent_is_told_of_by_aiogram(
    status: int, answer: object, error: type[Exception]
) -> None:
    server = Server()
    server.status, server.answer = status, answer
    with pytest.raises(error):
        await _say(server, _row())


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
