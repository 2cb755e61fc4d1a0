"""Whoever is not in the board group any more is off shift, and nobody waits for them."""

import asyncio
from typing import Any

import pytest
from sqlalchemy import select

from bot.services import staffing
from storage import offers, schema, staff
from storage.records import Actor, ConversationState, Role
from tests.telegram.conversation import BOARD, Borrower, Person, Town
from tests.telegram.test_offers import at_work, state_of


@pytest.fixture
async def lin(town: Town) -> Person:
    return await at_work(town, "Lin")


@pytest.fixture
async def sue(town: Town) -> Person:
    return await town.staff("Sue", Role.SUPERVISOR)


@pytest.fixture
async def anna(town: Town, lin: Person) -> Borrower:
    """In a talk with Lin."""
    anna = await town.borrower("B1", "Anna Berg")
    await anna.says("/human")
    await lin.says("/take 1")
    return anna


def _account(person: Person) -> dict[str, Any]:
    return {"id": person.telegram_id, "is_bot": False, "first_name": person.name}


def _event(town: Town, by: Person, chat: int, ago: int = 0) -> dict[str, Any]:
    return {
        "date": int(town.now.timestamp()) - ago,
        "chat": {"id": chat, "type": "supergroup", "title": "Board"},
        "from": _account(by),
    }


async def notice(
    person: Person, what: str, *, by: Person | None = None, chat: int = BOARD, ago: int = 0
) -> None:
    """Telegram's line in the group, which every bot in it sees."""
    town = person.town
    said: Any = _account(person) if what == "left_chat_member" else [_account(person)]
    event = _event(town, by or person, chat, ago)
    await town.update("message", {**event, "message_id": town.message_id(), what: said})


async def standing(
    person: Person, status: str, *, by: Person | None = None, ago: int = 0, **more: Any
) -> None:
    """The change of somebody's standing, of which administrators are told."""
    change = {
        "old_chat_member": {"user": _account(person), "status": "member"},
        "new_chat_member": {"user": _account(person), "status": status, **more},
    }
    await person.town.update(
        "chat_member", {**_event(person.town, by or person, BOARD, ago), **change}
    )


async def leaves(person: Person) -> None:
    await notice(person, "left_chat_member")


async def comes_back(person: Person) -> None:
    person.town.later(minutes=5)
    await notice(person, "new_chat_members")


async def is_at_work(town: Town, person: Person) -> bool:
    async with town.storage.reading() as tx:
        member = await staff.by_telegram_id(tx, person.telegram_id)
        assert member is not None
        return await staff.on_shift(tx, member.staff_id)


async def acts(town: Town, *names: str) -> list[str]:
    """Who did it and to whom, in order."""
    async with town.storage.reading() as tx:
        rows = await tx.all(
            select(schema.audit).where(schema.audit.c.act.in_(names)).order_by(schema.audit.c.id)
        )
    return [f"{row.actor} {row.act} {row.subject}" for row in rows]


async def test_who_leaves_the_group_is_off_shift_and_their_case_waits_for_others(
    town: Town, anna: Borrower, lin: Person, sue: Person
) -> None:
    await anna.says("my question")
    dana = await at_work(town, "Dana")
    await leaves(lin)
    lin.sees("so you are off shift", "What you had in hand (1) is back in the queue")
    sue.sees("Lin has left the board group", "What they had in hand (1)", "/offboard Lin")
    anna.sees("Someone else will go on from here")
    assert not await is_at_work(town, lin)
    assert await state_of(town, anna) is ConversationState.WAITING
    await town.ticks(seconds=1)
    await dana.taps("Accept")
    dana.sees("my question")
    anna.sees("Hello, I am Dana")


async def test_it_is_on_record_with_who_did_it(
    town: Town, anna: Borrower, lin: Person, sue: Person
) -> None:
    await standing(lin, "kicked", by=sue)
    sue.sees("Lin was taken out of the board group")
    found = await acts(town, "group.left", "shift.ended", "case.given_back")
    assert found == [
        "staff:2 group.left staff:1",
        "staff:2 case.given_back case:1",
        "staff:2 shift.ended staff:1",
    ]


@pytest.mark.parametrize("first", ["notice", "standing"])
async def test_both_words_of_telegram_are_one_leaving(
    town: Town, anna: Borrower, lin: Person, sue: Person, first: str
) -> None:
    if first == "notice":
        await leaves(lin)
        await standing(lin, "left")
    else:
        await standing(lin, "left")
        await leaves(lin)
    assert sum("has left the board group" in one for one in sue.chat) == 1
    assert sum("you are off shift" in one for one in lin.chat) == 1
    assert len(await acts(town, "group.left")) == 1


async def test_what_is_held_out_to_them_goes_to_somebody_else(
    town: Town, lin: Person, sue: Person
) -> None:
    ben = await town.borrower("B2", "Ben Ode")
    await ben.says("/human")
    await town.ticks()
    lin.sees("Can you take #1?")
    dana = await at_work(town, "Dana")
    await leaves(lin)
    async with town.storage.reading() as tx:
        assert await offers.all_open(tx) == []
    await town.ticks(seconds=1)
    dana.sees("Can you take #1?")
    await lin.taps("Accept")
    lin.sees("Nothing is held out to you")


