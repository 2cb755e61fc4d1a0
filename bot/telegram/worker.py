"""Updates out of the inbox, in Telegram's order, each whole or not at all.

A crash before the commit leaves the update new and nothing done; after it, everything done. Several
that wait on SQLite share one commit, and each of them can be undone by itself. What cannot be read,
or fails again and again, becomes a dead letter and stops nobody else.
"""

from collections.abc import Sequence
from datetime import datetime
from time import perf_counter

import structlog

from bot.alarms import Alarms
from bot.clock import Clock
from bot.errors import NotAvailable, Refusal
from bot.health import Health
from bot.services import receiving
from bot.telegram.answers import Answers
from bot.telegram.dispatch import Dispatch
from bot.telegram.incoming import Incoming, Undecodable, decode
from bot.telegram.talk import Toast
from bot.waiting import news_or
from storage.engine import Storage, Transaction
from storage.errors import Conflict, StorageUnavailable
from storage.records import Received

log = structlog.get_logger(__name__)

_BATCH = 100
_TOGETHER_SECONDS = 0.05
"""Others that write wait so long at most for the updates that share a commit."""
_ATTEMPTS = 3
_PAUSE_SECONDS = 1.0
_AWAY = (StorageUnavailable, NotAvailable)
"""The database or the clock: no fault of the update, which is tried again when they are back."""


class Worker:
    """Handles until stopped; a cancelled update is simply not committed."""

    def __init__(
        self,
        storage: Storage,
        clock: Clock,
        dispatch: Dispatch,
        answers: Answers,
        health: Health,
        alarms: Alarms,
    ) -> None:
        self._storage = storage
        self._clock = clock
        self._dispatch = dispatch
        self._answers = answers
        self._health = health
        self._alarms = alarms
        self._news = storage.listen("inbox")
        self._stopping = False

    async def run(self) -> None:
        while not self._stopping:
            self._news.clear()
            try:
                handled = await self._round()
                self._health.inbox_fault = None
            except _AWAY as error:
                self._health.inbox_fault = str(error)
                log.warning("updates wait", reason=str(error))
                handled = 0
            if not handled and not self._stopping:
                await news_or(_PAUSE_SECONDS, self._news)

    async def _round(self) -> int:
        async with self._storage.reading() as tx:
            batch = await receiving.waiting(tx, after=-1, limit=_BATCH)
        done = 0
        while done < len(batch) and not self._stopping:
            together = await self._handle_together(batch[done:])
            if not together:
                await self.handle(batch[done])
            done += together or 1
        return len(batch)

    def stop(self) -> None:
        """Finish the update in hand, then `run` returns; the others stay in the inbox."""
        self._stopping = True
        self._news.set()

    async def _handle_together(self, batch: Sequence[Received]) -> int:
        """Handle the first of `batch` in one transaction; returns how many.

        The first that cannot be read or fails ends it, undone: it is handled alone. On PostgreSQL
        each is alone, for whoever holds several chats at once would wait in a ring with others.
        """
        if len(batch) == 1 or not self._storage.is_sqlite:
            return 0
        handled: list[tuple[Incoming | None, Toast | None]] = []
        now = await self._clock.now()
        ends = perf_counter() + _TOGETHER_SECONDS
        async with self._storage.transaction(at_once=True) as tx:
            for received in batch:
                if handled and (self._stopping or perf_counter() > ends):
                    break
                try:
                    incoming = decode(received.body)
                    handled.append((incoming, await self._in_part(tx, received, incoming, now)))
                except _AWAY:
                    raise
                except Exception as error:
                    if not tx.stands:
                        raise
                    log.info(
                        "handled alone", update_id=received.update_id, reason=type(error).__name__
                    )
                    break
        for incoming, toast in handled:
            self._answer(incoming, toast)
        return len(handled)

    async def _in_part(
        self, tx: Transaction, received: Received, incoming: Incoming | None, now: datetime
    ) -> Toast | None:
        try:
            async with tx.part():
                return await self._do(tx, received, incoming, now)
        except Refusal as refusal:
            async with tx.part():
                return await self._say_why_not(tx, received, incoming, refusal, now)

    async def handle(self, received: Received) -> None:
        """One update to its end: done, or dead with a reason."""
        try:
            incoming = decode(received.body)
        except Undecodable as error:
            await self._bury(received, str(error))
            return
        toast = None
        for attempt in range(received.attempts + 1, _ATTEMPTS + 1):
            try:
                toast = await self._handle_or_refuse(received, incoming)
                break
            except Conflict:
                log.info("somebody was faster, trying again", update_id=received.update_id)
            except _AWAY:
                raise
            except Exception as error:  # whatever a handler did, the next update must be handled
                log.exception("an update failed", update_id=received.update_id, attempt=attempt)
                await self._note_failure(received, error)
        else:
            await self._bury(received, "failed again and again")
            toast = await self._apologise(received, incoming)
        self._answer(incoming, toast)

    def _answer(self, incoming: Incoming | None, toast: Toast | None) -> None:
        if incoming is not None and incoming.query_id is not None:
            self._answers.answer(incoming.query_id, toast)

    async def _handle_or_refuse(
        self, received: Received, incoming: Incoming | None
    ) -> Toast | None:
        try:
            return await self._handle_once(received, incoming)
        except Refusal as refusal:
            return await self._refuse(received, incoming, refusal)

    async def _handle_once(self, received: Received, incoming: Incoming | None) -> Toast | None:
        now = await self._clock.now()
        async with self._storage.transaction(at_once=True) as tx:
            if received.chat_id is not None:
                await tx.lock(received.chat_id)
            return await self._do(tx, received, incoming, now)

    async def _do(
        self, tx: Transaction, received: Received, incoming: Incoming | None, now: datetime
    ) -> Toast | None:
        if not await receiving.finish(tx, received.update_id, now) or incoming is None:
            return None
        return await self._dispatch.handle(tx, incoming, now)

    async def _refuse(
        self, received: Received, incoming: Incoming | None, refusal: Refusal
    ) -> Toast | None:
        """Nothing of the act stands; the person is told why."""
        now = await self._clock.now()
        async with self._storage.transaction(at_once=True) as tx:
            return await self._say_why_not(tx, received, incoming, refusal, now)

    async def _say_why_not(
        self,
        tx: Transaction,
        received: Received,
        incoming: Incoming | None,
        refusal: Refusal,
        now: datetime,
    ) -> Toast | None:
        if not await receiving.finish(tx, received.update_id, now) or incoming is None:
            return None
        return await self._dispatch.refuse(tx, incoming, refusal, now)

    async def _apologise(self, received: Received, incoming: Incoming | None) -> Toast | None:
        """The person is told that we failed and that somebody will look."""
        if incoming is None:
            return None
        try:
            now = await self._clock.now()
            async with self._storage.transaction() as tx:
                return await self._dispatch.apologise(tx, incoming, now)
        except Exception:  # the letter is dead already; nothing may keep the next from its turn
            log.exception("even the apology failed", update_id=received.update_id)
            return None

    async def _note_failure(self, received: Received, error: Exception) -> None:
        now = await self._clock.now()
        async with self._storage.transaction() as tx:
            await receiving.failed(tx, received.update_id, type(error).__name__, now)

    async def _bury(self, received: Received, reason: str) -> None:
        now: datetime = await self._clock.now()
        async with self._storage.transaction() as tx:
            await receiving.give_up(tx, received.update_id, reason, now)
        self._alarms.ring("dead_letter", f"update {received.update_id}: {reason}")
