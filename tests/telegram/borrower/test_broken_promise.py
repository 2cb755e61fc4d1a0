"""A day that passed without money: asked about kindly once, then a person; and what ends it all."""

from datetime import date

from storage.records import ConversationState, HandoffReason, Role, WorkKind
from tests.telegram.late import LATE
from tests.telegram.lending import Client, LendingTown, Owed


async def _promises(client: Client, day: str, amount: str = "600") -> None:
    await client.says(f"/promise {day} {amount}")
    await client.taps("Confirm" if client.language == "en" else "确认")
    client.looks_away()


async def test_a_promise_broken_once_is_asked_about_with_a_way_on(
    town_anywhere: LendingTown,
) -> None:
    town = town_anywhere
    maria = await town.client("Maria Lopez", owes=[LATE])
    await _promises(maria, "2026-11-25")

    await town.until("2026-11-30T20:00")

    asked = [one for one in maria.new if one.script == "note.promise_broken"]
    [note] = asked
    assert town.arrived_at(note) == "2026-11-28 10:00"  # two business days after the Wednesday
    assert "CN¥600.00" in note
    assert "25 November 2026" in note
    assert {"Name a date", "Pay in parts", "I have paid"} <= set(note.buttons)
    await maria.taps("Name a date", on=note)
    maria.sees("Which day")


async def test_who_named_another_day_in_time_is_not_asked(town: LendingTown) -> None:
    maria = await town.client(owes=[LATE])
    await _promises(maria, "2026-11-25")
    town.at("2026-11-27T20:00")
    await _promises(maria, "2026-12-03")

    await town.until("2026-12-02T20:00")

    assert "note.promise_broken" not in [one.script for one in maria.new]


async def test_money_in_time_leaves_nothing_to_ask(town: LendingTown) -> None:
    maria = await town.client(owes=[LATE])
    await _promises(maria, "2026-11-25")
    town.at("2026-11-27T12:00")
    await maria.pays("600.00", leaves=[Owed("600.00", due=LATE.due)])

    await town.until("2026-11-30T20:00")

    assert "note.promise_broken" not in [one.script for one in maria.new]


async def test_the_second_promise_broken_brings_a_person_once(town_anywhere: LendingTown) -> None:
    town = town_anywhere
    maria = await town.client("Maria Lopez", owes=[LATE])
    lin = await town.staff("Lin", Role.COLLECTOR)
    await _promises(maria, "2026-11-25")
    await town.until("2026-11-29T12:00")
    await _promises(maria, "2026-12-02")

    await town.until("2026-12-05T12:00")

    assert (await town.situation(maria)).state is ConversationState.WAITING
    assert await town.reasons(maria) == {HandoffReason.SECOND_BROKEN_PROMISE}
    [task] = await town.tasks(maria, WorkKind.CHAT)
    await lin.says(f"/take {task.work_id}")
    lin.sees("second broken promise", "broken")
    await lin.says("/close info_given")
    await town.until("2026-12-08T12:00")
    assert (await town.situation(maria)).state is ConversationState.BOT


async def test_a_promise_broken_long_ago_is_forgotten(town: LendingTown) -> None:
    maria = await town.client(owes=[LATE])
    await _promises(maria, "2026-11-25")
    town.at("2027-03-10T12:00")
    await maria.now_owes(LATE)
    await _promises(maria, "2027-03-12")

    await town.until("2027-03-18T12:00")

    assert "note.promise_broken" in [one.script for one in maria.new]
    assert (await town.situation(maria)).state is ConversationState.BOT


async def test_a_dispute_keeps_the_question_back(town: LendingTown) -> None:
    maria = await town.client(owes=[LATE])
    lin = await town.staff("Lin")
    await _promises(maria, "2026-11-25")
    await maria.says("/dispute")
    [task] = await town.tasks(maria, WorkKind.CHAT)
    await lin.says(f"/take {task.work_id}")
    await lin.says("/close info_given")

    await town.until("2026-11-30T20:00")

    assert "note.promise_broken" not in [one.script for one in maria.new]


async def test_paying_everything_due_calls_off_a_person_who_has_not_come(
    town_anywhere: LendingTown,
) -> None:
    town = town_anywhere
    maria = await town.client("Maria Lopez", owes=[LATE])
    await maria.says("/human")
    assert (await town.situation(maria)).state is ConversationState.WAITING

    await maria.pays("1200.00")

    assert (await town.situation(maria)).state is ConversationState.BOT
    assert not await town.tasks(maria, WorkKind.CHAT)
    assert "Talk to a person" in maria.sees("CN¥1,200.00").buttons


async def test_a_complaint_is_heard_though_everything_is_paid(town: LendingTown) -> None:
    maria = await town.client(owes=[LATE])
    await maria.says("/complaint")

    await maria.pays("1200.00")

    assert (await town.situation(maria)).state is ConversationState.WAITING


async def test_part_of_what_is_due_calls_nobody_off(town: LendingTown) -> None:
    maria = await town.client(owes=[LATE])
    await maria.says("/human")

    await maria.pays("1199.99")

    assert (await town.situation(maria)).state is ConversationState.WAITING


async def test_a_call_about_what_is_paid_is_off_the_list(town: LendingTown) -> None:
    maria = await town.client(owes=[Owed("300.00", due=date(2026, 11, 20))])
    lin = await town.staff("Lin")
    await town.until("2026-11-23T11:00")
    [call] = await town.tasks(maria, WorkKind.CALL)
    await lin.says(f"/take {call.work_id}")
    town.later(minutes=5)

    await maria.pays("300.00")

    assert not await town.tasks(maria, WorkKind.CALL)
    lin.sees("nothing is due any more")


async def test_late_again_soon_after_catching_up_somebody_looks_early(town: LendingTown) -> None:
    december = Owed("300.00", due=date(2026, 12, 10))
    maria = await town.client(owes=[Owed("300.00", due=date(2026, 11, 10)), december])
    steady = await town.client("Ana Silva", owes=[december])
    await maria.pays("300.00", leaves=[december])

    await town.until("2026-12-11T12:00")

    [review] = await town.tasks(maria, WorkKind.REVIEW)
    assert review.note == "relapse"
    assert not await town.tasks(steady, WorkKind.REVIEW)


async def test_late_again_long_after_is_no_relapse(town: LendingTown) -> None:
    later = Owed("300.00", due=date(2027, 3, 10))
    maria = await town.client(owes=[Owed("300.00", due=date(2026, 11, 10)), later])
    await maria.pays("300.00", leaves=[later])
    town.at("2027-03-09T12:00")
    await maria.now_owes(later)

    await town.until("2027-03-11T12:00")

    assert not await town.tasks(maria, WorkKind.REVIEW)
