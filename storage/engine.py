"""Opening the database: one file (SQLite) or a server (PostgreSQL), the same door for both."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Self

from sqlalchemy import URL, make_url
from sqlalchemy.exc import ArgumentError
from sqlalchemy.exc import TimeoutError as PoolExhausted
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from storage.errors import StorageUnavailable
from storage.faults import said_plainly, unavailable
from storage.records import USUAL_ORDER, Order
from storage.sqlite import SqliteFile
from storage.transaction import Transaction

__all__ = ["Storage", "Transaction", "file_of", "normalised"]


class Storage:
    """The open database. `async with storage.transaction() as tx` writes, `reading()` reads."""

    def __init__(
        self, url: URL, *, durable: bool = True, payment_order: Order = USUAL_ORDER
    ) -> None:
        self.url = url
        self.payment_order = payment_order
        self.is_sqlite = url.get_backend_name() == "sqlite"
        self._listeners: dict[str, list[asyncio.Event]] = {}
        self._database: SqliteFile | _Server = (
            SqliteFile(url, payment_order, durable=durable)
            if self.is_sqlite
            else _Server(url, payment_order)
        )

    @classmethod
    def open(cls, url: str, *, durable: bool = True, payment_order: Order = USUAL_ORDER) -> Self:
        """`sqlite:///path` or `postgresql://…`; raises StorageUnavailable for anything else.

        `durable` False: a SQLite file that nobody needs after a power cut, in a process that has
        nothing else to do, and so a faster one. `payment_order` is how this lender allocates
        payments to components; every loan read here has it.
        """
        return cls(normalised(url), durable=durable, payment_order=payment_order)

    @asynccontextmanager
    async def transaction(self, *, at_once: bool = False) -> AsyncIterator[Transaction]:
        """Commits at the end of the block, rolls back on any exception.

        `at_once`: every statement that writes touches few rows, so on SQLite none of them needs to
        travel to a thread and back; the commit still does.
        """
        with said_plainly(self.url):
            async with self._database.transaction(at_once=at_once) as tx:
                yield tx
        for topic in tx.topics:
            for listener in self._listeners.get(topic, ()):
                listener.set()

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[Transaction]:
        """One consistent view of the database, never waiting for a writer."""
        with said_plainly(self.url):
            async with self._database.reading() as tx:
                yield tx

    @asynccontextmanager
    async def snapshot(self) -> AsyncIterator[Transaction]:
        """As `reading`, and one view for all its statements on PostgreSQL too."""
        with said_plainly(self.url):
            async with self._database.snapshot() as tx:
                yield tx

    async def connect_alone(self) -> AsyncConnection:
        """A connection for a lock that outlives a transaction; the caller closes it."""
        assert isinstance(self._database, _Server), "a file has one process, and needs no lock"
        return await self._database.connect_alone()

    def listen(self, topic: str) -> asyncio.Event:
        """An event that is set after each commit that touched `topic`, in this process."""
        listener = asyncio.Event()
        self._listeners.setdefault(topic, []).append(listener)
        return listener

    async def close(self) -> None:
        await self._database.close()


class _Server:
    """PostgreSQL with an ordinary pool."""

    def __init__(self, url: URL, payment_order: Order) -> None:
        self._url = url
        self._payment_order = payment_order
        self._engine: AsyncEngine = _engine(url)

    @asynccontextmanager
    async def transaction(self, *, at_once: bool) -> AsyncIterator[Transaction]:
        """`at_once` is SQLite's: everything waits for the server alike."""
        async with self._begun() as tx:
            yield tx

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[Transaction]:
        async with self._begun() as tx:
            yield tx

    @asynccontextmanager
    async def snapshot(self) -> AsyncIterator[Transaction]:
        async with self._begun(isolation_level="REPEATABLE READ") as tx:
            yield tx

    async def connect_alone(self) -> AsyncConnection:
        connection = await self._connected()
        return await connection.execution_options(isolation_level="AUTOCOMMIT")

    async def close(self) -> None:
        await self._engine.dispose()

    @asynccontextmanager
    async def _begun(self, **options: Any) -> AsyncIterator[Transaction]:
        connection = await self._connected()
        try:
            if options:
                await connection.execution_options(**options)
            async with connection.begin():
                yield Transaction(connection, self._payment_order)
        finally:
            await connection.close()

    async def _connected(self) -> AsyncConnection:
        try:
            return await self._engine.connect()
        except (OSError, TimeoutError) as error:
            raise unavailable(self._url, "cannot be reached; is the server running?") from error
        except PoolExhausted as error:
            raise unavailable(self._url, "every connection is in use; try again") from error


def _engine(url: URL) -> AsyncEngine:
    try:
        return create_async_engine(url, pool_size=10, max_overflow=10, hide_parameters=True)
    except ModuleNotFoundError as error:
        raise StorageUnavailable(
            f"DATABASE_URL: PostgreSQL needs {error.name}; pip install 'remindful[postgres]'"
        ) from error


def normalised(url: str) -> URL:
    """The URL with the asynchronous driver we use, whatever driver it named."""
    try:
        parsed = make_url(url)
    except (ArgumentError, ValueError):  # a port that is no number is a plain ValueError
        raise StorageUnavailable(
            "DATABASE_URL cannot be read; write sqlite:///FILE or postgresql://USER@HOST/NAME"
        ) from None
    backend = "postgresql" if parsed.drivername == "postgres" else parsed.get_backend_name()
    if backend == "sqlite":
        if not parsed.database or parsed.database == ":memory:":
            raise StorageUnavailable("DATABASE_URL must name a file: sqlite:///remindful.sqlite3")
        return parsed.set(drivername="sqlite+aiosqlite")
    if backend == "postgresql":
        return parsed.set(drivername="postgresql+asyncpg")
    raise StorageUnavailable(f"DATABASE_URL: {backend} is not supported; use sqlite or postgresql")


def file_of(url: URL) -> Path | None:
    """The SQLite file behind a URL, None for a server."""
    if url.get_backend_name() != "sqlite" or not url.database:
        return None
    return Path(url.database.removeprefix("file:"))
