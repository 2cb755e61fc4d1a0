"""Four bot processes on one PostgreSQL, two of them killed at work; then everything is counted."""

import asyncio
import os
import random
import signal
import time
from collections.abc import Awaitable, Callable
from datetime import timedelta
from pathlib import Path

import asyncpg
import pytest

from benchmarks.lending import NOW, fill
from storage.engine import Storage
from tests.process.crowd import Crowd, crowd, fleet

pytestmark = pytest.mark.process

BORROWERS = int(os.environ.get("REMINDFUL_SEVERAL", "150"))
SEED = int(os.environ.get("REMINDFUL_SEED", "20261122"))
PROCESSES, KILLED = 4, 2
_ENDED = ("sent", "unknown", "denied", "expired", "failed")
_PATIENCE_S = 120
_PLANNED_TWICE = (
    "SELECT count(*) FROM (SELECT outbox_key FROM decisions WHERE asked = 'planned' "
    "GROUP BY outbox_key HAVING count(*) > 1) AS twice"
)


async def test_of_four_processes_two_die_and_nothing_is_lost_or_said_twice(
    tmp_path: Path, postgresql_url: str
) -> None:
    chance = random.Random(SEED)
    storage = Storage.open(postgresql_url)
    await fill(storage, BORROWERS, BORROWERS)
    await storage.close()
    async with crowd(NOW - timedelta(seconds=1)) as telegram:
        async with fleet(tmp_path, postgresql_url, telegram, PROCESSES) as processes:
            await _until(lambda: _arrived(telegram, BORROWERS // 4), "a quarter of them to leave")
            for process in chance.sample(processes, KILLED):
                process.send_signal(signal.SIGKILL)
                await asyncio.sleep(chance.random() * 0.5)
            await _until(lambda: _arrived(telegram, BORROWERS // 2), "half of them to leave")
            telegram.jump(70)  # what the dead had in hand is settled after a minute
            await _until(lambda: _all_ended(postgresql_url), "every row to come to its end")
        counts = await _counts(postgresql_url)
        planned_twice = await _value(postgresql_url, _PLANNED_TWICE)
    assert telegram.doubled() == 0
    assert set(counts) <= {"sent", "unknown"}, counts
    assert sum(counts.values()) == BORROWERS
    arrived = len(telegram.arrived)
    assert counts["sent"] <= arrived <= BORROWERS
    assert counts.get("unknown", 0) <= KILLED * 30, "no more than was on the wire"
    assert planned_twice == 0, "one planner at a time"
    assert telegram.most_polling <= 2, "one polls; a killed one's call may still hang"
    most = telegram.most_in(1.0)
    assert most <= 33, f"{most} in one second"
    unknown, lost = counts.get("unknown", 0), BORROWERS - sum(counts.values())
    print(f"several, seed {SEED}: {BORROWERS} due, {PROCESSES} processes, {KILLED} killed: "
          f"arrived {arrived}, doubled {telegram.doubled()}, lost {lost}, unknown {unknown}, "
          f"most in a second {most}, seen {telegram.late_s:.2f} s late at most")  # fmt: skip


async def _until(look: Callable[[], Awaitable[bool]], what: str) -> None:
    ends = time.monotonic() + _PATIENCE_S
    while not await look():
        assert time.monotonic() < ends, f"waited {_PATIENCE_S} s for {what}"
        await asyncio.sleep(0.1)


async def _arrived(telegram: Crowd, number: int) -> bool:
    return len(telegram.arrived) >= number


async def _all_ended(url: str) -> bool:
    counts = await _counts(url)
    return sum(counts.values()) == BORROWERS and set(counts) <= set(_ENDED)


async def _counts(url: str) -> dict[str, int]:
    connection = await asyncpg.connect(url)
    try:
        rows = await connection.fetch("SELECT status, count(*) AS n FROM outbox GROUP BY status")
        return {row["status"]: row["n"] for row in rows}
    finally:
        await connection.close()


async def _value(url: str, query: str) -> int:
    connection = await asyncpg.connect(url)
    try:
        return int(await connection.fetchval(query))
    finally:
        await connection.close()
