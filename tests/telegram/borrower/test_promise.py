"""Naming a day: by buttons, by command, in words; shown in full, confirmed, and only then noted."""

from datetime import date

import pytest

from storage.records import Money, Promise
from tests.telegram.late import LATE, promised_by
from tests.telegram.lending import Client, LendingTown, Owed

FRIDAY = date(2026, 11, 27)


async def _promises(client: Client) -> tuple[Promise, ...]:
    return (await client.town.situation(client)).facts.promises


async def test_by_buttons_a_day_an_amount_and_a_yes(town_anywhere: LendingTown) -> None:
    maria = await town_anywhere.client("Maria Lopez", owes=[LATE])
    await maria.says("/menu")

    await maria.taps("Name a date")
    maria.hears("Which day", "6 December 2026")
    await maria.taps("Fri 27 Nov")
    maria.hears("How much", "27 November 2026")
    await maria.taps("CN¥600.00")
    maria.hears("Please confirm", "CN¥600.00", "27 November 2026")
    assert await promised_by(maria) is None
    await maria.taps("Confirm")

    maria.hears("it is noted: CN¥600.00 on 27 November 2026")
    assert await promised_by(maria) == (Money(60_000, "CNY"), FRIDAY)


async def test_the_days_are_turned_like_pages_and_end_at_the_horizon(maria: Client) -> None:
    await maria.says("/promise")
    days = list(maria.last.buttons)[:-2]
    while "Later days" in maria.last.buttons:
        await maria.taps("Later days")
        days += [one for one in maria.last.buttons if one not in ("Back", "Later days")]

    assert days[0] == "Sun 22 Nov"
    assert days[-1] == "Sun 6 Dec"
    assert len(days) == 15


@pytest.mark.parametrize(
    "typed",
    [
        "/promise 2026-11-27 600", "/promise 600 2026-11-27", "/promise 2026-11-27 half",
        "/promise 2026-11-27 50%", "/promise 2026/11/27 600.00", "/promise Friday 600",
        "/promise 600 on Friday",
    ],
)  # fmt: skip
async def test_the_command_takes_day_and_amount_in_any_order(maria: Client, typed: str) -> None:
    await maria.says(typed)

    maria.hears("Please confirm", "CN¥600.00", "27 November 2026")


@pytest.mark.parametrize(
    "typed", ["/promise 周五 600", "/promise 2026-11-27 六百", "我周五还600", "我周五还一半",
              "星期五先还600块"],
)  # fmt: skip
async def test_the_same_in_chinese(fang: Client, typed: str) -> None:
    await fang.says(typed)

    fang.hears("¥600.00", "2026年11月27日")


@pytest.mark.parametrize(
    "words", ["I will pay 600 on Friday", "I will pay half on Friday", "600 on friday ok"]
)
async def test_words_lead_to_the_same_confirmation(maria: Client, words: str) -> None:
    await maria.says(words)

    maria.hears("Please confirm", "CN¥600.00", "27 November 2026")
    assert await promised_by(maria) is None


async def test_what_words_leave_out_is_asked(maria: Client) -> None:
    await maria.says("I will pay 600")
    maria.hears("Which day")
    await maria.taps("Mon 23 Nov")
    maria.hears("Please confirm", "CN¥600.00", "23 November 2026")

    await maria.says("2026-11-24 400")
    maria.hears("Please confirm", "CN¥400.00", "24 November 2026")

    await maria.says("/menu")
    await maria.says("I will pay on Friday")
    maria.hears("How much", "27 November")
    await maria.taps("CN¥1,200.00")

    maria.hears("Please confirm", "CN¥1,200.00", "27 November 2026")


async def test_a_typed_yes_is_a_yes(maria: Client, fang: Client) -> None:
    await maria.says("/promise 2026-11-27 600")
    await maria.says("Yes.")
    maria.hears("it is noted")

    await fang.says("/promise 2026-11-27 600")
    await fang.says("好的")

    fang.hears("¥600.00")
    assert await promised_by(fang) == (Money(60_000, "CNY"), FRIDAY)


async def test_a_typed_no_leads_home(maria: Client) -> None:
    await maria.says("/promise 2026-11-27 600")
    await maria.says("no")

    maria.hears("Due now")
    await maria.says("yes")
    assert await promised_by(maria) is None


async def test_a_yes_to_nothing_is_not_a_promise(maria: Client) -> None:
    await maria.says("/promise 2026-11-27 600")
    await maria.taps("Back")
    await maria.says("yes")

    maria.hears("did not understand")
    assert await promised_by(maria) is None


async def test_another_amount_is_typed(maria: Client) -> None:
    await maria.says("/promise 2026-11-27")
    await maria.taps("Another amount")
    maria.hears("write the amount", "27 November 2026")
    await maria.says("1,050.25")

    maria.hears("Please confirm", "CN¥1,050.25", "27 November 2026")


