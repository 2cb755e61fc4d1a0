"""Paying in parts: offered, proposed, shown in full, agreed; or looked at by a person first."""

from datetime import date

import pytest

from bot.errors import NotAllowed, Refusal
from bot.rules.plan_standing import PlanState
from bot.rules.promise import PromiseOutcome
from bot.services import plans
from storage.records import PlanId, Role, WorkKind
from tests.telegram.conversation import Person
from tests.telegram.late import LATE
from tests.telegram.lending import Client, LendingTown, Owed


async def _states(client: Client) -> list[PlanState]:
    situation = await client.town.situation(client)
    return [standing.state for _, standing in situation.plans]


async def _newest(client: Client) -> PlanId:
    return (await client.town.situation(client)).facts.plans[-1].plan_id


async def _reviews(client: Client, collector: Person, outcome: str) -> None:
    """A collector takes the review and decides."""
    [task] = await client.town.tasks(client, WorkKind.PLAN_REVIEW)
    client.looks_away()
    await collector.says(f"/take {task.work_id}")
    await collector.says(f"/close {outcome}")


async def test_offered_parts_are_shown_in_full_before_the_yes(town_anywhere: LendingTown) -> None:
    maria = await town_anywhere.client("Maria Lopez", owes=[LATE])
    await maria.says("/menu")

    await maria.taps("Pay in parts")
    offered = maria.hears("CN¥1,200.00")
    assert list(offered.buttons) == [
        "2 × CN¥600.00", "3 × CN¥400.00", "6 × CN¥200.00", "12 × CN¥100.00",
        "An amount I can manage", "After my pay-day", "Back",
    ]  # fmt: skip
    await maria.taps("3 × CN¥400.00")
    maria.hears(
        "CN¥1,200.00 in all", "1. CN¥400.00 on 7 December 2026", "2. CN¥400.00 on 6 January 2027",
        "3. CN¥400.00 on 11 February 2027", "three working days", "Interest goes on",
        "Nothing starts before you agree",
    )  # fmt: skip
    assert await _states(maria) == [PlanState.AUTO_APPROVED]
    await maria.taps("I agree")

    maria.hears("the plan starts today", "1. CN¥400.00 on 7 December 2026")
    assert (await _states(maria))[0] in (PlanState.AGREED, PlanState.ACTIVE)


async def test_the_remainder_is_on_the_last_part(town: LendingTown) -> None:
    maria = await town.client(owes=[Owed("1000.00", due=date(2026, 11, 17))])

    await maria.says("/plan 3")

    maria.hears("1. CN¥333.33", "2. CN¥333.33", "3. CN¥333.34")


@pytest.mark.parametrize("words", ["/plan 3", "/plan ３", "can I pay in 3 instalments?"])
async def test_a_number_of_parts_in_words_or_figures(maria: Client, words: str) -> None:
    await maria.says(words)

    assert "I agree" in maria.hears("CN¥1,200.00 in all", "3. CN¥400.00").buttons


async def test_a_number_of_parts_in_chinese_is_answered_in_chinese(maria: Client) -> None:
    await maria.says("分三期还行吗")

    assert "同意" in maria.hears("一共 ¥1,200.00", "¥400.00").buttons


async def test_a_typed_yes_agrees_and_a_typed_no_declines(maria: Client) -> None:
    await maria.says("/plan 2")
    await maria.says("no thanks")
    maria.hears("does not start")
    await maria.says("/plan 2")
    await maria.says("I agree")

    maria.hears("the plan starts today")


async def test_declining_leaves_everything_as_it_was(maria: Client) -> None:
    await maria.says("/plan 2")
    question = maria.last
    await maria.taps("Not this one")
    maria.hears("does not start", "nothing has changed")

    await maria.presses(f"plan_yes:{await _newest(maria)}", on=question)

    maria.hears("can no longer be used")
    assert await _states(maria) == [PlanState.CANCELLED]


