"""What comes before any debt: danger, disputes, hardship, complaints, the wrong person."""

from datetime import timedelta

import pytest

from bot.services import concerns
from bot.services.concerns import Concern
from storage.records import (
    Actor,
    ConversationState,
    HandoffReason,
    HoldKind,
    WorkKind,
)
from tests.telegram.late import LATE, state_of
from tests.telegram.lending import Client, LendingTown

ASKS_FOR_MONEY = ("CN¥", "¥", "pay ", "payment", "owe", "还款", "欠", "应还")


async def _holds(client: Client) -> set[HoldKind]:
    return {one.kind for one in (await client.town.situation(client)).holds}


async def _reasons(client: Client) -> set[HandoffReason]:
    return await client.town.reasons(client)


def _asks_for_nothing(client: Client) -> None:
    said = " ".join(one.text for one in client.new)
    assert not [word for word in ASKS_FOR_MONEY if word in said], said


async def test_danger_to_life_gets_a_help_line_at_any_hour(
    town: LendingTown, maria: Client, fang: Client
) -> None:
    town.at("2026-11-23T03:00")

    await maria.says("I don't want to live any more because of this")
    maria.hears("12356", "colleague")
    _asks_for_nothing(maria)
    await fang.says("我不想活了")

    fang.hears("12356", "同事")
    _asks_for_nothing(fang)
    assert await state_of(fang) is ConversationState.FROZEN
    assert HandoffReason.CRISIS in await _reasons(fang)
    [chat] = await town.tasks(fang, WorkKind.CHAT)
    assert chat.urgency == 0


@pytest.mark.parametrize(
    ("country", "timezone", "line"),
    [("GB", "Europe/London", "116 123"), ("US", "America/Denver", "988"), ("ZA", "", "112")],
)
async def test_the_help_line_is_that_of_the_borrowers_country(
    town: LendingTown, country: str, timezone: str, line: str
) -> None:
    client = await town.client("Ana Silva", owes=[LATE], country=country, timezone=timezone)

    await client.says("I want to kill myself")

    client.hears(line)


async def test_after_a_crisis_everything_automated_stops(town: LendingTown, maria: Client) -> None:
    await maria.says("I want to kill myself")

    await town.until("2026-12-05T12:00")

    maria.hears_nothing()
    assert any("legal_hold" in rules for _, _, rules in await town.decisions(maria))


async def test_danger_is_heard_while_a_person_has_the_chat(
    town: LendingTown, maria: Client
) -> None:
    lin = await town.staff("Lin")
    await lin.says("/shift on")
    await maria.says("/human")
    await lin.says("/next")

    await maria.says("I am going to end my life tonight")

    maria.sees("12356")
    assert await state_of(maria) is ConversationState.FROZEN


async def test_danger_is_heard_in_an_edited_message(maria: Client) -> None:
    number = await maria.says("hello")

    await maria.edits(number, "I want to die, I can't go on")

    maria.hears("12356")


async def test_danger_is_heard_below_a_picture(maria: Client) -> None:
    await maria.sends("photo", "a-picture", "I want to kill myself")

    maria.hears("12356")


async def test_a_dispute_pauses_first_and_goes_to_a_person(
    town_anywhere: LendingTown,
) -> None:
    maria = await town_anywhere.client("Maria Lopez", owes=[LATE])

    await maria.says("this is not my loan, I never signed anything")

    maria.hears("We have paused this item", "You will hear the outcome")
    assert await _holds(maria) == {HoldKind.DISPUTE}
    assert await _reasons(maria) == {HandoffReason.DISPUTE}
    assert await state_of(maria) is ConversationState.WAITING


@pytest.mark.parametrize(
    ("words", "answer", "hold", "reason"),
    [
        ("I lost my job and cannot pay", "We have paused our reminders until 22 December 2026",
         HoldKind.HARDSHIP, HandoffReason.HARDSHIP),
        ("I want to make a complaint about your service", "answer you by 7 December 2026",
         HoldKind.COMPLAINT, HandoffReason.COMPLAINT),
        ("my lawyer will contact you, see you in court", "We have paused our messages",
         HoldKind.LEGAL, HandoffReason.LEGAL),
    ],
)  # fmt: skip
async def test_each_concern_pauses_what_it_is_about(
    maria: Client, words: str, answer: str, hold: HoldKind, reason: HandoffReason
) -> None:
    await maria.says(words)

    maria.hears(answer)
    assert hold in await _holds(maria)
    assert reason in await _reasons(maria)


@pytest.mark.parametrize(
    ("words", "answer", "reason"),
    [
        ("这笔贷款不是我借的", "这笔款项先停下", HandoffReason.DISPUTE),
        ("我失业了，实在还不起", "2026年12月22日", HandoffReason.HARDSHIP),
        ("我要投诉你们", "2026年12月7日", HandoffReason.COMPLAINT),
        ("有事找我的律师，法院见", "我们先停下消息", HandoffReason.LEGAL),
        ("我就是不还", "同事", HandoffReason.REFUSAL),
    ],
)
async def test_the_same_in_chinese(
    fang: Client, words: str, answer: str, reason: HandoffReason
) -> None:
    await fang.says(words)

    fang.hears(answer)
    assert reason in await _reasons(fang)


