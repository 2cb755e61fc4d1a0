"""Words between a collector and a borrower: answers on purpose, notes otherwise."""

import pytest

from storage import cases, outbox, schema
from storage.records import CaseId, DeliveryClass, Role
from tests.telegram.conversation import BOARD, Borrower, Person, Town, begin, heard

# answers


async def test_a_reply_to_what_the_borrower_said_reaches_them_and_shows_as_sent(
    town: Town, anna: Borrower, lin: Person
) -> None:
    await begin(anna, lin)
    question = await heard(anna, lin, "Why did it go up?")
    mine = await lin.says("A fee was added on Monday.", reply_to=question)
    assert anna.last.text == "A fee was added on Monday."
    assert lin.sees("Sent to Anna Berg").reply_to == mine


async def test_the_reply_button_is_meant_for_one_message(
    town: Town, anna: Borrower, lin: Person
) -> None:
    await begin(anna, lin)
    await lin.taps("Reply")
    lin.sees("Your next message goes to Anna Berg")
    await lin.says("Hello, how can I help?")
    await lin.says("she sounds worried")
    assert anna.last.text == "Hello, how can I help?"
    anna.does_not_see("worried")


async def test_more_than_one_message_can_hold_is_not_sent_and_said_so(
    town: Town, anna: Borrower, lin: Person
) -> None:
    await begin(anna, lin)
    heard_so_far = len(anna.chat)
    await lin.says("/reply " + "word " * 900)
    lin.sees("longer than one message can be")
    assert len(anna.chat) == heard_so_far
    await lin.says("/reply A fee was added.")
    assert anna.last.text == "A fee was added."


async def test_the_reply_button_is_forgotten_after_some_minutes(
    town: Town, anna: Borrower, lin: Person
) -> None:
    await begin(anna, lin)
    await lin.taps("Reply")
    town.later(minutes=11)
    await lin.says("about my lunch")
    lin.sees("Noted on #1")
    anna.does_not_see("lunch")


async def test_a_typed_reply_does_what_the_button_does(
    town: Town, anna: Borrower, lin: Person
) -> None:
    await begin(anna, lin)
    await lin.says("/reply Good morning <Anna> & all")
    assert anna.last.text == "Good morning <Anna> & all"


async def test_nothing_shows_as_sent_before_telegram_has_answered(
    town: Town, anna: Borrower, lin: Person
) -> None:
    await begin(anna, lin)
    town.blocked.add(anna.telegram_id)
    await lin.says("/reply Hello")
    lin.sees("Not sent to Anna Berg", "they have blocked the bot")
    lin.does_not_see("Sent to Anna Berg")


async def test_a_persons_words_are_sent_at_least_once_and_in_order(
    town: Town, anna: Borrower, lin: Person
) -> None:
    await begin(anna, lin)
    await lin.says("/reply one")
    async with town.storage.reading() as tx:
        sent = await outbox.by_message(tx, anna.telegram_id, anna.last.message_id)
    assert sent is not None
    assert sent.delivery is DeliveryClass.WORDS


async def test_somebody_who_has_not_written_today_is_not_written_to_at_night(
    town: Town, anna: Borrower, lin: Person
) -> None:
    await begin(anna, lin)
    await lin.says("/reply Hello")
    town.later(hours=16)  # two in the night
    await lin.says("/reply Are you there?")
    lin.sees("Not sent to Anna Berg", "outside the hours", "24 November, 08:00")
    anna.does_not_see("Are you there?")


# notes


async def test_plain_words_are_a_note_that_never_leaves(
    town: Town, anna: Borrower, lin: Person
) -> None:
    await begin(anna, lin)
    before = len(anna.chat)
    await lin.says("I think she is not telling everything")
    await lin.says("/note call her employer? no, never")
    await lin.sends("photo", "photo-of-a-page", "look at this")
    assert len(anna.chat) == before
    async with town.storage.reading() as tx:
        found = await cases.notes(tx, CaseId(1), 10)
        rows = await tx.all(schema.outbox.select())
    assert [note.text for note in found] == [
        "I think she is not telling everything",
        "call her employer? no, never",
        "look at this",
    ]
    words = [str(row.payload) for row in rows]
    assert not any("everything" in one or "employer" in one for one in words)
    assert not any("photo-of-a-page" in one for one in words)


async def test_a_reply_to_the_brief_is_a_note(town: Town, anna: Borrower, lin: Person) -> None:
    await begin(anna, lin)
    brief = lin.sees("Suggested:")
    await lin.says("seen", reply_to=brief)
    lin.sees("Noted on #1")
    anna.does_not_see("seen")


