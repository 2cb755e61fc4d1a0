"""getUpdates into the inbox. An update is confirmed to Telegram only after it is on the disk."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import structlog
from aiogram import Bot
from aiogram.exceptions import (
    TelegramAPIError,
    TelegramConflictError,
    TelegramNetworkError,
    TelegramRetryAfter,
    TelegramUnauthorizedError,
)

from bot.alarms import Alarms
from bot.clock import Clock
from bot.health import Health
from bot.services import receiving
from bot.telegram.connection import GetRawUpdates
from bot.telegram.incoming import ALLOWED_UPDATES
from storage.engine import Storage
from storage.errors import StorageUnavailable

log = structlog.get_logger(__name__)

_POLL_SECONDS = 20
_PAUSE_SECONDS = 1.0
_LONGEST_PAUSE = 15.0
_NUMBERS_LAST = timedelta(days=6)


class Feeder:
    """Polls until cancelled. Faults are waited out, a little longer each time."""

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
        offset: int | None = None  # the first poll repeats what a crash left unconfirmed
        pause = _PAUSE_SECONDS
        while True:
            try:
                updates = await self._poll(offset)
                offset = await self._keep(updates, offset)
                self._health.polled()
                pause = _PAUSE_SECONDS
            except (TelegramAPIError, StorageUnavailable) as error:
                pause = min(pause * 2, _LONGEST_PAUSE)
                wait = error.retry_after if isinstance(error, TelegramRetryAfter) else pause
                self._fail(_reason(error))
                log.warning("polling failed", reason=_reason(error), again_in=wait)
                await asyncio.sleep(wait)

    def _fail(self, reason: str) -> None:
        if self._health.poll_fault is None:
            self._alarms.ring("telegram", reason)
        self._health.poll_failed(reason)

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
        async with self._storage.transaction() as tx:
            await receiving.keep(tx, updates, now)
        return max(int(update["update_id"]) for update in updates) + 1


def _reason(error: Exception) -> str:
    match error:
        case TelegramUnauthorizedError():
            return "the token is refused: check BOT_TOKEN"
        case TelegramConflictError():
            return "another program polls with this token, or a webhook is set"
        case TelegramNetworkError():
            return "Telegram cannot be reached"
        case StorageUnavailable():
            return "the database cannot be used"
        case _:
            return type(error).__name__
