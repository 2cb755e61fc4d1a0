"""What one of several processes does alone: one has it, and another when that one ends."""

from storage.engine import Storage
from storage.leases import PLANNING, POLLING, Lease, is_ours


async def test_of_two_processes_one_plans_and_then_the_other(postgresql_url: str) -> None:
    first, second = Storage.open(postgresql_url), Storage.open(postgresql_url)
    async with first.transaction() as mine, second.transaction() as theirs:
        assert await is_ours(mine, PLANNING)
        assert not await is_ours(theirs, PLANNING)
    async with second.transaction() as theirs:
        assert await is_ours(theirs, PLANNING)
    await first.close()
    await second.close()


async def test_of_two_processes_one_polls_until_it_ends(postgresql_url: str) -> None:
    first, second = Storage.open(postgresql_url), Storage.open(postgresql_url)
    async with Lease(second, POLLING) as theirs:
        async with Lease(first, POLLING) as mine:
            for _ in range(3):
                assert await mine.is_ours()
                assert not await theirs.is_ours()
        assert await theirs.is_ours()
    await first.close()
    await second.close()


async def test_on_a_file_everything_is_ours(sqlite_url: str) -> None:
    storage = Storage.open(sqlite_url)
    async with Lease(storage, POLLING) as mine, storage.transaction() as tx:
        assert await mine.is_ours()
        assert await is_ours(tx, PLANNING)
    await storage.close()
