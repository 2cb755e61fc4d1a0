"""A backup is one sealed file from either kind of database, and goes back into either."""

import os
import random
import shutil
import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select, text

from storage import backing_up, migrating, outbox, restoring
from storage.backup_file import Manifest
from storage.engine import Storage
from storage.errors import BackupRefused, SchemaTooNew, StorageUnavailable
from storage.schema import metadata
from storage.sole import alone
from tests.storage.stage import NOW, add_borrower, reminder

LATER = NOW + timedelta(hours=1)


def _nobody_watches(_share: float) -> None:
    return None


async def _back_up(url: str, file: Path) -> Manifest:
    return await backing_up.back_up(url, file, NOW, _nobody_watches)


async def _restore(url: str, file: Path, *, replace: bool = False) -> str | None:
    await restoring.refuse_unless_free(url, replace=replace)
    with restoring.held(url):
        async with restoring.prepared(url, file) as ready:
            return await restoring.put_in_place(
                url, ready, LATER, replace=replace, progress=_nobody_watches
            )


@asynccontextmanager
async def _opened(url: str) -> AsyncIterator[Storage]:
    """Closed again: whoever restores wants to be alone."""
    storage = Storage.open(url)
    try:
        yield storage
    finally:
        await storage.close()


async def _fill(url: str, *refs: str) -> None:
    async with _opened(url) as storage, storage.transaction() as tx:
        for ref in refs:
            borrower_id = await add_borrower(tx, ref)
            await outbox.put(tx, reminder(borrower_id, unique_key=f"step:{ref}"), NOW)


async def _everything(url: str) -> dict[str, list[tuple[Any, ...]]]:
    async with _opened(url) as storage, storage.reading() as tx:
        return {
            table.name: [tuple(row) for row in await tx.all(select(table))]
            for table in metadata.sorted_tables
        }


async def _refs(url: str) -> list[str]:
    return sorted(row[1] for row in (await _everything(url))["borrowers"])


async def test_what_was_backed_up_is_what_comes_back(database_url: str, tmp_path: Path) -> None:
    await _fill(database_url, "B-1", "B-2")
    before = await _everything(database_url)
    manifest = await _back_up(database_url, tmp_path / "backup.db")
    assert manifest.rows["borrowers"] == 2
    await _fill(database_url, "B-3")

    aside = await _restore(database_url, tmp_path / "backup.db", replace=True)

    assert aside is not None
    assert await _everything(database_url) == before


async def test_new_rows_are_numbered_behind_the_restored_ones(
    database_url: str, tmp_path: Path
) -> None:
    await _fill(database_url, "B-1", "B-2")
    await _back_up(database_url, tmp_path / "backup.db")
    await _restore(database_url, tmp_path / "backup.db", replace=True)
    await _fill(database_url, "B-3")
    assert await _refs(database_url) == ["B-1", "B-2", "B-3"]


async def test_a_small_lender_moves_to_postgresql_with_a_backup(
    sqlite_url: str, postgresql_url: str, tmp_path: Path
) -> None:
    await _fill(sqlite_url, "B-1")
    await _back_up(sqlite_url, tmp_path / "backup.db")
    assert await _restore(postgresql_url, tmp_path / "backup.db") is None
    assert await _everything(postgresql_url) == await _everything(sqlite_url)


async def test_the_old_postgresql_tables_are_kept_in_a_schema(
    postgresql_url: str, tmp_path: Path
) -> None:
    await _fill(postgresql_url, "B-1")
    await _back_up(postgresql_url, tmp_path / "backup.db")
    await _fill(postgresql_url, "B-2")
    aside = await _restore(postgresql_url, tmp_path / "backup.db", replace=True)
    again = await _restore(postgresql_url, tmp_path / "backup.db", replace=True)
    assert aside is not None
    assert again == f"{aside}_1"
    async with _opened(postgresql_url) as storage, storage.reading() as tx:
        schema = aside.removeprefix("schema ")
        kept = await tx.all(text(f"SELECT borrower_ref FROM {schema}.borrowers ORDER BY 1"))
    assert [row.borrower_ref for row in kept] == ["B-1", "B-2"]


async def test_the_old_sqlite_file_is_kept_whole_beside_the_new_one(
    sqlite_url: str, tmp_path: Path
) -> None:
    await _fill(sqlite_url, "B-1")
    await _back_up(sqlite_url, tmp_path / "backup.db")
    await _fill(sqlite_url, "B-2")
    aside = await _restore(sqlite_url, tmp_path / "backup.db", replace=True)
    assert await _refs(f"sqlite:///{aside}") == ["B-1", "B-2"]
    assert await _refs(sqlite_url) == ["B-1"]


