"""Handing over: one case, one owner, nothing automated afterwards."""

import asyncio
from datetime import timedelta

import pytest

from bot.errors import NotAllowed, Refusal
from bot.services.cases import closing, handoff, tasks
from bot.services.cases.case_file import CaseFile, case_file
from storage import cases, limits, outbox, schedule, staff, work
from storage.errors import Conflict
from storage.records import (
    Actor,
    BorrowerId,
    ContactKind,
    ConversationState,
    DeliveryClass,
    HandoffReason,
    Outgoing,
    Role,
    StaffMember,
    WorkId,
    WorkKind,
)
from tests.telegram.conversation import Borrower, Person, Town

SYSTEM = Actor.system()


async def hand_over(
    town: Town, borrower: Borrower, reason: HandoffReason = HandoffReason.ASKED, *, by: str = "them"
) -> handoff.Handoff:
    actor = Actor.borrower(borrower.borrower_id) if by == "them" else SYSTEM
    async with town.storage.transaction() as tx:
        return await handoff.start(tx, town.office, actor, borrower.borrower_id, reason, town.now)


async def file_of(town: Town, started: handoff.Handoff) -> CaseFile:
    async with town.storage.reading() as tx:
        file = await case_file(tx, started.case_id)
    assert file is not None
    return file


async def member(town: Town, person: Person) -> StaffMember:
    async with town.storage.reading() as tx:
        found = await staff.by_telegram_id(tx, person.telegram_id)
    assert found is not None
    return found


async def take(town: Town, person: Person, number: WorkId) -> None:
    async with town.storage.transaction() as tx:
        found = await staff.by_telegram_id(tx, person.telegram_id)
        assert found is not None
        await tasks.take(tx, town.office, found, number, town.now)


async def queue_reminder(town: Town, borrower: Borrower, key: str, **options: object) -> None:
    async with town.storage.transaction() as tx:
        await outbox.put(
            tx, reminder(town, borrower.borrower_id, borrower.telegram_id, key), town.now
        )


def reminder(town: Town, borrower_id: BorrowerId, chat_id: int, key: str) -> Outgoing:
    return Outgoing(
        unique_key=key,
        chat_id=chat_id,
        delivery=DeliveryClass.REMINDER,
        method="sendMessage",
        payload={"text": "a reminder", "buttons": []},
        actor=SYSTEM,
        not_before=town.now,
        kind=ContactKind.OVERDUE,
        borrower_id=borrower_id,
        expires_at=town.now + timedelta(hours=8),
    )


async def statuses(town: Town) -> dict[str, int]:
    async with town.storage.reading() as tx:
        return await outbox.counts(tx)


# starting


async def test_starting_twice_is_one_case_and_a_second_reason_joins_it(town: Town) -> None:
    anna = await town.borrower("B1", "Anna Berg")
    first = await hand_over(town, anna, HandoffReason.ASKED)
    again = await hand_over(town, anna, HandoffReason.ASKED)
    more = await hand_over(town, anna, HandoffReason.COMPLAINT)
    assert (first.opened, again.opened, more.opened) == (True, False, False)
    assert first.case_id == again.case_id == more.case_id
    file = await file_of(town, first)
    assert file.reasons == (HandoffReason.ASKED, HandoffReason.COMPLAINT)
    async with town.storage.reading() as tx:
        assert len(await work.open_of(tx, anna.borrower_id, WorkKind.CHAT)) == 1


async def test_many_reasons_at_once_open_one_case(town: Town) -> None:
    anna = await town.borrower("B1", "Anna Berg")

    async def one(reason: HandoffReason) -> bool:
        while True:
            try:
                return (await hand_over(town, anna, reason)).opened
            except Conflict:
                continue

    opened = await asyncio.gather(*(one(reason) for reason in list(HandoffReason)[:5]))
    assert sum(opened) == 1
    async with town.storage.reading() as tx:
        assert len(await work.open_of(tx, anna.borrower_id)) == 1


