"""Notes that must not leak, words that must not go astray, and people who are suddenly gone."""

import json

import pytest
from sqlalchemy import select

from bot.services import sending, staffing
from storage import schema, transcript
from storage.records import Actor, CaseId, ConversationState, Role
from storage.schema import conversations
from tests.telegram.conversation import BOARD, Borrower, Person, Shown, Town

SECRET = "SECRET"
BIG = 22_020_096
"""Bytes of 21 MB: more than a bot may fetch, not more than it may pass on."""


async def begin(anna: Borrower, lin: Person) -> None:
    await anna.says("/human")
    await lin.taps("Take", chat=BOARD)


async def to_borrowers(town: Town) -> list[str]:
    """Every row of the outbox that is for a borrower, whole."""
    async with town.storage.reading() as tx:
        rows = await tx.all(select(schema.outbox).where(schema.outbox.c.borrower_id.is_not(None)))
    return [json.dumps([row.payload, row.unique_key, row.error], default=str) for row in rows]


async def state(town: Town, anna: Borrower) -> tuple[str, int | None]:
    async with town.storage.reading() as tx:
        row = await tx.one(
            select(conversations).where(conversations.c.borrower_id == anna.borrower_id)
        )
    assert row is not None
    return row.state, row.staff_id


# notes


async def test_nothing_of_a_note_is_ever_on_its_way_to_a_borrower(
    town: Town, anna: Borrower, lin: Person
) -> None:
    await begin(anna, lin)
    await anna.says("what now?")
    shown = lin.sees("what now?")
    brief = lin.chat[0]
    await lin.says(f"{SECRET} a")
    await lin.says(f"/note {SECRET} b")
    await lin.says(f"{SECRET} c", reply_to=brief)
    await lin.sends("photo", f"{SECRET}-photo", f"{SECRET} d")
    await lin.sends("document", f"{SECRET}-document")
    await lin.sends("voice", f"{SECRET}-voice", reply_to=brief)
    await lin.sends("photo", f"{SECRET}-page-1", f"{SECRET} e", album="a1")
    await lin.sends("photo", f"{SECRET}-page-2", album="a1")
    note = await lin.says("harmless")
    await lin.edits(note, f"{SECRET} f")
    await lin.edits(await lin.says("/note harmless"), f"/reply {SECRET} g")
    answer = await lin.says("/reply Good morning")
    sent = lin.sees("Sent to Anna Berg")
    await lin.edits(answer, f"/reply {SECRET} h")
    await lin.says(f"{SECRET} i", reply_to=sent)
    await lin.taps("Reply")
    await lin.taps("No reply")
    await lin.says(f"{SECRET} j")
    await lin.says(f"/hold {SECRET}")
    await lin.says("/reply What can I do?")
    await lin.says(f"/transfer {SECRET} k")
    dana = await town.staff("Dana")
    await dana.says("/next")
    dana.sees(SECRET)
    await lin.says(f"{SECRET} l", reply_to=shown)
    await dana.says(f"/close {SECRET}")
    await dana.says("/close info_given")
    assert not [row for row in await to_borrowers(town) if SECRET in row]
    anna.does_not_see(SECRET)


# the wrong borrower


async def test_no_reply_to_anything_of_one_case_reaches_another_borrower(
    town: Town, anna: Borrower, lin: Person
) -> None:
    ben = await town.borrower("B2", "Ben Ode")
    await begin(anna, lin)
    await anna.says("it is Anna")
    await lin.says("/reply for Anna 0", reply_to=lin.sees("it is Anna"))
    mine = await lin.says("a note on Anna", reply_to=lin.sees("Sent to Anna"))
    of_anna = list(lin.chat)
    await begin(ben, lin)
    await ben.says("it is Ben")
    for number, shown in enumerate(of_anna, start=1):
        await lin.says(f"for Anna {number}", reply_to=shown)
        await lin.taps("Reply #2", on=_shows(lin, "it is Ben"))
        await lin.says(f"still for Anna {number}", reply_to=shown)
    ben.does_not_see("for Anna")
    assert mine
    for row in await to_borrowers(town):
        assert not ("for Anna" in row and "Ben" in row)


def _shows(person: Person, part: str) -> Shown:
    return next(one for one in person.chat if part in one)


# size


async def test_a_file_of_21_mb_is_passed_on_both_ways(
    town: Town, anna: Borrower, lin: Person
) -> None:
    await begin(anna, lin)
    await _sends_big(town, anna, "big-of-anna")
    shown = lin.sees("Anna Berg")
    assert shown.media == "big-of-anna"
    await _sends_big(town, lin, "big-of-lin", reply_to=shown.message_id)
    assert anna.last.media == "big-of-lin"


async def _sends_big(town: Town, person: Person, file_id: str, reply_to: int | None = None) -> None:
    chat = {"id": person.telegram_id, "type": "private", "first_name": person.name}
    body = {
        "message_id": town.message_id(),
        "date": int(town.now.timestamp()),
        "chat": chat,
        "from": {"id": person.telegram_id, "is_bot": False, "first_name": person.name},
        "document": {"file_id": file_id, "file_unique_id": f"u-{file_id}", "file_size": BIG},
    }
    if reply_to is not None:
        body["reply_to_message"] = {"message_id": reply_to, "date": 1, "chat": chat, "text": "…"}
    await town.update("message", body)


