"""Payments that were named: read back as exactly those, and nothing noted before a tap."""

from datetime import date

import pytest

from bot.rules.plan_standing import PlanState
from storage.records import Money
from tests.telegram.conversation import BOARD
from tests.telegram.late import LATE, promised_by
from tests.telegram.lending import Client, LendingTown, Owed

FRIDAY = date(2026, 11, 27)


async def _plans(client: Client) -> list[list[tuple[date, int]]]:
    """The parts of every plan there is."""
    plans = (await client.town.situation(client)).facts.plans
    return [[(part.due_date, part.amount) for part in one.instalments] for one in plans]


async def _state(client: Client) -> PlanState:
    return (await client.town.situation(client)).plans[-1][1].state


@pytest.mark.parametrize(
    "said",
    ["Can I pay 200 next Friday?", "would 200 on 27 November be ok?", "How about $200 on Friday?"],
)
async def test_a_question_is_read_back_as_that_one_payment(town: LendingTown, said: str) -> None:
    owes = Owed("1200.00", due=date(2026, 11, 17), currency="USD")
    maria = await town.client("Maria Lopez", owes=[owes])
    await maria.says(said)

    maria.hears("$200.00 on Friday, 27 November 2026", "possible", "The other $1,000.00 stays due")
    maria.hears("not noted yet")
    assert list(maria.last.buttons) == [
        "Yes, I will pay $200.00 on Fri 27 Nov", "Another day", "Pay in parts",
        "Talk to a person", "Back",
    ]  # fmt: skip
    assert (await promised_by(maria), await _plans(maria)) == (None, [])
    await maria.taps("Yes, I will pay $200.00 on Fri 27 Nov")

    maria.hears("it is noted: $200.00 on 27 November 2026")
    assert await promised_by(maria) == (Money(20_000, "USD"), FRIDAY)


@pytest.mark.parametrize("said", ["下周五先还200行吗", "能不能下周五先还200", "27号还200可以吗"])
async def test_the_same_in_chinese(fang: Client, said: str) -> None:
    await fang.says(said)

    fang.hears("2026年11月27日（星期五）还 ¥200.00，可以的", "还有 ¥1,000.00", "还没有记下")
    await fang.taps("好，我11月27日 周五还 ¥200.00")

    fang.hears("记下了：2026年11月27日 还 ¥200.00")
    assert await promised_by(fang) == (Money(20_000, "CNY"), FRIDAY)


async def test_it_may_be_answered_in_words_as_well(maria: Client) -> None:
    await maria.says("Can I pay 200 next Friday?")
    await maria.says("no sorry, I meant Saturday")
    maria.hears("Please confirm", "CN¥200.00", "28 November 2026")
    await maria.says("yes")

    assert await promised_by(maria) == (Money(20_000, "CNY"), date(2026, 11, 28))


async def test_another_question_is_another_payment(maria: Client) -> None:
    await maria.says("Can I pay 200 next Friday?")
    await maria.says("can we do the 25th?")
    maria.hears("Please confirm", "CN¥200.00", "25 November 2026")
    await maria.says("Or could I pay 300 on the 26th?")
    maria.hears("CN¥300.00 on Thursday, 26 November 2026", "possible")
    await maria.says("Could I pay 200 on friday and the rest on the 30th?")

    maria.hears("1. CN¥200.00", "2. CN¥1,000.00")


async def test_another_day_keeps_the_sum(maria: Client) -> None:
    await maria.says("Can I pay 200 next Friday?")
    await maria.taps("Another day")
    await maria.taps("Tue 24 Nov")

    maria.hears("Please confirm", "CN¥200.00", "24 November 2026")
    await maria.says("another day")
    maria.hears("Which day")


@pytest.mark.parametrize(
    ("said", "answer"),
    [
        ("if you waive the fee can I pay 250 on friday?", "CN¥250.00 on Friday"),
        ("利息免了我周五还800行吗", "还 ¥800.00，可以的"),
        ("can you drop the penalty? could I pay 200 first then?", "CN¥200.00 first"),
        ("no interest and 200 on friday, the rest on the 30th, ok?", "2. CN¥1,000.00"),
    ],
)
async def test_a_yes_to_a_payment_is_none_to_a_reduction(
    maria: Client, said: str, answer: str
) -> None:
    await maria.says(said)

    text = maria.hears(answer).text
    assert "for a colleague to say" in text or "要由同事来定" in text


async def test_who_asks_to_pay_today_is_shown_how(maria: Client) -> None:
    await maria.says("can I pay 200 now?")

    assert "How to pay" in maria.hears("CN¥200.00 on Sunday, 22 November 2026").buttons


async def test_all_that_is_due_leaves_nothing_over(maria: Client) -> None:
    await maria.says("can I pay the whole thing on friday?")

    assert "stays due" not in maria.hears("CN¥1,200.00 on Friday", "possible").text


