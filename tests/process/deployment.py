"""A whole deployment on this machine: the simulator, the real command, and people in its chats.

async with deployed(tmp_path) as town:
    await town.start()
    borrower = town.person(1001)
    await borrower.says("/balance")
    await borrower.sees("Due now")
"""

import asyncio
import csv
import json
import os
import signal
import socket
import sqlite3
import sys
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, closing
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

import aiohttp

from bot.house import House, opened
from bot.services import linking
from bot.services.portfolio import importing
from bot.services.portfolio.importing import ImportKind, PortfolioFile
from bot.settings import Settings
from storage import accounts, schedule
from storage.engine import Transaction
from storage.records import Actor, BorrowerId, Money

ROOT = Path(__file__).parents[2]
TOKEN = "110201543:AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw"
BOARD = -1001000000001
_PATIENCE_S = 30.0
_START_S = 90.0
"""Two cores shared with others may take that long; alone it is four seconds."""
_COMMAND_S = 120.0

_STRICT = [sys.executable, "-W", "error", "-m"]


@dataclass(frozen=True)
class Finished:
    """What a command left behind."""

    code: int
    out: str
    err: str

    def json(self) -> Any:
        return json.loads(self.out)


class Person:
    """Somebody with a Telegram account; in their private chat unless said otherwise."""

    def __init__(self, town: "Deployment", telegram_id: int) -> None:
        self._town = town
        self.telegram_id = telegram_id

    async def says(
        self, text: str, *, reply_to: int | None = None, chat_id: int | None = None
    ) -> dict[str, Any]:
        body: dict[str, Any] = {"text": text}
        if reply_to is not None:
            body["reply_to"] = reply_to
        path = f"/sim/people/{self.telegram_id}/chats/{chat_id or self.telegram_id}/messages"
        return await self._town.ask("POST", path, body)

    async def sends_photo(self, picture: bytes, caption: str = "") -> None:
        form = aiohttp.FormData()
        form.add_field("kind", "photo")
        form.add_field("caption", caption)
        form.add_field("file", picture, filename="receipt.png", content_type="image/png")
        path = f"/sim/people/{self.telegram_id}/chats/{self.telegram_id}/messages"
        async with self._town.http.post(self._town.telegram + path, data=form) as answer:
            assert answer.status == 200, await answer.text()

    async def taps(self, data: str, *, chat_id: int | None = None) -> None:
        """Press the newest button whose data is `data`, or begins with it and a colon."""
        chat = chat_id or self.telegram_id
        message, full = await self._town.until(lambda: self._button(data, chat), f"button {data}")
        await self.presses(message, full, chat_id=chat)

    async def presses(self, message_id: int, data: str, *, chat_id: int | None = None) -> str:
        body = {"chat_id": chat_id or self.telegram_id, "message_id": message_id, "data": data}
        answer = await self._town.ask("POST", f"/sim/people/{self.telegram_id}/press", body)
        return str(answer["query_id"])

    async def sees(self, *texts: str, chat_id: int | None = None) -> dict[str, Any]:
        """Wait for a message from the bot that has all of `texts`; returns it."""

        async def look() -> dict[str, Any] | None:
            for message in reversed(await self.messages(chat_id)):
                said = message.get("text") or message.get("caption") or ""
                if message["from"]["is_bot"] and all(text in said for text in texts):
                    return message
            return None

        return await self._town.until(look, f"{texts} in {self.telegram_id}'s chat")

    async def messages(self, chat_id: int | None = None) -> list[dict[str, Any]]:
        path = f"/sim/chats/{chat_id or self.telegram_id}/messages?viewer={self.telegram_id}"
        found = await self._town.ask("GET", path)
        rows = found if isinstance(found, list) else found["messages"]
        return [row for row in rows if not row.get("sim", {}).get("deleted")]

    async def transcript(self) -> str:
        """The chat as text, for a story that somebody reads."""
        lines = []
        for message in await self.messages():
            who = "bot" if message["from"]["is_bot"] else "me"
            lines.append(f"{who}: {message.get('text') or message.get('caption') or '[file]'}")
        return "\n".join(lines)

    async def _button(self, data: str, chat: int) -> tuple[int, str] | None:
        for message in reversed(await self.messages(chat)):
            for row in message.get("reply_markup", {}).get("inline_keyboard", []):
                for button in row:
                    given = button.get("callback_data", "")
                    if given == data or given.startswith(f"{data}:"):
                        return message["message_id"], given
        return None


