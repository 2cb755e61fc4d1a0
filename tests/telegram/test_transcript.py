"""The transcript of a case: complete, told truthfully, and not to be changed unnoticed."""

import json
from hashlib import sha256

import pytest
from sqlalchemy import delete, insert, update

from bot.services import sending
from bot.services.cases import proving, transcribing
from storage import schema, transcript
from storage.engine import Storage
from storage.outbox import Outcome
from storage.records import CaseId, OutboxStatus, Role, WorkId
from storage.transcript import Entry
from tests.telegram.conversation import BOARD, Borrower, Person, Town

CASE = CaseId(1)


@pytest.fixture
async def anna(town_on_both: Town) -> Borrower:
    return await town_on_both.borrower("B1", "Anna Berg")


@pytest.fixture
async def lin(town_on_both: Town) -> Person:
    return await town_on_both.staff("Lin")


async def a_case(town: Town, anna: Borrower, lin: Person) -> None:
    """Something of everything, from the first word to the end."""
    await anna.says("Why is it more than last month?")
    await anna.says("/human")
    await lin.taps("Take", chat=BOARD)
    question = await anna.says("Was there a fee?")
    await anna.edits(question, "Was there a fee, or interest?")
    shown = lin.sees("or interest")
    await lin.says("sounds calm")
    await lin.says("A fee of 5 was added.", reply_to=shown)
    await lin.says("You stupid liar, pay or I will tell your boss.", reply_to=shown)
    await lin.says("You must pay this immediately, right now.", reply_to=shown)
    await lin.taps("Send anyway")
    await lin.says("/close info_given")


async def entries(storage: Storage, *kinds: str) -> list[Entry]:
    async with storage.reading() as tx:
        found = await transcript.entries(tx, CASE)
    return [one for one in found if not kinds or one.kind in kinds]


async def proof(town: Town) -> proving.Proof:
    async with town.storage.reading() as tx:
        return await proving.prove(tx, town.office, CASE)


# what stands in it


async def test_everything_that_was_said_stands_in_it_with_every_wording(
    town_on_both: Town, anna: Borrower, lin: Person
) -> None:
    await a_case(town_on_both, anna, lin)
    said = [
        (one.content["direction"], one.content.get("text"))
        for one in await entries(town_on_both.storage, transcript.MESSAGE)
        if one.actor != "system"
    ]
    assert said == [
        ("in", "Why is it more than last month?"),
        ("in", "/human"),
        ("in", "Was there a fee?"),
        ("in", "Was there a fee, or interest?"),
        ("note", "sounds calm"),
        ("out", "A fee of 5 was added."),
        ("out", "You must pay this immediately, right now."),
    ]


async def test_what_was_stopped_is_kept_with_the_verdict(
    town_on_both: Town, anna: Borrower, lin: Person
) -> None:
    await a_case(town_on_both, anna, lin)
    words = await entries(town_on_both.storage, transcript.WORDS)
    assert [(one.content["verdict"], "outbox" in one.content) for one in words] == [
        ("ok", True),
        ("block", False),
        ("warn", False),
        ("warn", True),
    ]
    assert words[1].content["text"] == "You stupid liar, pay or I will tell your boss."
    assert words[1].content["rules"]


async def test_what_the_rules_of_contact_refused_is_kept_and_reaches_nobody(
    town_on_both: Town, anna: Borrower, lin: Person
) -> None:
    town = town_on_both
    await anna.says("/human")
    await lin.taps("Take", chat=BOARD)
    town.later(hours=12, minutes=30)  # half past ten at night, and she has not written since
    await lin.says("/reply One more thing about the fee.")
    lin.sees("Not sent to Anna Berg", "outside the hours")
    [kept] = await entries(town.storage, transcript.WORDS)
    assert kept.content["text"] == "One more thing about the fee."
    assert kept.content["refused"] == ["hours"]
    assert kept.actor.startswith("staff:")
    acts = await entries(town.storage, transcript.ACT)
    [refused] = [one.content for one in acts if one.content["act"] == "words.refused"]
    assert refused["details"] == {"rules": ["hours"]}
    anna.does_not_see("One more thing")
    assert (await read(town)).proof.intact


