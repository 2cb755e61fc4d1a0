"""A whole conversation through the real command, and what `remindful transcript` says of it."""

import json
import sqlite3
from collections.abc import AsyncIterator
from contextlib import closing
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pytest

from tests.process.deployment import (
    BOARD,
    Debtor,
    Deployment,
    Person,
    deployed,
    import_portfolio,
    known,
    people,
)

pytestmark = pytest.mark.process

MARIA = Debtor("B-1", 1001, "Maria Lopez", "en", due_date=date(2026, 11, 12))
FANG = Debtor("B-2", 1002, "王芳", "zh-Hans", due_date=date(2026, 11, 12), due="800.00")
LIN = 7001


@dataclass(frozen=True)
class Story:
    """What is said in one language, in order."""

    language: str
    person: str
    question: str
    sharper: str
    note: str
    answer: str
    hard: str
    plain: str
    thanks: str


ENGLISH = Story(
    language="en",
    person="I would rather talk to a person",
    question="Why is it more than last month",
    sharper="Why is it more than last month, and what is the fee for",
    note="asks about the fee of 12 November, sounds calm",
    answer="The fee was added on the 12th. I am checking it and will tell you here today.",
    hard="You stupid liar, pay or I will tell your boss.",
    plain="I have looked: the fee was right, but you can ask for it to be spread over two months.",
    thanks="Thanks",
)
CHINESE = Story(
    language="zh-Hans",
    person="我想找人工",
    question="怎么比上个月多了",
    sharper="怎么比上个月多了，这笔费用是什么",
    note="问 12 号的费用，语气平和",
    answer="这笔费用是 12 号记上的，我去核对一下，今天在这里回复您。",
    hard="你这个骗子，再不还我就告诉你单位。",
    plain="核对过了，费用没有错，您可以申请分两个月付。",
    thanks="谢谢",
)


@pytest.fixture
async def town(tmp_path: Path) -> AsyncIterator[Deployment]:
    async with deployed(tmp_path) as town:
        yield await ready(town)


async def ready(town: Deployment) -> Deployment:
    """Both borrowers known, a collector at work, the bot running."""
    await town.move_clock(to="2026-11-18T01:00:00Z")
    await people(town, {"telegram_id": LIN, "role": "collector", "name": "Lin", "language": "en"})
    group = {"title": "Board", "type": "supergroup", "chat_id": BOARD, "members": [LIN]}
    await town.ask("POST", "/sim/groups", group)
    await town.do("staff", "add", str(LIN), "--role", "collector", "--name", "Lin",
                  "--language", "en", "--language", "zh-Hans")  # fmt: skip
    await import_portfolio(town, [MARIA, FANG], date(2026, 11, 18))
    await known(town, MARIA, FANG)
    await town.person(LIN).says("/start")
    await town.start()
    return town


async def a_conversation(town: Deployment, borrower: Person, story: Story) -> None:
    """From "a person, please" to the stars, with an edit, a note and words that are stopped."""
    lin = town.person(LIN)
    await borrower.says(story.person)
    await lin.taps("take", chat_id=BOARD)
    first = await borrower.says(story.question)
    await lin.sees(story.question)
    path = f"/sim/people/{borrower.telegram_id}/chats/{borrower.telegram_id}/messages"
    edited = f"{path}/{first['messages'][0]['message_id']}"
    await town.ask("PUT", edited, {"text": story.sharper})
    shown = (await lin.sees(story.sharper))["message_id"]
    await lin.says(story.note)
    for words in (story.answer, story.plain):
        await lin.says(words, reply_to=shown)
        await borrower.sees(words)
        if words == story.answer:
            await lin.says(story.hard, reply_to=shown)
            await lin.sees("You could say:")
            await town.move_clock(advance_s=600)
    await borrower.says(story.thanks)
    await lin.sees(story.thanks)
    await lin.says("/close info_given")
    await borrower.taps("rate")


async def test_a_transcript_is_exported_proven_and_found_changed(town: Deployment) -> None:
    await a_conversation(town, town.person(MARIA.telegram_id), ENGLISH)
    held = await town.do("transcript", "1", "--verify")
    assert "nothing changed" in held.out

    told = json.loads((await town.do("transcript", "#1", "--json")).out)
    assert told["intact"] is True
    assert (told["case"], told["borrower_ref"]) == (1, "B-1")
    assert {"message", "state", "act", "words", "seal"} <= {one["kind"] for one in told["entries"]}
    await town.do("transcript", "1", "--pdf", "case.pdf", "--language", "zh-Hans")
    assert (town.folder / "case.pdf").read_bytes().startswith(b"%PDF")
    assert (await town.command("transcript", "1", "--pdf", "case.pdf")).code == 1
    assert ENGLISH.plain in (await town.do("transcript", "1")).out
    assert (await town.command("transcript", "99", "--verify")).code == 1

    # somebody with the database makes the words nicer than they were
    with closing(sqlite3.connect(town.folder / "remindful.sqlite3")) as database, database:
        done = database.execute(
            "UPDATE messages SET text = 'noted' WHERE text = ?", (ENGLISH.note,)
        )
        assert done.rowcount == 1
    found = await town.command("transcript", "1", "--verify", "--json")
    assert found.code == 1
    number = found.json()["first_broken"]
    [entry] = [one for one in told["entries"] if one["number"] == number]
    assert entry["content"]["text"] == ENGLISH.note
    assert (await town.command("transcript", "1", "--json")).code == 1
