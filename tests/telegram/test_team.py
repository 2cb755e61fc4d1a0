"""What who leads can do: see who has what, take over, give to another, end an access, search."""

import pytest

from bot.services.cases import tasks
from storage import audit, staff, work
from storage.records import ConversationState, Role
from tests.telegram.conversation import Borrower, Person, Town
from tests.telegram.test_offers import at_work, state_of


@pytest.fixture
async def sue(town: Town) -> Person:
    return await town.staff("Sue", Role.SUPERVISOR)


@pytest.fixture
async def lin(town: Town) -> Person:
    return await at_work(town, "Lin")


@pytest.fixture
async def anna(town: Town, lin: Person) -> Borrower:
    """In a talk with Lin."""
    anna = await town.borrower("B1", "Anna Berg")
    await anna.says("/human")
    await lin.says("/take 1")
    return anna


async def test_the_board_shows_who_has_what_and_what_waits(
    town: Town, anna: Borrower, lin: Person, sue: Person
) -> None:
    dana = await at_work(town, "Dana")
    ben = await town.borrower("B2", "Ben Ode")
    await ben.says("/human")
    await town.ticks()
    await sue.says("/team")
    board = sue.sees("Lin: 1 of 5; #1", "Waiting: 1")
    assert "Dana: 1 of 5; asked about #" in board
    assert "somebody is being asked" in board
    assert "Anna" not in board.text
    await dana.taps("Accept")
    await sue.taps("Refresh")
    assert "Nobody is waiting" in sue.chat[0]  # redrawn in its place
    await sue.taps("Lin")
    sue.sees("With Lin", "#1 Anna Berg", "with a colleague since")


async def test_only_who_leads_sees_the_board(town: Town, anna: Borrower, lin: Person) -> None:
    for command in ("/team", "/case 1", "/takeover 1", "/assign 1", "/views B1", "/offboard Lin"):
        await lin.says(command)
        assert "Your role does not allow this" in lin.last, command


async def test_a_supervisor_takes_a_case_over_at_once(
    town: Town, anna: Borrower, lin: Person, sue: Person
) -> None:
    await anna.says("I am waiting")
    await sue.says("/takeover 1")
    sue.sees("#1 Anna Berg")
    sue.sees("I am waiting")
    assert "Sue has #1 Anna Berg now" in lin.last
    anna.sees("I am Sue", "Lin has passed your conversation to me")
    await lin.says("/reply hello")
    lin.sees("You have no case in hand")
    await sue.says("/reply Here I am")
    assert anna.last.text == "Here I am"


async def test_a_case_that_waits_or_is_held_can_be_taken_over_too(
    town: Town, anna: Borrower, lin: Person, sue: Person
) -> None:
    await lin.says("/hold")
    await sue.says("/takeover 1")
    assert await state_of(town, anna) is ConversationState.ACTIVE
    ben = await town.borrower("B2", "Ben Ode")
    await ben.says("/human")
    await town.ticks()
    await sue.says("/takeover 2")
    ben.sees("I am Sue")


async def test_a_supervisor_gives_a_case_to_somebody_or_back_to_the_queue(
    town: Town, anna: Borrower, lin: Person, sue: Person
) -> None:
    dana = await at_work(town, "Dana")
    await sue.says("/assign 1 Dana")
    sue.sees("Dana has been asked")
    await anna.says("hello?")
    lin.sees("hello?")
    await dana.taps("Accept")
    assert "Dana has #1" in lin.last
    await sue.says("/assign 1")
    await sue.taps("Back to the queue")
    assert await state_of(town, anna) is ConversationState.WAITING
    dana.sees("waits in the queue")


async def test_a_waiting_case_is_held_out_to_whom_the_supervisor_names(
    town: Town, lin: Person, sue: Person
) -> None:
    dana = await at_work(town, "Dana")
    ben = await town.borrower("B2", "Ben Ode")
    await ben.says("/human")
    await town.ticks()
    asked, other = (lin, dana) if "Can you take" in (lin.chat[-1].text) else (dana, lin)
    await sue.says(f"/assign 1 {other.name}")
    other.sees("Can you take #1?")
    await asked.says("/accept 1")
    asked.sees("Nothing is held out to you")
    await other.says("/accept 1")
    other.sees("Ben Ode")


async def test_ending_an_access_asks_first_and_leaves_nobody_alone(
    town: Town, anna: Borrower, lin: Person, sue: Person
) -> None:
    await anna.says("my question")
    ben = await town.borrower("B2", "Ben Ode")
    await ben.says("/human")
    await town.ticks()
    await sue.says("/offboard lin")
    sue.sees("End the access of Lin?", "goes back to the queue")
    assert await state_of(town, anna) is ConversationState.ACTIVE
    dana = await at_work(town, "Dana")
    await sue.taps("End the access")
    sue.sees("Lin has no access any more")
    anna.sees("Someone else will go on from here")
    await town.ticks(seconds=1)
    assert sum("Can you take" in one for one in dana.chat) == 2
    await lin.says("/queue")
    lin.does_not_see("Waiting:")
    async with town.storage.reading() as tx:
        assert await work.with_nobody_at_work(tx) == []


async def test_a_supervisor_ends_no_access_but_a_collectors(town: Town, sue: Person) -> None:
    await town.staff("Ada", Role.ADMIN)
    await sue.says("/offboard Ada")
    sue.sees("Your role does not allow this")
    await sue.says("/offboard Nobody")
    sue.sees("Nobody called Nobody has access here")


async def test_a_search_finds_cases_open_and_closed_and_is_on_record(
    town: Town, anna: Borrower, lin: Person, sue: Person
) -> None:
    await lin.says("/close info_given")
    town.later(hours=73)  # later than a case is opened again
    await anna.says("/human")
    await sue.says("/find berg")
    found = sue.sees("#2 Anna Berg (B1)", "waiting", "#1 Anna Berg", "closed: information given")
    assert list(found.buttons) == ["#2", "#1"]
    await sue.taps("#1")
    sue.sees("#1 Anna Berg (B1, English)")
    await sue.says("/find #2")
    assert list(sue.sees("#2 Anna Berg").buttons) == ["Take over", "Give to somebody", "Team"]
    await sue.says("/find zzz")
    sue.sees("There is nobody with this reference")
    await sue.says("/find B1")
    sue.sees("Conversation: waiting for a person")
    await lin.says("/find berg")
    lin.sees("There is nobody with this reference")
    await sue.says("/views B1")
    views = sue.sees("Who looked at Anna Berg (B1)")
    assert "Sue" in views
    async with town.storage.reading() as tx:
        subjects = [f"borrower:{anna.borrower_id}", "case:1", "case:2"]
        looks = await audit.latest(tx, subjects, ["borrower.viewed", "case.viewed"], 50)
    assert len(looks) >= 5


async def test_nothing_new_goes_to_who_is_leaving(town: Town, lin: Person, sue: Person) -> None:
    ben = await town.borrower("B2", "Ben Ode")
    async with town.storage.transaction() as tx:
        member = await staff.by_telegram_id(tx, lin.telegram_id)
        assert member is not None
        await staff.disable(tx, lin.telegram_id, town.now)
    await ben.says("/human")
    await town.ticks()
    assert await state_of(town, ben) is ConversationState.WAITING
    async with town.storage.reading() as tx:
        assert await tasks.mine(tx, member) == []
