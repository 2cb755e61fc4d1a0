"""The file a backup is: a SQLite database of our own schema with one table more, and a seal.

The same from SQLite and from PostgreSQL, so it can be restored to either and read with any SQLite
tool. The seal is a SHA-256 over the whole file, kept inside it: one flipped byte and it is refused.
"""

import fcntl
import hashlib
import json
import mmap
import os
import secrets
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import quote

from storage.errors import BackupRefused, StorageUnavailable

TABLE = "remindful_backup"
_FORMAT = 1
_BLANK = b"0" * 64
_PORTION = 2**20
_FOR_US_ONLY = 0o600


@dataclass(frozen=True, slots=True)
class Manifest:
    """`made_at`: before the first row was read. `rows` by table; `revision` of the schema."""

    made_at: datetime
    revision: str
    source: str
    rows: dict[str, int]
    sha256: str = ""


@contextmanager
def new_file(file: Path) -> Iterator[Path]:
    """A file to fill, which gets its name only when the block has ended well.

    Nothing is ever overwritten, and what a killed predecessor left half done is taken over.
    Raises BackupRefused when the name is taken, StorageUnavailable when nothing can be written.
    """
    if file.exists() or file.is_symlink():
        raise BackupRefused(f"{file} exists already; name another file or remove it first")
    partial = file.with_name(f".{file.name}.partial")
    with said_plainly(file):
        handle = os.open(partial, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, _FOR_US_ONLY)
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise StorageUnavailable(f"{file}: another backup is being written there") from None
        try:
            os.fchmod(handle, _FOR_US_ONLY)
            os.ftruncate(handle, 0)
            with said_plainly(file):
                yield partial
                os.fsync(handle)
                _name(partial, file)
        finally:
            partial.unlink(missing_ok=True)
    finally:
        os.close(handle)


@contextmanager
def said_plainly(file: Path) -> Iterator[None]:
    """Turns a refusal of the disk, ours or SQLite's, into StorageUnavailable with the mend."""
    try:
        yield
    except sqlite3.DatabaseError as error:
        code = getattr(error, "sqlite_errorname", "")
        if not code.startswith(("SQLITE_FULL", "SQLITE_IOERR", "SQLITE_CANTOPEN")):
            raise
        raise StorageUnavailable(
            f"{file} cannot be written: the disk is full or answers with errors; "
            "nothing was kept, free some space and try again"
        ) from error
    except OSError as error:
        raise StorageUnavailable(f"{file} cannot be written ({error.strerror})") from error


