"""A bot on the Telegram we were told to use, with answers that tell certain from uncertain."""

import json
from collections.abc import Callable
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any, cast

from aiogram import Bot
from aiogram.client.default import DefaultBotProperties
from aiogram.client.session.aiohttp import AiohttpSession
from aiogram.client.telegram import TelegramAPIServer
from aiogram.enums import ParseMode
from aiogram.exceptions import TelegramNetworkError
from aiogram.methods import (
    AnswerCallbackQuery,
    EditMessageReplyMarkup,
    EditMessageText,
    SendMessage,
    TelegramMethod,
)
from aiogram.methods.base import TelegramType
from aiogram.types import Chat, Message, TelegramObject
from aiogram.utils.token import TokenValidationError
from aiohttp import ClientError, ClientTimeout
from yarl import URL

from bot.errors import NotAvailable
from bot.telegram import wire

_OK = 200
_SAYING = SendMessage | EditMessageText | EditMessageReplyMarkup | AnswerCallbackQuery
"""Nearly all calls there are; none of them carries a file."""
_ARRIVED = Message(message_id=0, date=datetime.fromtimestamp(0, UTC), chat=Chat(id=0, type=""))
"""Nobody asks more of what was sent than its number; to build one anew costs as much as to send."""


def connect(token: str, api_url: str) -> "QuickBot":
    """A bot that speaks HTML and talks to the Bot API server at `api_url`.

    Raises NotAvailable for a token that cannot be one.
    """
    session = QuickSession(api=TelegramAPIServer.from_base(api_url))
    try:
        # The name itself: an enum turned into text for a form would be "ParseMode.HTML".
        html = DefaultBotProperties(parse_mode=ParseMode.HTML.value)
        bot = QuickBot(token, session, html)
    except TokenValidationError:
        raise NotAvailable("BOT_TOKEN: not a token; it looks like 123456:ABC-DEF…") from None
    # A method is put together when it is first used, which takes a third of a second: the first
    # messages would leave that much later than the pace believes.
    _body(bot, SendMessage(chat_id=0, text=""))
    return bot


class QuickBot(Bot):
    """aiogram's bot, which takes a plain text as it is as well."""

    def __init__(self, token: str, session: "QuickSession", default: DefaultBotProperties) -> None:
        super().__init__(token, session=session, default=default)
        self._quick = session

    async def say(
        self,
        body: bytes,
        patience: ClientTimeout,
        told_as: Callable[[], TelegramMethod[Any]],
    ) -> int:
        """Send what `plain_text` wrote; returns the message's number, raises aiogram's errors.

        `told_as` makes the call that an error speaks of.
        """
        status, said = await self._quick.asked(self, "sendMessage", body, patience, told_as)
        number = _number(said) if status == _OK else None
        if number is not None:
            return number
        told = self._quick.check_response(self, told_as(), status, said.decode("utf-8", "replace"))
        return cast(Message, told.result).message_id


