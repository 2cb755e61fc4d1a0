"""One tap after a conversation with a person, where that is fitting, and what comes of it."""

import pytest

from bot.rules.shares import mean
from storage.records import Role
from tests.telegram.conversation import BOARD, Borrower, Person, Town

QUESTION = "How was this conversation for you"


async def a_talk(anna: Borrower, lin: Person, *, answered: bool = True) -> None:
    await anna.says("/human")
    await lin.taps("Take", chat=BOARD)
    if answered:
        await lin.says("/reply Good morning, what can I do?")
    await lin.says("/close info_given")


async def test_the_goodbye_asks_and_one_tap_answers(
    town: Town, anna: Borrower, lin: Person
) -> None:
    await a_talk(anna, lin)
    goodbye = anna.sees("Lin has finished here", QUESTION)
    assert list(goodbye.buttons)[:5] == ["1", "2", "3", "4", "5"]
    await anna.taps("4", on=goodbye)
    assert "Thank you, that helps" in goodbye
    assert "4" not in goodbye.buttons
    zhou = await town.staff("Zhou", Role.SUPERVISOR)
    await zhou.says("/report")
    zhou.sees("How borrowers found them (1 to 5): 4.0, n 1")


async def test_it_can_be_typed(town: Town, anna: Borrower, lin: Person) -> None:
    await a_talk(anna, lin)
    await anna.says("/rate 5")
    anna.sees("Thank you, that helps")
    await anna.says("/rate 1")
    anna.sees("once")


async def test_the_first_word_counts(town: Town, anna: Borrower, lin: Person) -> None:
    await a_talk(anna, lin)
    goodbye = anna.sees(QUESTION)
    await anna.says("/rate 2")
    await anna.taps("rate:1:5", on=goodbye)
    assert anna.toast == "You have told us already, thank you."
    zhou = await town.staff("Zhou", Role.SUPERVISOR)
    await zhou.says("/report")
    zhou.sees("2.0, n 1")


async def test_nobody_is_asked_about_a_talk_in_which_no_person_wrote(
    town: Town, anna: Borrower, lin: Person
) -> None:
    await a_talk(anna, lin, answered=False)
    anna.sees("Lin has finished here")
    anna.does_not_see(QUESTION)


async def test_nobody_is_asked_after_danger_to_life(
    town: Town, anna: Borrower, lin: Person
) -> None:
    await anna.says("I want to kill myself")
    kim = await town.staff("Kim", Role.COMPLIANCE)
    await kim.taps("Take", chat=BOARD)
    await kim.says("/reply I am here. Are you safe?")
    await kim.says("/release they are safe and with a friend")
    await kim.says("/close other")
    anna.sees("Kim has finished here")
    anna.does_not_see(QUESTION)
    await anna.says("/rate 3")
    anna.sees("After a conversation with a colleague")


async def test_nobody_rates_the_conversation_of_somebody_else(
    town: Town, anna: Borrower, lin: Person
) -> None:
    await a_talk(anna, lin)
    ben = await town.borrower("B2", "Ben Ode")
    await ben.says("/menu")
    await ben.taps("rate:1:1", on=ben.last)
    zhou = await town.staff("Zhou", Role.SUPERVISOR)
    await zhou.says("/report")
    zhou.sees("(1 to 5): –")


@pytest.mark.parametrize("typed", ["/rate", "/rate 6", "/rate good", "/rate 12345"])
async def test_what_is_no_score_is_answered(
    town: Town, anna: Borrower, lin: Person, typed: str
) -> None:
    await a_talk(anna, lin)
    await anna.says(typed)
    anna.sees("/rate 4")


async def test_a_rating_reaches_us_while_the_next_talk_is_going_on(
    town: Town, anna: Borrower, lin: Person
) -> None:
    await a_talk(anna, lin)
    goodbye = anna.sees(QUESTION)
    await anna.says("/human")
    await anna.taps("5", on=goodbye)
    zhou = await town.staff("Zhou", Role.SUPERVISOR)
    await zhou.says("/report")
    zhou.sees("5.0, n 1")


async def test_whoever_had_to_come_back_is_asked_again_and_both_words_count(
    town: Town, anna: Borrower, lin: Person
) -> None:
    await a_talk(anna, lin)
    await anna.taps("5", on=anna.sees(QUESTION))
    town.later(hours=5)
    await a_talk(anna, lin)  # the same case goes on
    goodbye = anna.sees(QUESTION)
    await anna.taps("1", on=goodbye)
    await anna.says("/rate 5")
    anna.sees("once")
    zhou = await town.staff("Zhou", Role.SUPERVISOR)
    await zhou.says("/report")
    zhou.sees("(1 to 5): 3.0", "n 2")


async def test_an_old_goodbye_rates_the_talk_it_ended(
    town: Town, anna: Borrower, lin: Person
) -> None:
    await a_talk(anna, lin)
    first = anna.sees(QUESTION)
    await a_talk(anna, lin)
    second = anna.sees(QUESTION)
    assert second is not first
    await anna.taps("2", on=first)
    await anna.taps("4", on=second)
    zhou = await town.staff("Zhou", Role.SUPERVISOR)
    await zhou.says("/report")
    zhou.sees("(1 to 5): 3.0", "n 2")


async def test_nobody_is_asked_about_a_return_in_which_no_person_wrote(
    town: Town, anna: Borrower, lin: Person
) -> None:
    await a_talk(anna, lin)
    town.later(minutes=5)
    await a_talk(anna, lin, answered=False)
    assert QUESTION not in anna.sees("Lin has finished here")
    await anna.says("/rate 4")
    anna.sees("After a conversation with a colleague")


async def test_a_case_that_was_frozen_once_is_never_asked_about(
    town: Town, anna: Borrower, lin: Person
) -> None:
    kim = await town.staff("Kim", Role.COMPLIANCE)
    await anna.says("I want to kill myself")
    await kim.taps("Take", chat=BOARD)
    await kim.says("/reply I am here. Are you safe?")
    await kim.says("/close other")
    town.later(hours=5)
    await a_talk(anna, lin)
    anna.does_not_see(QUESTION)


def test_a_mean_has_bounds_that_stay_on_the_scale() -> None:
    found = mean({1: 1, 5: 9}, 1, 5)
    assert found is not None
    assert (found.of, round(found.mean, 2), found.high) == (10, 4.6, 5.0)
    assert found.low is not None
    assert 3.7 < found.low < 3.9


def test_one_score_alone_has_no_bounds() -> None:
    found = mean({3: 1}, 1, 5)
    assert found is not None
    assert found.low is None
    assert mean({}, 1, 5) is None
