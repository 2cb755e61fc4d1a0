"""A person's message while a great many reminders wait, beside the same with nothing waiting.

    python -m benchmarks.crowd [--waiting N] [--messages N] [--runs N]

From the row's commit until Telegram has taken it, at Telegram's own speed (30 a second), while the
sender works through the reminders as it always does.
"""

import argparse
import asyncio
import json
import random
import shutil
import tempfile
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Any

from sqlalchemy import select

from benchmarks.lending import NOW, chat_of, office, portfolio, until
from benchmarks.sink import sink
from bot.alarms import Alarms
from bot.health import Health
from bot.scheduling.ticks import Ticks
from bot.telegram.connection import connect
from bot.telegram.sender import Sender
from storage import outbox
from storage.bulk import insert_many
from storage.engine import Storage
from storage.records import Actor, ContactKind, DeliveryClass, Outgoing
from storage.schema import outbox as rows

TOKEN = "42:benchmark"
QUICK = {"messages": 15, "runs": 3}
"""Sizes for a look in between; see `benchmarks --quick`."""
_TOGETHER = 5_000


def results(runs: int = 7, waiting: int = 200_000, messages: int = 40) -> dict[str, dict[str, Any]]:
    with tempfile.TemporaryDirectory(prefix="remindful-bench-") as made, sink() as telegram:
        idle, busy = Path(made) / "idle.sqlite3", Path(made) / "busy.sqlite3"
        asyncio.run(portfolio(idle, max(waiting, 1_000), 0))
        shutil.copyfile(idle, busy)
        asyncio.run(_queue(busy, waiting))
        pairs = [
            (
                asyncio.run(_p99(idle, telegram.url, messages)),
                asyncio.run(_p99(busy, telegram.url, messages)),
            )
            for _ in range(runs)
        ]
    return {
        "person_while_reminders_wait": _figure(
            "ratio", [busy / idle for idle, busy in pairs], "x idle, p99", 3, 1.5
        ),
        "person_while_reminders_wait_p99": _figure(
            "value", [busy for _, busy in pairs], "ms", 1_000, 1_000
        ),
        "person_idle_p99": _figure("value", [idle for idle, _ in pairs], "ms", 1_000, 1_000),
    }


def _figure(name: str, some: list[float], unit: str, floor: float, aim: float) -> dict[str, Any]:
    return {
        name: round(median(some), 2), "unit": unit, "low": round(min(some), 2),
        "high": round(max(some), 2), "floor": floor, "aim": aim, "runs": len(some),
    }  # fmt: skip


class _Clock:
    """Runs on from the moment of the portfolio."""

    def __init__(self) -> None:
        self._since = datetime.now(UTC)

    async def now(self) -> datetime:
        return NOW + (datetime.now(UTC) - self._since)

    async def close(self) -> None:
        return None


async def _queue(file: Path, waiting: int) -> None:
    """Reminders that may all go now: as the planner leaves them."""
    storage = Storage.open(f"sqlite:///{file}", durable=False)
    columns = ("unique_key", "chat_id", "borrower_id", "kind", "delivery", "lane", "automated",
               "method", "payload", "actor", "created_at", "not_before", "expires_at", "status",
               "status_at")  # fmt: skip
    tomorrow, before = NOW + timedelta(days=1), NOW - timedelta(minutes=1)
    for start in range(1, waiting + 1, _TOGETHER):
        async with storage.transaction() as tx:
            await insert_many(
                tx, rows, columns,
                (
                    (f"thanks:{n}", chat_of(n), n, "thanks", "reminder", 2, True, "sendMessage",
                     {"text": "thank you"}, "system", NOW, before, tomorrow, "queued", NOW)
                    for n in range(start, min(start + _TOGETHER, waiting + 1))
                ),
            )  # fmt: skip
    await storage.close()


async def _p99(file: Path, url: str, messages: int) -> float:
    """Milliseconds; words come at random moments, about three a second."""
    storage, bot, clock = Storage.open(f"sqlite:///{file}"), connect(TOKEN, url), _Clock()
    here, health = office(), Health()
    ticks = Ticks(storage, clock, here)
    sender = Sender(
        bot, storage, clock, here, health, Alarms(storage, clock, here, health), worker="bench:1"
    )
    chance, waits = random.Random(1), []
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(sender.run())
        await asyncio.sleep(1)
        for number in range(messages):
            await asyncio.sleep(chance.random() * 0.6)
            if number % 15 == 0:
                await ticks.settle()
            key = f"words:{perf_counter()}"
            async with storage.transaction() as tx:
                await outbox.put(tx, _words(number, key, await clock.now()), await clock.now())
            began = perf_counter()

            async def left(key: str = key) -> bool:
                async with storage.reading() as tx:
                    found = await tx.value(select(rows.c.status).where(rows.c.unique_key == key))
                return bool(found == "sent")

            await until(left, every=0.005)
            waits.append((perf_counter() - began) * 1_000)
        sender.stop()
    await bot.session.close()
    await storage.close()
    return sorted(waits)[min(len(waits) - 1, int(len(waits) * 0.99))]


def _words(number: int, key: str, now: datetime) -> Outgoing:
    """A collector's words to a colleague: no policy is asked, only the queue and the pace."""
    return Outgoing(
        unique_key=key,
        chat_id=5_000 + number,
        delivery=DeliveryClass.WORDS,
        method="sendMessage",
        payload={"text": "I will call you back this afternoon."},
        actor=Actor.system(),
        not_before=now,
        kind=None if number % 2 else ContactKind.STAFF,
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n", maxsplit=1)[0])
    parser.add_argument("--runs", type=int, default=7)
    parser.add_argument("--waiting", type=int, default=200_000)
    parser.add_argument("--messages", type=int, default=40)
    given = parser.parse_args()
    print(json.dumps(results(given.runs, given.waiting, given.messages), indent=2))


if __name__ == "__main__":
    main()
