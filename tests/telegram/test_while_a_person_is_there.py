"""The borrower's side while the conversation is a person's, or waits for one."""

import pytest

from storage import cases, limits, work
from storage.records import CaseId, HoldKind, WorkKind
from tests.services.test_handoff import queue_reminder
from tests.telegram.conversation import Borrower, Person, Town


@pytest.fixture
async def lin(town: Town) -> Person:
    """At work already, so that waiting times are known."""
    person = await town.staff("Lin")
    await person.says("/shift on")
    return person


# waiting


async def test_what_is_said_while_waiting_is_kept_and_shown_to_whoever_comes(
    anna: Borrower, lin: Person
) -> None:
    await anna.says("I want to talk to a real person please")
    await anna.says("It is about the fee")
    await anna.sends("photo", "photo-of-a-letter", "see page two")
    await lin.says("/next")
    assert [(one.text.split("\n")[-1], one.media) for one in lin.chat[-3:]] == [
        ("I want to talk to a real person please", None),
        ("It is about the fee", None),
        ("see page two", "photo-of-a-letter"),
    ]
    await lin.says("I see it.", reply_to=lin.last)
    assert anna.last.text == "I see it."


async def test_who_writes_on_while_waiting_is_reassured_now_and_then(
    town: Town, anna: Borrower, lin: Person
) -> None:
    await anna.says("/human")
    assert "3 to 15 minutes" in anna.last
    for _ in range(3):
        await anna.says("hello?")
    assert len(anna.chat) == 1
    town.later(minutes=31)
    for _ in range(3):
        await anna.says("hello?")
    assert len(anna.chat) == 2
    assert "whoever takes over will see it" in anna.last


async def test_who_asks_for_a_person_again_is_told_again(
    town: Town, anna: Borrower, lin: Person
) -> None:
    await anna.says("/human")
    await anna.says("/human")
    anna.sees("It may take another 3 to 15 minutes")
    await anna.says("/human")
    assert len(anna.chat) == 2  # within the same minute once
    assert lin.chat[1:] == []


async def test_a_whole_night_of_waiting_is_answered_once(
    town: Town, anna: Borrower, lin: Person
) -> None:
    town.later(hours=9)
    await anna.says("/human")
    for _ in range(6):
        town.later(hours=1)
        await anna.says("hello?")
    assert [("24 November, 09:00" in one) for one in anna.chat] == [True, True]


async def test_old_buttons_answer_with_a_short_line_and_change_nothing(
    anna: Borrower, lin: Person
) -> None:
    await anna.says("/menu")
    menu = anna.last
    await anna.says("/human")
    text = menu.text
    await anna.taps("Pay in parts", on=menu)
    assert anna.toast == "A colleague will answer you here."
    assert menu.text == text
    await lin.says("/next")
    await anna.taps("My balance", on=menu)
    assert anna.toast == "A colleague is with you and sees what you asked for."
    lin.sees("Anna Berg #", "asked for: My balance")


async def test_a_command_is_shown_to_the_person_as_what_the_borrower_asked(
    anna: Borrower, lin: Person
) -> None:
    await anna.says("/human")
    await lin.says("/next")
    count = len(anna.chat)
    await anna.says("/promise 2026-11-27 500")
    lin.sees("asked for: /promise 2026-11-27 500")
    assert len(anna.chat) == count


@pytest.mark.parametrize("command", ["/balance", "/menu", "/promise 2026-11-27 500", "/nonsense"])
async def test_a_command_while_waiting_is_answered_like_the_button_it_stands_for(
    town: Town, anna: Borrower, lin: Person, command: str
) -> None:
    await anna.says("/human")
    for _ in range(2):
        town.later(minutes=2)
        await anna.says(command)
        anna.sees("What you wrote has arrived")
        anna.does_not_see("500.00")


async def test_commands_in_a_row_while_waiting_are_answered_once(
    anna: Borrower, lin: Person
) -> None:
    await anna.says("/human")
    for _ in range(3):
        await anna.says("/balance")
    assert len(anna.chat) == 2


async def test_it_can_be_called_off_while_nobody_has_come(
    town: Town, anna: Borrower, lin: Person
) -> None:
    await anna.says("/human")
    await anna.says("/settled")
    anna.sees("nobody needs to come")
    await lin.says("/next")
    lin.sees("Nothing is waiting")
    await anna.says("/balance")
    anna.sees("CN¥500.00")
    async with town.storage.reading() as tx:
        closed = await cases.case(tx, CaseId(1))
    assert closed is not None
    assert closed.disposition == "settled"


