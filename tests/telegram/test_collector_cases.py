"""What a collector does with a case besides talking, and what happens when they leave."""

from bot.services import emergency, staffing
from bot.services.cases import handoff
from storage import staff
from storage.records import Actor, Role
from tests.telegram.conversation import BOARD, Borrower, Person, Town, begin


async def sweep(town: Town) -> None:
    async with town.storage.transaction() as tx:
        await handoff.sweep(tx, town.office, town.now)
    await town.deliver()


async def disable(town: Town, person: Person) -> None:
    async with town.storage.transaction() as tx:
        await staffing.disable_staff(tx, town.office, Actor.system(), person.telegram_id, town.now)
    await town.deliver()


# closing


async def test_a_closed_case_is_the_bots_again_and_the_borrower_is_told_who_left(
    town: Town, anna: Borrower, lin: Person
) -> None:
    await begin(anna, lin)
    await lin.says("/close info_given")
    lin.sees("#1 Anna Berg is closed: information given")
    assert "Lin has finished here" in anna.last
    await anna.says("/balance")
    anna.sees("CN¥500.00")


async def test_closing_without_a_code_offers_the_codes_as_buttons(
    anna: Borrower, lin: Person
) -> None:
    await begin(anna, lin)
    await lin.says("/close")
    choices = lin.sees("How does this case end?", "paid_promise")
    assert len(choices.buttons) == 8
    await lin.taps("information given")
    lin.sees("is closed: information given")
    await lin.taps("no answer", on=choices)
    lin.sees("This case is over")


async def test_an_unknown_code_closes_nothing_and_lists_the_codes(
    anna: Borrower, lin: Person
) -> None:
    await begin(anna, lin)
    await lin.says("/close whatever")
    lin.sees("There is no such code", "info_given")
    await lin.says("/reply Let us go on")
    assert anna.last.text == "Let us go on"


async def test_nobody_closes_a_case_that_is_not_theirs(
    town: Town, anna: Borrower, lin: Person
) -> None:
    await begin(anna, lin)
    dana = await town.staff("Dana")
    await lin.says("/close")
    choices = lin.sees("How does this case end?")
    await dana.taps("close_as:1:other", on=choices)
    dana.sees("is not yours")
    await lin.says("/reply mine")
    assert anna.last.text == "mine"


async def test_the_wrong_person_is_left_alone_for_good(
    town: Town, anna: Borrower, lin: Person
) -> None:
    await begin(anna, lin)
    before = len(anna.chat)
    await lin.says("/close wrong_person")
    assert len(anna.chat) == before
    await anna.says("/balance")
    anna.does_not_see("CN¥")


# setting aside


async def test_a_case_set_aside_comes_back_when_its_moment_has_come(
    town: Town, anna: Borrower, lin: Person
) -> None:
    await begin(anna, lin)
    await lin.says("/hold 2")
    lin.sees("set aside until 25 November, 10:00")
    town.later(days=1)
    await sweep(town)
    lin.does_not_see("is back with you")
    town.later(days=1)
    await sweep(town)
    lin.sees("#1 Anna Berg is back with you")


async def test_a_case_set_aside_comes_back_when_the_borrower_writes_but_not_for_thanks(
    town: Town, anna: Borrower, lin: Person
) -> None:
    await begin(anna, lin)
    await lin.says("/hold")
    await anna.says("Thank you")
    lin.does_not_see("is back with you")
    await anna.says("One more question")
    lin.sees("is back with you")
    lin.sees("One more question")


async def test_a_hold_is_for_one_to_fourteen_days(anna: Borrower, lin: Person) -> None:
    await begin(anna, lin)
    await lin.says("/hold 15")
    lin.sees("1 to 14 days")
    await lin.says("/hold for ever")
    lin.sees("Write /hold for one day")


# leaving


async def test_a_case_given_back_waits_on_the_board_again(
    town: Town, anna: Borrower, lin: Person
) -> None:
    await begin(anna, lin)
    await anna.says("hello?")
    await lin.says("/transfer please somebody with time")
    lin.sees("waits in the queue")
    anna.sees("Someone else will go on from here")
    assert ["is with Lin" in line or "Take" in line.buttons for line in town.chats[BOARD]] == [
        True,
        True,
    ]
    dana = await town.staff("Dana")
    await dana.taps("Take", chat=BOARD)
    dana.sees("Note (Lin): please somebody with time")
    dana.sees("Anna Berg", "hello?")


