"""What Telegram refuses and in which words: the second half of the matrix, as data.

Each row is a method, when it is refused, the class aiogram raises and Telegram's own text. The page
`docs/simulator.md` shows the same rows; a test holds both together.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from aiogram.exceptions import (
    TelegramAPIError,
    TelegramBadRequest,
    TelegramForbiddenError,
    TelegramMigrateToChat,
    TelegramRetryAfter,
)
from aiogram.types import (
    BotCommand,
    BufferedInputFile,
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    InputMediaDocument,
    InputMediaPhoto,
    Message,
    ReplyParameters,
)
from stage import ANNA, CARL, STRANGER, Stage, png

NOT_MODIFIED = (
    "message is not modified: specified new message content and reply markup are exactly the same "
    "as a current content and reply markup of the message"
)
OLD_QUERY = "query is too old and response timeout expired or query ID is invalid"


@dataclass(frozen=True)
class Refusal:
    method: str
    when: str
    answer: str
    attempt: Callable[[Stage], Awaitable[Any]]
    raises: type[TelegramAPIError] = TelegramBadRequest

    @property
    def name(self) -> str:
        return f"{self.method}-{self.when}".replace(" ", "-")


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


REFUSALS = (
    # whom to write to
    Refusal("sendMessage", "a chat nobody knows", "chat not found", send("Hi", 99)),
    Refusal(
        "sendMessage",
        "a person who never pressed Start",
        "bot can't initiate conversation with a user",
        send("Hi", STRANGER),
        TelegramForbiddenError,
    ),
    Refusal(
        "sendMessage",
        "a person who blocked the bot",
        "bot was blocked by the user",
        to_a_blocker,
        TelegramForbiddenError,
    ),
    Refusal(
        "sendMessage",
        "a deleted account",
        "user is deactivated",
        to_a_deleted_account,
        TelegramForbiddenError,
    ),
    Refusal(
        "sendMessage",
        "a group that threw the bot out",
        "bot was kicked from the group chat",
        group("kicked", "group"),
        TelegramForbiddenError,
    ),
    Refusal(
        "sendMessage",
        "a supergroup that threw the bot out",
        "bot was kicked from the supergroup chat",
        group("kicked"),
        TelegramForbiddenError,
    ),
    Refusal(
        "sendMessage",
        "a supergroup the bot has left",
        "bot is not a member of the supergroup chat",
        group("left"),
        TelegramForbiddenError,
    ),
    Refusal(
        "sendMessage",
        "a group that was upgraded",
        "group chat was upgraded to a supergroup chat",
        to_an_upgraded_group,
        TelegramMigrateToChat,
    ),
    # texts
    Refusal("sendMessage", "no text", "message text is empty", send("")),
    Refusal("sendMessage", "only spaces", "text must be non-empty", send(" \n ")),
    Refusal("sendMessage", "4,097 characters", "message is too long", send("x" * 4097)),
    Refusal(
        "sendMessage",
        "an unknown parse mode",
        "unsupported parse_mode",
        send("x", parse_mode="wiki"),
    ),
    Refusal(
        "sendMessage",
        "an answer to a message that is gone",
        "message to be replied not found",
        send("x", reply_parameters=ReplyParameters(message_id=999_999)),
    ),
    Refusal(
        "sendMessage",
        "a topic that is not there",
        "message thread not found",
        send("x", message_thread_id=5),
    ),
    # HTML
    Refusal(
        "sendMessage",
        "an unknown tag",
        'can\'t parse entities: Unsupported start tag "p" at byte offset 3',
        html("Hi <p>you</p>"),
    ),
    Refusal(
        "sendMessage",
        "a tag never closed",
        "can't parse entities: Can't find end tag corresponding to start tag \"b\"",
        html("<b>Hi"),
    ),
    Refusal(
        "sendMessage",
        "a tag closed by another",
        'can\'t parse entities: Unmatched end tag at byte offset 8, expected "</i>", found "</b>"',
        html("<b><i>Hi</b></i>"),
    ),
    Refusal(
        "sendMessage",
        "an end without a start",
        "can't parse entities: Unexpected end tag at byte offset 2",
        html("Hi</b>"),
    ),
    Refusal(
        "sendMessage",
        "a lone less-than sign",
        'can\'t parse entities: Unsupported start tag "" at byte offset 3',
        html("if <  1000"),
    ),
    Refusal(
        "sendMessage",
        "a tag cut off",
        "can't parse entities: Unclosed start tag at byte offset 7",
        html("您好 <b"),
    ),
    Refusal(
        "sendMessage",
        "an attribute without a value",
        "can't parse entities: Expected equal sign in declaration of an attribute of the tag "
        '"a" at byte offset 0',
        html("<a href>Hi</a>"),
    ),
    Refusal(
        "sendMessage",
        "a span that is no spoiler",
        'can\'t parse entities: Tag "span" must have class "tg-spoiler" at byte offset 0',
        html('<span class="red">Hi</span>'),
    ),
    # keyboards
    Refusal(
        "sendMessage",
        "65 bytes of callback data",
        "BUTTON_DATA_INVALID",
        send("x", reply_markup=button(callback_data="x" * 65)),
    ),
    Refusal(
        "sendMessage",
        "22 Chinese characters of callback data",
        "BUTTON_DATA_INVALID",
        send("x", reply_markup=button(callback_data="还" * 22)),
    ),
    Refusal(
        "sendMessage",
        "a button that does nothing",
        "can't parse inline keyboard button: Text buttons are unallowed in the inline keyboard",
        send("x", reply_markup=button()),
    ),
    Refusal(
        "sendMessage",
        "a button with a wrong address",
        "inline keyboard button URL 'no address' is invalid: Wrong HTTP URL",
        send("x", reply_markup=button(url="no address")),
    ),
    Refusal(
        "sendMessage",
        "101 buttons",
        "reply markup is too long",
        send(
            "x",
            reply_markup=InlineKeyboardMarkup(
                inline_keyboard=[[InlineKeyboardButton(text="x", callback_data="x")]] * 101
            ),
        ),
    ),
    # edits and deletions
    Refusal("editMessageText", "nothing changes", NOT_MODIFIED, edit_without_change),
    Refusal("editMessageReplyMarkup", "nothing changes", NOT_MODIFIED, edit_markup_without_change),
    Refusal(
        "editMessageText",
        "a message that was deleted",
        "message to edit not found",
        edit_what_was_deleted,
    ),
    Refusal("editMessageText", "a person's message", "message can't be edited", edit_of_a_person),
    Refusal(
        "editMessageText",
        "a photo",
        "there is no text in the message to edit",
        edit_a_photo_as_text,
    ),
    Refusal(
        "editMessageText",
        "no message named",
        "message identifier is not specified",
        lambda stage: stage.bot.edit_message_text("x"),
    ),
    Refusal(
        "editMessageText",
        "4,097 characters",
        "message is too long",
        lambda stage: stage.bot.edit_message_text("x" * 4097, chat_id=ANNA, message_id=1),
    ),
    Refusal(
        "editMessageText",
        "a person who blocked the bot",
        "bot was blocked by the user",
        edit_for_a_blocker,
        TelegramForbiddenError,
    ),
    Refusal(
        "editMessageCaption",
        "a plain text",
        "there is no caption in the message to edit",
        caption_of_a_text,
    ),
    Refusal("deleteMessage", "it is gone", "message to delete not found", delete_twice),
    Refusal(
        "deleteMessage",
        "older than 48 hours",
        "message can't be deleted for everyone",
        delete_after_two_days,
    ),
    Refusal(
        "deleteMessage",
        "another's in a group, without being an administrator",
        "message can't be deleted",
        delete_in_a_group,
    ),
    # files
    Refusal(
        "sendPhoto",
        "no picture at all",
        "there is no photo in the request",
        lambda stage: stage.bot.send_photo(ANNA, ""),
    ),
    Refusal(
        "sendPhoto",
        "bytes that are no picture",
        "IMAGE_PROCESS_FAILED",
        lambda stage: stage.bot.send_photo(ANNA, BufferedInputFile(b"not a picture", "a.png")),
    ),
    Refusal(
        "sendPhoto",
        "a picture 21 times as wide as high",
        "PHOTO_INVALID_DIMENSIONS",
        lambda stage: stage.bot.send_photo(ANNA, BufferedInputFile(png(630, 30), "a.png")),
    ),
    Refusal(
        "sendPhoto",
        "a caption of 1,025 characters",
        "message caption is too long",
        lambda stage: stage.bot.send_photo(
            ANNA, BufferedInputFile(png(), "a.png"), caption="x" * 1025
        ),
    ),
    Refusal(
        "sendPhoto",
        "a web address",
        "failed to get HTTP URL content",
        lambda stage: stage.bot.send_photo(ANNA, "https://example.org/a.png"),
    ),
    Refusal(
        "sendDocument",
        "an identifier nobody gave",
        "wrong file identifier/HTTP URL specified",
        lambda stage: stage.bot.send_document(ANNA, "BQACAgIAAxkBAAInever"),
    ),
    Refusal(
        "sendDocument",
        "the identifier of a photo",
        "can't use file of type Photo as Document",
        photo_as_document,
    ),
    Refusal(
        "sendDocument",
        "an empty file",
        "file must be non-empty",
        lambda stage: stage.bot.send_document(ANNA, BufferedInputFile(b"", "a.txt")),
    ),
    Refusal(
        "sendMediaGroup",
        "a photo beside a document",
        "can't use the media of the specified type in the album",
        mixed_album,
    ),
    Refusal("sendMediaGroup", "eleven", "too many messages to send as an album", big_album),
    Refusal(
        "getFile",
        "an identifier nobody gave",
        "invalid file_id",
        lambda stage: stage.bot.get_file("never"),
    ),
    Refusal("getFile", "more than 20 MB", "file is too big", big_file),
    Refusal(
        "sendLocation",
        "nowhere on earth",
        "wrong location specified",
        lambda stage: stage.bot.send_location(ANNA, latitude=91, longitude=0),
    ),
    # copies
    Refusal(
        "copyMessage",
        "a message that is gone",
        "message to copy not found",
        lambda stage: stage.bot.copy_message(CARL, ANNA, 999_999),
    ),
    Refusal(
        "forwardMessage",
        "a message that is gone",
        "message to forward not found",
        lambda stage: stage.bot.forward_message(CARL, ANNA, 999_999),
    ),
    Refusal(
        "copyMessage",
        "protected content",
        "message can't be copied",
        lambda stage: protected(stage, "copy"),
    ),
    Refusal(
        "forwardMessage",
        "protected content",
        "the message can't be forwarded",
        lambda stage: protected(stage, "forward"),
    ),
    # presses, commands, chats
    Refusal("answerCallbackQuery", "answered before", OLD_QUERY, answer_twice),
    Refusal("answerCallbackQuery", "too late", OLD_QUERY, answer_late),
    Refusal(
        "answerCallbackQuery",
        "a query nobody made",
        OLD_QUERY,
        lambda stage: stage.bot.answer_callback_query("1"),
    ),
    Refusal(
        "answerCallbackQuery",
        "201 characters",
        "MESSAGE_TOO_LONG",
        lambda stage: stage.bot.answer_callback_query("1", text="x" * 201),
    ),
    Refusal(
        "setMyCommands",
        "a command with a capital letter",
        "BOT_COMMAND_INVALID",
        commands("Pay", "pay"),
    ),
    Refusal(
        "setMyCommands",
        "a command of 33 letters",
        "command length must not exceed 32",
        commands("x" * 33, "pay"),
    ),
    Refusal(
        "setMyCommands",
        "no description",
        "command description must be non-empty",
        commands("pay", ""),
    ),
    Refusal(
        "getChat",
        "a chat nobody knows",
        "chat not found",
        lambda stage: stage.bot.get_chat(99),
    ),
    Refusal(
        "getChatMember",
        "a person nobody knows",
        "PARTICIPANT_ID_INVALID",
        lambda stage: stage.bot.get_chat_member(stage.board, 99),
    ),
    Refusal(
        "getChatAdministrators",
        "a private chat",
        "there are no administrators in the private chat",
        lambda stage: stage.bot.get_chat_administrators(ANNA),
    ),
    Refusal(
        "sendChatAction",
        "an unknown action",
        "wrong parameter action in request",
        lambda stage: stage.bot.send_chat_action(ANNA, "dancing"),
    ),
    Refusal(
        "createForumTopic",
        "a group without topics",
        "the chat is not a forum",
        topic_in_a_plain_group,
    ),
    Refusal(
        "setWebhook",
        "a secret with a space",
        "secret token contains unallowed characters",
        lambda stage: stage.bot.set_webhook("http://127.0.0.1:9/x", secret_token="a b"),
    ),
    Refusal(
        "setWebhook",
        "no address at all",
        "bad webhook: URL host is empty",
        lambda stage: stage.bot.set_webhook("nowhere"),
    ),
    Refusal(
        "close",
        "within ten minutes of the start",
        "retry after 600",
        lambda stage: stage.bot.close(),
        TelegramRetryAfter,
    ),
)
