"""The inbox: what arrived is written once, handled once and in order, and given up only aloud."""

import asyncio
import json
from datetime import datetime

from sqlalchemy import select

from storage import inbox
from storage.engine import Storage
from storage.records import Received
from storage.schema import inbox as table
from tests.storage.stage import NOW, later


async def test_an_update_that_comes_again_is_left_as_it_was(storage: Storage) -> None:
    await _receive(storage, _update(1, "first"))
    await _receive(storage, _update(1, "changed"), _update(2, "second"))
    assert [one.body for one in await _waiting(storage)] == ["first", "second"]


async def test_updates_wait_in_telegrams_order_however_they_came(storage: Storage) -> None:
    await _receive(storage, _update(9), _update(7))
    await _receive(storage, _update(8))
    assert [one.update_id for one in await _waiting(storage)] == [7, 8, 9]
    assert [one.update_id for one in await _waiting(storage, after=7, limit=1)] == [8]


async def test_an_update_is_finished_once(storage: Storage) -> None:
    await _receive(storage, _update(1))
    async with storage.transaction() as tx:
        assert await inbox.finish(tx, 1, NOW)
        assert not await inbox.finish(tx, 1, NOW)
        assert not await inbox.finish(tx, 2, NOW)
    assert await _waiting(storage) == []


async def test_of_two_processes_one_finishes_an_update(postgresql_url: str) -> None:
    first, second = Storage.open(postgresql_url), Storage.open(postgresql_url)
    await _receive(first, _update(1))

    async def finish(storage: Storage) -> bool:
        async with storage.transaction() as tx:
            return await inbox.finish(tx, 1, NOW)

    assert sorted(await asyncio.gather(finish(first), finish(second))) == [False, True]
    await first.close()
    await second.close()


async def test_a_finished_update_that_comes_again_is_not_handled_again(storage: Storage) -> None:
    await _receive(storage, _update(1))
    async with storage.transaction() as tx:
        await inbox.finish(tx, 1, NOW)
    await _receive(storage, _update(1))
    assert await _waiting(storage) == []


async def test_a_failed_attempt_is_counted_and_the_update_stays(storage: Storage) -> None:
    await _receive(storage, _update(1))
    async with storage.transaction() as tx:
        await inbox.failed(tx, 1, "KeyError", give_up=False, now=NOW)
    (again,) = await _waiting(storage)
    assert again.attempts == 1


async def test_a_dead_letter_is_kept_with_its_reason_and_stops_nobody(storage: Storage) -> None:
    await _receive(storage, _update(1, "strange"), _update(2))
    async with storage.transaction() as tx:
        await inbox.failed(tx, 1, "fields: message " + "x" * 500, give_up=True, now=NOW)
        assert not await inbox.finish(tx, 1, NOW)
    assert [one.update_id for one in await _waiting(storage)] == [2]
    async with storage.reading() as tx:
        assert await inbox.counts(tx) == {"dead": 1, "new": 1}
        kept = await tx.one(select(table).where(table.c.update_id == 1))
    assert kept is not None
    assert (kept.body, kept.attempts, len(kept.error)) == ("strange", 1, 200)


async def test_bodies_of_handled_updates_are_forgotten_and_dead_letters_kept(
    storage: Storage,
) -> None:
    old, fresh = NOW, later(days=31)
    await _receive(storage, *(_update(number, at=old) for number in (1, 2, 3)))
    await _receive(storage, _update(4, at=fresh))
    async with storage.transaction() as tx:
        for number in (1, 4):
            await inbox.finish(tx, number, fresh)
        await inbox.failed(tx, 2, "unreadable", give_up=True, now=fresh)
        assert await inbox.purge(tx, later(days=1)) == 1
    async with storage.reading() as tx:
        assert await inbox.counts(tx) == {"dead": 1, "new": 1, "done": 1}
        assert await inbox.last_update_id(tx) == 4


async def test_half_a_character_is_kept_as_json_writes_it(storage: Storage) -> None:
    """A pair of surrogates cut in two is no UTF-8; the update must not stop the ones beside it."""
    body = json.dumps({"text": "broken \ud83d here, whole \U0001f600, nothing \x00"})
    raw = json.dumps(json.loads(body), ensure_ascii=False)
    await _receive(storage, _update(1, raw), _update(2))
    first, second = await _waiting(storage)
    assert json.loads(first.body) == json.loads(body)
    assert second.update_id == 2


async def test_whoever_listens_hears_of_new_updates(storage: Storage) -> None:
    news = storage.listen("inbox")
    await _receive(storage, _update(1))
    assert news.is_set()


def _update(number: int, body: str = "{}", at: datetime = NOW) -> Received:
    return Received(number, 7, body, at)


async def _receive(storage: Storage, *updates: Received) -> None:
    async with storage.transaction() as tx:
        await inbox.receive(tx, updates)


async def _waiting(storage: Storage, after: int = -1, limit: int = 100) -> list[Received]:
    async with storage.reading() as tx:
        return await inbox.waiting(tx, after=after, limit=limit)