async def test_pressing_twice_is_one_plan(maria: Client) -> None:
    await maria.says("/plan 2")
    await maria.says("/plan 2")
    question = maria.last
    plan = await _newest(maria)
    await maria.taps("I agree")
    await maria.presses(f"plan_yes:{plan}", on=question)

    maria.hears("the plan starts today")
    assert len(await _states(maria)) == 1


async def test_an_agreed_plan_takes_the_place_of_an_open_promise(
    town_anywhere: LendingTown,
) -> None:
    maria = await town_anywhere.client("Maria Lopez", owes=[LATE])
    await maria.says("/promise 2026-11-27 600")
    await maria.taps("Confirm")
    await maria.says("/plan 2")
    assert (await town_anywhere.situation(maria)).open_promise is not None
    await maria.taps("I agree")

    situation = await town_anywhere.situation(maria)
    assert situation.open_promise is None
    [replaced] = situation.facts.promises
    assert situation.judged(replaced).outcome is PromiseOutcome.SUPERSEDED


async def test_a_new_proposal_takes_the_place_of_the_one_before(maria: Client) -> None:
    await maria.says("/plan 2")
    first = await _newest(maria)
    await maria.says("/plan 3")

    await maria.presses(f"plan_yes:{first}")

    maria.hears("can no longer be used")


async def test_a_changed_balance_asks_for_new_terms(town: LendingTown, maria: Client) -> None:
    await maria.says("/plan 2")
    question = maria.last
    plan = await _newest(maria)
    town.later(days=1)
    await maria.pays("200.00")

    await maria.presses(f"plan_yes:{plan}", on=question)
    maria.hears("has changed since the plan was made")
    await maria.says("/plan 2")

    maria.hears("CN¥1,000.00 in all", "CN¥500.00")


async def test_terms_too_old_to_begin_are_gone(town: LendingTown, maria: Client) -> None:
    await maria.says("/plan 2")
    plan = await _newest(maria)
    town.at("2026-12-08T12:00")
    await maria.now_owes(LATE)

    await maria.presses(f"plan_yes:{plan}")

    maria.hears("can no longer be used")


@pytest.mark.parametrize(
    ("typed", "answer"),
    [
        ("/plan 0", "write the number of parts"),
        ("/plan -3", "write the number of parts"),
        ("/plan many", "write the number of parts"),
        ("/plan 1000", "at least CN¥20.00"),
        ("/plan 99999999999999999999", "at least CN¥20.00"),
        ("/plan 61", "at least CN¥20.00"),
    ],
)
async def test_what_cannot_be_a_plan_is_answered_with_the_reason(
    maria: Client, typed: str, answer: str
) -> None:
    await maria.says(typed)

    assert maria.hears(answer).buttons
    assert not await _states(maria)


async def test_the_longest_plan_is_named(town: LendingTown) -> None:
    maria = await town.client(owes=[Owed("100000.00", due=date(2026, 11, 17))])

    await maria.says("/plan 1000")
    maria.hears("60 months")
    await maria.says("/plan 61")

    said = maria.hears("61. CN¥", "within a day")  # sixty months, in full
    assert said.text.count("CN¥") == 62


async def test_with_nothing_due_there_is_no_plan(town: LendingTown) -> None:
    maria = await town.client(owes=[Owed("100.00", due=date(2026, 12, 1))])

    for attempt in ("/plan", "/plan 3"):
        await maria.says(attempt)
        maria.hears("nothing to pay in parts")


async def test_a_small_debt_offers_only_parts_that_are_allowed(town: LendingTown) -> None:
    maria = await town.client(owes=[Owed("0.02", due=date(2026, 11, 17))])

    await maria.says("/plan")

    only, *others = maria.new[-1].buttons
    assert only.startswith("2 ×")
    assert others == ["An amount I can manage", "After my pay-day", "Back"]


