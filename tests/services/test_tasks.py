"""Work that is no chat: taken once, done with an outcome, and what follows from it."""

from datetime import timedelta

import pytest

from bot.errors import NotAllowed, Refusal
from bot.services import paying
from bot.services.cases import tasks
from storage import limits, schema, staff, work
from storage.records import (
    Actor,
    ContactKind,
    Hold,
    HoldKind,
    Role,
    StaffMember,
    WorkId,
    WorkKind,
)
from tests.telegram.conversation import Borrower, Person, Town

SYSTEM = Actor.system()


@pytest.fixture
async def anna(town: Town) -> Borrower:
    return await town.borrower("B1", "Anna Berg")


async def add(town: Town, borrower: Borrower, kind: WorkKind) -> WorkId:
    async with town.storage.transaction() as tx:
        work_id = await work.add(
            tx, f"test:{kind}", kind, borrower.borrower_id, actor=SYSTEM, now=town.now,
            due_at=town.now + timedelta(days=1),
        )  # fmt: skip
    assert work_id is not None
    return work_id


async def as_member(town: Town, person: Person) -> StaffMember:
    async with town.storage.reading() as tx:
        found = await staff.by_telegram_id(tx, person.telegram_id)
    assert found is not None
    return found


async def take(town: Town, person: Person, work_id: WorkId) -> None:
    me = await as_member(town, person)
    async with town.storage.transaction() as tx:
        await tasks.take(tx, town.office, me, work_id, town.now)
    await town.deliver()


async def finish(town: Town, person: Person, work_id: WorkId, outcome: str) -> None:
    me = await as_member(town, person)
    async with town.storage.transaction() as tx:
        await tasks.finish(tx, town.office, me, work_id, outcome, town.now)
    await town.deliver()


async def test_a_call_card_has_the_number_and_a_call_is_counted_with_its_outcome(
    town: Town, anna: Borrower
) -> None:
    lin = await town.staff("Lin")
    number = await add(town, anna, WorkKind.CALL)
    await take(town, lin, number)
    card = lin.sees("#1 call", "Anna Berg", "+8613800000000", "CN¥500.00")
    await lin.taps("no answer", on=card)
    lin.sees("#1 is done: no answer")
    async with town.storage.reading() as tx:
        calls = await work.calls_of(tx, [anna.borrower_id], town.now - timedelta(days=1))
    (call,) = calls[anna.borrower_id]
    assert (call.kind, call.by, call.outcome) == (ContactKind.CALL, "person", "tried")


async def test_looking_at_a_borrower_is_on_record(town: Town, anna: Borrower) -> None:
    lin = await town.staff("Lin")
    await take(town, lin, await add(town, anna, WorkKind.NOTICE))
    async with town.storage.reading() as tx:
        rows = await tx.all(schema.audit.select().order_by(schema.audit.c.id))
    me = await as_member(town, lin)
    seen = [row for row in rows if row.act == "borrower.viewed"]
    assert [(row.actor, row.subject) for row in seen] == [
        (f"staff:{me.staff_id}", f"borrower:{anna.borrower_id}")
    ]
    assert "+86" not in lin.chat[0]


async def test_a_call_under_a_hold_is_refused_with_the_reason_and_stays_in_the_queue(
    town: Town, anna: Borrower
) -> None:
    number = await add(town, anna, WorkKind.CALL)
    async with town.storage.transaction() as tx:
        hold = Hold(HoldKind.HARDSHIP, town.now, town.now + timedelta(days=30))
        await limits.add_hold(tx, anna.borrower_id, hold, source="hardship", actor=SYSTEM)
    lin = await town.staff("Lin")
    await lin.says(f"/take {number}")
    lin.sees("This call may not be made now", "a hardship pause", "23 December, 10:00")
    lin.does_not_see("+86")
    async with town.storage.reading() as tx:
        task = await work.by_id(tx, number)
    assert task is not None
    assert task.staff_id is None


async def test_a_payment_claim_that_is_checked_ends_its_hold(town: Town, anna: Borrower) -> None:
    async with town.storage.transaction() as tx:
        actor = Actor.borrower(anna.borrower_id)
        await paying.claim_payment(tx, actor, anna.borrower_id, town.now, key="1")
        (claim,) = await work.open_of(tx, anna.borrower_id, WorkKind.RECEIPT)
    lin = await town.staff("Lin")
    await take(town, lin, claim.work_id)
    await finish(town, lin, claim.work_id, "payment_not_found")
    async with town.storage.reading() as tx:
        held = (await limits.holds_of(tx, [anna.borrower_id])).get(anna.borrower_id, ())
        assert all(hold.end is not None for hold in held)
        assert not await work.open_of(tx, anna.borrower_id, WorkKind.RECEIPT)


