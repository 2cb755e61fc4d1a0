"""The part of Telegram's updates that we read, and nothing else of them.

aiogram's own models know every field there is; to check them all costs as much as to handle the
update, and a field we never look at could make an update unreadable.
"""

from typing import Any

from pydantic import BaseModel, ConfigDict, Field


class _Told(BaseModel):
    model_config = ConfigDict(extra="ignore", protected_namespaces=())


class Person(_Told):
    id: int
    is_bot: bool
    first_name: str
    language_code: str | None = None


class Chat(_Told):
    id: int
    type: str


class File(_Told):
    file_id: str
    file_size: int | None = None


class Location(_Told):
    latitude: float
    longitude: float


class Answered(_Told):
    """The message that another one replies to."""

    message_id: int
    forum_topic_created: Any = None


class Message(_Told):
    """Also of one too old to be shown: it has a number and a chat.

    Of what is `Any` it only counts whether it is there.
    """

    message_id: int
    chat: Chat
    sender: Person | None = Field(default=None, alias="from")
    text: str | None = None
    caption: str | None = None
    message_thread_id: int | None = None
    is_topic_message: bool | None = None
    reply_to_message: Answered | None = None
    external_reply: Any = None
    forward_origin: Any = None
    media_group_id: str | None = None
    photo: list[File] | None = None
    animation: File | None = None
    document: File | None = None
    voice: File | None = None
    video: File | None = None
    audio: File | None = None
    sticker: File | None = None
    video_note: File | None = None
    location: Location | None = None
    contact: Any = None
    poll: Any = None
    dice: Any = None
    venue: Any = None
    game: Any = None
    story: Any = None
    checklist: Any = None
    live_photo: Any = None
    paid_media: Any = None
    giveaway: Any = None
    invoice: Any = None


class Press(_Told):
    id: str
    sender: Person = Field(alias="from")
    message: Message | None = None
    data: str | None = None


class Standing(_Told):
    """What somebody is in a chat: a member, gone, blocked."""

    status: str


class Membership(_Told):
    chat: Chat
    sender: Person = Field(alias="from")
    new_chat_member: Standing


class Update(_Told):
    update_id: int
    message: Message | None = None
    edited_message: Message | None = None
    callback_query: Press | None = None
    my_chat_member: Membership | None = None