async def test_who_goes_off_shift_gives_everything_back(
    town: Town, anna: Borrower, lin: Person
) -> None:
    await begin(anna, lin)
    await lin.says("/shift off")
    lin.sees("What you had in hand (1) is back in the queue")
    await lin.says("/reply hello")
    lin.sees("You have no case in hand")


async def test_a_borrower_whose_question_was_answered_hears_nothing_of_the_change(
    town: Town, anna: Borrower, lin: Person
) -> None:
    await begin(anna, lin)
    await lin.says("/reply The fee was 5")
    await lin.says("/shift off")
    assert anna.last.text == "The fee was 5"


async def test_a_collector_disabled_in_the_middle_leaves_nobody_alone(
    town: Town, anna: Borrower, lin: Person
) -> None:
    await begin(anna, lin)
    await anna.says("my question")
    question = lin.sees("my question")
    await disable(town, lin)
    anna.sees("Someone else will go on from here")
    await lin.says("still me?", reply_to=question)
    anna.does_not_see("still me?")
    dana = await town.staff("Dana")
    await dana.says("/next")
    dana.sees("my question")


async def test_a_collector_who_blocks_the_bot_loses_the_case(
    town: Town, anna: Borrower, lin: Person
) -> None:
    await begin(anna, lin)
    await lin.blocks()
    dana = await town.staff("Dana")
    await dana.says("/next")
    dana.sees("Anna Berg")


async def test_a_collector_who_cannot_be_reached_loses_the_case(
    town: Town, anna: Borrower, lin: Person
) -> None:
    town.blocked.add(lin.telegram_id)
    await begin(anna, lin)
    town.blocked.clear()
    dana = await town.staff("Dana")
    await dana.says("/next")
    dana.sees("Anna Berg")


async def test_a_collector_who_cannot_be_reached_while_writing_up_keeps_nobody(
    town: Town, anna: Borrower, lin: Person
) -> None:
    await begin(anna, lin)
    town.blocked.add(lin.telegram_id)
    await lin.says("/close")  # the question how it ends reaches nobody
    await town.ticks(minutes=10)
    assert town.chats[BOARD][-1].text == "#1 is done"
    anna.sees("Lin has finished here")


# roles


async def test_an_admin_and_an_auditor_take_no_cases(town: Town, anna: Borrower) -> None:
    await anna.says("/human")
    for role in (Role.ADMIN, Role.AUDITOR):
        person = await town.staff(f"A {role}", role)
        await person.says("/next")
        person.sees("Your role does not allow this")
        await person.says("/take 1")
        person.sees("Your role does not allow this")


async def test_a_collector_finds_only_who_is_in_their_hands(
    town: Town, anna: Borrower, lin: Person
) -> None:
    await lin.says("/find B1")
    lin.sees("There is nobody with this reference")
    await begin(anna, lin)
    await lin.says("/find B1")
    lin.sees("Anna Berg", "CN¥500.00", "with a colleague")
    sue = await town.staff("Sue", Role.SUPERVISOR)
    await sue.says("/find B1")
    sue.sees("Anna Berg")


async def test_the_emergency_stop_is_a_supervisors_and_asks_first(
    town: Town, anna: Borrower, lin: Person
) -> None:
    await lin.says("/stop_all on")
    lin.sees("Your role does not allow this")
    sue = await town.staff("Sue", Role.SUPERVISOR)
    await sue.says("/stop_all")
    sue.sees("This stops everything automated at once")
    await sue.taps("Stop everything automated")
    sue.sees("Everything automated is stopped")
    async with town.storage.reading() as tx:
        assert await emergency.is_stopped(tx)
    await sue.says("/stop_all off")
    sue.sees("Released")


async def test_staff_choose_their_own_language(town: Town, lin: Person) -> None:
    await lin.says("/language zh")
    lin.sees("以后用中文跟您说")
    await lin.says("/queue")
    lin.sees("没有等待的事项")


async def test_help_says_what_the_role_can_do(town: Town, lin: Person) -> None:
    await lin.says("/start")
    assert "/stop_all" not in lin.sees("Hello Lin", "/reply to answer")
    sue = await town.staff("Sue", Role.SUPERVISOR)
    await sue.says("/help")
    sue.sees("/stop_all")
    await lin.says("/nonsense")
    lin.sees("There is no such command")


async def test_taking_work_starts_the_shift(town: Town, anna: Borrower, lin: Person) -> None:
    await begin(anna, lin)
    async with town.storage.reading() as tx:
        assert [one.name for one in await staff.now_on_shift(tx)] == ["Lin"]
