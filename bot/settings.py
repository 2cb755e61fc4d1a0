"""The environment (and a `.env` file), validated once at start, every fault named at once."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any, Self
from urllib.parse import urlsplit

from pydantic import (
    AfterValidator,
    BeforeValidator,
    Field,
    ModelWrapValidatorHandler,
    SecretStr,
    ValidationError,
    create_model,
    model_validator,
)
from pydantic_core import ErrorDetails
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from bot.errors import SettingsWrong
from bot.rules.presets import PACKAGED
from bot.rules.working_hours import WorkingHours
from bot.rules.zones import zones_of
from storage.engine import normalised
from storage.errors import StorageUnavailable
from storage.records import USUAL_ORDER, Component, Order

TELEGRAM = "https://api.telegram.org"
_LOOPBACK = {"127.0.0.1", "localhost", "::1"}
_TOKEN = re.compile(r"\d+:[A-Za-z0-9_-]+")


def _token(value: SecretStr) -> SecretStr:
    if not _TOKEN.fullmatch(value.get_secret_value()):
        raise ValueError("not a token; @BotFather gives one like 123456:ABC-DEF")
    return value


def _ids(value: object) -> object:
    """Split "7, 8"; a part that is no number is left for pydantic to refuse."""
    if isinstance(value, str):
        return [part.strip() for part in value.split(",") if part.strip()]
    return value


def _hours(value: object) -> object:
    return WorkingHours.parse(value) if isinstance(value, str) else value


def _order(value: object) -> object:
    """Read "fees, penalty, …" as components, each of them once."""
    if not isinstance(value, str):
        return value
    names = [part.strip() for part in value.split(",")]
    if sorted(names) != sorted(Component):
        raise ValueError(
            f"each of {', '.join(Component)} once, with commas, the one that is paid first in front"
        )
    return tuple(Component(name) for name in names)


def _country(value: str) -> str:
    if not zones_of(value):
        raise ValueError("no country; two capital letters, like CN")
    return value


def _database(value: str) -> str:
    try:
        normalised(value)
    except StorageUnavailable as error:
        raise ValueError(str(error).removeprefix("DATABASE_URL").lstrip(": ")) from None
    return value


def _policy(value: str) -> str:
    if value not in PACKAGED and not Path(value).is_file():
        raise ValueError(f"{value}: no such file; name one or {', '.join(PACKAGED)}")
    return value


def _file(value: Path) -> Path:
    if not value.is_file():
        raise ValueError(f"{value}: no such file")
    return value


def _url(value: str) -> str:
    try:
        parts = urlsplit(value)
        usable = parts.scheme in ("http", "https") and parts.hostname and parts.port != 0
    except ValueError:  # brackets left open, a port that is no number
        usable = False
    if not usable:
        raise ValueError("a web address, like https://example.org")
    return value.rstrip("/")


Url = Annotated[str, AfterValidator(_url)]
Token = Annotated[SecretStr, AfterValidator(_token)]
_NEEDED = {"bot_token": Token, "secret_key": SecretStr}


class Settings(BaseSettings):
    """Names as in `.env.example`; see there for what each means."""

    model_config = SettingsConfigDict(
        env_file=".env", env_file_encoding="utf-8", env_ignore_empty=True, extra="ignore"
    )

    bot_token: Token | None = None
    telegram_api_url: Url = TELEGRAM
    clock_url: Url | None = None
    database_url: Annotated[str, AfterValidator(_database)] = "sqlite:///remindful.sqlite3"
    webhook_url: Url | None = None
    webhook_secret: SecretStr | None = None
    console_host: str = "127.0.0.1"
    console_port: Annotated[int, Field(ge=0, le=65535)] = 8080
    console_url: Url | None = None
    secret_key: SecretStr | None = None
    admin_ids: Annotated[list[Annotated[int, Field(gt=0)]], NoDecode, BeforeValidator(_ids)] = []
    board_chat_id: int | None = None
    contact_policy: Annotated[str, AfterValidator(_policy)] | None = None
    strategy: Annotated[Path, AfterValidator(_file)] | None = None
    default_country: Annotated[str, AfterValidator(_country)] = "CN"
    working_hours: Annotated[WorkingHours, NoDecode, BeforeValidator(_hours)] = WorkingHours.parse(
        "1-5 09:00-18:00"
    )
    payment_order: Annotated[Order, NoDecode, BeforeValidator(_order)] = USUAL_ORDER
    lender_name: str = "Remindful"
    messages_per_second: Annotated[int, Field(ge=1, le=1000)] = 30

    @model_validator(mode="wrap")
    @classmethod
    def _all_at_once(cls, given: dict[str, Any], read: ModelWrapValidatorHandler[Self]) -> Self:
        """Field faults and faults between fields in one list, so nobody mends them one by one."""
        problems = list(_between(given))
        try:
            settings = read(given)
        except ValidationError as error:
            problems = [_said(fault) for fault in error.errors(include_input=False)] + problems
        if problems:
            raise SettingsWrong(problems)
        return settings


def load(*needed: str) -> Settings:
    """Read the settings and insist on `needed` ("bot_token", "secret_key").

    Raises SettingsWrong with one line a fault, every fault at once, never a secret's value.
    """
    insisting = create_model(  # type: ignore[call-overload]  # field names known only here
        "Insisting", __base__=Settings, **{name: (_NEEDED[name], ...) for name in needed}
    )
    try:
        settings: Settings = insisting()
    except UnicodeDecodeError:
        raise SettingsWrong([".env: not UTF-8 text; save it as UTF-8"]) from None
    return settings


def _between(given: dict[str, Any]) -> Iterator[str]:
    if given.get("clock_url") and _host(given.get("telegram_api_url", TELEGRAM)) not in _LOOPBACK:
        yield "CLOCK_URL: only together with a TELEGRAM_API_URL on this machine"
    secret = given.get("webhook_secret")
    if given.get("webhook_url") and not secret:
        yield "WEBHOOK_SECRET: needed with WEBHOOK_URL, so that only Telegram is let in"
    if secret and not re.fullmatch(r"[A-Za-z0-9_-]{1,256}", str(secret)):
        yield "WEBHOOK_SECRET: 1 to 256 letters, digits, _ or -"


def _host(url: object) -> str | None:
    try:
        return urlsplit(str(url)).hostname
    except ValueError:  # it is refused as an address of its own accord
        return None


def _said(fault: ErrorDetails) -> str:
    name = str(fault["loc"][0]).upper() if fault["loc"] else "settings"
    if fault["type"] == "missing":
        return f"{name}: missing; .env.example explains it"
    return f"{name}: {fault['msg'].removeprefix('Value error, ')}"
