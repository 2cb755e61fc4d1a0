"""What only one of several processes does at a time, and the numbers their locks have.

SQLite has one process (`storage.sole`), so there everything is ours. On PostgreSQL the server
takes a lock back when its holder's transaction or connection ends, however it ends.
"""

from typing import Self

from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection

from storage.engine import Storage, Transaction
from storage.errors import StorageUnavailable

PACE = (1 << 61) + 1
"""Deciding how many messages may go now, by what all processes sent lately."""
PLANNING = (1 << 61) + 2
"""Looking at borrowers whose moment has come."""
POLLING = (1 << 61) + 3
"""Asking Telegram for updates: two that ask end each other's calls."""


async def is_ours(tx: Transaction, key: int) -> bool:
    """Take the lease until this transaction ends. False: another process has it."""
    if not tx.is_postgresql:
        return True
    return bool(await tx.value(text("SELECT pg_try_advisory_xact_lock(:key)").bindparams(key=key)))


class Lease:
    """One that lasts longer than a transaction: a connection keeps it."""

    def __init__(self, storage: Storage, key: int) -> None:
        self._storage = storage
        self._key = key
        self._connection: AsyncConnection | None = None

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_error: object) -> None:
        await self._let_go()

    async def is_ours(self) -> bool:
        """Take it or make sure of it. Raises StorageUnavailable when the server is away."""
        if self._storage.is_sqlite:
            return True
        try:
            if self._connection is not None:
                await self._connection.execute(text("SELECT 1"))
                return True
            return await self._take()
        except (DBAPIError, OSError) as error:
            await self._let_go()
            raise StorageUnavailable("the database cannot be reached; is it running?") from error

    async def _take(self) -> bool:
        connection = await self._storage.connect_alone()
        taken = await connection.execute(
            text("SELECT pg_try_advisory_lock(:key)").bindparams(key=self._key)
        )
        if taken.scalar_one():
            self._connection = connection
            return True
        await connection.close()
        return False

    async def _let_go(self) -> None:
        """The lock goes with its connection, which must not go back to the pool with it."""
        connection, self._connection = self._connection, None
        if connection is not None:
            await connection.invalidate()
            await connection.close()
