"""One bot process at a time on a SQLite file.

A second one, started by mistake, would take the rows that the first has on the wire for left
behind. The system itself takes the lock back when a process dies, however it dies.
"""

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import URL

from storage.engine import file_of
from storage.errors import StorageUnavailable


@contextmanager
def alone(url: URL) -> Iterator[None]:
    """Hold the file for this process; PostgreSQL is made for several and needs nothing.

    Raises StorageUnavailable when another process holds it.
    """
    file = file_of(url)
    if file is None:
        yield
        return
    beside = file.with_name(f"{file.name}-run")
    try:
        lock = beside.open("ab")
    except OSError as error:
        raise StorageUnavailable(f"{beside} cannot be written ({error.strerror})") from None
    with lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise StorageUnavailable(
                f"{file}: another `remindful run` works on it; stop that one, or use PostgreSQL"
            ) from None
        yield
