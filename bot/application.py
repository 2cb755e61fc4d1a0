"""The one place where everything is put together, started and stopped.

Commands open a `bot.house` and do one thing; `serve` is what `remindful run` does in one, once
`bot.beginning` has settled what was left.
All background work hangs in one task group; when one task fails for good, the process ends and
says why. On SIGTERM nothing new is started and what is on the wire gets ten seconds to arrive.
"""

import asyncio
import gc
import os
import signal
import socket
from contextlib import closing, suppress
from datetime import datetime
from threading import Thread, Timer
from typing import TYPE_CHECKING

import structlog

from bot.alarms import Alarms
from bot.console.app import console
from bot.console.server import Server, bind
from bot.console.webhook import PATH as WEBHOOK_PATH
from bot.errors import NotAvailable
from bot.health import Health
from bot.house import House
from bot.scheduling.ticks import Ticks
from bot.services import paying, staffing
from bot.services.portfolio import importing
from bot.telegram.answers import Answers
from bot.telegram.borrower import door as borrower
from bot.telegram.collector import door as collector
from bot.telegram.connection import connect
from bot.telegram.dispatch import Dispatch
from bot.telegram.feeder import Feeder
from bot.telegram.greeting import greet
from bot.telegram.limiter import Limiter
from bot.telegram.menu import Menus
from bot.telegram.sender import Sender
from bot.telegram.webhook import set_webhook
from bot.telegram.worker import Worker
from bot.understanding import learn
from bot.watch import Watch
from storage.engine import Transaction
from storage.errors import StorageUnavailable
from storage.records import BorrowerId, Money

if TYPE_CHECKING:
    from aiogram import Bot

log = structlog.get_logger(__name__)

_DRAIN_SECONDS = 7.5
_ANSWER_SECONDS = 1.0
_LAST_SECOND = 9.7
_REST_S = 0.05
_AWAY_SECONDS = 1.0
_HIRED_SECONDS = 3.0
_NOT_YET = "Telegram has not answered yet"


async def serve(house: House) -> None:
    """Run the bot until SIGTERM or SIGINT.

    Raises NotAvailable or StorageError when it cannot start, or when Telegram refuses the token.
    """
    stop, settings = _stop_signal(), house.settings
    assert settings.bot_token is not None, "`run` insists on it"
    bot = connect(settings.bot_token.get_secret_value(), settings.telegram_api_url)
    try:
        with closing(bind(settings.console_host, settings.console_port)) as door:
            await _Running(house, bot, door).until(stop)
    finally:
        await bot.session.close()


def _stop_signal() -> asyncio.Event:
    """Set by SIGTERM or SIGINT. From then on the process is gone within ten seconds."""
    stop = asyncio.Event()

    def begin_to_stop() -> None:
        if not stop.is_set():
            # Whatever still hangs then (a disk, a name server) can be killed without harm: what
            # was on the wire is marked, everything else is done or not begun.
            last = Timer(_LAST_SECOND, os._exit, [0])
            last.daemon = True
            last.start()
        stop.set()

    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, begin_to_stop)
    return stop


def _learn_to_read() -> None:
    """Loads all that understanding knows, with rests: people are answered meanwhile.

    What is loaded by then stays for good: each full collection would stand still to go through it.
    """
    learn(rest=_REST_S)
    gc.collect()
    gc.freeze()