async def test_what_the_bot_had_queued_is_held_back_and_judged_again_afterwards(
    town: Town,
) -> None:
    anna = await town.borrower("B1", "Anna Berg")
    lin = await town.staff("Lin")
    await queue_reminder(town, anna, "due")
    started = await hand_over(town, anna)
    assert (await statuses(town))["suspended"] == 1
    file = await file_of(town, started)
    assert file.case.brief == {"held_back": 1, "on_the_wire": 0}
    await take(town, lin, file.number)
    async with town.storage.transaction() as tx:
        await closing.close(
            tx, town.office, await member(town, lin), file.case_id, "info_given", town.now
        )
        assert (await outbox.counts(tx)).get("suspended", 0) == 0
        assert anna.borrower_id in await schedule.due(tx, town.now, 10)


async def test_a_row_past_its_validity_is_not_sent_late_after_the_case(town: Town) -> None:
    anna = await town.borrower("B1", "Anna Berg")
    await queue_reminder(town, anna, "due")
    await hand_over(town, anna)
    town.later(hours=9)
    async with town.storage.transaction() as tx:
        assert await handoff.settle(
            tx, town.office, Actor.borrower(anna.borrower_id), anna.borrower_id, town.now
        )
    assert (await statuses(town))["expired"] == 1


async def test_what_is_on_the_wire_at_the_handoff_is_shown_in_the_brief(town: Town) -> None:
    anna = await town.borrower("B1", "Anna Berg")
    lin = await town.staff("Lin")
    await queue_reminder(town, anna, "due")
    async with town.storage.transaction() as tx:
        rows = await outbox.claim(tx, "w", town.now, limit=10)
        await outbox.mark_sending(tx, [row.outbox_id for row in rows], "w", town.now)
    started = await hand_over(town, anna)
    await take(town, lin, (await file_of(town, started)).number)
    await town.deliver()
    assert "was on its way" in lin.chat[0]


async def test_a_handoff_nobody_asked_for_says_nothing_at_night(town: Town) -> None:
    anna = await town.borrower("B1", "Anna Berg")
    await hand_over(town, anna, HandoffReason.SECOND_BROKEN_PROMISE, by="the planner")
    await town.deliver()
    assert anna.chat == []


async def test_the_borrower_hears_a_range_that_grows_with_the_queue(town: Town) -> None:
    lin = await town.staff("Lin")
    async with town.storage.transaction() as tx:
        await staff.start_shift(tx, (await member(town, lin)).staff_id, town.now)
    people = [await town.borrower(f"B{n}", f"Person {n}") for n in range(4)]
    for person in people:
        await hand_over(town, person)
    await town.deliver()
    assert "3 to 15 minutes" in people[0].last
    assert "24 to 40 minutes" in people[3].last


async def test_after_hours_the_borrower_hears_when_somebody_is_back(town: Town) -> None:
    town.later(hours=10)  # eight in the evening
    anna = await town.borrower("B1", "Anna Berg")
    await hand_over(town, anna)
    await town.deliver()
    assert "24 November, 09:00" in anna.last


async def test_a_borrower_without_an_account_waits_without_a_message(town: Town) -> None:
    anna = await town.borrower("B1", "Anna Berg", linked=False)
    started = await hand_over(town, anna)
    await town.deliver()
    assert started.opened
    assert anna.chat == []


# freezing


async def test_a_crisis_freezes_and_goes_to_the_front_of_the_queue(town: Town) -> None:
    anna = await town.borrower("B1", "Anna Berg")
    ben = await town.borrower("B2", "Ben Ode")
    await hand_over(town, anna)
    started = await hand_over(town, ben, HandoffReason.CRISIS)
    assert started.state is ConversationState.FROZEN
    async with town.storage.reading() as tx:
        assert [one.borrower_id for one in await work.waiting(tx)] == [
            ben.borrower_id,
            anna.borrower_id,
        ]


async def test_only_who_may_answer_a_frozen_case_finds_it_in_the_queue(town: Town) -> None:
    ben = await town.borrower("B2", "Ben Ode")
    await hand_over(town, ben, HandoffReason.ASKED)
    await hand_over(town, ben, HandoffReason.CRISIS)
    lin, sue = await town.staff("Lin"), await town.staff("Sue", Role.SUPERVISOR)
    async with town.storage.transaction() as tx:
        assert await tasks.queue(tx, await member(town, lin), 10) == []
        assert await tasks.take_next(tx, town.office, await member(town, lin), town.now) is None
        assert len(await tasks.queue(tx, await member(town, sue), 10)) == 1
        assert await tasks.take_next(tx, town.office, await member(town, sue), town.now)


