"""What sendMessage refuses: whom it cannot reach, what cannot be said, which buttons cannot be."""

from __future__ import annotations

from aiogram.exceptions import TelegramForbiddenError, TelegramMigrateToChat
from aiogram.types import InlineKeyboardButton, InlineKeyboardMarkup, ReplyParameters

from tests.simulator.attempts import (
    button,
    group,
    html,
    send,
    to_a_blocker,
    to_a_deleted_account,
    to_an_upgraded_group,
)
from tests.simulator.refusal import Refusal
from tests.simulator.stage import STRANGER

REFUSED_MESSAGES = (
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
)
