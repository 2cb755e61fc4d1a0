import pytest

from storage.engine import Storage
from tests.telegram.conversation import Town


@pytest.fixture
def town(storage: Storage) -> Town:
    """People and an office to call use cases with, on SQLite and on PostgreSQL."""
    return Town(storage)
