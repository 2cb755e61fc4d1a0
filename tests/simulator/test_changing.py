"""Edits, deletions, copies and forwards."""

from aiogram.types import (
    BufferedInputFile,
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    InputMediaPhoto,
    Message,
    MessageOriginHiddenUser,
    MessageOriginUser,
)

from tests.simulator.stage import ANNA, CARL, Stage, png

MARKUP = InlineKeyboardMarkup(
    inline_keyboard=[[InlineKeyboardButton(text="Pay", callback_data="pay")]]
)


async def test_an_edit_changes_the_text_and_dates_itself(stage: Stage) -> None:
    message = await stage.bot.send_message(ANNA, "You owe 100")
    edited = await stage.bot.edit_message_text(
        "You owe <b>90</b>", chat_id=ANNA, message_id=message.message_id, parse_mode="HTML"
    )
    assert isinstance(edited, Message)
    assert (edited.message_id, edited.text) == (message.message_id, "You owe 90")
    assert edited.edit_date is not None
    assert edited.entities is not None
    seen = (await stage.seen(ANNA, ANNA))[-1]
    assert (seen["text"], seen["sim"]["edited"], seen["sim"]["versions"]) == ("You owe 90", True, 1)


async def test_a_keyboard_that_is_not_given_again_goes_away(stage: Stage) -> None:
    message = await stage.bot.send_message(ANNA, "x", reply_markup=MARKUP)
    edited = await message.as_(stage.bot).edit_text("y")
    assert isinstance(edited, Message)
    assert edited.reply_markup is None


async def test_a_keyboard_alone_can_be_changed(stage: Stage) -> None:
    message = await stage.bot.send_message(ANNA, "x")
    with_keys = await message.as_(stage.bot).edit_reply_markup(reply_markup=MARKUP)
    assert isinstance(with_keys, Message)
    assert with_keys.text == "x"
    assert with_keys.reply_markup is not None
    assert with_keys.reply_markup.model_dump() == MARKUP.model_dump()
    assert (await stage.seen(ANNA, ANNA))[-1]["sim"]["edited"] is False


async def test_the_same_text_with_another_keyboard_is_a_change(stage: Stage) -> None:
    message = await stage.bot.send_message(ANNA, "x")
    edited = await message.as_(stage.bot).edit_text("x", reply_markup=MARKUP)
    assert isinstance(edited, Message)
    assert edited.reply_markup is not None
    assert edited.reply_markup.model_dump() == MARKUP.model_dump()


async def test_a_caption_is_edited_and_taken_away(stage: Stage) -> None:
    photo = (await stage.bot.send_photo(ANNA, BufferedInputFile(png(), "a.png"))).as_(stage.bot)
    edited = await photo.edit_caption(caption="<i>Receipt</i>", parse_mode="HTML")
    assert isinstance(edited, Message)
    assert edited.caption == "Receipt"
    bare = await photo.edit_caption()
    assert isinstance(bare, Message)
    assert bare.caption is None
    assert bare.caption_entities is None


async def test_a_text_becomes_a_picture_and_a_picture_another(stage: Stage) -> None:
    message = (await stage.bot.send_message(ANNA, "loading")).as_(stage.bot)
    for width in (40, 50):
        photo = InputMediaPhoto(media=BufferedInputFile(png(width), "a.png"), caption="report")
        edited = await message.edit_media(photo)
        assert isinstance(edited, Message)
        assert edited.photo is not None
        assert (edited.text, edited.caption) == (None, "report")
        assert edited.photo[-1].width == width


async def test_a_deleted_message_is_gone_for_the_person(stage: Stage) -> None:
    message = await stage.bot.send_message(ANNA, "oops")
    assert await message.as_(stage.bot).delete() is True
    assert "oops" not in [shown.get("text") for shown in await stage.seen(ANNA, ANNA)]


async def test_the_bot_may_delete_what_a_person_wrote_in_private(stage: Stage) -> None:
    number = await stage.says(ANNA, "my card is 1234")
    assert await stage.bot.delete_message(ANNA, number) is True


async def test_several_are_deleted_at_once_and_missing_ones_skipped(stage: Stage) -> None:
    numbers = [(await stage.bot.send_message(ANNA, text)).message_id for text in "ab"]
    assert await stage.bot.delete_messages(ANNA, [*numbers, 999_999]) is True
    assert {"a", "b"}.isdisjoint(shown.get("text") for shown in await stage.seen(ANNA, ANNA))


async def test_a_copy_names_nobody(stage: Stage) -> None:
    number = await stage.says(ANNA, "I will pay on Friday")
    copied = await stage.bot.copy_message(CARL, ANNA, number, reply_markup=MARKUP)
    seen = (await stage.seen(CARL, CARL))[-1]
    assert (seen["message_id"], seen["text"]) == (copied.message_id, "I will pay on Friday")
    assert "forward_origin" not in seen
    assert seen["from"]["id"] == stage.bot.id


async def test_a_copy_of_a_file_may_have_another_caption(stage: Stage) -> None:
    [photo] = await stage.attaches(ANNA, "photo", ("a.png", png()), caption="old")
    await stage.bot.copy_message(CARL, ANNA, photo["message_id"], caption="new")
    seen = (await stage.seen(CARL, CARL))[-1]
    assert seen["caption"] == "new"
    assert seen["photo"][-1]["file_id"] == photo["photo"][-1]["file_id"]


async def test_a_forward_names_whom_it_is_from(stage: Stage) -> None:
    number = await stage.says(ANNA, "Look")
    forwarded = await stage.bot.forward_message(CARL, ANNA, number)
    assert isinstance(forwarded.forward_origin, MessageOriginUser)
    assert forwarded.forward_origin.sender_user.id == ANNA


async def test_a_forward_of_a_forward_names_the_first(stage: Stage) -> None:
    number = await stage.says(ANNA, "From my bank", forward_from_name="Hidden Bank")
    forwarded = await stage.bot.forward_message(CARL, ANNA, number)
    assert isinstance(forwarded.forward_origin, MessageOriginHiddenUser)
    assert forwarded.forward_origin.sender_user_name == "Hidden Bank"
