"""What the bot starts by itself: when, how often, when not, and why, under the default strategy."""

from collections.abc import Callable
from datetime import date, datetime
from zoneinfo import ZoneInfo

import pytest

from bot.services import explaining, planning
from storage.records import ConversationState, WorkKind
from tests.telegram.conversation import Shown
from tests.telegram.lending import SHANGHAI, Client, LendingTown, Owed

Told = list[tuple[str, str]]


def _due(day: str, amount: str = "300.00", **more: str) -> Owed:
    return Owed(amount, due=date.fromisoformat(day), **more)


@pytest.fixture
def told(town: LendingTown) -> Callable[[Client], Told]:
    """What came since the borrower looked away: local time and the first line after the name."""

    def of(client: Client) -> Told:
        return [(town.arrived_at(one), _gist(one)) for one in client.new]

    return of


_GISTS = {
    "reminder.pre_due": "eve",
    "reminder.due_today": "due day",
    "reminder.first_late": "first late",
    "reminder.early": "early",
    "reminder.middle": "middle",
    "reminder.late": "late",
    "note.promise_eve": "promise eve",
    "note.promise_day": "promise day",
    "thanks.payment": "thanks",
    "thanks.cleared": "thanks",
}


def _gist(shown: Shown) -> str:
    """What it is about, in whichever of its wordings."""
    return _GISTS.get(shown.script, shown.text)


async def test_a_new_borrower_is_told_the_day_before_and_on_the_day(
    town_anywhere: LendingTown,
) -> None:
    maria = await town_anywhere.client(owes=[_due("2026-11-26")])

    await town_anywhere.until("2026-11-26T23:00")

    eve, day = maria.new
    assert town_anywhere.arrived_at(eve) == "2026-11-25 10:00"
    assert town_anywhere.arrived_at(day) == "2026-11-26 14:00"
    assert _gist(eve) == "eve"
    assert "Thursday, 26 November" in eve.text


async def test_after_the_day_kind_notices_come_ever_more_rarely(
    town: LendingTown, told: Callable[[Client], Told]
) -> None:
    maria = await town.client(owes=[_due("2026-11-26")])
    await town.until("2026-11-26T23:00")

    await town.until("2026-12-12T23:00")

    assert told(maria) == [
        ("2026-11-27 10:00", "first late"),
        ("2026-12-01 11:00", "early"),  # DPD 5
        ("2026-12-05 11:00", "early"),
        ("2026-12-09 11:00", "early"),
    ]


async def test_three_facts_and_two_ways_out_and_a_silent_first_line(town: LendingTown) -> None:
    maria = await town.client(owes=[_due("2026-11-26")])

    await town.until("2026-11-25T10:00")

    shown = maria.hears("CN¥300.00", "26 November 2026", "the Payments page of our app",
                        "/human", "/stop")  # fmt: skip
    assert shown.text.splitlines()[0] == "Hello Maria Lopez,"
    assert len(shown.buttons) <= 8


async def test_in_chinese_as_well(town: LendingTown) -> None:
    fang = await town.client("王芳", owes=[_due("2026-11-26")], language="zh-Hans")

    await town.until("2026-11-25T10:00")

    fang.hears("王芳，您好", "¥300.00", "2026年11月26日", "/human", "/stop")


async def test_one_message_for_all_loans(town: LendingTown) -> None:
    maria = await town.client(
        owes=[
            _due("2026-11-20", product="Home loan"),
            _due("2026-11-24", "75.50", loan="2", currency="USD", product="Study loan"),
            _due("2026-12-24", "99.00", loan="3", product="Car loan"),
        ]
    )
    await town.until("2026-11-24T23:00")

    await town.until("2026-11-25T12:00")

    shown = maria.hears("Home loan", "CN¥300.00", "Study loan", "$75.50", "Together",
                        "Your next payment day is 24 December 2026")  # fmt: skip
    assert "Car loan" not in shown.text


