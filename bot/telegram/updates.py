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
    sender: Any = Field(default=None, alias="from")
    forum_topic_created: Any = None


class Member(_Told):
    """Somebody in a chat. `is_member` is said of those alone who may do less than others."""

    user: Person
    status: str
    is_member: bool = True


class Message(_Told):
    """Also of one too old to be shown: it has a number and a chat.

    Of what is `Any` it only counts whether it is there.
    """

    message_id: int
    chat: Chat
    date: Any = None
    sender: Person | None = Field(default=None, alias="from")
    new_chat_members: list[Person] | None = None
    left_chat_member: Person | None = None
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


class Membership(_Told):
    """Somebody's standing in a chat changed; `sender` changed it."""

    chat: Chat
    date: Any = None
    sender: Person = Field(alias="from")
    new_chat_member: Member


class Update(_Told):
    update_id: int
    message: Message | None = None
    edited_message: Message | None = None
    callback_query: Press | None = None
    my_chat_member: Membership | None = None
    chat_member: Membership | None = None