async def test_the_buttons_lead_to_the_same(maria: Client) -> None:
    await maria.says("/menu")
    await maria.taps("More")
    await maria.taps("I am struggling")

    maria.sees("We have paused our reminders")
    assert await _holds(maria) == {HoldKind.HARDSHIP}


@pytest.mark.parametrize(
    ("command", "kind"),
    [("/dispute", HoldKind.DISPUTE), ("/hardship", HoldKind.HARDSHIP),
     ("/complaint", HoldKind.COMPLAINT)],
)  # fmt: skip
async def test_so_do_the_commands(maria: Client, command: str, kind: HoldKind) -> None:
    await maria.says(command)

    assert len(maria.new) == 1
    assert await _holds(maria) == {kind}


async def test_several_concerns_at_once_all_count_and_one_is_answered(maria: Client) -> None:
    await maria.says("this is not my loan, and I want to complain about your service")

    maria.hears("We have paused this item")
    assert await _holds(maria) == {HoldKind.DISPUTE, HoldKind.COMPLAINT}
    assert await _reasons(maria) == {HandoffReason.DISPUTE, HandoffReason.COMPLAINT}
    assert len(await maria.town.tasks(maria, WorkKind.CHAT)) == 1


async def test_saying_it_again_adds_no_second_hold(maria: Client) -> None:
    await maria.says("this is not my loan")
    await maria.says("I never took this loan, do you hear")

    situation = await maria.town.situation(maria)
    assert len(situation.holds) == 1
    assert len(await maria.town.tasks(maria, WorkKind.CHAT)) == 1


async def test_harsh_words_are_met_calmly(maria: Client) -> None:
    await maria.says("fuck you, you bastards")

    maria.hears("keep it civil")
    assert await _reasons(maria) == {HandoffReason.ABUSE}


async def test_a_refusal_is_no_quarrel_but_a_conversation(maria: Client) -> None:
    await maria.says("I refuse to pay")

    maria.hears("A colleague will be with you")
    assert await _reasons(maria) == {HandoffReason.REFUSAL}


async def test_in_the_united_states_a_refusal_ends_our_messages(town: LendingTown) -> None:
    """15 U.S.C. 1692c(c)."""
    for country, zone, stopped in (
        ("US", "America/New_York", True),
        ("GB", "Europe/London", False),
    ):
        client = await town.client(owes=[LATE], country=country, timezone=zone)
        await client.says("I refuse to pay")
        assert ((await town.situation(client)).facts.stopped_at is not None) is stopped


async def test_asking_for_a_person_brings_one(maria: Client) -> None:
    await maria.says("let me talk to a real person")

    maria.hears("A colleague will be with you")
    assert await _reasons(maria) == {HandoffReason.ASKED}


@pytest.mark.parametrize("words", ["I am his wife", "wrong number, I am not Maria"])
async def test_somebody_else_learns_nothing_and_is_unlinked(maria: Client, words: str) -> None:
    await maria.says(words)

    maria.hears("had the wrong person", "unlinked")
    _asks_for_nothing(maria)
    situation = await maria.town.situation(maria)
    assert situation.facts.account is None
    assert situation.facts.stopped_at is not None
    [review] = await maria.town.tasks(maria, WorkKind.REVIEW)
    assert review.note == "wrong_person"
    await maria.says("/balance")
    maria.hears("please open the link")


async def test_what_only_may_be_somebody_else_is_for_a_person(maria: Client) -> None:
    await maria.says("he is my husband")

    maria.hears("A colleague will be with you")
    assert await _reasons(maria) == {HandoffReason.THIRD_PARTY}
    assert (await maria.town.situation(maria)).facts.account is not None


async def test_concerns_are_answered_at_night(town: LendingTown, maria: Client) -> None:
    town.at("2026-11-23T02:00")

    await maria.says("this is not my loan")

    maria.hears("We have paused this item")


async def test_a_concern_silences_what_was_queued(town: LendingTown, maria: Client) -> None:
    await town.until("2026-11-23T11:30")
    assert await town.waiting(maria) == ["queued"]  # it waits for a day after her words

    await maria.says("this is not my loan")
    await town.until("2026-11-30T12:00")

    assert not [one for one in maria.new if "CN¥" in one.text]


async def test_hardship_ends_by_itself_and_the_day_is_what_was_said(
    town: LendingTown, maria: Client
) -> None:
    await maria.says("/hardship")
    [hold] = (await town.situation(maria)).holds

    assert hold.end is not None
    assert hold.end - hold.start == timedelta(days=30)


async def test_every_concern_has_a_course(town: LendingTown, maria: Client) -> None:
    """A new one must not fall through to a crash in the worst moment of a borrower."""
    for concern in Concern:
        async with town.storage.transaction() as tx:
            situation = await town.situation(maria)
            actor = Actor.borrower(maria.borrower_id)
            await concerns.raise_concern(tx, town.office, actor, situation, concern, town.now)
