"""What a borrower and a collector send each other, through the real command and the simulator."""

from collections.abc import AsyncIterator
from datetime import date
from pathlib import Path
from typing import Any

import aiohttp
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

MARIA = Debtor("B-1", 1001, "Maria Lopez", "en", due_date=date(2026, 11, 21))
LIN = 7001
PICTURE = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010806000000"
    "1f15c4890000000d49444154789c6360f8cf50cf000003860181d0a5f4e90000000049454e44ae426082"
)


@pytest.fixture
async def town(tmp_path: Path) -> AsyncIterator[Deployment]:
    async with deployed(tmp_path) as town:
        await town.move_clock(to="2026-11-18T01:00:00Z")
        await people(
            town,
            {"telegram_id": 1001, "role": "borrower", "name": "Maria", "language": "en"},
            {"telegram_id": LIN, "role": "collector", "name": "Lin", "language": "en"},
        )
        await town.ask("POST", "/sim/settings", {"topics_in_private": True})
        group = {"title": "Board", "type": "supergroup", "chat_id": BOARD, "members": [LIN]}
        await town.ask("POST", "/sim/groups", group)
        await town.do(
            "staff", "add", str(LIN), "--role", "collector", "--name", "Lin", "--language", "en"
        )
        await import_portfolio(town, [MARIA], date(2026, 11, 18))
        yield town


async def attach(
    town: Deployment, person: Person, kind: str, caption: str = "", reply_to: int | None = None
) -> None:
    form = aiohttp.FormData()
    form.add_field("kind", kind)
    form.add_field("caption", caption)
    if reply_to is not None:
        form.add_field("reply_to", str(reply_to))
    form.add_field("file", PICTURE, filename=f"{kind}.png", content_type="image/png")
    path = f"/sim/people/{person.telegram_id}/chats/{person.telegram_id}/messages"
    async with town.http.post(town.telegram + path, data=form) as answer:
        assert answer.status == 200, await answer.text()


async def from_the_bot(town: Deployment, person: Person, kind: str, number: int) -> dict[str, Any]:
    """The `number`th message with a `kind` that the bot put into somebody's chat."""

    async def look() -> dict[str, Any] | None:
        found = [one for one in await person.messages() if one["from"]["is_bot"] and one.get(kind)]
        return found[number - 1] if len(found) >= number else None

    found: dict[str, Any] = await town.until(look, f"{kind} {number} for {person.telegram_id}")
    await is_noted(town, person, found)
    return found


async def is_noted(town: Deployment, person: Person, message: dict[str, Any]) -> None:
    """The bot has written down that it sent this: a test would answer before, nobody else."""

    async def look() -> bool:
        which = (person.telegram_id, message["message_id"])
        sent = "SELECT 1 FROM outbox WHERE chat_id = ? AND message_id = ?"
        return bool(await town.rows(sent, *which))

    await town.until(look, f"message {message['message_id']} to be noted")


async def topics(town: Deployment, person: Person) -> list[dict[str, Any]]:
    """The topics in somebody's private chat."""
    chats = await town.ask("GET", f"/sim/people/{person.telegram_id}/chats")
    [mine] = [one for one in chats if one["chat_id"] == person.telegram_id]
    found: list[dict[str, Any]] = mine["topics"]
    return found


async def test_everything_that_can_be_sent_arrives_on_the_other_side(town: Deployment) -> None:
    (maria,) = await known(town, MARIA)
    lin = town.person(LIN)
    await lin.says("/start")
    await town.start()
    await maria.says("/human")
    await lin.taps("take", chat_id=BOARD)
    await lin.sees("Maria Lopez", "Suggested")

    # what carries words keeps them, and a reply to it answers
    for kind in ("photo", "document", "voice"):
        await attach(town, maria, kind, f"my {kind}")
        shown = await from_the_bot(town, lin, kind, 1)
        assert "Maria Lopez" in shown["caption"]
        assert f"my {kind}" in shown["caption"]
        await attach(town, lin, kind, "as you asked", shown["message_id"])
        assert (await from_the_bot(town, maria, kind, 1))["caption"] == "as you asked"

    # what carries none comes below a line that says whose it is
    await attach(town, maria, "sticker")
    sticker = await from_the_bot(town, lin, "sticker", 1)
    await lin.sees("Maria Lopez", "sent: sticker")
    await attach(town, lin, "sticker", reply_to=sticker["message_id"])
    await from_the_bot(town, maria, "sticker", 1)
    path = f"/sim/people/{maria.telegram_id}/chats/{maria.telegram_id}/messages"
    await town.ask("POST", path, {"location": {"latitude": 31.25, "longitude": 121.5}})
    place = await from_the_bot(town, lin, "location", 1)
    assert place["location"]["latitude"] == pytest.approx(31.25)

    # all of it stands in the topic of the case, which is made again when somebody deletes it
    [topic] = await topics(town, lin)
    assert topic["name"] == "#1 · asks for a person"
    assert {sticker["message_thread_id"], place["message_thread_id"]} == {topic["thread_id"]}
    path = f"/sim/people/{LIN}/chats/{LIN}/topics/{topic['thread_id']}"
    await town.ask("DELETE", path)
    await maria.says("Are you still there?")
    again = await lin.sees("Maria Lopez #1\nAre you still there?")
    await is_noted(town, lin, again)
    [another] = await topics(town, lin)
    assert again["message_thread_id"] == another["thread_id"] != topic["thread_id"]
    await lin.says("Yes, I am.", reply_to=again["message_id"])
    await maria.sees("Yes, I am.")

    # a note stays where it was written
    await lin.says("only for us")
    await lin.sees("Noted on #")
    await lin.says("/close info_given")
    await maria.sees("Lin has finished here")
    assert "only for us" not in await maria.transcript()

    async def closed() -> bool:
        return [one["name"] for one in await topics(town, lin)] == ["#1 · closed"]

    await town.until(closed, "the topic with another name")
    board = [one["text"] for one in await lin.messages(BOARD) if one["from"]["is_bot"]]
    assert board == ["#1 is done"]
