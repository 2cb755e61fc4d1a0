"""The whole way of a reminder beside aiogram alone: messages a second, 30 in flight.

    python -m benchmarks.pipeline [--messages N] [--runs N]

Ours claims what is queued, reads the facts again, asks the policy, fills the script from the
ledger, marks, sends and records, on SQLite with synchronous=FULL. The baseline is `send_message`
of the same words. Both talk to the same sink in another process and know no limit of Telegram's.
"""

import argparse
import asyncio
import json
import shutil
import tempfile
from pathlib import Path
from statistics import median
from time import perf_counter, process_time
from typing import Any

from aiogram import Bot
from aiogram.client.session.aiohttp import AiohttpSession
from aiogram.client.telegram import TelegramAPIServer
from aiogram.enums import ParseMode
from aiogram.types import InlineKeyboardButton, InlineKeyboardMarkup
from sqlalchemy import func, select

from benchmarks.lending import NOW, StandingClock, chat_of, office, portfolio, until
from benchmarks.sink import sink
from bot.alarms import Alarms
from bot.health import Health
from bot.services import planning
from bot.telegram.connection import connect
from bot.telegram.limiter import Limiter
from bot.telegram.sender import Sender
from storage import outbox
from storage.engine import Storage
from storage.schema import messages as said

TOKEN = "42:benchmark"
_IN_FLIGHT = 30
_NO_LIMIT = 1e9
QUICK = {"messages": 1_000}
"""Sizes for a look in between; see `benchmarks --quick`."""
_TEXT = (
    "<b>A note from Greenfield</b>\nWang Fang, CNY 1,020.00 for your Consumer loan was due on "
    "22 November 2026. You can pay to Sample Bank 0000 1111.\nAs of 22 November 2026."
)
_BUTTONS = (("How to pay", "pay"), ("I will pay on …", "promise"), ("I have paid", "paid"),
            ("Talk to a person", "human"), ("Stop these messages", "stop"))  # fmt: skip


def results(runs: int = 7, messages: int = 3_000) -> dict[str, dict[str, Any]]:
    """Our messages a second in parts of the baseline's, by the wall and by our own CPU time."""
    with tempfile.TemporaryDirectory(prefix="remindful-bench-") as made, sink() as telegram:
        queued = Path(made) / "queued.sqlite3"
        asyncio.run(_queue(queued, messages))
        pairs = []
        for _ in range(runs):
            database = Path(shutil.copyfile(queued, Path(made) / "ours.sqlite3"))
            theirs = asyncio.run(bare(telegram.url, messages))
            ours = asyncio.run(_ours(database, telegram.url, messages))
            pairs.append((theirs, ours))
            for left in Path(made).glob("ours.sqlite3*"):
                left.unlink()
    walls = [theirs[0] / ours[0] for theirs, ours in pairs]
    cpus = [theirs[1] / ours[1] for theirs, ours in pairs]
    speeds = [messages / ours[0] for _, ours in pairs]
    return {
        "pipeline": _figure(walls, 0.9, 1.1),
        "pipeline_cpu": _figure(cpus, 0.9, 1.1),
        "pipeline_messages": {
            "value": round(median(speeds)), "unit": "messages/s",
            "low": round(min(speeds)), "high": round(max(speeds)),
            "floor": 30, "aim": 1_000, "runs": runs,
        },
    }  # fmt: skip


def _figure(ratios: list[float], floor: float, aim: float) -> dict[str, Any]:
    return {
        "ratio": round(median(ratios), 2), "unit": "of bare aiogram's speed",
        "low": round(min(ratios), 2), "high": round(max(ratios), 2),
        "floor": floor, "aim": aim, "runs": len(ratios),
    }  # fmt: skip


async def _queue(file: Path, messages: int) -> None:
    await portfolio(file, messages, messages)
    storage = Storage.open(f"sqlite:///{file}", durable=False)
    here = office()
    planned = 1
    while planned:
        async with storage.transaction() as tx:
            planned = await planning.plan_due(tx, here, NOW, limit=500)
    async with storage.transaction() as tx:
        assert await outbox.counts(tx) == {"queued": messages}
    await storage.close()


async def bare(url: str, messages: int) -> tuple[float, float]:
    """aiogram alone: seconds by the wall and of CPU time."""
    session = AiohttpSession(api=TelegramAPIServer.from_base(url))
    bot = Bot(TOKEN, session=session)
    markup = InlineKeyboardMarkup(
        inline_keyboard=[
            [InlineKeyboardButton(text=text, callback_data=data)] for text, data in _BUTTONS
        ]
    )
    chats = iter(range(messages))

    async def one_after_the_other() -> None:
        for number in chats:
            await bot.send_message(
                chat_of(number), _TEXT, reply_markup=markup, parse_mode=ParseMode.HTML
            )

    wall, cpu = perf_counter(), process_time()
    async with asyncio.TaskGroup() as tasks:
        for _ in range(_IN_FLIGHT):
            tasks.create_task(one_after_the_other())
    took = perf_counter() - wall, process_time() - cpu
    await bot.session.close()
    return took


async def _ours(file: Path, url: str, messages: int) -> tuple[float, float]:
    storage = Storage.open(f"sqlite:///{file}")
    bot = connect(TOKEN, url)
    here, clock, health = office(), StandingClock(), Health()
    sender = Sender(
        bot, storage, clock, here, health, Alarms(storage, clock, here, health),
        worker="bench:1", limiter=Limiter(_NO_LIMIT),
    )  # fmt: skip
    wall, cpu = perf_counter(), process_time()

    async def recorded() -> bool:
        return await _recorded(storage) >= messages

    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(sender.run())
        await until(recorded, every=0.2)  # to ask costs as much as two messages
        took = perf_counter() - wall, process_time() - cpu
        sender.stop()
    await bot.session.close()
    await storage.close()
    return took


async def _recorded(storage: Storage) -> int:
    """How many messages are known to have arrived: each leaves one row, numbered without a gap."""
    async with storage.reading() as tx:
        return int(await tx.value(select(func.coalesce(func.max(said.c.id), 0))))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n", maxsplit=1)[0])
    parser.add_argument("--runs", type=int, default=7)
    parser.add_argument("--messages", type=int, default=3_000)
    given = parser.parse_args()
    print(json.dumps(results(given.runs, given.messages), indent=2))


if __name__ == "__main__":
    main()
