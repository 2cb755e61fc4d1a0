from collections.abc import AsyncIterator

import pytest

from storage.engine import Storage
from tests.telegram.conversation import Town


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
