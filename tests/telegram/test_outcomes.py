"""What became of a call, by its cause: what may be tried again, and what must never be."""

from datetime import timedelta

import aiohttp
import pytest
from aiogram.exceptions import (
    ClientDecodeError,
    TelegramBadRequest,
    TelegramEntityTooLarge,
    TelegramForbiddenError,
    TelegramMigrateToChat,
    TelegramNetworkError,
    TelegramNotFound,
    TelegramRetryAfter,
    TelegramServerError,
    TelegramUnauthorizedError,
)
from aiogram.methods import SendMessage
from aiohttp.client_reqrep import ConnectionKey

from bot.telegram.methods import method_for
from bot.telegram.outcomes import outcome_of, refused, said_plainly
from storage.outbox import BLOCKED
from storage.records import ContactKind, DeliveryClass, OutboxId, OutboxRow, OutboxStatus
from tests.storage.stage import NOW, later

CALL = SendMessage(chat_id=7, text="hello")
HOST = ConnectionKey("api.telegram.org", 443, True, True, None, None, None)
REMINDER = OutboxRow(
    OutboxId(1), "key", 7, DeliveryClass.REMINDER, "sendMessage", {"text": "hello"}, "system",
    ContactKind.OVERDUE, None, None, None, True, 2, 1, OutboxStatus.SENDING,
)  # fmt: skip
ANSWER = REMINDER._replace(delivery=DeliveryClass.ANSWER, kind=ContactKind.REPLY, lane=0)
WORDS = REMINDER._replace(delivery=DeliveryClass.WORDS, kind=ContactKind.STAFF, lane=1)


def network_fault(cause: Exception) -> TelegramNetworkError:
    """As aiogram raises it: one class for all, the cause behind it."""
    error = TelegramNetworkError(CALL, str(cause))
    error.__cause__ = cause
    return error


NEVER_LEFT = [
    aiohttp.ClientConnectorError(HOST, ConnectionRefusedError(111, "refused")),
    aiohttp.ClientConnectorDNSError(HOST, OSError(-2, "no such name")),
    aiohttp.ConnectionTimeoutError("no connection within ten seconds"),
    ConnectionRefusedError(111, "refused"),
]
MAY_HAVE_ARRIVED = [
    aiohttp.ServerDisconnectedError(),
    aiohttp.ClientOSError(104, "reset by peer"),
    aiohttp.ClientPayloadError("cut off"),
    aiohttp.SocketTimeoutError("no answer"),
    TimeoutError(),
]


@pytest.mark.parametrize("cause", NEVER_LEFT, ids=lambda cause: type(cause).__name__)
@pytest.mark.parametrize("row", [REMINDER, ANSWER, WORDS], ids=lambda row: row.delivery)
def test_what_never_left_is_tried_again_and_is_no_repeat(row: OutboxRow, cause: Exception) -> None:
    outcome = outcome_of(row, network_fault(cause), NOW)
    assert outcome.status is OutboxStatus.QUEUED
    assert outcome.retry_at is not None
    assert outcome.retry_at > NOW
    assert not outcome.repeat


@pytest.mark.parametrize("cause", MAY_HAVE_ARRIVED, ids=lambda cause: type(cause).__name__)
def test_what_may_have_arrived_is_unknown_for_a_reminder(cause: Exception) -> None:
    outcome = outcome_of(REMINDER, network_fault(cause), NOW)
    assert (outcome.status, outcome.retry_at) == (OutboxStatus.UNKNOWN, None)


@pytest.mark.parametrize("cause", MAY_HAVE_ARRIVED, ids=lambda cause: type(cause).__name__)
@pytest.mark.parametrize("row", [ANSWER, WORDS], ids=lambda row: row.delivery)
def test_what_may_have_arrived_is_said_again_as_a_possible_repeat(
    row: OutboxRow, cause: Exception
) -> None:
    outcome = outcome_of(row, network_fault(cause), NOW)
    assert (outcome.status, outcome.repeat) == (OutboxStatus.QUEUED, True)


