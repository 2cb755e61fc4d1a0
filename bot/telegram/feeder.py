"""getUpdates into the inbox. An update is confirmed to Telegram only after it is on the disk."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import structlog
from aiogram import Bot
from aiogram.exceptions import AiogramError, TelegramConflictError, TelegramRetryAfter

from bot.alarms import Alarms
from bot.clock import Clock
from bot.errors import NotAvailable
from bot.health import Health
from bot.services import receiving
from bot.telegram.connection import GetRawUpdates
from bot.telegram.incoming import ALLOWED_UPDATES
from bot.telegram.outcomes import said_plainly
from storage.engine import Storage
from storage.errors import StorageUnavailable
from storage.leases import POLLING, Lease

log = structlog.get_logger(__name__)

_POLL_SECONDS = 20
_PAUSE_SECONDS = 1.0
_LONGEST_PAUSE = 15.0
_NUMBERS_LAST = timedelta(days=6)
_LARGEST_NUMBER = 2**63


class Feeder:
    """Polls until cancelled. Faults are waited out, a little longer each time.

    Of several processes one polls; another takes over within seconds when that one ends.
    """

    def __init__(
        self, bot: Bot, storage: Storage, clock: Clock, health: Health, alarms: Alarms
    ) -> None:
        self._bot = bot
        self._storage = storage
        self._clock = clock
        self._health = health
        self._alarms = alarms
        self._last_news = datetime.max.replace(tzinfo=UTC)

    async def run(self) -> None:
        async with Lease(self._storage, POLLING) as lease:
            await self._run(lease)

    async def _run(self, lease: Lease) -> None:
        offset: int | None = None  # the first poll repeats what a crash left unconfirmed
        pause = _PAUSE_SECONDS
        while True:
            try:
                if not await lease.is_ours():
                    self._stand_by()
                    offset = None
                    await asyncio.sleep(_PAUSE_SECONDS)
                    continue
                self._health.polls = True
                updates = await self._poll(offset)
                offset = await self._keep(updates, offset)
                self._health.polled()
                pause = _PAUSE_SECONDS
            except (AiogramError, StorageUnavailable, NotAvailable) as error:
                wait = error.retry_after if isinstance(error, TelegramRetryAfter) else pause
                pause = min(pause * 2, _LONGEST_PAUSE)
                self._note(error)
                await self._end_webhook(error)
                await asyncio.sleep(wait)

    def _stand_by(self) -> None:
        """Another process polls; that this one does not is no fault of it."""
        self._health.polls = False
        self._health.telegram_fault = self._health.updates_fault = None

    def _note(self, error: Exception) -> None:
        """Telegram is away, or what it gave us cannot be kept and is given again."""
        reason = _reason(error)
        known = (self._health.telegram_fault, self._health.updates_fault)
        if isinstance(error, AiogramError):
            name, self._health.telegram_fault = "telegram", reason
        else:
            name, self._health.updates_fault = "updates", reason
        if reason not in known:
            self._alarms.ring(name, reason)
        log.warning("polling failed", name=name, reason=reason)

    async def _end_webhook(self, error: Exception) -> None:
        """One left from the time when this bot was served by webhook would starve us for ever."""
        started = self._health.last_poll is not None
        if started or not isinstance(error, TelegramConflictError) or "webhook" not in str(error):
            return
        try:
            await self._bot.delete_webhook(request_timeout=_POLL_SECONDS)
        except AiogramError as refused:
            log.warning("the webhook is still set", reason=said_plainly(refused))

    async def _poll(self, offset: int | None) -> list[dict[str, Any]]:
        # The first poll does not wait: it shows at once whether we are let in.
        wait = _POLL_SECONDS if self._health.last_poll is not None else 0
        call = GetRawUpdates(offset=offset, timeout=wait, allowed_updates=ALLOWED_UPDATES)
        return await self._bot(call, request_timeout=_POLL_SECONDS + 10)

    async def _keep(self, updates: list[dict[str, Any]], offset: int | None) -> int | None:
        now = await self._clock.now()
        if not updates:
            # After a quiet week Telegram numbers anew, maybe lower than the offset we would ask.
            return None if now - self._last_news > _NUMBERS_LAST else offset
        self._last_news = now
        numbered = [update for update in updates if _number_of(update) is not None]
        if len(numbered) < len(updates):
            self._alarms.ring("dead_letter", "an update without a number, it cannot be kept")
        if not numbered:
            await asyncio.sleep(_PAUSE_SECONDS)  # it would be given to us again at once
            return offset
        async with self._storage.transaction() as tx:
            await receiving.keep(tx, numbered, now)
        return max(_number_of(update) or 0 for update in numbered) + 1


def _number_of(update: dict[str, Any]) -> int | None:
    number = update.get("update_id")
    return number if isinstance(number, int) and 0 <= number < _LARGEST_NUMBER else None


def _reason(error: Exception) -> str:
    if isinstance(error, TelegramConflictError):
        return "another program polls with this token, or a webhook is set"
    if isinstance(error, AiogramError):
        return said_plainly(error)
    return str(error)
