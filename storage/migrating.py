"""Bringing the database to the version of this program, and back.

A new, empty database is created on first use; an older one waits for `remindful migrate`, so that
nobody changes a portfolio's schema by starting a process; a newer one is never touched.
"""

from collections.abc import Callable
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, inspect

from storage.engine import Storage, Transaction
from storage.errors import SchemaTooNew, SchemaTooOld, StorageUnavailable

_MIGRATIONS = Path(__file__).parent / "migrations"
_ONE_AT_A_TIME = 0x52656D696E6466  # any number that nobody else locks


def newest() -> str:
    """The schema version this program was written for."""
    head = ScriptDirectory(str(_MIGRATIONS)).get_current_head()
    assert head is not None, "the package holds at least one migration"
    return head


async def current(storage: Storage) -> str | None:
    """The database's schema version, None for an empty one."""
    async with storage.reading() as tx:
        return await current_in(tx)


async def current_in(tx: Transaction) -> str | None:
    """As `current`, within an open transaction."""
    return await tx.connection.run_sync(_current)


async def upgrade(storage: Storage, revision: str = "head") -> None:
    """Migrate up to `revision`; nothing happens when it is there already.

    Raises SchemaTooNew for a version this program does not know, StorageUnavailable for a
    database that belongs to another program.
    """
    await _run(storage, lambda config: command.upgrade(config, revision))


async def upgrade_in(tx: Transaction) -> None:
    """As `upgrade`, within an open transaction."""
    await _run_in(tx, lambda config: command.upgrade(config, "head"))


async def downgrade(storage: Storage, revision: str) -> None:
    """Migrate down to `revision` ("base" empties the database)."""
    await _run(storage, lambda config: command.downgrade(config, revision))


async def ready(storage: Storage) -> None:
    """Create an empty database; otherwise only check that it is of this version.

    Raises SchemaTooOld or SchemaTooNew.
    """
    version = await current(storage)
    if version is None:
        await upgrade(storage)
    elif version != newest():
        refuse_unknown(version)
        raise SchemaTooOld(f"the database is at version {version}: run `remindful migrate`")


async def _run(storage: Storage, step: Callable[[Config], None]) -> None:
    async with storage.transaction() as tx:
        await _run_in(tx, step)


async def _run_in(tx: Transaction, step: Callable[[Config], None]) -> None:
    def inside(connection: Connection) -> None:
        version = _current(connection)
        if version is not None:
            refuse_unknown(version)
        else:
            _refuse_foreign(connection)
        config = Config()
        config.set_main_option("script_location", str(_MIGRATIONS))
        config.attributes["connection"] = connection
        step(config)

    await tx.lock(_ONE_AT_A_TIME)  # two processes may start on the same empty database
    await tx.connection.run_sync(inside)


def _current(connection: Connection) -> str | None:
    if not inspect(connection).has_table("alembic_version"):
        return None
    return MigrationContext.configure(connection).get_current_revision()


def refuse_unknown(version: str) -> None:
    """Raises SchemaTooNew for a version this program has no migration for."""
    known = {script.revision for script in ScriptDirectory(str(_MIGRATIONS)).walk_revisions()}
    if version not in known:
        raise SchemaTooNew(
            f"the database is at version {version}, which this program does not know: "
            "update the program or restore an older backup"
        )


def _refuse_foreign(connection: Connection) -> None:
    if set(inspect(connection).get_table_names()) - {"alembic_version"}:
        raise StorageUnavailable(
            "DATABASE_URL: this database holds tables of another program; name an empty one"
        )
