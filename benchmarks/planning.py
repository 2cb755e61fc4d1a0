"""Planning what is due in a large portfolio beside plain sqlite3, and what it costs the others.

    python -m benchmarks.planning [--loans N] [--due N] [--runs N] [--parts planning,idle]

- `planning`: borrowers whose moment has come are looked at, every decision taken and stored, their
  messages queued. The baseline reads the same rows, queues a message and a decision for each and
  sets the next look with plain sqlite3, one transaction, no policy. The due borrowers are taken in
  equal parts, each by both on the same file, the baseline rolled back. By the wall, and by
  CPU time, which says more on a machine that has other things to do.
- `planning_other_writers`: how long somebody else's small transaction takes while as many again
  are planned, p99.
- `planner_idle`: a tick with nothing due, the large portfolio beside one of 10,000 loans.
"""

import argparse
import asyncio
import json
import sqlite3
import tempfile
from datetime import timedelta
from pathlib import Path
from statistics import median
from time import perf_counter, process_time
from typing import Any

from benchmarks.lending import NOW, StandingClock, moment_of, office, portfolio
from bot.scheduling.ticks import Ticks
from storage import dialogs, outbox
from storage.engine import Storage

_SMALL = 10_000
QUICK = {"loans": 50_000, "due": 6_400}
"""Sizes for a look in between; see `benchmarks --quick`."""
_IDLE_TICKS = 50
_EVERY = 0.02
"""Seconds between two transactions of others."""
_INSTANT = "2026-11-23 03:05:00.000000"
_NEXT = "2026-11-24 02:00:00.000000"


def results(
    runs: int = 8, loans: int = 1_000_000, due: int = 200_000, file: Path | None = None
) -> dict[str, dict[str, Any]]:
    """Each figure of the module's list. `file`: a portfolio made before, which is used up."""
    with tempfile.TemporaryDirectory(prefix="remindful-bench-") as made:
        large, small = file or Path(made) / "large.sqlite3", Path(made) / "small.sqlite3"
        if not large.exists():
            asyncio.run(portfolio(large, loans, due, parts=2 * runs))
        asyncio.run(portfolio(small, _SMALL, 0))
        ratios, cpus, waits, quiet, speed = asyncio.run(_planned(large, due, runs))
        idle = [asyncio.run(_idle(large)) / asyncio.run(_idle(small)) for _ in range(runs)]
    return {
        "planning": _figure("ratio", ratios, "x plain sqlite3", 4, 2),
        "planning_cpu": _figure("ratio", cpus, "x plain sqlite3, CPU", 4, 2),
        "planning_speed": _figure("value", speed, "borrowers/s", 2_000, 10_000),
        "planning_other_writers": _figure("value", waits, "ms p99", 100, 40),
        "planning_other_writers_idle": _figure("value", quiet, "ms p99", 100, 40),
        "planner_idle": _figure("ratio", idle, f"x {_SMALL:,} loans", 1.5, 1.5),
    }


def _figure(name: str, some: list[float], unit: str, floor: float, aim: float) -> dict[str, Any]:
    return {
        name: round(median(some), 2), "unit": unit, "low": round(min(some), 2),
        "high": round(max(some), 2), "floor": floor, "aim": aim, "runs": len(some),
    }  # fmt: skip


async def _planned(
    file: Path, due: int, runs: int
) -> tuple[list[float], list[float], list[float], list[float], list[float]]:
    storage = Storage.open(f"sqlite:///{file}")
    clock = StandingClock()
    ticks = Ticks(storage, clock, office())
    part = due // (2 * runs)
    ratios, cpus, waits, quiet, speeds = [], [], [], [], []
    for number in range(0, 2 * runs, 2):
        clock.at = moment_of(number)
        bare, bare_cpu = await asyncio.to_thread(_baseline, file, part, number)
        began, cpu = perf_counter(), process_time()
        await ticks.plan()
        ours, ours_cpu = perf_counter() - began, process_time() - cpu
        quiet.append(_p99(await _others(storage, asyncio.sleep(1))))
        clock.at = moment_of(number + 1)
        waits.append(_p99(await _others(storage, ticks.plan())))
        async with storage.reading() as tx:
            assert (await outbox.counts(tx))["queued"] == part * (number + 2)
        ratios.append(ours / bare)
        cpus.append(ours_cpu / bare_cpu)
        speeds.append(part / ours)
    await storage.close()
    return ratios, cpus, waits, quiet, speeds


async def _others(storage: Storage, work: Any) -> list[float]:
    """Milliseconds of each small transaction of somebody else while `work` runs.

    Counted from when it was wanted: a loop that is busy keeps somebody waiting as well.
    """
    took = []
    async with asyncio.TaskGroup() as tasks:
        running = tasks.create_task(work)
        wanted = perf_counter()
        while not running.done():
            async with storage.transaction() as tx:
                await dialogs.put(tx, 7, "promise.amount", {}, NOW)
            took.append((perf_counter() - wanted) * 1_000)
            wanted = max(wanted + _EVERY, perf_counter())
            await asyncio.sleep(wanted - perf_counter())
    return took


