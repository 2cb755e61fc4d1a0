"""What the planner judged beside the work of others is written only if it still holds."""

from datetime import timedelta
from pathlib import Path

from sqlalchemy import func, select

from bot.services import planning, stopping
from storage import schedule
from storage.engine import Storage
from storage.records import Actor, BorrowerId
from storage.schema import decisions, outbox
from tests.services.lender import NOW, Lender, borrower, loan
from tests.storage.stage import a_borrower
from tests.telegram.conversation import Borrower, Town


async def _rows(storage: Storage) -> tuple[int, int]:
    """Messages and decisions there are."""
    async with storage.reading() as tx:
        found = [
            await tx.value(select(func.count()).select_from(one)) for one in (outbox, decisions)
        ]
    return found[0], found[1]


async def _anna(town: Town) -> Borrower:
    """A day late, and her moment has come."""
    anna = await town.borrower("B1", "Anna Berg", days_late=1)
    async with town.storage.transaction() as tx:
        await schedule.look_again(tx, [anna.borrower_id], town.now)
    return anna


async def _judged(town: Town) -> planning.Looks:
    async with town.storage.reading() as tx:
        return await planning.judge_due(tx, town.office, town.now, limit=10)


async def _written(town: Town, looks: planning.Looks) -> None:
    async with town.storage.transaction() as tx:
        assert await planning.keep(tx, town.office, looks)


async def test_what_was_judged_aside_is_written_as_it_was_judged(town: Town) -> None:
    await _anna(town)
    looks = await _judged(town)
    assert await _rows(town.storage) == (0, 0), "judging writes nothing"
    await _written(town, looks)
    messages, judged = await _rows(town.storage)
    assert messages == 1
    assert judged >= 1
    async with town.storage.reading() as tx:
        assert await schedule.due(tx, town.now, 10) == []


async def test_whoever_stopped_meanwhile_at_the_same_instant_is_not_reminded(town: Town) -> None:
    anna = await _anna(town)
    looks = await _judged(town)
    async with town.storage.transaction() as tx:
        await stopping.stop(tx, Actor.borrower(anna.borrower_id), anna.borrower_id, town.now)
    before = await _rows(town.storage)
    await _written(town, looks)
    assert await _rows(town.storage) == before
    async with town.storage.reading() as tx:
        assert await schedule.due(tx, town.now, 10) == [anna.borrower_id], "looked at anew"


async def test_whoever_stops_in_the_middle_of_a_turn_is_looked_at_anew(town: Town) -> None:
    anna, bert = await _anna(town), await town.borrower("B2", "Bert Lang", days_late=1)
    async with town.storage.transaction() as tx:
        await schedule.look_again(tx, [bert.borrower_id], town.now)
        turn = await planning.next_turn(tx, town.office, town.now, limit=10)
    first, second = turn.portions(1)
    assert [*first, *second] == list(turn.news)
    async with town.storage.reading() as tx:
        await _written(town, await planning.judge(tx, turn, first))
    [later] = second
    async with town.storage.transaction() as tx:
        await stopping.stop(tx, Actor.borrower(later), later, town.now)
    async with town.storage.reading() as tx:
        looks = await planning.judge(tx, turn, second)
    before = await _rows(town.storage)
    await _written(town, looks)
    assert await _rows(town.storage) == before
    async with town.storage.reading() as tx:
        assert await schedule.due(tx, town.now, 10) == [later]
    assert {later, *first} == {anna.borrower_id, bert.borrower_id}


async def test_whoever_was_looked_at_meanwhile_is_left_alone(town: Town) -> None:
    await _anna(town)
    first, second = await _judged(town), await _judged(town)
    await _written(town, first)
    once = await _rows(town.storage)
    await _written(town, second)
    assert await _rows(town.storage) == once


async def test_every_way_of_asking_for_a_look_is_noticed(storage: Storage, tmp_path: Path) -> None:
    lender = Lender(storage, tmp_path)
    await lender.knows(borrower("L1"), loan(borrower_ref="L1"))
    of_file = (await lender.facts_of("L1")).borrower.borrower_id
    asked, begun = await a_borrower(storage), await a_borrower(storage)
    everyone: list[BorrowerId] = [of_file, asked, begun]
    async with storage.transaction() as tx:
        await schedule.put(tx, dict.fromkeys(everyone, NOW))
        seen = await schedule.due_with_news(tx, NOW, 10)
        assert await schedule.still_due(tx, seen, NOW) == set(everyone)
        await schedule.look_again(tx, [asked], NOW)
        assert await schedule.still_due(tx, seen, NOW) == {of_file, begun}
        await schedule.begin(tx, [begun], NOW, over_days=1)
        assert await schedule.still_due(tx, seen, NOW) == {of_file}
    await lender.imports("loans", loan(borrower_ref="L1", as_of="2026-11-22"))
    async with storage.transaction() as tx:
        assert await schedule.still_due(tx, seen, NOW) == set()
        seen = await schedule.due_with_news(tx, NOW, 10)
        await schedule.put(tx, {asked: NOW + timedelta(days=1), begun: None})
        assert await schedule.still_due(tx, seen, NOW) == {of_file}