@pytest.mark.parametrize(
    ("typed", "amount"), [("五百", "¥500.00"), ("500元", "¥500.00"), ("￥５００", "¥500.00")]
)
async def test_another_amount_is_typed_in_chinese(fang: Client, typed: str, amount: str) -> None:
    await fang.says("/promise 2026-11-27")
    await fang.taps("其他金额")
    await fang.says(typed)

    fang.hears(amount, "2026年11月27日")


async def test_an_amount_nobody_can_read_is_asked_again(maria: Client) -> None:
    await maria.says("/promise 2026-11-27")
    await maria.taps("Another amount")
    await maria.says("a lot of money")
    maria.hears("could not read that amount")
    await maria.says("400")

    maria.hears("Please confirm", "CN¥400.00")


async def test_words_about_something_else_are_not_taken_for_the_amount(maria: Client) -> None:
    await maria.says("/promise 2026-11-27")
    await maria.taps("Another amount")
    await maria.says("how much do I owe?")
    maria.hears("Your balance")

    await maria.says("400")

    maria.hears("Which day")  # the question about Friday is closed


async def test_another_day_may_be_named_with_the_amount(maria: Client) -> None:
    await maria.says("/promise 2026-11-27")
    await maria.taps("Another amount")
    await maria.says("300 on Monday")

    maria.hears("CN¥300.00", "23 November 2026")


@pytest.mark.parametrize(
    ("typed", "answer"),
    [
        ("/promise 2026-11-21 600", "That day has passed"),
        ("/promise 2026-12-07 600", "the last day you can name is 6 December 2026"),
        ("/promise 2026-11-27 0", "more than zero"),
        ("/promise 2026-11-27 -5", "more than zero"),
        ("/promise 2026-11-27 1200.01", "You owe CN¥1,200.00"),
        ("/promise 2026-11-27 999999999999999999999", "You owe CN¥1,200.00"),
        ("/promise 2026-11-27 1.005", "could not read that amount"),
        ("/promise 2026-11-27 lots", "could not read that amount"),
        ("/promise 2026-11-27 600 USD", "owed in another currency"),
        ("/promise 2026-11-27 $600", "owed in another currency"),
        ("I will pay 600 dollars on 27 November", "owed in another currency"),
        ("/promise 2026-02-30 600", "could not read that day"),
        ("/promise 0000-00-00 600", "could not read that day"),
        ("/promise blah blah", "could not read that day"),
    ],
)
async def test_what_cannot_be_promised_is_answered_with_the_reason(
    maria: Client, typed: str, answer: str
) -> None:
    await maria.says(typed)

    assert maria.hears(answer).buttons
    assert await promised_by(maria) is None


async def test_today_and_the_last_day_can_be_named(maria: Client) -> None:
    await maria.says("/promise 2026-11-22 1200")
    maria.hears("Please confirm")
    await maria.says("/promise 2026-12-06 1200")

    maria.hears("Please confirm")


async def test_a_refusal_is_answered_at_night_as_well(town: LendingTown, maria: Client) -> None:
    town.at("2026-11-25T23:40")

    await maria.says("/promise 2026-11-21 600")

    maria.hears("That day has passed")
    said = [one.text for one in await town.heard_from(maria)]
    assert "/promise 2026-11-21 600" in said  # the refused act is undone, not the record of it


async def test_a_new_day_takes_the_place_of_the_old(maria: Client) -> None:
    for day in ("2026-11-27", "2026-11-28"):
        await maria.says(f"/promise {day} 600")
        await maria.taps("Confirm")

    maria.hears("it is noted", "takes the place")
    assert await promised_by(maria) == (Money(60_000, "CNY"), date(2026, 11, 28))
    first, second = await _promises(maria)
    assert first.superseded_at is not None
    assert second.superseded_at is None


async def test_pressing_twice_is_one_promise(maria: Client) -> None:
    await maria.says("/promise 2026-11-27 600")
    question = maria.last
    await maria.taps("Confirm")
    maria.hears("it is noted")

    await maria.presses("promise_yes:2026-11-27:60000:CNY", on=question)

    assert "takes the place" not in maria.hears("it is noted").text
    assert len(await _promises(maria)) == 1


async def test_taking_it_back(maria: Client) -> None:
    await maria.says("/promise 2026-11-27 600")
    await maria.taps("Confirm")
    await maria.taps("Take it back")
    maria.hears("taken back")
    assert await promised_by(maria) is None

    await maria.presses("withdraw")

    maria.hears("nothing to take back")


async def test_the_day_shows_at_home_while_it_is_open(town: LendingTown, maria: Client) -> None:
    await maria.says("/promise 2026-11-27 600")
    await maria.taps("Confirm")
    await maria.says("/menu")
    maria.hears("You have named a day: CN¥600.00 on 27 November 2026")

    town.at("2026-12-02T12:00")  # two business days of tolerance are over
    await maria.says("/menu")

    assert "named a day" not in maria.hears("Due now").text


