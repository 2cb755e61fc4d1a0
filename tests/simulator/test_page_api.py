"""What the chat page reads and does: people, chats, messages, events, refusals."""

import json
from typing import Any

import aiohttp
import pytest

from tests.simulator.stage import ANNA, CARL, MING, STRANGER, Stage, png


async def test_people_are_listed_as_they_were_put(stage: Stage) -> None:
    link = "https://t.me/remindful_demo_bot?start=abc"
    row = {"telegram_id": 5001, "name": "Bo", "borrower_ref": "B-1", "link": link}
    row["note"] = {"en": "Late by a day.", "zh-Hans": "逾期一天。"}
    await stage.post("/sim/people", [row])
    people = {person["telegram_id"]: person for person in await stage.get("/sim/people")}
    assert people[5001] == {
        "telegram_id": 5001,
        "role": "borrower",
        "name": "Bo",
        "language": "en",
        "username": None,
        "borrower_ref": "B-1",
        "link": link,
        "note": row["note"],
        "blocked": False,
        "started": False,
        "deactivated": False,
        "unread": 0,
    }
    assert people[ANNA]["started"] is True


async def test_a_person_put_again_keeps_what_telegram_knows(stage: Stage) -> None:
    await stage.seen(stage.board, ANNA)
    await stage.bot.send_message(ANNA, "unread")
    await stage.post(f"/sim/people/{ANNA}/block", {"blocked": True})
    await stage.post("/sim/people", {"telegram_id": ANNA, "name": "Anna Schmidt"})
    [anna] = [p for p in await stage.get("/sim/people") if p["telegram_id"] == ANNA]
    assert (anna["name"], anna["started"], anna["blocked"], anna["unread"]) == (
        "Anna Schmidt",
        True,
        True,
        1,
    )


async def test_the_bot_sees_a_persons_name_and_language(stage: Stage) -> None:
    await stage.says(MING, "您好")
    [update] = await stage.updates()
    assert update.message is not None
    sender = update.message.from_user
    assert sender is not None
    assert (sender.first_name, sender.last_name, sender.language_code) == (
        "李明",
        None,
        "zh-hans",
    )


async def test_opening_a_link_is_a_start_with_its_token(stage: Stage) -> None:
    await stage.says(STRANGER, "/start TOKEN-1_a")
    [update] = await stage.updates()
    assert update.message is not None
    assert update.message.text == "/start TOKEN-1_a"
    assert update.message.entities is not None
    assert update.message.entities[0].type == "bot_command"
    assert (await stage.bot.send_message(STRANGER, "now I may")).chat.id == STRANGER


async def test_a_long_text_is_cut_as_an_app_cuts_it(stage: Stage) -> None:
    text = "x" * 10_000
    await stage.says(ANNA, text)
    pieces = [update.message.text or "" for update in await stage.updates() if update.message]
    assert [len(piece) for piece in pieces] == [4096, 4096, 1808]
    assert "".join(pieces) == text


async def test_a_reply_of_a_person_carries_what_it_answers(stage: Stage) -> None:
    question = await stage.bot.send_message(ANNA, "When?")
    await stage.says(ANNA, "Friday", reply_to=question.message_id)
    [update] = await stage.updates()
    assert update.message is not None
    assert update.message.reply_to_message is not None
    assert update.message.reply_to_message.message_id == question.message_id


async def test_an_edit_of_a_person_reaches_the_bot(stage: Stage) -> None:
    number = await stage.says(ANNA, "100")
    await stage.updates()
    path = f"/sim/people/{ANNA}/chats/{ANNA}/messages/{number}"
    async with stage.page.put(path, json={"text": "90"}) as answer:
        assert (await answer.json())["sim"]["edited"] is True
    [update] = await stage.updates()
    assert update.edited_message is not None
    assert (update.edited_message.message_id, update.edited_message.text) == (number, "90")


async def test_a_message_taken_back_is_gone_and_the_bot_hears_nothing(stage: Stage) -> None:
    number = await stage.says(ANNA, "sorry")
    await stage.updates()
    await stage.delete(f"/sim/people/{ANNA}/chats/{ANNA}/messages/{number}")
    assert await stage.updates() == []
    assert number not in [message["message_id"] for message in await stage.seen(ANNA, ANNA)]


async def test_a_location_and_a_contact_are_shared(stage: Stage) -> None:
    path = f"/sim/people/{ANNA}/chats/{ANNA}/messages"
    await stage.post(path, {"location": {"latitude": 52.5, "longitude": 13.4}})
    await stage.post(path, {"contact": {"phone_number": "+49301", "first_name": "Anna"}})
    place, card = await stage.updates()
    assert place.message is not None
    assert place.message.location is not None
    assert card.message is not None
    assert card.message.contact is not None


async def test_chats_show_the_last_message_and_what_is_unread(stage: Stage) -> None:
    for text in ("one", "two"):
        await stage.bot.send_message(CARL, text)
    private, board = await stage.get(f"/sim/people/{CARL}/chats")
    assert (private["chat_id"], private["type"], private["title"]) == (
        CARL,
        "private",
        "Remindful",
    )
    assert (private["last_message"]["text"], private["unread"]) == ("two", 2)
    assert (board["chat_id"], board["type"], board["title"]) == (
        stage.board,
        "supergroup",
        "Board",
    )
    await stage.seen(CARL, CARL)
    [private, _] = await stage.get(f"/sim/people/{CARL}/chats")
    assert private["unread"] == 0


