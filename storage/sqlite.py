"""One SQLite file: a connection that writes, a few that read, all kept open.

There is one writer at a time, so whoever writes queues for that connection and begins with BEGIN
IMMEDIATE; readers never wait (WAL).
"""

import asyncio
import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, cast

from sqlalchemy import URL, event
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine
from sqlalchemy.pool import AsyncAdaptedQueuePool

from storage.faults import driver_faults
from storage.inline import BUSY_SECONDS, InlineConnection
from storage.inline import Connection as SqliteConnection
from storage.records import Order
from storage.transaction import Transaction

_READERS = 5


@dataclass(frozen=True, slots=True)
class _Kept:
    """A connection as SQLAlchemy has it, and as the driver has it."""

    connection: AsyncConnection
    driver: SqliteConnection


class SqliteFile:
    """`durable` False: a file that nobody needs after a power cut."""

    def __init__(self, url: URL, payment_order: Order, *, durable: bool) -> None:
        self._engine = _engine(url, durable=durable)
        self._payment_order = payment_order
        self._writer: list[_Kept] = []
        self._readers: list[_Kept] = []
        self._turn = asyncio.Lock()
        self._seats = asyncio.Semaphore(_READERS)

    @asynccontextmanager
    async def transaction(self, *, at_once: bool) -> AsyncIterator[Transaction]:
        """The only one that writes; see `Storage.transaction`."""
        async with self._turn, self._taken(self._writer, writing=True) as kept:
            kept.driver.at_once = at_once
            try:
                yield self._on(kept)
            finally:
                kept.driver.at_once = False

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[Transaction]:
        """One view of the file as it is now; what is short is read without a journey."""
        async with self._seats, self._taken(self._readers, writing=False) as kept:
            yield self._on(kept)

    snapshot = reading

    async def close(self) -> None:
        for kept in (*self._writer, *self._readers):
            await kept.connection.close()
        self._writer, self._readers = [], []
        await self._engine.dispose()

    def _on(self, kept: _Kept) -> Transaction:
        return Transaction(kept.connection, self._payment_order, kept.driver)

    @asynccontextmanager
    async def _taken(self, kept_open: list[_Kept], *, writing: bool) -> AsyncIterator[_Kept]:
        """One that is free, or a new one. After a fault it is closed, and so rolled back."""
        kept = kept_open.pop() if kept_open else await self._opened()
        try:
            with driver_faults("BEGIN", kept.connection.dialect):
                await kept.driver.begin(writing=writing)
            yield kept
            await _commit(kept)
        except BaseException:
            await kept.connection.close()
            raise
        kept_open.append(kept)

    async def _opened(self) -> _Kept:
        connection = await self._engine.connect()
        raw = await connection.get_raw_connection()
        return _Kept(connection, cast(SqliteConnection, raw.driver_connection))


async def _commit(kept: _Kept) -> None:
    if kept.connection.in_transaction():  # somebody executed what was not prepared
        await kept.connection.commit()
        return
    with driver_faults("COMMIT", kept.connection.dialect):
        await kept.driver.commit()


def _engine(url: URL, *, durable: bool) -> AsyncEngine:
    how = {"async_creator_fn": SqliteConnection if durable else InlineConnection}
    engine = create_async_engine(
        url,
        poolclass=AsyncAdaptedQueuePool,
        pool_size=_READERS + 1,
        max_overflow=0,
        connect_args={"timeout": BUSY_SECONDS, **how},
        hide_parameters=True,
    )

    @event.listens_for(engine.sync_engine, "do_connect")
    def try_first(_dialect: object, _record: object, where: Any, options: Any) -> None:
        # A file that cannot be opened would leave the driver's thread behind, which then
        # reports to a loop that is gone.
        plain = {name: one for name, one in options.items() if name != "async_creator_fn"}
        sqlite3.connect(*where, **plain).close()

    @event.listens_for(engine.sync_engine, "connect")
    def configure(connection: Any, _record: object) -> None:
        # The driver's own transaction handling starts too late and too weakly; ours is above.
        connection.isolation_level = None
        cursor = connection.cursor()
        for pragma in (
            "journal_mode=WAL",
            "synchronous=FULL" if durable else "synchronous=OFF",
            "foreign_keys=ON",
            f"busy_timeout={BUSY_SECONDS * 1000}",
        ):
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    return engine