async def test_doubtful_words_that_are_dropped_are_kept_with_that_they_were(
    town_on_both: Town, anna: Borrower, lin: Person
) -> None:
    await anna.says("/human")
    await lin.taps("Take", chat=BOARD)
    await lin.says("/reply You must pay this immediately, right now.")
    await lin.taps("Do not send")
    [kept] = await entries(town_on_both.storage, transcript.WORDS)
    assert kept.content["verdict"] == "warn"
    assert "outbox" not in kept.content
    acts = [one.content["act"] for one in await entries(town_on_both.storage, transcript.ACT)]
    assert acts[-2:] == ["words.warn", "words.dropped"]
    anna.does_not_see("immediately")


async def test_who_had_it_and_who_looked_stands_in_it(
    town_on_both: Town, anna: Borrower, lin: Person
) -> None:
    await a_case(town_on_both, anna, lin)
    states = [
        (one.content["from"], one.content["to"])
        for one in await entries(town_on_both.storage, transcript.STATE)
    ]
    assert states == [
        ("bot", "waiting"),
        ("waiting", "active"),
        ("active", "wrap_up"),
        ("wrap_up", "bot"),
    ]
    acts = [one.content["act"] for one in await entries(town_on_both.storage, transcript.ACT)]
    assert acts.count("case.viewed") == 1
    assert acts[0] == "case.opened"
    assert acts[-1] == "case.closed"


async def test_what_telegram_did_not_take_is_told_as_not_sent(
    town_on_both: Town, anna: Borrower, lin: Person
) -> None:
    town = town_on_both
    await anna.says("/human")
    await lin.taps("Take", chat=BOARD)
    await lin.says("/reply Hello")
    town.blocked.add(anna.telegram_id)
    await lin.says("/reply Are you there?")
    told = await read(town)
    states = [(one.status, one.why) for one in told.deliveries.values()]
    assert states == [("sent", ()), ("not_sent", ("blocked",))]
    assert next(iter(told.deliveries.values())).message_id is not None


async def test_what_was_on_the_wire_when_it_began_stands_in_it_as_delivered(
    town_on_both: Town, anna: Borrower, lin: Person
) -> None:
    town = town_on_both
    await town.handle(anna.update_of("/help"))
    async with town.storage.transaction() as tx:
        batch = await sending.next_batch(tx, town.office, "slow", town.now, limit=5)
    [row] = batch.ready
    assert row.case_id is None
    await anna.says("/human")
    arrived = [(row, Outcome(row.outbox_id, OutboxStatus.SENT, message_id=4711))]
    async with town.storage.transaction() as tx:
        await sending.record(tx, town.office, arrived, "slow", town.now)
    said = [one.content for one in await entries(town.storage, transcript.MESSAGE)]
    [late] = [one for one in said if one.get("outbox") == row.outbox_id]
    assert (late["direction"], late["text"], late["message"]) == ("out", row.payload["text"], 4711)
    await lin.taps("Take", chat=BOARD)
    await lin.says("/close info_given")
    assert (await proof(town)).intact


async def test_what_was_said_before_and_after_it_belongs_to_no_case(
    town_on_both: Town, anna: Borrower, lin: Person
) -> None:
    town = town_on_both
    await anna.says("from another week")
    town.later(days=4)
    await a_case(town, anna, lin)
    await anna.says("thanks, that was all")
    texts = [one.content.get("text") for one in await entries(town.storage, transcript.MESSAGE)]
    assert "from another week" not in texts
    assert "thanks, that was all" not in texts


# that it cannot be changed unnoticed


