"""Putting a backup back: a checked copy is prepared aside, and only then takes the old one's place.

Up to that last step, one renaming on SQLite and one commit on PostgreSQL, the old database is as
it was, whatever dies. It is kept beside unless it held nothing.
"""

import asyncio
import os
import shutil
import sqlite3
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, closing, contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from sqlalchemy import func, select, text
from sqlalchemy.schema import CreateSchema

from storage import backup_file, migrating
from storage.backup_file import Manifest
from storage.copying import copy_rows
from storage.engine import Storage, Transaction, file_of, normalised
from storage.errors import BackupRefused, SchemaTooNew, StorageUnavailable
from storage.schema import metadata
from storage.sole import alone

_NOT_FACTS = {"script_edition"}
"""Rows that a database has before anybody has used it."""
_NOT_EMPTY = "holds data already; with --replace it is kept beside and the backup takes its place"

Progress = Callable[[float], None]


@dataclass(frozen=True, slots=True)
class Prepared:
    """A copy of a backup, at this program's version and in nobody's way."""

    storage: Storage
    manifest: Manifest


def checked(file: Path) -> Manifest:
    """What a backup holds. Raises BackupRefused for a damaged, foreign or newer file."""
    manifest = backup_file.read(file)
    try:
        with closing(backup_file.reading(file)) as database:
            (revision,) = database.execute("SELECT version_num FROM alembic_version").fetchone()
    except (sqlite3.DatabaseError, ValueError, TypeError) as error:
        raise BackupRefused(f"{file} is damaged ({error}); use another backup") from None
    for version in (revision, manifest.revision):
        _refuse_newer(file, version)
    backup_file.verify(file, manifest)
    return manifest


def _refuse_newer(file: Path, version: str) -> None:
    try:
        migrating.refuse_unknown(version)
    except SchemaTooNew:
        raise BackupRefused(
            f"{file} is of version {version}, this program is at {migrating.newest()} "
            "and does not know it: update the program first"
        ) from None


@asynccontextmanager
async def prepared(url: str, file: Path) -> AsyncIterator[Prepared]:
    """A copy of the backup beside the target, migrated to this version and ready to be settled."""
    manifest = checked(file)
    target = file_of(normalised(url))
    with _workshop(target) as copy:
        with backup_file.said_plainly(copy):
            await asyncio.to_thread(_copied, file, copy)
        storage = Storage.open(f"sqlite:///{copy}", durable=False)  # until it is in place
        try:
            await migrating.upgrade(storage)
            yield Prepared(storage, manifest)
        finally:
            await storage.close()


@contextmanager
def held(url: str) -> Iterator[None]:
    """Nobody else works on a SQLite target while this is held; a running bot refuses it."""
    with alone(normalised(url)):
        yield


async def put_in_place(
    url: str, ready: Prepared, now: datetime, *, replace: bool, progress: Progress
) -> str | None:
    """The prepared copy becomes the database at `url`. Returns where the old one is kept.

    Raises BackupRefused when there is something and `replace` is false, StorageUnavailable when
    somebody works on it.
    """
    target = file_of(normalised(url))
    if target is None:
        return await _load(url, ready, now, replace=replace, progress=progress)
    source = file_of(ready.storage.url)
    assert source is not None, "it is a file of ours"
    await ready.storage.close()
    return await asyncio.to_thread(_take_its_place, source, target, now, replace)


async def refuse_unless_free(url: str, *, replace: bool) -> None:
    """Say no before any work is done, where it can be known."""
    target = file_of(normalised(url))
    if target is not None:
        if not replace and not await asyncio.to_thread(_is_empty, target):
            raise BackupRefused(f"{target} {_NOT_EMPTY}")
        return
    storage = Storage.open(url)
    try:
        async with storage.reading() as tx:
            await _refuse_company(tx)
            if not replace and not await _holds_nothing(tx):
                raise BackupRefused(f"the database {_NOT_EMPTY}")
    finally:
        await storage.close()


# --- SQLite ---------------------------------------------------------------------------------


@contextmanager
def _workshop(target: Path | None) -> Iterator[Path]:
    """Where the copy is made: on the target's own disk, so that one renaming moves it."""
    if target is None:
        with TemporaryDirectory(prefix="remindful-") as folder:
            yield Path(folder) / "restoring.sqlite3"
        return
    copy = target.with_name(f"{target.name}.restoring")
    try:
        yield copy
    finally:
        for part in _parts(copy):
            part.unlink(missing_ok=True)


