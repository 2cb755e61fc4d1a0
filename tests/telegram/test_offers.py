"""Waiting cases held out to one person at a time: yes, no, silence, and who is faster."""

import asyncio
from typing import Any

from bot.services.cases import handoff, offering
from storage import conversations, offers, staff
from storage.records import Actor, ConversationState, HandoffReason, OfferOutcome, Role
from tests.telegram.conversation import BOARD, Borrower, Person, Town


async def at_work(town: Town, name: str, **how: Any) -> Person:
    person = await town.staff(name, **how)
    await person.says("/shift on")
    return person


async def state_of(town: Town, borrower: Borrower) -> ConversationState:
    async with town.storage.reading() as tx:
        talk = await conversations.of(tx, borrower.borrower_id)
    assert talk is not None
    return talk.state


async def test_a_waiting_case_is_held_out_without_a_word_about_the_person(
    town: Town, anna: Borrower
) -> None:
    lin = await at_work(town, "Lin")
    await anna.says("/human")
    await town.ticks()
    shown = lin.sees("Can you take #1?", "asks for a person", "English")
    assert "Anna" not in shown.text
    assert await state_of(town, anna) is ConversationState.OFFERED
    await lin.taps("Accept")
    lin.sees("Anna Berg")
    anna.sees("Hello, I am Lin")
    assert await state_of(town, anna) is ConversationState.ACTIVE
    assert town.chats[BOARD][-1].text == "#1 is with Lin"


async def test_every_button_of_an_offer_has_a_typed_twin(town: Town, anna: Borrower) -> None:
    lin, dana = await at_work(town, "Lin"), await at_work(town, "Dana")
    await anna.says("/human")
    await town.ticks()
    first, second = (lin, dana) if lin.new and "Can you take" in lin.last else (dana, lin)
    await first.says("/decline")
    first.sees("goes to somebody else")
    await town.ticks()
    second.sees("Can you take #1?")
    await second.says("/accept 1")
    second.sees("Anna Berg")


async def test_an_offer_nobody_answers_ends_and_goes_to_somebody_else(
    town: Town, anna: Borrower
) -> None:
    lin = await at_work(town, "Lin")
    await anna.says("/human")
    await town.ticks()
    dana = await at_work(town, "Dana")
    await town.ticks(seconds=88)
    assert "Can you take" in lin.last
    await town.ticks(seconds=1)
    lin.sees("The offer of #1 is over")
    dana.sees("Can you take #1?")
    await lin.taps("Accept")
    lin.sees("Nothing is held out to you")


async def test_a_yes_that_comes_too_late_is_told_so_even_before_it_is_swept(
    town: Town, anna: Borrower
) -> None:
    lin = await at_work(town, "Lin")
    await anna.says("/human")
    await town.ticks()
    town.later(seconds=90)
    await lin.taps("Accept")
    lin.sees("The offer of #1 is over")


async def test_whoever_let_a_case_pass_is_not_asked_again_at_once(
    town: Town, anna: Borrower
) -> None:
    lin = await at_work(town, "Lin")
    await anna.says("/human")
    await town.ticks()
    await lin.taps("Not now")
    await town.ticks(minutes=14)
    assert await state_of(town, anna) is ConversationState.WAITING
    await town.ticks(minutes=1)
    lin.sees("Can you take #1?")


async def test_three_offers_without_an_answer_end_the_shift(town: Town, anna: Borrower) -> None:
    lin = await at_work(town, "Lin")
    ben = await town.borrower("B2", "Ben Ode")
    await ben.says("/human")
    await lin.says("/take 1")
    await anna.says("/human")
    for _ in range(3):
        await town.ticks(minutes=15)
        await town.ticks(seconds=90)
    lin.sees("you are off shift now")
    assert await state_of(town, ben) is ConversationState.WAITING
    offered = sum("Can you take" in one for one in lin.chat)
    await town.ticks(minutes=30)
    assert sum("Can you take" in one for one in lin.chat) == offered
    await lin.taps("On shift")
    await town.ticks(seconds=1)
    assert sum("Can you take" in one for one in lin.chat) > offered


async def test_whoever_gives_a_case_back_is_not_asked_about_it_at_once(
    town: Town, anna: Borrower
) -> None:
    lin = await at_work(town, "Lin")
    await anna.says("/human")
    await lin.says("/take 1")
    await lin.says("/transfer somebody who knows fees")
    await town.ticks(seconds=1)
    assert await state_of(town, anna) is ConversationState.WAITING
    dana = await at_work(town, "Dana")
    await town.ticks(seconds=1)
    dana.sees("Can you take #1?")


