"""A plan with a sum at once, with frozen interest, changed on the way, or paid off early."""

from collections.abc import Sequence

import pytest

from bot.rules.plan_standing import PlanState
from bot.services import exporting
from bot.services.exporting import ExportKind
from storage.records import Interest, Role, WorkKind
from tests.telegram.conversation import Person
from tests.telegram.late import LATE
from tests.telegram.lending import Client, LendingTown, Owed


async def _states(client: Client) -> Sequence[PlanState]:
    return [standing.state for _, standing in (await client.town.situation(client)).plans]


async def _takes(client: Client, person: Person) -> None:
    """A person takes the review of the borrower's proposal."""
    [task] = await client.town.tasks(client, WorkKind.PLAN_REVIEW)
    client.looks_away()
    await person.says(f"/take {task.work_id}")


# a sum at once


async def test_a_longer_plan_starts_at_once_with_a_tenth_paid_first(
    town_anywhere: LendingTown,
) -> None:
    maria = await town_anywhere.client("Maria Lopez", owes=[LATE])
    await maria.says("/plan 6")
    maria.hears("A colleague has to look", "within a day")
    await maria.taps("Start now with a first amount: CN¥120.00")

    maria.hears(
        "CN¥1,200.00 in all", "At once: CN¥120.00, by 25 November 2026", "1. CN¥180.00",
        "6. CN¥180.00", "first amount has not come by its day, the plan does not go on",
    )  # fmt: skip
    await maria.taps("I agree")

    maria.hears("the plan starts today", "At once: CN¥120.00, by 25 November 2026")
    assert await _states(maria) == [PlanState.CANCELLED, PlanState.AGREED]
    assert not await town_anywhere.tasks(maria, WorkKind.PLAN_REVIEW)


@pytest.mark.parametrize(
    ("typed", "at_once", "part"),
    [
        ("/plan 6 down 120", "120.00", "180.00"), ("/plan 6 with 300 down", "300.00", "150.00"),
        ("/plan 6 首付200", "200.00", "166.66"), ("/plan 6 deposit 50%", "600.00", "100.00"),
    ],
)  # fmt: skip
async def test_the_sum_at_once_can_be_typed(
    maria: Client, typed: str, at_once: str, part: str
) -> None:
    await maria.says(typed)

    maria.hears(f"At once: CN¥{at_once}", f"1. CN¥{part}")


async def test_less_than_a_tenth_at_once_is_for_a_person(maria: Client) -> None:
    await maria.says("/plan 6 down 119.99")

    maria.hears("A colleague has to look", "At once: CN¥119.99")


@pytest.mark.parametrize(
    "typed", ["/plan 6 down 0", "/plan 6 down 1200", "/plan 6 down 5000", "/plan 6 down -5"]
)
async def test_a_sum_at_once_that_cannot_be_is_answered(maria: Client, typed: str) -> None:
    await maria.says(typed)

    maria.hears("above zero and less than CN¥1,200.00")
    assert not await _states(maria)


async def test_no_sum_at_once_is_offered_where_it_changes_nothing(maria: Client) -> None:
    for parts in (3, 12):  # approved without it, and looked at in spite of it
        await maria.says(f"/plan {parts}")
        assert not [one for one in maria.new[-1].buttons if "first amount" in one]


async def test_the_sum_at_once_is_reminded_of_and_paid_the_plan_goes_on(
    town: LendingTown, maria: Client
) -> None:
    await maria.says("/plan 6 down 120")
    await maria.taps("I agree")
    maria.looks_away()
    await town.until("2026-11-24T20:00")

    [note] = maria.new
    assert town.arrived_at(note) == "2026-11-24 10:00"
    assert "CN¥120.00" in note
    assert "25 November 2026" in note
    await maria.pays("120.00", leaves=[Owed("1080.00", due=LATE.due)])
    assert maria.hears("CN¥120.00").script == "thanks.payment"
    await town.until("2026-11-27T20:00")

    assert await _states(maria) == [PlanState.ACTIVE]
    maria.hears_nothing()


async def test_a_sum_at_once_that_does_not_come_ends_the_plan(
    town: LendingTown, maria: Client
) -> None:
    await maria.says("/plan 6 down 120")
    await maria.taps("I agree")

    await town.until("2026-11-25T20:00")
    assert await _states(maria) == [PlanState.AGREED]
    await town.until("2026-11-26T20:00")

    assert await _states(maria) == [PlanState.BROKEN]


async def test_a_sum_at_once_in_chinese(town: LendingTown) -> None:
    fang = await town.client("王芳", owes=[LATE], language="zh-Hans")
    await fang.says("/plan 6")
    await fang.taps("先付首付，现在就开始: ¥120.00")

    fang.hears("首付：¥120.00，最晚 2026年11月25日", "首付到期没付到，方案就不继续了")


# interest


