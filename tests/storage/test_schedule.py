"""When the planner looks at whom, what a chat is asked for, and who works here."""

from storage import dialogs, schedule, staff
from storage.engine import Storage
from storage.records import Role, StaffId
from tests.storage.stage import NOW, a_borrower, later


async def test_those_whose_moment_has_come_are_due_longest_waiting_first(storage: Storage) -> None:
    first, second, third, never = [await a_borrower(storage) for _ in range(4)]
    async with storage.transaction() as tx:
        await schedule.put(
            tx, {first: later(minutes=2), second: NOW, third: later(hours=1), never: None}
        )
        assert await schedule.due(tx, NOW, 10) == [second]
        assert await schedule.due(tx, later(minutes=2), 10) == [second, first]
        assert await schedule.due(tx, later(days=900), 2) == [second, first]
        assert await schedule.next_due_at(tx, NOW) == later(minutes=2)
        assert await schedule.next_due_at(tx, later(hours=1)) is None


async def test_facts_that_changed_bring_a_borrower_forward(storage: Storage) -> None:
    borrower_id = await a_borrower(storage)
    news = storage.listen("schedule")
    async with storage.transaction() as tx:
        await schedule.put(tx, {borrower_id: later(days=9)})
        await schedule.look_again(tx, [borrower_id], NOW)
        assert await schedule.due(tx, NOW, 10) == [borrower_id]
        await schedule.put(tx, {borrower_id: None})
        assert await schedule.due(tx, later(days=900), 10) == []
    assert news.is_set()


async def test_planning_nobody_is_no_fault(storage: Storage) -> None:
    async with storage.transaction() as tx:
        await schedule.put(tx, {})
        await schedule.look_again(tx, [], NOW)


async def test_a_chat_is_asked_for_one_thing_at_a_time(storage: Storage) -> None:
    async with storage.transaction() as tx:
        assert await dialogs.get(tx, 7) is None
        await dialogs.put(tx, 7, "promise.amount", {"on": "2026-12-01"}, NOW)
        await dialogs.put(tx, 7, "plan.parts", {"parts": 3}, NOW)
        assert await dialogs.get(tx, 7) == ("plan.parts", {"parts": 3})
        assert await dialogs.get(tx, 8) is None
        await dialogs.clear(tx, 7)
        await dialogs.clear(tx, 7)
        assert await dialogs.get(tx, 7) is None


async def test_adding_somebody_again_brings_them_up_to_date(storage: Storage) -> None:
    assert await _add(storage, Role.COLLECTOR)
    assert not await _add(storage, Role.COLLECTOR)
    assert await _add(storage, Role.SUPERVISOR)
    async with storage.transaction() as tx:
        (member,) = await staff.everyone(tx)
        assert member.role is Role.SUPERVISOR
        assert await staff.disable(tx, 7001, NOW)
        assert not await staff.disable(tx, 7001, NOW)
        assert await staff.by_telegram_id(tx, 7001) is None
        assert await staff.with_role(tx, Role.SUPERVISOR) == []
    assert await _add(storage, Role.SUPERVISOR)
    async with storage.reading() as tx:
        assert await staff.by_telegram_id(tx, 7001) is not None


async def test_a_shift_begins_and_ends_once(storage: Storage) -> None:
    await _add(storage, Role.COLLECTOR)
    async with storage.transaction() as tx:
        member = await staff.by_telegram_id(tx, 7001)
        assert member is not None
        staff_id = StaffId(member.staff_id)
        assert not await staff.end_shift(tx, staff_id, NOW)
        assert await staff.start_shift(tx, staff_id, NOW)
        assert not await staff.start_shift(tx, staff_id, NOW)
        assert [one.staff_id for one in await staff.now_on_shift(tx)] == [staff_id]
        assert await staff.end_shift(tx, staff_id, later(hours=8))
        assert await staff.now_on_shift(tx) == []


async def _add(storage: Storage, role: Role) -> bool:
    async with storage.transaction() as tx:
        return await staff.put(
            tx, 7001, role=role, name="Lin", languages=["en"], skills=[], now=NOW
        )