def _copied(file: Path, copy: Path) -> None:
    for part in _parts(copy):  # what a killed predecessor left
        part.unlink(missing_ok=True)
    handle = os.open(copy, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
    with os.fdopen(handle, "wb") as new, file.open("rb") as backup:
        shutil.copyfileobj(backup, new, 2**20)
    backup_file.opened_up(copy)


def _take_its_place(source: Path, target: Path, now: datetime, replace: bool) -> str | None:
    with backup_file.said_plainly(target):
        with closing(sqlite3.connect(source)) as database:
            database.execute("PRAGMA journal_mode=DELETE")
        _like(target, source)
        with source.open("rb") as whole:
            os.fsync(whole.fileno())
        aside = None
        if not _is_empty(target):
            if not replace:
                raise BackupRefused(f"{target} {_NOT_EMPTY}")
            aside = _free_name(target, now)
        _set_aside(target, aside)
        source.replace(target)
        folder = os.open(target.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
    return None if aside is None else str(aside)


def _is_empty(target: Path) -> bool:
    """Whether there is no file, or one without a single fact. A damaged one is not empty."""
    if not target.exists() or target.stat().st_size == 0:
        return True
    try:
        with closing(sqlite3.connect(target)) as database:
            names = [
                name
                for (name,) in database.execute(
                    "SELECT name FROM sqlite_master WHERE type = 'table' "
                    "AND name <> 'alembic_version' AND name NOT LIKE 'sqlite_%'"
                )
            ]
            return all(
                name in _NOT_FACTS
                or database.execute(f'SELECT 1 FROM "{name}" LIMIT 1').fetchone() is None
                for name in names
            )
    except sqlite3.DatabaseError:
        return False


def _set_aside(target: Path, aside: Path | None) -> None:
    """Until the new file takes the name, the old one has it too, whole and in one piece.

    A log of changes left beside would be taken for the new file's, so it is written back first.
    """
    if not target.exists():
        return
    try:
        with closing(sqlite3.connect(target, timeout=2)) as database:
            database.execute("PRAGMA journal_mode=DELETE")
    except sqlite3.OperationalError as error:
        if "locked" in str(error):
            raise StorageUnavailable(
                f"{target}: another program has it open; stop that one and try again"
            ) from None
    except sqlite3.DatabaseError:
        pass  # damaged: its parts are moved as they are
    _, *logs = _parts(target)
    for part in logs:
        if not part.exists():
            continue
        if aside is None:
            part.unlink()
        else:
            part.rename(aside.with_name(aside.name + part.name.removeprefix(target.name)))
    if aside is not None:
        try:
            aside.hardlink_to(target)
        except OSError:  # a file system without links
            shutil.copy2(target, aside)


def _parts(file: Path) -> list[Path]:
    return [file, *(file.with_name(file.name + end) for end in ("-wal", "-shm", "-journal"))]


def _free_name(target: Path, now: datetime) -> Path:
    name = f"{target.name}.before-{now:%Y%m%dT%H%M%SZ}"
    taken = 0
    while (free := target.with_name(name + (f"-{taken}" if taken else ""))).exists():
        taken += 1
    return free


def _like(target: Path, source: Path) -> None:
    """The new file belongs to whom the old one belonged to: the bot may be another user."""
    if target.exists():
        old = target.stat()
        source.chmod(old.st_mode & 0o777)
        with suppress(PermissionError):
            os.chown(source, old.st_uid, old.st_gid)


# --- PostgreSQL -----------------------------------------------------------------------------


async def _load(
    url: str, ready: Prepared, now: datetime, *, replace: bool, progress: Progress
) -> str | None:
    """Everything in one transaction: until its commit the old tables are where they were."""
    storage = Storage.open(url)
    try:
        async with ready.storage.reading() as source, storage.transaction() as target:
            await _refuse_company(target)
            aside = None
            if not await _holds_nothing(target):
                if not replace:
                    raise BackupRefused(f"the database {_NOT_EMPTY}")
                aside = await _moved(target, now)
            await migrating.upgrade_in(target)
            for name in _NOT_FACTS:
                await target.execute(metadata.tables[name].delete())
            await copy_rows(source, target, metadata.sorted_tables, progress)
            await _count_on(target)
    finally:
        await storage.close()
    return None if aside is None else f"schema {aside}"


async def _refuse_company(tx: Transaction) -> None:
    others = await tx.value(
        text(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() "
            "AND pid <> pg_backend_pid() AND backend_type = 'client backend'"
        )
    )
    if others:
        raise StorageUnavailable(
            f"{others} other connections to this database are open: stop every `remindful run` "
            "and whatever else works on it, then try again"
        )


async def _holds_nothing(tx: Transaction) -> bool:
    there = await _tables_there(tx)
    for table in metadata.sorted_tables:
        if table.name in there and table.name not in _NOT_FACTS:
            found = await tx.all(select(text("1")).select_from(table).limit(1))
            if found:
                return False
    return True


async def _tables_there(tx: Transaction) -> list[str]:
    ours = {*metadata.tables, "alembic_version"}
    rows = await tx.all(
        text("SELECT tablename AS name FROM pg_tables WHERE schemaname = current_schema()")
    )
    return [row.name for row in rows if row.name in ours]


async def _moved(tx: Transaction, now: datetime) -> str:
    """Put our tables, with all that hangs on them, into a schema of their own."""
    name = f"before_{now:%Y%m%dt%H%M%Sz}"
    rows = await tx.all(text("SELECT nspname AS name FROM pg_namespace"))
    taken = {row.name for row in rows}
    aside, number = name, 0
    while aside in taken:
        number += 1
        aside = f"{name}_{number}"
    await tx.execute(CreateSchema(aside))
    for table in await _tables_there(tx):
        await tx.execute(text(f'ALTER TABLE "{table}" SET SCHEMA "{aside}"'))
    return aside


async def _count_on(tx: Transaction) -> None:
    """New rows are numbered behind those that came with their numbers."""
    for table in metadata.sorted_tables:
        keys = list(table.primary_key.columns)
        if len(keys) != 1 or keys[0].name != "id":
            continue
        name = await tx.value(select(func.pg_get_serial_sequence(table.name, "id")))
        last = await tx.value(select(func.max(keys[0])))
        if name is not None and last is not None:
            await tx.execute(select(func.setval(name, last)))
