"""The clocks of a case: warnings at most of an answer's time, a change of hands well after it."""

from datetime import timedelta

import pytest

from bot.services import readiness
from bot.services.cases import handoff
from storage import conversations, staff
from storage.records import ConversationState, Role
from tests.telegram.conversation import MONDAY_MORNING, Borrower, Person, Town
from tests.telegram.test_offers import at_work, state_of


@pytest.fixture
async def sue(town: Town) -> Person:
    return await town.staff("Sue", Role.SUPERVISOR)


def told(person: Person, part: str) -> int:
    return sum(part in one for one in person.chat)


async def test_supervisors_hear_once_that_nobody_has_taken_a_case(
    town: Town, anna: Borrower, sue: Person
) -> None:
    await anna.says("/human")
    await town.ticks(minutes=3, seconds=59)
    assert told(sue, "#1") == 0
    await town.ticks(seconds=1)
    shown = sue.sees("#1 (asks for a person) waits and nobody has taken it")
    assert "Anna" not in shown.text
    await town.ticks(minutes=20)
    assert told(sue, "nobody has taken it") == 1


async def test_the_clock_stands_still_while_the_office_is_closed(
    town: Town, anna: Borrower, sue: Person
) -> None:
    town.later(hours=7, minutes=57)  # three minutes before six
    await anna.says("/human")
    await town.ticks(hours=14)
    assert told(sue, "#1") == 0
    await town.ticks(hours=1, minutes=5)  # two minutes after nine
    assert told(sue, "nobody has taken it") == 1


async def test_a_first_answer_that_does_not_come_is_told_and_then_asked_of_somebody_else(
    town: Town, anna: Borrower, sue: Person
) -> None:
    lin, dana = await at_work(town, "Lin"), await at_work(town, "Dana")
    await anna.says("/human")
    await lin.says("/take 1")
    await town.ticks(minutes=4)
    sue.sees("#1", "waits for an answer from Lin")
    await town.ticks(minutes=3, seconds=29)
    assert await state_of(town, anna) is ConversationState.ACTIVE
    await town.ticks(seconds=1)
    lin.sees("#1 Anna Berg had no answer from you")
    assert "longer than you should" in anna.last
    dana.sees("Can you take #1?")
    await lin.says("/reply sorry, late")
    lin.sees("You have no case in hand")


async def test_later_answers_have_a_quarter_of_an_hour_from_the_first_question(
    town: Town, anna: Borrower, sue: Person
) -> None:
    lin = await at_work(town, "Lin")
    await anna.says("/human")
    await lin.says("/take 1")
    await lin.says("/reply Hello, what is it about?")
    await town.ticks(hours=1)
    assert await state_of(town, anna) is ConversationState.ACTIVE
    await anna.says("the fee")
    await town.ticks(minutes=10)
    await anna.says("hello?")
    await town.ticks(minutes=2)
    assert told(sue, "waits for an answer from Lin") == 1
    await lin.says("/reply It is 5")
    await town.ticks(minutes=30)
    assert await state_of(town, anna) is ConversationState.ACTIVE
    await anna.says("and the interest?")
    await town.ticks(minutes=22)
    assert await state_of(town, anna) is ConversationState.ACTIVE
    await town.ticks(seconds=30)
    assert await state_of(town, anna) is not ConversationState.ACTIVE


async def test_thanks_start_no_clock(town: Town, anna: Borrower, sue: Person) -> None:
    lin = await at_work(town, "Lin")
    await anna.says("/human")
    await lin.says("/take 1")
    await lin.says("/reply It is 5")
    await anna.says("Thank you")
    await town.ticks(hours=2)
    assert await state_of(town, anna) is ConversationState.ACTIVE
    assert told(sue, "waits for an answer") == 0


async def test_writing_up_has_ten_minutes_and_the_borrower_may_go_on(
    town: Town, anna: Borrower
) -> None:
    lin = await at_work(town, "Lin")
    await anna.says("/human")
    await lin.says("/take 1")
    await lin.says("/reply It is 5")
    await lin.taps("Close")
    assert await state_of(town, anna) is ConversationState.WRAP_UP
    await anna.says("one more question")
    assert await state_of(town, anna) is ConversationState.ACTIVE
    lin.sees("one more question")
    await lin.says("/reply Yes?")
    await lin.says("/close")
    await town.ticks(minutes=9, seconds=59)
    assert await state_of(town, anna) is ConversationState.WRAP_UP
    await town.ticks(seconds=1)
    assert await state_of(town, anna) is ConversationState.BOT
    lin.sees("was closed as “other”")


