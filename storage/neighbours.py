"""Whether a bot works on the same SQLite file, so that a long job leaves it its turns.

SQLite has one writer and no queue for it: who finds it taken looks again after a while, later and
later. A job that writes all the time has to leave gaps wide enough to be found. Nobody is asked to
wait where nobody else is.
"""

from pathlib import Path

from sqlalchemy import URL

from storage.engine import file_of

_LOCKS = Path("/proc/locks")


def bot_at_work(url: URL) -> bool:
    """Whether some `remindful run` has the file (see `storage.sole`); False for a server.

    Only looks: taking the lock to see whether it is free could stop a bot from starting. Where the
    system does not list its locks, a bot that was ever started counts as one at work.
    """
    file = file_of(url)
    try:
        inode = file.with_name(f"{file.name}-run").stat().st_ino if file else None
    except FileNotFoundError:
        inode = None
    if inode is None:
        return False
    try:
        held = _LOCKS.read_text()
    except OSError:
        return True
    return any(f":{inode} " in line for line in held.splitlines())
