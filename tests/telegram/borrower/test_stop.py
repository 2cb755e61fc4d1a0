"""Stop: one tap or one word, effective for the very next send; and starting again."""

from datetime import date

import pytest

from bot.services import planning, sending
from storage.records import WorkKind
from tests.telegram.lending import Client, LendingTown, Owed

SOON = Owed("300.00", due=date(2026, 11, 25))


@pytest.fixture
async def maria(town: LendingTown) -> Client:
    return await town.client("Maria Lopez", owes=[SOON])


async def _stopped(client: Client) -> bool:
    return (await client.town.situation(client)).facts.stopped_at is not None


async def _morning(maria: Client) -> None:
    """The eve of her due date: her reminder is due, and nobody has looked yet."""
    maria.town.at("2026-11-24T12:30")
    await maria.now_owes(SOON)


@pytest.mark.parametrize("words", ["/stop", "stop texting me", "STOP", "Stop messages"])
async def test_any_word_for_it_stops(maria: Client, words: str) -> None:
    await maria.says(words)

    shown = maria.hears("we will not send you reminders", "/resume")
    assert list(shown.buttons) == ["Start messages", "Talk to a person"]
    assert await _stopped(maria)


async def test_a_stop_in_chinese_is_confirmed_in_chinese(maria: Client) -> None:
    await maria.says("别再给我发消息了")

    maria.hears("不会再给您发提醒", "/resume")
    assert await _stopped(maria)


async def test_it_is_recorded_for_review_and_opens_no_chat(town_anywhere: LendingTown) -> None:
    maria = await town_anywhere.client("Maria Lopez", owes=[SOON])
    await maria.says("/menu")
    await maria.taps("More")
    await maria.taps("Stop messages")
    await maria.says("/stop")

    maria.hears("we will not send you reminders")
    assert len(await town_anywhere.tasks(maria, WorkKind.STOP_REVIEW)) == 1
    assert not await town_anywhere.tasks(maria, WorkKind.CHAT)


async def test_no_reminder_follows_but_questions_are_answered(
    town: LendingTown, maria: Client
) -> None:
    await maria.says("/stop")

    await town.until("2026-12-05T12:00")
    maria.hears_nothing()
    await maria.says("/balance")

    maria.hears("Your balance", "CN¥300.00")
    await maria.says("/menu")
    maria.hears("Messages are stopped")


async def test_a_reminder_queued_at_that_moment_does_not_leave(
    town: LendingTown, maria: Client
) -> None:
    await _morning(maria)
    async with town.storage.transaction() as tx:
        await planning.plan_due(tx, town.office, town.now, limit=10)
    assert await town.waiting(maria) == ["queued"]

    await maria.says("/stop")  # handled, then everything that may leave is delivered

    maria.hears("we will not send you reminders")
    assert await town.waiting(maria) == ["suspended"]


async def test_a_reminder_claimed_at_that_moment_does_not_leave(
    town: LendingTown, maria: Client
) -> None:
    """The sender has taken the row, but the stop is there before it is judged."""
    await _morning(maria)
    async with town.storage.transaction() as tx:
        await planning.plan_due(tx, town.office, town.now, limit=10)
    await maria.writes("/stop")

    async with town.storage.transaction() as tx:
        batch = await sending.next_batch(tx, town.office, "w", town.now, limit=10)

    assert [row.kind for row in batch.ready] == ["safety"]


async def test_the_confirmation_goes_out_at_any_hour(town: LendingTown, maria: Client) -> None:
    town.at("2026-11-24T03:00")

    await maria.says("stop")

    maria.hears("we will not send you reminders")


async def test_starting_again_brings_reminders_back(town: LendingTown, maria: Client) -> None:
    await maria.says("/stop")
    await maria.taps("Start messages")
    maria.hears("Messages are on again")
    assert not await _stopped(maria)

    await town.until("2026-11-24T13:00")

    maria.hears("CN¥300.00", "/stop")


async def test_what_waited_during_a_short_stop_goes_after_it(
    town: LendingTown, maria: Client
) -> None:
    await _morning(maria)
    await maria.says("/stop")
    await maria.says("/resume")

    await town.until("2026-11-25T20:00")

    shown = maria.hears("CN¥")  # the eve lay within a day of their words
    assert shown.script == "reminder.due_today"


async def test_resuming_what_was_never_stopped_does_no_harm(maria: Client) -> None:
    await maria.says("/resume")

    maria.hears("Messages are on again")


async def test_stop_beside_a_dispute_stops_and_opens_the_case(maria: Client) -> None:
    await maria.says("stop, I never took this loan")

    maria.hears("paused this item")
    assert await _stopped(maria)
    assert await maria.town.tasks(maria, WorkKind.CHAT)
    assert await maria.town.tasks(maria, WorkKind.STOP_REVIEW)


async def test_stop_in_an_open_case_is_heard_as_well(maria: Client) -> None:
    await maria.says("/human")

    await maria.says("please stop sending me messages")

    maria.sees("we will not send you reminders")
    assert await _stopped(maria)


async def test_an_edited_message_can_still_stop(maria: Client) -> None:
    number = await maria.says("hello")

    await maria.edits(number, "stop texting me")

    maria.hears("we will not send you reminders")
    assert await _stopped(maria)


async def test_stop_is_confirmed_in_chinese(town: LendingTown) -> None:
    fang = await town.client("王芳", owes=[SOON], language="zh-Hans")

    await fang.says("退订")

    fang.hears("不会再给您发提醒", "/resume")