async def test_a_day_without_a_sum_is_asked_for_the_sum(fang: Client) -> None:
    await fang.says("能缓到下周五吗")
    fang.hears("2026年11月27日还多少")
    await fang.taps("¥1,200.00")

    fang.hears("请确认", "¥1,200.00")


async def test_a_sum_without_a_day_is_asked_for_the_day(maria: Client) -> None:
    await maria.says("Could I pay 200 first?")
    maria.hears("you can pay CN¥200.00 first", "Which day", "6 December 2026")
    assert "Pay in parts" in maria.last.buttons
    await maria.taps("Later days")
    await maria.taps("Fri 27 Nov")
    maria.hears("Please confirm", "CN¥200.00", "27 November 2026")

    await maria.says("Could I pay 200 first?")
    await maria.says("thursday")
    maria.hears("Please confirm", "CN¥200.00", "26 November 2026")


@pytest.mark.parametrize(
    ("said", "parts"),
    [
        ("Can I pay 200 a month?", 6),
        ("can I pay 300 every friday?", 4),
        ("每月还400行吗", 3),
        ("分三期可以吗", 3),
    ],
)
async def test_parts_and_a_sum_again_and_again_are_a_plan(
    maria: Client, said: str, parts: int
) -> None:
    await maria.says(said)

    assert [len(one) for one in await _plans(maria)] == [parts]


async def test_a_promise_that_would_give_way_is_named(maria: Client) -> None:
    await maria.says("/promise 2026-11-24 100")
    await maria.taps("Confirm")
    await maria.says("Can I pay 200 next Friday?")
    maria.hears("take the place of CN¥100.00 on 24 November 2026")
    assert await promised_by(maria) == (Money(10_000, "CNY"), date(2026, 11, 24))
    await maria.taps("Yes, I will pay CN¥200.00 on Fri 27 Nov")
    maria.hears("takes the place")

    await maria.says("Can I pay 200 next Friday?")

    assert "Take it back" in maria.hears("noted already", "CN¥200.00").buttons


@pytest.mark.parametrize(
    ("said", "answer"),
    [
        ("Can I pay 5000 on Friday?", "You owe CN¥1,200.00 in all"),
        ("Can I pay 600 USD on Friday?", "owed in another currency"),
    ],
)
async def test_what_cannot_be_promised_is_answered_with_the_reason(
    maria: Client, said: str, answer: str
) -> None:
    await maria.says(said)

    assert maria.hears(answer).buttons
    assert (await promised_by(maria), await _plans(maria)) == (None, [])


async def test_a_day_too_far_ahead_leads_to_parts_a_nearer_day_or_a_person(maria: Client) -> None:
    await maria.says("Could I pay half on 15 January?")
    maria.hears("CN¥600.00 on 15 January 2027", "further ahead", "6 December 2026")
    assert list(maria.last.buttons)[-3:] == ["Another day", "Talk to a person", "Back"]
    assert await _plans(maria) == []
    await maria.taps("2 × CN¥600.00")

    maria.hears("1. CN¥600.00 on 7 December 2026", "Nothing starts before you agree")


async def test_before_anything_is_due_a_question_is_answered_too(town: LendingTown) -> None:
    maria = await town.client(owes=[Owed("300.00", due=date(2026, 12, 1))])
    await maria.says("Can I pay 100 on Friday?")
    assert "stays due" not in maria.hears("CN¥100.00 on Friday", "possible").text
    assert "Pay in parts" not in maria.last.buttons

    await maria.says("Can I pay 100 on 15 January?")

    assert list(maria.hears("further ahead").buttons) == ["Another day", "Talk to a person", "Back"]


async def test_two_payments_that_make_up_what_is_due_are_offered_both(
    town_anywhere: LendingTown,
) -> None:
    maria = await town_anywhere.client("Maria Lopez", owes=[LATE])
    await maria.says("can i pay 200 on friday and the rest at the end of the month??")

    maria.hears("Yes, that is possible", "1. CN¥200.00 on Friday, 27 November 2026")
    maria.hears("2. CN¥1,000.00 on Monday, 30 November 2026", "Nothing starts before you agree")
    assert list(maria.last.buttons)[:3] == [
        "I agree",
        "Only CN¥200.00 on Fri 27 Nov",
        "Not this one",
    ]
    assert await _state(maria) is PlanState.AUTO_APPROVED
    await maria.taps("I agree")
    maria.hears("the plan starts today")
    assert await _plans(maria) == [[(FRIDAY, 20_000), (date(2026, 11, 30), 100_000)]]

    town_anywhere.at("2026-11-27T12:00")
    await maria.pays("200.00")
    assert await _state(maria) is PlanState.ACTIVE
    town_anywhere.at("2026-11-30T12:00")
    await maria.pays("1000.00")

    assert await _state(maria) is PlanState.COMPLETED


