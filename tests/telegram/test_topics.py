"""A topic for each case in a collector's chat: whose words go where, and what heals by itself."""

import pytest
from sqlalchemy import select

from bot.services import sending
from storage import schema, topics
from storage.records import CaseId, OutboxStatus, Role
from tests.telegram.conversation import Borrower, Person, Shown, Town, begin, heard


@pytest.fixture
async def ben(town: Town) -> Borrower:
    return await town.borrower("B2", "Ben Olsen")


@pytest.fixture
async def lin(town: Town) -> Person:
    """With topics in everybody's chat."""
    town.office.topics = True
    return await town.staff("Lin")


async def asked_for(town: Town) -> int:
    """How many topics were asked of Telegram or are about to be."""
    async with town.storage.reading() as tx:
        made = select(schema.outbox.c.id).where(schema.outbox.c.method == topics.CREATE)
        return len(await tx.all(made))


# where things are said


async def test_a_case_that_is_taken_has_a_topic_with_all_that_is_said_of_it(
    town: Town, anna: Borrower, lin: Person
) -> None:
    await begin(anna, lin)
    thread = lin.topic("#1 ")
    assert lin.sees("Anna Berg", "asks for a person").thread == thread
    question = await heard(anna, lin, "Why did it go up?")
    assert question.thread == thread
    await lin.says("A fee was added on Monday.", reply_to=question, thread=thread)
    assert anna.last.text == "A fee was added on Monday."
    assert lin.sees("Sent to Anna Berg").thread == thread


async def test_the_name_of_a_topic_says_nothing_about_the_person(
    town: Town, anna: Borrower, lin: Person
) -> None:
    await begin(anna, lin)
    assert list(town.topics[lin.telegram_id].values()) == ["#1 · asks for a person"]


async def test_what_is_no_case_stays_outside_of_topics(
    town: Town, anna: Borrower, lin: Person
) -> None:
    await begin(anna, lin)
    await lin.says("/queue")
    assert lin.last.thread is None
    await lin.says("/queue", thread=lin.topic("#1 "))
    assert lin.last.thread == lin.topic("#1 ")


async def test_without_topics_all_is_in_the_plain_chat(
    town: Town, anna: Borrower, lin: Person
) -> None:
    town.office.topics = False
    await begin(anna, lin)
    question = await heard(anna, lin, "Why did it go up?")
    await lin.says("A fee was added.", reply_to=question)
    assert anna.last.text == "A fee was added."
    assert {one.thread for one in lin.chat} == {None}
    assert await asked_for(town) == 0


# whose words go where


async def test_words_in_a_topic_are_a_note_of_its_case_whatever_else_is_in_hand(
    town: Town, anna: Borrower, ben: Borrower, lin: Person
) -> None:
    await begin(anna, lin)
    await begin(ben, lin)
    await lin.says("sounds worried", thread=lin.topic("#2 "))
    lin.sees("Noted on #2")
    anna.does_not_see("worried")
    ben.does_not_see("worried")


async def test_commands_in_a_topic_are_about_its_case(
    town: Town, anna: Borrower, ben: Borrower, lin: Person
) -> None:
    await begin(anna, lin)
    await begin(ben, lin)
    await lin.says("/reply The fee was added on Monday.", thread=lin.topic("#1 "))
    anna.sees("The fee was added on Monday.")
    ben.does_not_see("fee")
    await lin.says("/close info_given", thread=lin.topic("#2 "))
    ben.sees("Lin has finished here")
    anna.does_not_see("has finished")


async def test_the_reply_button_of_one_case_sends_nothing_that_is_written_in_the_topic_of_another(
    town: Town, anna: Borrower, ben: Borrower, lin: Person
) -> None:
    await begin(anna, lin)
    await begin(ben, lin)
    question = await heard(anna, lin, "Why did it go up?")
    await lin.taps("Reply #1", on=question)
    await lin.says("thinks of a plan", thread=lin.topic("#2 "))
    lin.sees("Noted on #2")
    await lin.says("A fee was added.", thread=lin.topic("#1 "))
    assert anna.last.text == "A fee was added."
    ben.does_not_see("plan")


async def test_a_reply_in_a_topic_to_a_message_of_another_case_reaches_nobody(
    town: Town, anna: Borrower, ben: Borrower, lin: Person
) -> None:
    await begin(anna, lin)
    await begin(ben, lin)
    question = await heard(anna, lin, "Why did it go up?")
    before = len(anna.chat), len(ben.chat)
    # Telegram says only that it answers something elsewhere …
    await lin.says("You owe less than you think.", reply_to=question, thread=lin.topic("#2 "))
    lin.sees("visible from here", "Nothing was sent")
    # … and a message that was shown in this topic while it was another's
    strange = Shown(question.message_id, question.text, thread=lin.topic("#2 "))
    await lin.says("You owe less than you think.", reply_to=strange, thread=lin.topic("#2 "))
    lin.sees("two different cases", "Nothing was sent")
    assert (len(anna.chat), len(ben.chat)) == before


