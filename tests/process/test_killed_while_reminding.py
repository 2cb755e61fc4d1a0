"""SIGKILL again and again while reminders leave; then everything is counted, on both databases."""

import asyncio
import os
import random
import time
from collections.abc import Awaitable, Callable
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from benchmarks.lending import NOW, fill
from storage import outbox
from storage.engine import Storage
from storage.schema import outbox as rows_left
from tests.process.crowd import Crowd, crowd, settings_for
from tests.process.nursery import Started, nursery

pytestmark = pytest.mark.process

KILLS = int(os.environ.get("REMINDFUL_KILLS_REMINDING", "2"))
SEED = int(os.environ.get("REMINDFUL_SEED", "20261122"))
_A_ROUND = 12
"""Reminders that leave between two kills, at most."""
_LEFT_BEHIND_S = 61
"""After so long a process that shares its database settles what a dead one had in hand."""
_IN_FLIGHT = 30
"""So many calls the sender makes at a time, so no more can be in doubt."""
_PATIENCE_S = 60
_ENDED = {"sent", "unknown", "expired", "denied"}


async def test_kills_while_reminders_leave_lose_and_double_none(
    tmp_path: Path, database_url: str
) -> None:
    chance = random.Random(SEED)
    due = (KILLS + 1) * _A_ROUND
    storage = Storage.open(database_url)
    await fill(storage, due, due)
    in_doubt: set[int] = set()
    most_in_doubt, slowest = 0, 0.0
    async with nursery() as bots, crowd(NOW - timedelta(seconds=1)) as telegram:

        async def started() -> Started:
            env = settings_for(database_url, telegram)
            return await bots.start(tmp_path, tmp_path / "bot.log", env)

        for _ in range(KILLS):
            began = time.monotonic()
            process = await started()
            await _until(lambda some=in_doubt: _settled(storage, some), "what was in doubt")
            slowest = max(slowest, time.monotonic() - began)
            goal = len(telegram.arrived) + chance.randint(1, _A_ROUND)
            await _until(lambda goal=goal: _arrived(telegram, goal), "more reminders")
            await asyncio.sleep(chance.random() * 0.1)
            process.kill()
            await process.wait()
            in_doubt = await _on_the_wire(storage)
            most_in_doubt = max(most_in_doubt, len(in_doubt))
            if not storage.is_sqlite:
                telegram.jump(_LEFT_BEHIND_S)
        began = time.monotonic()
        await started()
        await _until(lambda: _settled(storage, in_doubt), "what was in doubt")
        slowest = max(slowest, time.monotonic() - began)
        await _until(lambda: _all_ended(storage, due), "every reminder to come to its end")
    async with storage.reading() as tx:
        counts = await outbox.counts(tx)
    await storage.close()
    arrived, unknown = len(telegram.arrived), counts.get("unknown", 0)
    print(f"kills {KILLS}, seed {SEED}: reminders due {due}, arrived {arrived}, "
          f"doubled {telegram.doubled()}, lost {due - sum(counts.values())}, unknown {unknown}, "
          f"in doubt at most {most_in_doubt}, settled {slowest:.1f} s after a start")  # fmt: skip
    assert telegram.doubled() == 0
    assert sum(counts.values()) == due, "none lost"
    assert set(counts) <= _ENDED, counts
    assert counts["sent"] <= arrived <= counts["sent"] + unknown
    assert most_in_doubt <= _IN_FLIGHT


async def _on_the_wire(storage: Storage) -> set[int]:
    return await _with_status(storage, "sending")


async def _settled(storage: Storage, in_doubt: set[int]) -> bool:
    return in_doubt <= await _with_status(storage, "unknown")


async def _with_status(storage: Storage, status: str) -> set[int]:
    async with storage.reading() as tx:
        rows = await tx.all(select(rows_left.c.id).where(rows_left.c.status == status))
    return {row.id for row in rows}


async def _arrived(telegram: Crowd, number: int) -> bool:
    return len(telegram.arrived) >= number


async def _all_ended(storage: Storage, due: int) -> bool:
    async with storage.reading() as tx:
        counts = await outbox.counts(tx)
    return sum(counts.values()) == due and set(counts) <= _ENDED


async def _until(look: Callable[[], Awaitable[bool]], what: str) -> None:
    ends = time.monotonic() + _PATIENCE_S
    while not await look():
        assert time.monotonic() < ends, f"waited {_PATIENCE_S} s for {what}"
        await asyncio.sleep(0.02)