async def test_an_end_can_be_named_while_writing_up(town: Town, anna: Borrower) -> None:
    lin = await at_work(town, "Lin")
    await anna.says("/human")
    await lin.says("/take 1")
    await lin.taps("Close")
    await lin.taps("information given")
    lin.sees("is closed: information given")
    assert await state_of(town, anna) is ConversationState.BOT


async def test_who_goes_home_while_writing_up_leaves_it_to_the_clock(
    town: Town, anna: Borrower
) -> None:
    lin = await at_work(town, "Lin")
    await anna.says("/human")
    await lin.says("/take 1")
    await lin.taps("Close")
    await lin.says("/shift off")
    await town.ticks(minutes=10)
    assert await state_of(town, anna) is ConversationState.BOT


async def test_whatever_happens_by_itself_is_known_beforehand(town: Town, anna: Borrower) -> None:
    async def next_due() -> timedelta | None:
        async with town.storage.reading() as tx:
            due = await readiness.next_due_at(tx, town.now)
        return None if due is None else due - town.now

    lin = await at_work(town, "Lin")
    await anna.says("/human")
    await town.ticks()
    assert await next_due() == timedelta(seconds=90)
    await lin.taps("Accept")
    assert await next_due() == timedelta(minutes=4)
    await lin.says("/reply It is 5")
    await lin.taps("Close")
    assert town.now > MONDAY_MORNING
    found = await next_due()
    assert found is not None
    assert found <= timedelta(minutes=10)


async def test_a_case_in_the_hands_of_nobody_at_work_is_freed(town: Town, anna: Borrower) -> None:
    lin, dana = await at_work(town, "Lin"), await at_work(town, "Dana")
    await anna.says("/human")
    await lin.says("/take 1")
    async with town.storage.transaction() as tx:  # as if they left at the moment of the claim
        member = await staff.by_telegram_id(tx, lin.telegram_id)
        assert member is not None
        await staff.end_shift(tx, member.staff_id, town.now)
    await town.ticks(seconds=5)
    dana.sees("Can you take #1?")
    async with town.storage.reading() as tx:
        talk = await conversations.of(tx, anna.borrower_id)
    assert talk is not None
    assert talk.staff_id is None


async def test_whoever_has_a_case_in_which_nobody_writes_is_asked_once_a_day(
    town: Town, anna: Borrower
) -> None:
    lin = await at_work(town, "Lin")
    await anna.says("/human")
    await lin.says("/take 1")
    await lin.says("/reply A fee was added on Monday.")
    await town.ticks(hours=20)
    await anna.says("ok")
    await lin.says("/reply Anything else?")
    await town.ticks(hours=23)
    assert told(lin, "Nobody has written") == 0
    await town.ticks(hours=2)
    lin.sees("Nobody has written in #1 Anna Berg since", "close it")
    await town.ticks(hours=1)
    assert told(lin, "Nobody has written") == 1
    await town.ticks(hours=24)
    assert told(lin, "Nobody has written") == 2


async def test_every_state_of_a_case_has_a_moment_at_which_it_is_looked_at(
    town: Town, anna: Borrower
) -> None:
    async def moment() -> object:
        async with town.storage.reading() as tx:
            return await handoff.next_due_at(tx, town.now)

    lin = await at_work(town, "Lin")
    assert await moment() is None
    await anna.says("/human")
    assert await moment()  # waiting
    await town.ticks()
    assert await state_of(town, anna) is ConversationState.OFFERED
    assert await moment()
    await lin.says("/accept")
    await lin.says("/reply Hello.")
    assert await moment()  # active, and nobody owes an answer
    await lin.says("/hold 2")
    assert await moment()  # held
    await anna.says("one more thing")
    await lin.taps("Close")
    assert await state_of(town, anna) is ConversationState.WRAP_UP
    assert await moment()