async def test_interest_is_frozen_by_a_person_alone_and_stands_in_the_terms(
    town_anywhere: LendingTown,
) -> None:
    town = town_anywhere
    maria = await town.client("Maria Lopez", owes=[LATE])
    lin = await town.staff("Lin")
    await maria.says("/plan 6")
    await _takes(maria, lin)
    await lin.taps("approve, no further interest")

    told = maria.hears("has approved the plan", "no further interest is added")
    assert "as your contract says" not in told
    await maria.taps("I agree", on=told)
    maria.hears("the plan starts today", "no further interest is added")
    [plan] = (await town.situation(maria)).facts.plans
    assert plan.interest is Interest.FREEZE
    async with town.storage.reading() as tx:
        rows = [
            row async for row in exporting.rows(tx, ExportKind.PLANS, plan.proposed_at, town.now)
        ]
    assert {row["interest"] for row in rows} == {"freeze"}


async def test_without_a_decision_interest_goes_on_as_the_contract_says(maria: Client) -> None:
    await maria.says("/plan 3")

    maria.hears("Interest goes on as your contract says")


async def test_a_person_offers_everything_owed_in_parts_without_interest(
    town: LendingTown,
) -> None:
    maria = await town.client(owes=[Owed("1200.00", due=LATE.due, outstanding="6000.00")])
    lin = await town.staff("Lin")
    await maria.says("/plan 6")
    await _takes(maria, lin)

    await lin.says("/counter 12 all freeze")

    told = maria.hears("CN¥6,000.00 in all", "12. CN¥500.00", "no further interest is added")
    await maria.taps("I agree", on=told)
    maria.hears("the plan starts today")
    assert (await town.situation(maria)).facts.plans[-1].covers_all


# another plan in its place


async def test_a_plan_is_changed_by_a_person_and_the_old_one_goes_on_until_the_yes(
    town_anywhere: LendingTown,
) -> None:
    town = town_anywhere
    maria = await town.client("Maria Lopez", owes=[LATE])
    grace = await town.staff("Grace", Role.SUPERVISOR)
    await maria.says("/plan 2")
    await maria.taps("I agree")
    town.later(days=1)

    await maria.says("/plan")
    maria.hears("CN¥1,200.00 of CN¥1,200.00 to go", "Next: CN¥600.00 on 7 December 2026")
    await maria.taps("Other parts")
    maria.hears("A colleague will look at it")
    await maria.taps("3 × CN¥400.00")  # three months would be approved at once, were it the first
    maria.hears("A colleague has to look", "your present plan goes on")
    assert await _states(maria) == [PlanState.AGREED, PlanState.UNDER_REVIEW]
    await _takes(maria, grace)
    grace.sees("take the place of the plan under way")
    await grace.taps("approve")
    told = maria.hears("has approved the plan", "Your present plan ends with it")
    assert await _states(maria) == [PlanState.AGREED, PlanState.APPROVED]
    await maria.taps("I agree", on=told)

    maria.hears("the plan starts today", "3. CN¥400.00")
    assert await _states(maria) == [PlanState.CANCELLED, PlanState.AGREED]
    old, new = (await town.situation(maria)).facts.plans
    assert new.replaces == old.plan_id


async def test_words_change_a_plan_too_and_no_leaves_the_old_one(
    town: LendingTown, maria: Client
) -> None:
    grace = await town.staff("Grace", Role.SUPERVISOR)
    await maria.says("/plan 2")
    await maria.taps("I agree")
    await maria.says("can I pay in 3 instalments?")
    maria.hears("your present plan goes on")
    await _takes(maria, grace)
    await grace.says("/close approved")
    await maria.taps("Not this one", on=maria.sees("has approved"))

    maria.hears("does not start")
    assert await _states(maria) == [PlanState.AGREED, PlanState.CANCELLED]
    await maria.says("/plan")
    maria.hears("Next: CN¥600.00 on 7 December 2026")


async def test_a_second_plan_within_twelve_months_is_for_who_leads(
    town: LendingTown, maria: Client
) -> None:
    lin, grace = await town.staff("Lin"), await town.staff("Grace", Role.SUPERVISOR)
    await maria.says("/plan 2")
    await maria.taps("I agree")
    town.at("2027-03-01T12:00")  # both parts missed: the plan is broken
    await maria.now_owes(LATE)
    await maria.says("/plan 3")
    maria.hears("A colleague has to look", "nothing has started")
    await _takes(maria, lin)
    await lin.taps("approve")
    lin.sees("role")
    await lin.says("/shift off")

    await _takes(maria, grace)
    await grace.taps("approve")

    maria.hears("has approved the plan")
    assert await _states(maria) == [PlanState.BROKEN, PlanState.APPROVED]