async def test_take_on_the_board_beats_an_offer(town: Town, anna: Borrower) -> None:
    lin = await at_work(town, "Lin")
    await anna.says("/human")
    await town.ticks()
    sue = await town.staff("Sue")
    await sue.taps("Take", chat=BOARD)
    sue.sees("Anna Berg")
    await lin.taps("Accept")
    lin.sees("Nothing is held out to you")
    lin.does_not_see("Anna Berg")
    async with town.storage.reading() as tx:
        assert await offers.all_open(tx) == []


async def test_next_takes_what_is_held_out_to_oneself_first(town: Town) -> None:
    lin = await at_work(town, "Lin", capacity=1)
    for number in (1, 2):
        person = await town.borrower(f"B{number}", f"Person {number}")
        await person.says("/human")
    await town.ticks()
    lin.sees("Can you take #1?")
    await lin.says("/next")
    lin.sees("Person 1")


async def test_capacity_counts_what_is_offered_and_active_and_not_what_is_set_aside(
    town: Town,
) -> None:
    lin = await at_work(town, "Lin", capacity=2)
    people = [await town.borrower(f"B{number}", f"Person {number}") for number in (1, 2, 3)]
    for one in people:
        await one.says("/human")
    await town.ticks()
    assert sum("Can you take" in one for one in lin.chat) == 2
    await lin.says("/take 3")
    lin.sees("as many conversations as you can have at once (2)")
    await lin.says("/accept 1")
    await lin.says("/accept 2")
    await town.ticks(seconds=5)
    assert sum("Can you take" in one for one in lin.chat) == 2
    brief = next(one for one in lin.chat if "#1 Person 1" in one)
    await lin.says("/hold", reply_to=brief)
    await town.ticks(seconds=1)
    lin.sees("Can you take #3?")


async def test_danger_to_life_is_taken_beyond_capacity(town: Town, anna: Borrower) -> None:
    sue = await at_work(town, "Sue", capacity=1, skills=["crisis"])
    await anna.says("/human")
    await sue.says("/take 1")
    ben = await town.borrower("B2", "Ben Ode")
    await ben.says("I want to kill myself")
    await sue.says("/take 2")
    sue.sees("Ben Ode")


async def test_a_freed_place_goes_to_the_oldest_case_within_a_tick(town: Town) -> None:
    lin = await at_work(town, "Lin", capacity=1)
    for number in (1, 2, 3):
        person = await town.borrower(f"B{number}", f"Person {number}")
        await person.says("/human")
    await town.ticks()
    await lin.says("/accept")
    await lin.says("/close other")
    await town.ticks(seconds=1)
    lin.sees("Can you take #2?")


async def test_who_comes_back_within_three_days_gets_the_same_colleague_while_at_work(
    town: Town, anna: Borrower
) -> None:
    lin, dana = await at_work(town, "Lin"), await at_work(town, "Dana")
    ben = await town.borrower("B2", "Ben Ode")
    await anna.says("/human")
    await lin.says("/take 1")
    await lin.says("/close other")
    await ben.says("/human")
    await lin.says("/take 2")  # Lin has more to do than Dana now
    town.later(hours=71)
    await anna.says("/human")
    await town.ticks()
    lin.sees("Can you take #1?")  # it goes on under its number
    await lin.says("/accept 1")
    await lin.says("/close other", reply_to=next(one for one in lin.chat if "#1 Anna" in one))
    await lin.says("/shift off")
    await anna.says("/human")
    await town.ticks()
    dana.sees("Can you take #1?")


async def test_who_goes_home_leaves_no_offer_behind(town: Town, anna: Borrower) -> None:
    lin = await at_work(town, "Lin")
    await anna.says("/human")
    await town.ticks()
    await lin.says("/shift off")
    assert await state_of(town, anna) is ConversationState.WAITING
    await lin.taps("Accept")
    lin.sees("Nothing is held out to you")


async def test_a_borrower_who_settles_it_or_is_in_danger_ends_the_offer(
    town: Town, anna: Borrower
) -> None:
    lin = await at_work(town, "Lin")
    await anna.says("/human")
    await town.ticks()
    await anna.taps("No longer needed")
    await lin.taps("Accept")
    lin.sees("Nothing is held out to you")
    await anna.says("/human")
    await town.ticks()
    await anna.says("I want to kill myself")
    assert await state_of(town, anna) is ConversationState.FROZEN
    async with town.storage.reading() as tx:
        assert await offers.all_open(tx) == []


async def test_a_case_left_on_offer_to_nobody_waits_again(town: Town, anna: Borrower) -> None:
    lin = await at_work(town, "Lin")
    await anna.says("/human")
    await town.ticks()
    async with town.storage.transaction() as tx:  # as after a row lost by hand
        (offer,) = await offers.made_to(tx, (await staff.everyone(tx))[0].staff_id)
        await offers.end(tx, offer, OfferOutcome.WITHDRAWN, town.now)
    await town.ticks(seconds=1)
    assert sum("Can you take" in one for one in lin.chat) == 2