class Deployment:
    """Addresses, settings and processes of one running deployment."""

    def __init__(self, folder: Path, http: aiohttp.ClientSession, telegram: str) -> None:
        self.folder = folder
        self.http = http
        self.telegram = telegram
        self.console = f"http://127.0.0.1:{free_port()}"
        self.process: asyncio.subprocess.Process | None = None
        self.env = {
            **{key: value for key, value in os.environ.items() if key in _KEPT},
            "PYTHONPATH": str(ROOT),
            "BOT_TOKEN": TOKEN,
            "SECRET_KEY": "a secret of thirty-two characters",
            "TELEGRAM_API_URL": telegram,
            "CLOCK_URL": f"{telegram}/clock",
            "DATABASE_URL": f"sqlite:///{folder / 'remindful.sqlite3'}",
            "CONSOLE_PORT": self.console.rpartition(":")[2],
            "LENDER_NAME": "Greenfield Credit",
            "BOARD_CHAT_ID": str(BOARD),
            "WORKING_HOURS": "1-7 00:00-23:59",
        }

    def person(self, telegram_id: int) -> Person:
        return Person(self, telegram_id)

    async def ask(self, method: str, path: str, body: Any = None) -> Any:
        """One call of the simulator's own doors."""
        async with self.http.request(method, self.telegram + path, json=body) as answer:
            assert answer.status == 200, f"{path}: {answer.status} {await answer.text()}"
            return await answer.json()

    async def command(self, *words: str, stdin: str = "", **env: str) -> Finished:
        """Run `remindful` with these words to its end."""
        process = await self._spawn(words, env, stdin=asyncio.subprocess.PIPE)
        try:
            async with asyncio.timeout(_COMMAND_S):
                out, err = await process.communicate(stdin.encode())
        finally:
            if process.returncode is None:
                process.kill()
        assert process.returncode is not None
        return Finished(process.returncode, out.decode(), err.decode())

    async def do(self, *words: str) -> Finished:
        """A command that has to succeed."""
        finished = await self.command(*words)
        assert finished.code == 0, f"{words}: {finished.code}\n{finished.out}\n{finished.err}"
        return finished

    @asynccontextmanager
    async def house(self) -> AsyncIterator[House]:
        """The deployment's database, clock and office, opened in the test's own process.

        What a command would do first is done without waiting for a command to start.
        """
        given = {name.lower(): value for name, value in self.env.items() if name not in _KEPT}
        given.pop("pythonpath")
        async with opened(Settings(_env_file=None, **given)) as house:
            yield house

    async def rows(self, query: str, *values: object) -> list[tuple[Any, ...]]:
        """What the database file holds, asked beside the bot."""
        with closing(sqlite3.connect(self.folder / "remindful.sqlite3")) as database:
            return database.execute(query, values).fetchall()

    async def start(self, *, ready: bool = True, **env: str) -> None:
        """Start the bot; with `ready` wait until it says that it does its job."""
        log = (self.folder / "bot.log").open("ab")
        self.process = await self._spawn(("run",), env, stdout=log, stderr=log)
        log.close()
        if ready:
            await self.until(self._is_ready, "the bot to be ready", patience=_START_S)

    def log(self) -> str:
        """What the bot wrote to its standard error so far."""
        file = self.folder / "bot.log"
        return file.read_text() if file.exists() else ""

    async def readyz(self) -> tuple[int, dict[str, Any]]:
        """(status, body); (0, {}) while nobody listens."""
        try:
            async with self.http.get(f"{self.console}/readyz") as answer:
                return answer.status, await answer.json()
        except aiohttp.ClientConnectionError:
            return 0, {}

    async def is_unready(self, fault: str, reason: str) -> None:
        """Wait until /readyz says 503 because of `fault`, and why."""

        async def look() -> bool:
            status, body = await self.readyz()
            return status == 503 and reason in body["faults"].get(fault, "")

        await self.until(look, f"/readyz to say 503, {fault}: {reason}")

    async def is_ready(self) -> None:
        await self.until(self._is_ready, "the bot to be ready", patience=_START_S)

    async def trouble(self, kind: str, **how: Any) -> None:
        """Switch a fault of Telegram on."""
        await self.ask("POST", "/sim/faults", {"kind": kind, **how})

    async def calm(self) -> None:
        """Switch all of them off."""
        await self.ask("DELETE", "/sim/faults")

    async def requests(self, method: str, chat_id: int | None = None) -> list[dict[str, Any]]:
        """What the bot asked of Telegram, oldest first."""
        where = f"&chat_id={chat_id}" if chat_id is not None else ""
        told = await self.ask("GET", f"/sim/requests?limit=1000&method={method}{where}")
        found: list[dict[str, Any]] = told["requests"]
        return found

    def kill(self) -> None:
        """As the power does it."""
        assert self.process is not None
        self.process.kill()

    async def stop(self) -> int:
        """SIGTERM; returns the exit code."""
        assert self.process is not None
        self.process.send_signal(signal.SIGTERM)
        async with asyncio.timeout(12):
            return await self.process.wait()

    async def is_over(self) -> None:
        assert self.process is not None
        async with asyncio.timeout(_COMMAND_S):
            await self.process.wait()

    async def move_clock(self, **how: Any) -> datetime:
        told = await self.ask("POST", "/clock", how)
        return datetime.fromisoformat(told["now"])

    async def until(self, look: Any, what: str, *, patience: float = _PATIENCE_S) -> Any:
        """Ask `look` until it finds something."""
        ends = time.monotonic() + patience
        while time.monotonic() < ends:
            found = await look()
            if found:
                return found
            await asyncio.sleep(0.05)
        raise AssertionError(f"waited {patience:.0f} s for {what}\n{self.log()[-3000:]}")

    async def _is_ready(self) -> bool:
        assert self.process is not None
        assert self.process.returncode is None, self.log()[-3000:]
        return (await self.readyz())[0] == 200

    async def _spawn(
        self, words: Sequence[str], env: dict[str, str], **streams: Any
    ) -> asyncio.subprocess.Process:
        pipes = {"stdout": asyncio.subprocess.PIPE, "stderr": asyncio.subprocess.PIPE, **streams}
        return await asyncio.create_subprocess_exec(
            *_STRICT, "bot", *words, cwd=self.folder, env={**self.env, **env}, **pipes
        )


