"""A borrower is abusive: three calm steps, and somebody else goes on."""

from bot.services.situation import situation_of
from storage.records import ConversationState
from tests.telegram.conversation import BOARD, Borrower, Person, Town


async def test_remind_restate_end_and_let_another_person_pick_it_up(
    town: Town, anna: Borrower, lin: Person
) -> None:
    await anna.says("/human")
    await lin.taps("Take", chat=BOARD)
    await anna.says("get lost")
    await lin.says("/abuse")
    assert "keep it civil on both sides" in anna.last
    lin.sees("Sent to Anna Berg")
    await anna.says("no, you get lost")
    await lin.says("/abuse")
    assert "somebody else will take it up another time" in anna.last
    await anna.says("never")
    await lin.says("/abuse")
    anna.sees("We end here for today")
    anna.does_not_see("has had to leave")
    lin.sees("waits for a different colleague")
    await lin.says("/reply one more thing")
    anna.does_not_see("one more thing")
    async with town.storage.reading() as tx:
        situation = await situation_of(tx, anna.borrower_id, town.now)
    assert situation.state is ConversationState.WAITING
    dana = await town.staff("Dana")
    await dana.says("/take 1")
    dana.sees("#1 Anna Berg")


async def test_the_words_are_in_the_language_of_the_borrower(town: Town, lin: Person) -> None:
    fang = await town.borrower("B2", "王芳", language="zh-Hans")
    await fang.says("/human")
    await lin.taps("Take", chat=BOARD)
    await lin.says("/abuse")
    assert "听得出来您很生气" in fang.last


async def test_without_a_case_there_is_nobody_to_remind(town: Town, lin: Person) -> None:
    await lin.says("/abuse")
    lin.sees("You have no case in hand")
