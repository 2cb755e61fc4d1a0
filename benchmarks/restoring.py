"""A backup put back under a large portfolio, and the bot at work again: how long, and what twice.

    python -m benchmarks.restoring [--loans N] [--due N] [--runs N]

A backup is made; then what falls due is planned and sent, and then the database is lost. `restore`
is the whole command, from the check of the file to its taking the old one's place, and after it the
first tick of the planner. `restore_repeats` counts messages queued anew that had been sent.
"""

import argparse
import asyncio
import json
import shutil
import tempfile
from datetime import datetime, timedelta
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Any

from sqlalchemy import select, update

from benchmarks.lending import NOW, StandingClock, office, portfolio
from bot.scheduling.ticks import Ticks
from bot.services import restoring as settling
from storage import backing_up, restoring
from storage.engine import Storage
from storage.records import OutboxStatus
from storage.schema import outbox

QUICK = {"loans": 20_000, "due": 2_000}
"""Sizes for a look in between; see `benchmarks --quick`."""
_BACKUP_AT = NOW - timedelta(hours=1)
_BACK_AT = NOW + timedelta(minutes=30)


def results(
    runs: int = 1, loans: int = 1_000_000, due: int = 20_000, file: Path | None = None
) -> dict[str, dict[str, Any]]:
    """Seconds until the bot is at work again, and reminders that would have gone out twice.

    `file`: a portfolio made before with as many due.
    """
    took, repeats = [], []
    for _ in range(runs):
        with tempfile.TemporaryDirectory(prefix="remindful-bench-") as made:
            database, backup = Path(made) / "live.sqlite3", Path(made) / "backup"
            if file is None:
                asyncio.run(portfolio(database, loans, due))
            else:
                shutil.copyfile(file, database)
            url = f"sqlite:///{database}"
            asyncio.run(backing_up.back_up(url, backup, _BACKUP_AT, _silently))
            sent = asyncio.run(_a_morning(url))
            assert len(sent) == due, "everything due was said"
            began = perf_counter()
            asyncio.run(_put_back(url, backup))
            took.append(perf_counter() - began)
            repeats.append(len(sent & asyncio.run(_keys(url, OutboxStatus.QUEUED))))
    return {
        "restore": _figure(took, "s", 60, 60),
        "restore_repeats": _figure(repeats, "messages", 0, 0),
    }


def _figure(some: list[Any], unit: str, floor: float, aim: float) -> dict[str, Any]:
    return {
        "value": round(median(some), 1), "unit": unit, "low": round(min(some), 1),
        "high": round(max(some), 1), "floor": floor, "aim": aim, "runs": len(some),
    }  # fmt: skip


async def _a_morning(url: str) -> set[str]:
    """What is due is planned, and sent. Returns the keys."""
    await _plan(url, NOW)
    storage = Storage.open(url, durable=False)
    async with storage.transaction() as tx:
        await tx.execute(update(outbox).values(status=OutboxStatus.SENT, marked_at=NOW))
    await storage.close()
    return await _keys(url, OutboxStatus.SENT)


async def _put_back(url: str, backup: Path) -> None:
    """As `remindful restore --replace` does it, and then the planner's first tick."""
    with restoring.held(url):
        await restoring.refuse_unless_free(url, replace=True)
        async with restoring.prepared(url, backup) as ready:
            await settling.settle(ready.storage, office(), ready.manifest.made_at, _BACK_AT)
            await restoring.put_in_place(url, ready, _BACK_AT, replace=True, progress=_silently)
    await _plan(url, _BACK_AT)


async def _plan(url: str, now: datetime) -> None:
    storage = Storage.open(url)
    await Ticks(storage, StandingClock(now), office()).plan()
    await storage.close()


async def _keys(url: str, status: OutboxStatus) -> set[str]:
    storage = Storage.open(url)
    async with storage.reading() as tx:
        rows = await tx.all(select(outbox.c.unique_key).where(outbox.c.status == status))
    await storage.close()
    return {row.unique_key for row in rows}


def _silently(_share: float) -> None:
    """Nobody watches."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n", maxsplit=1)[0])
    parser.add_argument("--runs", type=int, default=1)
    parser.add_argument("--loans", type=int, default=1_000_000)
    parser.add_argument("--due", type=int, default=20_000)
    given = parser.parse_args()
    print(json.dumps(results(given.runs, given.loans, given.due), indent=2))


if __name__ == "__main__":
    main()
