"""Inline buttons: pressed by a person, answered once by the bot, or not in time."""

from aiogram.types import InaccessibleMessage, InlineKeyboardButton, InlineKeyboardMarkup, Message

from tests.simulator.stage import ANNA, CARL, Stage

MARKUP = InlineKeyboardMarkup(
    inline_keyboard=[[InlineKeyboardButton(text="Pay", callback_data="pay:7")]]
)


async def pressed(stage: Stage) -> str:
    message = await stage.bot.send_message(ANNA, "x", reply_markup=MARKUP)
    return await stage.presses(message, "pay:7")


async def test_a_press_reaches_the_bot_with_its_message(stage: Stage) -> None:
    query_id = await pressed(stage)
    [update] = await stage.updates()
    query = update.callback_query
    assert query is not None
    assert (query.id, query.data, query.from_user.id) == (query_id, "pay:7", ANNA)
    assert isinstance(query.message, Message)
    assert query.message.reply_markup is not None
    assert query.chat_instance


async def test_the_person_sees_the_answer(stage: Stage) -> None:
    query_id = await pressed(stage)
    path = f"/sim/people/{ANNA}/press/{query_id}"
    assert (await stage.get(path))["answered"] is False
    await stage.bot.answer_callback_query(query_id, text="Thank you", show_alert=True)
    state = await stage.get(path)
    assert (state["answered"], state["text"], state["show_alert"]) == (True, "Thank you", True)


async def test_an_unanswered_press_runs_out_after_thirty_seconds(stage: Stage) -> None:
    query_id = await pressed(stage)
    path = f"/sim/people/{ANNA}/press/{query_id}"
    await stage.post("/clock", {"advance_s": 29})
    assert (await stage.get(path))["expired"] is False
    await stage.post("/clock", {"advance_s": 1})
    assert (await stage.get(path))["expired"] is True


async def test_the_answer_is_pushed_to_the_page_of_who_pressed(stage: Stage) -> None:
    query_id = await pressed(stage)
    async with (
        stage.page.get(f"/sim/events?viewer={ANNA}") as annas,
        stage.page.get(f"/sim/events?viewer={CARL}") as carls,
    ):
        await annas.content.readuntil(b"\n\n")
        await carls.content.readuntil(b"\n\n")
        await stage.bot.answer_callback_query(query_id, text="Noted")
        await stage.bot.send_message(CARL, "for Carl")
        assert b"event: answer" in await annas.content.readuntil(b"\n\n")
        assert b"event: message" in await carls.content.readuntil(b"\n\n")


async def test_a_button_of_a_message_long_gone_can_still_be_pressed(stage: Stage) -> None:
    message = await stage.bot.send_message(ANNA, "x", reply_markup=MARKUP)
    await message.as_(stage.bot).delete()
    await stage.presses(message, "pay:7")
    [update] = await stage.updates()
    assert update.callback_query is not None
    assert isinstance(update.callback_query.message, InaccessibleMessage)
    assert update.callback_query.message.message_id == message.message_id


async def test_old_data_can_be_pressed_after_the_keyboard_changed(stage: Stage) -> None:
    message = await stage.bot.send_message(ANNA, "x", reply_markup=MARKUP)
    await message.as_(stage.bot).edit_text("y")
    await stage.presses(message, "pay:7")
    [update] = await stage.updates()
    assert update.callback_query is not None
    assert update.callback_query.data == "pay:7"


async def test_two_presses_at_once_are_two_queries(stage: Stage) -> None:
    message = await stage.bot.send_message(ANNA, "x", reply_markup=MARKUP)
    first, second = await stage.presses(message, "pay:7"), await stage.presses(message, "pay:7")
    assert first != second
    assert await stage.bot.answer_callback_query(first) is True
    assert await stage.bot.answer_callback_query(second) is True


async def test_a_press_in_a_group_names_who_pressed(stage: Stage) -> None:
    message = await stage.bot.send_message(stage.board, "x", reply_markup=MARKUP)
    await stage.presses(message, "pay:7", person=CARL)
    [update] = await stage.updates()
    assert update.callback_query is not None
    assert update.callback_query.from_user.id == CARL


async def test_who_blocked_the_bot_cannot_press(stage: Stage) -> None:
    message = await stage.bot.send_message(ANNA, "x", reply_markup=MARKUP)
    await stage.post(f"/sim/people/{ANNA}/block", {"blocked": True})
    body = {"chat_id": ANNA, "message_id": message.message_id, "data": "pay:7"}
    await stage.post(f"/sim/people/{ANNA}/press", body, status=409)


async def test_nobody_reads_the_answer_to_another_persons_press(stage: Stage) -> None:
    query_id = await pressed(stage)
    await stage.get(f"/sim/people/{CARL}/press/{query_id}", status=404)
