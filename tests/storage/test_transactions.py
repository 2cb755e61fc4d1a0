"""Transactions: all or nothing; readers never wait, writers queue; news comes after a commit."""

import asyncio
from datetime import UTC, datetime, timedelta, timezone

import pytest
from sqlalchemy import func, insert, select, text
from sqlalchemy.exc import IntegrityError, StatementError

from storage import limits
from storage.engine import Storage, Transaction, file_of
from storage.errors import StorageUnavailable
from storage.records import BorrowerId, Hold, HoldKind
from storage.schema import borrowers, holds
from tests.storage.stage import NOW, SYSTEM, a_borrower, add_borrower, later


class _Broken(Exception):
    """What a use case raises in the middle."""


async def test_what_a_transaction_wrote_is_gone_when_it_fails(storage: Storage) -> None:
    async def break_off() -> None:
        async with storage.transaction() as tx:
            await add_borrower(tx)
            raise _Broken

    with pytest.raises(_Broken):
        await break_off()
    assert await _count(storage) == 0


async def test_a_query_that_turns_out_long_does_not_stop_the_loop(storage: Storage) -> None:
    counting = text(
        "SELECT count(*) FROM (WITH RECURSIVE n(x) AS"
        " (SELECT 1 UNION ALL SELECT x + 1 FROM n WHERE x < 300000) SELECT x FROM n) AS counted"
    )
    ticks = 0

    async def tick() -> None:
        nonlocal ticks
        while True:
            await asyncio.sleep(0.001)
            ticks += 1

    ticking = asyncio.create_task(tick())
    async with storage.transaction(at_once=True) as tx:
        assert await tx.value(counting) == 300_000
    ticking.cancel()
    assert ticks > 3


async def test_a_part_that_fails_is_undone_and_what_was_before_and_after_it_stands(
    storage: Storage,
) -> None:
    async def fail(tx: Transaction) -> None:
        async with tx.part():
            await add_borrower(tx, ref="undone")
            await tx.execute(insert(borrowers).values(borrower_ref="undone too"))

    async with storage.transaction() as tx:
        async with tx.part():
            await add_borrower(tx, ref="before")
        with pytest.raises(IntegrityError):
            await fail(tx)
        async with tx.part():
            await add_borrower(tx, ref="after")
    async with storage.reading() as tx:
        rows = await tx.all(select(borrowers.c.borrower_ref).order_by(borrowers.c.id))
    assert [row.borrower_ref for row in rows] == ["before", "after"]


async def test_news_of_a_part_that_was_undone_wakes_nobody(storage: Storage) -> None:
    gone, kept = storage.listen("outbox"), storage.listen("schedule")

    async def touch_and_fail(tx: Transaction) -> None:
        async with tx.part():
            tx.touch("outbox")
            raise _Broken

    async with storage.transaction() as tx:
        tx.touch("schedule")
        with pytest.raises(_Broken):
            await touch_and_fail(tx)
    assert kept.is_set()
    assert not gone.is_set()


async def test_a_cancelled_transaction_leaves_nothing_and_blocks_nobody(storage: Storage) -> None:
    inside = asyncio.Event()

    async def hang() -> None:
        async with storage.transaction() as tx:
            await add_borrower(tx)
            inside.set()
            await asyncio.sleep(60)

    task = asyncio.create_task(hang())
    await inside.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    await a_borrower(storage)
    assert await _count(storage) == 1


async def test_a_reader_sees_what_was_committed_and_does_not_wait(storage: Storage) -> None:
    await a_borrower(storage)
    async with storage.transaction() as tx:
        await add_borrower(tx)
        async with asyncio.timeout(1):
            assert await _count(storage) == 1
    assert await _count(storage) == 2


async def test_many_readers_more_than_there_are_connections_all_get_their_turn(
    storage: Storage,
) -> None:
    assert await asyncio.gather(*(_count(storage) for _ in range(40))) == [0] * 40


async def test_writers_queue_and_none_of_their_work_is_lost(storage: Storage) -> None:
    await asyncio.gather(*(a_borrower(storage) for _ in range(20)))
    assert await _count(storage) == 20