async def test_a_database_with_data_is_left_alone_unless_it_is_to_be_replaced(
    database_url: str, tmp_path: Path
) -> None:
    await _fill(database_url, "B-1")
    await _back_up(database_url, tmp_path / "backup.db")
    await _fill(database_url, "B-2")
    with pytest.raises(BackupRefused, match="--replace"):
        await _restore(database_url, tmp_path / "backup.db")
    assert await _refs(database_url) == ["B-1", "B-2"]


async def test_a_bot_at_work_on_the_target_is_not_disturbed(
    sqlite_url: str, postgresql_url: str, tmp_path: Path
) -> None:
    await _fill(sqlite_url, "B-1")
    await _back_up(sqlite_url, tmp_path / "backup.db")
    async with _opened(sqlite_url) as bot:
        with alone(bot.url), pytest.raises(StorageUnavailable, match="remindful run"):
            await _restore(sqlite_url, tmp_path / "backup.db", replace=True)
        async with bot.reading():  # a command at work, no bot
            with pytest.raises(StorageUnavailable, match="has it open"):
                await _restore(sqlite_url, tmp_path / "backup.db", replace=True)
    async with _opened(postgresql_url) as bot, bot.reading():
        with pytest.raises(StorageUnavailable, match="remindful run"):
            await _restore(postgresql_url, tmp_path / "backup.db", replace=True)


async def test_any_byte_changed_in_a_backup_is_noticed(sqlite_url: str, tmp_path: Path) -> None:
    await _fill(sqlite_url, "B-1", "B-2")
    await _back_up(sqlite_url, tmp_path / "backup.db")
    whole = (tmp_path / "backup.db").read_bytes()
    chance = random.Random(7)
    for place in [0, 18, len(whole) - 1, *(chance.randrange(len(whole)) for _ in range(200))]:
        spoiled = bytearray(whole)
        spoiled[place] ^= 1 << chance.randrange(8)
        (tmp_path / "spoiled.db").write_bytes(spoiled)
        with pytest.raises(BackupRefused, match=r"spoiled\.db"):
            restoring.checked(tmp_path / "spoiled.db")


@pytest.mark.parametrize("kept", [0, 1, 100, 5000, 0.5, 0.999])
async def test_a_backup_cut_short_is_refused(sqlite_url: str, tmp_path: Path, kept: float) -> None:
    await _back_up(sqlite_url, tmp_path / "backup.db")
    whole = (tmp_path / "backup.db").read_bytes()
    left = kept if isinstance(kept, int) else int(len(whole) * kept)
    (tmp_path / "short.db").write_bytes(whole[:left])
    with pytest.raises(BackupRefused, match=r"short\.db"):
        restoring.checked(tmp_path / "short.db")


async def test_a_file_that_is_no_backup_is_refused(sqlite_url: str, tmp_path: Path) -> None:
    strange = tmp_path / "strange.db"
    with closing(sqlite3.connect(strange)) as other:
        other.execute("CREATE TABLE alembic_version (version_num TEXT)")
        other.commit()
    for file in (strange, Path(sqlite_url.removeprefix("sqlite:///")), tmp_path / "none", tmp_path):
        with pytest.raises(BackupRefused, match=file.name):
            restoring.checked(file)


async def test_a_backup_from_newer_code_is_refused_and_both_versions_named(
    sqlite_url: str, tmp_path: Path
) -> None:
    async with _opened(sqlite_url) as storage, storage.transaction() as tx:
        await tx.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    await _back_up(sqlite_url, tmp_path / "backup.db")
    with pytest.raises(BackupRefused, match=rf"9999.*{migrating.newest()}"):
        restoring.checked(tmp_path / "backup.db")


async def test_a_postgresql_of_newer_code_is_not_half_understood(
    postgresql_url: str, tmp_path: Path
) -> None:
    async with _opened(postgresql_url) as storage, storage.transaction() as tx:
        await tx.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(SchemaTooNew, match="9999"):
        await _back_up(postgresql_url, tmp_path / "backup.db")
    assert list(tmp_path.glob("*backup.db*")) == []


