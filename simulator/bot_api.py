"""The door a bot knocks at: `/bot{token}/{method}` and `/file/bot{token}/{path}`.

A plain ASGI application without a framework in between, because the stage also serves as the load
sink of benchmarks. Every call is entered into the journal before anything else happens, and every
fault is applied here, around the method and never inside it.
"""

from __future__ import annotations

import asyncio
import re
import time
from typing import Any
from urllib.parse import unquote

from starlette.requests import ClientDisconnect

from simulator.clock import real_now
from simulator.connection import hung_up, reset
from simulator.errors import METHOD_NOT_FOUND, NOT_FOUND, UNAUTHORIZED, ApiError
from simulator.faults import Fault, Faults
from simulator.journal import Entry, Journal
from simulator.methods import METHODS
from simulator.methods.registry import Call, Method
from simulator.parameters import Upload
from simulator.wire import Receive, Scope, Send, answer, as_bytes, read_fields
from simulator.world import World

Json = dict[str, Any]

_TOKEN = re.compile(r"[1-9][0-9]{0,18}:[A-Za-z0-9_-]{1,80}")
_NOT_JSON = b"<html><head><title>502 Bad Gateway</title></head><body>nginx</body></html>"


class BotApi:
    def __init__(self, world: World, faults: Faults, journal: Journal) -> None:
        self.world = world
        self.faults = faults
        self.journal = journal

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        path: str = scope["path"]
        if path.startswith("/file/bot"):
            await self._download(path, send)
            return
        token, _, name = path.removeprefix("/bot").partition("/")
        entry = self._enter(name, {})
        try:
            method = self._method(token, name)
            entry.method = method.name
            fields, uploads = await read_fields(scope, receive)
            entry.params = {**fields, **_described(uploads)}
        except ApiError as error:
            _refused(entry, error)
            await answer(send, error.code, as_bytes(error.as_json()))
        except ClientDisconnect:
            entry.outcome = "hung_up"
        else:
            call = Call(self.world, fields, uploads, lambda: hung_up(scope))
            await self._perform(scope, send, entry, method, call)
        entry.duration_ms = (time.perf_counter() - entry.began) * 1000

    async def run(self, request: Json) -> None:
        """A method given as the response to a webhook delivery; its result goes nowhere."""
        name = str(request.pop("method"))
        entry = self._enter(name, request)
        try:
            method = self._method(self.world.settings.token, name)
            await _execute(entry, method, Call(self.world, request))
        except ApiError as error:
            _refused(entry, error)
        entry.duration_ms = (time.perf_counter() - entry.began) * 1000

    def _enter(self, name: str, params: Json) -> Entry:
        return self.journal.begin(name, params, self.world.clock.now(), real_now())

    def _method(self, token: str, name: str) -> Method:
        if token != self.world.settings.token:
            raise UNAUTHORIZED if _TOKEN.fullmatch(token) else NOT_FOUND
        method = METHODS.get(name.lower())
        if method is None:
            raise METHOD_NOT_FOUND
        return method

    async def _perform(
        self, scope: Scope, send: Send, entry: Entry, method: Method, call: Call
    ) -> None:
        fault = self.faults.strike(method.name, str(call.params.get("chat_id")))
        if fault is not None:
            entry.fault = fault.kind
            if fault.kind == "slow":
                await asyncio.sleep(fault.delay_s)
        if fault is not None and not fault.delivers:
            await self._strike(scope, send, entry, fault)
            return
        try:
            body = await _execute(entry, method, call)
            status = 200
        except ApiError as error:
            _refused(entry, error)
            body, status = as_bytes(error.as_json()), error.code
        if fault is not None and fault.kind != "slow":
            await self._strike(scope, send, entry, fault, status, body)
        elif hung_up(scope):
            entry.outcome = "hung_up"
        else:
            await answer(send, status, body)

    async def _strike(
        self,
        scope: Scope,
        send: Send,
        entry: Entry,
        fault: Fault,
        status: int = 200,
        body: bytes = b"",
    ) -> None:
        """Answer as the fault wants; `entry.delivered` already tells what happened in the chat."""
        error = fault.refusal()
        if error is not None:
            delivered = entry.delivered
            _refused(entry, error)
            entry.delivered = delivered
            await answer(send, error.code, as_bytes(error.as_json()))
        elif fault.kind in ("reset_before", "reset_after"):
            entry.outcome = "reset"
            await reset(scope)
        elif fault.kind == "undecodable":
            entry.outcome = "undecodable"
            await answer(send, 200, _NOT_JSON, b"text/html")
        else:
            await asyncio.sleep(fault.delay_s)
            if hung_up(scope):
                entry.outcome = "hung_up"
            else:
                await answer(send, status, body)

    async def _download(self, path: str, send: Send) -> None:
        token, _, file_path = path.removeprefix("/file/bot").partition("/")
        entry = self._enter("file", {"path": file_path})
        error = UNAUTHORIZED if token != self.world.settings.token else NOT_FOUND
        stored = self.world.files.at(unquote(file_path)) if error is NOT_FOUND else None
        if stored is None:
            _refused(entry, error)
            await answer(send, error.code, as_bytes(error.as_json()))
            return
        entry.outcome, entry.status, entry.delivered = "ok", 200, True
        await answer(send, 200, stored.data, b"application/octet-stream")


async def _execute(entry: Entry, method: Method, call: Call) -> bytes:
    """Run the method; the bytes of Telegram's answer to it."""
    call.params = method.read(call.params)
    result = await method.handler(call)
    entry.outcome, entry.status, entry.delivered = "ok", 200, True
    entry.result = result
    answered: Json = {"ok": True, "result": result}
    if call.note is not None:
        answered["description"] = call.note
    return as_bytes(answered)


def _refused(entry: Entry, error: ApiError) -> None:
    entry.outcome, entry.status, entry.delivered = "error", error.code, False
    entry.description = error.description
    entry.retry_after = (error.parameters or {}).get("retry_after")


def _described(uploads: dict[str, Upload]) -> Json:
    return {
        name: {"file_name": upload.filename, "size": len(upload.data)}
        for name, upload in uploads.items()
    }
