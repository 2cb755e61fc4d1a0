"""A part of a debt is let go: one proposes, another decides, the borrower hears it after that."""

from collections.abc import Sequence
from datetime import date
from typing import Any

import pytest
from sqlalchemy import select

from bot.errors import NotAllowed
from bot.services import exporting
from bot.services.cases import waivers
from bot.services.exporting import ExportKind
from storage.records import Component, Role, WorkKind
from storage.schema import audit
from tests.telegram.conversation import Person
from tests.telegram.lending import Client, LendingTown, Owed

LATE = Owed("1200.00", due=date(2026, 11, 17), interest="60.00", penalty="35.00")


async def _in_hand(town: LendingTown, client: Client, person: Person) -> None:
    """The borrower asks for a person, and this one comes."""
    await client.says("/human")
    [task] = await town.tasks(client, WorkKind.CHAT)
    await person.says(f"/take {task.work_id}")
    client.looks_away()


async def _review(town: LendingTown, client: Client) -> int:
    [task] = await town.tasks(client, WorkKind.WAIVER_REVIEW)
    return int(task.work_id)


async def _audited(town: LendingTown) -> Sequence[Any]:
    async with town.storage.reading() as tx:
        return await tx.all(
            select(audit.c.act, audit.c.actor, audit.c.details)
            .where(audit.c.act.like("waiver.%"))
            .order_by(audit.c.id)
        )


async def _owes(client: Client) -> str:
    return str((await client.town.situation(client)).standing.due["CNY"])


async def test_one_proposes_another_approves_and_the_borrower_hears_what_is_let_go(
    town_anywhere: LendingTown,
) -> None:
    town = town_anywhere
    maria = await town.client("Maria Lopez", owes=[LATE])
    lin, grace = await town.staff("Lin"), await town.staff("Grace", Role.SUPERVISOR)
    await grace.says("/shift on")
    await _in_hand(town, maria, lin)

    await lin.says("/waive 35 penalty three weeks in hospital")

    lin.sees("CN¥35.00 of late charges", "promise the borrower nothing")
    maria.hears_nothing()
    assert await _owes(maria) == "1295.00"
    card = grace.sees(
        "Lin proposes to waive CN¥35.00 of the late charges", "Owed of it: CN¥35.00",
        "three weeks in hospital", "Maria Lopez", "B-1",
    )  # fmt: skip
    await grace.taps("approve", on=card)

    grace.sees("approve")
    lin.sees("Grace approved it")
    told = maria.hears("CN¥35.00 of the late charges on your Home loan are waived", "CN¥1,260.00")
    assert "waive" not in told.text.splitlines()[0]
    assert await _owes(maria) == "1260.00"
    proposed, approved = await _audited(town)
    assert (proposed.act, proposed.actor) == ("waiver.proposed", approved.details["proposed_by"])
    assert approved.act == "waiver.approved"
    assert approved.actor != proposed.actor


async def test_the_story_in_chinese(town: LendingTown) -> None:
    fang = await town.client("王芳", owes=[LATE], language="zh-Hans")
    lin = await town.staff("小林", language="zh-Hans")
    grace = await town.staff("主管", Role.SUPERVISOR, language="zh-Hans")
    await grace.says("/shift on")
    await _in_hand(town, fang, lin)

    await lin.says("/waive")
    await lin.taps("罚息 ¥35.00")
    lin.sees("请写明理由")
    await lin.says("20 住院三周")

    lin.sees("减免罚息 ¥20.00")
    await grace.taps("同意", on=grace.sees("小林 申请减免罚息 ¥20.00", "住院三周"))
    fang.hears("罚息 ¥20.00，减免已经批准", "现在应还 ¥1,275.00")
    await fang.says("/balance")


async def test_rejected_is_told_to_the_proposer_alone(town: LendingTown) -> None:
    maria = await town.client(owes=[LATE])
    lin, grace = await town.staff("Lin"), await town.staff("Grace", Role.SUPERVISOR)
    await _in_hand(town, maria, lin)
    await lin.says("/waive full penalty she asked")
    number = await _review(town, maria)

    await grace.says(f"/take {number}")
    grace.sees("Lin proposes to waive CN¥35.00")
    await grace.says("/close rejected")

    lin.sees("Grace did not approve it", "stay owed")
    maria.hears_nothing()
    assert await _owes(maria) == "1295.00"
    assert [one.act for one in await _audited(town)] == ["waiver.proposed", "waiver.rejected"]
    await lin.says("/waive full penalty she asked again")
    lin.sees("Proposed as")


async def test_nobody_decides_about_their_own_proposal(town_anywhere: LendingTown) -> None:
    town = town_anywhere
    maria = await town.client("Maria Lopez", owes=[LATE])
    grace = await town.staff("Grace", Role.SUPERVISOR)
    dana = await town.staff("Dana", Role.ADMIN)
    await grace.says("/shift on")
    await grace.says("/waive L-B-1-1 35 penalty three weeks in hospital")
    number = await _review(town, maria)

    for attempt in (f"/waive {number} approved", f"/take {number}"):
        await grace.says(attempt)
        grace.sees("somebody else has to decide")
    await grace.says("/queue")
    assert f"take:{number}" not in grace.last.buttons.values()

    await dana.taps("approve", on=dana.sees("Grace proposes"))  # nobody else leads at this hour
    grace.sees("Dana approved it")
    assert await _owes(maria) == "1260.00"


