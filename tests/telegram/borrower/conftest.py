from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import structlog

from storage.engine import Storage
from tests.telegram.late import LATE
from tests.telegram.lending import Client, LendingTown


@pytest.fixture
async def town(sqlite_url: str, tmp_path: Path) -> AsyncIterator[LendingTown]:
    """A town of its own for each story. When it ends, every update comes once more."""
    storage = Storage.open(sqlite_url)
    town = LendingTown(storage, tmp_path)
    yield town
    try:
        await town.close_the_day()
    finally:
        await storage.close()


@pytest.fixture
async def town_anywhere(storage: Storage, tmp_path: Path) -> AsyncIterator[LendingTown]:
    """The same on SQLite and on PostgreSQL, where the database matters."""
    town = LendingTown(storage, tmp_path)
    yield town
    await town.close_the_day()


@pytest.fixture
async def maria(town: LendingTown) -> Client:
    """Owes since Tuesday."""
    return await town.client("Maria Lopez", owes=[LATE])


@pytest.fixture
async def fang(town: LendingTown) -> Client:
    return await town.client("王芳", owes=[LATE], language="zh-Hans")


@pytest.fixture(autouse=True)
def _short_tracebacks() -> None:
    """A traceback with all its locals takes longer than the story it ends."""
    plain = structlog.dev.ConsoleRenderer(exception_formatter=structlog.dev.plain_traceback)
    structlog.configure(processors=[structlog.processors.add_log_level, plain])