async def test_many_loans_fit_into_one_reminder(town: LendingTown) -> None:
    maria = await town.client(
        owes=[
            _due("2026-11-20", loan=str(number), product="A loan with a rather long name " * 2,
                 pay_to="the Payments page of our app, or the account in your contract " * 3)
            for number in range(20)
        ]
    )  # fmt: skip

    await town.until("2026-11-24T23:00")

    maria.hears("And 14 more", "Together: CN¥6,000.00")


async def test_whoever_wrote_is_left_in_peace_for_a_day(town: LendingTown) -> None:
    maria = await town.client(owes=[_due("2026-11-26")])
    await town.until("2026-11-24T18:00")
    await maria.says("/balance")

    await town.until("2026-11-25T23:00")

    # half past ten the next morning is past the eve's ten o'clock, but within its day
    assert town.arrived_at(maria.hears("26 November", "CN¥300.00")) == "2026-11-25 18:00"


async def test_a_step_that_cannot_go_in_time_is_dropped_with_the_rule_that_said_no(
    town: LendingTown,
) -> None:
    maria = await town.client(owes=[_due("2026-11-26")])
    await town.until("2026-11-25T09:00")
    await maria.says("/balance")
    await town.until("2026-11-26T08:00")
    await maria.says("/balance")  # and once more, so that the whole due day is quiet

    await town.until("2026-11-26T23:59")

    maria.hears_nothing()
    rules = {rules for asked, verdict, rules in await town.decisions(maria) if verdict == "defer"}
    assert "quiet_borrower" in rules


async def test_what_waits_too_long_in_the_outbox_expires(town: LendingTown) -> None:
    maria = await town.client(owes=[_due("2026-11-26")])
    await town.until("2026-11-26T14:00")  # the due day's message has come
    maria.looks_away()
    town.at("2026-11-27T09:59")
    await maria.now_owes(_due("2026-11-26"))
    await town.emergency_stop(True)

    await town.until("2026-12-02T12:00")
    await town.emergency_stop(False)
    await town.until("2026-12-02T12:30")

    assert [_gist(one) for one in maria.new] == ["early"]  # never the notice of five days ago


async def test_no_more_than_four_in_a_week_and_three_of_them_overdue(town: LendingTown) -> None:
    """Two loans in two classes could ask for more; the caps win."""
    maria = await town.client(owes=[_due("2026-11-26")])

    await town.until("2027-01-10T23:00")

    moments = [datetime.fromisoformat(town.arrived_at(one)) for one in maria.new]
    assert len(moments) > 8
    for first in moments:
        week = [one for one in moments if 0 <= (one - first).total_seconds() < 168 * 3600]
        assert len(week) <= 4
    assert len({one.date() for one in moments}) == len(moments)


async def test_a_stale_balance_is_not_spoken_of(town: LendingTown) -> None:
    maria = await town.client(owes=[_due("2026-11-26")])

    await town.until("2026-11-27T23:00", fresh=False)

    maria.hears_nothing()
    assert ("planned", "deny", "balance_stale") in await town.decisions(maria)


async def test_fresh_figures_bring_the_reminder_the_same_day(town: LendingTown) -> None:
    maria = await town.client(owes=[_due("2026-11-26")])
    await town.until("2026-11-25T12:00", fresh=False)
    await maria.now_owes(_due("2026-11-26"))

    await town.until("2026-11-25T12:05", fresh=False)

    maria.hears("CN¥300.00")


async def test_a_payment_in_time_makes_reminders_needless(town: LendingTown) -> None:
    maria = await town.client(owes=[_due("2026-11-26")])
    await town.until("2026-11-24T10:00")
    await maria.pays("300.00")
    maria.hears("Thank you")

    await town.until("2026-12-05T12:00")

    maria.hears_nothing()


async def test_a_payment_while_a_reminder_waits_takes_it_back(town: LendingTown) -> None:
    maria = await town.client(owes=[_due("2026-11-26")])
    await town.until("2026-11-24T18:00")
    await maria.says("/balance")
    await town.until("2026-11-25T11:00")
    assert await town.waiting(maria) == ["queued"]  # until six, a day after her words

    await maria.pays("300.00")
    await town.until("2026-11-27T12:00")

    assert not [one for one in maria.new if "payment day" in one.text]
    assert not await town.waiting(maria)


