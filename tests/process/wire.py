"""The line between the bot and Telegram, in a test's hands: cut it, mend it, spoil what passes.

A forwarder with a fixed port in front of the simulator. While it is cut, connections are refused
as by a machine that is down; a reset of the simulator reaches the bot as a reset.
"""

import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import aiohttp
from aiohttp import web

Update = dict[str, Any]


class Wire:
    """`url` stands for Telegram. `spoil` may change each update before the bot gets it."""

    def __init__(self, telegram: str, port: int) -> None:
        self._telegram = telegram
        self._port = port
        self.url = f"http://127.0.0.1:{port}"
        self.spoil: Callable[[Update], Update] = lambda update: update
        self._runner: web.AppRunner | None = None
        self._http: aiohttp.ClientSession | None = None

    async def mend(self) -> None:
        app = web.Application(client_max_size=64 * 2**20)
        app.router.add_route("*", "/{path:.*}", self._forward)
        self._http = aiohttp.ClientSession()
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", self._port).start()

    async def cut(self) -> None:
        if self._runner is not None:
            await self._runner.cleanup()
            self._runner = None
        if self._http is not None:
            await self._http.close()
            self._http = None

    async def _forward(self, request: web.Request) -> web.StreamResponse:
        assert self._http is not None
        assert request.transport is not None
        headers = {"Content-Type": request.headers.get("Content-Type", "")}
        try:
            async with self._http.request(
                request.method,
                self._telegram + request.path_qs,
                data=await request.read(),
                headers=headers,
            ) as answer:
                body = await answer.read()
        except (aiohttp.ClientError, ConnectionError):
            request.transport.abort()
            return web.Response()  # nobody hears it
        if request.path.endswith("/getUpdates"):
            body = self._spoiled(body)
        return web.Response(status=answer.status, body=body, content_type=answer.content_type)

    def _spoiled(self, body: bytes) -> bytes:
        try:
            told = json.loads(body)
        except ValueError:  # spoiled already
            return body
        if isinstance(told.get("result"), list):
            told["result"] = [self.spoil(update) for update in told["result"]]
        return json.dumps(told).encode()


@asynccontextmanager
async def wire_to(telegram: str, port: int) -> AsyncIterator[Wire]:
    wire = Wire(telegram, port)
    await wire.mend()
    try:
        yield wire
    finally:
        await wire.cut()
