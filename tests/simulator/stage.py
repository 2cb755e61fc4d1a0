"""A small stage for these tests: three people, a board group, an aiogram bot and the page's doors.

Everything goes over HTTP, as a real bot and a real page would do it.
"""

from __future__ import annotations

import io
import struct
import zlib
from dataclasses import dataclass, field
from typing import Any

import aiohttp
from aiogram import Bot
from aiogram.client.session.aiohttp import AiohttpSession
from aiogram.client.telegram import TelegramAPIServer
from aiogram.types import Message, Update

from simulator.server import Simulator

ANNA, MING, CARL, STRANGER = 1001, 1002, 2001, 3001
PEOPLE = [
    {"telegram_id": ANNA, "name": "Anna Weber", "language": "en", "username": "anna_w"},
    {"telegram_id": MING, "name": "李明", "language": "zh-Hans"},
    {"telegram_id": CARL, "name": "Carl", "language": "en", "role": "collector"},
    {"telegram_id": STRANGER, "name": "Somebody Else", "language": "en"},
]


class QuickSession(AiohttpSession):
    """aiogram's session without the quarter of a second that it waits when it closes."""

    async def close(self) -> None:
        if self._session is not None:
            await self._session.close()


def new_bot(sim: Simulator, token: str | None = None) -> Bot:
    session = QuickSession(api=TelegramAPIServer.from_base(sim.url))
    return Bot(token or sim.token, session=session)


def png(width: int = 40, height: int = 30, padding: int = 0) -> bytes:
    """A picture that any decoder accepts, `padding` bytes longer than it needs to be."""
    rows = b"".join(b"\x00" + b"\xff" * width for _ in range(height))
    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    chunks = [(b"IHDR", header), (b"IDAT", zlib.compress(rows)), (b"IEND", b"")]
    if padding:
        chunks.insert(2, (b"tEXt", b"\x00" * padding))
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
        for name, data in chunks
    )


@dataclass
class Stage:
    sim: Simulator
    bot: Bot
    page: aiohttp.ClientSession
    board: int = 0
    offset: int = field(default=0)

    async def get(self, path: str, status: int = 200) -> Any:
        async with self.page.get(path) as answer:
            assert answer.status == status, await answer.text()
            return await answer.json()

    async def post(self, path: str, body: Any = None, status: int = 200) -> Any:
        async with self.page.post(path, json=body) as answer:
            assert answer.status == status, await answer.text()
            return await answer.json()

    async def delete(self, path: str, status: int = 200) -> Any:
        async with self.page.delete(path) as answer:
            assert answer.status == status, await answer.text()
            return await answer.json()

    async def says(self, person: int, text: str, chat: int | None = None, **more: Any) -> int:
        """Write as a person; the message's number."""
        path = f"/sim/people/{person}/chats/{chat or person}/messages"
        answer = await self.post(path, {"text": text, **more})
        return int(answer["messages"][0]["message_id"])

    async def attaches(
        self, person: int, kind: str, *files: tuple[str, bytes], **more: str
    ) -> list[dict[str, Any]]:
        form = aiohttp.FormData({"kind": kind, **more})
        for name, data in files:
            form.add_field("file", io.BytesIO(data), filename=name)
        path = f"/sim/people/{person}/chats/{person}/messages"
        async with self.page.post(path, data=form) as answer:
            assert answer.status == 200, await answer.text()
            messages: list[dict[str, Any]] = (await answer.json())["messages"]
            return messages

    async def presses(self, message: Message, data: str, person: int = ANNA) -> str:
        answer = await self.post(
            f"/sim/people/{person}/press",
            {"chat_id": message.chat.id, "message_id": message.message_id, "data": data},
        )
        return str(answer["query_id"])

    async def updates(self, **more: Any) -> list[Update]:
        """What the bot has not seen yet; seen afterwards."""
        found = await self.bot.get_updates(offset=self.offset, **more)
        if found:
            self.offset = found[-1].update_id + 1
        return found

    async def seen(self, chat: int, viewer: int) -> list[dict[str, Any]]:
        """What a person sees in a chat."""
        messages: list[dict[str, Any]] = await self.get(
            f"/sim/chats/{chat}/messages?viewer={viewer}"
        )
        return [message for message in messages if not message["sim"]["deleted"]]

    async def requests(self, method: str) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = (await self.get(f"/sim/requests?method={method}"))["requests"]
        return found
