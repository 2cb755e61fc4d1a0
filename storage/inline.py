"""A SQLite connection that changes between threads as seldom as it can.

The driver's own sends every step of every statement to a thread: four journeys a statement, and
each waits for the interpreter while the loop is busy. Here a statement with all its rows is one
journey, and in a transaction that is `at_once` none: what is short is done where it is asked for.
The loop still never waits for the disk or for another program: beginning and committing go to the
thread, and a query that turns out long is broken off and asked there again.
"""

import asyncio
import sqlite3
from collections import deque
from collections.abc import AsyncIterator, Callable, Generator, Iterable, Sequence
from itertools import islice
from typing import Any, TypeVar, cast

import aiosqlite

BUSY_SECONDS = 5
"""So long a writer waits for another program."""

_Found = TypeVar("_Found")

_WAITS = ("BEGIN", "COMMIT", "ROLLBACK", "PRAGMA", "VACUUM", "ATTACH", "DETACH")
_KIND = 0xFF
"""The part of SQLite's code that says what kind of fault it is."""
_AHEAD = 1_000
_STEPS = 200_000
"""So many steps of SQLite's machine are some milliseconds; a longer query goes to the thread."""


class Connection(aiosqlite.Connection):
    """`at_once`: the transaction that has it promises short statements."""

    at_once = False

    def __init__(self, file: str, **options: Any) -> None:
        options["check_same_thread"] = False

        def connect() -> sqlite3.Connection:
            opened: sqlite3.Connection = sqlite3.connect(file, **options)
            opened.set_progress_handler(lambda: self._may_break_off, _STEPS)
            return opened

        super().__init__(connect, 64)
        self._thread.daemon = True  # a process that fails must end, also with a connection open
        self._away = 0
        self._looking = False
        self._may_break_off = False

    def cursor(self) -> Any:
        return _Cursor(self, self._conn.cursor())

    async def run(self, statement: str, act: Callable[[], _Found]) -> _Found:
        """Do it here if `statement` may be done here, in the thread otherwise."""
        head = statement[:10].lstrip().upper()
        if not self.at_once or self._away or head.startswith(_WAITS):
            return await self._away_from_here(act)
        if not head.startswith("SELECT"):
            return act()
        return await self._unless_long(act)

    async def fetch(self, statement: str, parameters: Sequence[Any]) -> list[tuple[Any, ...]]:
        """All rows a statement gives."""

        def act() -> list[tuple[Any, ...]]:
            return self._conn.execute(statement, parameters).fetchall()

        if self.at_once and not self._away and statement.startswith("SELECT"):
            return await self._unless_long(act)
        return await self.run(statement, act)

    async def change(self, statement: str, parameters: Sequence[Any]) -> sqlite3.Cursor:
        """Run a statement that gives no rows; the cursor knows how many it changed."""
        return await self.run(statement, lambda: self._conn.execute(statement, parameters))

    async def change_many(self, statement: str, rows: Iterable[Sequence[Any]]) -> sqlite3.Cursor:
        """The same statement for each of `rows`."""
        return await self.run(statement, lambda: self._conn.executemany(statement, rows))

    async def begin(self, *, writing: bool) -> None:
        """A look at the database waits for nobody and is short until something proves long.

        Whoever writes may have to wait for another program, and then does so in the thread.
        """
        self._looking = not writing
        if self._looking:
            self.at_once = True
            self._conn.execute("BEGIN")
        elif not self._begun_at_once():
            await self._away_from_here(lambda: self._conn.execute("BEGIN IMMEDIATE"))

    async def commit(self) -> None:
        """The disk is waited for in the thread."""
        if self._looking:
            self._conn.commit()
        else:
            await super().commit()

    def _begun_at_once(self) -> bool:
        self._conn.execute("PRAGMA busy_timeout=0")
        try:
            self._conn.execute("BEGIN IMMEDIATE")
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode & _KIND != sqlite3.SQLITE_BUSY:
                raise
            return False
        finally:
            self._conn.execute(f"PRAGMA busy_timeout={BUSY_SECONDS * 1000}")
        return True

    async def _unless_long(self, act: Callable[[], _Found]) -> _Found:
        self._may_break_off = True
        try:
            return act()
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode != sqlite3.SQLITE_INTERRUPT:
                raise
        finally:
            self._may_break_off = False
        return await self._away_from_here(act)

    async def _away_from_here(self, act: Callable[[], _Found]) -> _Found:
        return cast(_Found, await self._execute(act))

    async def _execute(self, fn: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        self._away += 1
        try:
            return await super()._execute(fn, *args, **kwargs)  # type: ignore[no-untyped-call]  # theirs
        finally:
            self._away -= 1


class _Cursor:
    """As SQLAlchemy uses one. Rows are fetched together with the statement, the first of many."""

    def __init__(self, connection: Connection, cursor: sqlite3.Cursor) -> None:
        self._connection = connection
        self._cursor = cursor
        self._rows: deque[Any] = deque()
        self._more = False

    async def __aenter__(self) -> "_Cursor":
        return self

    @property
    def description(self) -> Any:
        return self._cursor.description

    @property
    def rowcount(self) -> int:
        return self._cursor.rowcount

    @property
    def lastrowid(self) -> int | None:
        return self._cursor.lastrowid

    @property
    def arraysize(self) -> int:
        return self._cursor.arraysize

    async def execute(self, statement: str, parameters: Any = ()) -> None:
        def act() -> list[Any]:
            self._cursor.execute(statement, parameters)
            return self._cursor.fetchmany(_AHEAD) if self._cursor.description else []

        self._take(await self._connection.run(statement, act))

    async def executemany(self, statement: str, rows: Iterable[Any]) -> None:
        await self._connection.run(statement, lambda: self._cursor.executemany(statement, rows))

    async def fetchone(self) -> Any:
        if not self._rows:
            await self._fetch(_AHEAD)
        return self._rows.popleft() if self._rows else None

    async def fetchmany(self, size: int | None = None) -> list[Any]:
        wanted = size or self.arraysize
        if len(self._rows) < wanted:
            await self._fetch(wanted)
        return [self._rows.popleft() for _ in islice(range(len(self._rows)), wanted)]

    async def fetchall(self) -> list[Any]:
        if self._more:
            self._rows.extend(await self._connection._execute(self._cursor.fetchall))
            self._more = False
        rows, self._rows = list(self._rows), deque()
        return rows

    async def __aiter__(self) -> AsyncIterator[Any]:
        while (row := await self.fetchone()) is not None:
            yield row

    async def close(self) -> None:
        if self._more:
            await self._connection._execute(self._cursor.close)
        else:
            self._cursor.close()

    async def _fetch(self, size: int) -> None:
        if self._more:
            self._take(await self._connection._execute(self._cursor.fetchmany, size), size)

    def _take(self, rows: list[Any], asked: int = _AHEAD) -> None:
        self._rows.extend(rows)
        self._more = len(rows) == asked


class _Here:
    """Stands for the queue of the thread there is not; SQLAlchemy puts some calls there itself."""

    def put_nowait(self, call: tuple[asyncio.Future[Any] | None, Callable[[], Any]]) -> None:
        future, act = call
        done = act()
        if future is not None:
            future.set_result(done)


class InlineConnection(Connection):
    """No thread at all, for a process that does nothing but run through one database.

    A rehearsal in virtual time would spend most of its life changing between threads.
    """

    def __init__(self, file: str, **options: Any) -> None:
        super().__init__(file, **options)
        self._tx = cast(Any, _Here())

    def __await__(self) -> Generator[Any, None, aiosqlite.Connection]:
        return self._connect().__await__()

    async def close(self) -> None:
        self.stop()

    def stop(self) -> None:
        self._running = False
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    async def _connect(self) -> aiosqlite.Connection:
        self._connection = self._connector()
        return self

    async def run(self, _statement: str, act: Callable[[], _Found]) -> _Found:
        return act()

    async def _unless_long(self, act: Callable[[], _Found]) -> _Found:
        return act()

    async def _execute(self, fn: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        return fn(*args, **kwargs)
