"""A person arranges a day or a plan for the borrower they talk with, who keeps the last word."""

import pytest

from bot.rules.plan_standing import PlanState
from storage.records import Role, WorkKind
from tests.telegram.conversation import Person
from tests.telegram.late import LATE
from tests.telegram.lending import Client, LendingTown


async def _in_hand(town: LendingTown, client: Client, person: Person) -> None:
    await client.says("/human")
    [task] = await town.tasks(client, WorkKind.CHAT)
    await person.says(f"/take {task.work_id}")
    client.looks_away()


async def _states(client: Client) -> list[PlanState]:
    return [standing.state for _, standing in (await client.town.situation(client)).plans]


async def test_a_day_that_was_named_to_a_person_is_noted_and_can_be_taken_back(
    town_anywhere: LendingTown,
) -> None:
    town = town_anywhere
    maria = await town.client("Maria Lopez", owes=[LATE])
    lin = await town.staff("Lin")
    await _in_hand(town, maria, lin)

    await lin.says("/promise 2026-11-27 500")

    lin.sees("Noted: CN¥500.00 on 27 November 2026")
    told = maria.hears("Lin has noted what you said: CN¥500.00 on 27 November 2026")
    assert (await town.situation(maria)).open_promise is not None
    await maria.taps("Take it back", on=told)
    assert (await town.situation(maria)).open_promise is None
    lin.sees("Take it back")


@pytest.mark.parametrize(
    ("typed", "answer"),
    [
        ("/promise", "Write the day and the amount"),
        ("/promise tomorrow 500", "Write the day and the amount"),
        ("/promise 2026-11-27", "Write the day and the amount"),
        ("/promise 2026-11-27 500 USD", "Write the day and the amount"),
        ("/promise 2026-11-21 500", "passed"),
        ("/promise 2026-12-27 500", "6 December 2026"),
        ("/promise 2026-11-27 0", "more than zero"),
        ("/promise 2026-11-27 1200.01", "CN¥1,200.00"),
        ("/plan", "Write the number of monthly parts"),
        ("/plan 0", "Write the number of monthly parts"),
        ("/plan many", "Write the number of monthly parts"),
        ("/plan 900", "at least CN¥20.00"),
    ],
)
async def test_what_cannot_be_arranged_is_answered(
    town: LendingTown, typed: str, answer: str
) -> None:
    maria = await town.client(owes=[LATE])
    lin = await town.staff("Lin")
    await _in_hand(town, maria, lin)

    await lin.says(typed)

    lin.sees(answer)
    maria.hears_nothing()


async def test_without_a_case_in_hand_nothing_is_arranged(town: LendingTown) -> None:
    maria = await town.client(owes=[LATE])
    lin = await town.staff("Lin")

    for typed in ("/promise 2026-11-27 500", "/plan 3"):
        await lin.says(typed)
        lin.sees("no case")
    assert (await town.situation(maria)).open_promise is None


async def test_a_plan_worked_out_together_starts_with_the_borrowers_yes(
    town_anywhere: LendingTown,
) -> None:
    town = town_anywhere
    maria = await town.client("Maria Lopez", owes=[LATE])
    lin = await town.staff("Lin")
    await _in_hand(town, maria, lin)

    await lin.says("/plan 4 freeze")

    lin.sees("starts with their yes")
    told = maria.hears("talked about with a colleague", "4. CN¥300.00", "no further interest")
    assert await _states(maria) == [PlanState.APPROVED]
    await maria.taps("I agree", on=told)
    maria.sees("the plan starts today", "4. CN¥300.00")
    assert await _states(maria) == [PlanState.AGREED]
    lin.sees("I agree")


async def test_a_plan_beyond_a_collectors_word_waits_for_who_leads(town: LendingTown) -> None:
    maria = await town.client(owes=[LATE])
    lin, grace = await town.staff("Lin"), await town.staff("Grace", Role.SUPERVISOR)
    await _in_hand(town, maria, lin)

    await lin.says("/plan 20")

    lin.sees("yes of somebody who leads")
    maria.hears_nothing()
    [review] = await town.tasks(maria, WorkKind.PLAN_REVIEW)
    await grace.says(f"/take {review.work_id}")
    await grace.taps("approve")
    maria.hears("has approved the plan")


async def test_changing_a_plan_for_the_borrower_is_for_who_leads(town: LendingTown) -> None:
    maria = await town.client(owes=[LATE])
    lin, grace = await town.staff("Lin"), await town.staff("Grace", Role.SUPERVISOR)
    await maria.says("/plan 2")
    await maria.taps("I agree")
    await _in_hand(town, maria, lin)
    await lin.says("/plan 3")
    lin.sees("yes of somebody who leads")
    [review] = await town.tasks(maria, WorkKind.PLAN_REVIEW)
    await grace.says(f"/take {review.work_id}")
    await grace.taps("approve")

    told = maria.hears("has approved the plan", "Your present plan ends with it")
    await maria.taps("I agree", on=told)

    assert await _states(maria) == [PlanState.CANCELLED, PlanState.AGREED]
