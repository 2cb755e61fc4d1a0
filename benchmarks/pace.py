"""How many of the places that Telegram allows are used, and whether one is ever overstepped.

    python -m benchmarks.pace [--seconds N] [--runs N]

A strict Telegram counts every message over any second (30) and every chat (a burst of 3, then one a
second), and now and then, by seed, answers 429 with a wait of one or two seconds. The sender always
has more to say than it may, and in the middle of each run it is stopped and another one, that has
only the database to know it by, goes on. Waits that were asked for are no places.
"""

import argparse
import asyncio
import json
import random
import tempfile
from collections import defaultdict
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import median
from typing import Any

from benchmarks.lending import migrated, office
from benchmarks.sink import Call, sink
from bot.alarms import Alarms
from bot.health import Health
from bot.telegram.connection import connect
from bot.telegram.sender import Sender
from storage import outbox
from storage.engine import Storage
from storage.records import Actor, ContactKind, DeliveryClass, Outgoing

TOKEN = "42:benchmark"
_PER_SECOND = 30
_CHAT_BURST = 3
_ONE_IN = 150
QUICK = {"runs": 3}
"""Sizes for a look in between; see `benchmarks --quick`."""


def results(runs: int = 7, seconds: int = 12) -> dict[str, dict[str, Any]]:
    shares, oversteps, inside = [], [], []
    for seed in range(runs):
        with sink(_Judge(seed)) as telegram, tempfile.TemporaryDirectory() as made:
            asyncio.run(_sent(Path(made) / "ours.sqlite3", telegram.url, seconds))
            passed, refused = telegram.journal()
        waits = [(at, seconds) for at, _, seconds in refused]
        shares.append(_share(passed, waits))
        oversteps.append(float(_oversteps([(at, chat_id) for at, chat_id, _ in passed])))
        inside.append(float(_inside(passed, refused)))
    return {
        "pace_used": _figure("ratio", shares, "of the places allowed", 0.95, 0.98),
        "pace_oversteps": _figure("value", oversteps, "messages over a limit", 0, 0),
        "pace_inside_a_wait": _figure("value", inside, "requests inside a wait", 0, 0),
    }


def _figure(name: str, some: list[float], unit: str, floor: float, aim: float) -> dict[str, Any]:
    return {
        name: round(median(some), 3), "unit": unit, "low": round(min(some), 3),
        "high": round(max(some), 3), "floor": floor, "aim": aim, "runs": len(some),
    }  # fmt: skip


class _Judge:
    """Seconds to wait for a call; the same calls get the same answers by the same seed."""

    def __init__(self, seed: int) -> None:
        self._chance = random.Random(seed)

    def __call__(self, at: float, chat_id: int) -> int:
        return self._chance.choice((1, 2)) if self._chance.randrange(_ONE_IN) == 0 else 0


class _Clock:
    async def now(self) -> datetime:
        return datetime.now(UTC)

    async def close(self) -> None:
        return None


async def _sent(file: Path, url: str, seconds: int) -> None:
    await migrated(f"sqlite:///{file}")
    storage = Storage.open(f"sqlite:///{file}")
    now = datetime.now(UTC)
    async with storage.transaction() as tx:
        await outbox.put_many(
            tx, [_notice(number, now) for number in range(_PER_SECOND * seconds * 2)], now
        )
    for number in (1, 2):
        bot = connect(TOKEN, url)
        here, clock, health = office(), _Clock(), Health()
        sender = Sender(
            bot, storage, clock, here, health, Alarms(storage, clock, here, health),
            worker=f"bench:{number}",
        )  # fmt: skip
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(sender.run())
            await asyncio.sleep(seconds / 2)
            sender.stop()
        await bot.session.close()
    await storage.close()


def _notice(number: int, now: datetime) -> Outgoing:
    """An automated message to nobody in particular: what is judged here is the pace."""
    return Outgoing(
        unique_key=f"notice:{number}",
        chat_id=1_000 + number % 997,
        delivery=DeliveryClass.REMINDER,
        method="sendMessage",
        payload={"text": "thank you"},
        actor=Actor.system(),
        not_before=now - timedelta(seconds=1),
        kind=ContactKind.THANKS,
    )


def _share(passed: Sequence[Call], waits: list[tuple[float, int]]) -> float:
    first, last = passed[0][0], passed[-1][0]
    asked, over = 0.0, first
    for at, seconds in sorted(waits):  # two that overlap are one
        asked += max(0.0, min(at + seconds, last) - max(at, over))
        over = max(over, at + seconds)
    return len(passed) / ((last - first - asked) * _PER_SECOND + _PER_SECOND)


def _oversteps(sent: list[tuple[float, int]]) -> int:
    """Messages that were more than the thirtieth of a second, or too soon for their chat."""
    found = sum(
        late[0] - early[0] < 1 for early, late in zip(sent, sent[_PER_SECOND:], strict=False)
    )
    by_chat: dict[int, list[float]] = defaultdict(list)
    for at, chat_id in sent:
        by_chat[chat_id].append(at)
    for some in by_chat.values():
        pairs = zip(some, some[_CHAT_BURST + 1 :], strict=False)
        found += sum(late - early < 1 for early, late in pairs)
    return found


def _inside(passed: Sequence[Call], refused: Sequence[Call]) -> int:
    """Requests that began after a wait was asked for and before it was over.

    What was on its way when the answer left is not counted: it crossed it on the line.
    """
    crossing = 0.02
    asked = [(at + crossing, at + seconds) for at, _, seconds in refused]
    calls = [at for at, _, _ in (*passed, *refused)]
    return sum(start < at < end for at in calls for start, end in asked)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n", maxsplit=1)[0])
    parser.add_argument("--runs", type=int, default=7)
    parser.add_argument("--seconds", type=int, default=12)
    given = parser.parse_args()
    print(json.dumps(results(given.runs, given.seconds), indent=2))


if __name__ == "__main__":
    main()
