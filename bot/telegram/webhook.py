"""Telling Telegram to knock at our door instead of being polled."""

import asyncio

import structlog
from aiogram import Bot
from aiogram.exceptions import AiogramError

from bot.telegram.incoming import ALLOWED_UPDATES
from bot.telegram.outcomes import said_plainly

log = structlog.get_logger(__name__)

_LONGEST_PAUSE = 60.0


async def set_webhook(bot: Bot, url: str, secret: str) -> None:
    """Keeps trying until Telegram has taken it."""
    pause = 1.0
    while True:
        try:
            await bot.set_webhook(url, secret_token=secret, allowed_updates=ALLOWED_UPDATES)
            return
        except AiogramError as error:
            log.warning("the webhook is not set yet", reason=said_plainly(error))
            await asyncio.sleep(pause)
            pause = min(pause * 2, _LONGEST_PAUSE)
