"""A Telegram that takes every call and costs next to nothing: what is measured is the caller.

It lives in a process of its own and answers each message it is given with the same one.
`journal` keeps for each call when it came and to which chat, for those who judge a pace by it.
"""

import asyncio
import json
import multiprocessing
import re
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from multiprocessing.connection import Connection
from typing import Any, cast

_CHAT = re.compile(rb'"chat_id": *(-?\d+)')
_LENGTH = re.compile(rb"content-length: *(\d+)", re.IGNORECASE)
_MESSAGE = {
    "ok": True,
    "result": {
        "message_id": 1,
        "date": 1,
        "chat": {"id": 1, "type": "private"},
        "from": {"id": 42, "is_bot": True, "first_name": "Remindful"},
        "text": "thank you",
    },
}

Call = tuple[float, int, int]
"""When a call came, in seconds of the monotonic clock, its chat, and the wait it was told."""
Judge = Callable[[float, int], int]
"""Seconds of `retry_after` for a call at a moment to a chat; 0 lets it pass."""


@contextmanager
def sink(judge: Judge | None = None) -> "Iterator[Sink]":
    """The address of a running one; `judge` refuses calls with 429."""
    ours, theirs = multiprocessing.Pipe()
    process = multiprocessing.get_context("fork").Process(
        target=_serve, args=(theirs, judge), daemon=True
    )
    process.start()
    try:
        yield Sink(f"http://127.0.0.1:{ours.recv()}", ours)
    finally:
        process.terminate()
        process.join()


class Sink:
    """`url` is what a bot takes for Telegram."""

    def __init__(self, url: str, line: Connection) -> None:
        self.url = url
        self._line = line

    def journal(self) -> tuple[list[Call], list[Call]]:
        """The calls that passed and those that were refused, since the last time this was asked."""
        self._line.send("journal")
        return cast(tuple[list[Call], list[Call]], self._line.recv())


def _serve(line: Connection, judge: Judge | None) -> None:
    asyncio.run(_Server(line, judge).run())


class _Server:
    def __init__(self, line: Connection, judge: Judge | None) -> None:
        self._line = line
        self.judge = judge
        self.passed: list[Call] = []
        self.refused: list[Call] = []

    async def run(self) -> None:
        loop = asyncio.get_running_loop()
        server = await loop.create_server(lambda: _Http(self), "127.0.0.1", 0)
        loop.add_reader(self._line.fileno(), self._asked)
        self._line.send(server.sockets[0].getsockname()[1])
        await server.serve_forever()

    def _asked(self) -> None:
        try:
            self._line.recv()
        except EOFError:
            asyncio.get_running_loop().remove_reader(self._line.fileno())
            return
        self._line.send((self.passed, self.refused))
        self.passed, self.refused = [], []

    def answer(self, body: bytes) -> bytes:
        if self.judge is None:
            return _GOOD
        found = _CHAT.search(body)
        chat_id = int(found[1]) if found else 0
        at = time.monotonic()
        seconds = self.judge(at, chat_id)
        (self.refused if seconds else self.passed).append((at, chat_id, seconds))
        return _response(429, _too_many(seconds)) if seconds else _GOOD


class _Http(asyncio.Protocol):
    """Requests one after the other on a connection, each with its length said before."""

    def __init__(self, server: _Server) -> None:
        self._server = server
        self._seen = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)

    def data_received(self, data: bytes) -> None:
        self._seen += data
        while (head := self._seen.find(b"\r\n\r\n")) >= 0:
            found = _LENGTH.search(self._seen, 0, head)
            end = head + 4 + (int(found[1]) if found else 0)
            if len(self._seen) < end:
                return
            of_messages = b"Message" in self._seen[:200].split(b" ", 2)[1]
            body, self._seen = self._seen[head + 4 : end], self._seen[end:]
            self._transport.write(self._server.answer(body) if of_messages else _DONE)


def _too_many(seconds: int) -> dict[str, Any]:
    return {
        "ok": False,
        "error_code": 429,
        "description": f"Too Many Requests: retry after {seconds}",
        "parameters": {"retry_after": seconds},
    }


def _response(status: int, said: dict[str, Any]) -> bytes:
    body = json.dumps(said).encode()
    head = f"HTTP/1.1 {status} X\r\nContent-Type: application/json\r\n"
    return head.encode() + f"Content-Length: {len(body)}\r\n\r\n".encode() + body


_GOOD = _response(200, _MESSAGE)
_DONE = _response(200, {"ok": True, "result": True})