async def test_words_in_a_topic_nobody_knows_go_nowhere(
    town: Town, anna: Borrower, lin: Person
) -> None:
    await begin(anna, lin)
    await lin.says("/reply hello there", thread=4711)
    lin.sees("belongs to no case")
    anna.does_not_see("hello there")


async def test_a_warned_message_typed_in_the_plain_chat_is_confirmed_in_the_topic(
    town: Town, anna: Borrower, lin: Person
) -> None:
    await begin(anna, lin)
    await lin.says("/reply YOU MUST PAY THIS TODAY!!!")
    warning = lin.sees("#1", "Anna Berg")
    assert warning.thread == lin.topic("#1 ")
    await lin.taps("Send anyway", on=warning)
    assert anna.last.text == "YOU MUST PAY THIS TODAY!!!"


# the end of a case


async def test_a_topic_is_renamed_when_its_case_ends(
    town: Town, anna: Borrower, lin: Person
) -> None:
    await begin(anna, lin)
    thread = lin.topic("#1 ")
    await lin.says("/close info_given", thread=thread)
    assert town.topics[lin.telegram_id][thread] == "#1 · closed"
    await lin.says("and one more thing", thread=thread)
    lin.sees("over")


async def test_a_case_that_goes_to_a_colleague_gets_a_topic_there(
    town: Town, anna: Borrower, lin: Person
) -> None:
    dana = await town.staff("Dana")
    await dana.says("/shift on")
    await begin(anna, lin)
    await lin.says("/transfer @Dana knows the fees", thread=lin.topic("#1 "))
    await dana.says("/accept")
    assert dana.sees("Anna Berg", "asks for a person").thread == dana.topic("#1 ")
    assert town.topics[lin.telegram_id] == {lin.topic("#1 "): "#1 · with somebody else"}
    question = await heard(anna, dana, "Why did it go up?")
    await dana.says("A fee.", reply_to=question, thread=dana.topic("#1 "))
    assert anna.last.text == "A fee."


async def test_whoever_takes_a_case_again_has_the_old_topic_again(
    town: Town, anna: Borrower, lin: Person
) -> None:
    await begin(anna, lin)
    thread = lin.topic("#1 ")
    await lin.says("/transfer later", thread=thread)
    assert town.topics[lin.telegram_id] == {thread: "#1 · with somebody else"}
    await lin.says("/take 1")
    assert town.topics[lin.telegram_id] == {thread: "#1 · asks for a person"}
    assert await asked_for(town) == 1


# what heals


async def test_a_deleted_topic_is_made_again_and_nothing_is_lost(town_on_both: Town) -> None:
    town = town_on_both
    town.office.topics = True
    anna, lin = await town.borrower("B1", "Anna Berg"), await town.staff("Lin")
    await begin(anna, lin)
    gone = lin.topic("#1 ")
    lin.deletes_topic(gone)
    question = await heard(anna, lin, "Are you still there?")
    assert question.thread == lin.topic("#1 ") != gone
    assert lin.sees("Anna Berg", "asks for a person").thread == question.thread
    await lin.says("Yes, I am.", reply_to=question, thread=question.thread)
    assert anna.last.text == "Yes, I am."
    await lin.says("late", thread=gone)
    lin.sees("belongs to no case")


async def test_a_topic_that_is_deleted_again_and_again_leaves_the_case_in_the_plain_chat(
    town: Town, anna: Borrower, lin: Person
) -> None:
    await begin(anna, lin)
    for number in range(3):
        lin.deletes_topic(lin.topic("#1 "))
        await heard(anna, lin, f"question {number}")
    assert await asked_for(town) == 3
    question = await heard(anna, lin, "still there?")
    assert question.thread is None
    await lin.says("Yes.", reply_to=question)
    assert anna.last.text == "Yes."


async def test_a_chat_that_has_no_topics_after_all_stays_plain_and_is_not_asked_each_time(
    town: Town, anna: Borrower, ben: Borrower, lin: Person
) -> None:
    town.without_topics.add(lin.telegram_id)
    await begin(anna, lin)
    await begin(ben, lin)
    question = await heard(anna, lin, "Why did it go up?")
    assert question.thread is None
    await lin.says("A fee was added.", reply_to=question)
    assert anna.last.text == "A fee was added."
    assert await asked_for(town) == 1


