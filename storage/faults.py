"""What a database refuses, in the operator's words and with the mend."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import URL, Dialect
from sqlalchemy.exc import DBAPIError

from storage.errors import StorageUnavailable
from storage.inline import BUSY_SECONDS


@contextmanager
def said_plainly(url: URL) -> Iterator[None]:
    """Turns the driver's refusals into StorageUnavailable with the mend."""
    try:
        yield
    except DBAPIError as error:
        mend = _mend(error)
        if mend is None:
            raise
        raise unavailable(url, mend) from error


@contextmanager
def driver_faults(statement: str, dialect: Dialect) -> Iterator[None]:
    """What SQLite's driver refuses, as SQLAlchemy tells it; values never end in a log."""
    try:
        yield
    except sqlite3.Error as error:
        raise as_told(statement, error, dialect) from error


def as_told(statement: str, error: sqlite3.Error, dialect: Dialect) -> BaseException:
    """The fault of SQLAlchemy's that stands for one of the driver's."""
    return DBAPIError.instance(
        statement, None, error, sqlite3.Error, hide_parameters=True, dialect=dialect
    )


def unavailable(url: URL, mend: str) -> StorageUnavailable:
    shown = url.set(drivername=url.get_backend_name())
    return StorageUnavailable(f"{shown.render_as_string(hide_password=True)}: {mend}")


_SQLITE = {
    "SQLITE_READONLY": "is read-only; give this user the right to write to the file and its folder",
    "SQLITE_BUSY": f"was locked by another program for {BUSY_SECONDS} s; stop it or try again",
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
