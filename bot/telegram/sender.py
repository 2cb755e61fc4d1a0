"""Empties the outbox at the speed Telegram allows, and writes down what became of every row.

Rows are marked before they leave and recorded after, each in batches. So a kill leaves only what
was on the wire in doubt, and that is settled by the promise of each row's delivery class.
"""

import asyncio
import time
from collections import deque
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import Any, TypeVar, cast

import structlog
from aiogram import Bot
from aiogram.exceptions import TelegramBadRequest, TelegramNotFound, TelegramRetryAfter
from aiogram.methods import SendMessage, TelegramMethod
from aiogram.types import ForumTopic, Message
from aiohttp import ClientTimeout

from bot.alarms import Alarms
from bot.clock import Clock
from bot.errors import NotAvailable
from bot.health import Health
from bot.services import sending
from bot.services.office import Office
from bot.services.sending import Batch
from bot.telegram.connection import QuickBot
from bot.telegram.limiter import Departure, Limiter
from bot.telegram.methods import method_for
from bot.telegram.outcomes import edit_is_gone, outcome_of, refused, topic_is_gone
from bot.telegram.plain_text import plain_text
from bot.uncollected import uncollected
from bot.waiting import news_or
from storage.engine import Storage
from storage.errors import StorageUnavailable
from storage.outbox import BLOCKED, Outcome
from storage.records import OutboxRow, OutboxStatus
from storage.topics import CREATE, RENAME

log = structlog.get_logger(__name__)

_IN_FLIGHT = 30
_TOGETHER = 20
"""So many places have to be free before more is claimed: a transaction a message is no speed."""
_PATIENCE_SECONDS = 0.05
# aiogram hands it on to aiohttp as it is. The time for connecting has its own limit, because a
# connection that was never made is certain and everything later is not.
_CALL_TIME = ClientTimeout(total=30, sock_connect=10)
_AIOGRAMS_TIME = cast(int, _CALL_TIME)
_PAUSE_SECONDS = 0.5
_NO_ROOM_SECONDS = 0.02
_AWAY_SECONDS = 1.0
_LATER_SECONDS = 0.005
_RECORDED_TOGETHER = 200
_GATHERED_SECONDS = 0.01
_TAKEN_ALONG_SECONDS = 0.08
_AWAY = (StorageUnavailable, NotAvailable)

Sent = tuple[OutboxRow, Outcome]
Result = TypeVar("Result")


