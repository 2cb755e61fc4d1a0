"""Nobody is there now: a call at a time of the borrower's choice, in the same queue."""

from datetime import UTC, datetime

import pytest

from bot.services.cases import calling_back, handoff
from bot.services.situation import situation_of
from storage import work
from storage.records import Actor, ConversationState, HandoffReason, Work, WorkKind
from tests.telegram.conversation import BOARD, Borrower, Person, Town

SUNDAY_NIGHT = datetime(2026, 11, 22, 14, 0, tzinfo=UTC)
"""Ten at night in Shanghai."""


@pytest.fixture
async def anna(town: Town) -> Borrower:
    town.now = SUNDAY_NIGHT
    return await town.borrower("B1", "Anna Berg")


async def calls(town: Town, anna: Borrower) -> list[Work]:
    async with town.storage.reading() as tx:
        return await work.open_of(tx, anna.borrower_id, WorkKind.CALL)


async def state(town: Town, anna: Borrower) -> ConversationState:
    async with town.storage.reading() as tx:
        return (await situation_of(tx, anna.borrower_id, town.now)).state


async def test_when_nobody_is_there_a_call_can_be_arranged(
    town: Town, anna: Borrower, lin: Person
) -> None:
    await anna.says("/human")
    anna.sees("We are closed at the moment", "23 November, 09:00")
    await anna.taps("Call me instead")
    shown = anna.sees("When may we call you")
    assert list(shown.buttons)[:2] == ["Mon 23 Nov 09:00", "Mon 23 Nov 10:00"]
    await anna.taps("Mon 23 Nov 10:00", on=shown)
    anna.sees("will call you on 23 November, 10:00")
    [call] = await calls(town, anna)
    assert call.due_at == datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
    assert await state(town, anna) is ConversationState.BOT


async def test_the_call_is_in_the_queue_when_it_is_time(
    town: Town, anna: Borrower, lin: Person
) -> None:
    await anna.says("/human")
    await anna.says("/call_back 2")
    [call] = await calls(town, anna)
    await lin.says("/next")
    lin.does_not_see("Anna Berg")
    await lin.says(f"/take {call.work_id}")
    lin.sees("a call arranged for 23 November, 10:00")
    town.now = datetime(2026, 11, 23, 1, 51, tzinfo=UTC)
    await lin.says("/next")
    lin.sees("asked to be called at this time", "Anna Berg", "+8613800000000")
    await lin.taps("answered")
    assert not await calls(town, anna)


async def test_another_time_moves_the_call(town: Town, anna: Borrower) -> None:
    await anna.says("/call_back 1")
    await anna.says("/call_back 3")
    [call] = await calls(town, anna)
    assert call.due_at == datetime(2026, 11, 23, 3, 0, tzinfo=UTC)


async def test_the_same_time_again_is_one_call(town: Town, anna: Borrower) -> None:
    await anna.says("/call_back 1")
    await anna.says("/call_back 1")
    assert len(await calls(town, anna)) == 1


async def test_whoever_leads_the_conversation_is_told(
    town: Town, anna: Borrower, lin: Person
) -> None:
    town.now = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
    await anna.says("/human")
    await lin.taps("Take", chat=BOARD)
    await anna.says("/call_back 1")
    lin.sees("#1 Anna Berg has asked to be called on 23 November, 11:00")
    assert await state(town, anna) is ConversationState.ACTIVE


async def test_a_case_with_more_than_a_wish_for_a_person_goes_on_waiting(
    town: Town, anna: Borrower
) -> None:
    await anna.says("/human")
    async with town.storage.transaction() as tx:
        await handoff.start(
            tx, town.office, Actor.system(), anna.borrower_id, HandoffReason.REFUSAL, town.now
        )
    await anna.says("/call_back 1")
    assert await calls(town, anna)
    assert await state(town, anna) is ConversationState.WAITING


async def test_no_time_is_offered_when_a_call_may_not_be(town: Town, anna: Borrower) -> None:
    await anna.says("/stop")
    await anna.says("/human")
    await anna.taps("Call me instead")
    anna.sees("No call can be arranged")
    assert not await calls(town, anna)


async def test_a_time_that_has_passed_is_not_taken(town: Town, anna: Borrower) -> None:
    await anna.says("/call_back")
    shown = anna.sees("When may we call you")
    town.later(hours=13)
    await anna.taps("Mon 23 Nov 09:00", on=shown)
    anna.sees("When may we call you")
    assert not await calls(town, anna)


@pytest.mark.parametrize("typed", ["/call_back 99", "/call_back now", "/call_back at:1"])
async def test_what_is_no_time_shows_the_times(town: Town, anna: Borrower, typed: str) -> None:
    await anna.says(typed)
    anna.sees("When may we call you")
    assert not await calls(town, anna)


async def test_times_lie_in_working_hours_and_in_those_of_the_borrower(town: Town) -> None:
    town.now = SUNDAY_NIGHT
    ben = await town.borrower("B2", "Ben Ode", country="GB")
    async with town.storage.reading() as tx:
        situation = await situation_of(tx, ben.borrower_id, town.now)
    found = calling_back.slots(situation, town.office, limit=200)
    assert found
    for at in found:
        shanghai = at.astimezone(situation.zone)
        assert 9 <= shanghai.hour < 18
        assert shanghai.isoweekday() <= 5
    assert len(set(found)) == len(found)
