"""A Telegram for several processes at once, in a test's hands: what came, when, and who asked.

It takes every message, answers after a moment, gives no updates, and tells the time of the story.
"""

import asyncio
import os
import sys
import time
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from pathlib import Path

from aiohttp import web

from tests.process.deployment import ROOT, TOKEN, free_port

_ANSWERS_AFTER_S = 0.02
_LOOKS_EVERY_S = 0.005


class Crowd:
    """`arrived`: for each message its chat and when it came, in seconds of the monotonic clock.

    `begun`: how many processes have asked who they are.
    `late_s`: by so much at most it was late to see what had come, as it has to share its machine.
    """

    def __init__(self, now: datetime) -> None:
        self._now = now
        self._since = time.monotonic()
        self.url = ""
        self.arrived: list[tuple[int, float]] = []
        self.begun = 0
        self.late_s = 0.0
        self.polling = 0
        self.most_polling = 0

    def now(self) -> datetime:
        return self._now + timedelta(seconds=time.monotonic() - self._since)

    def jump(self, seconds: float) -> None:
        self._now += timedelta(seconds=seconds)

    def doubled(self) -> int:
        """Messages beyond the first of a chat."""
        return sum(times - 1 for times in Counter(chat for chat, _ in self.arrived).values())

    def most_in(self, seconds: float) -> int:
        """So many came within so long for certain, however late they were seen."""
        seconds -= self.late_s
        at = [when for _, when in self.arrived]
        return max((sum(one <= other < one + seconds for other in at) for one in at), default=0)

    async def watch(self) -> None:
        """Look for how long this process is kept from its work."""
        while True:
            begun = time.monotonic()
            await asyncio.sleep(_LOOKS_EVERY_S)
            self.late_s = max(self.late_s, time.monotonic() - begun - _LOOKS_EVERY_S)

    async def take(self, request: web.Request) -> web.Response:
        if request.path == "/clock":
            return web.json_response({"now": self.now().isoformat()})
        match request.path.rpartition("/")[2]:
            case "sendMessage":
                chat_id = int((await request.json())["chat_id"])
                self.arrived.append((chat_id, time.monotonic()))
                await asyncio.sleep(_ANSWERS_AFTER_S)
                chat = {"id": chat_id, "type": "private"}
                return _good({"message_id": len(self.arrived), "date": 1, "chat": chat})
            case "getUpdates":
                return await self._poll()
            case "getMe":
                self.begun += 1
                return _good({"id": 42, "is_bot": True, "first_name": "R", "username": "r_bot"})
            case _:
                return _good(True)

    async def _poll(self) -> web.Response:
        self.polling += 1
        self.most_polling = max(self.most_polling, self.polling)
        try:
            await asyncio.sleep(0.5)
        finally:
            self.polling -= 1
        return _good([])


@asynccontextmanager
async def crowd(now: datetime) -> AsyncIterator[Crowd]:
    """One that listens; its clock begins at `now` and runs on."""
    found = Crowd(now)
    application = web.Application()
    application.router.add_route("*", "/{path:.*}", found.take)
    runner = web.AppRunner(
        application, access_log=None, shutdown_timeout=0.1, handler_cancellation=True
    )
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    found.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    watch = asyncio.create_task(found.watch())
    try:
        yield found
    finally:
        watch.cancel()
        await runner.cleanup()


@asynccontextmanager
async def fleet(
    folder: Path, database_url: str, telegram: Crowd, number: int, **more: str
) -> AsyncIterator[list[asyncio.subprocess.Process]]:
    """So many bots on one database that talk to this Telegram; what still runs is killed.

    `more`: settings beside the usual ones.
    """
    with (folder / "bot.log").open("ab") as log:
        processes = [
            await asyncio.create_subprocess_exec(
                sys.executable, "-W", "error", "-m", "bot", "run",
                cwd=folder, stdout=log, stderr=log,
                env=settings_for(database_url, telegram) | more,
            )
            for _ in range(number)
        ]  # fmt: skip
    try:
        yield processes
    finally:
        for process in processes:
            if process.returncode is None:
                process.kill()
            await process.wait()


def settings_for(database_url: str, telegram: Crowd) -> dict[str, str]:
    """The environment of one bot, with a port of its own."""
    return {
        **{key: os.environ[key] for key in ("PATH", "HOME") if key in os.environ},
        "PYTHONPATH": str(ROOT),
        "BOT_TOKEN": TOKEN,
        "SECRET_KEY": "a secret of thirty-two characters",
        "TELEGRAM_API_URL": telegram.url,
        "CLOCK_URL": f"{telegram.url}/clock",
        "DATABASE_URL": database_url,
        "CONSOLE_PORT": str(free_port()),
    }


def _good(result: object) -> web.Response:
    return web.json_response({"ok": True, "result": result})