async def test_an_untouched_transcript_holds(
    town_on_both: Town, anna: Borrower, lin: Person
) -> None:
    await a_case(town_on_both, anna, lin)
    assert (await proof(town_on_both)).intact


async def test_a_changed_entry_is_named(town_on_both: Town, anna: Borrower, lin: Person) -> None:
    await a_case(town_on_both, anna, lin)
    first = (await entries(town_on_both.storage, transcript.WORDS))[0]
    nicer = {**first.content, "text": "A fee of 3 was added."}
    table = schema.transcript
    async with town_on_both.storage.transaction() as tx:
        await tx.execute(
            update(table)
            .where(table.c.case_id == CASE, table.c.number == first.number)
            .values(content=nicer)
        )
    found = await proof(town_on_both)
    assert (found.broken, found.why) == (first.number, "changed")


async def test_an_entry_taken_out_is_named(town_on_both: Town, anna: Borrower, lin: Person) -> None:
    await a_case(town_on_both, anna, lin)
    gone = (await entries(town_on_both.storage, transcript.WORDS))[1]
    table = schema.transcript
    async with town_on_both.storage.transaction() as tx:
        await tx.execute(
            delete(table).where(table.c.case_id == CASE, table.c.number == gone.number)
        )
    found = await proof(town_on_both)
    assert (found.broken, found.why) == (gone.number, "missing")


async def test_all_hashes_made_anew_do_not_help_without_the_secret(
    town_on_both: Town, anna: Borrower, lin: Person
) -> None:
    await a_case(town_on_both, anna, lin)
    table, previous = schema.transcript, transcript.BEGINNING
    async with town_on_both.storage.transaction() as tx:
        for one in await transcript.entries(tx, CASE):
            content = dict(one.content)
            if one.kind == transcript.WORDS:
                content["text"] = "Good morning."
            previous = transcript.hash_of(
                previous, CASE, one.number, one.at, one.actor, one.kind, content
            )
            await tx.execute(
                update(table)
                .where(table.c.case_id == CASE, table.c.number == one.number)
                .values(content=content, hash=previous)
            )
    found = await proof(town_on_both)
    seals = await entries(town_on_both.storage, transcript.SEAL)
    assert (found.broken, found.why) == (seals[0].number, "seal_wrong")


async def test_an_end_cut_off_shows(town_on_both: Town, anna: Borrower, lin: Person) -> None:
    await a_case(town_on_both, anna, lin)
    sealed = (await entries(town_on_both.storage, transcript.SEAL))[-1].number
    table = schema.transcript
    async with town_on_both.storage.transaction() as tx:
        await tx.execute(delete(table).where(table.c.case_id == CASE, table.c.number >= sealed))
    found = await proof(town_on_both)
    assert not found.intact


async def test_a_changed_message_behind_it_shows(
    town_on_both: Town, anna: Borrower, lin: Person
) -> None:
    await a_case(town_on_both, anna, lin)
    table = schema.messages
    async with town_on_both.storage.transaction() as tx:
        changed = await tx.execute(
            update(table).where(table.c.text == "sounds calm").values(text="sounds angry")
        )
    assert changed.rowcount == 1
    found = await proof(town_on_both)
    note = next(
        one
        for one in await entries(town_on_both.storage, transcript.MESSAGE)
        if one.content["direction"] == "note"
    )
    assert (found.broken, found.why) == (note.number, "row_changed")


async def test_a_deleted_act_behind_it_shows(
    town_on_both: Town, anna: Borrower, lin: Person
) -> None:
    await a_case(town_on_both, anna, lin)
    async with town_on_both.storage.transaction() as tx:
        await tx.execute(delete(schema.audit).where(schema.audit.c.act == "case.viewed"))
    assert (await proof(town_on_both)).why == "row_missing"