@pytest.mark.parametrize(
    "error",
    [
        ClientDecodeError("no JSON", ValueError(), "<html>"),
        UnicodeDecodeError("utf-8", b"\xff", 0, 1, "no text"),
        TypeError("'in <string>' requires string"),
    ],
    ids=lambda error: type(error).__name__,
)
def test_an_answer_nobody_can_read_leaves_it_open(error: Exception) -> None:
    assert outcome_of(REMINDER, error, NOW).status is OutboxStatus.UNKNOWN
    assert outcome_of(ANSWER, error, NOW).repeat


def test_telegrams_wait_is_kept_to_the_second() -> None:
    outcome = outcome_of(REMINDER, TelegramRetryAfter(CALL, "Too Many Requests", 37), NOW)
    assert (outcome.status, outcome.retry_at) == (OutboxStatus.QUEUED, later(seconds=37))


@pytest.mark.parametrize(
    "error",
    [TelegramServerError(CALL, "Bad Gateway"), TelegramUnauthorizedError(CALL, "Unauthorized")],
    ids=lambda error: type(error).__name__,
)
def test_a_fault_of_telegrams_own_is_waited_out_a_little_longer_each_time(
    error: Exception,
) -> None:
    waits = []
    for attempts in (1, 2, 3, 20):
        again = outcome_of(REMINDER._replace(attempts=attempts), error, NOW).retry_at
        assert again is not None
        waits.append(again - NOW)
    assert waits == sorted(waits)
    assert waits[-1] == timedelta(minutes=5)


def test_who_blocked_us_is_known_by_it() -> None:
    outcome = outcome_of(REMINDER, TelegramForbiddenError(CALL, "bot was blocked"), NOW)
    assert (outcome.status, outcome.error) == (OutboxStatus.FAILED, BLOCKED)


@pytest.mark.parametrize(
    "error",
    [
        TelegramBadRequest(CALL, "Bad Request: can't parse entities"),
        TelegramNotFound(CALL, "Not Found: method not found"),
        TelegramEntityTooLarge(CALL, "Request Entity Too Large"),
    ],
    ids=lambda error: type(error).__name__,
)
def test_our_own_fault_is_kept_and_never_tried_again(error: Exception) -> None:
    outcome = outcome_of(ANSWER, error, NOW)
    assert (outcome.status, outcome.retry_at) == (OutboxStatus.FAILED, None)
    assert type(error).__name__ in outcome.error


def test_a_group_with_another_number_is_written_to_there() -> None:
    outcome = outcome_of(ANSWER, TelegramMigrateToChat(CALL, "upgraded", -1002), NOW)
    assert (outcome.status, outcome.moved_to) == (OutboxStatus.QUEUED, -1002)
    again = ANSWER._replace(payload={"text": "hello", "moved_to": -1002})
    method = method_for(again)
    assert isinstance(method, SendMessage)
    assert method.chat_id == -1002
    lost = outcome_of(again, TelegramMigrateToChat(CALL, "upgraded", -1003), NOW)
    assert lost.status is OutboxStatus.FAILED


def test_a_redraw_that_changes_nothing_is_done() -> None:
    row = ANSWER._replace(method="editMessageText", payload={"text": "hello", "message_id": 55})
    error = TelegramBadRequest(CALL, "Bad Request: message is not modified: exactly the same")
    outcome = outcome_of(row, error, NOW)
    assert (outcome.status, outcome.message_id) == (OutboxStatus.SENT, 55)


def test_what_goes_wrong_before_the_call_is_ours_and_certain() -> None:
    outcome = refused(REMINDER, ValueError("no way to send sendPigeon to Wang Fang"))
    assert (outcome.status, outcome.error) == (OutboxStatus.FAILED, "ValueError")


def test_reasons_say_what_to_do_and_nothing_of_a_person() -> None:
    assert "check BOT_TOKEN" in said_plainly(TelegramUnauthorizedError(CALL, "Unauthorized"))
    assert said_plainly(network_fault(OSError("api.telegram.org"))) == "Telegram cannot be reached"
    assert said_plainly(KeyError("Wang Fang")) == "KeyError"