async def test_the_longest_words_beside_a_picture_arrive_whole_under_the_longest_name(
    town: Town, lin: Person
) -> None:
    long = await town.borrower("B9", "Ignatius Maximilian " * 9)
    await begin(long, lin)
    await long.sends("photo", "a-photo", "字" * 1024)
    shown = [one for one in lin.new if "字" in one]
    assert sum(one.text.count("字") for one in shown) == 1024
    assert [one.media for one in lin.chat if one.media] == ["a-photo"]


# people who are gone


async def test_a_borrower_who_blocks_us_in_the_middle_is_told_of_and_can_come_back(
    town: Town, anna: Borrower, lin: Person
) -> None:
    await begin(anna, lin)
    await lin.says("/reply one")
    await anna.blocks()
    await lin.says("/reply two")
    lin.sees("Not sent to Anna Berg")
    anna.does_not_see("two")
    town.blocked.clear()
    await anna.says("sorry, wrong button")
    await lin.says("/reply three", reply_to=lin.sees("wrong button"))
    assert anna.last.text == "three"


@pytest.mark.parametrize("gone", ["disabled", "demoted"])
async def test_somebody_who_lost_their_role_reaches_nobody_and_the_case_waits(
    town: Town, anna: Borrower, lin: Person, gone: str
) -> None:
    await begin(anna, lin)
    await anna.says("are you there?")
    shown = lin.sees("are you there?")
    await lin.taps("Reply")
    async with town.storage.transaction() as tx:
        if gone == "disabled":
            await staffing.disable_staff(tx, town.office, Actor.system(), lin.telegram_id, town.now)
        else:
            await staffing.put_staff(
                tx, town.office, Actor.system(), lin.telegram_id, role=Role.AUDITOR, name="Lin",
                languages=["en"], skills=[], now=town.now,
            )  # fmt: skip
    await town.deliver()
    await lin.says("armed words")
    await lin.says("replied words", reply_to=shown)
    await lin.says("/reply typed words")
    for words in ("armed", "replied", "typed"):
        anna.does_not_see(words)
    assert await state(town, anna) == (ConversationState.WAITING, None)


async def test_who_lost_their_role_while_writing_up_gets_no_talk_back(
    town: Town, anna: Borrower, lin: Person
) -> None:
    await begin(anna, lin)
    await lin.says("/reply Good morning.")
    await lin.says("/close")
    async with town.storage.transaction() as tx:
        await staffing.put_staff(
            tx, town.office, Actor.system(), lin.telegram_id, role=Role.AUDITOR, name="Lin",
            languages=["en"], skills=[], now=town.now,
        )  # fmt: skip
    await anna.says("one more question")
    await town.ticks(seconds=1)
    anna.sees("Someone else will go on from here")
    assert await state(town, anna) == (ConversationState.WAITING, None)


# updates


async def test_an_update_that_comes_twice_is_said_once(
    town: Town, anna: Borrower, lin: Person
) -> None:
    await begin(anna, lin)
    update = lin.update_of("/reply only once")
    note = lin.update_of("a note only once")
    for one in (update, note, update, note):
        await town.handle(one)
        await town.deliver()
    assert sum("only once" in one for one in anna.chat) == 1
    async with town.storage.reading() as tx:
        found = await transcript.entries(tx, CaseId(1))
    assert [one.kind for one in found if "only once" in str(one.content.get("text"))] == [
        transcript.WORDS,
        transcript.MESSAGE,
        transcript.MESSAGE,
    ]


async def test_an_edit_that_overtakes_its_message_loses_neither(
    town: Town, anna: Borrower, lin: Person
) -> None:
    await begin(anna, lin)
    original = anna.update_of("first wording")
    number = original["message"]["message_id"]
    await anna.edits(number, "second wording")
    await town.handle(original)
    await town.deliver()
    lin.sees("second wording")
    lin.sees("first wording")
    async with town.storage.reading() as tx:
        found = await transcript.entries(tx, CaseId(1))
    assert [one.content["text"] for one in found if one.content.get("message") == number] == [
        "second wording",
        "first wording",
    ]


async def test_a_death_between_a_claim_and_its_notice_leaves_nobody_untold(
    town: Town, anna: Borrower, lin: Person
) -> None:
    await anna.says("/human")
    await town.handle(lin.update_of("/next"))  # the claim is kept …
    async with town.storage.transaction() as tx:  # … and the process dies with it on the wire
        batch = await sending.next_batch(tx, town.office, "dead", town.now, limit=50)
    assert batch.ready
    async with town.storage.transaction() as tx:
        await sending.recover(tx, town.now, everything=True)
    await town.deliver()
    assert sum("asks for a person" in one for one in lin.chat) == 1
    assert sum("Hello, I am Lin" in one for one in anna.chat) == 1
    assert town.chats[BOARD][-1].text == "#1 is with Lin"


async def test_nobody_works_on_their_own_case(town: Town, anna: Borrower, lin: Person) -> None:
    """A borrower who came to work here uses the same account for both."""
    await anna.says("/human")
    sue = await town.staff("Sue", Role.SUPERVISOR)
    herself = await town.staff("Anna", telegram_id=anna.telegram_id)
    await herself.says("/shift on")
    await town.ticks(seconds=1)
    herself.does_not_see("Can you take")
    for typed in ("/take 1", "/next", "/queue"):
        await herself.says(typed)
        assert "Anna Berg" not in herself.last
    herself.does_not_see("Suggested:")
    await sue.says("/assign 1 Anna")
    sue.sees("#1 is for somebody who had no part in it")
    await lin.says("/take 1")
    lin.sees("Anna Berg")
    await lin.says("/transfer @Anna you know it best")
    lin.sees("#1 is for somebody who had no part in it")