async def test_a_part_payment_changes_the_figure_that_is_told(town: LendingTown) -> None:
    maria = await town.client(owes=[_due("2026-11-20")])
    town.later(days=1)
    await maria.pays("120.00", leaves=[_due("2026-11-20", "180.00")])

    await town.until("2026-11-25T12:30")

    assert _gist(maria.new[-1]) == "early"
    assert all("CN¥180.00" in one for one in maria.new)


async def test_while_a_promise_is_open_only_its_eve_and_its_day_are_noted(
    town: LendingTown, told: Callable[[Client], Told]
) -> None:
    maria = await town.client(owes=[_due("2026-11-17")])
    await maria.says("/promise 2026-12-02 300")
    await maria.taps("Confirm")

    await town.until("2026-12-04T09:00")

    assert told(maria) == [
        ("2026-12-01 10:00", "promise eve"),
        ("2026-12-02 10:00", "promise day"),
    ]
    assert any("promise_open" in rules for _, _, rules in await town.decisions(maria))


async def test_a_broken_promise_ends_the_silence(town: LendingTown) -> None:
    maria = await town.client(owes=[_due("2026-11-17")])
    await maria.says("/promise 2026-11-25 300")
    await maria.taps("Confirm")
    await town.until("2026-11-27T23:00")  # with its tolerance of two business days

    await town.until("2026-12-10T23:00")

    assert "early" in [_gist(one) for one in maria.new]


async def test_a_promise_made_while_a_reminder_waits_holds_it_back(town: LendingTown) -> None:
    maria = await town.client(owes=[_due("2026-11-17")])
    await town.until("2026-11-23T11:00")
    assert await town.waiting(maria) == ["queued"]

    await maria.says("/promise 2026-12-02 300")
    await maria.taps("Confirm")
    await town.until("2026-11-30T23:00")

    assert not [one for one in maria.new if _gist(one) == "early"]


async def test_a_promise_taken_back_lets_the_next_step_come(town: LendingTown) -> None:
    maria = await town.client(owes=[_due("2026-11-17")])
    await maria.says("/promise 2026-12-02 300")
    await maria.taps("Confirm")
    await maria.taps("Take it back")

    await town.until("2026-11-27T23:00")

    assert [_gist(one) for one in maria.new][-1] == "early"


async def test_while_a_person_has_the_conversation_nothing_automated_comes(
    town: LendingTown,
) -> None:
    maria = await town.client(owes=[_due("2026-11-26")])
    await maria.says("/human")
    assert (await town.situation(maria)).state is ConversationState.WAITING

    await town.until("2026-11-30T12:00")

    assert not [one for one in maria.new if "CN¥" in one.text]
    assert any("person_owns_chat" in rules for _, _, rules in await town.decisions(maria))


async def test_an_unknown_zone_has_to_allow_it_everywhere(town: LendingTown) -> None:
    """Eight in Urumqi is ten in Shanghai; the tz database knows both for China."""
    maria = await town.client(owes=[_due("2026-11-26")], timezone="")

    await town.until("2026-11-26T23:00")

    for shown in maria.new:
        for zone in ("Asia/Shanghai", "Asia/Urumqi"):
            arrived = town.arrival[shown.message_id].astimezone(ZoneInfo(zone))
            assert 8 <= arrived.hour < 21
    assert maria.new


async def test_a_holiday_moves_an_overdue_notice_to_the_next_working_day(
    town: LendingTown,
) -> None:
    """The first of October and the days after it are public holidays in China."""
    town.at("2026-09-28T12:00")
    maria = await town.client(owes=[_due("2026-09-30")])
    await town.until("2026-09-30T23:00")

    await town.until("2026-10-09T23:00")

    days = [town.arrived_at(one)[:10] for one in maria.new]
    assert days
    assert not [day for day in days if "2026-10-01" <= day <= "2026-10-03"]