@pytest.mark.parametrize(
    ("kind", "outcome", "heard"),
    [
        (WorkKind.DISPUTE, "borrower_right", "You were right"),
        (WorkKind.DISPUTE, "lender_right", "they are correct"),
        (WorkKind.HARDSHIP, "arranged", "What was arranged with you is on record"),
        (WorkKind.HARDSHIP, "signposted", "a colleague will tell you where to turn"),
        (WorkKind.HARDSHIP, "not_confirmed", "nothing could be changed yet"),
        (WorkKind.COMPLAINT, "answered", "looked into and answered"),
    ],
)
async def test_who_asked_hears_what_came_of_it(
    town: Town, anna: Borrower, kind: WorkKind, outcome: str, heard: str
) -> None:
    ruth = await town.staff("Ruth", Role.SUPERVISOR)
    number = await add(town, anna, kind)
    await take(town, ruth, number)
    await finish(town, ruth, number, outcome)
    town.later(days=2)  # the rules of quiet let it wait a while
    await town.deliver()
    anna.sees(heard)


async def test_a_plan_a_person_approved_is_offered_to_the_borrower_with_its_terms(
    town: Town, anna: Borrower
) -> None:
    await anna.says("/plan 6")
    anna.sees("colleague")
    lin = await town.staff("Lin")
    await lin.says("/next")
    card = lin.sees("plan review", "6 parts of")
    await lin.taps("approve", on=card)
    lin.sees("is done: approve")
    await lin.taps("reject", on=card)
    lin.sees("it may be done already")
    town.later(days=2)  # the rules of quiet let it wait a while
    await town.deliver()
    offer = anna.sees("A colleague has approved the plan")
    await anna.taps("I agree", on=offer)
    anna.sees("the plan starts today")


async def test_an_outcome_of_another_kind_of_work_is_refused(town: Town, anna: Borrower) -> None:
    lin = await town.staff("Lin")
    number = await add(town, anna, WorkKind.NOTICE)
    await take(town, lin, number)
    await lin.says("/close answered")
    lin.sees("There is no such code", "approved, rejected")
    await lin.says("/close rejected")
    lin.sees(f"#{number} is done: reject")


async def test_a_complaint_is_not_for_a_collector(town: Town, anna: Borrower) -> None:
    number = await add(town, anna, WorkKind.COMPLAINT)
    lin, sue = await town.staff("Lin"), await town.staff("Sue", Role.SUPERVISOR)
    with pytest.raises(NotAllowed):
        await take(town, lin, number)
    await take(town, sue, number)
    sue.sees("complaint", "Anna Berg")


async def test_nobody_finishes_what_somebody_else_has(town: Town, anna: Borrower) -> None:
    number = await add(town, anna, WorkKind.NOTICE)
    lin, dana = await town.staff("Lin"), await town.staff("Dana")
    await take(town, lin, number)
    with pytest.raises(Refusal, match=r"case\.not_yours"):
        await finish(town, dana, number, "posted")
    with pytest.raises(Refusal, match=r"work\.taken"):
        await take(town, dana, number)


async def test_the_queue_names_work_and_not_people(town: Town, anna: Borrower) -> None:
    await add(town, anna, WorkKind.CALL)
    await anna.says("/human")
    lin = await town.staff("Lin")
    await lin.says("/queue")
    shown = lin.sees("#2 chat, asks for a person", "#1 call")
    assert shown.text.index("#2 chat") < shown.text.index("#1 call")
    assert "Anna" not in shown
    await lin.taps("Take #2")
    await lin.says("/queue")
    lin.sees("With you:", "#2 chat")


async def test_a_number_that_is_none_is_asked_for_again(town: Town) -> None:
    lin = await town.staff("Lin")
    for typed in ("", "twelve", "12345678901234567890", "-1", "①"):
        await lin.says(f"/take {typed}")
        lin.sees("Please give the number")


async def test_a_visit_is_planned_with_the_borrower_and_under_the_rules_of_a_call(
    town: Town, anna: Borrower
) -> None:
    lin, number = await town.staff("Lin"), await add(town, anna, WorkKind.VISIT)
    await lin.says("/queue")
    lin.sees("visit to plan")
    town.later(hours=12)  # ten at night
    await lin.says("/next")
    lin.sees("outside the hours")
    town.later(hours=11)
    await lin.says("/next")
    lin.sees("visit to plan", "only if they want it", "Phone: +8613800000000")
    await lin.taps("not wanted")
    async with town.storage.reading() as tx:
        task = await work.by_id(tx, number)
    assert task is not None
    assert task.outcome == "visit_declined"
