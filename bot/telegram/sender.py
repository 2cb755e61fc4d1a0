"""Empties the outbox at the speed Telegram allows, and writes down what became of every row.

Rows are marked before they leave and recorded after, each in batches. So a kill leaves only what
was on the wire in doubt, and that is settled by the promise of each row's delivery class.
"""

import asyncio
from datetime import timedelta
from typing import Any

import structlog
from aiogram import Bot
from aiogram.exceptions import TelegramBadRequest, TelegramRetryAfter
from aiogram.types import Message

from bot.alarms import Alarms
from bot.clock import Clock
from bot.errors import NotAvailable
from bot.health import Health
from bot.services import sending
from bot.services.office import Office
from bot.telegram.limiter import Limiter
from bot.telegram.methods import method_for
from bot.telegram.outcomes import edit_is_gone, outcome_of
from bot.waiting import news_or
from storage.engine import Storage
from storage.errors import StorageUnavailable
from storage.outbox import Outcome
from storage.records import OutboxRow, OutboxStatus

log = structlog.get_logger(__name__)

_IN_FLIGHT = 30
_CALL_SECONDS = 30
_PAUSE_SECONDS = 0.5
_RECORDED_TOGETHER = 200


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
    ) -> None:
        self._bot = bot
        self._storage = storage
        self._clock = clock
        self._office = office
        self._health = health
        self._alarms = alarms
        self._worker = worker
        self._limiter = Limiter()
        self._news = storage.listen("outbox")
        self._done: asyncio.Queue[tuple[OutboxRow, Outcome]] = asyncio.Queue()
        self._flying = 0
        self._stopping = False

    async def run(self) -> None:
        async with asyncio.TaskGroup() as tasks:
            recorder = tasks.create_task(self._record_all())
            async with asyncio.TaskGroup() as calls:
                while not self._stopping:
                    self._news.clear()
                    if not await self._round(calls):
                        await news_or(_PAUSE_SECONDS, self._news)
            await self._done.join()
            recorder.cancel()

    def stop(self) -> None:
        """Start nothing new; `run` returns when everything on the wire is recorded."""
        self._stopping = True
        self._news.set()

    async def _round(self, calls: asyncio.TaskGroup) -> int:
        limit = min(_IN_FLIGHT - self._flying, self._limiter.room())
        if limit <= 0:
            await asyncio.sleep(0.02)
            return 1
        try:
            now = await self._clock.now()
            async with self._storage.transaction() as tx:
                batch = await sending.next_batch(
                    tx, self._office, self._worker, now, limit=limit, wait=self._limiter.wait
                )
        except (StorageUnavailable, NotAvailable) as error:
            self._health.sender_fault = str(error)
            log.warning("nothing can be sent", reason=str(error))
            return 0
        self._health.sender_fault = None
        for what in batch.withheld:
            self._alarms.ring("withheld", what)
        for row in batch.ready:
            self._flying += 1
            calls.create_task(self._send(row))
        return len(batch.ready)

    async def _send(self, row: OutboxRow) -> None:
        try:
            outcome = await self._call(row)
        except Exception as error:  # an unforeseen fault of one row must not stop the others
            if isinstance(error, TelegramRetryAfter):
                await self._pause(row, error.retry_after)
            outcome = outcome_of(row, error, await self._clock.now())
            if outcome.status is not OutboxStatus.SENT:
                log.warning("not sent", row=row.outbox_id, outcome=outcome.error)
        finally:
            self._flying -= 1
        self._done.put_nowait((row, outcome))

    async def _call(self, row: OutboxRow) -> Outcome:
        try:
            answer = await self._bot(method_for(row), request_timeout=_CALL_SECONDS)
        except TelegramBadRequest as error:
            if not edit_is_gone(error):
                raise
            answer = await self._bot(method_for(row, anew=True), request_timeout=_CALL_SECONDS)
        return Outcome(row.outbox_id, OutboxStatus.SENT, message_id=_message_id(row, answer))

    async def _pause(self, row: OutboxRow, seconds: int) -> None:
        until = await self._clock.now() + timedelta(seconds=seconds)
        async with self._storage.transaction() as tx:
            await sending.pause(tx, row.chat_id, until)

    async def _record_all(self) -> None:
        while True:
            together = [await self._done.get()]
            while len(together) < _RECORDED_TOGETHER and not self._done.empty():
                together.append(self._done.get_nowait())
            await self._record(together)
            for _ in together:
                self._done.task_done()

    async def _record(self, together: list[tuple[OutboxRow, Outcome]]) -> None:
        """Tries until it is written: without the record a row would be in doubt."""
        while True:
            try:
                now = await self._clock.now()
                async with self._storage.transaction() as tx:
                    await sending.record(tx, self._office, together, self._worker, now)
                return
            except (StorageUnavailable, NotAvailable) as error:
                self._health.sender_fault = str(error)
                log.warning("outcomes wait to be recorded", reason=str(error), rows=len(together))
                await asyncio.sleep(1)


def _message_id(row: OutboxRow, answer: Any) -> int | None:
    if isinstance(answer, Message):
        return answer.message_id
    return row.payload.get("message_id")