@pytest.mark.parametrize(
    ("said", "second"),
    [
        ("200 on friday, the rest on the 30th", 100_000),
        ("I'll pay 200 on friday and 1000 on monday the 30th", 100_000),
        ("周五先还200，剩下的月底还", 100_000),
        ("I'll send half on friday and half on the 30th", 60_000),
    ],
)
async def test_two_payments_that_were_promised_are_both_read_back(
    maria: Client, said: str, second: int
) -> None:
    await maria.says(said)

    maria.hears("1.", "2.")
    first = 120_000 - second
    assert await _plans(maria) == [[(FRIDAY, first), (date(2026, 11, 30), second)]]
    assert (await promised_by(maria), await _state(maria)) == (None, PlanState.AUTO_APPROVED)
    await maria.taps(next(iter(maria.last.buttons)))

    assert await _state(maria) is PlanState.AGREED


@pytest.mark.parametrize(
    "said", ["200 on friday and 300 on the 30th", "200 on friday, then something more later on"]
)
async def test_of_promises_that_are_no_plan_the_first_is_read_back_as_the_first(
    maria: Client, said: str
) -> None:
    await maria.says(said)
    maria.hears("CN¥200.00 on Friday", "one payment at a time", "not noted yet")
    await maria.taps("Yes, I will pay CN¥200.00 on Fri 27 Nov")

    assert await promised_by(maria) == (Money(20_000, "CNY"), FRIDAY)


@pytest.mark.parametrize("before", ["Can I pay 200 next Friday?", "Could I pay 200 first?"])
async def test_an_answer_that_names_two_payments_is_read_back_with_both(
    maria: Client, before: str
) -> None:
    await maria.says(before)
    await maria.says("I'll pay 300 on friday and the rest on the 30th")

    maria.hears("1. CN¥300.00", "2. CN¥900.00")


async def test_two_payments_in_chinese_and_only_the_first_of_them(fang: Client) -> None:
    await fang.says("周五还200 剩下月底还可以吗")
    fang.hears("1. 2026年11月27日（星期五），¥200.00", "2. 2026年11月30日（星期一），¥1,000.00")
    await fang.taps("只约11月27日 周五还 ¥200.00")
    fang.hears("请确认", "¥200.00")
    await fang.taps("确认")

    assert await promised_by(fang) == (Money(20_000, "CNY"), FRIDAY)


@pytest.mark.parametrize(
    ("said", "parts"),
    [
        ("周五还一半,月底再还一半,行不行", [(FRIDAY, 60_000), (date(2026, 11, 30), 60_001)]),
        # a Saturday: it moves to the next working day, and is said to
        ("can I pay 200 on friday and the rest on saturday?",
         [(FRIDAY, 20_000), (date(2026, 11, 30), 100_001)]),
        # today is paid at once, apart from the parts
        ("Can I pay 200 today and the rest on Friday?", [(FRIDAY, 100_001)]),
    ],
)  # fmt: skip
async def test_days_and_sums_stay_what_they_were_asked_to_be(
    town: LendingTown, said: str, parts: list[tuple[date, int]]
) -> None:
    maria = await town.client(owes=[Owed("1200.01", due=date(2026, 11, 17))])
    await maria.says(said)

    assert await _plans(maria) == [parts]
    assert ("day off" in maria.last.text) is ("saturday" in said)


@pytest.mark.parametrize(
    ("said", "read_back"),
    [
        # they do not make up what is due
        ("can I pay 200 on friday and 300 on the 30th?", "CN¥200.00 on Friday, 27 November 2026"),
        # sooner than a plan may begin
        ("can I pay 200 tomorrow and the rest on friday?", "CN¥200.00 on Monday, 23 November 2026"),
        # no day for the rest
        ("could I pay 200 on friday and the rest next month?", "CN¥200.00 on Friday"),
    ],
)
async def test_of_payments_that_are_no_plan_the_first_is_read_back(
    maria: Client, said: str, read_back: str
) -> None:
    await maria.says(said)

    maria.hears(read_back, "one payment at a time", "the day for the rest")
    assert await _plans(maria) == []


async def test_who_has_had_a_plan_is_offered_the_first_payment_and_no_wait(maria: Client) -> None:
    await maria.says("/plan 2")
    await maria.taps("I agree")
    await maria.says("can i pay 200 on friday and the rest at the end of the month?")

    maria.hears("CN¥200.00 on Friday", "one payment at a time")
    assert len(await _plans(maria)) == 1


async def test_while_a_person_has_the_chat_a_question_goes_to_that_person(
    town: LendingTown, maria: Client
) -> None:
    lin = await town.staff("Lin")
    await maria.says("Can I pay 200 next Friday?")
    question = maria.last
    await maria.says("/human")
    await lin.taps("Take", chat=BOARD)
    said = len(maria.chat)
    await maria.says("Can I pay 300 next Friday?")
    assert not any("CN¥300.00" in one.text for one in maria.chat[said:])

    await maria.taps("Yes, I will pay CN¥200.00 on Fri 27 Nov", on=question)

    assert await promised_by(maria) is None
    seen = "\n".join(one.text for one in lin.chat)
    assert "Can I pay 300 next Friday?" in seen
    assert "Yes, I will pay CN¥200.00 on Fri 27 Nov" in seen
