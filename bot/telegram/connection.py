"""A bot on the Telegram we were told to use, with answers that tell certain from uncertain."""

from typing import Any

from aiogram import Bot
from aiogram.client.default import DefaultBotProperties
from aiogram.client.session.aiohttp import AiohttpSession
from aiogram.client.telegram import TelegramAPIServer
from aiogram.enums import ParseMode
from aiogram.methods import TelegramMethod
from aiogram.utils.token import TokenValidationError

from bot.errors import NotAvailable


def connect(token: str, api_url: str) -> Bot:
    """A bot that speaks HTML and talks to the Bot API server at `api_url`.

    Raises NotAvailable for a token that cannot be one.
    """
    session = AiohttpSession(api=TelegramAPIServer.from_base(api_url))
    try:
        return Bot(token, session=session, default=DefaultBotProperties(parse_mode=ParseMode.HTML))
    except TokenValidationError:
        raise NotAvailable("BOT_TOKEN: not a token; it looks like 123456:ABC-DEF…") from None


class GetRawUpdates(TelegramMethod[list[dict[str, Any]]]):
    """`getUpdates` without decoding: one update that cannot be read must not hide the others."""

    __returning__ = list[dict[str, Any]]
    __api_method__ = "getUpdates"

    offset: int | None = None
    limit: int = 100
    timeout: int = 0
    allowed_updates: list[str]