async def test_two_processes_write_to_one_database_in_turns(database_url: str) -> None:
    first, second = Storage.open(database_url), Storage.open(database_url)
    await asyncio.gather(*(a_borrower(one) for one in (first, second) for _ in range(10)))
    assert await _count(first) == 20
    await first.close()
    await second.close()


async def test_a_lock_keeps_a_second_transaction_of_the_same_chat_out(database_url: str) -> None:
    first, second = Storage.open(database_url), Storage.open(database_url)
    order: list[str] = []
    held = asyncio.Event()

    async def one() -> None:
        async with first.transaction() as tx:
            await tx.lock(7)
            held.set()
            await asyncio.sleep(0.1)
            order.append("one")

    async def two() -> None:
        await held.wait()
        async with second.transaction() as tx:
            await tx.lock(7)
            order.append("two")

    await asyncio.gather(one(), two())
    assert order == ["one", "two"]
    await first.close()
    await second.close()


async def test_listeners_wake_after_the_commit_and_not_before(storage: Storage) -> None:
    news, other = storage.listen("outbox"), storage.listen("inbox")
    async with storage.transaction() as tx:
        tx.touch("outbox")
        assert not news.is_set()
    assert news.is_set()
    assert not other.is_set()


async def test_nobody_is_woken_by_what_was_rolled_back(storage: Storage) -> None:
    news = storage.listen("outbox")

    async def break_off() -> None:
        async with storage.transaction() as tx:
            tx.touch("outbox")
            raise _Broken

    with pytest.raises(_Broken):
        await break_off()
    assert not news.is_set()


async def test_an_instant_comes_back_in_utc_to_the_microsecond(storage: Storage) -> None:
    in_shanghai = datetime(2026, 11, 20, 10, 0, 0, 123456, timezone(timedelta(hours=8)))
    await _hold_from(storage, await a_borrower(storage), in_shanghai)
    async with storage.reading() as tx:
        kept = await tx.value(select(holds.c.start_at))
    assert kept == in_shanghai
    assert kept.tzinfo is UTC


async def test_an_instant_without_a_zone_is_refused(storage: Storage) -> None:
    borrower_id = await a_borrower(storage)
    with pytest.raises((StatementError, ValueError), match="needs a time zone"):
        await _hold_from(storage, borrower_id, NOW.replace(tzinfo=None))


async def test_instants_of_different_zones_are_compared_as_instants(storage: Storage) -> None:
    await _hold_from(storage, await a_borrower(storage), NOW)
    a_second_later = later(seconds=1).astimezone(timezone(timedelta(hours=-11)))
    async with storage.reading() as tx:
        found = await tx.all(select(holds.c.id).where(holds.c.start_at < a_second_later))
    assert len(found) == 1


async def test_a_row_that_refers_to_nobody_is_refused(storage: Storage) -> None:
    with pytest.raises(IntegrityError):
        await _hold_from(storage, BorrowerId(12345), NOW)


async def test_an_error_of_the_database_never_shows_the_values(storage: Storage) -> None:
    """Errors end in logs; a name, a phone or a word of a chat must not."""
    with pytest.raises(IntegrityError) as caught:
        async with storage.transaction() as tx:
            await tx.add(
                borrowers, borrower_ref="B-1", full_name="Secret Name", language="en",
                country="CN", imported_at=NOW, consent_at=None, segment=None,
            )  # fmt: skip
    assert "Secret Name" not in str(caught.value)


