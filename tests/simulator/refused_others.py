"""What the other methods refuse: edits, deletions, files, copies, answers, commands, webhooks."""

from __future__ import annotations

from aiogram.exceptions import TelegramForbiddenError, TelegramRetryAfter
from aiogram.types import BufferedInputFile

from tests.simulator.attempts import (
    answer_late,
    answer_twice,
    big_album,
    big_file,
    caption_of_a_text,
    commands,
    delete_after_two_days,
    delete_in_a_group,
    delete_twice,
    edit_a_photo_as_text,
    edit_for_a_blocker,
    edit_markup_without_change,
    edit_of_a_person,
    edit_what_was_deleted,
    edit_without_change,
    mixed_album,
    photo_as_document,
    protected,
    topic_in_a_plain_group,
)
from tests.simulator.refusal import Refusal
from tests.simulator.stage import ANNA, CARL, png

NOT_MODIFIED = (
    "message is not modified: specified new message content and reply markup are exactly the same "
    "as a current content and reply markup of the message"
)
OLD_QUERY = "query is too old and response timeout expired or query ID is invalid"

REFUSED_OTHERS = (
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
