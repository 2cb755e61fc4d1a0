"""What became of a call, told by its cause: sent, certainly not sent, or unknown.

aiogram raises one class for every network fault. A connection that was never made carried nothing;
once the request was under way, a reset, a timeout or an answer nobody can read leaves it open.
"""

from dataclasses import replace
from datetime import datetime, timedelta

import aiohttp
from aiogram.exceptions import (
    ClientDecodeError,
    TelegramAPIError,
    TelegramBadRequest,
    TelegramEntityTooLarge,
    TelegramForbiddenError,
    TelegramMigrateToChat,
    TelegramNetworkError,
    TelegramRetryAfter,
    TelegramServerError,
    TelegramUnauthorizedError,
)

from storage.outbox import BLOCKED, TOPIC_GONE, Outcome
from storage.records import DeliveryClass, OutboxRow, OutboxStatus

_SHORTEST_RETRY = 2
_LONGEST_RETRY = 300
_LONGEST_RECONNECT = 5
_UNCHANGED = "message is not modified"
_GONE = (
    "message to edit not found",
    "message can't be edited",
    "message_id_invalid",
    "there is no text in the message to edit",
)
_NO_TOPIC = ("message thread not found", "topic_deleted", "topic_closed", "topic_id_invalid")
_NEVER_CONNECTED = (
    aiohttp.ClientConnectorError,
    aiohttp.ConnectionTimeoutError,
    ConnectionRefusedError,
)


def outcome_of(row: OutboxRow, error: Exception, now: datetime) -> Outcome:
    """The outcome of a row whose call raised `error` after it may have left this machine."""
    match error:
        case TelegramRetryAfter():
            return _again(row, now + timedelta(seconds=error.retry_after), "429")
        case TelegramForbiddenError():
            return Outcome(row.outbox_id, OutboxStatus.FAILED, error=BLOCKED)
        case TelegramMigrateToChat() if "moved_to" not in row.payload:
            again = _again(row, now, "the group has another number")
            return replace(again, moved_to=error.migrate_to_chat_id)
        case TelegramBadRequest() if row.payload.get("of_case") and topic_is_gone(error):
            return _again(row, now, TOPIC_GONE)
        case TelegramBadRequest() if _UNCHANGED in error.message:
            return Outcome(row.outbox_id, OutboxStatus.SENT, message_id=row.payload["message_id"])
        case TelegramUnauthorizedError() | TelegramServerError():
            return _again(row, now + _patience(row), type(error).__name__)
        case TelegramNetworkError() if never_left(error):
            return _again(row, now + _patience(row, _LONGEST_RECONNECT), "not connected")
        case TelegramEntityTooLarge():
            return refused(row, error)
        case TelegramAPIError() if not isinstance(error, TelegramNetworkError):
            return refused(row, error)
        case _:  # a reset, a timeout, or an answer that nobody can read in whatever way
            return _unknown(row, now)


def refused(row: OutboxRow, error: Exception) -> Outcome:
    """A fault of our own (400 and the like): kept with its payload, never tried again."""
    return Outcome(row.outbox_id, OutboxStatus.FAILED, error=said_plainly(error))


def said_plainly(error: Exception) -> str:
    """For the log, the row and the admins; Telegram's own words, never ours to a borrower."""
    match error:
        case TelegramUnauthorizedError():
            return "Telegram refuses the token: check BOT_TOKEN"
        case TelegramEntityTooLarge() | TelegramRetryAfter():
            return type(error).__name__
        case TelegramNetworkError():
            return "Telegram cannot be reached"
        case TelegramAPIError():
            return f"{type(error).__name__}: {error.message}"
        case ClientDecodeError():
            return "Telegram's answer cannot be read"
        case _:
            return type(error).__name__


def edit_is_gone(error: TelegramAPIError) -> bool:
    """The message to redraw is gone or too old, so what we say needs a new one."""
    said = error.message.lower()
    return any(text in said for text in _GONE)


def topic_is_gone(error: TelegramAPIError) -> bool:
    """The topic it was to go into cannot be written to, and nothing was sent."""
    said = error.message.lower()
    return any(text in said for text in _NO_TOPIC)


def never_left(error: BaseException) -> bool:
    """Whether the connection itself failed, so that certainly nothing was sent."""
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, _NEVER_CONNECTED):
            return True
        cause = cause.__cause__ or cause.__context__
    return False


def _again(row: OutboxRow, at: datetime, error: str) -> Outcome:
    return Outcome(row.outbox_id, OutboxStatus.QUEUED, error=error, retry_at=at)


def _unknown(row: OutboxRow, now: datetime) -> Outcome:
    """A reminder is never risked twice; words and answers are better said twice than lost."""
    if row.delivery is DeliveryClass.REMINDER:
        return Outcome(row.outbox_id, OutboxStatus.UNKNOWN, error="no readable answer")
    again = _again(row, now + _patience(row), "no readable answer")
    return Outcome(
        again.outbox_id, again.status, error=again.error, retry_at=again.retry_at, repeat=True
    )


def _patience(row: OutboxRow, longest: int = _LONGEST_RETRY) -> timedelta:
    """Longer each time; a line that was down is tried again soon, for nothing was sent on it."""
    return timedelta(seconds=min(_SHORTEST_RETRY * 2 ** min(row.attempts, 8), longest))