@pytest.mark.parametrize("role", [Role.COLLECTOR, Role.AUDITOR, Role.COMPLIANCE])
async def test_only_who_leads_may_give_the_second_yes(town: LendingTown, role: Role) -> None:
    maria = await town.client(owes=[LATE])
    lin = await town.staff("Lin")
    await _in_hand(town, maria, lin)
    await lin.says("/waive 35 penalty three weeks in hospital")
    number = await _review(town, maria)
    other = await town.staff("Otto", role)

    await other.says(f"/waive {number} approved")

    other.sees("role")
    assert await _owes(maria) == "1295.00"


async def test_of_two_answers_one_counts(town: LendingTown) -> None:
    maria = await town.client(owes=[LATE])
    lin = await town.staff("Lin")
    leaders = [await town.staff(name, Role.SUPERVISOR) for name in ("Grace", "Omar")]
    for one in leaders:
        await one.says("/shift on")
    await _in_hand(town, maria, lin)
    await lin.says("/waive 35 penalty three weeks in hospital")

    grace, omar = leaders
    await grace.taps("reject", on=grace.sees("Lin proposes"))
    await omar.taps("approve", on=omar.sees("Lin proposes"))

    assert await _owes(maria) == "1295.00"
    maria.hears_nothing()
    assert [one.act for one in await _audited(town)] == ["waiver.proposed", "waiver.rejected"]


@pytest.mark.parametrize(
    ("typed", "answer"),
    [
        ("/waive 35.01 penalty hospital", "more than is owed"),
        ("/waive 0 penalty hospital", "above zero"),
        ("/waive -5 penalty hospital", "above zero"),
        ("/waive 5 USD penalty hospital", "in CNY"),
        ("/waive lots penalty hospital", "in CNY"),
        ("/waive 5 fees hospital", "Nothing of the fees is unpaid"),
        ("/waive 5 principal hospital", "principal: not waived here"),
        ("/waive 5 penalty", "has to know why"),
        ("/waive 5", "Write the amount"),
        ("/waive nothing of this", "Write the amount"),
        ("/waive 5 penalty " + "why " * 100, "up to 300 characters"),
        ("/waive L-NOBODY 5 penalty hospital", "in CNY"),
    ],
)
async def test_what_cannot_be_waived_is_answered_with_the_reason(
    town: LendingTown, typed: str, answer: str
) -> None:
    maria = await town.client(owes=[LATE])
    lin = await town.staff("Lin")
    await _in_hand(town, maria, lin)

    await lin.says(typed)

    lin.sees(answer)
    assert not await town.tasks(maria, WorkKind.WAIVER_REVIEW)


async def test_two_proposals_for_one_loan_are_one_after_the_other(
    town_anywhere: LendingTown,
) -> None:
    town = town_anywhere
    maria = await town.client("Maria Lopez", owes=[LATE])
    lin = await town.staff("Lin")
    await _in_hand(town, maria, lin)
    await lin.says("/waive 35 penalty three weeks in hospital")

    await lin.says("/waive 10 interest three weeks in hospital")

    lin.sees("waiting for its answer already")
    assert len(await town.tasks(maria, WorkKind.WAIVER_REVIEW)) == 1


async def test_a_loan_that_is_paid_off_has_nothing_to_waive(town: LendingTown) -> None:
    maria = await town.client(owes=[LATE])
    grace = await town.staff("Grace", Role.SUPERVISOR)
    await maria.pays("1295.00")

    await grace.says("/waive L-B-1-1 35 penalty three weeks in hospital")

    grace.sees("Nothing of the late charges is unpaid")


async def test_with_several_loans_the_one_has_to_be_named(town: LendingTown) -> None:
    car = Owed("500.00", due=date(2026, 11, 17), loan="2", product="Car loan", penalty="8.00")
    maria = await town.client(owes=[LATE, car])
    lin = await town.staff("Lin")
    await _in_hand(town, maria, lin)

    await lin.says("/waive 8 penalty three weeks in hospital")
    lin.sees("Which loan", "L-B-1-1, L-B-1-2")
    await lin.says("/waive L-B-1-2 8 penalty three weeks in hospital")

    lin.sees("CN¥8.00 of late charges")


async def test_a_collector_proposes_only_for_who_is_in_their_hands(town: LendingTown) -> None:
    maria = await town.client(owes=[LATE])
    other = await town.client("Ana Silva", owes=[LATE])
    lin = await town.staff("Lin")
    await lin.says("/waive 35 penalty hospital")
    lin.sees("Write the amount")
    await _in_hand(town, maria, lin)

    await lin.says("/waive L-B-2-1 35 penalty hospital")

    lin.sees("whom you may see")
    assert not await town.tasks(other, WorkKind.WAIVER_REVIEW)


