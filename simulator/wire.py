"""Bytes to fields: the three ways a bot may encode a call, and the way an answer goes back."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any
from urllib.parse import parse_qsl

from starlette.datastructures import UploadFile
from starlette.formparsers import MultiPartException
from starlette.requests import ClientDisconnect, Request

from simulator.errors import TOO_LARGE, bad_request
from simulator.files import MAX_UPLOAD
from simulator.parameters import Upload

Json = dict[str, Any]
Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]

LARGEST_BODY = MAX_UPLOAD + 1024 * 1024
LARGEST_FIELD = 8 * 1024 * 1024
_JSON_HEADER = (b"content-type", b"application/json")


async def read_fields(scope: Scope, receive: Receive) -> tuple[Json, dict[str, Upload]]:
    """Fields and files of a call; the body wins over the address."""
    headers = dict(scope["headers"])
    kind = headers.get(b"content-type", b"").split(b";")[0].strip().lower()
    if int(headers.get(b"content-length") or 0) > LARGEST_BODY:
        raise TOO_LARGE
    query = scope["query_string"]
    fields: Json = dict(parse_qsl(query.decode("latin-1"), keep_blank_values=True)) if query else {}
    if kind == b"multipart/form-data":
        parts, uploads = await _multipart(scope, receive)
        return {**fields, **parts}, uploads
    body = await read_body(receive)
    if not body:
        return fields, {}
    if kind == b"application/json":
        fields |= _json_object(body)
    elif kind in (b"application/x-www-form-urlencoded", b""):
        try:
            fields.update(parse_qsl(body.decode(), keep_blank_values=True))
        except UnicodeDecodeError as error:
            raise bad_request("strings must be encoded in UTF-8") from error
    return fields, {}


async def read_body(receive: Receive) -> bytes:
    """The whole body; raises 413 above what Telegram takes, ClientDisconnect if cut short."""
    message = await receive()
    if message["type"] == "http.request" and not message.get("more_body"):
        return bytes(message.get("body", b""))
    body = bytearray()
    while True:
        if message["type"] == "http.disconnect":
            raise ClientDisconnect
        body += message.get("body", b"")
        if len(body) > LARGEST_BODY:
            raise TOO_LARGE
        if not message.get("more_body"):
            return bytes(body)
        message = await receive()


async def answer(send: Send, status: int, body: bytes, kind: bytes = b"application/json") -> None:
    header = _JSON_HEADER if kind == b"application/json" else (b"content-type", kind)
    length = (b"content-length", str(len(body)).encode())
    await send({"type": "http.response.start", "status": status, "headers": [header, length]})
    await send({"type": "http.response.body", "body": body})


def as_bytes(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode(
        "utf-8", "surrogatepass"
    )


async def _multipart(scope: Scope, receive: Receive) -> tuple[Json, dict[str, Upload]]:
    fields: Json = {}
    uploads: dict[str, Upload] = {}
    request = Request(scope, _limited(receive))
    try:
        async with request.form(max_part_size=LARGEST_FIELD) as form:
            for name, value in form.multi_items():
                if isinstance(value, UploadFile):
                    data = await value.read()
                    uploads[name] = Upload(value.filename or name, value.content_type or "", data)
                else:
                    fields[name] = value
    except MultiPartException as error:
        raise bad_request(f"can't parse parameters: {error.message}") from error
    return fields, uploads


def _limited(receive: Receive) -> Receive:
    """A body without a length ahead is counted as it comes."""
    taken = 0

    async def counted() -> Message:
        nonlocal taken
        message = await receive()
        taken += len(message.get("body", b""))
        if taken > LARGEST_BODY:
            raise TOO_LARGE
        return message

    return counted


def _json_object(body: bytes) -> Json:
    try:
        parsed = json.loads(body)
    except ValueError as error:
        raise bad_request("can't parse JSON object") from error
    if not isinstance(parsed, dict):
        raise bad_request("JSON object expected")
    return {key: value for key, value in parsed.items() if value is not None}
