"""The first call of a process: does Telegram know our token, and is it there at all?"""

import asyncio

import structlog
from aiogram import Bot
from aiogram.exceptions import AiogramError, TelegramNotFound, TelegramUnauthorizedError
from aiogram.types import User

from bot.errors import NotAvailable
from bot.health import Health
from bot.telegram.outcomes import said_plainly

log = structlog.get_logger(__name__)

_LONGEST_PAUSE = 5.0
_PATIENCE_SECONDS = 10


async def greet(bot: Bot, health: Health) -> User:
    """Returns the bot's account when Telegram has let us in; while it is away we wait and say so.

    Raises NotAvailable when it refuses the token: waiting would never mend that.
    """
    pause = 1.0
    while True:
        try:
            me = await bot.get_me(request_timeout=_PATIENCE_SECONDS)
        except (TelegramUnauthorizedError, TelegramNotFound):
            raise NotAvailable("BOT_TOKEN: Telegram refuses it; ask @BotFather for it") from None
        except AiogramError as error:
            health.telegram_fault = said_plainly(error)
            log.warning("waiting for Telegram", reason=health.telegram_fault, again_in=pause)
            await asyncio.sleep(pause)
            pause = min(pause * 2, _LONGEST_PAUSE)
        else:
            health.telegram_fault = None
            log.info("let in", username=me.username, topics=bool(me.has_topics_enabled))
            return me
