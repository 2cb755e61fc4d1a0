"""Who comes back within three days goes on where they were: the same case, the same colleague."""

from bot.services.cases import handoff
from storage import cases, transcript, work
from storage.records import Actor, CaseId, HandoffReason, Role, WorkKind
from tests.telegram.conversation import BOARD, Borrower, Person, Town


async def a_talk(anna: Borrower, lin: Person, code: str = "info_given") -> None:
    await anna.says("/human")
    await lin.says("/next")
    await lin.says("/reply A fee was added on Monday.")
    await lin.says(f"/close {code}")


async def test_within_the_window_it_is_the_same_case_under_the_same_number(
    town_on_both: Town,
) -> None:
    town = town_on_both
    anna, lin = await town.borrower("B1", "Anna Berg"), await town.staff("Lin")
    await a_talk(anna, lin)
    town.later(hours=70)
    await anna.says("/balance")
    await anna.says("/human")
    assert "#1" in town.chats[BOARD][-1].text
    assert "waiting since" in town.chats[BOARD][-1].text
    assert "Take" in town.chats[BOARD][-1].buttons
    await lin.taps("Take", chat=BOARD)
    lin.sees("#1 Anna Berg", "/balance")
    async with town.storage.reading() as tx:
        assert await cases.of_borrower(tx, anna.borrower_id) == [CaseId(1)]
        case = await cases.case(tx, CaseId(1))
    assert case is not None
    assert (case.reopened, case.closed_at, case.since) == (1, None, case.since)
    assert case.since > case.opened_at


async def test_after_the_window_it_is_a_new_case(town: Town, anna: Borrower, lin: Person) -> None:
    await a_talk(anna, lin)
    town.later(hours=73)
    await anna.says("/human")
    async with town.storage.reading() as tx:
        assert len(await cases.of_borrower(tx, anna.borrower_id)) == 2


async def test_the_colleague_of_the_last_time_is_asked_first(
    town: Town, anna: Borrower, lin: Person
) -> None:
    others = [await town.staff(name) for name in ("Dana", "Moe", "Kim")]
    await a_talk(anna, lin)
    for one in others:
        await one.says("/shift on")
    await anna.says("/human")
    await town.ticks()
    lin.sees("Can you take #1?")


async def test_a_colleague_who_is_not_at_work_is_not_waited_for(
    town: Town, anna: Borrower, lin: Person
) -> None:
    await a_talk(anna, lin)
    await lin.says("/shift off")
    dana = await town.staff("Dana")
    await dana.says("/shift on")
    await anna.says("/human")
    await town.ticks()
    dana.sees("Can you take #1?")


async def test_its_transcript_goes_on_and_holds(town: Town, anna: Borrower, lin: Person) -> None:
    sue = await town.staff("Sue", Role.SUPERVISOR)
    await a_talk(anna, lin)
    await anna.says("/balance")
    await a_talk(anna, lin, "other")
    async with town.storage.reading() as tx:
        entries = await transcript.entries(tx, CaseId(1))
    acts = [one.content["act"] for one in entries if one.kind == transcript.ACT]
    assert [one for one in acts if one.startswith("case.") and "viewed" not in one] == [
        "case.opened", "case.taken", "case.closed", "case.reopened", "case.taken", "case.closed",
    ]  # fmt: skip
    said = [one for one in entries if one.content.get("text") == "/balance"]
    assert [one.content.get("before") for one in said] == [True]
    await sue.says("/transcript 1")
    sue.sees("Nothing was changed")


async def test_a_second_dispute_in_it_is_work_of_its_own(
    town: Town, anna: Borrower, lin: Person
) -> None:
    await anna.says("/dispute")
    await lin.says("/next")
    await lin.says("/close other")
    await lin.says("/next")  # the check of the figures
    await lin.says("/close lender_right")
    town.later(hours=3)
    await anna.says("/dispute")
    await lin.says("/take 1")
    await lin.says("/close other")
    async with town.storage.reading() as tx:
        waiting = await work.waiting(tx)
    assert [one.kind for one in waiting if one.kind is WorkKind.DISPUTE] == [WorkKind.DISPUTE]


async def test_a_second_danger_to_life_calls_the_responders_again(
    town: Town, anna: Borrower, lin: Person
) -> None:
    cora = await town.staff("Cora", Role.COMPLIANCE)
    for _ in range(2):
        async with town.storage.transaction() as tx:
            actor = Actor.borrower(anna.borrower_id)
            await handoff.start(
                tx, town.office, actor, anna.borrower_id, HandoffReason.CRISIS, town.now
            )
        await town.deliver()
        assert "Urgent #1" in cora.last
        await cora.says("/take 1")
        await cora.says("/close other")
        town.later(hours=1)
    assert len([one for one in cora.chat if "Urgent #1" in one]) == 2


async def test_a_reason_that_brought_people_in_once_does_not_do_so_again(
    town: Town, anna: Borrower, lin: Person
) -> None:
    broken = HandoffReason.SECOND_BROKEN_PROMISE
    began = town.now
    async with town.storage.transaction() as tx:
        await handoff.start(tx, town.office, Actor.system(), anna.borrower_id, broken, town.now)
    await lin.says("/next")
    await lin.says("/close other")
    await a_talk(anna, lin)  # the same case, for another reason
    async with town.storage.reading() as tx:
        assert await cases.opened_since(tx, anna.borrower_id, broken, began)
        assert not await cases.opened_since(tx, anna.borrower_id, broken, town.now)
