from collections.abc import AsyncIterator

import pytest

from storage.engine import Storage
from tests.telegram.conversation import Borrower, Person, Town


@pytest.fixture
async def town(sqlite_url: str) -> AsyncIterator[Town]:
    """A town of its own for each test. `tests/services` does both databases."""
    storage = Storage.open(sqlite_url)
    yield Town(storage)
    await storage.close()


@pytest.fixture
def town_on_both(storage: Storage) -> Town:
    """The same on SQLite and on PostgreSQL, for a whole story."""
    return Town(storage)


@pytest.fixture
async def anna(town: Town) -> Borrower:
    return await town.borrower("B1", "Anna Berg")


@pytest.fixture
async def lin(town: Town) -> Person:
    return await town.staff("Lin")