async def test_a_note_is_in_the_brief_of_the_next_colleague(
    town: Town, anna: Borrower, lin: Person
) -> None:
    await begin(anna, lin)
    await lin.says("wants figures by Friday")
    await lin.says("/transfer needs somebody who knows fees")
    dana = await town.staff("Dana")
    await dana.says("/next")
    dana.sees("Note (Lin): wants figures by Friday", "Note (Lin): needs somebody who knows fees")


# the right borrower


async def test_a_reply_reaches_the_borrower_replied_to_among_several(
    town: Town, anna: Borrower, lin: Person
) -> None:
    ben = await town.borrower("B2", "Ben Ode")
    await begin(anna, lin)
    await begin(ben, lin)
    from_anna = await heard(anna, lin, "first question")
    await heard(ben, lin, "second question")
    await lin.says("for Anna", reply_to=from_anna)
    assert anna.last.text == "for Anna"
    ben.does_not_see("for Anna")


async def test_words_without_a_borrower_are_not_guessed_between_two(
    town: Town, anna: Borrower, lin: Person
) -> None:
    ben = await town.borrower("B2", "Ben Ode")
    await begin(anna, lin)
    await begin(ben, lin)
    await lin.says("/reply to whom")
    lin.sees("You have several cases", "Anna Berg", "Ben Ode")
    anna.does_not_see("to whom")
    ben.does_not_see("to whom")


async def test_what_is_replied_to_beats_the_reply_button(
    town: Town, anna: Borrower, lin: Person
) -> None:
    ben = await town.borrower("B2", "Ben Ode")
    await begin(anna, lin)
    await begin(ben, lin)
    from_ben = await heard(ben, lin, "me")
    await lin.taps("Reply", on=lin.chat[0])
    lin.sees("Anna Berg")
    await lin.says("for Ben", reply_to=from_ben)
    assert ben.last.text == "for Ben"
    anna.does_not_see("for Ben")


async def test_a_reply_to_a_case_somebody_else_has_now_reaches_nobody(
    town: Town, anna: Borrower, lin: Person
) -> None:
    await begin(anna, lin)
    question = await heard(anna, lin, "hello?")
    await lin.says("/transfer")
    dana = await town.staff("Dana")
    await dana.says("/next")
    await lin.says("too late", reply_to=question)
    lin.sees("#1 is not yours", "Nothing was sent")
    anna.does_not_see("too late")


async def test_a_reply_to_a_closed_case_reaches_nobody_even_when_a_new_one_is_open(
    town: Town, anna: Borrower, lin: Person
) -> None:
    await begin(anna, lin)
    question = await heard(anna, lin, "hello?")
    await lin.says("/close info_given")
    await lin.says("too late", reply_to=question)
    lin.sees("This case is over")
    town.later(hours=73)  # before that it would be the same case
    await lin.says("/shift on")
    await begin(anna, lin)
    await lin.says("from another day", reply_to=question)
    lin.sees("This case is over")
    anna.does_not_see("too late")
    anna.does_not_see("from another day")


async def test_the_reply_button_of_a_case_given_back_does_nothing(
    town: Town, anna: Borrower, lin: Person
) -> None:
    await begin(anna, lin)
    await lin.taps("Reply")
    await lin.says("/transfer")
    await lin.says("still here?")
    lin.sees("not yours")
    anna.does_not_see("still here?")


# files


@pytest.mark.parametrize("kind", ["photo", "document", "voice"])
async def test_files_travel_both_ways_with_their_words(
    town: Town, anna: Borrower, lin: Person, kind: str
) -> None:
    await begin(anna, lin)
    await anna.sends(kind, "file-of-anna", "my receipt")
    shown = lin.sees("Anna Berg", "my receipt")
    assert shown.media == "file-of-anna"
    await lin.sends(kind, "file-of-lin", "your figures", reply_to=shown)
    assert (anna.last.media, anna.last.text) == ("file-of-lin", "your figures")


@pytest.mark.parametrize(
    ("kind", "file_id", "named"),
    [("sticker", "a-sticker", "sticker"), ("location", "31.2,121.5", "location")],
)
async def test_what_carries_no_words_comes_with_a_line_that_says_whose_it_is(
    town: Town, anna: Borrower, lin: Person, kind: str, file_id: str, named: str
) -> None:
    await begin(anna, lin)
    await anna.sends(kind, file_id)
    line = lin.sees("Anna Berg", named)
    assert lin.last.media == file_id
    await lin.says("thank you", reply_to=line)
    assert anna.last.text == "thank you"