async def test_language_and_skill_decide_before_load(town: Town) -> None:
    lin = await at_work(town, "Lin")
    fang = await at_work(town, "小林", language="zh-Hans")
    mei = await town.borrower("B1", "王芳", language="zh-Hans")
    await mei.says("/human")
    await town.ticks()
    fang.sees("#1 您能接吗？")
    assert "Can you take" not in lin.last


async def test_two_routers_at_once_hold_a_case_out_once(town_on_both: Town) -> None:
    town = town_on_both
    await at_work(town, "Lin", capacity=3)
    for number in range(6):
        person = await town.borrower(f"B{number}", f"Person {number}")
        await person.says("/human")

    async def one() -> int:
        async with town.storage.transaction() as tx:
            return await offering.route(tx, town.office, town.now)

    made = await asyncio.gather(*(one() for _ in range(8)))
    assert sum(made) == 3
    async with town.storage.reading() as tx:
        assert len(await offers.all_open(tx)) == 3
        assert max((await offers.loads(tx)).values()) == 3


# frozen


async def frozen(town: Town, borrower: Borrower, reason: HandoffReason) -> None:
    async with town.storage.transaction() as tx:
        await handoff.start(
            tx, town.office, Actor.borrower(borrower.borrower_id), borrower.borrower_id, reason,
            town.now,
        )  # fmt: skip


async def test_a_frozen_case_is_held_out_to_those_alone_who_may_speak_in_it(
    town: Town, anna: Borrower
) -> None:
    lin, cora = await at_work(town, "Lin"), await at_work(town, "Cora", role=Role.COMPLIANCE)
    await frozen(town, anna, HandoffReason.LEGAL)
    await town.ticks()
    cora.sees("Can you take #1?", "legal matter")
    lin.does_not_see("Can you take")
    assert await state_of(town, anna) is ConversationState.FROZEN
    await cora.taps("Accept")
    cora.sees("Anna Berg")
    assert await state_of(town, anna) is ConversationState.FROZEN
    async with town.storage.reading() as tx:
        assert await offers.all_open(tx) == []
        talk = await conversations.of(tx, anna.borrower_id)
    assert talk is not None
    assert talk.staff_id is not None


async def test_compliance_is_asked_for_nothing_but_what_is_frozen(
    town: Town, anna: Borrower
) -> None:
    cora = await at_work(town, "Cora", role=Role.COMPLIANCE)
    await anna.says("/human")
    await town.ticks()
    cora.does_not_see("Can you take")


async def test_silence_over_a_frozen_case_passes_it_on_and_it_stays_frozen(
    town: Town, anna: Borrower
) -> None:
    dana = await at_work(town, "Dana", skills=["crisis"])
    await frozen(town, anna, HandoffReason.CRISIS)
    await town.ticks()
    dana.sees("Can you take #1?", "danger to life")
    sue = await at_work(town, "Sue", role=Role.SUPERVISOR)
    await town.ticks(seconds=91)
    dana.sees("The offer of #1 is over")
    sue.sees("Can you take #1?", "danger to life")
    assert await state_of(town, anna) is ConversationState.FROZEN
    await dana.says("/take 1")  # late, and still in time: the offer to Sue is over
    async with town.storage.reading() as tx:
        assert await offers.all_open(tx) == []
    await sue.says("/accept")
    sue.does_not_see("Anna Berg")


async def test_a_responder_who_says_nothing_loses_a_frozen_case_by_the_same_clock(
    town: Town, anna: Borrower
) -> None:
    dana, sue = (
        await at_work(town, "Dana", skills=["crisis"]),
        await town.staff("Sue", Role.SUPERVISOR),
    )
    await frozen(town, anna, HandoffReason.CRISIS)
    await dana.says("/take 1")
    await anna.says("please help me")
    await town.ticks(minutes=4)
    sue.sees("#1", "danger to life")
    await town.ticks(minutes=4)
    dana.sees("#1")
    assert await state_of(town, anna) is ConversationState.FROZEN
    async with town.storage.reading() as tx:
        talk = await conversations.of(tx, anna.borrower_id)
    assert talk is not None
    assert talk.staff_id is None


async def test_the_report_tells_how_many_offers_were_taken(town: Town, anna: Borrower) -> None:
    lin, dana = await at_work(town, "Lin"), await at_work(town, "Dana")
    sue = await town.staff("Sue", Role.SUPERVISOR)
    await anna.says("/human")
    await town.ticks()
    first, second = (lin, dana) if "Can you take" in lin.last else (dana, lin)
    await first.says("/decline")
    await town.ticks()
    await second.says("/accept")
    await second.says("/transfer later")  # giving it back is no offer
    await sue.says("/report")
    sue.sees("Cases held out: 2; accepted: 50%", "1/2")
    await second.says("/report")
    second.sees("Cases held out to you: 1; accepted: 100%", "1/1")