async def test_outside_the_group_no_shift_begins_and_nothing_is_taken(
    town: Town, anna: Borrower, lin: Person, sue: Person
) -> None:
    await leaves(lin)
    for typed in ("/shift on", "/take 1", "/next"):
        await lin.says(typed)
        lin.sees("You have left the board group")
    await lin.taps("take:1", on=town.chats[BOARD][-1], chat=BOARD)
    assert lin.toast == "You are not in the board group any more."
    assert not await is_at_work(town, lin)
    await town.ticks(seconds=1)
    assert await state_of(town, anna) is ConversationState.WAITING


async def test_coming_back_begins_no_shift_by_itself(
    town: Town, anna: Borrower, lin: Person, sue: Person
) -> None:
    await leaves(lin)
    await comes_back(lin)
    lin.sees("You are in the board group again", "/shift on")
    assert not await is_at_work(town, lin)
    await town.ticks(seconds=1)
    assert await state_of(town, anna) is ConversationState.WAITING
    await lin.taps("On shift")
    assert await is_at_work(town, lin)
    await lin.says("/take 1")
    lin.sees("Anna Berg")


async def test_coming_back_opens_no_access_that_was_ended(
    town: Town, anna: Borrower, lin: Person, sue: Person
) -> None:
    await leaves(lin)
    await sue.says("/offboard Lin")
    await sue.taps("End the access")
    await comes_back(lin)
    await lin.says("/shift on")
    await lin.says("/take 1")
    lin.does_not_see("You are in the board group again")
    assert "Anna" not in lin.last


async def test_an_older_word_that_comes_late_does_not_undo_a_newer_one(
    town: Town, anna: Borrower, lin: Person, sue: Person
) -> None:
    await leaves(lin)
    await comes_back(lin)
    await lin.says("/shift on")
    await standing(lin, "left", ago=200)
    assert await is_at_work(town, lin)
    assert len(await acts(town, "group.left")) == 1


async def test_who_may_do_less_in_the_group_is_still_in_it(
    town: Town, anna: Borrower, lin: Person
) -> None:
    await standing(lin, "restricted", is_member=True)
    assert await is_at_work(town, lin)
    await standing(lin, "restricted", is_member=False)
    assert not await is_at_work(town, lin)


async def test_who_leads_is_told_of_nobody_but_staff_and_other_groups_do_not_matter(
    town: Town, anna: Borrower, lin: Person, sue: Person
) -> None:
    await notice(Person(town, 5, "Eve", "en"), "left_chat_member")
    await notice(anna, "left_chat_member")
    await notice(lin, "left_chat_member", chat=-2002)
    assert sue.chat == []
    assert await state_of(town, anna) is ConversationState.ACTIVE


async def test_who_leads_is_off_shift_too_and_may_begin_again(
    town: Town, lin: Person, sue: Person
) -> None:
    await sue.says("/shift on")
    await leaves(sue)
    sue.sees("/shift on starts a new one")
    assert not await is_at_work(town, sue)
    await sue.says("/shift on")
    assert await is_at_work(town, sue)


async def test_where_nobody_leads_the_admins_are_told(town: Town, lin: Person) -> None:
    ada = await town.staff("Ada", Role.ADMIN)
    await leaves(lin)
    ada.sees("Lin has left the board group")
    sue = await town.staff("Sue", Role.SUPERVISOR)
    await leaves(sue)  # the only one
    ada.sees("Sue has left the board group")


async def test_an_admin_can_let_somebody_work_whatever_the_group_says(
    town: Town, lin: Person, sue: Person
) -> None:
    await leaves(lin)
    async with town.storage.transaction() as tx:
        assert await staffing.put_staff(
            tx, town.office, Actor.system(), lin.telegram_id,
            role=Role.COLLECTOR, name="Lin", languages=["en"], skills=[], now=town.now,
        )  # fmt: skip
    await lin.says("/shift on")
    assert await is_at_work(town, lin)


async def test_whoever_leaves_while_taking_has_nothing_afterwards(town_on_both: Town) -> None:
    town = town_on_both
    lin = await town.staff("Lin")
    for number in range(1, 5):
        borrower = await town.borrower(f"B{number}", "Anna Berg")
        await borrower.says("/human")
        await lin.says("/shift on")
        gone = {"message_id": town.message_id(), "left_chat_member": _account(lin)}
        await asyncio.gather(
            town.handle(lin.update_of(f"/take {number}")),
            town.handle(
                {"update_id": town.update_id(), "message": {**_event(town, lin, BOARD), **gone}}
            ),
        )
        await town.deliver()
        assert not await is_at_work(town, lin)
        assert await state_of(town, borrower) is ConversationState.WAITING
        await comes_back(lin)


async def test_a_board_that_moved_is_the_same_group(
    town: Town, anna: Borrower, lin: Person, sue: Person
) -> None:
    town.moved[BOARD] = -1_000_002
    await anna.says("/complaint")
    await town.staff("Ben")
    ben = await town.borrower("B2", "Ben Ode")
    await ben.says("/human")
    await notice(lin, "left_chat_member", chat=-1_000_002)
    sue.sees("Lin has left the board group")
    await lin.says("/shift on")
    lin.sees("You have left the board group")