async def test_an_older_backup_is_brought_to_this_version(
    database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    await _fill(database_url, "B-1")
    first = (await _back_up(database_url, tmp_path / "backup.db")).revision
    _next_version(tmp_path / "migrations", first, monkeypatch)
    # an older database can be backed up too: before `migrate` is when it matters most
    assert (await _back_up(database_url, tmp_path / "again.db")).revision == first

    await _restore(database_url, tmp_path / "backup.db", replace=True)

    async with _opened(database_url) as storage, storage.reading() as tx:
        assert await migrating.current_in(tx) == "next"
        assert await tx.value(text("SELECT borrower_ref FROM borrowers")) == "B-1"
        assert await tx.value(text("SELECT note FROM borrowers")) == "new here"


async def test_a_backup_is_for_the_lender_alone_and_leaves_nothing_beside(
    database_url: str, tmp_path: Path
) -> None:
    folder = tmp_path / "backups"
    folder.mkdir()
    os.umask(os.umask(0))  # whatever it is
    await _back_up(database_url, folder / "backup.db")
    assert [file.name for file in folder.iterdir()] == ["backup.db"]
    assert (folder / "backup.db").stat().st_mode & 0o777 == 0o600


async def test_nothing_is_ever_written_over(sqlite_url: str, tmp_path: Path) -> None:
    (tmp_path / "backup.db").write_text("my letters")
    with pytest.raises(BackupRefused, match="exists already"):
        await _back_up(sqlite_url, tmp_path / "backup.db")
    assert (tmp_path / "backup.db").read_text() == "my letters"


async def test_what_a_killed_backup_left_behind_is_taken_over(
    sqlite_url: str, tmp_path: Path
) -> None:
    (tmp_path / ".backup.db.partial").write_bytes(b"half of a backup" * 9999)
    await _back_up(sqlite_url, tmp_path / "backup.db")
    restoring.checked(tmp_path / "backup.db")
    assert list(tmp_path.glob(".backup*")) == []


async def test_a_mistyped_database_does_not_become_a_backup_of_nothing(tmp_path: Path) -> None:
    with pytest.raises(StorageUnavailable, match="no database"):
        await _back_up(f"sqlite:///{tmp_path}/mistyped.db", tmp_path / "backup.db")
    (tmp_path / "empty.db").touch()
    with pytest.raises(StorageUnavailable, match="nothing to back up"):
        await _back_up(f"sqlite:///{tmp_path}/empty.db", tmp_path / "backup.db")
    assert [file.name for file in tmp_path.iterdir()] == ["empty.db"]


async def test_a_damaged_database_gives_no_backup_but_a_backup_replaces_it(
    sqlite_url: str, tmp_path: Path
) -> None:
    await _fill(sqlite_url, "B-1")
    good = tmp_path / "good.db"
    await _back_up(sqlite_url, good)
    live = Path(sqlite_url.removeprefix("sqlite:///"))
    with live.open("r+b") as broken:
        broken.seek(8192)
        broken.write(os.urandom(65536))
    with pytest.raises(StorageUnavailable, match=r"damaged|cannot be read"):
        await _back_up(sqlite_url, tmp_path / "bad.db")
    assert not (tmp_path / "bad.db").exists()

    aside = await _restore(sqlite_url, good, replace=True)
    assert aside is not None
    assert await _refs(sqlite_url) == ["B-1"]


async def test_a_file_with_nothing_in_it_may_be_taken_without_asking(
    sqlite_url: str, tmp_path: Path
) -> None:
    shutil.copyfile(sqlite_url.removeprefix("sqlite:///"), tmp_path / "fresh.sqlite3")
    await _fill(sqlite_url, "B-1")
    await _back_up(sqlite_url, tmp_path / "backup.db")
    assert await _restore(f"sqlite:///{tmp_path}/fresh.sqlite3", tmp_path / "backup.db") is None
    assert await _refs(f"sqlite:///{tmp_path}/fresh.sqlite3") == ["B-1"]


def _next_version(folder: Path, after: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A program one migration further than this one."""
    shutil.copytree(Path(migrating.__file__).parent / "migrations", folder)
    (folder / "versions" / "next.py").write_text(
        "import sqlalchemy as sa\n"
        "from alembic import op\n"
        f"revision, down_revision = 'next', '{after}'\n"
        "branch_labels = depends_on = None\n"
        "def upgrade():\n"
        "    op.add_column('borrowers', sa.Column('note', sa.Text, server_default='new here'))\n"
    )
    monkeypatch.setattr(migrating, "_MIGRATIONS", folder)