_KEPT = {"PATH", "HOME", "LANG", "TMPDIR", "XDG_RUNTIME_DIR"}


@asynccontextmanager
async def deployed(folder: Path, *flags: str) -> AsyncIterator[Deployment]:
    """A simulator and an empty deployment beside it; both are gone afterwards."""
    simulator = await asyncio.create_subprocess_exec(
        *_STRICT, "simulator", "--port", "0", "--token", TOKEN, *flags,
        cwd=ROOT, stdout=asyncio.subprocess.PIPE,
    )  # fmt: skip
    assert simulator.stdout is not None
    told = json.loads(await simulator.stdout.readline())
    async with aiohttp.ClientSession() as http:
        town = Deployment(folder, http, told["telegram_api_url"])
        await town.ask("POST", "/sim/readyz", {"urls": [f"{town.console}/readyz"]})
        try:
            yield town
        finally:
            for process in (town.process, simulator):
                if process is not None and process.returncode is None:
                    process.kill()
                    await process.wait()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@dataclass(frozen=True)
class Debtor:
    """A borrower of a test's portfolio, with one loan of one due item."""

    ref: str
    telegram_id: int
    name: str = "Wang Fang"
    language: str = "en"
    country: str = "CN"
    timezone: str = "Asia/Shanghai"
    digits: str = "1234"
    due: str = "1200.00"
    due_date: date = date(2026, 11, 20)
    currency: str = "CNY"