class _Running:
    """The tasks of one process."""

    def __init__(self, house: House, bot: "Bot", door: socket.socket) -> None:
        settings, storage, clock, office = (
            house.settings, house.storage, house.clock, house.office
        )  # fmt: skip
        self._house = house
        self._bot = bot
        self._health = Health(settings.webhook_url is None, telegram_fault=_NOT_YET)
        self._alarms = Alarms(storage, clock, office, self._health)
        self._answers = Answers(bot)
        dispatch = Dispatch(office)
        self._feeder = Feeder(bot, storage, clock, self._health, self._alarms)
        self._worker = Worker(
            storage, clock, dispatch, self._answers, self._health, self._alarms
        )  # fmt: skip
        self._sender = Sender(
            bot,
            storage,
            clock,
            office,
            self._health,
            self._alarms,
            worker=f"{socket.gethostname()[:20]}:{os.getpid()}",
            limiter=Limiter(settings.messages_per_second, others=not storage.is_sqlite),
        )
        self._ticks = Ticks(storage, clock, office)
        self._watch = Watch(storage, clock, office, self._health, self._alarms)
        secret = settings.webhook_secret if settings.webhook_url else None
        web = console(storage, clock, self._health, secret.get_secret_value() if secret else None)
        self._server = Server(web, door)
        log.info("listening", address=door.getsockname()[:2])

    async def until(self, stop: asyncio.Event) -> None:
        async with asyncio.TaskGroup() as tasks:
            server = tasks.create_task(self._server.serve())
            incoming = tasks.create_task(self._take_updates())
            worker = tasks.create_task(self._worker.run())
            answers = tasks.create_task(self._answers.run())
            alarms = tasks.create_task(self._alarms.run())
            watch = tasks.create_task(self._watch.run())
            sender = tasks.create_task(self._sender.run())
            imports = tasks.create_task(self._finish_imports())
            menus = tasks.create_task(self._offer_menus())
            self._ticks.start()
            try:
                await stop.wait()
            finally:
                self._ticks.stop()
            log.info("stopping")
            for task in (incoming, imports, menus, watch):
                task.cancel()
            self._worker.stop()
            self._sender.stop()
            self._server.stop()
            await self._drain(worker, sender)
            for task in (worker, sender, answers, alarms):
                task.cancel()
            await server
        log.info("stopped")

    async def _take_updates(self) -> None:
        me = await greet(self._bot, self._health)
        Thread(target=_learn_to_read, daemon=True).start()  # a stop does not wait for it
        self._house.office.topics = bool(me.has_topics_enabled)
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

    async def _offer_menus(self) -> None:
        """Beside everything else: menus are a comfort, and Telegram may be slow."""
        menus = Menus(self._bot, self._house.office.library, collector.commands_for)
        await menus.for_borrowers(tuple(borrower.COMMANDS))
        while True:
            with suppress(StorageUnavailable):
                async with self._house.storage.reading() as tx:
                    members = await staffing.everyone(tx)
                await menus.for_staff(members)
            await asyncio.sleep(_HIRED_SECONDS)

    async def _finish_imports(self) -> None:
        """Bring to its end what an import was accepted for before its process died."""
        house = self._house

        async def tell(
            tx: Transaction, borrower_id: BorrowerId, payment_ref: str, paid: Money, now: datetime
        ) -> None:
            await paying.money_arrived(tx, house.office, borrower_id, payment_ref, paid, now)

        while True:
            try:
                now = await house.clock.now()
                if finished := await importing.finish_accepted(house.storage, tell, now):
                    log.info("imports brought to their end", imports=finished)
                return
            except (StorageUnavailable, NotAvailable) as error:
                log.warning("an accepted import has to wait", reason=str(error))
                await asyncio.sleep(_AWAY_SECONDS)
            except Exception as error:  # the file was accepted: a person has to look
                log.exception("an accepted import cannot be finished")
                self._alarms.ring(
                    "import", f"an accepted import stands still: {type(error).__name__}"
                )
                return

    async def _drain(self, *tasks: "asyncio.Task[None]") -> None:
        """Let the update in hand and what is on the wire come to their end."""
        _, late = await asyncio.wait(tasks, timeout=_DRAIN_SECONDS)
        if late:
            log.warning("not everything came to its end in time", tasks=len(late))
        try:
            async with asyncio.timeout(_ANSWER_SECONDS):
                await self._answers.drain()
        except TimeoutError:
            log.info("some presses stay unanswered")
