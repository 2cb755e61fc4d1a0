"""Which databases there are, and what an operator is told about one that cannot be used."""

import asyncio
import sys
from pathlib import Path

import pytest

from storage.engine import Storage, file_of, normalised
from storage.errors import StorageUnavailable
from storage.sole import alone


@pytest.mark.parametrize(
    ("url", "driver"),
    [
        ("sqlite:///remindful.sqlite3", "sqlite+aiosqlite"),
        ("sqlite+pysqlite:////var/lib/remindful.sqlite3", "sqlite+aiosqlite"),
        ("postgres://remindful@localhost/remindful", "postgresql+asyncpg"),
        ("postgresql+psycopg://localhost/remindful", "postgresql+asyncpg"),
    ],
)
def test_whatever_driver_is_named_ours_is_used(url: str, driver: str) -> None:
    assert normalised(url).drivername == driver


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("nonsense", "cannot be read"),
        ("", "cannot be read"),
        ("postgresql://localhost:port/remindful", "cannot be read"),
        ("sqlite://", "must name a file"),
        ("sqlite:///:memory:", "must name a file"),
        ("mysql://localhost/remindful", "mysql is not supported"),
    ],
)
def test_an_address_that_is_none_is_refused_with_the_mend(url: str, said: str) -> None:
    with pytest.raises(StorageUnavailable, match=said):
        Storage.open(url)


def test_only_a_file_has_a_path() -> None:
    assert file_of(normalised("sqlite:////tmp/a.db")) == Path("/tmp/a.db")
    assert file_of(normalised("postgresql://localhost/a")) is None


def test_postgresql_without_its_driver_names_what_to_install(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(sys.modules, "asyncpg", None)
    with pytest.raises(StorageUnavailable, match=r"remindful\[postgres\]"):
        Storage.open("postgresql://localhost/remindful")


async def test_a_folder_that_is_not_there_is_named(tmp_path: Path) -> None:
    await _is_refused(f"sqlite:///{tmp_path}/nowhere/a.db", "does the folder exist")


async def test_a_folder_instead_of_a_file_is_named(tmp_path: Path) -> None:
    await _is_refused(f"sqlite:///{tmp_path}", "cannot be opened")


async def test_a_file_that_is_no_database_is_named_and_left_as_it_is(tmp_path: Path) -> None:
    file = tmp_path / "notes.txt"
    file.write_text("buy milk\n" * 200)
    await _is_refused(f"sqlite:///{file}", "is not a database of ours")
    assert file.read_text() == "buy milk\n" * 200


async def test_a_server_that_is_not_there_is_named_without_its_password() -> None:
    said = await _is_refused("postgresql://me:hush@127.0.0.1:1/a", "is the server running")
    assert "hush" not in said
    assert "postgresql://me:***@127.0.0.1:1/a" in said


async def test_a_database_that_does_not_exist_on_the_server_is_named(postgresql_url: str) -> None:
    name = postgresql_url.partition("?")[0].rpartition("/")[2]
    await _is_refused(postgresql_url.replace(name, "nowhere"), "does not exist on this server")


async def test_an_unknown_user_is_named(postgresql_url: str) -> None:
    url = postgresql_url.replace("postgres:@", "stranger:guess@")
    said = await _is_refused(url, "refuses this user")
    assert "guess" not in said


async def test_only_one_process_runs_on_a_file(sqlite_url: str) -> None:
    url = normalised(sqlite_url)
    with alone(url):
        with pytest.raises(StorageUnavailable, match="another `remindful run`"), alone(url):
            pass
        storage = Storage.open(sqlite_url)
        async with storage.transaction():
            """Commands go on beside it."""
        await storage.close()
    with alone(url):
        """Free again."""


def test_a_server_is_made_for_many_processes() -> None:
    url = normalised("postgresql://localhost/remindful")
    with alone(url), alone(url):
        """Nobody is kept out."""


async def _is_refused(url: str, said: str) -> str:
    storage = Storage.open(url)
    with pytest.raises(StorageUnavailable, match=said) as refused:
        async with asyncio.timeout(10), storage.transaction():
            pass
    await storage.close()
    return str(refused.value)