async def test_an_auditor_proposes_nothing(town: LendingTown) -> None:
    maria = await town.client(owes=[LATE])
    member = await town.staff_member("Otto", Role.AUDITOR)
    situation = await town.situation(maria)

    async with town.storage.transaction() as tx:
        with pytest.raises(NotAllowed):
            await waivers.propose_waiver(
                tx, town.office, member, maria.borrower_id, situation.facts.loans[0].loan_id,
                Component.PENALTY, None, "hospital", town.now,
            )  # fmt: skip


async def test_what_was_paid_meanwhile_cannot_be_approved_any_more(town: LendingTown) -> None:
    maria = await town.client(owes=[LATE])
    lin, grace = await town.staff("Lin"), await town.staff("Grace", Role.SUPERVISOR)
    await grace.says("/shift on")
    await _in_hand(town, maria, lin)
    await lin.says("/waive 35 penalty three weeks in hospital")
    await maria.pays("20.00")  # late charges are paid first

    await grace.taps("approve", on=grace.sees("Lin proposes"))

    grace.sees("CN¥35.00 were to be waived", "only CN¥15.00")
    assert await _owes(maria) == "1275.00"


async def test_what_newer_figures_took_away_cannot_be_approved_any_more(
    town: LendingTown,
) -> None:
    maria = await town.client(owes=[LATE])
    lin, grace = await town.staff("Lin"), await town.staff("Grace", Role.SUPERVISOR)
    await _in_hand(town, maria, lin)
    await lin.says("/waive 35 penalty three weeks in hospital")
    number = await _review(town, maria)
    town.later(days=1)
    await maria.now_owes(Owed("1200.00", due=date(2026, 11, 17), interest="60.00"))

    await grace.says(f"/waive {number} approved")
    grace.sees("only CN¥0.00 of it are owed now", "22 November 2026")
    await grace.says(f"/waive {number} rejected")

    lin.sees("did not approve it")


async def test_figures_of_the_waivers_day_or_later_have_it_in_them(
    town_anywhere: LendingTown,
) -> None:
    """As payments: what the lender says of that day counts, whether it was booked there or not."""
    town = town_anywhere
    maria = await town.client("Maria Lopez", owes=[LATE])
    lin, grace = await town.staff("Lin"), await town.staff("Grace", Role.SUPERVISOR)
    await _in_hand(town, maria, lin)
    await lin.says("/waive 35 penalty three weeks in hospital")
    await grace.says(f"/waive {await _review(town, maria)} approved")
    assert await _owes(maria) == "1260.00"

    await maria.now_owes(LATE, as_of=date(2026, 11, 21))  # of the day before, told again
    assert await _owes(maria) == "1260.00"
    town.later(days=1)
    await maria.now_owes(Owed("1200.00", due=date(2026, 11, 17), interest="60.00"))
    assert await _owes(maria) == "1260.00"
    town.later(days=1)
    await maria.now_owes(LATE)

    assert await _owes(maria) == "1295.00"


async def test_the_lender_takes_over_what_was_waived(town: LendingTown) -> None:
    maria = await town.client(owes=[LATE])
    lin, grace = await town.staff("Lin"), await town.staff("Grace", Role.SUPERVISOR)
    await _in_hand(town, maria, lin)
    since = town.now
    await lin.says("/waive 35 penalty three weeks in hospital")
    await grace.says(f"/waive {await _review(town, maria)} approved")
    await lin.says("/waive 10 interest three weeks in hospital")
    await grace.says(f"/waive {await _review(town, maria)} rejected")

    async with town.storage.reading() as tx:
        rows = [row async for row in exporting.rows(tx, ExportKind.WAIVERS, since, town.now)]

    [row] = rows
    assert {key: row[key] for key in ("borrower_ref", "loan_ref", "component", "amount")} == {
        "borrower_ref": "B-1", "loan_ref": "L-B-1-1", "component": "penalty", "amount": "35.00",
    }  # fmt: skip
    assert row["waived_on"] == "2026-11-22"
    assert row["proposed_by"] != row["approved_by"]


async def test_words_long_after_the_question_are_a_note_and_no_reason(town: LendingTown) -> None:
    maria = await town.client(owes=[LATE])
    lin = await town.staff("Lin")
    await _in_hand(town, maria, lin)
    await lin.says("/waive")
    await lin.taps("late charges CN¥35.00")
    town.later(minutes=11)

    await lin.says("She will call tomorrow")

    lin.sees("Noted on")
    assert not await town.tasks(maria, WorkKind.WAIVER_REVIEW)


async def test_a_question_called_off_proposes_nothing(town: LendingTown) -> None:
    maria = await town.client(owes=[LATE])
    lin = await town.staff("Lin")
    await _in_hand(town, maria, lin)
    await lin.says("/waive")
    await lin.taps("late charges CN¥35.00")
    await lin.taps("No waiver")
    lin.sees("Nothing was proposed")

    await lin.says("three weeks in hospital")

    assert not await town.tasks(maria, WorkKind.WAIVER_REVIEW)
