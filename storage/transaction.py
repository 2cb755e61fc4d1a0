"""An open transaction: what every module of this package is given first and never commits."""

import sqlite3
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from functools import cache
from typing import Any, cast

from sqlalchemy import BigInteger, CursorResult, Executable, Row, Table, bindparam, insert, text
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import MultipleResultsFound
from sqlalchemy.ext.asyncio import AsyncConnection

from storage.faults import as_told, driver_faults
from storage.inline import Connection as SqliteConnection
from storage.prepared import Prepared
from storage.records import USUAL_ORDER, Order

Rows = Sequence[Mapping[str, Any]] | None
_LOCKS = Prepared(
    text("SELECT pg_advisory_xact_lock(key) FROM unnest(:keys) AS key").bindparams(
        bindparam("keys", type_=postgresql.ARRAY(BigInteger))
    )
)


class Transaction:
    """One of either database. Modules of this package take it first and never commit it."""

    def __init__(
        self,
        connection: AsyncConnection,
        payment_order: Order = USUAL_ORDER,
        driver: SqliteConnection | None = None,
    ) -> None:
        """`driver`: SQLite's own connection, which takes prepared statements as they are."""
        self.connection = connection
        self.payment_order = payment_order
        self._driver = driver
        self._dialect = connection.dialect
        self.is_postgresql = self._dialect.name == "postgresql"
        self.topics: set[str] = set()

    @asynccontextmanager
    async def part(self) -> AsyncIterator[None]:
        """What is written in the block is undone if it raises; what was before it stands."""
        touched = set(self.topics)
        try:
            if self._driver is None:
                async with self.connection.begin_nested():
                    yield
                return
            await self._driver.change("SAVEPOINT part", ())
            yield
            await self._driver.change("RELEASE part", ())
        except Exception:
            self.topics = touched
            if self._driver is not None and self.stands:
                await self._driver.change("ROLLBACK TO part", ())
                await self._driver.change("RELEASE part", ())
            raise

    @property
    def stands(self) -> bool:
        """False: SQLite gave the whole transaction up by itself, as for a disk that is full."""
        return self._driver is None or self._driver.in_transaction

    async def execute(self, statement: Executable, rows: Rows = None) -> CursorResult[Any]:
        """Run one statement, or the same one for each of `rows`."""
        return cast(CursorResult[Any], await self.connection.execute(statement, rows))

    async def change(self, statement: Prepared, **values: Any) -> int:
        """Run a statement that gives no rows. Returns how many rows it changed."""
        if self._driver is None:
            result = await self.connection.execute(statement.on(self._dialect), values)
            return cast(CursorResult[Any], result).rowcount
        direct = statement.direct(self._dialect)
        sql, parameters = direct.asked(values)
        with driver_faults(sql, self._dialect):
            cursor = await self._driver.change(sql, parameters)
        return cursor.rowcount

    async def change_each(
        self, statement: Prepared, rows: Sequence[Mapping[str, Any]]
    ) -> int | None:
        """The same statement for each of `rows`, at least one. Returns how many rows it changed,
        None on PostgreSQL, whose driver does not say."""
        if self._driver is None:
            await self.connection.execute(statement.on(self._dialect), rows)
            return None
        direct = statement.direct(self._dialect)
        with driver_faults(direct.sql, self._dialect):
            given = [direct.parameters(row) for row in rows]
            return (await self._driver.change_many(direct.sql, given)).rowcount

    async def write(self, sql: str, rows: Sequence[Sequence[Any]]) -> None:
        """A text of the database's own dialect for each of `rows`, whose values it can take."""
        if self._driver is None:
            await self.connection.exec_driver_sql(sql, [tuple(row) for row in rows])
            return
        with driver_faults(sql, self._dialect):
            await self._driver.change_many(sql, rows)

    async def one(self, statement: Executable | Prepared, **values: Any) -> Row[Any] | None:
        """The only row, None when there is none. Raises for more than one."""
        if isinstance(statement, Prepared):
            return _only(await self.all(statement, **values))
        return (await self.connection.execute(statement)).one_or_none()

    async def all(self, statement: Executable | Prepared, **values: Any) -> Sequence[Row[Any]]:
        """Every row. `values` fill the gaps of a prepared statement."""
        if not isinstance(statement, Prepared):
            return (await self.connection.execute(statement)).all()
        if self._driver is None:
            return (await self.connection.execute(statement.on(self._dialect), values)).all()
        direct = statement.direct(self._dialect)
        sql, parameters = direct.asked(values)
        try:  # as `driver_faults` does it, but this is asked dozens of times for a message
            rows = await self._driver.fetch(sql, parameters)
        except sqlite3.Error as error:
            raise as_told(sql, error, self._dialect) from error
        return direct.records(rows)

    async def value(self, statement: Executable | Prepared, **values: Any) -> Any:
        """The first column of the only row, None when there is none."""
        if isinstance(statement, Prepared):
            row = _only(await self.all(statement, **values))
            return None if row is None else row[0]
        return (await self.connection.execute(statement)).scalar_one_or_none()

    async def add(self, table: Table, **values: Any) -> int:
        """Insert one row and return its id."""
        return int(await self.value(_one_row(table, tuple(values)), **values))

    def insert_or(self, table: Table) -> sqlite.Insert | postgresql.Insert:
        """An insert that takes `on_conflict_do_nothing` or `on_conflict_do_update`."""
        return postgresql.insert(table) if self.is_postgresql else sqlite.insert(table)

    async def lock(self, key: int) -> None:
        """Wait for the right to work on `key` (a chat, a borrower) until this transaction ends.

        SQLite needs nothing: it has one writer.
        """
        if self.is_postgresql:
            await self.connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": key})

    async def lock_all(self, keys: Iterable[int]) -> None:
        """As `lock`, each of them and in their order, in one question."""
        if self.is_postgresql:
            await self.all(_LOCKS, keys=sorted(keys))

    def touch(self, topic: str) -> None:
        """Wake whoever listens to `topic`, once this transaction has committed."""
        self.topics.add(topic)


def _only(rows: Sequence[Row[Any]]) -> Row[Any] | None:
    if len(rows) > 1:
        raise MultipleResultsFound("more than one row where one was asked for")
    return rows[0] if rows else None


@cache
def _one_row(table: Table, columns: tuple[str, ...]) -> Prepared:
    (key,) = table.primary_key.columns
    return Prepared(insert(table).returning(key), columns=columns)
