"""A thousand open conversations and a hundred collectors: how long people wait for the machine.

    python -m benchmarks.handoffs [--runs N]

Everything goes through the one dispatch, one transaction an update, on SQLite with
synchronous=FULL, while the router ticks every second beside it. A claim and a relay are measured
from the update in hand to the commit of everything it causes; beside it one bare conditional
update. When a place is freed, the clock runs until the oldest case is held out to that person.
"""

import argparse
import asyncio
import json
import random
import tempfile
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import count
from pathlib import Path
from statistics import median, quantiles
from time import perf_counter
from typing import Any

from sqlalchemy import select, update

from benchmarks.lending import NOW, chat_of, office, portfolio
from bot.services.cases import handoff, lateness, offering
from bot.services.office import Office
from bot.telegram.dispatch import Dispatch
from bot.telegram.incoming import decode
from storage import conversations as stored
from storage import offers, staff
from storage.engine import Storage
from storage.records import Actor, BorrowerId, ConversationState, HandoffReason, Role
from storage.schema import borrowers, conversations

CONVERSATIONS, COLLECTORS = 1_000, 100
_FIRST_COLLECTOR = 9_000_000
_BOARD = -1001
_SYSTEM = Actor.system()


@dataclass
class Measured:
    """Seconds."""

    bare: list[float] = field(default_factory=list)
    claims: list[float] = field(default_factory=list)
    relays: list[float] = field(default_factory=list)
    freed: list[float] = field(default_factory=list)


def results(runs: int = 3, changes: int = 150) -> dict[str, dict[str, Any]]:
    measured = [asyncio.run(_run(changes, seed)) for seed in range(runs)]
    found = {
        f"handoff_{name}": _latency(some, floor, aim, runs)
        for name, some, floor, aim in (
            ("claim", [one.claims for one in measured], 250, 50),
            ("relay", [one.relays for one in measured], 250, 50),
        )
    }
    shares = [median(one.claims) / median(one.bare) for one in measured]
    found["handoff_claim_beside_a_bare_update"] = {
        "ratio": round(median(shares), 1), "unit": "times one conditional update and its commit",
        "low": round(min(shares), 1), "high": round(max(shares), 1),
        "floor": 60, "aim": 20, "runs": runs,
    }  # fmt: skip
    longest = [max(one.freed) for one in measured]
    found["handoff_freed_place_to_offer"] = {
        "value": round(max(longest), 2), "unit": "s at the longest, of every freed place",
        "low": round(min(longest), 2), "high": round(max(longest), 2),
        "floor": 5, "aim": 2, "runs": runs,
    }  # fmt: skip
    return found


def _latency(some: list[list[float]], floor: int, aim: int, runs: int) -> dict[str, Any]:
    """The 95th percentile of each run in milliseconds, the median of runs."""
    worst = [quantiles(one, n=20)[-1] * 1000 for one in some]
    usual = median([median(one) * 1000 for one in some])
    return {
        "value": round(median(worst), 1), "unit": f"ms, 95 % are faster (half within {usual:.1f})",
        "low": round(min(worst), 1), "high": round(max(worst), 1),
        "floor": floor, "aim": aim, "runs": runs,
    }  # fmt: skip


async def _run(changes: int, seed: int) -> Measured:
    with tempfile.TemporaryDirectory(prefix="remindful-bench-") as made:
        file = Path(made) / "bench.sqlite3"
        await portfolio(file, CONVERSATIONS, 0)
        deployment = office()
        deployment.board_chat_id = _BOARD
        shift = _Shift(Storage.open(f"sqlite:///{file}", durable=False), deployment, seed)
        await shift.open()
        return await shift.work(Storage.open(f"sqlite:///{file}"), changes)


