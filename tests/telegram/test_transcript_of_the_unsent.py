"""What the bot said outside any case and nobody got stands in the transcript it falls into."""

from datetime import timedelta

import pytest

from bot.services import planning, restoring, sending
from bot.services.cases import transcribing
from bot.services.cases.transcript_paper import transcript_paper
from storage import transcript
from storage.outbox import BLOCKED, Outcome
from storage.records import CaseId, OutboxRow, OutboxStatus, WorkId
from storage.transcript import Entry
from tests.telegram.conversation import BOARD, Borrower, Person, Town

CASE = CaseId(1)


@pytest.fixture
async def anna(town_on_both: Town) -> Borrower:
    return await town_on_both.borrower("B1", "Anna Berg")


@pytest.fixture
async def lin(town_on_both: Town) -> Person:
    return await town_on_both.staff("Lin")


async def a_reminder_on_the_wire(town: Town, anna: Borrower) -> OutboxRow:
    town.later(hours=1)  # eleven o'clock, when the fifth day has its reminder
    async with town.storage.transaction() as tx:
        await planning.look_at(tx, town.office, [anna.borrower_id], town.now)
    async with town.storage.transaction() as tx:
        batch = await sending.next_batch(tx, town.office, "slow", town.now, limit=5)
    [row] = batch.ready
    return row


async def ends(town: Town, row: OutboxRow, status: OutboxStatus, error: str) -> None:
    outcome = Outcome(row.outbox_id, status, error=error)
    async with town.storage.transaction() as tx:
        await sending.record(tx, town.office, [(row, outcome)], "slow", town.now)


async def told_of(town: Town, case_id: CaseId = CASE) -> list[Entry]:
    async with town.storage.reading() as tx:
        found = await transcript.entries(tx, case_id)
    return [one for one in found if one.kind == transcript.OUTCOME]


async def the_paper(town: Town, language: str = "en") -> tuple[transcribing.Transcript, str]:
    async with town.storage.transaction() as tx:
        told = await transcribing.read_out(tx, town.office, WorkId(1), town.now)
    assert told is not None
    assert told.proof.intact
    record = transcript_paper(told, town.office, language).record
    turns = [turn for day in record.days for turn in day.turns]
    return told, "\n".join(" ".join((one.what, one.text, *one.remarks)) for one in turns)


async def test_a_reminder_in_doubt_before_the_case_begins_its_transcript_with_its_words(
    town_on_both: Town, anna: Borrower, lin: Person
) -> None:
    town = town_on_both
    row = await a_reminder_on_the_wire(town, anna)
    await ends(town, row, OutboxStatus.UNKNOWN, "no readable answer")
    town.later(minutes=1)
    await anna.says("/human")
    [entry] = await told_of(town)
    assert entry.content["outbox"] == row.outbox_id
    assert entry.content["status"] == "unknown"
    assert entry.content["text"] == row.payload["text"]
    assert entry.content["before"]
    assert entry.number == 1
    told, paper = await the_paper(town)
    assert told.deliveries[1].status == "unknown"
    assert "CN¥500.00" in paper
    assert "not known whether it arrived" in paper
    plain = transcribing.as_json(told, "Greenfield")["entries"][0]
    assert plain["delivery"]["status"] == "unknown"


async def test_a_reminder_that_telegram_refused_says_so(
    town_on_both: Town, anna: Borrower, lin: Person
) -> None:
    town = town_on_both
    row = await a_reminder_on_the_wire(town, anna)
    await ends(town, row, OutboxStatus.FAILED, BLOCKED)
    await anna.says("/human")
    [entry] = await told_of(town)
    assert (entry.content["status"], entry.content["why"]) == ("not_sent", [BLOCKED])
    assert "not sent: they have blocked the bot" in (await the_paper(town))[1]


async def test_what_was_on_the_wire_when_it_began_and_is_lost_is_told_when_that_is_known(
    town_on_both: Town, anna: Borrower, lin: Person
) -> None:
    town = town_on_both
    row = await a_reminder_on_the_wire(town, anna)
    await anna.says("/human")
    assert await told_of(town) == []
    await ends(town, row, OutboxStatus.UNKNOWN, "no readable answer")
    [entry] = await told_of(town)
    assert "before" not in entry.content
    assert entry.content["text"] == row.payload["text"]
    await lin.taps("Take", chat=BOARD)
    await lin.says("/close info_given")
    town.later(minutes=5)
    await anna.says("/human")  # it goes on, and tells nothing twice
    assert len(await told_of(town)) == 1
    await the_paper(town)


async def test_what_a_dead_process_left_on_the_wire_is_told_by_its_wording(
    town_on_both: Town, anna: Borrower, lin: Person
) -> None:
    """Its words died with the process; which wording it was is known."""
    town = town_on_both
    row = await a_reminder_on_the_wire(town, anna)
    await anna.says("/human")
    town.later(minutes=2)
    async with town.storage.transaction() as tx:
        left = await sending.recover(tx, town.now, everything=True)
    assert left["unknown"] == 1
    [entry] = await told_of(town)
    assert (entry.content["outbox"], entry.content["status"]) == (row.outbox_id, "unknown")
    script = entry.content["script"]
    assert f"wording {script}" in (await the_paper(town))[1]
    assert f"话术 {script}" in (await the_paper(town, "zh-Hans"))[1]


async def test_what_a_restore_cannot_know_is_told_in_a_case_that_is_open(
    town_on_both: Town, anna: Borrower, lin: Person
) -> None:
    town = town_on_both
    row = await a_reminder_on_the_wire(town, anna)
    await anna.says("/human")
    await restoring.settle(town.storage, town.office, town.now - timedelta(minutes=1), town.now)
    assert row.outbox_id in [one.content["outbox"] for one in await told_of(town)]
    await the_paper(town)


async def test_what_the_bot_could_not_say_in_the_case_stands_there_with_its_words(
    town_on_both: Town, anna: Borrower, lin: Person
) -> None:
    town = town_on_both
    await anna.says("/human")
    town.blocked.add(anna.telegram_id)
    await lin.taps("Take", chat=BOARD)
    [entry] = await told_of(town)
    assert entry.content["script"] == "human.joined"
    assert "Hello, I am Lin" in (await the_paper(town))[1]


async def test_what_was_lost_long_ago_or_in_another_case_is_not_told(
    town_on_both: Town, anna: Borrower, lin: Person
) -> None:
    town = town_on_both
    row = await a_reminder_on_the_wire(town, anna)
    await ends(town, row, OutboxStatus.UNKNOWN, "no readable answer")
    town.later(hours=73)
    await anna.says("/human")
    assert await told_of(town) == []
