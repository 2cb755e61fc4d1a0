"""Many handoffs against many due reminders, and what the database says of each afterwards.

Of every race the brief, written in the handoff's own transaction, says how many messages were on
the wire. If more are there in the end, one was put there after the handoff was committed.

`python -m tests.services.handoff_races URL SEED` sends, as a second process, until it is ended.
"""

import asyncio
import random
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import delete, func, select, update

from bot.services import sending
from bot.services.cases import handoff
from storage import outbox
from storage.engine import Storage
from storage.errors import StorageUnavailable
from storage.records import (
    Actor,
    BorrowerId,
    ContactKind,
    ConversationState,
    DeliveryClass,
    HandoffReason,
    OutboxStatus,
    Outgoing,
)
from storage.schema import cases, conversations
from storage.schema import outbox as rows
from tests.telegram.conversation import Borrower, Town

TOGETHER = 50
"""Borrowers of one heat; every heat races each of them once."""
_HANDING_OVER, _SENDING = 4, 2


@dataclass
class Tally:
    """`before`: the reminder was on the wire first. `wrong`: it went there after the handoff."""

    before: int = 0
    after: int = 0
    wrong: int = 0


async def race(town: Town, many: int, seed: int, *, sends_too: bool) -> Tally:
    """`many` races. `sends_too` False: another process does the sending."""
    chance = random.Random(seed)
    town.office.board_chat_id = None  # its lines would only be in the way of the counting
    together = min(many, TOGETHER)
    people = [await town.borrower(f"R{n}", f"Person {n}") for n in range(together)]
    tally = Tally()
    for heat in range(-(-many // together)):
        await _heat(town, people, chance, tally, heat, sends_too=sends_too)
    return tally


async def _heat(
    town: Town,
    people: list[Borrower],
    chance: random.Random,
    tally: Tally,
    heat: int,
    *,
    sends_too: bool,
) -> None:
    await _start_over(town, people)
    order = chance.sample(people, len(people))
    shares = [order[start::_HANDING_OVER] for start in range(_HANDING_OVER)]
    over = asyncio.Event()

    async def hands_over(share: list[Borrower], seed: int) -> None:
        own = random.Random(seed)
        for one in share:
            await asyncio.sleep(own.random() / 20)
            await _hand_over(town, one.borrower_id)

    async def all_handed_over() -> None:
        await asyncio.gather(*(hands_over(one, chance.randrange(1 << 30)) for one in shares))
        over.set()

    senders = [
        send(town, f"w{n}", chance.randrange(1 << 30), over)
        for n in range(_SENDING if sends_too else 0)
    ]
    # Queued while the first conversations change hands already, in an order of its own.
    queued = _queue(town, chance.sample(people, len(people)), heat)
    await asyncio.gather(queued, all_handed_over(), *senders)
    await asyncio.sleep(0.02)  # whoever was about to mark something has done so
    await count(town, people, tally)


async def send(town: Town, worker: str, seed: int, over: asyncio.Event) -> None:
    """Claim, judge and mark a few rows at a time until `over`."""
    own = random.Random(seed)
    while not over.is_set():
        try:
            async with town.storage.transaction() as tx:
                await sending.next_batch(
                    tx, town.office, worker, town.now, limit=own.randrange(1, 6),
                )  # fmt: skip
        except StorageUnavailable:
            continue  # it gave way to another transaction, as the product's sender does
        await asyncio.sleep(own.random() / 500)


@asynccontextmanager
async def second_process(url: str, seed: int) -> AsyncIterator[None]:
    """The same sending in a process of its own."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.services.handoff_races", url, str(seed),
        stdout=asyncio.subprocess.PIPE,
    )  # fmt: skip
    assert process.stdout is not None
    assert await process.stdout.readline() == b"sending\n"
    try:
        yield
    finally:
        assert process.returncode is None, "the second process died"
        process.terminate()
        await process.wait()


async def _start_over(town: Town, people: list[Borrower]) -> None:
    ids = [one.borrower_id for one in people]
    async with town.storage.transaction() as tx:
        await tx.execute(delete(rows).where(rows.c.borrower_id.in_(ids)))
        await tx.execute(
            update(conversations)
            .where(conversations.c.borrower_id.in_(ids))
            .values(state=ConversationState.BOT, staff_id=None, case_id=None)
        )


async def _queue(town: Town, people: list[Borrower], heat: int) -> None:
    for some in (people[at : at + 5] for at in range(0, len(people), 5)):
        async with town.storage.transaction() as tx:
            for one in some:
                reminder = _reminder(town, one, f"race:{heat}:{one.borrower_id}")
                await outbox.put(tx, reminder, town.now)


def _reminder(town: Town, one: Borrower, key: str) -> Outgoing:
    return Outgoing(
        unique_key=key,
        chat_id=one.telegram_id,
        delivery=DeliveryClass.REMINDER,
        method="sendMessage",
        payload={"text": "a reminder", "buttons": []},
        actor=Actor.system(),
        not_before=town.now,
        kind=ContactKind.OVERDUE,
        borrower_id=one.borrower_id,
        expires_at=town.now + timedelta(hours=8),
    )


async def _hand_over(town: Town, borrower_id: BorrowerId) -> None:
    async with town.storage.transaction() as tx:
        await handoff.start(
            tx, town.office, Actor.system(), borrower_id, HandoffReason.ASKED, town.now
        )


async def count(town: Town, people: list[Borrower], tally: Tally) -> None:
    ids = [one.borrower_id for one in people]
    async with town.storage.reading() as tx:
        told = {
            row.borrower_id: int(row.brief["on_the_wire"])
            for row in await tx.all(
                select(conversations.c.borrower_id, cases.c.brief)
                .join(cases, cases.c.id == conversations.c.case_id)
                .where(conversations.c.borrower_id.in_(ids))
            )
        }
        there = {
            row.borrower_id: row.many
            for row in await tx.all(
                select(rows.c.borrower_id, func.count().label("many"))
                .where(
                    rows.c.borrower_id.in_(ids),
                    rows.c.automated,
                    rows.c.status == OutboxStatus.SENDING,
                )
                .group_by(rows.c.borrower_id)
            )
        }
    for borrower_id in ids:
        sent = there.get(borrower_id, 0)
        tally.before += sent == told[borrower_id] == 1
        tally.after += sent == told[borrower_id] == 0
        tally.wrong += sent != told[borrower_id]


async def _main(url: str, seed: int) -> None:
    storage = Storage.open(url)
    town, never = Town(storage), asyncio.Event()
    town.office.board_chat_id = None
    print("sending", flush=True)
    await asyncio.gather(*(send(town, f"p{n}", seed + n, never) for n in range(_SENDING)))


if __name__ == "__main__":
    asyncio.run(_main(sys.argv[1], int(sys.argv[2])))