def _p99(some: list[float]) -> float:
    return sorted(some)[min(len(some) - 1, int(len(some) * 0.99))]


def _baseline(file: Path, part: int, number: int) -> tuple[float, float]:
    """Seconds by the wall and of CPU.

    The same rows read and written, and rolled back, so that ours finds them as they were.
    """
    bare = sqlite3.connect(file, isolation_level=None)
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON"):
        bare.execute(f"PRAGMA {pragma}")
    began, cpu = perf_counter(), process_time()
    bare.execute("BEGIN IMMEDIATE")
    rows = bare.execute(
        "SELECT b.id, b.language, b.country, b.timezone, a.telegram_id, c.state, l.id, "
        "s.currency, s.outstanding, s.as_of, i.due_date, i.principal "
        "FROM (SELECT borrower_id FROM schedule WHERE next_contact_at <= ? "
        "ORDER BY next_contact_at LIMIT ?) d "
        "JOIN borrowers b ON b.id = d.borrower_id JOIN accounts a ON a.borrower_id = b.id "
        "JOIN conversations c ON c.borrower_id = b.id JOIN loans l ON l.borrower_id = b.id "
        "JOIN loan_snapshots s ON s.id = l.snapshot_id JOIN due_items i ON i.snapshot_id = s.id",
        (moment_of(number).strftime("%Y-%m-%d %H:%M:%S.%f"), part),
    ).fetchall()
    found = {row[0]: row for row in rows}
    bare.executemany(
        "INSERT INTO outbox (unique_key, chat_id, borrower_id, kind, delivery, lane, automated, "
        "method, payload, actor, created_at, not_before, expires_at, status, status_at) VALUES "
        "(?, ?, ?, 'overdue', 'reminder', 2, 1, 'sendMessage', ?, 'system', ?, ?, ?, 'queued', ?)",
        (
            (f"step:{row[0]}:due:{row[10]}:first_notice:2026-11-23", row[4], row[0],
             '{"compose": "reminder.early", "anchor": "due:2026-11-22"}',
             _INSTANT, _INSTANT, _NEXT, _INSTANT)
            for row in found.values()
        ),
    )  # fmt: skip
    bare.executemany(
        "INSERT INTO decisions (borrower_id, outbox_key, kind, asked, verdict, rules, at) "
        "VALUES (?, ?, 'overdue', 'planned', 'allow', '', ?)",
        ((row[0], f"step:{row[0]}:due:{row[10]}:first_notice:2026-11-23", _INSTANT)
         for row in found.values()),
    )  # fmt: skip
    bare.executemany(
        "UPDATE schedule SET next_contact_at = ? WHERE borrower_id = ?",
        ((_NEXT, borrower_id) for borrower_id in found),
    )
    bare.execute("COMMIT")
    took = perf_counter() - began, process_time() - cpu
    bare.execute("BEGIN IMMEDIATE")
    bare.executemany("DELETE FROM outbox WHERE unique_key = ?",
                     ((f"step:{row[0]}:due:{row[10]}:first_notice:2026-11-23",)
                      for row in found.values()))  # fmt: skip
    bare.execute("DELETE FROM decisions WHERE asked = 'planned' AND verdict = 'allow' AND id > "
                 "(SELECT max(id) FROM decisions) - ?", (len(found),))  # fmt: skip
    bare.executemany(
        "UPDATE schedule SET next_contact_at = ? WHERE borrower_id = ?",
        (
            (moment_of(number).strftime("%Y-%m-%d %H:%M:%S.%f"), borrower_id)
            for borrower_id in found
        ),
    )
    bare.execute("COMMIT")
    bare.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    bare.close()
    return took


async def _idle(file: Path) -> float:
    """Seconds of a tick at which nobody's moment has come."""
    storage = Storage.open(f"sqlite:///{file}")
    ticks = Ticks(storage, StandingClock(NOW - timedelta(days=1)), office())
    await ticks.plan()
    began = perf_counter()
    for _ in range(_IDLE_TICKS):
        await ticks.plan()
    took = (perf_counter() - began) / _IDLE_TICKS
    await storage.close()
    return took


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n", maxsplit=1)[0])
    parser.add_argument("--runs", type=int, default=8)
    parser.add_argument("--loans", type=int, default=1_000_000)
    parser.add_argument("--due", type=int, default=200_000)
    given = parser.parse_args()
    print(json.dumps(results(given.runs, given.loans, given.due), indent=2))


if __name__ == "__main__":
    main()
