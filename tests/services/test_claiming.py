"""Two hundred who reach for the same case, and a person who is given things from all sides."""

import asyncio
import random

from bot.errors import Refusal
from bot.services.cases import offering, passing, tasks
from storage import conversations, offers, staff
from storage.engine import Transaction
from storage.errors import Conflict, StorageUnavailable
from storage.records import ConversationState, HandoffReason, Role, StaffMember, WorkId
from tests.services.test_handoff import file_of, hand_over
from tests.telegram.conversation import Town

CLAIMERS = 200


async def members(town: Town, many: int, *, capacity: int | None = None) -> list[StaffMember]:
    """On shift, all of them."""
    async with town.storage.transaction() as tx:
        for number in range(many):
            await staff.put(
                tx, 9000 + number, role=Role.COLLECTOR, name=f"P{number}", languages=["en"],
                skills=[], capacity=capacity, now=town.now,
            )  # fmt: skip
        everybody = await staff.with_role(tx, Role.COLLECTOR)
        for one in everybody:
            await staff.start_shift(tx, one.staff_id, town.now)
    return everybody


async def test_of_two_hundred_who_take_at_once_exactly_one_gets_the_case(town: Town) -> None:
    anna = await town.borrower("B1", "Anna Berg")
    started = await hand_over(town, anna)
    number = (await file_of(town, started)).number
    everybody = await members(town, CLAIMERS)
    async with town.storage.transaction() as tx:
        assert await offering.route(tx, town.office, town.now) == 1  # one of them is asked as well

    async def tries(one: StaffMember) -> bool:
        try:
            async with town.storage.transaction() as tx:
                await tasks.take(tx, town.office, one, number, town.now)
        except (Refusal, Conflict):
            return False
        return True

    won = await asyncio.gather(*map(tries, everybody))
    assert sum(won) == 1
    file = await file_of(town, started)
    assert file.talk.staff_id == file.work.staff_id == everybody[won.index(True)].staff_id
    assert file.talk.state is ConversationState.ACTIVE
    async with town.storage.reading() as tx:
        assert await offers.all_open(tx) == []
        assert sum((await offers.loads(tx)).values()) == 1


async def test_capacity_is_never_exceeded_whoever_gives_and_takes(town: Town) -> None:
    """Taking, the next one, offers, transfers and a second router, all at once."""
    chance = random.Random(11)
    everybody = await members(town, 8, capacity=2)
    numbers = []
    for n in range(40):
        borrower = await town.borrower(f"B{n}", f"Person {n}")
        started = await hand_over(town, borrower, HandoffReason.ASKED)
        numbers.append((await file_of(town, started)).number)
    most: list[int] = []

    async def act(one: StaffMember, number: WorkId, tx: Transaction) -> None:
        match chance.randrange(5):
            case 0:
                await tasks.take(tx, town.office, one, number, town.now)
            case 1:
                await tasks.take_next(tx, town.office, one, town.now)
            case 2:
                await offering.route(tx, town.office, town.now, limit=3)
            case 3:
                await passing.accept(tx, town.office, one, None, town.now)
            case _:
                case_id = await tasks.case_of(tx, number)
                other = chance.choice(everybody)
                assert case_id is not None
                await passing.ask(tx, town.office, one, case_id, other.staff_id, "", town.now)

    async def busy(one: StaffMember) -> None:
        for _ in range(12):
            try:
                async with town.storage.transaction() as tx:
                    await act(one, chance.choice(numbers), tx)
            except (Refusal, Conflict, StorageUnavailable):
                pass
            async with town.storage.reading() as tx:
                most.append(max((await offers.loads(tx)).values(), default=0))

    await asyncio.gather(*map(busy, everybody))
    assert max(most) == 2
    async with town.storage.reading() as tx:
        loads = await offers.loads(tx)
        owned = [await conversations.owned_by(tx, one.staff_id) for one in everybody]
    assert all(load <= 2 for load in loads.values())
    assert sum(map(len, owned)) > 0
