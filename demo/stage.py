"""The processes of the demo: the simulator and the bot, started, watched and ended together."""

import asyncio
import json
import os
import secrets
import socket
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime
from pathlib import Path
from typing import Any, Self

import aiohttp

_PATIENCE_SECONDS = 60.0


class StageFailed(Exception):
    """Something did not start or ended by itself; the text says where to look."""


class Stage:
    """Addresses, the environment of the bot, and its processes."""

    def __init__(
        self,
        folder: Path,
        told: dict[str, str],
        http: aiohttp.ClientSession,
        env: dict[str, str],
        simulator: asyncio.subprocess.Process,
    ) -> None:
        self.folder = folder
        self.chat_page = told["chat_page"]
        self.telegram = told["telegram_api_url"]
        self.token = told["bot_token"]
        self.database_url = env["DATABASE_URL"]
        self._env = env
        self._http = http
        self._simulator = simulator
        self._bot: asyncio.subprocess.Process | None = None

    @classmethod
    @asynccontextmanager
    async def raised(
        cls, folder: Path, port: int, *, lender: str, zone: str, board: int
    ) -> AsyncIterator[Self]:
        """The simulator on `port` (0: a free one) and the bot's console beside it.

        Raises StageFailed when a port is taken.
        """
        console = _free_port() if port == 0 else port + 1
        readyz = f"http://127.0.0.1:{console}/readyz"
        topics = ["--topics"] if os.environ.get("DEMO_TOPICS") else []
        simulator = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "simulator", "--port", str(port), "--readyz-url", readyz,
            "--name", lender, "--zone", zone, *topics,
            stdout=asyncio.subprocess.PIPE, start_new_session=True,
        )  # fmt: skip
        try:
            assert simulator.stdout is not None
            line = await simulator.stdout.readline()
            if not line:
                raise StageFailed(f"port {port} is taken; choose another with DEMO_PORT, or 0")
            told = json.loads(line)
            env = _environment(told, folder, console, lender, board)
            async with aiohttp.ClientSession() as http:
                stage = cls(folder, told, http, env, simulator)
                try:
                    yield stage
                finally:
                    await _end(stage._bot)
        finally:
            await _end(simulator)

    async def remindful(self, *words: str) -> None:
        """One command of the product, as an installer types it. Raises StageFailed."""
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "bot", *words, env=self._env, start_new_session=True,
            stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT,
        )  # fmt: skip
        said, _ = await process.communicate()
        if process.returncode != 0:
            raise StageFailed(f"remindful {' '.join(words)}:\n{said.decode()}")

    async def start_bot(self) -> None:
        """Start `remindful run` and wait until it does its job."""
        with (self.folder / "bot.log").open("wb") as log:
            self._bot = await asyncio.create_subprocess_exec(
                sys.executable, "-m", "bot", "run", env=self._env, stdout=log, stderr=log,
                start_new_session=True,
            )  # fmt: skip
        ends = time.monotonic() + _PATIENCE_SECONDS
        while not await self._is_ready():
            await self.check()
            if time.monotonic() > ends:
                raise StageFailed(f"the bot is not ready; see {self.folder / 'bot.log'}")
            await asyncio.sleep(0.1)

    async def check(self) -> None:
        """Raises StageFailed when a process ended by itself."""
        if self._bot is not None and self._bot.returncode is not None:
            raise StageFailed(f"the bot ended; see {self.folder / 'bot.log'}")
        if self._simulator.returncode is not None:
            raise StageFailed("the simulator ended")

    async def ask(self, method: str, path: str, body: Any = None) -> Any:
        """One call of the simulator's own doors."""
        async with self._http.request(method, self.telegram + path, json=body) as answer:
            answer.raise_for_status()
            return await answer.json()

    async def say(self, telegram_id: int, text: str) -> None:
        """A person writes in their private chat with the bot."""
        await self.ask(
            "POST", f"/sim/people/{telegram_id}/chats/{telegram_id}/messages", {"text": text}
        )

    async def answered(self, telegram_id: int, times: int) -> None:
        """Wait until the bot has answered so often. Raises StageFailed."""
        path = f"/sim/chats/{telegram_id}/messages?viewer={telegram_id}"
        ends = time.monotonic() + _PATIENCE_SECONDS
        while time.monotonic() < ends:
            found = await self.ask("GET", path)
            messages = found if isinstance(found, list) else found["messages"]
            if sum(bool(one["from"]["is_bot"]) for one in messages) >= times:
                return
            await asyncio.sleep(0.1)
        raise StageFailed(f"no answer to person {telegram_id}; see {self.folder / 'bot.log'}")

    async def now(self) -> datetime:
        return datetime.fromisoformat((await self.ask("GET", "/clock"))["now"])

    async def set_clock(self, to: datetime) -> None:
        await self.ask("POST", "/clock", {"to": to.isoformat().replace("+00:00", "Z")})

    async def _is_ready(self) -> bool:
        url = f"http://127.0.0.1:{self._env['CONSOLE_PORT']}/readyz"
        try:
            async with self._http.get(url) as answer:
                return answer.status == 200
        except aiohttp.ClientError:
            return False


def _environment(
    told: dict[str, str], folder: Path, console: int, lender: str, board: int
) -> dict[str, str]:
    return {
        **os.environ,
        "BOT_TOKEN": told["bot_token"],
        "SECRET_KEY": secrets.token_hex(32),
        "TELEGRAM_API_URL": told["telegram_api_url"],
        "CLOCK_URL": told["clock_url"],
        "DATABASE_URL": f"sqlite:///{folder / 'remindful.sqlite3'}",
        "CONSOLE_HOST": "127.0.0.1",
        "CONSOLE_PORT": str(console),
        "BOARD_CHAT_ID": str(board),
        "LENDER_NAME": lender,
        "DEFAULT_COUNTRY": "CN",
        "WORKING_HOURS": "1-7 08:00-20:00",
    }


async def _end(process: asyncio.subprocess.Process | None) -> None:
    if process is None or process.returncode is not None:
        return
    process.terminate()
    try:
        async with asyncio.timeout(12):
            await process.wait()
    except TimeoutError:
        process.kill()
        await process.wait()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
