"""The lender's link: opened once, by one person, in time; and what strangers are told."""

from datetime import date

import pytest

from bot.errors import InputRefused
from bot.services import linking
from storage.records import Actor, WorkKind
from tests.telegram.lending import Client, LendingTown, Owed

OWES = (Owed("1200.00", due=date(2026, 11, 17)),)


def _stranger(town: LendingTown, number: int = 4001, language: str = "en") -> Client:
    return Client(town, "nobody", number, "Somebody", language, [])


async def test_a_link_and_the_right_digits_lead_home(town_anywhere: LendingTown) -> None:
    maria = await town_anywhere.client("Maria Lopez", owes=OWES, known=False)

    await maria.opens_link()
    maria.hears("Greenfield", "last four characters of your ID")
    maria.never_heard("1,200")

    await maria.says("1234")
    maria.hears("Maria Lopez", "CN¥1,200.00", "5 days")


async def test_the_question_comes_in_the_language_the_lender_knows(town: LendingTown) -> None:
    fang = await town.client("王芳", owes=OWES, language="zh-Hans", known=False)

    await fang.opens_link()
    fang.hears("最后四位")
    await fang.says("1234")

    fang.hears("王芳，您好", "¥1,200.00", "5 天")


async def test_a_link_opened_at_night_is_answered_at_once(town: LendingTown) -> None:
    maria = await town.client(owes=OWES, known=False)
    town.at("2026-11-22T23:30")

    await maria.opens_link()
    maria.hears("last four characters")
    await maria.says("1234")

    maria.hears("CN¥1,200.00")


async def test_a_link_works_while_the_figures_are_old(town: LendingTown) -> None:
    maria = await town.client(owes=OWES, known=False)
    town.at("2026-11-27T12:00")

    await maria.opens_link()
    maria.hears("last four characters")
    await maria.says("1234")

    maria.hears("figures of 21 November 2026")


async def test_a_stranger_is_told_how_to_get_a_link(town: LendingTown) -> None:
    stranger = _stranger(town)

    await stranger.says("hello, what is this?")
    stranger.hears("please open the link", "Greenfield")
    await stranger.says("/balance")

    stranger.hears("please open the link")


async def test_a_stranger_in_danger_is_given_a_help_line(town: LendingTown) -> None:
    stranger = _stranger(town, language="zh")

    await stranger.says("我不想活了")

    stranger.hears("12356")


async def test_an_unknown_link_is_named_as_such(town: LendingTown) -> None:
    stranger = _stranger(town)

    await stranger.says("/start nonsense")

    stranger.hears("does not work", "Greenfield")


async def test_a_link_works_once(town: LendingTown) -> None:
    maria = await town.client(owes=OWES, known=False)
    thief = _stranger(town)
    token = await maria.link()
    await maria.says(f"/start {token}")

    await thief.says(f"/start {token}")

    thief.hears("has been used already")
    thief.never_heard("Maria", "last four")


async def test_the_same_person_may_open_their_link_again(town: LendingTown) -> None:
    maria = await town.client(owes=OWES, known=False)
    token = await maria.link()
    await maria.says(f"/start {token}")
    await maria.says(f"/start {token}")
    maria.hears("last four characters")
    await maria.says("1234")

    await maria.says(f"/start {token}")

    maria.hears("CN¥1,200.00")


async def test_a_link_of_two_weeks_ago_has_expired(town: LendingTown) -> None:
    maria = await town.client(owes=OWES, known=False)
    token = await maria.link()
    town.later(days=14)

    await maria.says(f"/start {token}")

    maria.hears("has expired")


async def test_a_link_of_almost_two_weeks_ago_still_works(town: LendingTown) -> None:
    maria = await town.client(owes=OWES, known=False)
    token = await maria.link()
    town.later(days=14, seconds=-2)

    await maria.says(f"/start {token}")

    maria.hears("last four")


async def test_a_newer_link_makes_the_one_before_worthless(town: LendingTown) -> None:
    maria = await town.client(owes=OWES, known=False)
    first = await maria.link()
    await maria.link()

    await maria.says(f"/start {first}")

    maria.hears("has expired")


async def test_a_link_for_nobody_is_refused(town: LendingTown) -> None:
    async with town.storage.transaction() as tx:
        with pytest.raises(InputRefused, match="B-99"):
            await linking.issue_link(tx, town.office, Actor.system(), "B-99", town.now)


async def test_a_new_account_replaces_the_lost_one_once_identity_is_checked(
    town: LendingTown,
) -> None:
    maria = await town.client(owes=OWES)
    newcomer = _stranger(town, 4002)

    await newcomer.says(f"/start {await maria.link()}")
    await maria.says("/balance")
    maria.hears("Your balance")  # until then nothing changes
    await newcomer.says("1234")
    newcomer.hears("Maria Lopez")

    await maria.says("/balance")
    maria.hears("please open the link")


async def test_who_opens_anothers_link_is_asked_who_they_are(town: LendingTown) -> None:
    maria = await town.client(owes=OWES)
    other = await town.client("Ana Silva", owes=OWES, digits="7777", known=False)

    await maria.says(f"/start {await other.link()}")
    maria.hears("last four")
    await maria.says("/balance")

    maria.hears("last four")
    maria.never_heard("Ana")


async def test_privacy_is_explained_to_anybody(town: LendingTown) -> None:
    stranger = _stranger(town)

    await stranger.says("/privacy")

    stranger.hears("we do not know who you are")


async def test_nobody_hears_anything_in_a_group(town: LendingTown) -> None:
    maria = await town.client(owes=OWES)
    said = len(town.chats)

    for text in ("/balance", "/start abc", "hello", "我不想活了"):
        await maria.says_in_group(-42, text)
        await _stranger(town).says_in_group(-42, text)

    assert len(town.chats) == said
    assert not town.chats.get(-42)


async def test_a_wrong_recipient_leaves_without_learning_anything(town: LendingTown) -> None:
    maria = await town.client(owes=OWES, known=False)
    await maria.opens_link()

    await maria.says("wrong person, I don't know any Maria")
    maria.hears("not meant for you")
    maria.never_heard("Lopez")
    await maria.taps("That is not me")

    maria.hears("no longer connected")
    [review] = await town.tasks(maria, WorkKind.REVIEW)
    assert review.note == "wrong_person"
    await maria.says("1234")
    maria.hears("please open the link")


async def test_stop_before_identity_unlinks_the_chat(town: LendingTown) -> None:
    maria = await town.client(owes=OWES, known=False)
    await maria.opens_link()

    await maria.says("/stop")

    maria.hears("no longer connected")
    assert [one.note for one in await town.tasks(maria, WorkKind.REVIEW)] == ["stop"]


async def test_danger_to_life_comes_before_identity(town: LendingTown) -> None:
    maria = await town.client(owes=OWES, known=False)
    await maria.opens_link()
    town.at("2026-11-23T03:00")

    await maria.says("I want to kill myself")

    maria.hears("12356")
    [review] = await town.tasks(maria, WorkKind.REVIEW)
    assert (review.note, review.urgency) == ("crisis", 0)
    await maria.says("1234")
    maria.hears("Maria Lopez")  # it has cost no try, and the link is still theirs
