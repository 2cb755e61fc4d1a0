"""Every object sent and every parameter taken, against Telegram's own description.

The description is a file of the public telegram-bot-api-spec project (Bot API 10.1), named by the
environment variable BOTAPI_SPEC or lying beside the repository; without it these tests are skipped.
"""

import json
import os
from pathlib import Path
from typing import Any

import pytest
from aiogram.types import (
    BotCommand,
    BufferedInputFile,
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    InputMediaPhoto,
    ReplyParameters,
)

from simulator.methods import METHODS
from simulator.methods.registry import Method
from tests.simulator.stage import ANNA, CARL, MING, Stage, png

BESIDE = Path(__file__).parents[3] / "shared" / "botapi" / "api.min.json"
SPEC_FILE = Path(os.environ.get("BOTAPI_SPEC") or BESIDE)
needs_description = pytest.mark.skipif(
    not SPEC_FILE.is_file(), reason="Telegram's description (BOTAPI_SPEC) is not here"
)
SPEC: dict[str, Any] = json.loads(SPEC_FILE.read_text()) if SPEC_FILE.is_file() else {}
SIMPLE: dict[str, type] = {"String": str, "Boolean": bool, "Float": float}
# aiogram 3.31 speaks Bot API 10.3 and insists on what 10.1 does not describe yet.
NEWER = {("ChatMemberAdministrator", "can_send_welcome_messages")}


def faults(value: Any, kinds: list[str], where: str) -> list[str]:
    """Why `value` is none of `kinds`; empty when it is one."""
    tried = [_faults(value, kind, where) for kind in kinds]
    return min(tried, key=len)


def _faults(value: Any, kind: str, where: str) -> list[str]:
    if kind.startswith("Array of "):
        if not isinstance(value, list):
            return [f"{where} is no list"]
        inner = kind.removeprefix("Array of ")
        return [
            bad for n, item in enumerate(value) for bad in _faults(item, inner, f"{where}[{n}]")
        ]
    if kind == "Integer":
        good = isinstance(value, int) and not isinstance(value, bool)
        return [] if good else [f"{where} is no integer: {value!r}"]
    if kind in SIMPLE:
        numeric = kind == "Float" and isinstance(value, int)
        good = numeric or isinstance(value, SIMPLE[kind])
        return [] if good else [f"{where} is no {kind}: {value!r}"]
    described = SPEC["types"][kind]
    if described.get("subtypes"):
        return faults(value, described["subtypes"], where)
    return _object_faults(value, kind, described.get("fields", []), where)


def _object_faults(value: Any, kind: str, fields: list[Any], where: str) -> list[str]:
    if not isinstance(value, dict):
        return [f"{where} is no {kind}: {value!r}"]
    known = {field["name"]: field for field in fields}
    found = [
        f"{where}.{name} is no field of {kind}"
        for name in value
        if name not in known and (kind, name) not in NEWER
    ]
    for name, field in known.items():
        if name in value:
            found += faults(value[name], field["types"], f"{where}.{name}")
        elif field["required"]:
            found.append(f"{where}.{name} of {kind} is missing")
    return found


@needs_description
@pytest.mark.parametrize("method", METHODS.values(), ids=lambda method: method.name)
def test_a_method_takes_parameters_that_telegram_describes(method: Method) -> None:
    described = {field["name"]: field for field in SPEC["methods"][method.name].get("fields", [])}
    assert set(method.accepts) <= set(described)
    for name, kind in method.accepts.items():
        assert set(kind.split("|")) <= set(described[name]["types"]), name
    required = {name for name, field in described.items() if field["required"]}
    assert required <= set(method.accepts)


