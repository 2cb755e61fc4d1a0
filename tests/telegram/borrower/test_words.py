"""Free words and everything else people send: honest answers, and a person when nothing helps."""

from datetime import date

import pytest

from storage.records import ConversationState, HandoffReason
from tests.telegram.late import LATE, state_of
from tests.telegram.lending import Client, LendingTown, Owed


async def test_not_understood_once_is_a_closed_question_twice_a_person(
    town_anywhere: LendingTown,
) -> None:
    maria = await town_anywhere.client("Maria Lopez", owes=[LATE])
    await maria.says("the moon is made of cheese")
    question = maria.hears("I did not understand that")
    assert 4 <= len(question.buttons) <= 8
    await maria.says("qwertyuiop")

    maria.hears("A colleague will be with you")
    assert await state_of(maria) is ConversationState.WAITING
    assert await town_anywhere.reasons(maria) == {HandoffReason.NOT_UNDERSTOOD}


async def test_an_understood_message_between_starts_the_count_anew(fang: Client) -> None:
    await fang.says("月亮上有什么")
    fang.hears("没看懂")
    await fang.says("我欠多少钱")
    fang.hears("您的账目")
    await fang.says("天上有几颗星星")

    fang.hears("没看懂")
    assert await state_of(fang) is ConversationState.BOT


@pytest.mark.parametrize(
    ("words", "answer"),
    [
        ("hi", "Maria Lopez"),
        ("how much do I owe?", "Your balance"),
        ("thank you", "You are welcome"),
        ("can I pay in parts?", "In how many parts"),
        ("how to pay", "official ways"),
    ],
)
async def test_plain_wishes_are_understood(maria: Client, words: str, answer: str) -> None:
    await maria.says(words)

    maria.hears(answer)


@pytest.mark.parametrize(
    ("words", "answer"),
    [("你好", "王芳，您好"), ("我还欠多少", "您的账目"), ("谢谢", "不客气"),
     ("可以分期吗", "想分几期")],
)  # fmt: skip
async def test_and_in_chinese(fang: Client, words: str, answer: str) -> None:
    await fang.says(words)

    fang.hears(answer)


async def test_what_cannot_be_read_gets_an_honest_answer(maria: Client) -> None:
    for kind in ("voice", "sticker", "video", "audio", "location"):
        await maria.sends(kind, "31.2,121.5" if kind == "location" else "a-file")

        shown = maria.hears("I can only read text")
        assert list(shown.buttons) == ["Talk to a person", "Main menu"]
    assert await state_of(maria) is ConversationState.BOT


async def test_a_moving_picture_is_no_receipt_though_it_comes_as_a_document(maria: Client) -> None:
    file = {"file_id": "a-gif", "file_unique_id": "u"}
    size = {"width": 9, "height": 9, "duration": 1}

    await maria.sends_raw({"animation": {**file, **size}, "document": file})

    maria.hears("I can only read text")


async def test_a_shared_contact_or_a_die_gets_an_honest_answer(maria: Client) -> None:
    await maria.sends_raw({"contact": {"phone_number": "123", "first_name": "Ann"}})
    maria.hears("I can only read text")
    await maria.sends_raw({"dice": {"emoji": "🎲", "value": 3}})

    maria.hears("I can only read text")


async def test_telegrams_own_notes_are_no_message(maria: Client) -> None:
    await maria.sends_raw(
        {"message_auto_delete_timer_changed": {"message_auto_delete_time": 86400}}
    )
    maria.hears_nothing()
    await maria.sends_raw(
        {"pinned_message": {"message_id": 1, "date": 0,
                            "chat": {"id": maria.telegram_id, "type": "private"}}}
    )  # fmt: skip

    maria.hears_nothing()
    assert await state_of(maria) is ConversationState.BOT


async def test_a_document_is_kept_and_asked_about(maria: Client) -> None:
    await maria.sends("document", "a-contract")

    maria.hears("is kept with our conversation")
    [*_, kept] = await maria.town.heard_from(maria)
    assert (kept.media_kind, kept.file_id) == ("document", "a-contract")


async def test_ten_thousand_characters_are_read_in_no_time(maria: Client) -> None:
    await maria.says("blah " * 2_000)
    maria.hears("I did not understand that")

    await maria.says("blah " * 1_990 + " I want to kill myself")

    assert len(maria.new) == 1


async def test_odd_characters_are_only_characters(town: LendingTown) -> None:
    for text in ("👍👍👍", "\u202e\u200b", "a\x00b", "'; DROP TABLE borrowers; --",
                 "{{ lender }} {% raise %}", "<b>unclosed"):  # fmt: skip
        client = await town.client(owes=[LATE])

        await client.says(text)

        assert len(client.new) == 1, text


async def test_half_a_character_does_not_end_up_as_a_dead_letter(
    town_anywhere: LendingTown,
) -> None:
    maria = await town_anywhere.client("Maria Lopez", owes=[LATE])

    await maria.says("hello \ud83d there\x00")

    assert len(maria.new) == 1


async def test_edited_words_are_kept_and_not_acted_on_twice(maria: Client) -> None:
    number = await maria.says("I will pay 500 on Friday")
    maria.hears("Please confirm")

    await maria.edits(number, "I will pay 600 on Friday")

    maria.hears_nothing()
    assert "I will pay 600 on Friday" in [one.text for one in await maria.town.heard_from(maria)]


async def test_an_edited_command_does_nothing(maria: Client) -> None:
    number = await maria.says("/balance")

    await maria.edits(number, "/promise 2026-11-25 500")

    maria.hears_nothing()


async def test_blocking_is_noted_and_nothing_is_tried(town: LendingTown) -> None:
    maria = await town.client("Maria Lopez", owes=[Owed("300.00", due=date(2026, 11, 25))])
    await maria.blocks()

    await town.until("2026-11-25T20:00")

    assert ("planned", "deny", "private_chat") in await town.decisions(maria)
    assert not await town.waiting(maria)


async def test_after_unblocking_reminders_come_again(town: LendingTown) -> None:
    maria = await town.client("Maria Lopez", owes=[Owed("300.00", due=date(2026, 11, 25))])
    await maria.blocks()
    await town.until("2026-11-24T09:00")
    await maria.unblocks()

    await town.until("2026-11-24T12:30")

    maria.hears("CN¥300.00")


async def test_a_block_found_while_sending_is_noted_too(town: LendingTown) -> None:
    maria = await town.client("Maria Lopez", owes=[Owed("300.00", due=date(2026, 11, 25))])
    town.blocked.add(maria.telegram_id)  # no update told us
    await town.until("2026-11-24T12:30")
    account = (await town.situation(maria)).facts.account
    assert account is not None
    assert account.unreachable_at is not None

    town.blocked.clear()
    await maria.says("/balance")

    maria.hears("Your balance")  # whoever writes can be reached


async def test_a_refusal_reaches_somebody_who_had_blocked_us(town: LendingTown) -> None:
    maria = await town.client("Maria Lopez", owes=[LATE])
    await maria.blocks()
    town.blocked.clear()

    await maria.says("/promise 2020-01-01 5")

    maria.hears("That day has passed")


async def test_an_unknown_language_is_served_in_english(town: LendingTown) -> None:
    client = await town.client("Jan Novak", owes=[LATE], language="en")
    client.language = "cs"

    await client.says("/menu")

    client.hears("Jan Novak")


async def test_the_bot_is_silent_when_it_is_added_to_a_group(maria: Client) -> None:
    await maria.adds_bot_to(-77)

    assert not maria.town.chats.get(-77)
    maria.hears_nothing()
