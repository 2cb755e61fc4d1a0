"""Opening the database: one file (SQLite) or a server (PostgreSQL), the same door for both.

SQLite has one writer at a time, so writes queue on one connection and begin with BEGIN IMMEDIATE;
reads have connections of their own and never wait (WAL). PostgreSQL gets an ordinary pool.
"""

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import (
    AbstractAsyncContextManager,
    AbstractContextManager,
    asynccontextmanager,
    contextmanager,
    nullcontext,
)
from pathlib import Path
from typing import Any, Self, cast

from sqlalchemy import (
    URL,
    Connection,
    CursorResult,
    Executable,
    Row,
    Table,
    event,
    insert,
    make_url,
    text,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import ArgumentError, DBAPIError
from sqlalchemy.exc import TimeoutError as PoolExhausted
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine
from sqlalchemy.pool import AsyncAdaptedQueuePool

from storage.errors import StorageUnavailable
from storage.inline import Connection as SqliteConnection
from storage.inline import InlineConnection
from storage.records import USUAL_ORDER, Order

_BUSY_SECONDS = 5
_READERS = 5
_SILENT = {"hide_parameters": True}
"""Errors end in a log, and parameters are names, phones and words of a chat."""


Rows = Sequence[Mapping[str, Any]] | None


class Transaction:
    """An open transaction. Modules of this package take it first and never commit it."""

    def __init__(self, connection: AsyncConnection, payment_order: Order = USUAL_ORDER) -> None:
        self.connection = connection
        self.payment_order = payment_order
        self.is_postgresql = connection.dialect.name == "postgresql"
        self.topics: set[str] = set()

    async def execute(self, statement: Executable, rows: Rows = None) -> CursorResult[Any]:
        """Run one statement, or the same one for each of `rows`."""
        return cast(CursorResult[Any], await self.connection.execute(statement, rows))

    async def one(self, statement: Executable) -> Row[Any] | None:
        """The only row, None when there is none."""
        return (await self.connection.execute(statement)).one_or_none()

    async def all(self, statement: Executable) -> Sequence[Row[Any]]:
        return (await self.connection.execute(statement)).all()

    async def value(self, statement: Executable) -> Any:
        """The first column of the only row, None when there is none."""
        return (await self.connection.execute(statement)).scalar_one_or_none()

    async def add(self, table: Table, **values: Any) -> int:
        """Insert one row and return its id."""
        result = await self.connection.execute(insert(table).values(**values))
        key = result.inserted_primary_key
        assert key is not None, "every insert names one row"
        return int(key[0])

    def insert_or(self, table: Table) -> sqlite.Insert | postgresql.Insert:
        """An insert that takes `on_conflict_do_nothing` or `on_conflict_do_update`."""
        return postgresql.insert(table) if self.is_postgresql else sqlite.insert(table)

    async def lock(self, key: int) -> None:
        """Wait for the right to work on `key` (a chat, a borrower) until this transaction ends.

        SQLite needs nothing: it has one writer.
        """
        if self.is_postgresql:
            await self.connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": key})

    def touch(self, topic: str) -> None:
        """Wake whoever listens to `topic`, once this transaction has committed."""
        self.topics.add(topic)


class Storage:
    """The open database. `async with storage.transaction() as tx` writes, `reading()` reads."""

    def __init__(
        self, url: URL, *, durable: bool = True, payment_order: Order = USUAL_ORDER
    ) -> None:
        self.url = url
        self.payment_order = payment_order
        self.is_sqlite = url.get_backend_name() == "sqlite"
        self._listeners: dict[str, list[asyncio.Event]] = {}
        if self.is_sqlite:
            self._writing: AsyncEngine = _sqlite(
                url, pool_size=1, begin="BEGIN IMMEDIATE", durable=durable
            )
            self._reading: AsyncEngine = _sqlite(
                url, pool_size=_READERS, begin="BEGIN", durable=durable
            )
        else:
            self._writing = _postgresql(url)
            self._reading = self._writing
        self._turn = asyncio.Lock()

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
        turn: AbstractAsyncContextManager[Any] = self._turn if self.is_sqlite else nullcontext()
        async with turn, self._begun(self._writing) as tx:
            with await self._here(tx) if at_once and self.is_sqlite else nullcontext():
                yield tx
        for topic in tx.topics:
            for listener in self._listeners.get(topic, ()):
                listener.set()

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[Transaction]:
        """One consistent view of the database, never waiting for a writer."""
        async with self._begun(self._reading) as tx:
            yield tx

    @asynccontextmanager
    async def snapshot(self) -> AsyncIterator[Transaction]:
        """As `reading`, and one view for all its statements on PostgreSQL too."""
        level = {} if self.is_sqlite else {"isolation_level": "REPEATABLE READ"}
        async with self._begun(self._reading, **level) as tx:
            yield tx

    async def connect_alone(self) -> AsyncConnection:
        """A connection for a lock that outlives a transaction; the caller closes it."""
        connection = await self._connected(self._writing)
        return await connection.execution_options(isolation_level="AUTOCOMMIT")

    def listen(self, topic: str) -> asyncio.Event:
        """An event that is set after each commit that touched `topic`, in this process."""
        listener = asyncio.Event()
        self._listeners.setdefault(topic, []).append(listener)
        return listener

    @asynccontextmanager
    async def _begun(self, engine: AsyncEngine, **options: Any) -> AsyncIterator[Transaction]:
        with _said_plainly(self.url):
            connection = await self._connected(engine)
            try:
                if options:
                    await connection.execution_options(**options)
                async with connection.begin():
                    yield Transaction(connection, self.payment_order)
            finally:
                await connection.close()

    async def _here(self, tx: Transaction) -> AbstractContextManager[None]:
        raw = await tx.connection.get_raw_connection()
        return _at_once(cast(SqliteConnection, raw.driver_connection))

    async def _connected(self, engine: AsyncEngine) -> AsyncConnection:
        try:
            return await engine.connect()
        except (OSError, TimeoutError) as error:
            raise _unavailable(self.url, "cannot be reached; is the server running?") from error
        except PoolExhausted as error:
            raise _unavailable(self.url, "every connection is in use; try again") from error

    async def close(self) -> None:
        await self._writing.dispose()
        if self._reading is not self._writing:
            await self._reading.dispose()


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


@contextmanager
def _at_once(connection: SqliteConnection) -> Iterator[None]:
    connection.at_once = True
    try:
        yield
    finally:
        connection.at_once = False


@contextmanager
def _said_plainly(url: URL) -> Iterator[None]:
    """Turns the driver's refusals into StorageUnavailable with the mend."""
    try:
        yield
    except DBAPIError as error:
        mend = _mend(error)
        if mend is None:
            raise
        raise _unavailable(url, mend) from error


def _unavailable(url: URL, mend: str) -> StorageUnavailable:
    shown = url.set(drivername=url.get_backend_name())
    return StorageUnavailable(f"{shown.render_as_string(hide_password=True)}: {mend}")


_SQLITE = {
    "SQLITE_READONLY": "is read-only; give this user the right to write to the file and its folder",
    "SQLITE_BUSY": f"was locked by another program for {_BUSY_SECONDS} s; stop it or try again",
    "SQLITE_FULL": "the disk is full; free some space, nothing was lost",
    "SQLITE_IOERR": "the disk answers with errors, it may be full; nothing was lost",
    "SQLITE_CANTOPEN": "cannot be opened; does the folder exist and may this user write to it?",
    "SQLITE_PERM": "may not be opened by this user",
    "SQLITE_NOTADB": "is not a database of ours",
    "SQLITE_CORRUPT": "is damaged; restore a backup",
}
_POSTGRESQL = {
    "08": "cannot be reached; is the server running?",
    "28": "refuses this user; check the name and the password in DATABASE_URL",
    "3D": "does not exist on this server; create it first",
    "25006": "is read-only; is this a standby?",
    "40": "had to give way to another transaction; try again",
    "53": "the server is out of disk, memory or connections; nothing was lost",
    "55P03": "was locked by another program; stop it or try again",
    "57": "the server is stopping or starting; try again",
    "58": "the server's disk answers with errors",
}
"""Codes begin with their class: the driver's text changes with version and language."""


def _mend(error: DBAPIError) -> str | None:
    """What the operator can do; None when the fault is ours, such as a broken constraint."""
    if error.connection_invalidated:
        return _POSTGRESQL["08"]
    code = getattr(error.orig, "sqlite_errorname", None)
    known = _SQLITE
    if code is None:
        code, known = getattr(error.orig, "sqlstate", None), _POSTGRESQL
    return next((mend for part, mend in known.items() if str(code).startswith(part)), None)


def _postgresql(url: URL) -> AsyncEngine:
    try:
        return create_async_engine(url, pool_size=10, max_overflow=10, **_SILENT)
    except ModuleNotFoundError as error:
        raise StorageUnavailable(
            f"DATABASE_URL: PostgreSQL needs {error.name}; pip install 'remindful[postgres]'"
        ) from error


def _sqlite(url: URL, *, pool_size: int, begin: str, durable: bool) -> AsyncEngine:
    how = {"async_creator_fn": SqliteConnection if durable else InlineConnection}
    engine = create_async_engine(
        url,
        poolclass=AsyncAdaptedQueuePool,
        pool_size=pool_size,
        max_overflow=0,
        connect_args={"timeout": _BUSY_SECONDS, **how},
        **_SILENT,
    )

    @event.listens_for(engine.sync_engine, "do_connect")
    def try_first(_dialect: object, _record: object, where: Any, options: Any) -> None:
        # A file that cannot be opened would leave the driver's thread behind, which then
        # reports to a loop that is gone.
        plain = {name: one for name, one in options.items() if name != "async_creator_fn"}
        sqlite3.connect(*where, **plain).close()

    @event.listens_for(engine.sync_engine, "connect")
    def configure(connection: Any, _record: object) -> None:
        # The driver's own transaction handling starts too late and too weakly; ours is below.
        connection.isolation_level = None
        cursor = connection.cursor()
        for pragma in (
            "journal_mode=WAL",
            "synchronous=FULL" if durable else "synchronous=OFF",
            "foreign_keys=ON",
            f"busy_timeout={_BUSY_SECONDS * 1000}",
        ):
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    @event.listens_for(engine.sync_engine, "begin")
    def begin_ours(connection: Connection) -> None:
        connection.exec_driver_sql(begin)

    return engine


def file_of(url: URL) -> Path | None:
    """The SQLite file behind a URL, None for a server."""
    if url.get_backend_name() != "sqlite" or not url.database:
        return None
    return Path(url.database.removeprefix("file:"))