async def test_a_video_is_named_and_cannot_be_answered_with_one(
    town: Town, anna: Borrower, lin: Person
) -> None:
    await begin(anna, lin)
    await anna.sends("video", "a-video", "look")
    line = lin.sees("cannot be shown here")
    lin.sees("look")
    await lin.sends("video", "another", reply_to=line)
    lin.sees("This cannot be passed on")


async def test_what_we_know_nothing_of_is_at_least_mentioned(
    town: Town, anna: Borrower, lin: Person
) -> None:
    await begin(anna, lin)
    await anna.sends("contact", "+8613800000000")
    lin.sees("Anna Berg", "something else", "cannot be shown here")


async def test_an_album_after_the_reply_button_goes_out_whole(
    town: Town, anna: Borrower, lin: Person
) -> None:
    await begin(anna, lin)
    await lin.taps("Reply")
    await lin.sends("photo", "page-1", "two pages", album="a1")
    await lin.sends("photo", "page-2", album="a1")
    await lin.sends("photo", "something-else")
    assert [one.media for one in anna.chat if one.media] == ["page-1", "page-2"]


async def test_a_message_of_4096_characters_arrives_whole(
    town: Town, anna: Borrower, lin: Person
) -> None:
    await begin(anna, lin)
    text = "字" * 4096
    await anna.says(text)
    parts = [one for one in lin.new if "字" in one]
    assert sum(one.text.count("字") for one in parts) == 4096
    await lin.says(text, reply_to=parts[0])
    assert anna.last.text == text


# the guard


async def test_words_the_guard_blocks_are_explained_and_not_sent(
    town: Town, anna: Borrower, lin: Person
) -> None:
    await begin(anna, lin)
    await lin.taps("Reply")
    await lin.says("You stupid liar, pay or I will tell your boss.")
    lin.sees("Not sent to Anna Berg", "You could say:")
    anna.does_not_see("stupid")
    await lin.says("Could you tell me what happened?")
    assert anna.last.text == "Could you tell me what happened?"


async def test_words_the_guard_doubts_need_a_second_tap(
    town: Town, anna: Borrower, lin: Person
) -> None:
    await begin(anna, lin)
    question = await heard(anna, lin, "What now?")
    doubtful = "You must pay this immediately, right now."
    await lin.says(doubtful, reply_to=question)
    warning = lin.sees("please look once more")
    anna.does_not_see("immediately")
    await lin.taps("Send anyway", on=warning)
    assert anna.last.text == doubtful
    await lin.taps("Send anyway", on=warning)
    assert lin.toast == "That button is out of date."
    assert sum(doubtful in one for one in anna.chat) == 1


async def test_doubtful_words_can_be_sent_by_typing(
    town: Town, anna: Borrower, lin: Person
) -> None:
    await begin(anna, lin)
    await lin.says("/reply You must pay this immediately, right now.")
    await lin.says("/send")
    assert "immediately" in anna.last


async def test_doubtful_words_can_be_dropped(town: Town, anna: Borrower, lin: Person) -> None:
    await begin(anna, lin)
    await lin.says("/reply You must pay this immediately, right now.")
    lin.sees("please look once more")
    await lin.says("/drop")
    await lin.says("/send")
    anna.does_not_see("immediately")
    await lin.says("/reply You must pay this immediately, right now.")
    warning = lin.sees("please look once more")
    await lin.taps("Do not send", on=warning)
    lin.sees("Nothing was sent")
    await lin.taps("send_anyway:1", on=warning)
    anna.does_not_see("immediately")


async def test_an_edit_does_not_reach_the_borrower_and_says_so(
    town: Town, anna: Borrower, lin: Person
) -> None:
    await begin(anna, lin)
    mine = await lin.says("/reply The fee is 5")
    await lin.edits(mine, "/reply The fee is 500")
    lin.sees("Edits do not reach anybody")
    anna.does_not_see("500")


async def test_a_supervisor_answers_in_a_crisis_and_a_collector_does_not(
    town: Town, anna: Borrower, lin: Person
) -> None:
    await begin(anna, lin)
    await anna.says("I want to kill myself")
    anna.sees("12356")
    lin.sees("is frozen")
    await lin.says("/reply hello")
    anna.does_not_see("hello")
    sue = await town.staff("Sue", Role.SUPERVISOR)
    await sue.taps("Take", chat=BOARD)
    await sue.says("/reply I am here. Are you safe?")
    assert anna.last.text == "I am here. Are you safe?"