async def test_a_note_slipped_in_behind_it_shows(
    town_on_both: Town, anna: Borrower, lin: Person
) -> None:
    town = town_on_both
    await a_case(town, anna, lin)
    async with town.storage.transaction() as tx:
        await tx.execute(
            insert(schema.messages).values(
                borrower_id=anna.borrower_id, case_id=CASE, direction="note", actor="staff:1",
                at=town.now, text="she agreed to everything",
            )
        )  # fmt: skip
    assert (await proof(town)).why == "row_without_entry"


async def test_bodies_of_updates_may_be_forgotten(
    town_on_both: Town, anna: Borrower, lin: Person
) -> None:
    await a_case(town_on_both, anna, lin)
    async with town_on_both.storage.transaction() as tx:
        await tx.execute(delete(schema.inbox))
    assert (await proof(town_on_both)).intact


# who may read it


async def read(town: Town) -> transcribing.Transcript:
    async with town.storage.transaction() as tx:
        told = await transcribing.read_out(tx, town.office, WorkId(1), town.now)
    assert told is not None
    return told


async def test_a_supervisor_reads_it_and_that_stands_in_it(
    town_on_both: Town, anna: Borrower, lin: Person
) -> None:
    await a_case(town_on_both, anna, lin)
    sue = await town_on_both.staff("Sue", Role.SUPERVISOR)
    await sue.says("/transcript 1")
    assert sue.sees("#1 Anna Berg", "Nothing was changed").file.startswith(b"%PDF")
    acts = await entries(town_on_both.storage, transcript.ACT)
    assert acts[-1].content["act"] == "transcript.viewed"
    assert acts[-1].actor.startswith("staff:")
    assert (await proof(town_on_both)).intact


@pytest.mark.parametrize("role", [Role.COLLECTOR, Role.ADMIN])
async def test_others_do_not_read_it(
    town_on_both: Town, anna: Borrower, lin: Person, role: Role
) -> None:
    await a_case(town_on_both, anna, lin)
    eve = await town_on_both.staff("Eve", role)
    await eve.says("/transcript 1")
    eve.does_not_see("Anna")
    assert not any(one.file for one in eve.chat)


async def test_a_reader_is_told_where_it_does_not_hold(
    town_on_both: Town, anna: Borrower, lin: Person
) -> None:
    await a_case(town_on_both, anna, lin)
    table = schema.transcript
    async with town_on_both.storage.transaction() as tx:
        await tx.execute(
            update(table)
            .where(table.c.case_id == CASE, table.c.number == 2)
            .values(actor="staff:1")
        )
    kim = await town_on_both.staff("Kim", Role.COMPLIANCE)
    await kim.says("/transcript 1")
    kim.sees("It does not hold: entry 2")


async def test_the_file_can_be_checked_without_this_program(
    town_on_both: Town, anna: Borrower, lin: Person
) -> None:
    await a_case(town_on_both, anna, lin)
    sue = await town_on_both.staff("Sue", Role.SUPERVISOR)
    await sue.says("/transcript 1 json")
    told = json.loads(sue.sees("#1 Anna Berg").file)
    previous = "0" * 64
    for one in told["entries"]:
        plain = {name: one[name] for name in ("number", "at", "actor", "kind", "content")}
        line = json.dumps(
            {"case": told["case_id"], **plain},
            sort_keys=True, separators=(",", ":"), ensure_ascii=False,
        )  # fmt: skip
        previous = sha256(f"{previous}\n{line}".encode()).hexdigest()
        assert previous == one["hash"]
    assert previous == told["head"]


@pytest.mark.parametrize("typed", ["/transcript", "/transcript 1 xml"])
async def test_how_to_ask_is_told(town_on_both: Town, typed: str) -> None:
    sue = await town_on_both.staff("Sue", Role.SUPERVISOR)
    await sue.says(typed)
    sue.sees("Write /transcript and the number")


async def test_a_number_that_is_no_case_is_said_so(town_on_both: Town) -> None:
    sue = await town_on_both.staff("Sue", Role.SUPERVISOR)
    await sue.says("/transcript 77")
    sue.sees("There is no case #77")
