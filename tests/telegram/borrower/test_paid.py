""" "I have paid": believed at once, checked by a person, settled by the money itself."""

from datetime import date

import pytest

from storage.records import WorkKind
from tests.telegram.conversation import Person
from tests.telegram.late import LATE
from tests.telegram.lending import Client, LendingTown, Owed


async def _held(client: Client) -> bool:
    return bool((await client.town.situation(client)).holds)


async def _checks(client: Client, collector: Person, outcome: str) -> None:
    [task] = await client.town.tasks(client, WorkKind.RECEIPT)
    client.looks_away()
    await collector.says(f"/take {task.work_id}")
    await collector.says(f"/close {outcome}")


async def test_saying_so_opens_one_check_and_pauses_reminders(town_anywhere: LendingTown) -> None:
    maria = await town_anywhere.client("Maria Lopez", owes=[LATE])
    await maria.says("/menu")

    await maria.taps("I have paid")
    maria.hears("We will check within a day", "receipt")
    [task] = await town_anywhere.tasks(maria, WorkKind.RECEIPT)
    assert (task.due_at - town_anywhere.now).days in (0, 1)
    await maria.says("/paid")

    maria.hears("is being checked")
    assert len(await town_anywhere.tasks(maria, WorkKind.RECEIPT)) == 1
    assert await _held(maria)


@pytest.mark.parametrize("words", ["I already paid yesterday", "昨天已经还了", "I've paid it"])
async def test_words_do_the_same(maria: Client, words: str) -> None:
    await maria.says(words)

    assert await maria.town.tasks(maria, WorkKind.RECEIPT), maria.transcript()
    assert len(maria.new) == 1


async def test_a_receipt_belongs_to_the_check_whenever_it_comes(maria: Client) -> None:
    await maria.says("/paid")
    await maria.says("/balance")
    await maria.sends("photo", "a-receipt")
    maria.hears("the receipt has arrived")
    await maria.sends("document", "a-statement", "here is more")

    maria.hears("the receipt has arrived")
    assert len(await maria.town.tasks(maria, WorkKind.RECEIPT)) == 1


async def test_a_receipt_we_asked_for_is_one_even_if_its_caption_sounds_odd(maria: Client) -> None:
    odd = "here it is, now leave it"
    await maria.says(odd)
    maria.hears("A colleague")  # the second ear is wary of it, which is what this test needs
    await maria.says("/settled")
    await maria.says("/paid")
    await maria.sends("photo", "a-receipt", odd)

    maria.hears("the receipt has arrived")


async def test_a_picture_that_says_it_was_paid_opens_the_check(maria: Client) -> None:
    await maria.sends("photo", "a-receipt", "I already paid yesterday, see here")

    maria.hears("the receipt has arrived")
    assert await maria.town.tasks(maria, WorkKind.RECEIPT)


async def test_any_other_picture_is_kept_and_asked_about(maria: Client) -> None:
    await maria.sends("photo", "something")

    assert "I have paid" in maria.hears("Is it the receipt").buttons
    assert not await maria.town.tasks(maria, WorkKind.RECEIPT)


async def test_money_that_arrives_settles_the_check_and_is_thanked_for(
    town: LendingTown, maria: Client
) -> None:
    await maria.says("/paid")
    town.later(days=1)

    await maria.pays("1200.00")

    maria.hears("Thank you", "CN¥1,200.00")
    assert not await town.tasks(maria, WorkKind.RECEIPT)
    assert not await _held(maria)


async def test_a_person_finds_the_payment_and_the_borrower_hears_of_it(
    town: LendingTown, maria: Client
) -> None:
    lin = await town.staff("Lin")
    await maria.says("/paid")

    await _checks(maria, lin, "payment_found")

    told = maria.hears("it has arrived. Thank you")
    assert "pay" not in told.text.splitlines()[0].replace("payment", "")
    assert await _held(maria)  # until the ledger shows it


async def test_a_found_payment_keeps_reminders_away_until_the_ledger_shows_it(
    town: LendingTown, maria: Client
) -> None:
    lin = await town.staff("Lin")
    await maria.says("/paid")
    await _checks(maria, lin, "payment_found")

    await town.until("2026-11-25T11:00")
    maria.hears_nothing()
    await maria.pays("1200.00")

    maria.hears("Thank you")
    assert not await _held(maria)


async def test_a_person_cannot_find_it_and_asks_for_the_receipt(town: LendingTown) -> None:
    lin = await town.staff("Lin")
    fang = await town.client("王芳", owes=[LATE], language="zh-Hans")
    await fang.says("/paid")

    await _checks(fang, lin, "payment_not_found")

    assert "我已还款" in fang.hears("暂时还没有查到", "回单").buttons
    assert not await _held(fang)


async def test_after_a_check_without_success_it_can_be_said_again(
    town: LendingTown, maria: Client
) -> None:
    lin = await town.staff("Lin")
    await maria.says("/paid")
    await _checks(maria, lin, "payment_not_found")

    await maria.says("/paid")

    maria.hears("We will check within a day")
    assert await _held(maria)


async def test_no_reminder_while_it_is_checked(town: LendingTown, maria: Client) -> None:
    await maria.says("/paid")

    await town.until("2026-11-30T12:00")

    maria.hears_nothing()
    assert ("planned", "deny", "dispute") in await town.decisions(maria)


async def test_a_dispute_outlives_a_settled_check(town: LendingTown, maria: Client) -> None:
    """The hold of a claim ends with the payment; that of a dispute ends with its outcome."""
    await maria.says("/paid")
    await maria.says("/dispute")
    town.later(days=1)

    await maria.pays("300.00")

    assert await _held(maria)


async def test_with_nothing_owed_nothing_is_checked(town: LendingTown) -> None:
    maria = await town.client(owes=[Owed("0", due=date(2026, 11, 17), outstanding="0")])

    await maria.says("/paid")

    maria.hears("nothing for you to pay", "21 November 2026")
    assert not await town.tasks(maria, WorkKind.RECEIPT)


async def test_money_sent_to_a_wrong_account_is_for_a_person(maria: Client) -> None:
    await maria.says("I paid to the wrong account")

    maria.hears("paused this item")
    assert await maria.town.tasks(maria, WorkKind.CHAT)


async def test_thanks_at_night_wait_for_the_morning(town: LendingTown, maria: Client) -> None:
    town.at("2026-11-23T22:30")
    await maria.pays("500.00")
    maria.hears_nothing()
    await town.until("2026-11-24T07:59", fresh=False)
    maria.hears_nothing()

    await town.until("2026-11-24T08:01", fresh=False)

    maria.hears("Thank you", "CN¥500.00", "CN¥700.00")


async def test_thanks_for_everything_say_that_it_is_cleared(
    town: LendingTown, maria: Client
) -> None:
    town.later(days=1)
    await maria.pays("1200.00")

    assert "CN¥0" not in maria.hears("CN¥1,200.00").text


async def test_who_stopped_messages_is_not_thanked(town: LendingTown, maria: Client) -> None:
    await maria.says("/stop")
    town.later(days=1)

    await maria.pays("1200.00")

    maria.hears_nothing()
    assert ("sending", "deny", "opt_out") in await town.decisions(maria)