async def test_messages_after_a_seq_are_those_that_changed(stage: Stage) -> None:
    first = await stage.bot.send_message(ANNA, "first")
    second = await stage.bot.send_message(ANNA, "second")
    seq = max(message["sim"]["seq"] for message in await stage.seen(ANNA, ANNA))
    await first.as_(stage.bot).edit_text("changed")
    await second.as_(stage.bot).delete()
    path = f"/sim/chats/{ANNA}/messages?viewer={ANNA}&after={seq}"
    changed, deleted = await stage.get(path)
    assert (changed["text"], changed["sim"]["edited"]) == ("changed", True)
    assert (deleted["message_id"], deleted["sim"]["deleted"]) == (second.message_id, True)


async def test_events_bring_what_the_viewer_may_see(stage: Stage) -> None:
    async with stage.page.get(f"/sim/events?viewer={ANNA}") as stream:
        await stream.content.readuntil(b"\n\n")
        await stage.bot.send_message(MING, "not for Anna")
        await stage.bot.send_message(ANNA, "for Anna")
        head, data = (await stream.content.readuntil(b"\n\n")).decode().strip().split("\n")
    assert head == "event: message"
    event = json.loads(data.removeprefix("data: "))
    assert event["chat_id"] == ANNA
    assert event["message"]["text"] == "for Anna"
    assert event["message"]["sim"]["outgoing"] is True


async def test_a_reset_forgets_people_but_no_number(stage: Stage) -> None:
    before = await stage.says(ANNA, "before")
    [update] = await stage.updates()
    await stage.post("/sim/faults", {"kind": "slow"})
    await stage.post("/sim/reset")
    assert await stage.get("/sim/people") == []
    assert (await stage.get("/sim/faults"))["faults"] == []
    assert (await stage.get("/sim/requests"))["requests"] == []
    await stage.post("/sim/people", {"telegram_id": ANNA, "name": "Anna"})
    assert await stage.says(ANNA, "after") > before
    [later] = await stage.updates()
    assert later.update_id > update.update_id


@pytest.mark.parametrize(
    ("path", "body", "status"),
    [
        ("/sim/people", [{"name": "No number"}], 400),
        ("/sim/people", [{"telegram_id": 7}], 400),
        ("/sim/people", "all", 400),
        (f"/sim/people/99/chats/{ANNA}/messages", {"text": "x"}, 404),
        (f"/sim/people/{ANNA}/chats/{MING}/messages", {"text": "x"}, 404),
        (f"/sim/people/{ANNA}/chats/{ANNA}/messages", {"text": " "}, 400),
        (f"/sim/people/{ANNA}/chats/{ANNA}/messages", {"text": 7}, 400),
        (f"/sim/people/{ANNA}/chats/{ANNA}/messages", {"text": "x", "reply_to": 9}, 404),
        (f"/sim/people/{ANNA}/chats/{ANNA}/messages", [], 400),
        (f"/sim/people/{ANNA}/chats/{ANNA}/messages", {"text": "\ud83d"}, 400),
        (f"/sim/people/{ANNA}/chats/{ANNA}/messages", {"location": {"latitude": "x"}}, 400),
        (f"/sim/people/{ANNA}/chats/{ANNA}/messages", {"contact": "Anna"}, 400),
        (f"/sim/people/{ANNA}/block", {"blocked": "yes"}, 400),
        (f"/sim/people/{ANNA}/press", {"chat_id": ANNA, "message_id": 1, "data": ""}, 400),
        ("/sim/groups", {"title": "", "members": [ANNA]}, 400),
        ("/sim/groups", {"title": "X", "members": []}, 400),
        ("/sim/groups", {"title": "X", "members": [99]}, 404),
        ("/sim/groups/5/migrate", {}, 404),
        (f"/sim/groups/{ANNA}/bot", {"status": "left"}, 400),
        ("/sim/settings", {"gravity": True}, 400),
        ("/sim/bot", {"first_name": ""}, 400),
        ("/sim/readyz", {"urls": "x"}, 400),
    ],
)
async def test_a_wish_that_cannot_be_granted_says_why(
    stage: Stage, path: str, body: Any, status: int
) -> None:
    assert (await stage.post(path, body, status=status))["error"]


async def test_who_blocked_the_bot_must_unblock_it_to_write(stage: Stage) -> None:
    await stage.post(f"/sim/people/{ANNA}/block", {"blocked": True})
    path = f"/sim/people/{ANNA}/chats/{ANNA}/messages"
    await stage.post(path, {"text": "hello?"}, status=409)
    await stage.post(f"/sim/people/{ANNA}/block", {"blocked": False})
    await stage.says(ANNA, "hello")


async def test_the_page_and_its_files_are_served(stage: Stage) -> None:
    async with stage.page.get("/") as answer:
        assert answer.status == 200
        assert answer.content_type == "text/html"
        assert "/page/" in await answer.text()
    async with stage.page.get("/page/page.js") as answer:
        assert answer.status == 200
    async with stage.page.get("/page/../server.py") as answer:
        assert answer.status == 404


async def test_an_album_is_at_most_ten_files(stage: Stage) -> None:
    path = f"/sim/people/{ANNA}/chats/{ANNA}/messages"
    form = aiohttp.FormData({"kind": "photo"})
    for number in range(11):
        form.add_field("file", png(), filename=f"{number}.png")
    async with stage.page.post(path, data=form) as answer:
        assert answer.status == 400
    assert await stage.updates() == []
