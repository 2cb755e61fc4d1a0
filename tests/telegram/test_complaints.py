"""A complaint reaches somebody who had no part in what it is about."""

from storage import limits, work
from storage.records import HoldKind, Role, WorkKind
from tests.telegram.conversation import BOARD, Borrower, Person, Town


async def complaint_of(town: Town, anna: Borrower) -> int:
    async with town.storage.reading() as tx:
        [task] = await work.open_of(tx, anna.borrower_id, WorkKind.COMPLAINT)
    return int(task.work_id)


async def test_a_complaint_about_the_person_one_talks_with_goes_past_them(
    town: Town, anna: Borrower, lin: Person
) -> None:
    sue = await town.staff("Sue", Role.SUPERVISOR)
    await anna.says("/human")
    await lin.taps("Take", chat=BOARD)
    before = len(lin.chat)
    await anna.says("/complaint")
    anna.sees("We have your complaint", "A colleague who had no part in it")
    assert len(lin.chat) == before
    async with town.storage.reading() as tx:
        held = (await limits.holds_of(tx, [anna.borrower_id]))[anna.borrower_id]
    assert [one.kind for one in held] == [HoldKind.COMPLAINT]
    number = await complaint_of(town, anna)
    await sue.taps("Take", on=sue.sees("A complaint has come in"))
    sue.sees(f"#{number}", "complaint", "Anna Berg")
    await lin.says("/reply What happened?")
    assert anna.last.text == "What happened?"


async def test_a_supervisor_does_not_look_into_a_complaint_about_themselves(
    town: Town, anna: Borrower
) -> None:
    sue = await town.staff("Sue", Role.SUPERVISOR)
    await anna.says("/human")
    await sue.taps("Take", chat=BOARD)
    await anna.says("/complaint")
    sue.does_not_see("A complaint has come in")
    number = await complaint_of(town, anna)
    await sue.says(f"/take {number}")
    sue.sees("for somebody who had no part in it")
    kim = await town.staff("Kim", Role.COMPLIANCE)
    await kim.says("/next")
    kim.sees(f"#{number}", "complaint")


async def test_a_complaint_after_the_goodbye_is_not_for_who_said_it(
    town: Town, anna: Borrower
) -> None:
    sue = await town.staff("Sue", Role.SUPERVISOR)
    await anna.says("/human")
    await sue.taps("Take", chat=BOARD)
    await sue.says("/close info_given")
    await anna.says("/complaint")
    number = await complaint_of(town, anna)
    await sue.says(f"/take {number}")
    sue.sees("for somebody who had no part in it")


async def test_one_complaint_is_one_task_however_often_it_is_voiced(
    town: Town, anna: Borrower, lin: Person
) -> None:
    sue = await town.staff("Sue", Role.SUPERVISOR)
    await anna.says("/complaint")
    await anna.says("/complaint")
    await lin.taps("Take", chat=BOARD)
    await anna.says("I want to make a complaint about you")
    await lin.says("/close info_given")
    assert await complaint_of(town, anna)
    assert sum("A complaint has come in" in one for one in sue.chat) == 1


async def test_the_hold_ends_when_it_is_answered(town: Town, anna: Borrower) -> None:
    sue = await town.staff("Sue", Role.SUPERVISOR)
    await anna.says("/complaint")
    number = await complaint_of(town, anna)
    await sue.says(f"/take {number}")
    await sue.taps("answered")
    sue.sees("answered")
    async with town.storage.reading() as tx:
        held = (await limits.holds_of(tx, [anna.borrower_id])).get(anna.borrower_id, ())
        assert not any(
            one.kind is HoldKind.COMPLAINT and (one.end is None or one.end > town.now)
            for one in held
        )
        assert not await work.open_of(tx, anna.borrower_id, WorkKind.COMPLAINT)
