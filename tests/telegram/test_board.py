"""The board group: a line for each waiting case, no personal data, Take works once."""

from dataclasses import replace

from bot.services.cases import handoff
from bot.telegram.dispatch import Dispatch
from storage import outbox
from storage.records import Actor, HandoffReason, Role
from tests.telegram.conversation import BOARD, Person, Shown, Town


def line(town: Town) -> Shown:
    return town.chats[BOARD][-1]


async def test_a_line_names_reason_language_and_time_and_nothing_about_the_person(
    town: Town,
) -> None:
    anna = await town.borrower("B-77", "Anna Berg")
    await town.staff("Lin")
    await anna.says("/complaint")
    text = line(town).text
    assert text == "#1, complains, English, waiting since 23 November, 10:00"
    for secret in ("Anna", "Berg", "B-77", "500"):
        assert secret not in text


async def test_the_board_speaks_the_language_most_of_the_staff_read(town: Town) -> None:
    for name in ("小林", "小王"):
        await town.staff(name, language="zh-Hans")
    await town.staff("Lin")
    anna = await town.borrower("B1", "Anna Berg")
    await anna.says("/human")
    assert line(town).text == "#1，要找人工，English，11月23日 10:00 起等待"


async def test_take_works_once_and_the_line_is_redrawn(town: Town) -> None:
    anna = await town.borrower("B1", "Anna Berg")
    lin, dana = await town.staff("Lin"), await town.staff("Dana")
    await anna.says("/human")
    waiting = line(town)
    button = waiting.buttons["Take"]
    await lin.taps(button, on=waiting, chat=BOARD)
    assert lin.toast == "It is yours. See your private chat with the bot."
    assert (line(town).text, line(town).buttons) == ("#1 is with Lin", {})
    await dana.taps(button, on=waiting, chat=BOARD)
    assert dana.toast == "Somebody else has it."
    dana.does_not_see("Anna")
    await lin.says("/close other")
    assert line(town).text == "#1 is done"


async def test_pressing_take_twice_shows_the_brief_again(town: Town) -> None:
    anna = await town.borrower("B1", "Anna Berg")
    lin = await town.staff("Lin")
    await anna.says("/human")
    waiting = line(town)
    for _ in range(2):
        await lin.taps("take:1", on=waiting, chat=BOARD)
        town.later(seconds=1)
    assert sum("Suggested:" in one for one in lin.chat) == 2
    assert sum("I will take it from here" in one for one in anna.chat) == 1


async def test_a_line_that_arrives_after_the_case_was_taken_is_redrawn_at_once(
    town: Town,
) -> None:
    anna = await town.borrower("B1", "Anna Berg")
    lin = await town.staff("Lin")
    async with town.storage.transaction() as tx:
        await handoff.start(
            tx, town.office, Actor.system(), anna.borrower_id, HandoffReason.ASKED, town.now
        )
    await lin.says("/take 1")
    assert (line(town).text, line(town).buttons) == ("#1 is with Lin", {})


async def test_a_second_reason_is_drawn_into_the_line(town: Town) -> None:
    anna = await town.borrower("B1", "Anna Berg")
    await town.staff("Lin")
    await anna.says("/human")
    await anna.says("I want to make a complaint about you")
    assert len(town.chats[BOARD]) == 1
    assert "asks for a person, complains" in line(town)
    assert "Take" in line(town).buttons


async def test_a_case_that_settled_itself_leaves_the_board(town: Town) -> None:
    anna = await town.borrower("B1", "Anna Berg")
    lin = await town.staff("Lin")
    await anna.says("/human")
    waiting = line(town)
    await anna.taps("No longer needed")
    assert line(town).text == "#1 is done"
    await lin.taps("take:1", on=waiting, chat=BOARD)
    assert lin.toast == "It is over."


async def test_who_is_not_staff_presses_in_vain_and_groups_we_do_not_serve_hear_nothing(
    town: Town,
) -> None:
    anna = await town.borrower("B1", "Anna Berg")
    lin = await town.staff("Lin")
    await anna.says("/human")
    waiting = line(town)
    await Person(town, 5, "Eve", "en").taps("take:1", on=waiting, chat=BOARD)
    await lin.taps("take:1", on=waiting, chat=-2002)
    assert "Take" in line(town).buttons
    assert town.chats[-2002] == []
    async with town.storage.reading() as tx:
        assert (await outbox.counts(tx)).get("queued", 0) == 0


async def test_without_a_board_cases_wait_in_the_queue_alone(town: Town) -> None:
    town.office = replace(town.office, board_chat_id=None)
    town.dispatch = Dispatch(town.office)
    anna = await town.borrower("B1", "Anna Berg")
    lin = await town.staff("Lin")
    await anna.says("/human")
    await lin.says("/queue")
    await lin.taps("Take #1")
    lin.sees("Anna Berg")
    assert town.chats[BOARD] == []


async def test_danger_to_life_is_told_to_whoever_may_answer_on_shift_or_not(town: Town) -> None:
    anna = await town.borrower("B1", "Anna Berg")
    lin = await town.staff("Lin")
    sue, cora = await town.staff("Sue", Role.SUPERVISOR), await town.staff("Cora", Role.COMPLIANCE)
    await anna.says("I want to kill myself")
    for person in (sue, cora):
        shown = person.sees("Urgent", "danger to life")
        assert "Anna" not in shown.text
    assert lin.chat == []
    await anna.says("I want to kill myself, I mean it")
    assert len(sue.chat) == 1
    await sue.taps("Take")
    await sue.says("/reply I am here. Are you safe?")
    assert anna.last.text == "I am here. Are you safe?"


async def test_danger_to_life_in_a_case_that_waits_is_told_as_well(town: Town) -> None:
    anna = await town.borrower("B1", "Anna Berg")
    sue = await town.staff("Sue", Role.SUPERVISOR)
    await anna.says("/human")
    assert sue.chat == []
    await anna.says("I want to kill myself")
    sue.sees("Urgent", "danger to life")


async def test_where_nobody_may_answer_a_crisis_the_admins_are_told(town: Town) -> None:
    anna = await town.borrower("B1", "Anna Berg")
    dana = await town.staff("Dana", Role.ADMIN)
    await anna.says("I want to kill myself")
    dana.sees("Urgent", "danger to life")


async def test_a_board_that_became_a_supergroup_goes_on_there(town: Town) -> None:
    anna, ben = await town.borrower("B1", "Anna Berg"), await town.borrower("B2", "Ben Ode")
    lin = await town.staff("Lin")
    await anna.says("/human")
    town.moved[BOARD] = -1_000_002
    await ben.says("/human")
    line = town.chats[-1_000_002][-1]
    assert "#2" in line
    await lin.taps("Take", chat=-1_000_002)
    assert line.text == "#2 is with Lin"
    lin.sees("Ben Ode")
    await lin.taps("Take", chat=BOARD)  # the old lines are still there to be pressed
    lin.sees("Anna Berg")
