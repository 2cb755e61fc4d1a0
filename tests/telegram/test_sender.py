"""The sender against a Telegram that misbehaves and a database that goes away."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from aiogram.exceptions import (
    TelegramBadRequest,
    TelegramForbiddenError,
    TelegramNotFound,
    TelegramRetryAfter,
)
from aiogram.methods import SendMessage, SendPhoto, TelegramMethod
from aiogram.types import Chat, Message

from bot.alarms import Alarms
from bot.health import Health
from bot.services import sending
from bot.telegram.limiter import Limiter
from bot.telegram.sender import Sender
from storage.engine import Storage
from storage.errors import StorageUnavailable
from storage.outbox import EVERYTHING, pauses
from storage.records import ContactKind, OutboxId
from tests.storage.stage import answer, put, row
from tests.telegram.conversation import Town

CALL = SendMessage(chat_id=7, text="hello")


class RealClock:
    async def now(self) -> datetime:
        return datetime.now(UTC)

    async def close(self) -> None:
        return None


class Telegram:
    """Answers each call with the next of `faults` for its chat, then with a message."""

    def __init__(self) -> None:
        self.faults: dict[int, list[Exception]] = {}
        self.calls: list[TelegramMethod[Any]] = []
        self.slow = 0.0
        self.slow_for: dict[int, float] = {}

    async def __call__(self, method: TelegramMethod[Any], request_timeout: object = None) -> Any:
        self.calls.append(method)
        chat_id = _chat_of(method)
        await asyncio.sleep(self.slow_for.get(chat_id, self.slow))
        if waiting := self.faults.get(chat_id):
            raise waiting.pop(0)
        chat = Chat(id=chat_id, type="private")
        return Message(message_id=len(self.calls), date=datetime.now(UTC), chat=chat)

    def chats(self) -> list[int]:
        return [_chat_of(method) for method in self.calls]

    def said(self) -> list[SendMessage]:
        return [method for method in self.calls if isinstance(method, SendMessage)]


def _chat_of(method: TelegramMethod[Any]) -> int:
    return int(dict(method)["chat_id"])


class Office:
    """A sender at work on a database of its own."""

    def __init__(self, storage: Storage, limiter: Limiter | None = None) -> None:
        self.storage = storage
        self.town = Town(storage, now=datetime.now(UTC))
        self.telegram = Telegram()
        self.health = Health()
        alarms = Alarms(storage, RealClock(), self.town.office, self.health)
        self.sender = Sender(
            self.telegram,  # type: ignore[arg-type]  # it is called as a bot is, and no more
            storage,
            RealClock(),
            self.town.office,
            self.health,
            alarms,
            worker="test:1",
            limiter=limiter,
        )

    @asynccontextmanager
    async def at_work(self) -> AsyncIterator[None]:
        async with asyncio.TaskGroup() as tasks:
            running = tasks.create_task(self.sender.run())
            try:
                yield
            finally:
                self.sender.stop()
                with suppress(TimeoutError):
                    async with asyncio.timeout(5):
                        await asyncio.shield(running)
                running.cancel()

    async def becomes(self, outbox_id: OutboxId, status: str) -> Any:
        async with asyncio.timeout(10):
            while (found := await row(self.storage, outbox_id)).status != status:
                await asyncio.sleep(0.02)
        return found


@pytest.fixture
async def office(sqlite_url: str) -> AsyncIterator[Office]:
    storage = Storage.open(sqlite_url)
    yield Office(storage)
    await storage.close()


async def test_what_is_sent_is_recorded_with_its_message(office: Office) -> None:
    (first,) = await put(office.storage, _to_staff(7))
    async with office.at_work():
        assert (await office.becomes(first, "sent")).message_id == 1


async def test_above_what_is_free_only_what_the_bot_starts_may_be_charged_for(
    sqlite_url: str,
) -> None:
    storage = Storage.open(sqlite_url)
    office = Office(storage, Limiter(100))
    anna = await office.town.borrower("B1", "Anna")
    told, thanked = await put(storage, _to_staff(7), _thanks(anna))
    async with office.at_work():
        await office.becomes(told, "sent")
        await office.becomes(thanked, "sent")
    paid = {call.chat_id: call.allow_paid_broadcast for call in office.telegram.said()}
    assert paid[7] is not True
    assert paid[anna.telegram_id] is True
    await storage.close()


async def test_stopping_waits_for_what_is_on_the_wire(office: Office) -> None:
    office.telegram.slow = 0.5
    (first,) = await put(office.storage, _to_staff(7))
    async with office.at_work():
        await office.becomes(first, "sending")
    assert (await row(office.storage, first)).status == "sent"


async def test_the_second_answer_of_a_chat_follows_as_soon_as_the_first_is_recorded(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.telegram.sender._PAUSE_SECONDS", 60)
    ids = await put(office.storage, *(_to_staff(7) for _ in range(3)))
    async with office.at_work():
        for one in ids:
            await office.becomes(one, "sent")


@pytest.mark.parametrize("batch_fails", [False, True])
async def test_what_landed_is_recorded_with_the_next_batch_and_also_when_that_fails(
    office: Office, monkeypatch: pytest.MonkeyPatch, batch_fails: bool
) -> None:
    monkeypatch.setattr("bot.telegram.sender._GATHERED_SECONDS", 60)
    monkeypatch.setattr("bot.telegram.sender._TAKEN_ALONG_SECONDS", 60)
    office.telegram.slow_for[8] = 1
    quick, slow = await put(office.storage, _started(7), _started(8))

    async def fail(*_: object, **__: object) -> sending.Batch:
        raise RuntimeError

    running = asyncio.create_task(office.sender.run())
    await office.becomes(slow, "sending")
    if batch_fails:
        monkeypatch.setattr(sending, "next_batch", fail)
    await asyncio.sleep(0.1)
    assert (await row(office.storage, quick)).status == "sending"
    await put(office.storage, _to_staff(9))
    await office.becomes(quick, "sent")
    assert (await row(office.storage, slow)).status == "sending"
    running.cancel()
    with suppress(asyncio.CancelledError):
        await running


async def test_somebodys_words_are_recorded_as_soon_as_they_landed(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.telegram.sender._GATHERED_SECONDS", 60)
    monkeypatch.setattr("bot.telegram.sender._TAKEN_ALONG_SECONDS", 60)
    office.telegram.slow_for[8] = 0.3
    started, words = await put(office.storage, _started(7), _to_staff(8))
    async with office.at_work():
        await office.becomes(words, "sent")
        assert (await row(office.storage, started)).status == "sent"


async def test_words_find_a_place_while_what_the_bot_starts_has_none(
    sqlite_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    storage = Storage.open(sqlite_url)
    limiter = Limiter()
    monkeypatch.setattr(limiter, "room", lambda: 0)
    office = Office(storage, limiter)
    (started,) = await put(storage, _started(7))
    async with office.at_work():
        await asyncio.sleep(0.1)
        (words,) = await put(storage, _to_staff(8))
        await office.becomes(words, "sent")
    assert (await row(storage, started)).status == "queued"
    await storage.close()


async def test_a_silence_that_somebody_else_was_asked_for_ends_when_it_is_over(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.telegram.sender._PAUSE_SECONDS", 60)
    anna = await office.town.borrower("B1", "Anna")
    over = datetime.now(UTC) + timedelta(seconds=0.4)
    async with office.storage.transaction() as tx:
        await sending.pause(tx, 99, over)
    (thanked,) = await put(office.storage, _thanks(anna))
    async with office.at_work():
        sent = await office.becomes(thanked, "sent")
    assert sent.marked_at >= over


async def test_a_payload_that_is_no_message_fails_alone_and_rings(office: Office) -> None:
    bad, good = await put(office.storage, _to_staff(7, method="sendPigeon"), _to_staff(8))
    async with office.at_work():
        await office.becomes(good, "sent")
        assert (await office.becomes(bad, "failed")).error == "ValueError"
    assert office.health.alarms == {"refused": 1}


async def test_a_refusal_of_telegram_is_kept_with_its_words_and_rings(office: Office) -> None:
    office.telegram.faults[7] = [TelegramBadRequest(CALL, "Bad Request: chat not found")]
    (bad,) = await put(office.storage, _to_staff(7))
    async with office.at_work():
        assert "chat not found" in (await office.becomes(bad, "failed")).error
    assert office.health.alarms == {"refused": 1}


async def test_staff_who_cannot_be_reached_ring_and_a_borrower_who_blocked_us_does_not(
    office: Office,
) -> None:
    anna = await office.town.borrower("B1", "Anna")
    for chat in (7, anna.telegram_id):
        office.telegram.faults[chat] = [TelegramForbiddenError(CALL, "bot was blocked")]
    told, theirs = await put(office.storage, _to_staff(7), _to_borrower(anna))
    async with office.at_work():
        await office.becomes(told, "failed")
        await office.becomes(theirs, "failed")
    assert office.health.alarms == {"refused": 1}


async def test_an_answer_in_a_topic_that_is_gone_is_said_in_the_plain_chat(office: Office) -> None:
    office.telegram.faults[7] = [TelegramBadRequest(CALL, "Bad Request: message thread not found")]
    (first,) = await put(office.storage, _to_staff(7, payload={"text": "hello", "thread": 5}))
    async with office.at_work():
        await office.becomes(first, "sent")
    assert [call.message_thread_id for call in office.telegram.said()] == [5, None]


async def test_a_topic_that_telegram_does_not_make_rings_nobody(office: Office) -> None:
    office.telegram.faults[7] = [TelegramBadRequest(CALL, "Bad Request: the chat is not a forum")]
    topic = _to_staff(7, method="createForumTopic", payload={"name": "#1"})
    (first,) = await put(office.storage, topic)
    async with office.at_work():
        await office.becomes(first, "failed")
    assert office.health.alarms == {}


async def test_a_redraw_of_a_message_that_is_gone_is_said_anew(office: Office) -> None:
    office.telegram.faults[7] = [
        TelegramBadRequest(CALL, "Bad Request: there is no text in the message to edit")
    ]
    redraw = _to_staff(7, method="editMessageText", payload={"text": "now", "message_id": 5})
    (first,) = await put(office.storage, redraw)
    async with office.at_work():
        assert (await office.becomes(first, "sent")).message_id == 2
    assert [type(call).__name__ for call in office.telegram.calls] == [
        "EditMessageText",
        "SendMessage",
    ]


@pytest.mark.parametrize(
    "refusal",
    [
        TelegramNotFound(CALL, "Not Found"),
        TelegramBadRequest(CALL, "Bad Request: PHOTO_INVALID_DIMENSIONS"),
    ],
)
async def test_a_picture_that_is_refused_is_said_in_words(
    office: Office, refusal: Exception
) -> None:
    office.telegram.faults[7] = [refusal]
    words = dict.fromkeys(("sender", "counted", "money", "left", "next"), "1 of 3")
    content = {**words, "language": "en", "share": 0.3, "parts": []}
    picture = {"template": "progress", "content": content}
    (first,) = await put(
        office.storage,
        _to_staff(7, method="sendPhoto", payload={"caption": "1 of 3", "picture": picture}),
    )
    async with office.at_work():
        assert (await office.becomes(first, "sent")).message_id == 2
    photo, in_words = office.telegram.calls
    assert isinstance(photo, SendPhoto)
    assert isinstance(in_words, SendMessage)
    assert in_words.text == "1 of 3"
    assert not office.health.alarms


async def test_after_a_wait_was_asked_for_nothing_automated_starts_even_if_it_was_marked(
    office: Office,
) -> None:
    """The database learns of it a moment later; this process must not use that moment."""
    anna, ben = [await office.town.borrower(ref, "Somebody") for ref in ("B1", "B2")]
    office.telegram.faults[anna.telegram_id] = [TelegramRetryAfter(CALL, "Too Many", 2)]
    (first,) = await put(office.storage, _thanks(anna))
    async with office.at_work():
        await office.becomes(first, "queued")
        asked = datetime.now(UTC)
        second, reply = await put(office.storage, _thanks(ben), _to_staff(9))
        await office.becomes(reply, "sent")
        sent = (await office.becomes(second, "sent")).status_at
        await office.becomes(first, "sent")
    assert (sent - asked).total_seconds() > 1.5
    async with office.storage.reading() as tx:
        assert EVERYTHING not in await pauses(tx, datetime.now(UTC))


async def test_outcomes_wait_for_a_database_that_is_away(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    away = True
    record = sending.record

    async def sometimes(*given: Any) -> None:
        if away:
            raise StorageUnavailable("locked")
        await record(*given)

    monkeypatch.setattr(sending, "record", sometimes)
    monkeypatch.setattr("bot.telegram.sender._AWAY_SECONDS", 0.05)
    (first,) = await put(office.storage, _to_staff(7))
    async with office.at_work():
        async with asyncio.timeout(5):
            while "outcomes" not in office.health.faults():
                await asyncio.sleep(0.02)
        assert (await row(office.storage, first)).status == "sending"
        away = False
        await office.becomes(first, "sent")
    assert office.telegram.chats() == [7], "it was not sent again"


async def test_what_a_message_leads_to_may_fail_without_the_message_being_sent_again(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def broken(*_given: Any, **_how: Any) -> None:
        raise KeyError("a mistake of ours")

    monkeypatch.setattr("bot.services.sending.cases.add_sent", broken)
    anna = await office.town.borrower("B1", "Anna")
    bad, good = await put(office.storage, _to_borrower(anna), _to_staff(8))
    async with office.at_work():
        await office.becomes(bad, "sent")
        await office.becomes(good, "sent")
    assert sorted(office.telegram.chats()) == sorted([anna.telegram_id, 8])
    assert office.health.alarms == {"record": 1}


async def test_a_batch_that_cannot_be_read_is_said_and_does_not_end_the_process(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    next_batch = sending.next_batch
    broken = True

    async def sometimes(*given: Any, **how: Any) -> Any:
        if broken:
            raise KeyError("a mistake of ours")
        return await next_batch(*given, **how)

    monkeypatch.setattr(sending, "next_batch", sometimes)
    (first,) = await put(office.storage, _to_staff(7))
    async with office.at_work():
        async with asyncio.timeout(5):
            while "sender" not in office.health.faults():
                await asyncio.sleep(0.02)
        assert office.health.alarms == {"sender": 1}
        broken = False
        await office.becomes(first, "sent")
        assert "sender" not in office.health.faults()


def _to_staff(chat_id: int, **how: Any) -> Any:
    """No contact of a borrower, so nothing is judged."""
    return replace(answer(chat_id, **how), kind=None, not_before=datetime.now(UTC))


def _to_borrower(borrower: Any) -> Any:
    """A contact that no rule of hours holds back, whenever these tests are run."""
    message = answer(borrower.telegram_id, borrower_id=borrower.borrower_id)
    return replace(message, kind=ContactKind.SAFETY)


def _thanks(borrower: Any) -> Any:
    return _started(borrower.telegram_id)


def _started(chat_id: int) -> Any:
    """Automated, and about nobody's facts, so that it is allowed at any hour of the day."""
    return replace(_to_staff(chat_id), kind=ContactKind.THANKS)
