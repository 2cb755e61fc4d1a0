"""sendPhoto, sendDocument, sendVoice, sendSticker and albums.

A file comes as an upload, as the name of an upload (`attach://part`) or as the identifier of a file
that was here before. Fetching an address from the internet is refused as Telegram refuses one that
does not answer: nothing here leaves the machine.
"""

from __future__ import annotations

from typing import Any

from simulator.errors import bad_request
from simulator.files import FileKind, StoredFile, media_json
from simulator.methods.outgoing import CAPTION, SENDING, caption_content, send, send_all
from simulator.methods.registry import Call, method
from simulator.parameters import BOOLEAN, FILE, INTEGER, STRING

Json = dict[str, Any]

MOST_IN_ALBUM = 10
_INPUT_KINDS: dict[str, FileKind] = {"photo": "photo", "document": "document"}


@method(
    "sendPhoto",
    **SENDING,
    **CAPTION,
    photo=FILE,
    show_caption_above_media=BOOLEAN,
    has_spoiler=BOOLEAN,
)
async def send_photo(call: Call) -> Json:
    content = {**_media(call, "photo"), **caption_content(call.world, call.params)}
    for name, field in (
        ("show_caption_above_media", "show_caption_above_media"),
        ("has_spoiler", "has_media_spoiler"),
    ):
        if call.flag(name):
            content[field] = True
    return send(call, content)


@method(
    "sendDocument",
    **SENDING,
    **CAPTION,
    document=FILE,
    thumbnail=FILE,
    disable_content_type_detection=BOOLEAN,
)
async def send_document(call: Call) -> Json:
    return send(call, {**_media(call, "document"), **caption_content(call.world, call.params)})


@method("sendVoice", **SENDING, **CAPTION, voice=FILE, duration=INTEGER)
async def send_voice(call: Call) -> Json:
    return send(call, {**_media(call, "voice"), **caption_content(call.world, call.params)})


@method("sendSticker", **SENDING, sticker=FILE, emoji=STRING)
async def send_sticker(call: Call) -> Json:
    content = _media(call, "sticker")
    if call.text("emoji"):
        content["sticker"]["emoji"] = call.text("emoji")
    return send(call, content)


@method(
    "sendMediaGroup",
    **{name: kind for name, kind in SENDING.items() if name != "reply_markup"},
    media="Array of InputMediaAudio|Array of InputMediaDocument|Array of InputMediaPhoto",
)
async def send_media_group(call: Call) -> list[Json]:
    if "media" not in call.params:
        raise bad_request('parameter "media" is required')
    items = call.params["media"] or []
    contents = [input_media(call, item) for item in items]
    if not contents:
        raise bad_request("there are no messages to send")
    if len(contents) > MOST_IN_ALBUM:
        raise bad_request("too many messages to send as an album")
    if len({str(item["type"]) for item in items}) > 1:
        raise bad_request("can't use the media of the specified type in the album")
    shared = {"media_group_id": call.world.new_album_id()} if len(items) > 1 else {}
    return send_all(call, [{**content, **shared} for content in contents])


def input_media(call: Call, item: Any) -> Json:
    """The content of a message from an `InputMedia` object."""
    if not isinstance(item, dict):
        raise bad_request("expected an Object")
    if not item.get("media"):
        raise bad_request("media not found")
    kind = _INPUT_KINDS.get(str(item.get("type")))
    if kind is None:
        raise bad_request(f'type "{item.get("type")}" is unsupported')
    stored = _find(call, kind, str(item["media"]), "media")
    return {**media_json(stored), **caption_content(call.world, item)}


def _media(call: Call, kind: FileKind) -> Json:
    upload = call.uploads.get(kind)
    if upload is not None:
        stored = call.world.files.add(kind, upload.data, upload.filename, upload.content_type)
    else:
        stored = _find(call, kind, call.text(kind), kind)
    return media_json(stored, call.number("duration"))


def _find(call: Call, kind: FileKind, given: str, parameter: str) -> StoredFile:
    if not given:
        raise bad_request(f"there is no {parameter} in the request")
    if given.startswith("attach://"):
        upload = call.uploads.get(given.removeprefix("attach://"))
        if upload is None:
            raise bad_request(f"there is no {parameter} in the request")
        return call.world.files.add(kind, upload.data, upload.filename, upload.content_type)
    if given.startswith(("http://", "https://")):
        raise bad_request("failed to get HTTP URL content")
    stored = call.world.files.get(given)
    if stored is None:
        raise bad_request("wrong file identifier/HTTP URL specified")
    if stored.kind != kind:
        wanted, got = kind.capitalize(), stored.kind.capitalize()
        raise bad_request(f"can't use file of type {got} as {wanted}")
    return stored
