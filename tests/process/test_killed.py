"""SIGKILL at random moments: every update is handled once, every reminder goes at most once."""

import asyncio
import os
import random
import sqlite3
from datetime import date
from pathlib import Path

import pytest

from tests.process.deployment import (
    Debtor,
    Deployment,
    deployed,
    import_loans,
    import_portfolio,
    link,
    people,
)

pytestmark = pytest.mark.process

KILLS = int(os.environ.get("REMINDFUL_KILLS", "8"))
SEED = int(os.environ.get("REMINDFUL_SEED", "20261122"))
DEBTORS = [Debtor(f"B-{number}", 2000 + number, due_date=date(2026, 11, 21)) for number in range(6)]

TALKERS, LISTENERS = DEBTORS[:3], DEBTORS[3:]
"""Who writes gets no reminder for a day, so the reminders go to the others."""


async def test_random_kills_lose_nothing_and_double_nothing(tmp_path: Path) -> None:
    chance = random.Random(SEED)
    async with deployed(tmp_path, "--no-strict-limits") as town:
        await town.move_clock(to="2026-11-18T02:00:00Z")
        await people(
            town,
            *({"telegram_id": one.telegram_id, "role": "borrower", "name": one.name,
               "language": "en"} for one in DEBTORS),
        )  # fmt: skip
        await import_portfolio(town, DEBTORS, date(2026, 11, 18))
        await town.start()
        for one in DEBTORS:
            await (await link(town, one)).says(one.digits)
        for one in DEBTORS:
            await town.person(one.telegram_id).sees("Wang Fang")
        await town.move_clock(to="2026-11-19T12:00:00Z")
        await import_loans(town, DEBTORS, date(2026, 11, 19))
        await town.move_clock(to="2026-11-20T01:59:58Z")

        sent = await _keep_killing(town, chance)
        await town.start()
        await town.until(lambda: _all_handled(town), "every update to be handled", patience=30)
        await town.until(lambda: _all_reminded(town), "every reminder to be due", patience=30)
        await town.until(lambda: _all_left(town), "every message to leave", patience=30)

        handled, doubled = _heard(town)
        assert handled == sent, f"sent {sent}, handled {handled}"
        assert doubled == 0
        reminders = [await _reminders(town, one) for one in LISTENERS]
        assert max(reminders) <= 1
        assert _unaccounted_reminders(town) == []
        print(f"kills {KILLS}, seed {SEED}: updates sent {sent}, handled {handled}, "
              f"lost {sent - handled}, doubled {doubled}")  # fmt: skip


async def _keep_killing(town: Deployment, chance: random.Random) -> int:
    """Words and presses go on while the bot dies and comes back; returns how many were sent."""
    sent = 0
    for _ in range(KILLS):
        for _ in range(chance.randint(1, 4)):
            one = chance.choice(TALKERS)
            await town.person(one.telegram_id).says(f"hello {sent}")
            sent += 1
            await asyncio.sleep(chance.random() * 0.05)
        await asyncio.sleep(chance.random() * 0.6)
        town.kill()
        await town.is_over()
        await town.start(ready=False)
        await asyncio.sleep(0.3 + chance.random() * 1.2)
    town.kill()
    await town.is_over()
    return sent


def _rows(town: Deployment, query: str) -> list[tuple[object, ...]]:
    with sqlite3.connect(town.folder / "remindful.sqlite3") as database:
        return database.execute(query).fetchall()


async def _all_handled(town: Deployment) -> bool:
    waiting = _rows(town, "SELECT count(*) FROM inbox WHERE status = 'new'")[0][0]
    pending = await town.ask("GET", "/sim/updates")
    return waiting == 0 and not pending["pending"]


async def _all_reminded(town: Deployment) -> bool:
    gone = sum([await _reminders(town, one) for one in LISTENERS])
    return gone + _unknown(town) >= len(LISTENERS)


async def _all_left(town: Deployment) -> bool:
    open_rows = "SELECT count(*) FROM outbox WHERE status IN ('claimed', 'sending')"
    due_rows = "SELECT count(*) FROM outbox WHERE status = 'queued' AND lane < 2"
    return _rows(town, open_rows)[0][0] == 0 and _rows(town, due_rows)[0][0] == 0


def _heard(town: Deployment) -> tuple[int, int]:
    """How many of the words are in the record, and how many more than once."""
    heard = [row[0] for row in _rows(
        town, "SELECT text FROM messages WHERE direction = 'in' AND text LIKE 'hello %'"
    )]  # fmt: skip
    return len(set(heard)), len(heard) - len(set(heard))


async def _reminders(town: Deployment, debtor: Debtor) -> int:
    """What really arrived in the chat, whatever our own records say."""
    said = await town.person(debtor.telegram_id).messages()
    return sum(
        "figures of" in one.get("text", "") and "/stop" in one.get("text", "") for one in said
    )


def _unknown(town: Deployment) -> int:
    """Reminders that never arrived because their process died with them on the wire."""
    arrived = "SELECT count(*) FROM outbox WHERE status = 'unknown'"
    return int(str(_rows(town, arrived)[0][0]))


def _unaccounted_reminders(town: Deployment) -> list[tuple[object, ...]]:
    return _rows(
        town,
        "SELECT unique_key, status FROM outbox WHERE delivery = 'reminder' AND status NOT IN "
        "('sent', 'unknown', 'expired', 'denied', 'queued', 'suspended')",
    )
