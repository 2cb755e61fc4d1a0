"""Paying in parts by what one can manage, or after each pay-day: asked for, read, shown in full."""

from datetime import date

import pytest

from storage.records import Money
from tests.telegram.late import LATE
from tests.telegram.lending import Client, LendingTown, Owed


async def _parts(client: Client) -> list[tuple[date, int]]:
    """Due dates and amounts of the newest plan."""
    plan = (await client.town.situation(client)).facts.plans[-1]
    return [(part.due_date, part.amount) for part in plan.instalments]


async def test_a_sum_that_can_be_managed_becomes_parts(town_anywhere: LendingTown) -> None:
    maria = await town_anywhere.client("Maria Lopez", owes=[LATE])
    await maria.says("/plan")
    await maria.taps("An amount I can manage")
    maria.hears("CN¥1,200.00", "How much could you manage")
    await maria.says("450")

    maria.hears("1. CN¥400.00", "3. CN¥400.00", "Nothing starts before you agree")
    await maria.taps("I agree")
    maria.hears("the plan starts today")
    assert [amount for _, amount in await _parts(maria)] == [40_000] * 3


@pytest.mark.parametrize(
    "typed", ["/plan 450 a month", "/plan 450/month", "I can only pay 450 a month"]
)
async def test_a_sum_a_month_in_words_leads_to_the_same_terms(maria: Client, typed: str) -> None:
    await maria.says(typed)

    maria.hears("1. CN¥400.00", "3. CN¥400.00", "Nothing starts before you agree")


async def test_the_sum_may_be_named_in_a_sentence(town: LendingTown) -> None:
    fang = await town.client("王芳", owes=[LATE], language="zh-Hans")
    await fang.says("/plan")
    await fang.taps("按我能还的金额")
    await fang.says("我一个月能还450块")

    fang.hears("¥400.00", "3.")


@pytest.mark.parametrize(
    ("typed", "dates"),
    [
        ("15", [date(2026, 12, 16), date(2027, 1, 18)]),
        ("the 15th", [date(2026, 12, 16), date(2027, 1, 18)]),
        ("end of the month", [date(2026, 12, 1), date(2027, 1, 4)]),
    ],
)
async def test_parts_after_each_payday(maria: Client, typed: str, dates: list[date]) -> None:
    await maria.says("/plan")
    await maria.taps("After my pay-day")
    maria.hears("which day of the month")
    await maria.says(typed)
    await maria.taps("2 × CN¥600.00")

    maria.hears("Nothing starts before you agree")
    assert await _parts(maria) == [(day, 60_000) for day in dates]


async def test_a_payday_in_chinese(town: LendingTown) -> None:
    fang = await town.client("王芳", owes=[LATE], language="zh-Hans")
    await fang.says("/plan")
    await fang.taps("按发薪日")
    await fang.says("每月十五号")
    fang.hears("15 号发工资后")
    await fang.taps("2 × ¥600.00")

    assert [day for day, _ in await _parts(fang)] == [date(2026, 12, 16), date(2027, 1, 18)]


@pytest.mark.parametrize(
    ("way", "typed", "answer"),
    [
        ("An amount I can manage", "as much as the moon", "could not read that amount"),
        ("An amount I can manage", "0", "could not read that amount"),
        ("An amount I can manage", "-50", "could not read that amount"),
        ("An amount I can manage", "0.01", "has to be at least CN¥20.00"),
        ("After my pay-day", "32", "could not read that day"),
        ("After my pay-day", "0", "could not read that day"),
        ("After my pay-day", "I am not sure really", "could not read that day"),
    ],
)
async def test_what_cannot_be_is_answered_and_asked_again(
    maria: Client, way: str, typed: str, answer: str
) -> None:
    await maria.says("/plan")
    await maria.taps(way)
    await maria.says(typed)

    maria.hears(answer)
    assert not (await maria.town.situation(maria)).facts.plans


async def test_all_of_it_is_one_part(maria: Client) -> None:
    await maria.says("/plan")
    await maria.taps("An amount I can manage")
    await maria.says("5000")

    maria.hears("1. CN¥1,200.00")
    assert len(await _parts(maria)) == 1


async def test_another_matter_is_not_taken_for_an_answer(maria: Client) -> None:
    await maria.says("/plan")
    await maria.taps("After my pay-day")
    await maria.says("I want to talk to a person")

    assert (await maria.town.situation(maria)).facts.plans == ()
    assert "could not read" not in maria.last.text


async def test_an_old_button_with_a_day_that_is_none_is_out_of_date(maria: Client) -> None:
    await maria.says("/menu")
    for broken in ("plan_parts:2:45", "plan_parts:2:x", "plan_parts:2:0"):
        await maria.presses(broken)
        maria.hears("can no longer be used")


async def test_the_sum_is_of_the_debts_own_currency(town: LendingTown) -> None:
    priya = await town.client(
        "Priya", owes=[Owed("300.00", due=date(2026, 11, 17), currency="USD")]
    )
    await priya.says("/plan 100 a month")

    priya.hears("1. $100.00")
    plan = (await town.situation(priya)).facts.plans[-1]
    assert plan.balance == Money(30_000, "USD")


@pytest.mark.parametrize(
    ("said", "first"),
    [
        ("Can I pay in 3 instalments, starting on 1 December?", "1. CN¥400.00 on 1 December 2026"),
        ("Can I pay 400 each month from 1 December?", "1. CN¥400.00 on 1 December 2026"),
        # later than a plan may begin: the terms are the usual ones, and stand there in full
        ("Can I pay in 2 instalments from 15 January?", "1. CN¥600.00 on 7 December 2026"),
    ],
)
async def test_a_day_named_with_the_wish_is_where_the_plan_begins(
    town: LendingTown, said: str, first: str
) -> None:
    maria = await town.client("Maria Lopez", owes=[LATE])

    await maria.says(said)

    maria.hears(first, "Nothing starts before you agree")
