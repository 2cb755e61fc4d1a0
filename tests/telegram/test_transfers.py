"""From one person to another: whoever has a case keeps it until the other says yes."""

import pytest

from tests.telegram.conversation import BOARD, Borrower, Person, Town
from tests.telegram.test_offers import at_work


@pytest.fixture
async def lin(town: Town) -> Person:
    return await at_work(town, "Lin")


@pytest.fixture
async def dana(town: Town) -> Person:
    return await at_work(town, "Dana", capacity=2)


@pytest.fixture
async def anna(town: Town, lin: Person, dana: Person) -> Borrower:
    """In a talk with Lin; her question is not answered yet."""
    anna = await town.borrower("B1", "Anna Berg")
    await anna.says("/human")
    await lin.says("/take 1")
    await anna.says("what is the fee?")
    return anna


async def test_the_owner_stays_until_the_other_accepts(
    anna: Borrower, lin: Person, dana: Person
) -> None:
    await lin.says("/transfer @Dana knows the fees")
    lin.sees("Dana has been asked to take #1 Anna Berg", "stays with you")
    asked = dana.sees("Can you take #1?", "Lin asks you")
    assert "Anna" not in asked.text
    await anna.says("are you there?")
    lin.sees("are you there?")
    await dana.taps("Accept")
    dana.sees("#1 Anna Berg", "Note (Lin): knows the fees")
    assert any("are you there?" in one for one in dana.chat)
    assert "Dana has #1 Anna Berg now" in lin.last
    anna.sees("I am Dana", "Lin has passed your conversation to me")
    await lin.says("/reply still me")
    lin.sees("You have no case in hand")


async def test_a_no_and_silence_leave_it_with_the_owner(
    town: Town, anna: Borrower, lin: Person, dana: Person
) -> None:
    await lin.says("/transfer @dana")
    await dana.taps("Not now")
    assert "Dana cannot take #1 Anna Berg. It is still with you." in lin.last
    await lin.says("/transfer @dana")
    await town.ticks(seconds=91)
    assert "Dana cannot take #1" in lin.last
    await lin.says("/reply The fee is 5")
    assert anna.last.text == "The fee is 5"


async def test_the_button_offers_names_and_the_queue(
    anna: Borrower, lin: Person, dana: Person
) -> None:
    await lin.taps("Pass on")
    choice = lin.sees("Who should take it?")
    assert list(choice.buttons) == ["Dana", "Back to the queue"]
    await lin.taps("Dana")
    await dana.taps("Accept")
    dana.sees("Anna Berg")


async def test_only_somebody_at_work_with_room_is_asked(
    town: Town, anna: Borrower, lin: Person, dana: Person
) -> None:
    await lin.says("/transfer @Sue")
    lin.sees("Nobody called Sue is at work")
    for number in (2, 3):
        person = await town.borrower(f"B{number}", f"Person {number}")
        await person.says("/human")
        await dana.says(f"/take {number}")
    await lin.says("/transfer @Dana")
    lin.sees("Dana has no room")


async def test_an_offer_that_lost_its_sense_is_over(
    anna: Borrower, lin: Person, dana: Person
) -> None:
    await lin.says("/transfer @Dana")
    await lin.says("/close other")
    await dana.taps("Accept")
    dana.sees("Nothing is held out to you")
    dana.does_not_see("Anna Berg")


async def test_a_second_colleague_is_asked_only_after_the_first_answered(
    town: Town, anna: Borrower, lin: Person, dana: Person
) -> None:
    mo = await at_work(town, "Mo")
    await lin.says("/transfer @Dana")
    await lin.says("/transfer @Mo")
    lin.sees("is held out to somebody already")
    assert "Can you take" not in mo.last


async def test_the_board_says_who_has_it_in_the_end(
    town: Town, anna: Borrower, lin: Person, dana: Person
) -> None:
    await lin.says("/transfer @Dana")
    await dana.says("/accept")
    assert town.chats[BOARD][-1].text == "#1 is with Dana"