async def test_a_longer_plan_goes_to_a_person_who_says_yes(
    town: LendingTown, maria: Client
) -> None:
    lin = await town.staff("Lin")
    await maria.says("/plan 6")
    maria.hears("A colleague has to look", "6. CN¥200.00", "within a day")
    await maria.says("/plan")
    maria.hears("A colleague has to look")  # it waits, it is not forgotten
    await maria.says("/menu")
    maria.hears("A colleague is looking at the plan")

    await _reviews(maria, lin, "approved")

    told = maria.hears("has approved the plan", "6. CN¥200.00")
    assert "plan" not in told.text.splitlines()[0]
    await maria.says("/menu")
    maria.hears("approved and starts when you agree")
    await maria.taps("I agree", on=told)
    maria.hears("the plan starts today")


async def test_a_person_says_no_and_the_borrower_hears_of_another_way(
    town: LendingTown, maria: Client
) -> None:
    lin = await town.staff("Lin")
    await maria.says("/plan 6")
    plan = await _newest(maria)

    await _reviews(maria, lin, "rejected")

    told = maria.hears("could not approve it", "another way")
    assert "Talk to a person" in told.buttons
    await maria.presses(f"plan_yes:{plan}")
    maria.hears("can no longer be used")


async def test_a_person_offers_other_parts_and_they_start_with_a_yes(
    town_anywhere: LendingTown,
) -> None:
    maria = await town_anywhere.client("Maria Lopez", owes=[LATE])
    lin = await town_anywhere.staff("Lin")
    await maria.says("/plan 12")
    [task] = await town_anywhere.tasks(maria, WorkKind.PLAN_REVIEW)
    maria.looks_away()
    await lin.says(f"/take {task.work_id}")
    card = lin.sees("12 parts of CN¥100.00", "/counter 4")
    assert "4 × CN¥300.00" in card.buttons
    assert "12 × CN¥100.00" not in card.buttons
    await lin.taps("4 × CN¥300.00")

    lin.sees("other terms offered")
    maria.hears("a colleague offers you this instead", "4. CN¥300.00")
    assert await _states(maria) == [PlanState.COUNTERED, PlanState.APPROVED]
    await maria.says("/plan")
    maria.hears("4. CN¥300.00")
    await maria.taps("I agree")
    maria.hears("the plan starts today")
    assert (await _states(maria))[-1] is PlanState.AGREED


async def test_a_declined_counter_offer_leaves_nothing_open(town: LendingTown) -> None:
    fang = await town.client("王芳", owes=[LATE], language="zh-Hans")
    lin = await town.staff("小林", language="zh-Hans")
    await fang.says("/plan 12")
    [task] = await town.tasks(fang, WorkKind.PLAN_REVIEW)
    fang.looks_away()
    await lin.says(f"/take {task.work_id}")
    await lin.says("/counter 3")
    fang.hears("同事建议改成这样", "3. ")
    await fang.taps("不要这个")

    assert await _states(fang) == [PlanState.COUNTERED, PlanState.CANCELLED]
    await fang.says("/plan 2")
    fang.sees("2. ")


@pytest.mark.parametrize(
    ("typed", "answer"),
    [
        ("/counter", "for example /counter 4"),
        ("/counter many", "for example /counter 4"),
        ("/counter 0", "for example /counter 4"),
        ("/counter 900", "has to be at least CN¥20.00"),
        ("/counter 999 3", "#999"),
    ],
)
async def test_a_counter_offer_that_cannot_be_is_answered(
    town: LendingTown, maria: Client, typed: str, answer: str
) -> None:
    lin = await town.staff("Lin")
    await maria.says("/plan 12")
    [task] = await town.tasks(maria, WorkKind.PLAN_REVIEW)
    await lin.says(f"/take {task.work_id}")
    await lin.says(typed)

    lin.sees(answer)
    assert (await _states(maria)) == [PlanState.UNDER_REVIEW]