class Sender:
    """Runs until stopped; `stop` lets what is on the wire arrive and be recorded."""

    def __init__(
        self,
        bot: Bot,
        storage: Storage,
        clock: Clock,
        office: Office,
        health: Health,
        alarms: Alarms,
        *,
        worker: str,
        limiter: Limiter | None = None,
    ) -> None:
        self._bot = bot
        self._quick = bot if isinstance(bot, QuickBot) else None
        self._storage = storage
        self._clock = clock
        self._office = office
        self._health = health
        self._alarms = alarms
        self._worker = worker
        self._limiter = limiter or Limiter(others=not storage.is_sqlite)
        self._news = storage.listen("outbox")
        self._done: deque[Sent] = deque()
        self._some_done = asyncio.Event()
        self._words_done = asyncio.Event()
        self._all_landed = False
        self._marking = self._more = False
        self._flying = 0
        self._landed = asyncio.Event()
        self._quiet_until = 0.0
        self._stopping = False

    async def run(self) -> None:
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._record_all())
            async with asyncio.TaskGroup() as calls:
                while not self._stopping:
                    self._news.clear()
                    if not await self._round(calls):
                        await news_or(self._rest(), self._news)
            self._all_landed = True
            self._some_done.set()

    def stop(self) -> None:
        """Start nothing new; `run` returns when everything on the wire is recorded."""
        self._stopping = True
        self._news.set()

    def _rest(self) -> float:
        """Until it is worth asking again: when the wait Telegram asked for is over, or soon."""
        quiet = self._quiet_until - time.monotonic()
        return min(quiet, _PAUSE_SECONDS) if quiet > 0 else _PAUSE_SECONDS

    async def _round(self, calls: asyncio.TaskGroup) -> int:
        if _IN_FLIGHT - self._flying < _TOGETHER:
            await news_or(_PATIENCE_SECONDS, self._landed)
        free, room = _IN_FLIGHT - self._flying, self._limiter.room()
        only_words = room <= 0
        limit = min(free, self._limiter.room_for_words() if only_words else room)
        if limit <= 0 or (only_words and not await self._somebody_waits()):
            await news_or(_NO_ROOM_SECONDS, self._news)
            return 1
        self._marking = True
        try:
            batch = await self._next_batch(limit, only_words=only_words)
        finally:
            self._marking = False
        self._more = len(batch.ready) == limit
        for what in batch.withheld:
            self._alarms.ring("withheld", what)
        self._landed.clear()
        if not all(row.automated for row in batch.ready):
            self._limiter.somebody_talks()
        departures = self._limiter.departures(row.chat_id for row in batch.ready)
        for row, departure in zip(batch.ready, departures, strict=True):
            if not row.automated:
                self._limiter.hurry(departure)
            self._flying += 1
            calls.create_task(self._send(row, departure))
        return len(batch.ready)

    async def _somebody_waits(self) -> bool:
        """A look that costs next to nothing, while what the bot starts has no place."""
        try:
            now = await self._clock.now()
            async with self._storage.reading() as tx:
                return await sending.somebody_waits(tx, now)
        except _AWAY:
            return False  # the next batch says so, and it is soon

    async def _next_batch(self, limit: int, *, only_words: bool) -> Batch:
        done = self._taken() if self._storage.is_sqlite else []
        try:
            batch = await self._marked(limit, done, only_words=only_words)
        except _AWAY as error:
            self._health.sender_fault = str(error)
            log.warning("nothing can be sent", reason=str(error))
        except Exception as error:  # ending here would only repeat it after each restart
            if self._health.sender_fault is None:
                self._alarms.ring("sender", f"the next messages: {type(error).__name__}")
            self._health.sender_fault = f"the next messages cannot be read: {type(error).__name__}"
            log.exception("nothing can be sent")
        else:
            self._health.sender_fault = None
            return batch
        if done:
            await self._record(done)
        return Batch(())

    async def _marked(self, limit: int, done: list[Sent], *, only_words: bool) -> Batch:
        """The next rows, durably on the wire. What has landed meanwhile is recorded with them:
        SQLite has one writer, and each time it writes to the disk costs as much as three messages.
        """
        now = await self._clock.now()
        async with self._storage.transaction(at_once=True) as tx:
            with uncollected():
                if done:
                    await sending.record(tx, self._office, done, self._worker, now)
                batch = await sending.next_batch(
                    tx,
                    self._office,
                    self._worker,
                    now,
                    limit=limit,
                    pace=self._limiter,
                    only_words=only_words,
                )
        if batch.quiet_until is not None:  # another process was asked, or the one before this
            self._be_quiet((batch.quiet_until - now).total_seconds())
        return batch

    def _be_quiet(self, seconds: float) -> None:
        """A little longer than the database says: to ask too early is to ask again much later."""
        self._quiet_until = max(self._quiet_until, time.monotonic() + seconds + _LATER_SECONDS)

    async def _send(self, row: OutboxRow, departure: Departure) -> None:
        try:
            outcome = await self._outcome(row, departure)
        finally:
            self._land()
        # A borrower may block us. Staff who cannot be reached, or the board, is somebody's task.
        blocked = outcome.error == BLOCKED and row.borrower_id is not None
        # A chat need not have topics, nor keep one: its cases are in the plain chat then.
        comfort = row.method in (CREATE, RENAME)
        if outcome.status is OutboxStatus.FAILED and not blocked and not comfort:
            self._alarms.ring("refused", f"message {row.outbox_id}: {outcome.error}")
        if outcome.moved_to is not None:
            told = f"the group {row.chat_id} is {outcome.moved_to} now: set BOARD_CHAT_ID to that"
            self._alarms.ring("group_moved", told)
        if outcome.status is not OutboxStatus.SENT:
            log.warning("not sent", row=row.outbox_id, outcome=outcome.error)
        self._done.append((row, outcome))
        self._some_done.set()
        if not row.automated:
            self._words_done.set()

    def _land(self) -> None:
        self._flying -= 1
        if _IN_FLIGHT - self._flying >= _TOGETHER:
            self._landed.set()

    async def _outcome(self, row: OutboxRow, departure: Departure) -> Outcome:
        try:
            method = self._plain(row) or await self._method(row)
        except Exception as error:  # a payload that is no message: it never left this machine
            return refused(row, error)
        if departure.at > time.monotonic():
            await self._its_time(departure)
        self._limiter.leaves(departure)
        if row.automated and (rest := self._quiet_until - time.monotonic()) > 0:
            again = await self._now() + timedelta(seconds=rest)
            return Outcome(row.outbox_id, OutboxStatus.QUEUED, error="429", retry_at=again)
        try:
            number = await self._call(row, method)
        except Exception as error:  # an unforeseen fault of one row must not stop the others
            if isinstance(error, TelegramRetryAfter):
                await self._pause(row, error.retry_after)
            return outcome_of(row, error, await self._now())
        return Outcome(row.outbox_id, OutboxStatus.SENT, message_id=number)

    async def _its_time(self, departure: Departure) -> None:
        """Wait for it. Somebody's words may take it meanwhile, and leave a later one."""
        await asyncio.sleep(departure.at - time.monotonic())
        if departure.at > time.monotonic():
            await self._its_time(departure)

    def _plain(self, row: OutboxRow) -> bytes | None:
        if self._quick is None:
            return None
        return plain_text(row, paid=self._limiter.is_paid and row.automated)

    async def _method(self, row: OutboxRow) -> TelegramMethod[Any]:
        if "paper" in row.payload or "picture" in row.payload:
            return await asyncio.to_thread(method_for, row)
        method = method_for(row)
        if self._limiter.is_paid and row.automated and isinstance(method, SendMessage):
            return method.model_copy(update={"allow_paid_broadcast": True})
        return method

    async def _call(self, row: OutboxRow, method: TelegramMethod[Any] | bytes) -> int | None:
        """The number of the message there is now."""
        if self._quick is not None and isinstance(method, bytes):
            return await self._quick.say(method, _CALL_TIME, lambda: method_for(row))
        assert isinstance(method, TelegramMethod), "only a bot of ours takes a text as it is"
        return _message_id(row, await self._answer(row, method))

    async def _answer(self, row: OutboxRow, method: TelegramMethod[Any]) -> Any:
        try:
            return await self._bot(method, request_timeout=_AIOGRAMS_TIME)
        except (TelegramBadRequest, TelegramNotFound) as error:
            if "picture" in row.payload:  # it was refused, and its caption says the same
                log.warning("said without its picture", row=row.outbox_id, reason=error.message)
                in_words = method_for(row, in_words=True)
                return await self._bot(in_words, request_timeout=_AIOGRAMS_TIME)
            if topic_is_gone(error) and "thread" in row.payload and "of_case" not in row.payload:
                plainly = {name: said for name, said in row.payload.items() if name != "thread"}
                in_the_chat = method_for(row._replace(payload=plainly))
                return await self._bot(in_the_chat, request_timeout=_AIOGRAMS_TIME)
            if not edit_is_gone(error):
                raise
            return await self._bot(method_for(row, anew=True), request_timeout=_AIOGRAMS_TIME)

    async def _pause(self, row: OutboxRow, seconds: int) -> None:
        """In this process at once, in every other as soon as the database has it."""
        self._be_quiet(seconds)
        until = await self._now() + timedelta(seconds=seconds)
        self._be_quiet(seconds)

        async def write() -> None:
            async with self._storage.transaction() as tx:
                await sending.pause(tx, row.chat_id, until)

        await self._until_done(write)

    async def _now(self) -> datetime:
        return await self._until_done(self._clock.now)

    async def _record_all(self) -> None:
        """What no batch takes along soon. A chat's next answer waits for the one before."""
        while self._done or not self._all_landed:
            await self._some_done.wait()
            if self._storage.is_sqlite and (self._more or self._marking):  # taken along by that
                await news_or(_TAKEN_ALONG_SECONDS, self._words_done)
            elif self._flying:  # more is landing at this very moment
                await news_or(_GATHERED_SECONDS, self._words_done)
            while together := self._taken():
                await self._record(together)

    def _taken(self) -> list[Sent]:
        """Outcomes to record, so many as one transaction should have."""
        some = min(len(self._done), _RECORDED_TOGETHER)
        taken = [self._done.popleft() for _ in range(some)]
        if not self._done:
            self._some_done.clear()
            self._words_done.clear()
        return taken

    async def _record(self, together: list[Sent]) -> None:
        """What a row leads to must not keep others, nor the row itself, from being recorded."""
        try:
            await self._until_done(lambda: self._write(together))
        except Exception as error:
            if len(together) > 1:
                for one in together:
                    await self._record([one])
                return
            ((row, outcome),) = together
            log.exception("only the bare outcome is recorded", row=row.outbox_id)
            self._alarms.ring("record", f"message {row.outbox_id}: {type(error).__name__}")
            bare = row._replace(borrower_id=None, case_id=None)
            await self._until_done(lambda: self._write([(bare, outcome)]))

    async def _write(self, together: list[Sent]) -> None:
        now = await self._clock.now()
        async with self._storage.transaction(at_once=True) as tx:
            await sending.record(tx, self._office, together, self._worker, now)
        self._news.set()  # what waits behind these in their chats may go now

    async def _until_done(self, act: Callable[[], Awaitable[Result]]) -> Result:
        """Try as long as the database or the clock is away: without it a row would be in doubt."""
        while True:
            try:
                done = await act()
            except _AWAY as error:
                self._health.outcomes_fault = str(error)
                log.warning("outcomes wait to be recorded", reason=str(error))
                await asyncio.sleep(_AWAY_SECONDS)
            else:
                self._health.outcomes_fault = None
                return done


def _message_id(row: OutboxRow, answer: Any) -> int | None:
    if isinstance(answer, Message):
        return answer.message_id
    if isinstance(answer, ForumTopic):
        return answer.message_thread_id
    return row.payload.get("message_id")