async def bring_in(town: Deployment, debtors: Sequence[Debtor], as_of: date) -> None:
    """As `import_portfolio`, in the test's own process."""
    write_csv(town.folder / "borrowers.csv", _borrower_rows(debtors))
    write_csv(town.folder / "loans.csv", _loan_rows(debtors, as_of))
    async with town.house() as house:
        for kind in (ImportKind.BORROWERS, ImportKind.LOANS):
            report = await importing.import_file(
                house.storage,
                Actor.system(),
                PortfolioFile(kind, town.folder / f"{kind}.csv"),
                secret=house.office.secret,
                library=house.office.library,
                now=await house.clock.now(),
                on_payment=_nobody_is_thanked,
            )
            assert not report.refused, report.refused


async def _nobody_is_thanked(
    _tx: Transaction, _borrower_id: BorrowerId, _reference: str, _paid: Money, _now: datetime
) -> None:
    return None


async def link_for(town: Deployment, debtor: Debtor) -> str:
    """A fresh token, made in the test's own process."""
    async with town.house() as house:
        now = await house.clock.now()
        async with house.storage.transaction() as tx:
            made = await linking.issue_link(tx, house.office, Actor.system(), debtor.ref, now)
    return made.token


async def known(town: Deployment, *debtors: Debtor) -> list[Person]:
    """Borrowers who opened their links and proved who they are some time ago.

    They press Start, because Telegram lets no bot write first.
    """
    await people(
        town,
        *({"telegram_id": one.telegram_id, "role": "borrower", "name": one.name,
           "language": one.language} for one in debtors),
    )  # fmt: skip
    async with town.house() as house:
        now = await house.clock.now()
        for one in debtors:
            async with house.storage.transaction() as tx:
                link = await linking.issue_link(tx, house.office, Actor.system(), one.ref, now)
                borrower_id = await linking.open_link(
                    tx, house.office, one.telegram_id, link.token, now
                )
                account = await accounts.by_telegram_id(tx, one.telegram_id)
                assert account is not None
                await accounts.verify_account(tx, account, now)
                await schedule.look_again(tx, [borrower_id], now)
    for one in debtors:
        await town.person(one.telegram_id).says("/start")
    return [town.person(one.telegram_id) for one in debtors]


async def import_portfolio(town: Deployment, debtors: Sequence[Debtor], as_of: date) -> None:
    """Two files, taken in by the command."""
    write_csv(town.folder / "borrowers.csv", _borrower_rows(debtors))
    await town.do("import", "borrowers", "borrowers.csv")
    await import_loans(town, debtors, as_of)


async def import_loans(town: Deployment, debtors: Sequence[Debtor], as_of: date) -> None:
    write_csv(town.folder / "loans.csv", _loan_rows(debtors, as_of))
    await town.do("import", "loans", "loans.csv")


def _borrower_rows(debtors: Sequence[Debtor]) -> list[list[Any]]:
    return [
        ["borrower_ref", "full_name", "language", "country", "timezone", "phone", "birth_date",
         "id_last4"],
        *([one.ref, one.name, one.language, one.country, one.timezone, "+8613800000000",
           "1990-05-20", one.digits] for one in debtors),
    ]  # fmt: skip


def _loan_rows(debtors: Sequence[Debtor], as_of: date) -> list[list[Any]]:
    return [
        ["loan_ref", "borrower_ref", "product", "currency", "due_date", "principal_due",
         "interest_due", "penalty_due", "fees_due", "outstanding_total", "pay_to", "as_of"],
        *([f"L-{one.ref}", one.ref, "Home loan", one.currency, one.due_date, one.due, "0", "0", "0",
           one.due, "the Payments page of our app", as_of] for one in debtors),
    ]  # fmt: skip


async def link(town: Deployment, debtor: Debtor) -> Person:
    """Let the borrower open their link and prove who they are."""
    told = (await town.do("link", debtor.ref, "--json")).json()
    person = town.person(debtor.telegram_id)
    await person.says(f"/start {told['token']}")
    return person


def write_csv(file: Path, rows: Sequence[Sequence[Any]]) -> None:
    with file.open("w", encoding="utf-8", newline="") as sheet:
        csv.writer(sheet).writerows(rows)


async def people(town: Deployment, *rows: dict[str, Any]) -> None:
    """Give these people a Telegram account."""
    await town.ask("POST", "/sim/people", list(rows))
