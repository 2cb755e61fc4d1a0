import pytest

from storage.engine import Storage
from tests.telegram.conversation import Town


@pytest.fixture
def town(storage: Storage) -> Town:
    """A town of its own for each test, on SQLite and on PostgreSQL."""
    return Town(storage)