async def a_full_day(stage: Stage) -> None:
    """Use everything once, so that every kind of object crosses the wire."""
    bot = stage.bot
    keys = InlineKeyboardMarkup(
        inline_keyboard=[
            [
                InlineKeyboardButton(text="Pay", callback_data="pay"),
                InlineKeyboardButton(text="Site", url="https://example.org"),
            ]
        ]
    )
    me = await bot.get_me()
    number = await stage.says(ANNA, "/start hello https://example.org")
    html = (
        '<b>a</b><a href="https://example.org">b</a><a href="tg://user?id=1002">c</a>'
        '<pre><code class="language-py">d</code></pre>'
    )
    reply = ReplyParameters(message_id=number, quote="hello")
    message = await bot.send_message(
        ANNA, html, parse_mode="HTML", reply_markup=keys, reply_parameters=reply
    )
    await message.as_(bot).edit_text("changed", reply_markup=keys)
    query = await stage.presses(message, "pay")
    await bot.answer_callback_query(query)
    photo = await bot.send_photo(ANNA, BufferedInputFile(png(), "a.png"), caption="x")
    await photo.as_(bot).edit_caption(caption="y")
    document = await bot.send_document(ANNA, BufferedInputFile(b"x", "a.txt"))
    await bot.send_voice(ANNA, BufferedInputFile(b"x", "a.ogg"), duration=1)
    await bot.send_sticker(ANNA, BufferedInputFile(b"x", "a.webp"), emoji="x")
    await bot.send_location(ANNA, latitude=1.5, longitude=2)
    picture = BufferedInputFile(png(), "a.png")
    await bot.send_media_group(ANNA, [InputMediaPhoto(media=picture)] * 2)
    assert document.document is not None
    await bot.get_file(document.document.file_id)
    await bot.copy_message(CARL, ANNA, number)
    await bot.forward_message(CARL, ANNA, number)
    await bot.send_chat_action(ANNA, "typing")
    await bot.set_my_commands([BotCommand(command="pay", description="pay")])
    await bot.get_my_commands()
    await stage.attaches(ANNA, "photo", ("a.png", png()), ("b.png", png()), caption="/paid")
    await stage.attaches(ANNA, "voice", ("a.ogg", b"x"), duration="3")
    await stage.says(ANNA, "forwarded", forward_from_name="Bank")
    path = f"/sim/people/{ANNA}/chats/{ANNA}/messages"
    await stage.post(path, {"contact": {"phone_number": "+1", "first_name": "A"}})
    async with stage.page.put(f"{path}/{number}", json={"text": "edited"}):
        pass
    await stage.presses(message, "pay")
    await message.as_(bot).delete()
    await stage.presses(message, "pay")
    await stage.post(f"/sim/people/{MING}/block", {"blocked": True})
    await groups(stage, me.id)
    await bot.set_webhook("http://127.0.0.1:9/hook", allowed_updates=["message"])
    await bot.get_webhook_info()
    await bot.delete_webhook()


async def groups(stage: Stage, bot_id: int) -> None:
    bot = stage.bot
    made = await stage.post("/sim/groups", {"title": "T", "type": "group", "members": [CARL]})
    await stage.post(f"/sim/groups/{made['chat_id']}/migrate")
    forum = {"title": "F", "members": [CARL, ANNA], "is_forum": True, "bot_is_admin": True}
    chat = (await stage.post("/sim/groups", forum))["chat_id"]
    topic = await bot.create_forum_topic(chat, "Case")
    await bot.edit_forum_topic(chat, topic.message_thread_id, name="Case 2")
    await bot.close_forum_topic(chat, topic.message_thread_id)
    await bot.reopen_forum_topic(chat, topic.message_thread_id)
    await bot.send_message(chat, "x", message_thread_id=topic.message_thread_id)
    await bot.get_updates(allowed_updates=["message", "chat_member", "my_chat_member"])
    await stage.post(f"/sim/groups/{chat}/members", {"telegram_id": MING})
    await stage.delete(f"/sim/groups/{chat}/members/{MING}")
    for person in (CARL, ANNA, MING, bot_id):
        await bot.get_chat_member(chat, person)
    await bot.get_chat_administrators(chat)
    await bot.get_chat_member_count(chat)
    await bot.get_chat(chat)
    await bot.get_chat(ANNA)
    await stage.post(f"/sim/groups/{chat}/bot", {"status": "kicked"})


@needs_description
async def test_everything_sent_has_the_names_and_types_that_telegram_describes(
    stage: Stage,
) -> None:
    await a_full_day(stage)
    found: list[str] = []
    kinds_seen: set[str] = set()
    for entry in stage.sim.journal.entries():
        if entry.outcome == "ok":
            returns = SPEC["methods"][entry.method]["returns"]
            found += faults(entry.result, returns, entry.method)
    for update in stage.sim.world.updates.history:
        kinds_seen.add(update.kind)
        found += faults(update.as_json(), ["Update"], f"{update.kind}")
    assert found == []
    assert kinds_seen == {
        "message",
        "edited_message",
        "callback_query",
        "my_chat_member",
        "chat_member",
    }


@needs_description
def test_the_check_itself_notices_wrong_names_missing_fields_and_wrong_types() -> None:
    chat = {"id": 1, "type": "private"}
    good = {"message_id": 1, "date": 0, "chat": chat}
    assert faults(good, ["Message"], "m") == []
    assert faults({**good, "txt": "x"}, ["Message"], "m") == ["m.txt is no field of Message"]
    assert faults({"date": 0, "chat": chat}, ["Message"], "m") == [
        "m.message_id of Message is missing"
    ]
    assert faults({**good, "text": 7}, ["Message"], "m") == ["m.text is no String: 7"]
    assert faults({**good, "date": True}, ["Message"], "m") == ["m.date is no integer: True"]
