"""The one place where everything is put together, started and stopped.

    async with opened(settings) as house: ...       what a command needs
    await serve(settings)                           what `remindful run` does

All background work hangs in one task group; when one task fails for good, the process ends and
says why. On SIGTERM nothing new is started and what is on the wire gets ten seconds to arrive.
"""

import asyncio
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from os import getpid
from pathlib import Path
from socket import gethostname

import structlog
from aiogram import Bot

from bot.alarms import Alarms
from bot.clock import Clock, clock_for
from bot.console.app import console
from bot.console.server import Server
from bot.console.webhook import PATH as WEBHOOK_PATH
from bot.errors import NotAvailable
from bot.health import Health
from bot.rules.presets import Preset, packaged, read_preset
from bot.rules.strategy import Strategy, default_strategy, read_strategy
from bot.scheduling.ticks import Ticks
from bot.services import sending, staffing
from bot.services.office import Office
from bot.settings import Settings
from bot.telegram.answers import Answers
from bot.telegram.connection import connect
from bot.telegram.dispatch import Dispatch
from bot.telegram.feeder import Feeder
from bot.telegram.sender import Sender
from bot.telegram.webhook import set_webhook
from bot.telegram.worker import Worker
from scripts_library.library import Library
from storage import migrating
from storage.engine import Storage

log = structlog.get_logger(__name__)

_DRAIN_SECONDS = 9


@dataclass(frozen=True, slots=True)
class House:
    """What every door needs: settings, database, clock and office."""

    settings: Settings
    storage: Storage
    clock: Clock
    office: Office


@asynccontextmanager
async def opened(settings: Settings) -> AsyncIterator[House]:
    """Open the database (creating an empty one) and the clock, and close them again.

    Raises NotAvailable, or StorageError when the database is of another version.
    """
    storage = Storage.open(settings.database_url)
    clock = clock_for(settings.clock_url)
    try:
        await migrating.ready(storage)
        yield House(settings, storage, clock, office_of(settings))
    finally:
        await clock.close()
        await storage.close()


def office_of(settings: Settings) -> Office:
    """The deployment's fixed choices. Raises InputRefused for a policy or strategy file."""
    secret = settings.secret_key.get_secret_value() if settings.secret_key else ""
    return Office(
        lender=settings.lender_name,
        secret=secret.encode(),
        country=settings.default_country,
        working_hours=settings.working_hours,
        library=Library.load(),
        strategy=_strategy(settings.strategy),
        presets=_presets(settings.contact_policy),
        board_chat_id=settings.board_chat_id,
    )


async def serve(settings: Settings) -> None:
    """Run the bot until SIGTERM or SIGINT. Raises NotAvailable when it cannot start."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    async with opened(settings) as house:
        assert settings.bot_token is not None, "`run` insists on it"
        bot = connect(settings.bot_token.get_secret_value(), settings.telegram_api_url)
        try:
            await _begin(house)
            await _Running(house, bot).until(stop)
        finally:
            await bot.session.close()


async def _begin(house: House) -> None:
    """Settle what an earlier process left behind, and let the first admins in."""
    now = await house.clock.now()
    async with house.storage.transaction() as tx:
        await staffing.bootstrap_admins(tx, house.settings.admin_ids, now)
        left = await sending.recover(tx, now, everything=house.storage.is_sqlite)
    log.info("started", **left)


class _Running:
    """The tasks of one process."""

    def __init__(self, house: House, bot: Bot) -> None:
        settings, storage, clock, office = (
            house.settings, house.storage, house.clock, house.office
        )  # fmt: skip
        self._house = house
        self._bot = bot
        self._health = Health(polls=settings.webhook_url is None)
        self._alarms = Alarms(storage, clock, office, self._health)
        self._answers = Answers(bot)
        dispatch = Dispatch(office)
        self._feeder = Feeder(bot, storage, clock, self._health, self._alarms)
        self._worker = Worker(storage, clock, dispatch, self._answers, self._alarms)
        self._sender = Sender(
            bot,
            storage,
            clock,
            office,
            self._health,
            self._alarms,
            worker=f"{gethostname()[:20]}:{getpid()}",
        )
        self._ticks = Ticks(storage, clock, office)
        secret = settings.webhook_secret if settings.webhook_url else None
        web = console(storage, clock, self._health, secret.get_secret_value() if secret else None)
        self._server = Server(web, settings.console_host, settings.console_port)

    async def until(self, stop: asyncio.Event) -> None:
        async with asyncio.TaskGroup() as tasks:
            server = tasks.create_task(self._server.serve())
            incoming = tasks.create_task(self._take_updates())
            worker = tasks.create_task(self._worker.run())
            answers = tasks.create_task(self._answers.run())
            alarms = tasks.create_task(self._alarms.run())
            sender = tasks.create_task(self._sender.run())
            self._ticks.start()
            await stop.wait()
            log.info("stopping")
            self._ticks.stop()
            incoming.cancel()
            self._worker.stop()
            self._sender.stop()
            await self._drain(worker, sender)
            for task in (worker, sender, answers, alarms):
                task.cancel()
            self._server.stop()
            await server

    async def _take_updates(self) -> None:
        settings = self._house.settings
        if settings.webhook_url is None:
            await self._feeder.run()
            return
        assert settings.webhook_secret is not None, "settings insist on it"
        await set_webhook(
            self._bot,
            settings.webhook_url + WEBHOOK_PATH,
            settings.webhook_secret.get_secret_value(),
        )

    async def _drain(self, *tasks: "asyncio.Task[None]") -> None:
        """Let the update in hand and what is on the wire come to their end."""
        _, late = await asyncio.wait(tasks, timeout=_DRAIN_SECONDS)
        if late:
            log.warning("not everything came to its end in time", tasks=len(late))


def _strategy(path: Path | None) -> Strategy:
    if path is None:
        return default_strategy()
    return read_strategy(_text(path, "STRATEGY"), str(path))


def _presets(named: str | None) -> tuple[str | Preset, ...]:
    """CONTACT_POLICY is a preset's name, or a file with one."""
    if named is None:
        return ()
    try:
        return (packaged(named),)
    except ValueError:
        return (read_preset(_text(Path(named), "CONTACT_POLICY"), named),)


def _text(path: Path, setting: str) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise NotAvailable(f"{setting}: {path} cannot be read ({type(error).__name__})") from error