async def test_a_file_locked_by_another_program_is_said_plainly(
    sqlite_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("storage.inline.BUSY_SECONDS", 0.2)
    ours, other = Storage.open(sqlite_url), Storage.open(sqlite_url)
    async with other.transaction() as tx:
        await add_borrower(tx)
        assert await _count(ours) == 0
        with pytest.raises(StorageUnavailable, match="locked by another program"):
            await a_borrower(ours)
    await a_borrower(ours)
    await ours.close()
    await other.close()


async def test_a_full_database_keeps_what_it_had_and_takes_more_when_there_is_room(
    sqlite_url: str,
) -> None:
    storage = Storage.open(sqlite_url)
    await _limit_pages(storage, 1)  # as many as there are: not one more

    async def write_too_much() -> None:
        async with storage.transaction() as tx:
            for _ in range(500):
                await add_borrower(tx)

    with pytest.raises(StorageUnavailable, match="the disk is full"):
        await write_too_much()
    assert await _count(storage) == 0
    await _limit_pages(storage, 1_000_000)
    await a_borrower(storage)
    assert await _count(storage) == 1
    await storage.close()


async def test_a_damaged_file_is_said_plainly(sqlite_url: str) -> None:
    storage = Storage.open(sqlite_url)
    await a_borrower(storage)
    await storage.close()
    file = file_of(storage.url)
    assert file is not None
    with file.open("r+b") as damaged:
        damaged.seek(100)
        damaged.write(b"\xff" * 4000)
    storage = Storage.open(sqlite_url)
    with pytest.raises(StorageUnavailable, match="is damaged"):
        await _count(storage)
    await storage.close()


async def test_a_server_that_was_restarted_is_used_again(postgresql_url: str) -> None:
    storage = Storage.open(postgresql_url)
    assert await _count(storage) == 0
    with pytest.raises(StorageUnavailable):
        async with storage.transaction() as tx:
            await tx.execute(text("SELECT pg_terminate_backend(pg_backend_pid())"))
    assert await _count(storage) == 0
    await storage.close()


async def test_two_transactions_that_wait_for_each_other_end_in_a_clear_retry(
    postgresql_url: str,
) -> None:
    storage = Storage.open(postgresql_url)
    both_hold_one = asyncio.Barrier(2)

    async def take(*keys: int) -> None:
        async with storage.transaction() as tx:
            await tx.lock(keys[0])
            await both_hold_one.wait()
            await tx.lock(keys[1])

    outcomes = await asyncio.gather(take(1, 2), take(2, 1), return_exceptions=True)
    refused = [one for one in outcomes if one is not None]
    assert len(refused) == 1
    assert isinstance(refused[0], StorageUnavailable)
    assert "give way" in str(refused[0])
    await storage.close()


async def _hold_from(storage: Storage, borrower_id: BorrowerId, start: datetime) -> None:
    async with storage.transaction() as tx:
        hold = Hold(HoldKind.DISPUTE, start)
        await limits.add_hold(tx, borrower_id, hold, source="test", actor=SYSTEM)


async def _limit_pages(storage: Storage, pages: int) -> None:
    async with storage.transaction() as tx:
        await tx.execute(text(f"PRAGMA max_page_count = {pages}"))


async def _count(storage: Storage) -> int:
    async with storage.reading() as tx:
        return int(await tx.value(select(func.count()).select_from(borrowers)))


async def test_a_transaction_at_once_works_beside_one_in_the_thread(sqlite_url: str) -> None:
    storage = Storage.open(sqlite_url)
    async with storage.transaction(at_once=True) as tx:
        await add_borrower(tx)
        assert await tx.value(select(func.count()).select_from(borrowers)) == 1
    async with storage.transaction() as tx:
        await add_borrower(tx)
    assert await _count(storage) == 2
    await storage.close()


async def test_a_long_query_of_a_transaction_at_once_stops_nobody_else(sqlite_url: str) -> None:
    storage = Storage.open(sqlite_url)
    ticks = 0

    async def tick() -> None:
        nonlocal ticks
        while True:
            await asyncio.sleep(0.005)
            ticks += 1

    ticking = asyncio.create_task(tick())
    async with storage.transaction(at_once=True) as tx:
        await add_borrower(tx)
        counted = await tx.value(
            text("SELECT sum(n) FROM (WITH RECURSIVE c(n) AS "
                 "(SELECT 1 UNION ALL SELECT n + 1 FROM c WHERE n < 1000000) SELECT n FROM c)")
        )  # fmt: skip
    ticking.cancel()
    assert counted == 500_000_500_000
    assert ticks > 3
    assert await _count(storage) == 1  # broken off and asked again, and nothing was rolled back
    await storage.close()
