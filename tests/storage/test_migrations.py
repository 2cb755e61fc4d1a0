"""The schema in code, the migrations, and a database that is somebody else's."""

import asyncio
from pathlib import Path
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection, inspect, text

from storage import migrating
from storage.engine import Storage
from storage.errors import SchemaTooNew, SchemaTooOld, StorageUnavailable
from storage.schema import metadata
from tests.storage.stage import add_borrower


async def test_migrations_and_schema_describe_the_same_database(storage: Storage) -> None:
    async with storage.reading() as tx:
        assert await tx.connection.run_sync(_differences) == []


async def test_checks_and_keys_of_the_migrations_are_those_of_the_schema(storage: Storage) -> None:
    async with storage.transaction() as tx:
        migrated = await tx.connection.run_sync(_constraints)
    await migrating.downgrade(storage, "base")
    async with storage.transaction() as tx:
        await tx.connection.run_sync(metadata.create_all)
        assert await tx.connection.run_sync(_constraints) == migrated


async def test_the_database_goes_down_to_nothing_and_up_again(storage: Storage) -> None:
    await migrating.downgrade(storage, "base")
    async with storage.reading() as tx:
        assert await tx.connection.run_sync(_tables) == {"alembic_version"}
    assert await migrating.current(storage) is None

    await migrating.upgrade(storage)
    assert await migrating.current(storage) == migrating.newest()
    async with storage.transaction() as tx:
        await add_borrower(tx)


async def test_migrating_twice_changes_nothing(storage: Storage) -> None:
    async with storage.transaction() as tx:
        await add_borrower(tx, "B-1")
    await migrating.upgrade(storage)
    async with storage.reading() as tx:
        assert await tx.value(text("SELECT borrower_ref FROM borrowers")) == "B-1"


async def test_two_processes_may_start_on_the_same_empty_database(database_url: str) -> None:
    first, second = Storage.open(database_url), Storage.open(database_url)
    await migrating.downgrade(first, "base")
    await asyncio.gather(migrating.ready(first), migrating.ready(second))
    assert await migrating.current(second) == migrating.newest()
    await first.close()
    await second.close()


async def test_an_older_database_waits_for_migrate(
    storage: Storage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(migrating, "newest", lambda: "the next one")
    with pytest.raises(SchemaTooOld, match="remindful migrate"):
        await migrating.ready(storage)


async def test_a_newer_database_is_never_touched(storage: Storage) -> None:
    async with storage.transaction() as tx:
        await tx.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    for act in (migrating.ready, migrating.upgrade):
        with pytest.raises(SchemaTooNew, match="9999"):
            await act(storage)
    with pytest.raises(SchemaTooNew):
        await migrating.downgrade(storage, "base")
    async with storage.reading() as tx:
        assert len(await tx.connection.run_sync(_tables)) > 20


async def test_the_database_of_another_program_is_left_alone(tmp_path: Path) -> None:
    storage = Storage.open(f"sqlite:///{tmp_path / 'other.db'}")
    async with storage.transaction() as tx:
        await tx.execute(text("CREATE TABLE recipes (name TEXT)"))
    with pytest.raises(StorageUnavailable, match="tables of another program"):
        await migrating.ready(storage)
    async with storage.reading() as tx:
        assert await tx.connection.run_sync(_tables) == {"recipes"}
    await storage.close()


def _differences(connection: Connection) -> list[Any]:
    return compare_metadata(
        MigrationContext.configure(connection, opts={"compare_type": True}), metadata
    )


def _tables(connection: Connection) -> set[str]:
    return set(inspect(connection).get_table_names())


def _constraints(connection: Connection) -> dict[str, Any]:
    """What alembic's comparison does not see: checks, and columns in their order."""
    found = inspect(connection)
    return {
        table: {
            "checks": sorted((c["name"], c["sqltext"]) for c in found.get_check_constraints(table)),
            "unique": sorted(str(u["name"]) for u in found.get_unique_constraints(table)),
            "indexes": sorted(
                (str(i["name"]), str(i["column_names"]), _conditions(i.get("dialect_options", {})))
                for i in found.get_indexes(table)
            ),
            "keys": sorted(str(k["name"]) for k in found.get_foreign_keys(table)),
            "columns": [
                (c["name"], str(c["type"]), c["nullable"]) for c in found.get_columns(table)
            ],
        }
        for table in sorted(_tables(connection) - {"alembic_version"})
    }


def _conditions(options: Any) -> str:
    """Of a partial index, as text; the objects differ each time they are read."""
    return str(sorted((name, str(value)) for name, value in options.items()))