async def test_a_frozen_case_is_for_compliance_or_a_named_responder(town: Town) -> None:
    ben = await town.borrower("B2", "Ben Ode")
    number = (await file_of(town, await hand_over(town, ben, HandoffReason.CRISIS))).number
    lin = await town.staff("Lin")
    with pytest.raises(Refusal, match=r"case\.frozen"):
        await take(town, lin, number)
    dana = await town.staff("Dana", skills=["crisis"])
    await take(town, dana, number)
    async with town.storage.reading() as tx:
        task = await work.by_id(tx, number)
    assert task is not None
    assert task.staff_id == (await member(town, dana)).staff_id


async def test_only_compliance_ends_a_freeze_and_only_with_a_reason(town: Town) -> None:
    ben = await town.borrower("B2", "Ben Ode")
    started = await hand_over(town, ben, HandoffReason.LEGAL)
    number = (await file_of(town, started)).number
    sue = await town.staff("Sue", Role.SUPERVISOR)
    with pytest.raises(Refusal, match=r"case\.frozen"):
        await take(town, sue, number)
    cora = await town.staff("Cora", Role.COMPLIANCE)
    await take(town, cora, number)
    async with town.storage.transaction() as tx:
        me = await member(town, cora)
        with pytest.raises(Refusal, match=r"case\.release_reason"):
            await closing.release_frozen(tx, town.office, me, started.case_id, "", town.now)
        await closing.release_frozen(tx, town.office, me, started.case_id, "no lawyer", town.now)
        held = (await limits.holds_of(tx, [ben.borrower_id])).get(ben.borrower_id, ())
    assert all(hold.end is not None for hold in held)
    assert (await file_of(town, started)).talk.state is ConversationState.ACTIVE


async def test_a_named_responder_cannot_close_what_only_compliance_may_release(
    town: Town,
) -> None:
    ben = await town.borrower("B2", "Ben Ode")
    started = await hand_over(town, ben, HandoffReason.CRISIS)
    sue = await town.staff("Sue", Role.SUPERVISOR)
    await take(town, sue, (await file_of(town, started)).number)
    with pytest.raises(NotAllowed):
        async with town.storage.transaction() as tx:
            await closing.close(
                tx, town.office, await member(town, sue), started.case_id, "other", town.now
            )
    assert (await file_of(town, started)).talk.state is ConversationState.FROZEN


async def test_a_collector_loses_a_case_that_freezes_and_a_supervisor_keeps_it(
    town: Town,
) -> None:
    anna, ben = await town.borrower("B1", "Anna Berg"), await town.borrower("B2", "Ben Ode")
    lin, sue = await town.staff("Lin"), await town.staff("Sue", Role.SUPERVISOR)
    for person, borrower in ((lin, anna), (sue, ben)):
        file = await file_of(town, await hand_over(town, borrower))
        await take(town, person, file.number)
    frozen = [await hand_over(town, one, HandoffReason.CRISIS) for one in (anna, ben)]
    await town.deliver()
    assert (await file_of(town, frozen[0])).talk.staff_id is None
    assert (await file_of(town, frozen[1])).talk.staff_id == (await member(town, sue)).staff_id
    assert "please do not write any more" in lin.last
    assert "something more: danger to life" in sue.last


# taking


async def test_of_fifty_who_take_at_once_exactly_one_gets_the_case(town: Town) -> None:
    anna = await town.borrower("B1", "Anna Berg")
    people = [await town.staff(f"P{n}", telegram_id=9000 + n) for n in range(50)]
    file = await file_of(town, await hand_over(town, anna))
    refused: set[str] = set()

    async def tries(person: Person) -> bool:
        try:
            await take(town, person, file.number)
        except Refusal as refusal:
            refused.add(refusal.script)
            return False
        return True

    won = await asyncio.gather(*(tries(person) for person in people))
    assert sum(won) == 1
    assert refused == {"work.taken"}
    after = await file_of(town, await hand_over(town, anna))
    winner = await member(town, people[won.index(True)])
    assert after.talk.staff_id == after.work.staff_id == winner.staff_id
    await town.deliver()
    assert sum("I will take it from here" in one for one in anna.chat) == 1


