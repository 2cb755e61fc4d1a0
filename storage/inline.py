"""A SQLite connection that works where it is called, without a thread of its own.

The running bot must not wait for the disk, so its connections have threads. A process that does
nothing but run through one database in virtual time spends most of its life changing between them.
"""

import asyncio
import sqlite3
from collections.abc import Callable, Generator
from typing import Any, cast

import aiosqlite


class _AtOnce:
    """Stands for the queue of the thread there is not; SQLAlchemy puts some calls there itself."""

    def put_nowait(self, call: tuple[asyncio.Future[Any] | None, Callable[[], Any]]) -> None:
        future, act = call
        done = act()
        if future is not None:
            future.set_result(done)


class InlineConnection(aiosqlite.Connection):
    """Everything asynchronous about it is the spelling."""

    def __init__(self, file: str, **options: Any) -> None:
        super().__init__(lambda: sqlite3.connect(file, **options), 64)
        self._tx = cast(Any, _AtOnce())

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

    async def _execute(self, fn: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        return fn(*args, **kwargs)
