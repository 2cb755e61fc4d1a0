"""Refusals, in Telegram's own words.

A method that cannot be done raises `ApiError`; the HTTP door turns it into the JSON that Telegram
would answer. A wish of the chat page or of a test that makes no sense raises `Refused` and becomes
a plain `{"error": ...}`: that one is ours, Telegram has no such door.
"""

from __future__ import annotations

from typing import Any


class ApiError(Exception):
    """An answer `{"ok": false, "error_code": code, "description": description}`."""

    def __init__(
        self, code: int, description: str, parameters: dict[str, Any] | None = None
    ) -> None:
        super().__init__(description)
        self.code = code
        self.description = description
        self.parameters = parameters

    def as_json(self) -> dict[str, Any]:
        answer: dict[str, Any] = {
            "ok": False,
            "error_code": self.code,
            "description": self.description,
        }
        if self.parameters:
            answer["parameters"] = self.parameters
        return answer


class Refused(Exception):
    """The page or a test asked for something impossible; `status` is the HTTP status."""

    def __init__(self, message: str, status: int = 400) -> None:
        super().__init__(message)
        self.message = message
        self.status = status


def bad_request(text: str, **parameters: Any) -> ApiError:
    return ApiError(400, f"Bad Request: {text}", parameters or None)


def forbidden(text: str) -> ApiError:
    return ApiError(403, f"Forbidden: {text}")


def conflict(text: str) -> ApiError:
    return ApiError(409, f"Conflict: {text}")


def too_many_requests(retry_after: int) -> ApiError:
    """`retry_after` is in whole seconds, as Telegram gives it."""
    return ApiError(
        429, f"Too Many Requests: retry after {retry_after}", {"retry_after": retry_after}
    )


UNAUTHORIZED = ApiError(401, "Unauthorized")
NOT_FOUND = ApiError(404, "Not Found")
METHOD_NOT_FOUND = ApiError(404, "Not Found: method not found")
TOO_LARGE = ApiError(413, "Request Entity Too Large")
CHAT_NOT_FOUND = bad_request("chat not found")