async def test_a_dispute_that_is_called_off_is_still_looked_into(
    town: Town, anna: Borrower, lin: Person
) -> None:
    """Or what it paused would stay paused for ever, and nobody would know."""
    await anna.says("/dispute")
    await anna.says("/human")
    await anna.taps("No longer needed")
    async with town.storage.reading() as tx:
        waiting = await work.waiting(tx)
    assert [one.kind for one in waiting] == [WorkKind.DISPUTE]
    await lin.says("/next")
    await lin.says("/close borrower_right")
    async with town.storage.reading() as tx:
        held = (await limits.holds_of(tx, [anna.borrower_id])).get(anna.borrower_id, ())
    assert all(hold.end is not None for hold in held)


async def test_it_cannot_be_called_off_once_somebody_is_there(anna: Borrower, lin: Person) -> None:
    await anna.says("/human")
    coming = anna.last
    await lin.says("/next")
    await anna.taps("No longer needed", on=coming)
    anna.does_not_see("nobody needs to come")
    await lin.says("/reply Let us go on")
    assert anna.last.text == "Let us go on"


# with a person


async def test_the_bot_says_nothing_while_a_person_is_there(anna: Borrower, lin: Person) -> None:
    await anna.says("/human")
    await lin.says("/next")
    count = len(anna.chat)
    for text in ("Hi", "How much do I owe?", "I will pay 200 on Friday", "asdf qwer", "/menu"):
        await anna.says(text)
    assert len(anna.chat) == count
    lin.sees("I will pay 200 on Friday")


async def test_a_dispute_pauses_at_once_while_the_answer_is_left_to_the_person(
    town: Town, anna: Borrower, lin: Person
) -> None:
    await anna.says("/human")
    await lin.says("/next")
    count = len(anna.chat)
    await anna.says("The amount is wrong, I do not owe this")
    assert len(anna.chat) == count
    lin.sees("something more: disputes the debt")
    lin.sees("The amount is wrong")
    async with town.storage.reading() as tx:
        assert (await limits.holds_of(tx, [anna.borrower_id]))[anna.borrower_id]


@pytest.mark.parametrize("kind", [HoldKind.DISPUTE, HoldKind.HARDSHIP])
async def test_the_command_pauses_at_once_as_words_do(
    town: Town, anna: Borrower, lin: Person, kind: HoldKind
) -> None:
    await anna.says("/human")
    await lin.says("/next")
    count = len(anna.chat)
    await anna.says(f"/{kind}")
    assert len(anna.chat) == count
    lin.sees(f"asked for: /{kind}")
    async with town.storage.reading() as tx:
        holds = (await limits.holds_of(tx, [anna.borrower_id]))[anna.borrower_id]
    assert [hold.kind for hold in holds] == [kind]


async def test_the_button_pauses_at_once_while_nobody_has_come(
    town: Town, anna: Borrower, lin: Person
) -> None:
    await anna.says("/menu")
    await anna.taps("More")
    more = anna.last
    await anna.says("/human")
    await anna.taps("Something is wrong", on=more)
    assert anna.toast == "A colleague will answer you here."
    async with town.storage.reading() as tx:
        holds = (await limits.holds_of(tx, [anna.borrower_id]))[anna.borrower_id]
    assert [hold.kind for hold in holds] == [HoldKind.DISPUTE]


async def test_a_stop_takes_effect_whoever_owns_the_conversation(
    town: Town, anna: Borrower, lin: Person
) -> None:
    await anna.says("/human")
    for text in ("/stop", "Stop messaging me"):
        await anna.says(text)
        anna.sees("we will not send you reminders")
    await lin.says("/next")
    async with town.storage.reading() as tx:
        assert await limits.stopped(tx, [anna.borrower_id])
        assert len(await work.open_of(tx, anna.borrower_id, WorkKind.STOP_REVIEW)) == 1
    lin.sees("Limits: asked us to stop")


async def test_a_crisis_is_answered_at_once_whoever_owns_the_conversation(
    anna: Borrower, lin: Person
) -> None:
    await anna.says("/human")
    await lin.says("/next")
    await anna.says("I do not want to live any more, I will end it")
    anna.sees("12356")
    lin.sees("is frozen", "danger to life")


async def test_what_the_borrower_changes_afterwards_is_shown_as_changed(
    anna: Borrower, lin: Person
) -> None:
    await anna.says("/human")
    await lin.says("/next")
    number = await anna.says("I can pay 500")
    await anna.edits(number, "I can pay 50")
    lin.sees("(edited)", "I can pay 50")


async def test_the_token_of_a_link_is_not_shown_to_anybody(anna: Borrower, lin: Person) -> None:
    await anna.says("/human")
    await lin.says("/next")
    await anna.says("/start a-secret-token")
    lin.sees("asked for: /start")
    lin.does_not_see("a-secret-token")


async def test_a_reminder_does_not_come_between(town: Town, anna: Borrower, lin: Person) -> None:
    await anna.says("/human")
    await lin.says("/next")
    await queue_reminder(town, anna, "due")
    await town.deliver()
    anna.does_not_see("a reminder")