class _Shift:
    """A hundred people with everything they can have at once, and the others waiting."""

    def __init__(self, storage: Storage, deployment: Office, seed: int) -> None:
        self._storage = storage
        self._office = deployment
        self._dispatch = Dispatch(deployment)
        self._chance = random.Random(seed)
        self._updates = count(1)
        self._measured = Measured()
        self._began: float | None = None
        self._over = asyncio.Event()

    async def work(self, storage: Storage, changes: int) -> Measured:
        """Everything durable from here on."""
        self._storage, self._began = storage, perf_counter()
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._router())
            await asyncio.sleep(2)
            for _ in range(changes):
                await self._one_change()
            self._over.set()
        await storage.close()
        return self._measured

    @property
    def _now(self) -> Any:
        """Real seconds pass from the fixed beginning, once everything stands."""
        gone = 0.0 if self._began is None else perf_counter() - self._began
        return NOW + timedelta(seconds=gone)

    async def open(self) -> None:
        """Everybody's conversation waits, and then as many are taken as people can have."""
        async with self._storage.reading() as tx:
            ids = (await tx.execute(select(borrowers.c.id).order_by(borrowers.c.id))).scalars()
            everybody = [BorrowerId(found) for found in ids]
        for at in range(0, len(everybody), 50):
            async with self._storage.transaction() as tx:
                for borrower_id in everybody[at : at + 50]:
                    await handoff.start(
                        tx, self._office, _SYSTEM, borrower_id, HandoffReason.ASKED, self._now
                    )
        async with self._storage.transaction() as tx:
            for number in range(COLLECTORS):
                await staff.put(
                    tx, _FIRST_COLLECTOR + number, role=Role.COLLECTOR, name=f"C{number}",
                    languages=["en"], skills=[], now=self._now,
                )  # fmt: skip
            for one in await staff.with_role(tx, Role.COLLECTOR):
                await staff.start_shift(tx, one.staff_id, self._now)
        while await self._route():
            pass
        async with self._storage.reading() as tx:
            held_out = await offers.all_open(tx)
            chats = {one.staff_id: one.telegram_id for one in await staff.everyone(tx)}
        for offer in held_out:
            await self._says(chats[offer.staff_id], f"/accept {offer.work_id}")
        await self._storage.close()

    async def _router(self) -> None:
        """As the product's tick: once a second, until nothing more can be held out."""
        while not self._over.is_set():
            while await self._route():
                pass
            await asyncio.sleep(1)

    async def _route(self) -> int:
        async with self._storage.transaction() as tx:
            await lateness.sweep(tx, self._office, self._now)
            return await offering.route(tx, self._office, self._now)

    async def _one_change(self) -> None:
        """Somebody closes a case, the oldest waiting one is held out to them, and they take it.

        Meanwhile a borrower somewhere writes, and a bare update is measured.
        """
        async with self._storage.reading() as tx:
            active = await stored.in_state(tx, ConversationState.ACTIVE)
            chats = {one.staff_id: one.telegram_id for one in await staff.everyone(tx)}
        ended, other = self._chance.sample(active, 2)
        assert ended.staff_id is not None, "an active conversation has an owner"
        chat = chats[ended.staff_id]
        await self._presses(chat, f"close_as:{ended.case_id}:other")
        freed = perf_counter()
        self._measured.relays.append(
            await self._says(chat_of(other.borrower_id), "one more question")
        )
        offer = None
        while offer is None:
            async with self._storage.reading() as tx:
                offer = next(iter(await offers.made_to(tx, ended.staff_id)), None)
            await asyncio.sleep(0.01)
        self._measured.freed.append(perf_counter() - freed)
        self._measured.claims.append(await self._says(chat, f"/accept {offer.work_id}"))
        self._measured.bare.append(await self._bare(other.borrower_id))

    async def _says(self, chat_id: int, text: str) -> float:
        return await self._handle(chat_id, "message", {"text": text})

    async def _presses(self, chat_id: int, data: str) -> float:
        message = {"message_id": next(self._updates), "date": 1, "chat": _chat(chat_id)}
        body = {"id": "1", "chat_instance": "1", "data": data, "message": {**message, "text": "…"}}
        return await self._handle(chat_id, "callback_query", body)

    async def _handle(self, chat_id: int, kind: str, body: dict[str, Any]) -> float:
        """One update through the dispatch in one transaction; seconds until it is committed."""
        number = next(self._updates)
        sender = {"id": chat_id, "is_bot": False, "first_name": "Somebody"}
        if kind == "message":
            body = {**body, "message_id": number, "date": 1, "chat": _chat(chat_id)}
        update_ = {"update_id": number, kind: {**body, "from": sender}}
        began = perf_counter()
        incoming = decode(json.dumps(update_))
        assert incoming is not None
        async with self._storage.transaction() as tx:
            await tx.lock(incoming.chat_id)
            await self._dispatch.handle(tx, incoming, self._now)
        return perf_counter() - began

    async def _bare(self, borrower_id: BorrowerId) -> float:
        began = perf_counter()
        async with self._storage.transaction() as tx:
            await tx.execute(
                update(conversations)
                .where(conversations.c.borrower_id == borrower_id, conversations.c.version > 0)
                .values(not_understood=1)
            )
        return perf_counter() - began


def _chat(chat_id: int) -> dict[str, Any]:
    return {"id": chat_id, "type": "private", "first_name": "Somebody"}


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.handoffs")
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--changes", type=int, default=150)
    asked = parser.parse_args()
    for name, one in results(asked.runs, asked.changes).items():
        print(name, json.dumps(one))


if __name__ == "__main__":
    main()