def _name(partial: Path, file: Path) -> None:
    try:
        os.link(partial, file)  # unlike a renaming it fails where something stands already
    except FileExistsError:
        raise BackupRefused(f"{file} was made by somebody else meanwhile; nothing kept") from None
    except OSError:  # a file system without links
        partial.rename(file)
    folder = os.open(file.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def seal(file: Path, made_at: datetime, source: str) -> Manifest:
    """Check what was copied, count it, and close it with the sum of every byte.

    Raises StorageUnavailable when the copy is no whole database: the source is damaged.
    """
    with closing(sqlite3.connect(file)) as database:
        database.execute("PRAGMA journal_mode=DELETE")  # one file, whatever the source was
        _examine(database)
        rows = {name: _count(database, name) for name in _tables(database)}
        (revision,) = database.execute("SELECT version_num FROM alembic_version").fetchone()
        told = {
            "format": _FORMAT,
            "made_at": made_at.isoformat(),
            "revision": revision,
            "source": source,
            "rows": rows,
        }
        unlike_all_else = secrets.token_hex(32)
        database.execute(f"DROP TABLE IF EXISTS {TABLE}")
        database.execute(f"CREATE TABLE {TABLE} (manifest TEXT NOT NULL, sha256 TEXT NOT NULL)")
        database.execute(f"INSERT INTO {TABLE} VALUES (?, ?)", (json.dumps(told), unlike_all_else))
        database.commit()
    place = _place_of(file, unlike_all_else)
    assert place is not None, "it was written a moment ago"
    total = _sum(file, place)
    with file.open("r+b") as whole:
        whole.seek(place)
        whole.write(total.encode())
    return Manifest(made_at, revision, source, rows, total)


def read(file: Path) -> Manifest:
    """What a backup says of itself; whether it is still whole is for `verify` to say.

    Raises BackupRefused for whatever else the file is.
    """
    try:
        file.open("rb").close()
    except OSError as error:
        raise BackupRefused(f"{file} cannot be read ({error.strerror})") from None
    try:
        with closing(reading(file)) as database:
            found = database.execute(f"SELECT manifest, sha256 FROM {TABLE}").fetchone()
    except (sqlite3.DatabaseError, ValueError) as error:  # texts that are no UTF-8 any more
        raise BackupRefused(
            f"{file} is no backup made by `remindful backup`, or it is damaged ({error})"
        ) from None
    try:
        manifest, total = found
        told = json.loads(manifest)
        if told["format"] != _FORMAT:
            raise BackupRefused(
                f"{file} is a backup of format {told['format']}, this program reads {_FORMAT}: "
                "use the program that made it"
            )
        made_at = datetime.fromisoformat(told["made_at"])
        described = Manifest(made_at, told["revision"], told["source"], told["rows"], total)
    except (TypeError, ValueError, KeyError):
        raise BackupRefused(f"{file} is damaged: it does not say what it holds") from None
    return described


def verify(file: Path, manifest: Manifest) -> None:
    """Raises BackupRefused unless every byte is as it was when the backup was made."""
    place = _place_of(file, manifest.sha256) if len(manifest.sha256) == len(_BLANK) else None
    if place is None or _sum(file, place) != manifest.sha256:
        raise BackupRefused(f"{file} is damaged: its checksum is wrong; use another backup")


def reading(file: Path) -> sqlite3.Connection:
    """Open a file that nobody writes, leaving nothing beside it."""
    return sqlite3.connect(f"file:{quote(str(file))}?mode=ro&immutable=1", uri=True)


def opened_up(file: Path) -> None:
    """Make a copy of a backup an ordinary database again."""
    with closing(sqlite3.connect(file)) as database:
        database.execute(f"DROP TABLE {TABLE}")
        database.commit()


def _examine(database: sqlite3.Connection) -> None:
    (verdict,) = database.execute("PRAGMA integrity_check(1)").fetchone()
    orphan = database.execute("PRAGMA foreign_key_check").fetchone()
    if verdict != "ok" or orphan is not None:
        what = f"{verdict}" if orphan is None else f"a row of {orphan[0]} refers to nothing"
        raise StorageUnavailable(f"the database is damaged ({what}); no backup was kept")


def _tables(database: sqlite3.Connection) -> list[str]:
    found = database.execute(
        "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%' "
        "AND name NOT IN ('alembic_version', ?) ORDER BY name",
        (TABLE,),
    )
    return [name for (name,) in found]


def _count(database: sqlite3.Connection, table: str) -> int:
    (count,) = database.execute(f'SELECT count(*) FROM "{table}"').fetchone()
    return int(count)


def _place_of(file: Path, text: str) -> int | None:
    """Where a text stands that is in the file exactly once."""
    with (
        suppress(ValueError),  # an empty file
        file.open("rb") as whole,
        mmap.mmap(whole.fileno(), 0, access=mmap.ACCESS_READ) as bytes_,
    ):
        place = bytes_.find(text.encode())
        if place >= 0 and bytes_.find(text.encode(), place + 1) < 0:
            return place
    return None


def _sum(file: Path, place: int) -> str:
    """SHA-256 of the file with the sum's own place blank."""
    total: Any = hashlib.sha256()
    with file.open("rb") as whole:
        left = place
        while left:
            part = whole.read(min(left, _PORTION))
            total.update(part)
            left -= len(part)
        whole.seek(len(_BLANK), os.SEEK_CUR)
        total.update(_BLANK)
        while part := whole.read(_PORTION):
            total.update(part)
    return str(total.hexdigest())