async def test_a_kill_while_a_topic_is_made_asks_for_no_second_one(
    town: Town, anna: Borrower, lin: Person
) -> None:
    await anna.says("/human")
    update = lin.update_of("/next")
    await town.handle(update)
    async with town.storage.transaction() as tx:  # the call is on the wire when the process dies
        batch = await sending.next_batch(tx, town.office, "dead", town.now, limit=50)
    assert [row.method for row in batch.ready if row.method == topics.CREATE] == [topics.CREATE]
    async with town.storage.transaction() as tx:
        await sending.recover(tx, town.now, everything=True)
    await town.handle(lin.update_of("/take 1"))
    await town.deliver()
    assert await asked_for(town) == 1
    assert lin.sees("Anna Berg", "asks for a person").thread is None  # it is in the plain chat
    async with town.storage.reading() as tx:
        made = select(schema.outbox.c.status).where(schema.outbox.c.method == topics.CREATE)
        assert [row.status for row in await tx.all(made)] == [OutboxStatus.UNKNOWN]


async def a_topic_of_which_nobody_answered(town: Town, lin: Person) -> int:
    """The case is taken; Telegram makes its topic, and the process dies before it hears so."""
    await town.handle(lin.update_of("/next"))
    async with town.storage.transaction() as tx:
        batch = await sending.next_batch(tx, town.office, "dead", town.now, limit=50)
    [asked] = [row for row in batch.ready if row.method == topics.CREATE]
    thread = town.makes_topic(lin.telegram_id, asked.payload["name"])
    async with town.storage.transaction() as tx:
        await sending.recover(tx, town.now, everything=True)
    await town.deliver()
    return thread


async def test_a_topic_made_without_our_knowing_is_the_cases_once_somebody_writes_in_it(
    town: Town, anna: Borrower, ben: Borrower, lin: Person
) -> None:
    await anna.says("/human")
    thread = await a_topic_of_which_nobody_answered(town, lin)
    await begin(ben, lin)
    assert (await heard(anna, lin, "Why did it go up?")).thread is None
    await lin.says("sounds worried", thread=thread)
    assert lin.sees("Noted on #1").thread == thread
    question = await heard(anna, lin, "Was there a fee?")
    assert question.thread == thread
    await lin.says("There was.", reply_to=question, thread=thread)
    assert anna.last.text == "There was."
    assert await asked_for(town) == 2  # one a case


async def test_a_topic_found_after_its_case_is_over_says_so(
    town: Town, anna: Borrower, lin: Person
) -> None:
    await anna.says("/human")
    thread = await a_topic_of_which_nobody_answered(town, lin)
    await lin.says("/close info_given")
    await lin.says("one more thing", thread=thread)
    assert town.topics[lin.telegram_id][thread] == "#1 · closed"
    anna.does_not_see("one more thing")


async def test_a_topic_that_somebody_made_themselves_is_no_cases(
    town: Town, anna: Borrower, lin: Person
) -> None:
    await anna.says("/human")
    thread = await a_topic_of_which_nobody_answered(town, lin)
    mine = town.makes_topic(lin.telegram_id, town.topics[lin.telegram_id][thread])
    del town.made[mine]  # it was Lin who made it
    await lin.says("hello", thread=mine)
    lin.sees("belongs to no case")


async def test_what_is_said_of_a_case_waits_for_its_topic_and_for_nothing_longer(
    town: Town, anna: Borrower, lin: Person
) -> None:
    await anna.says("/human")
    await town.handle(lin.update_of("/next"))
    async with town.storage.transaction() as tx:
        first = await sending.next_batch(tx, town.office, "slow", town.now, limit=50)
    mine = [row for row in first.ready if row.chat_id == lin.telegram_id]
    assert [row.method for row in mine] == [topics.CREATE]
    async with town.storage.transaction() as tx:
        again = await sending.next_batch(tx, town.office, "slow", town.now, limit=50)
        assert not [row for row in again.ready if row.chat_id == lin.telegram_id]
        await sending.recover(tx, town.now, everything=True)
    await town.deliver()
    assert lin.sees("Anna Berg").thread is None


async def test_a_topic_of_a_supervisor_who_only_looks_is_never_made(
    town: Town, anna: Borrower, lin: Person
) -> None:
    boss = await town.staff("Mo", Role.SUPERVISOR)
    await begin(anna, lin)
    await boss.says("/case 1")
    assert boss.sees("Anna Berg").thread is None
    assert town.topics[boss.telegram_id] == {}
    async with town.storage.reading() as tx:
        assert await topics.of(tx, boss.telegram_id, CaseId(1)) is None