class QuickSession(AiohttpSession):
    """aiogram's session with a short way for the few calls that are nearly all there are.

    Their fields are written as one JSON object, and of a good answer only the message's number is
    read. Every other method, and every answer that is not plainly good, goes aiogram's own way, so
    errors are the same.
    """

    async def make_request(
        self,
        bot: Bot,
        method: TelegramMethod[TelegramType],
        timeout: int | None = None,  # noqa: ASYNC109  # the signature is aiogram's
    ) -> TelegramType:
        if not isinstance(method, _SAYING):
            return await super().make_request(bot, method, timeout)
        return cast(TelegramType, await self._say(bot, method, timeout))

    async def close(self) -> None:
        """aiogram waits a quarter of a second for TLS to say goodbye; without it nobody does."""
        if self.api.base.startswith("https:"):
            await super().close()
        elif self._session is not None and not self._session.closed:
            await self._session.close()

    async def _say(
        self,
        bot: Bot,
        method: _SAYING,
        timeout: int | None,  # noqa: ASYNC109  # as above
    ) -> Message | bool:
        asked = cast(TelegramMethod[Message | bool], method)
        patience = cast(object, self.timeout if timeout is None else timeout)
        if not isinstance(patience, ClientTimeout):
            patience = ClientTimeout(total=cast(float, patience))
        name, body = method.__api_method__, _body(bot, method)
        status, said = await self.asked(bot, name, body, patience, lambda: asked)
        good = _good(said, method) if status == _OK else None
        if good is not None:
            return good
        told = self.check_response(bot, asked, status, said.decode("utf-8", "replace"))
        return cast(Message | bool, told.result)

    async def asked(
        self,
        bot: Bot,
        name: str,
        body: bytes,
        patience: ClientTimeout,
        told_as: Callable[[], TelegramMethod[Any]],
    ) -> tuple[int, bytes]:
        """The status and the content of the answer. Raises TelegramNetworkError."""
        session = await self.create_session()
        assert session.connector is not None, "a session that was just opened has one"
        address = _address(self.api.base, bot.token, name)
        try:
            return await wire.post(session.connector, address, body, patience)
        except TimeoutError as error:
            raise TelegramNetworkError(told_as(), "Request timeout error") from error
        except ClientError as error:
            raise TelegramNetworkError(told_as(), f"{type(error).__name__}: {error}") from error


@lru_cache(maxsize=64)
def _address(base: str, token: str, name: str) -> URL:
    """Taken apart once: the same few are called again and again."""
    return URL(base.format(token=token, method=name), encoded=True)


def _body(bot: Bot, method: _SAYING) -> bytes:
    """Every field of ours that is set; those nobody here sets are told by aiogram's own way."""
    given, named = vars(method), method.model_fields_set
    told = [f'"{name}": {_written(given[name])}' for name in named if given[name] is not None]
    mode = bot.default.parse_mode
    if mode and isinstance(method, SendMessage | EditMessageText) and "parse_mode" not in named:
        told.append(f'"parse_mode": {json.dumps(mode)}')
    return f"{{{', '.join(told)}}}".encode()


_keyboards: dict[int, tuple[TelegramObject, str]] = {}
_KEPT_KEYBOARDS = 1_000


def _written(value: object) -> str:
    """As JSON. The same few keyboards stand under nearly all messages: each is written once."""
    if not isinstance(value, TelegramObject):
        return json.dumps(value)
    known = _keyboards.get(id(value))
    if known is not None:
        return known[1]
    if len(_keyboards) >= _KEPT_KEYBOARDS:
        _keyboards.clear()
    fields = value.model_dump(exclude_unset=True, exclude_none=True, warnings=False)
    _keyboards[id(value)] = value, json.dumps(fields)  # what is kept keeps its id
    return _keyboards[id(value)][1]


def _good(said: bytes, method: _SAYING) -> Message | bool | None:
    """The message of an answer that says "ok" and gives its number; None for any other."""
    if isinstance(method, AnswerCallbackQuery):
        return True if _result(said) is True else None
    number = _number(said)
    return None if number is None else _ARRIVED.model_copy(update={"message_id": number})


def _number(said: bytes) -> int | None:
    """Of the message that a good answer tells of."""
    result = _result(said)
    number = result.get("message_id") if isinstance(result, dict) else None
    return number if type(number) is int else None


def _result(said: bytes) -> object:
    """None for an answer that is not plainly good."""
    try:
        told = json.loads(said)
    except ValueError:
        return None
    return told.get("result") if isinstance(told, dict) and told.get("ok") is True else None


class GetRawUpdates(TelegramMethod[list[dict[str, Any]]]):
    """`getUpdates` without decoding: one update that cannot be read must not hide the others."""

    __returning__ = list[dict[str, Any]]
    __api_method__ = "getUpdates"

    offset: int | None = None
    limit: int = 100
    timeout: int = 0
    allowed_updates: list[str]
