"""Conversations are checked after they ended: which ones, by whom, and what comes of it."""

from bot.rules.qa import is_drawn, points_percent, qa_policy
from scripts_library.library import default_library
from storage import work
from storage.records import CaseId, Role, Work, WorkKind
from tests.telegram.conversation import BOARD, Borrower, Person, Town


async def a_talk_with_a_complaint(anna: Borrower, lin: Person) -> None:
    await anna.says("/human")
    await lin.taps("Take", chat=BOARD)
    await lin.says("/reply Good morning")
    await anna.says("/complaint")
    await lin.says("/close info_given")


async def checks(town: Town, anna: Borrower) -> list[Work]:
    async with town.storage.reading() as tx:
        return await work.open_of(tx, anna.borrower_id, WorkKind.QA)


async def test_every_conversation_with_a_complaint_is_checked(
    town: Town, anna: Borrower, lin: Person
) -> None:
    await a_talk_with_a_complaint(anna, lin)
    assert [one.case_id for one in await checks(town, anna)] == [1]


async def test_a_complaint_afterwards_has_the_last_conversation_checked(
    town: Town, anna: Borrower, lin: Person
) -> None:
    assert not is_drawn(CaseId(1), qa_policy().percent)
    await anna.says("/human")
    await lin.taps("Take", chat=BOARD)
    await lin.says("/close info_given")
    assert not await checks(town, anna)
    await anna.says("/complaint")
    assert [one.case_id for one in await checks(town, anna)] == [1]


async def test_a_card_is_answered_tap_by_tap_and_counts(
    town: Town, anna: Borrower, lin: Person
) -> None:
    sue = await town.staff("Sue", Role.SUPERVISOR)
    await a_talk_with_a_complaint(anna, lin)
    [check] = await checks(town, anna)
    await sue.says(f"/take {check.work_id}")
    card = sue.sees("Check of #1, led by Lin", "ended: information given", "1 of 6")
    for answer in ("Yes", "Yes", "In part", "No", "Did not come up", "Yes"):
        await sue.taps(answer, on=card)
    assert "has 70 of 100 points" in card
    assert not await checks(town, anna)
    await sue.says("/report")
    sue.sees("Points when they were checked: 70 %, n 1")


async def test_a_card_can_be_answered_by_typing(town: Town, anna: Borrower, lin: Person) -> None:
    sue = await town.staff("Sue", Role.SUPERVISOR)
    await a_talk_with_a_complaint(anna, lin)
    [check] = await checks(town, anna)
    await sue.says(f"/take {check.work_id}")
    await sue.says("/score well")
    sue.sees("/score and fully")
    for _ in qa_policy().criteria:
        await sue.says("/score fully")
    sue.sees("has 100 of 100 points")


async def test_nobody_checks_their_own_conversation(town: Town, anna: Borrower) -> None:
    sue = await town.staff("Sue", Role.SUPERVISOR)
    await a_talk_with_a_complaint(anna, sue)
    [check] = await checks(town, anna)
    await sue.says(f"/take {check.work_id}")
    sue.sees("for somebody who had no part in it")
    kim = await town.staff("Kim", Role.COMPLIANCE)
    await kim.says(f"/take {check.work_id}")
    kim.sees("Check of #1, led by Sue")


async def test_a_collector_checks_nobody(town: Town, anna: Borrower, lin: Person) -> None:
    await a_talk_with_a_complaint(anna, lin)
    [check] = await checks(town, anna)
    dana = await town.staff("Dana")
    await dana.says(f"/take {check.work_id}")
    dana.does_not_see("Check of")
    await dana.says("/score fully")
    dana.does_not_see("points")


async def test_an_old_card_answers_nothing_twice(town: Town, anna: Borrower, lin: Person) -> None:
    sue = await town.staff("Sue", Role.SUPERVISOR)
    await a_talk_with_a_complaint(anna, lin)
    [check] = await checks(town, anna)
    await sue.says(f"/take {check.work_id}")
    for _ in qa_policy().criteria:
        await sue.says("/score not")
    await sue.taps(f"qa:{check.work_id}:heard:fully", on=sue.last)
    await sue.says("/report")
    sue.sees("Points when they were checked: 0 %")


def test_the_lot_falls_on_about_as_many_as_asked_and_always_the_same() -> None:
    drawn = [one for one in range(1, 20_001) if is_drawn(CaseId(one), 5)]
    assert 900 < len(drawn) < 1_100
    assert drawn == [one for one in range(1, 20_001) if is_drawn(CaseId(one), 5)]
    assert not any(is_drawn(CaseId(one), 0) for one in range(1, 1_000))
    assert all(is_drawn(CaseId(one), 100) for one in range(1, 1_000))


def test_what_did_not_come_up_costs_no_points() -> None:
    assert points_percent([2, 2]) == 100
    assert points_percent([2, 1, 0]) == 50
    assert points_percent([]) == 100


def test_every_criterion_has_words_in_every_language() -> None:
    library = default_library()
    for criterion in qa_policy().criteria:
        assert set(library.labels_of(f"qa.{criterion}")) == set(library.languages)
