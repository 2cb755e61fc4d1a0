"""Reading JSON requests of the page and the control API, with refusals that say what is wrong."""

from __future__ import annotations

import json
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse

from simulator.errors import ApiError, Refused

Json = dict[str, Any]


async def read_json(request: Request) -> Any:
    """The body; half a surrogate pair in it could never be answered, so it is refused too."""
    try:
        body = await request.json()
        json.dumps(body, ensure_ascii=False).encode()
    except (ValueError, RecursionError) as error:
        raise Refused("the body is not JSON in whole characters") from error
    return body


async def read_object(request: Request) -> Json:
    body = await read_json(request)
    if not isinstance(body, dict):
        raise Refused("the body must be a JSON object")
    return body


def text_of(body: Json, name: str, default: str | None = None) -> str:
    value = body.get(name, default)
    if not isinstance(value, str):
        raise Refused(f"{name} must be text")
    return value


def number_of(body: Json, name: str) -> int:
    value = optional_number(body, name)
    if value is None:
        raise Refused(f"{name} must be a whole number")
    return value


def optional_number(body: Json, name: str) -> int | None:
    """A whole number, also as digits of a form; None when absent."""
    value = body.get(name)
    if value in (None, ""):
        return None
    if isinstance(value, str) and value.lstrip("-").isdigit():
        return int(value)
    if not isinstance(value, int) or isinstance(value, bool):
        raise Refused(f"{name} must be a whole number")
    return value


def asked_number(request: Request, name: str, default: int) -> int:
    """A whole number of the address's query."""
    value = request.query_params.get(name, "")
    if not value:
        return default
    if not value.lstrip("-").isdigit():
        raise Refused(f"{name} must be a whole number")
    return int(value)


def path_number(request: Request, name: str) -> int:
    """A whole number of the address's path; ids of groups are below zero."""
    text = str(request.path_params[name])
    if not text.removeprefix("-").isdigit():
        raise Refused(f"{text!r} is not a number", status=404)
    return int(text)


async def refused(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, Refused)
    return JSONResponse({"error": error.message}, status_code=error.status)


async def refused_by_telegram(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, ApiError)
    return JSONResponse({"error": error.description}, status_code=error.code)
