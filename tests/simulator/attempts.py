"""How the refusals of the matrix are met: the longer stories, one coroutine each."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from aiogram.types import (
    BotCommand,
    BufferedInputFile,
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    InputMediaDocument,
    InputMediaPhoto,
    Message,
)

from tests.simulator.stage import ANNA, CARL, Stage, png


def button(**action: Any) -> InlineKeyboardMarkup:
    return InlineKeyboardMarkup(inline_keyboard=[[InlineKeyboardButton(text="Pay", **action)]])


def html(text: str) -> Callable[[Stage], Awaitable[Any]]:
    return lambda stage: stage.bot.send_message(ANNA, text, parse_mode="HTML")


def send(text: str, chat: int = ANNA, **more: Any) -> Callable[[Stage], Awaitable[Any]]:
    return lambda stage: stage.bot.send_message(chat, text, **more)


async def sent(stage: Stage, text: str = "Hello", **more: Any) -> Message:
    return await stage.bot.send_message(ANNA, text, **more)


async def to_a_blocker(stage: Stage) -> None:
    await stage.post(f"/sim/people/{ANNA}/block", {"blocked": True})
    await sent(stage)


async def edit_for_a_blocker(stage: Stage) -> None:
    message = await sent(stage)
    await stage.post(f"/sim/people/{ANNA}/block", {"blocked": True})
    await message.as_(stage.bot).edit_text("Changed")


async def to_a_deleted_account(stage: Stage) -> None:
    await stage.post(f"/sim/people/{ANNA}/deactivate", {})
    await sent(stage)


def group(status: str, kind: str = "supergroup") -> Callable[[Stage], Awaitable[Any]]:
    async def attempt(stage: Stage) -> None:
        made = await stage.post("/sim/groups", {"title": "X", "type": kind, "members": [CARL]})
        await stage.post(f"/sim/groups/{made['chat_id']}/bot", {"status": status})
        await stage.bot.send_message(made["chat_id"], "Hello")

    return attempt


async def to_an_upgraded_group(stage: Stage) -> None:
    made = await stage.post("/sim/groups", {"title": "X", "type": "group", "members": [CARL]})
    await stage.post(f"/sim/groups/{made['chat_id']}/migrate", {})
    await stage.bot.send_message(made["chat_id"], "Hello")


async def edit_without_change(stage: Stage) -> None:
    message = await sent(stage, reply_markup=button(callback_data="pay"))
    await message.as_(stage.bot).edit_text("Hello", reply_markup=button(callback_data="pay"))


async def edit_markup_without_change(stage: Stage) -> None:
    message = await sent(stage, reply_markup=button(callback_data="pay"))
    await message.as_(stage.bot).edit_reply_markup(reply_markup=button(callback_data="pay"))


async def edit_of_a_person(stage: Stage) -> None:
    await stage.bot.edit_message_text("x", chat_id=ANNA, message_id=await stage.says(ANNA, "Hi"))


async def edit_a_photo_as_text(stage: Stage) -> None:
    photo = await stage.bot.send_photo(ANNA, BufferedInputFile(png(), "a.png"))
    await photo.as_(stage.bot).edit_text("x")


async def caption_of_a_text(stage: Stage) -> None:
    message = await sent(stage)
    await message.as_(stage.bot).edit_caption(caption="x")


async def edit_what_was_deleted(stage: Stage) -> None:
    message = (await sent(stage)).as_(stage.bot)
    await message.delete()
    await message.edit_text("x")


async def delete_twice(stage: Stage) -> None:
    message = (await sent(stage)).as_(stage.bot)
    await message.delete()
    await message.delete()


async def delete_after_two_days(stage: Stage) -> None:
    message = (await sent(stage)).as_(stage.bot)
    await stage.post("/clock", {"advance_s": 48 * 3600 + 1})
    await message.delete()


async def delete_in_a_group(stage: Stage) -> None:
    number = await stage.says(CARL, "mine", chat=stage.board)
    await stage.bot.delete_message(stage.board, number)


async def photo_as_document(stage: Stage) -> None:
    photo = await stage.bot.send_photo(ANNA, BufferedInputFile(png(), "a.png"))
    assert photo.photo
    await stage.bot.send_document(ANNA, photo.photo[-1].file_id)


async def mixed_album(stage: Stage) -> None:
    await stage.bot.send_media_group(
        ANNA,
        [
            InputMediaPhoto(media=BufferedInputFile(png(), "a.png")),
            InputMediaDocument(media=BufferedInputFile(b"x", "a.txt")),
        ],
    )


async def big_album(stage: Stage) -> None:
    photo = BufferedInputFile(png(), "a.png")
    await stage.bot.send_media_group(ANNA, [InputMediaPhoto(media=photo) for _ in range(11)])


async def protected(stage: Stage, verb: str) -> None:
    message = await sent(stage, protect_content=True)
    act = stage.bot.copy_message if verb == "copy" else stage.bot.forward_message
    await act(CARL, ANNA, message.message_id)


async def big_file(stage: Stage) -> None:
    [message] = await stage.attaches(ANNA, "document", ("big.bin", b"x" * (20 * 1024 * 1024 + 1)))
    await stage.bot.get_file(message["document"]["file_id"])


async def answer_twice(stage: Stage) -> None:
    query = await stage.presses(await sent(stage, reply_markup=button(callback_data="a")), "a")
    await stage.bot.answer_callback_query(query)
    await stage.bot.answer_callback_query(query)


async def answer_late(stage: Stage) -> None:
    query = await stage.presses(await sent(stage, reply_markup=button(callback_data="a")), "a")
    await stage.post("/clock", {"advance_s": 31})
    await stage.bot.answer_callback_query(query)


def commands(name: str, description: str) -> Callable[[Stage], Awaitable[Any]]:
    return lambda stage: stage.bot.set_my_commands(
        [BotCommand(command=name, description=description)]
    )


async def topic_in_a_plain_group(stage: Stage) -> None:
    await stage.bot.create_forum_topic(stage.board, "Case")
