"""Words are read with what was just asked, in the language they are in, and as whose words."""

from datetime import date

import pytest

from storage.records import ConversationState, Money
from tests.telegram.late import promised_by, state_of
from tests.telegram.lending import Client


async def test_a_sum_then_which_day_then_the_day_in_words(maria: Client) -> None:
    await maria.says("I will pay 500")
    maria.hears("Which day")
    await maria.says("Friday")
    maria.hears("Please confirm", "CN¥500.00", "27 November 2026")
    await maria.says("yes")

    assert await promised_by(maria) == (Money(50_000, "CNY"), date(2026, 11, 27))


async def test_a_day_then_how_much_then_the_sum_in_words(fang: Client) -> None:
    await fang.says("周五还")
    await fang.says("一半")

    fang.hears("600.00", "11月27日")


@pytest.mark.parametrize(
    ("words", "shown"),
    [
        ("no, the 30th", ("CN¥500.00", "30 November 2026")),
        ("make it 300", ("CN¥300.00", "27 November 2026")),
        ("no I meant Saturday", ("CN¥500.00", "28 November 2026")),
    ],
)
async def test_a_correction_changes_what_it_names_and_leaves_the_rest(
    maria: Client, words: str, shown: tuple[str, str]
) -> None:
    await maria.says("500 on Friday")
    maria.hears("CN¥500.00", "27 November 2026")

    await maria.says(words)

    maria.hears("Please confirm", *shown)
    assert await promised_by(maria) is None


async def test_a_promise_said_once_more_is_shown_the_same_and_is_no_yes(maria: Client) -> None:
    await maria.says("500 on Friday")

    await maria.says("I'll pay it, don't you worry")

    maria.hears("Please confirm", "CN¥500.00", "27 November 2026")
    assert await promised_by(maria) is None


async def test_a_correction_in_chinese(fang: Client) -> None:
    await fang.says("周五还500")

    await fang.says("不，30号")

    fang.hears("500.00", "11月30日")


async def test_a_question_beside_the_days_is_answered_as_a_question(maria: Client) -> None:
    await maria.says("I will pay 500")

    await maria.says("how much do I owe?")

    maria.hears("Your balance")


async def test_nonsense_at_how_much_is_not_asked_for_ever(maria: Client) -> None:
    await maria.says("I'll pay on Friday")
    await maria.says("the moon is made of cheese")
    await maria.says("qwertyuiop")

    assert await state_of(maria) is ConversationState.WAITING


async def test_whoever_goes_on_in_chinese_is_answered_in_chinese(maria: Client) -> None:
    await maria.says("我还欠多少钱")
    maria.hears("您的账目")
    await maria.says("/balance")

    maria.hears("您的账目")


async def test_a_word_or_two_switches_no_language(fang: Client) -> None:
    await fang.says("thank you")

    fang.hears("不客气")


async def test_a_language_we_do_not_speak_changes_nothing(maria: Client) -> None:
    await maria.says("wir fahren am Wochenende in die Berge")

    maria.hears("I did not understand that")


@pytest.mark.parametrize(
    "words", ["I will pay 500 on Friday", "stop messaging me", "I am not paying this"]
)
async def test_a_forwarded_message_is_not_the_borrowers_own_word(maria: Client, words: str) -> None:
    origin = {"type": "hidden_user", "sender_user_name": "Sam", "date": 0}

    await maria.sends_raw({"text": words, "forward_origin": origin})

    maria.hears("You have passed on something")
    assert await promised_by(maria) is None
    assert await state_of(maria) is ConversationState.BOT


async def test_a_forwarded_cry_for_help_is_taken_as_one(maria: Client) -> None:
    origin = {"type": "hidden_user", "sender_user_name": "Sam", "date": 0}

    await maria.sends_raw({"text": "I want to kill myself tonight", "forward_origin": origin})

    assert await state_of(maria) is not ConversationState.BOT


async def test_a_day_that_does_not_exist_is_no_promise(maria: Client) -> None:
    await maria.says("I will pay 500 on 31 February")

    assert await promised_by(maria) is None
    assert maria.new


async def test_another_language_is_answered_kindly_and_offered_a_person(maria: Client) -> None:
    await maria.says("Haben Sie auch eine Filiale in Berlin")

    assert "Talk to a person" in maria.hears("I did not understand that").buttons
