"""Writing a backup while everything goes on: one consistent view of the database into one file.

SQLite copies its pages through its own online backup, out of a read transaction that no writer
waits for. PostgreSQL is read in one REPEATABLE READ transaction and written as rows of the same
schema, so neither `pg_dump` nor a second format is needed.
"""

import asyncio
import sqlite3
from collections.abc import Callable
from contextlib import closing
from datetime import datetime
from pathlib import Path
from urllib.parse import quote

from sqlalchemy import Connection, MetaData, Table
from sqlalchemy.types import DateTime

from storage import backup_file, migrating
from storage.backup_file import Manifest
from storage.columns import Instant
from storage.copying import copy_rows
from storage.engine import Storage, Transaction, file_of
from storage.errors import StorageUnavailable
from storage.schema import metadata

_PAGES_TOGETHER = 2000

Progress = Callable[[float], None]
"""Told the share that is done, 0 to 1."""


async def back_up(url: str, file: Path, now: datetime, progress: Progress) -> Manifest:
    """Write the database at `url` into the new file `file`; `now` is the backup's moment.

    Raises BackupRefused when the file is there already, StorageUnavailable when the database or
    the disk cannot be used, SchemaTooNew for a PostgreSQL of a newer version.
    """
    storage = Storage.open(url)
    try:
        source = file_of(storage.url)
        if source is not None:
            return await asyncio.to_thread(_copy_pages, source, file, now, progress)
        return await _copy_rows(storage, file, now, progress)
    finally:
        await storage.close()


def _copy_pages(source: Path, file: Path, now: datetime, progress: Progress) -> Manifest:
    if not source.is_file():
        raise StorageUnavailable(f"{source}: there is no database to back up")
    try:
        with closing(_opened(source)) as live, backup_file.new_file(file) as partial:
            live.execute("BEGIN")
            _refuse_strange(live, source)  # and from here on the view is fixed
            with closing(sqlite3.connect(partial)) as copy:
                copy.execute("PRAGMA synchronous=OFF")
                live.backup(
                    copy,
                    pages=_PAGES_TOGETHER,
                    progress=lambda _status, left, all_: progress(1 - left / max(all_, 1)),
                )
            return backup_file.seal(partial, now, "sqlite")
    except sqlite3.DatabaseError as error:
        raise StorageUnavailable(f"{source} cannot be read ({error})") from error


def _opened(source: Path) -> sqlite3.Connection:
    """Never created: a mistyped name must not become a backup of nothing."""
    return sqlite3.connect(f"file:{quote(str(source))}?mode=rw", uri=True, isolation_level=None)


def _refuse_strange(live: sqlite3.Connection, source: Path) -> None:
    try:
        version = live.execute("SELECT version_num FROM alembic_version").fetchone()
    except sqlite3.OperationalError as error:
        if "no such table" not in str(error):
            raise
        version = None
    if version is None:
        raise StorageUnavailable(f"{source} is empty or not ours: there is nothing to back up")


async def _copy_rows(storage: Storage, file: Path, now: datetime, progress: Progress) -> Manifest:
    async with storage.snapshot() as source:
        version = await migrating.current_in(source)
        if version is None:
            raise StorageUnavailable("the database is empty: there is nothing to back up")
        migrating.refuse_unknown(version)
        with backup_file.new_file(file) as partial:
            archive = Storage.open(f"sqlite:///{partial}", durable=False)  # synced when it is whole
            try:
                await migrating.upgrade(archive, version)
                async with archive.transaction() as target:
                    tables = await _tables(target, version)
                    await copy_rows(source, target, tables, progress)
            finally:
                await archive.close()
            return await asyncio.to_thread(backup_file.seal, partial, now, "postgresql")


async def _tables(target: Transaction, version: str) -> list[Table]:
    """Those of this program; those of an older version as its migrations have made them."""
    if version == migrating.newest():
        return list(metadata.sorted_tables)
    return await target.connection.run_sync(_as_they_are)


def _as_they_are(connection: Connection) -> list[Table]:
    found = MetaData()
    found.reflect(connection)
    tables = [table for table in found.sorted_tables if table.name != "alembic_version"]
    for table in tables:
        for column in table.columns:
            if isinstance(column.type, DateTime):
                column.type = Instant()
    return tables
