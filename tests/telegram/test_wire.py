"""What happens on the wire decides what is certain: against a server that answers as it is told."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

import pytest
from aiogram import Bot
from aiogram.exceptions import TelegramNetworkError, TelegramServerError
from aiogram.methods import SendMessage
from aiohttp import TCPConnector

from bot.telegram.connection import connect
from bot.telegram.outcomes import never_left

CALL = SendMessage(chat_id=7, text="您好")
GOOD = b'{"ok": true, "result": {"message_id": 12}}'
WHOLE = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s" % (len(GOOD), GOOD)


class Line:
    """Gives each request the next of `answers`; after None, or the last, it hangs up."""

    def __init__(self, *answers: bytes | None) -> None:
        self.answers = list(answers)
        self.connections = 0
        self.heard: list[bytes] = []
        self.over = asyncio.Semaphore(0)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        with suppress(asyncio.IncompleteReadError):
            while self.answers:
                head = await reader.readuntil(b"\r\n\r\n")
                length = int(head.lower().partition(b"content-length:")[2].split()[0])
                self.heard.append(await reader.readexactly(length))
                answer = self.answers.pop(0)
                if answer is None:
                    break
                writer.write(answer)
                await writer.drain()
                if b"close" in answer:
                    break
            else:
                await reader.read()
        writer.close()
        self.over.release()


@asynccontextmanager
async def bot_on(line: Line) -> AsyncIterator[Bot]:
    server = await asyncio.start_server(line.serve, "127.0.0.1", 0)
    bot = connect("42:token", f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}")
    try:
        yield bot
    finally:
        await bot.session.close()
        server.close()
        for _ in range(line.connections):
            await line.over.acquire()


async def test_one_connection_carries_many_messages() -> None:
    line = Line(WHOLE, WHOLE, WHOLE)
    async with bot_on(line) as bot:
        numbers = [(await bot(CALL)).message_id for _ in range(3)]
    assert numbers == [12, 12, 12]
    assert line.connections == 1
    assert len(line.heard) == 3


@pytest.mark.parametrize(
    "answer",
    [
        b"HTTP/1.1 100 Continue\r\n\r\n" + WHOLE,
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n%x\r\n%s\r\n0\r\n\r\n"
        % (len(GOOD), GOOD),
        WHOLE.replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n"),
    ],
)
async def test_an_answer_is_read_however_it_is_cut(answer: bytes) -> None:
    async with bot_on(Line(answer, WHOLE)) as bot:
        assert (await bot(CALL)).message_id == 12
        assert (await bot(CALL)).message_id == 12


@pytest.mark.parametrize(
    "answer",
    [
        None,
        b"HTTP/1.1 200 OK\r\nContent-Length: 500\r\nX: close\r\n\r\n{",
        b"what is this, close\r\n\r\n",
    ],
)
async def test_a_line_that_breaks_after_the_request_leaves_it_open(answer: bytes | None) -> None:
    async with bot_on(Line(answer, WHOLE)) as bot:
        with pytest.raises(TelegramNetworkError) as raised:
            await bot(CALL)
        assert not never_left(raised.value)
        assert (await bot(CALL)).message_id == 12  # on a new connection


async def test_an_answer_that_does_not_come_in_time_leaves_it_open() -> None:
    line = Line(b"HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n{", WHOLE)
    async with bot_on(line) as bot:
        with pytest.raises(TelegramNetworkError) as raised:
            await bot(CALL, request_timeout=0.02)  # type: ignore[arg-type]  # seconds are seconds
    assert len(line.heard) == 1
    assert not never_left(raised.value)


async def test_a_connection_that_is_not_made_in_time_certainly_carried_nothing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async def never(*_: object) -> None:
        await asyncio.sleep(60)

    monkeypatch.setattr(TCPConnector, "_create_connection", never)
    bot = connect("42:token", "http://127.0.0.1:1")
    with pytest.raises(TelegramNetworkError) as raised:
        await bot(CALL, request_timeout=0.02)  # type: ignore[arg-type]  # seconds are seconds
    await bot.session.close()
    assert never_left(raised.value)


async def test_a_refused_connection_certainly_carried_nothing() -> None:
    bot = connect("42:token", "http://127.0.0.1:1")
    with pytest.raises(TelegramNetworkError) as raised:
        await bot(CALL)
    await bot.session.close()
    assert never_left(raised.value)


async def test_a_server_that_is_in_trouble_says_so() -> None:
    body = b'{"ok": false, "error_code": 502, "description": "Bad Gateway"}'
    answer = b"HTTP/1.1 502 X\r\nContent-Length: %d\r\n\r\n%s" % (len(body), body)
    async with bot_on(Line(answer)) as bot:
        with pytest.raises(TelegramServerError):
            await bot(CALL)