async def test_what_waits_over_a_holiday_is_deferred_by_its_rule(town: LendingTown) -> None:
    town.at("2026-09-28T12:00")
    maria = await town.client(owes=[_due("2026-10-15")])
    await maria.says("/promise 2026-10-02 300")
    await maria.taps("Confirm")

    await town.until("2026-10-04T12:00")

    maria.hears_nothing()  # "today" must be true, so a note never moves
    rules = " ".join(rules for _, _, rules in await town.decisions(maria))
    assert "holiday" in rules


async def test_the_emergency_stop_halts_everything_until_it_is_released(
    town: LendingTown,
) -> None:
    maria = await town.client(owes=[_due("2026-11-26")])
    await town.until("2026-11-25T09:00")
    await town.emergency_stop(True)

    await town.until("2026-11-25T12:00")
    maria.hears_nothing()
    await maria.says("/balance")
    maria.hears("Your balance")  # people are still answered
    await town.emergency_stop(False)
    await town.until("2026-11-26T20:00")

    assert maria.hears("CN¥300.00").script == "reminder.due_today"


async def test_a_task_to_call_comes_on_the_third_day(town: LendingTown) -> None:
    maria = await town.client(owes=[_due("2026-11-26")])

    await town.until("2026-11-29T09:00")

    [task] = await town.tasks(maria, WorkKind.CALL)
    assert task.created_at.astimezone(SHANGHAI).date() == date(2026, 11, 29)


async def test_no_task_to_call_under_a_hold(town: LendingTown) -> None:
    maria = await town.client(owes=[_due("2026-11-26")])
    await town.until("2026-11-27T12:00")
    await maria.says("/dispute")

    await town.until("2026-11-30T12:00")

    assert not await town.tasks(maria, WorkKind.CALL)


async def test_looking_twice_plans_once(town: LendingTown) -> None:
    maria = await town.client(owes=[_due("2026-11-26")])
    maria.looks_away()
    town.at("2026-11-25T10:00")
    await maria.now_owes(_due("2026-11-26"))
    for _ in range(3):
        async with town.storage.transaction() as tx:
            await planning.look_at(tx, town.office, [maria.borrower_id], town.now)
    await town.deliver()
    async with town.storage.transaction() as tx:
        await planning.look_at(tx, town.office, [maria.borrower_id], town.now)
    await town.deliver()

    maria.hears("CN¥300.00")


async def test_a_first_import_replays_nothing_that_was_missed(town: LendingTown) -> None:
    maria = await town.client(owes=[_due("2026-08-01")])

    await town.until("2026-11-30T23:00")

    assert [_gist(one) for one in maria.new] == ["late", "late"]  # DPD 112 and 119


async def test_explain_tells_what_is_due_and_why_it_does_not_go(town: LendingTown) -> None:
    maria = await town.client(owes=[_due("2026-11-17")])
    await maria.says("/stop")
    await town.until("2026-11-23T12:00")

    async with town.storage.reading() as tx:
        told = await explaining.explain(tx, town.office, maria.ref, town.now)

    assert (told.stage, told.payment_class) == ("early", "new")
    assert [(step.step, step.decision.verdict) for step in told.due] == [("early", "deny")]
    assert "opt_out" in told.due[0].decision.rules
    assert told.next_at is not None
    assert told.past
    assert any("opt_out" in one.rules for one in told.past)


async def test_nothing_is_started_outside_hours_in_any_zone(town: LendingTown) -> None:
    clients = [
        await town.client(owes=[_due("2026-11-26")], country=country, timezone=zone)
        for country, zone in (
            ("US", "Pacific/Honolulu"), ("US", "America/New_York"), ("GB", "Europe/London"),
            ("IN", "Asia/Kolkata"), ("NZ", "Pacific/Auckland"), ("CN", "Asia/Urumqi"),
        )
    ]  # fmt: skip
    await town.until("2026-12-03T12:00")

    for client in clients:
        situation = await town.situation(client)
        reminders = [one for one in client.new if "/stop" in one.text]
        assert reminders, client.ref
        for shown in reminders:
            local = town.arrival[shown.message_id].astimezone(situation.zone)
            assert 8 <= local.hour < 21, (client.ref, local)