async def test_what_was_paid_counts_for_the_plan_that_was_under_way(
    town: LendingTown, maria: Client
) -> None:
    grace = await town.staff("Grace", Role.SUPERVISOR)
    await maria.says("/plan 2")
    await maria.taps("I agree")
    town.later(days=1)
    await maria.pays("200.00", leaves=[Owed("1000.00", due=LATE.due)])
    await maria.says("/plan 4")
    await _takes(maria, grace)
    await grace.taps("approve")
    await maria.taps("I agree", on=maria.sees("has approved"))

    situation = await town.situation(maria)
    (_, old), (plan, new) = situation.plans
    assert old.state is PlanState.CANCELLED
    assert old.paid.minor == 20_000
    assert (str(plan.balance), new.paid.minor) == ("1000.00", 0)


# paid off before its end, or made smaller


async def test_what_settles_everything_is_shown_and_paying_it_completes_the_plan(
    town_anywhere: LendingTown,
) -> None:
    town = town_anywhere
    maria = await town.client(
        "Maria Lopez", owes=[Owed("1200.00", due=LATE.due, outstanding="3000.00")]
    )
    await maria.says("/plan 3")
    await maria.taps("I agree")
    town.later(days=1)
    await maria.says("/plan")
    await maria.taps("Settle everything")
    maria.hears(
        "settle everything today: CN¥3,000.00", "For your plan alone: CN¥1,200.00",
        "the Payments page of our app", "Reference: L-B-1-1",
    )  # fmt: skip
    await maria.says("/pay all")
    maria.hears("settle everything today: CN¥3,000.00")

    await maria.pays("3000.00")

    assert await _states(maria) == [PlanState.COMPLETED]
    maria.hears("CN¥3,000.00", "your plan is complete", "thank you")
    await maria.says("/pay all")
    maria.hears("nothing for you to pay")


async def test_the_last_part_paid_is_thanked_for_as_the_end_of_the_plan(
    town: LendingTown, maria: Client
) -> None:
    await maria.says("/plan 2")
    await maria.taps("I agree")
    town.at("2026-12-07T12:00")
    await maria.now_owes(LATE)
    await maria.pays("600.00")
    maria.hears("CN¥600.00")
    assert maria.last.script == "thanks.payment"

    town.at("2027-01-06T12:00")
    await maria.now_owes(Owed("600.00", due=LATE.due))
    await maria.pays("600.00")

    assert maria.last.script == "thanks.plan_completed"


async def test_what_is_waived_shortens_the_plan_from_its_end(town: LendingTown) -> None:
    maria = await town.client(owes=[Owed("1100.00", due=LATE.due, penalty="100.00")])
    grace, dana = await town.staff("Grace", Role.SUPERVISOR), await town.staff("Dana", Role.ADMIN)
    await maria.says("/plan 3")
    await maria.taps("I agree")
    town.later(days=1)

    await grace.says("/waive L-B-1-1 100 penalty three weeks in hospital")
    await dana.taps("approve", on=dana.sees("Grace proposes"))

    [(_, standing)] = (await town.situation(maria)).plans
    assert [part.amount for part in standing.instalments] == [40_000, 40_000, 30_000]
    assert str(standing.left) == "1100.00"


# what becomes of a missed part


async def test_a_missed_part_is_told_with_its_new_place_and_the_plan_goes_on(
    town_anywhere: LendingTown,
) -> None:
    town = town_anywhere
    maria = await town.client("Maria Lopez", owes=[LATE])
    await maria.says("/plan 2")
    await maria.taps("I agree")
    await town.until("2026-12-08T12:00")
    maria.looks_away()

    await town.until("2026-12-13T12:00")

    [note] = maria.new
    assert note.script == "note.instalment_missed"
    assert town.arrived_at(note) == "2026-12-11 10:00"  # after three business days
    assert "7 December 2026" in note
    assert "CN¥600.00" in note
    assert "on 11 February 2027; the plan goes on" in note  # after the New Year's days off
    assert await _states(maria) == [PlanState.AT_RISK]


async def test_two_missed_in_a_row_end_the_plan_and_somebody_looks(
    town: LendingTown, maria: Client
) -> None:
    await maria.says("/plan 3")
    await maria.taps("I agree")
    await town.until("2027-01-10T12:00")

    await town.until("2027-01-13T12:00")

    assert await _states(maria) == [PlanState.BROKEN]
    assert [one.script for one in maria.new] == ["note.plan_broken"]
    maria.sees("could not go on", "CN¥1,200.00", "Something may have come up")
    [review] = await town.tasks(maria, WorkKind.REVIEW)
    assert review.note == "plan_broken"


async def test_a_missed_part_that_comes_within_the_grace_was_not_missed(
    town: LendingTown, maria: Client
) -> None:
    await maria.says("/plan 2")
    await maria.taps("I agree")
    await town.until("2026-12-10T11:00")
    await maria.pays("600.00", leaves=[Owed("600.00", due=LATE.due)])

    await town.until("2026-12-14T12:00")

    assert "note.instalment_missed" not in [one.script for one in maria.chat]
    assert await _states(maria) == [PlanState.ACTIVE]
