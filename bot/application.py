"""The one place where everything is put together, started and stopped.

Commands open a `bot.house` and do one thing; `serve` is what `remindful run` does in one.
All background work hangs in one task group; when one task fails for good, the process ends and
says why. On SIGTERM nothing new is started and what is on the wire gets ten seconds to arrive.
"""

import asyncio
import signal
from os import getpid
from socket import gethostname

import structlog
from aiogram import Bot

from bot.alarms import Alarms
from bot.console.app import console
from bot.console.server import Server
from bot.console.webhook import PATH as WEBHOOK_PATH
from bot.health import Health
from bot.house import House, opened
from bot.scheduling.ticks import Ticks
from bot.services import sending, staffing
from bot.settings import Settings
from bot.telegram.answers import Answers
from bot.telegram.connection import connect
from bot.telegram.dispatch import Dispatch
from bot.telegram.feeder import Feeder
from bot.telegram.sender import Sender
from bot.telegram.webhook import set_webhook
from bot.telegram.worker import Worker

log = structlog.get_logger(__name__)

_DRAIN_SECONDS = 9


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