async def test_a_yes_after_everything_was_paid_is_not_needed(
    town: LendingTown, maria: Client
) -> None:
    await maria.says("/promise 2026-11-27 600")
    town.later(days=1)
    await maria.pays("1200.00")

    await maria.presses("promise_yes:2026-11-27:60000:CNY")

    maria.hears("nothing for you to pay")
    assert await promised_by(maria) is None


async def test_a_yes_to_more_than_is_left_is_refused(town: LendingTown, maria: Client) -> None:
    await maria.says("/promise 2026-11-27 1200")
    town.later(days=1)
    await maria.pays("500.00")

    await maria.presses("promise_yes:2026-11-27:120000:CNY")

    maria.hears("You owe CN¥700.00")
    assert await promised_by(maria) is None


async def test_an_old_yes_for_a_day_that_has_passed_is_refused(
    town: LendingTown, maria: Client
) -> None:
    await maria.says("/promise 2026-11-27 600")
    town.at("2026-11-28T10:00")

    await maria.taps("Confirm")

    maria.hears("That day has passed")


async def test_promises_in_two_currencies_stand_side_by_side(town: LendingTown) -> None:
    maria = await town.client(
        owes=[LATE, Owed("75.50", due=date(2026, 11, 20), loan="2", currency="USD")]
    )
    await maria.says("/promise 2026-11-27 1200")
    await maria.taps("Confirm")
    town.later(days=1)
    await maria.pays("1200.00")

    await maria.says("/promise 2026-11-27 75.50")
    maria.hears("$75.50")
    await maria.taps("Confirm")

    first, second = await _promises(maria)
    assert first.superseded_at is None
    assert second.amount == Money(7_550, "USD")


async def test_a_currency_that_is_named_is_taken_at_its_word(town: LendingTown) -> None:
    maria = await town.client(
        owes=[LATE, Owed("75.50", due=date(2026, 11, 20), loan="2", currency="USD")]
    )

    await maria.says("/promise 2026-11-27 75.50 USD")
    maria.hears("you will pay $75.50")
    await maria.says("I will pay 600 yuan on 27 November")
    maria.hears("you will pay CN¥600.00")
    await maria.says("/promise 2026-11-27 50 EUR")
    maria.hears("owed in another currency")


async def test_before_the_due_date_the_next_item_is_offered(town: LendingTown) -> None:
    maria = await town.client(
        owes=[Owed("100.00", due=date(2026, 12, 1), outstanding="300.00"),
              Owed("200.00", due=date(2027, 1, 1), outstanding="300.00")]
    )  # fmt: skip

    await maria.says("/promise 2026-12-01")

    assert list(maria.hears("How much").buttons)[:2] == ["CN¥100.00", "CN¥50.00"]


async def test_whole_yen_are_whole(town: LendingTown) -> None:
    maria = await town.client(owes=[Owed("9001", due=date(2026, 11, 17), currency="JPY")])

    await maria.says("/promise 2026-11-27")
    assert list(maria.last.buttons)[:2] == ["¥9,001", "¥4,500"]
    await maria.says("/promise 2026-11-27 10.5")

    maria.hears("could not read that amount")


async def test_one_fen_is_offered_once(town: LendingTown) -> None:
    maria = await town.client(owes=[Owed("0.01", due=date(2026, 11, 17))])

    await maria.says("/promise 2026-11-27")

    amount, *_ = maria.hears("How much").buttons
    assert amount == "CN¥0.01"


async def test_a_leap_day_and_the_31st_can_be_named(town: LendingTown) -> None:
    for now, day, written in (
        ("2028-02-20T12:00", "2028-02-29", "29 February 2028"),
        ("2026-12-20T12:00", "2026-12-31", "31 December 2026"),
    ):
        town.at(now)
        maria = await town.client(owes=[LATE])
        await maria.says(f"/promise {day} 600")
        await maria.taps("Confirm")
        maria.hears(f"CN¥600.00 on {written}")
    await maria.says("/promise 2027-02-29 600")

    maria.hears("could not read that day")


async def test_with_nothing_owed_no_day_is_needed(town: LendingTown) -> None:
    maria = await town.client(owes=[Owed("0", due=date(2026, 11, 17), outstanding="0")])

    await maria.says("I will pay 500 on Friday")

    maria.hears("nothing for you to pay")


async def test_a_date_that_reads_two_ways_is_offered_both_ways(town: LendingTown) -> None:
    town.at("2026-12-03T12:00")
    maria = await town.client(owes=[LATE])

    await maria.says("I will pay 500 on 12/05")

    maria.hears("Please confirm", "5 December 2026")


async def test_stop_and_a_day_in_one_message_are_both_heard(maria: Client) -> None:
    await maria.says("stop texting me, I'll pay 600 on Friday")

    maria.sees("we will not send you reminders")
    maria.sees("Please confirm", "CN¥600.00", "27 November 2026")
    assert (await maria.town.situation(maria)).facts.stopped_at is not None
