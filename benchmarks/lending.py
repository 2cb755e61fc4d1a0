"""A portfolio for measuring: borrowers with a loan, a linked account and a moment to be looked at.

Written at the driver's own speed, because a million of them come before anything is measured. All
live in China and owe one loan each, in one of the ages at which the strategy sends something.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from itertools import count, islice
from pathlib import Path
from time import perf_counter
from typing import Any

from bot.rules.strategy import default_strategy
from bot.rules.working_hours import WorkingHours
from bot.services.office import Office
from scripts_library.library import default_library
from storage import migrating
from storage.bulk import insert_many
from storage.engine import Storage, Transaction
from storage.schema import (
    accounts,
    borrowers,
    conversations,
    due_items,
    loan_snapshots,
    loans,
    payments,
    schedule,
)

NOW = datetime(2026, 11, 23, 3, 5, tzinfo=UTC)
"""A Monday, five past eleven in Shanghai: every daily step but that of the due day has begun."""
TODAY = date(2026, 11, 23)
AGES = (-1, 1, 1, 5, 9, 13, 31, 36, 41, 91)
"""Days past due that bring a message today, in turn."""
_TOLD = NOW - timedelta(hours=6)
_TOGETHER = 20_000
_FIRST_CHAT = 10_000_000


def office() -> Office:
    """The deployment everything is measured in: what comes with the product."""
    return Office(
        lender="Greenfield",
        secret=b"benchmark",
        country="CN",
        working_hours=WorkingHours.parse("1-5 09:00-18:00"),
        library=default_library(),
        strategy=default_strategy(),
    )


class StandingClock:
    """It stays where it is set."""

    def __init__(self, at: datetime = NOW) -> None:
        self.at = at

    async def now(self) -> datetime:
        return self.at

    async def close(self) -> None:
        return None


class RunningClock(StandingClock):
    """It begins where it is set and goes on, so that what has to wait gets its turn."""

    def __init__(self, at: datetime = NOW) -> None:
        super().__init__(at)
        self._began = perf_counter()

    async def now(self) -> datetime:
        return self.at + timedelta(seconds=perf_counter() - self._began)


async def until(look: Callable[[], Awaitable[bool]], *, every: float = 0.05) -> None:
    """Ask `look` until it says yes; a benchmark that hangs says so after five minutes."""
    ends = perf_counter() + 300
    while not await look():
        assert perf_counter() < ends, "it does not come to an end"
        await asyncio.sleep(every)


async def migrated(url: str) -> None:
    storage = Storage.open(url)
    await migrating.upgrade(storage)
    await storage.close()


async def portfolio(file: Path, size: int, due: int, *, parts: int = 1) -> None:
    """A new SQLite file with `size` borrowers, evenly `due` of whom are to be looked at today."""
    await migrated(f"sqlite:///{file}")
    storage = Storage.open(f"sqlite:///{file}", durable=False)
    await fill(storage, size, due, parts=parts)
    await storage.close()


def moment_of(part: int) -> datetime:
    """When the borrowers of a part of those due are to be looked at; the first part at NOW."""
    return NOW + timedelta(seconds=part)


async def fill(storage: Storage, size: int, due: int, *, parts: int = 1) -> None:
    """Put the portfolio into an empty, migrated database."""
    for table, columns, rows in _tables(size, due, parts):
        for some in _batches(rows):
            async with storage.transaction() as tx:
                await insert_many(tx, table, columns, some)
    async with storage.transaction() as tx:
        await _number_on(tx)


def chat_of(borrower_id: int) -> int:
    return _FIRST_CHAT + borrower_id


def _tables(
    size: int, due: int, parts: int
) -> Iterator[tuple[Any, tuple[str, ...], Iterator[Any]]]:
    everyone = range(1, size + 1)
    every = size // due if due else size + 1
    looked_at_later = NOW + timedelta(days=3)

    def next_look(number: int) -> datetime:
        if number % every:
            return looked_at_later
        return moment_of((number // every - 1) * parts // due)

    yield (
        borrowers,
        ("id", "borrower_ref", "full_name", "language", "country", "timezone", "consent_at",
         "imported_at"),
        ((n, f"B{n}", "Wang Fang", _language(n), "CN", "Asia/Shanghai", _TOLD, _TOLD)
         for n in everyone),
    )  # fmt: skip
    yield (
        accounts,
        ("id", "borrower_id", "telegram_id", "linked_at", "verified_at"),
        ((n, n, chat_of(n), _TOLD, _TOLD) for n in everyone),
    )
    yield (
        conversations,
        ("borrower_id", "state", "version", "since"),
        ((n, "bot", 1, _TOLD) for n in everyone),
    )
    yield (
        loans,
        ("id", "loan_ref", "borrower_id", "snapshot_id", "imported_at"),
        ((n, f"L{n}", n, n, _TOLD) for n in everyone),
    )
    yield (
        loan_snapshots,
        ("id", "loan_id", "product", "currency", "outstanding", "pay_to", "as_of", "imported_at"),
        ((n, n, "Consumer loan", "CNY", 240_000, "Sample Bank 0000 1111", _as_of(), _TOLD)
         for n in everyone),
    )  # fmt: skip
    yield (
        due_items,
        ("snapshot_id", "due_date", "principal", "interest", "penalty", "fees"),
        ((n, day, 100_000 + n % 1000, 2_000, 0, 0) for n in everyone for day in _due_days(n)),
    )
    yield (
        payments,
        ("payment_ref", "loan_id", "amount", "paid_on", "received_at"),
        ((f"P{n}", n, 5_000, TODAY, _TOLD) for n in everyone if n % 10 == 0),
    )
    yield (
        schedule,
        ("borrower_id", "next_contact_at"),
        ((n, next_look(n)) for n in everyone),
    )


def _language(number: int) -> str:
    return "en" if number % 2 else "zh-Hans"


def _as_of() -> date:
    return TODAY - timedelta(days=1)


def _due_days(number: int) -> Sequence[date]:
    oldest = TODAY - timedelta(days=AGES[number // 5 % len(AGES)])
    return oldest, oldest + timedelta(days=30)


def _batches(rows: Iterator[Any]) -> Iterator[list[Any]]:
    for _ in count():
        some = list(islice(rows, _TOGETHER))
        if not some:
            return
        yield some


async def _number_on(tx: Transaction) -> None:
    """PostgreSQL goes on numbering where it stopped by itself, not behind numbers it was given."""
    if tx.is_postgresql:
        for table in (borrowers, accounts, loans, loan_snapshots):
            await tx.connection.exec_driver_sql(
                f"SELECT setval(pg_get_serial_sequence('{table.name}', 'id'),"
                f" (SELECT max(id) FROM {table.name}))"
            )
