"""Answering presses, so that the button stops spinning. Nothing depends on it arriving."""

import asyncio

import structlog
from aiogram import Bot
from aiogram.exceptions import AiogramError

from bot.telegram.talk import Toast

log = structlog.get_logger(__name__)

_AT_ONCE = 8
_PATIENCE_SECONDS = 5


class Answers:
    """A queue that a few tasks empty; after a crash an unanswered press just stops by itself."""

    def __init__(self, bot: Bot) -> None:
        self._bot = bot
        self._queue: asyncio.Queue[tuple[str, Toast | None]] = asyncio.Queue()

    def answer(self, query_id: str, toast: Toast | None) -> None:
        self._queue.put_nowait((query_id, toast))

    async def run(self) -> None:
        async with asyncio.TaskGroup() as tasks:
            for _ in range(_AT_ONCE):
                tasks.create_task(self._empty())

    async def drain(self) -> None:
        """Returns when every press so far was answered."""
        await self._queue.join()

    async def _empty(self) -> None:
        while True:
            query_id, toast = await self._queue.get()
            try:
                await self._bot.answer_callback_query(
                    query_id,
                    text=toast.text if toast else None,
                    show_alert=toast.alert if toast else None,
                    request_timeout=_PATIENCE_SECONDS,
                )
            except AiogramError as error:
                log.info("a press stayed unanswered", reason=type(error).__name__)
            finally:
                self._queue.task_done()
