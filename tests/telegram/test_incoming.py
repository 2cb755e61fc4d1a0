"""What is read of an update: all that matters to us, and nothing that could only get in the way."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from aiogram.types import Update as Theirs

from bot.telegram.incoming import Incoming, Media, Undecodable, decode

_ANNA = {"id": 7, "is_bot": False, "first_name": "Anna", "language_code": "en"}
_MESSAGE = {"message_id": 5, "date": 1, "chat": {"id": 7, "type": "private"}, "from": _ANNA}
_BEN = {"id": 8, "is_bot": False, "first_name": "Ben"}
_A_BOT = {"id": 9, "is_bot": True, "first_name": "Bot"}
_BOARD = {"chat": {"id": -5, "type": "supergroup", "title": "Board"}}
_RIGHTS = ("send_messages", "send_audios", "send_documents", "send_photos", "send_videos",
           "send_video_notes", "send_voice_notes", "send_polls", "send_other_messages",
           "add_web_page_previews", "react_to_messages", "edit_tag", "change_info",
           "invite_users", "pin_messages", "manage_topics")  # fmt: skip
_MAY_NOT = {"user": _BEN, "status": "restricted", "is_member": True, "until_date": 0,
            **{f"can_{right}": False for right in _RIGHTS}}  # fmt: skip
_CHANGE = {"date": 1, "from": _ANNA, **_BOARD,
           "old_chat_member": {"user": _BEN, "status": "member"}}  # fmt: skip
_FILE = {"file_id": "f", "file_unique_id": "u", "file_size": 12}
_NOT_HERE = {"origin": {"type": "hidden_user", "date": 1, "sender_user_name": "x"}}
_BEGINNING = {**_MESSAGE, "message_id": 9, "forum_topic_created": {"name": "a", "icon_color": 1}}


def _read(told: dict[str, Any]) -> Incoming | None:
    """An update that aiogram can read too, so it is one that Telegram may send."""
    Theirs.model_validate({"update_id": 1, **told})
    return decode(json.dumps({"update_id": 1, **told}))


def _message(**told: Any) -> Incoming:
    read = _read({"message": {**_MESSAGE, **told}})
    assert read is not None
    return read


@pytest.mark.parametrize(
    ("told", "moves"),
    [
        ({"message": {**_MESSAGE, **_BOARD, "left_chat_member": _BEN}}, [(8, False)]),
        ({"message": {**_MESSAGE, **_BOARD, "new_chat_members": [_BEN, _ANNA, _A_BOT]}},
         [(8, True), (7, True)]),
        ({"chat_member": {**_CHANGE, "new_chat_member": {**_MAY_NOT, "status": "kicked"}}},
         [(8, False)]),
        ({"chat_member": {**_CHANGE, "new_chat_member": {**_MAY_NOT, "is_member": True}}},
         [(8, True)]),
        ({"chat_member": {**_CHANGE, "new_chat_member": {**_MAY_NOT, "is_member": False}}},
         [(8, False)]),
    ],
    ids=["left", "came", "taken out", "may do less", "may do less and is away"],
)  # fmt: skip
def test_who_came_and_who_left_is_told_apart_from_who_did_it(
    told: dict[str, Any], moves: list[tuple[int, bool]]
) -> None:
    read = _read(told)
    assert read is not None
    assert [(one.telegram_id, one.present) for one in read.moves] == moves
    assert (read.telegram_id, read.chat_id, read.private) == (7, -5, False)
    assert {one.at for one in read.moves} == {datetime(1970, 1, 1, 0, 0, 1, tzinfo=UTC)}


def test_words_come_with_who_said_them_and_where() -> None:
    said = _message(text="hello")
    assert (said.chat_id, said.telegram_id, said.message_id) == (7, 7, 5)
    assert (said.private, said.name, said.language, said.text) == (True, "Anna", "en", "hello")


@pytest.mark.parametrize(
    ("told", "media"),
    [
        ({"photo": [{**_FILE, "file_id": "small", "width": 1, "height": 1},
                    {**_FILE, "width": 2, "height": 2}]}, Media("photo", "f", 12)),
        ({"voice": {**_FILE, "duration": 3}}, Media("voice", "f", 12)),
        ({"animation": {**_FILE, "duration": 1, "width": 1, "height": 1},
          "document": {**_FILE, "file_id": "g"}}, Media("animation", "f", 12)),
        ({"location": {"latitude": 1.5, "longitude": -2.25}}, Media("location", "1.5,-2.25")),
        ({"contact": {"phone_number": "1", "first_name": "x"}}, Media("other", "")),
        ({"dice": {"emoji": "x", "value": 1}}, Media("other", "")),
    ],
    ids=["photo", "voice", "animation", "location", "contact", "dice"],
)  # fmt: skip
def test_each_kind_of_file_is_known(told: dict[str, Any], media: Media) -> None:
    assert _message(**told).media == media


def test_a_reply_is_told_from_the_beginning_of_a_topic() -> None:
    assert _message(text="yes", reply_to_message=_MESSAGE).reply_to == 5
    topic = _message(
        text="yes", is_topic_message=True, message_thread_id=9, reply_to_message=_BEGINNING
    )
    assert (topic.reply_to, topic.thread) == (None, 9)
    assert _message(text="yes", external_reply=_NOT_HERE).reply_elsewhere
    assert _message(text="yes", forward_origin=_NOT_HERE["origin"]).forwarded


def test_a_press_below_a_message_too_old_to_be_shown_is_a_press() -> None:
    old = {"message_id": 5, "date": 0, "chat": {"id": 7, "type": "private"}}
    query = {"id": "q", "from": _ANNA, "chat_instance": "1", "data": "pay", "message": old}
    pressed = _read({"callback_query": query})
    assert pressed is not None
    assert (pressed.query_id, pressed.data, pressed.message_id) == ("q", "pay", 5)


def test_who_blocks_the_bot_is_seen() -> None:
    change = {"chat": _MESSAGE["chat"], "from": _ANNA, "date": 1}
    for status, blocked in (("kicked", True), ("member", False)):
        new = {"status": status, "user": _ANNA, "until_date": 0}
        old = {"status": "member", "user": _ANNA}
        read = _read({"my_chat_member": {**change, "old_chat_member": old, "new_chat_member": new}})
        assert read is not None
        assert read.blocked is blocked


def test_what_we_never_look_at_cannot_make_an_update_unreadable() -> None:
    strange = {**_MESSAGE, "text": "hello", "date": "yesterday", "entities": 7, "new": {"a": 1}}
    read = decode(json.dumps({"update_id": 1, "message": strange}))
    assert read is not None
    assert read.text == "hello"


def test_what_we_need_and_is_not_there_is_named_without_its_value() -> None:
    with pytest.raises(Undecodable) as told:
        decode(json.dumps({"update_id": 1, "message": {**_MESSAGE, "text": 5, "chat": "secret"}}))
    assert str(told.value) == "fields: message.chat, message.text"
    with pytest.raises(Undecodable, match="not JSON"):
        decode("nonsense")