async def test_the_answer_is_told_in_the_borrowers_language(town: LendingTown) -> None:
    lin = await town.staff("Lin")
    fang = await town.client("王芳", owes=[LATE], language="zh-Hans")
    await fang.says("/plan 6")
    fang.hears("需要同事看一下")

    await _reviews(fang, lin, "approved")

    fang.hears("同意了这个分期方案", "¥200.00")
    await fang.taps("同意")
    fang.hears("分期方案从今天开始")


async def test_an_answer_given_at_night_comes_within_the_promised_day(
    town: LendingTown, maria: Client
) -> None:
    lin = await town.staff("Lin")
    await maria.says("/plan 6")
    town.at("2026-11-22T22:30")

    await _reviews(maria, lin, "approved")
    maria.hears_nothing()
    await town.until("2026-11-23T12:01")

    assert town.arrived_at(maria.sees("has approved the plan")) == "2026-11-23 12:00"


async def test_a_proposal_that_gave_way_is_nobodys_work_any_more(maria: Client) -> None:
    await maria.says("/plan 6")
    await maria.says("/plan 6")
    assert len(await maria.town.tasks(maria, WorkKind.PLAN_REVIEW)) == 1
    await maria.says("/plan 2")

    assert not await maria.town.tasks(maria, WorkKind.PLAN_REVIEW)


@pytest.mark.parametrize(
    ("parts", "role", "allowed"),
    [
        (6, Role.COLLECTOR, True), (6, Role.AUDITOR, False), (6, Role.COMPLIANCE, False),
        (13, Role.COLLECTOR, True), (14, Role.COLLECTOR, False), (14, Role.SUPERVISOR, True),
    ],
)  # fmt: skip
async def test_who_may_decide(
    maria: Client, town: LendingTown, parts: int, role: Role, allowed: bool
) -> None:
    await maria.says(f"/plan {parts}")
    plan = await _newest(maria)
    actor = (await town.staff_member("Lin", role)).actor

    async with town.storage.transaction() as tx:
        if allowed:
            await plans.decide_plan(tx, actor, plan, approve=True, now=town.now)
        else:
            with pytest.raises(NotAllowed):
                await plans.decide_plan(tx, actor, plan, approve=True, now=town.now)

    assert (await _states(maria))[-1] is (PlanState.APPROVED if allowed else PlanState.UNDER_REVIEW)


async def test_a_plan_is_decided_once(town: LendingTown, maria: Client) -> None:
    await maria.says("/plan 6")
    plan = await _newest(maria)
    actor = (await town.staff_member("Lin", Role.SUPERVISOR)).actor
    async with town.storage.transaction() as tx:
        await plans.decide_plan(tx, actor, plan, approve=False, now=town.now)

    async with town.storage.transaction() as tx:
        for number in (plan, PlanId(999)):
            with pytest.raises(Refusal) as refusal:
                await plans.decide_plan(tx, actor, number, approve=True, now=town.now)
            assert refusal.value.script == "plan.gone"


async def test_the_plan_of_another_is_nobodys_to_agree_to(town: LendingTown, maria: Client) -> None:
    other = await town.client("Ana Silva", owes=[LATE])
    await other.says("/plan 2")
    await maria.says("/menu")

    await maria.presses(f"plan_yes:{await _newest(other)}")

    maria.hears("can no longer be used")
    assert await _states(other) == [PlanState.AUTO_APPROVED]


async def test_while_a_plan_is_kept_only_its_own_notes_come(
    town: LendingTown, maria: Client
) -> None:
    await maria.says("/plan 2")
    await maria.taps("I agree")

    await town.until("2026-12-08T20:00")

    notes = [one.text for one in maria.new]
    assert len(notes) == 2
    assert "Tomorrow" in notes[0]
    assert "Today" in notes[1]
    assert all("CN¥600.00" in note for note in notes)
