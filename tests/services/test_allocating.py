"""Newly overdue and out of reach: looked at by a person, named the same day, within a clock."""

from datetime import timedelta

from bot.rules.handoff import handoff_policy
from bot.services import planning, promising
from bot.services.cases import allocating, tasks
from bot.services.situation import situation_of
from storage import accounts, staff, work
from storage.records import Actor, BorrowerId, Money, StaffMember, Work, WorkKind
from tests.telegram.conversation import Borrower, Person, Town


async def plan(town: Town, *people: Borrower) -> None:
    async with town.storage.transaction() as tx:
        await planning.look_at(tx, town.office, [one.borrower_id for one in people], town.now)


async def looks(town: Town, borrower_id: BorrowerId) -> list[Work]:
    async with town.storage.reading() as tx:
        return await work.open_of(tx, borrower_id, WorkKind.TRIAGE)


async def share_out(town: Town) -> int:
    async with town.storage.transaction() as tx:
        return await allocating.share_out(tx, town.office, town.now)


async def at_work(town: Town, person: Person) -> StaffMember:
    async with town.storage.transaction() as tx:
        member = await staff.by_telegram_id(tx, person.telegram_id)
        assert member is not None
        await staff.start_shift(tx, member.staff_id, town.now)
    return member


async def test_only_who_is_overdue_and_out_of_reach_is_looked_at_and_once(town: Town) -> None:
    gone = await town.borrower("B1", "Anna Berg", linked=False, days_late=1)
    there = await town.borrower("B2", "Ben Ode", days_late=1)
    early = await town.borrower("B3", "Cleo Day", linked=False, days_late=0)
    for _ in range(2):
        await plan(town, gone, there, early)
    (task,) = await looks(town, gone.borrower_id)
    assert task.due_at == town.now + timedelta(days=2)
    assert await looks(town, there.borrower_id) == []
    assert await looks(town, early.borrower_id) == []


async def test_who_blocked_the_bot_is_out_of_reach(town: Town) -> None:
    anna = await town.borrower("B1", "Anna Berg", days_late=1)
    async with town.storage.transaction() as tx:
        await accounts.set_reachable(tx, anna.telegram_id, town.now)
    await plan(town, anna)
    assert len(await looks(town, anna.borrower_id)) == 1


async def test_an_open_promise_keeps_the_look_away(town: Town) -> None:
    anna = await town.borrower("B1", "Anna Berg", days_late=1)
    async with town.storage.transaction() as tx:
        situation = await situation_of(tx, anna.borrower_id, town.now)
        await promising.record_promise(
            tx, Actor.borrower(anna.borrower_id), situation, Money(50_000, "CNY"),
            situation.today + timedelta(days=3), town.now,
        )  # fmt: skip
        await accounts.set_reachable(tx, anna.telegram_id, town.now)
    await plan(town, anna)
    assert await looks(town, anna.borrower_id) == []


async def test_more_at_once_have_more_days(town: Town) -> None:
    triage = handoff_policy().triage
    days = [triage.days_for(many) for many in (1, 300, 301, 500, 501, 10_000)]
    assert days == [2, 2, 3, 3, 4, 4]


async def test_looks_are_shared_out_by_language_and_load_with_one_message_each(
    town: Town,
) -> None:
    english = [
        await town.borrower(f"B{n}", f"Person {n}", linked=False, days_late=1) for n in range(4)
    ]
    fang = await town.borrower("C1", "王芳", language="zh-Hans", linked=False, days_late=1)
    await plan(town, *english, fang)
    assert await share_out(town) == 0
    lin, dana = await town.staff("Lin"), await town.staff("Dana")
    mei = await town.staff("小林", language="zh-Hans")
    members = [await at_work(town, one) for one in (lin, dana, mei)]
    assert await share_out(town) == 5
    async with town.storage.reading() as tx:
        mine = [await tasks.mine(tx, one) for one in members]
    assert [len(some) for some in mine] == [2, 2, 1]
    assert mine[2][0].borrower_id == fang.borrower_id
    await town.deliver()
    assert "2 first looks are yours" in lin.last
    assert len(lin.chat) == len(dana.chat) == 1
    assert "有 1 位" in mei.last
    assert await share_out(town) == 0


async def test_a_look_ends_with_what_was_found_and_does_not_come_back(town: Town) -> None:
    anna = await town.borrower("B1", "Anna Berg", linked=False, days_late=1)
    await plan(town, anna)
    lin = await town.staff("Lin")
    member = await at_work(town, lin)
    await share_out(town)
    (task,) = await looks(town, anna.borrower_id)
    async with town.storage.transaction() as tx:
        await tasks.finish(tx, town.office, member, task.work_id, "reachable", town.now)
    assert await looks(town, anna.borrower_id) == []
    await plan(town, anna)
    assert await looks(town, anna.borrower_id) == []