async def test_ten_who_ask_for_the_next_case_get_ten_different_ones(town: Town) -> None:
    borrowers = [await town.borrower(f"B{n}", f"Person {n}") for n in range(10)]
    for one in borrowers:
        await hand_over(town, one)
    people = [await town.staff(f"P{n}", telegram_id=9000 + n) for n in range(10)]

    async def next_one(person: Person) -> WorkId | None:
        async with town.storage.transaction() as tx:
            me = await staff.by_telegram_id(tx, person.telegram_id)
            assert me is not None
            taken = await tasks.take_next(tx, town.office, me, town.now)
            return taken.work_id if taken else None

    taken = await asyncio.gather(*(next_one(person) for person in people))
    assert len(set(taken)) == 10
    assert None not in taken


async def test_the_next_case_is_in_a_language_one_speaks_if_there_is_a_choice(
    town: Town,
) -> None:
    fang = await town.borrower("B1", "王芳", language="zh-Hans")
    anna = await town.borrower("B2", "Anna Berg", language="en")
    for one in (fang, anna):
        await hand_over(town, one)
    lin = await town.staff("Lin", language="en")
    async with town.storage.transaction() as tx:
        first = await tasks.take_next(tx, town.office, await member(town, lin), town.now)
        second = await tasks.take_next(tx, town.office, await member(town, lin), town.now)
        third = await tasks.take_next(tx, town.office, await member(town, lin), town.now)
    assert first is not None
    assert second is not None
    assert (first.borrower_id, second.borrower_id) == (anna.borrower_id, fang.borrower_id)
    assert third is None


async def test_who_reads_one_chinese_script_comes_first_for_the_other(town: Town) -> None:
    anna = await town.borrower("B1", "Anna Berg", language="en")
    mei = await town.borrower("B2", "\u9673\u7f8e", language="zh-Hant")
    for one in (anna, mei):
        await hand_over(town, one)
    lin = await town.staff("Lin", language="zh-Hans")
    async with town.storage.transaction() as tx:
        first = await tasks.take_next(tx, town.office, await member(town, lin), town.now)
    assert first is not None
    assert first.borrower_id == mei.borrower_id


# after the case


async def test_a_dispute_that_was_not_settled_becomes_work_of_its_own(town: Town) -> None:
    anna = await town.borrower("B1", "Anna Berg")
    await anna.says("This is not my debt, the amount is wrong")
    lin = await town.staff("Lin")
    async with town.storage.transaction() as tx:
        me = await member(town, lin)
        task = await tasks.take_next(tx, town.office, me, town.now)
        assert task is not None
        assert task.case_id is not None
        await closing.close(tx, town.office, me, task.case_id, "info_given", town.now)
        left = await work.open_of(tx, anna.borrower_id)
        assert [one.kind for one in left] == [WorkKind.DISPUTE]
        held = (await limits.holds_of(tx, [anna.borrower_id]))[anna.borrower_id]
        assert any(hold.end is None for hold in held)
        await tasks.take(tx, town.office, me, left[0].work_id, town.now)
        await tasks.finish(tx, town.office, me, left[0].work_id, "borrower_right", town.now)
        held = (await limits.holds_of(tx, [anna.borrower_id])).get(anna.borrower_id, ())
        assert all(hold.end is not None for hold in held)


async def test_a_closed_case_keeps_its_disposition_and_who_gave_it(town: Town) -> None:
    anna = await town.borrower("B1", "Anna Berg")
    lin = await town.staff("Lin")
    started = await hand_over(town, anna)
    await take(town, lin, (await file_of(town, started)).number)
    async with town.storage.transaction() as tx:
        await closing.close(
            tx, town.office, await member(town, lin), started.case_id, "paid_promise", town.now
        )
        closed = await cases.case(tx, started.case_id)
    assert closed is not None
    assert (closed.disposition, closed.closed_at) == ("paid_promise", town.now)
    again = await hand_over(town, anna)
    assert again.opened
    async with town.storage.reading() as tx:
        by_lin = await cases.last_ended_by(tx, [anna.borrower_id], town.now)
    assert by_lin == {anna.borrower_id: (await member(town, lin)).staff_id}
