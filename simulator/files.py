"""Files that travelled through a chat, by the identifiers Telegram gives them.

A file keeps its kind: a photo cannot be sent again as a document. The bot fetches a file by the
path that getFile gives, the page by its file_id. Bytes live in memory; the stage is short.
"""

from __future__ import annotations

import mimetypes
from dataclasses import dataclass
from typing import Any, Literal

from simulator.errors import bad_request
from simulator.images import image_size

Json = dict[str, Any]
FileKind = Literal["photo", "document", "voice", "sticker"]

MAX_DOWNLOAD = 20 * 1024 * 1024
MAX_UPLOAD = 50 * 1024 * 1024
MAX_PHOTO = 10 * 1024 * 1024
MAX_PHOTO_SIDES = 10_000
MAX_PHOTO_RATIO = 20

_UNKNOWN_TYPE = "application/octet-stream"
_PREFIX = {
    "photo": "AgACAgIAAxk",
    "document": "BQACAgIAAxk",
    "voice": "AwACAgIAAxk",
    "sticker": "CAACAgIAAxk",
}
_FOLDER = {
    "photo": "photos",
    "document": "documents",
    "voice": "voice",
    "sticker": "stickers",
}


@dataclass(slots=True, frozen=True)
class StoredFile:
    file_id: str
    unique_id: str
    kind: FileKind
    path: str
    name: str
    mime_type: str
    data: bytes
    width: int = 0
    height: int = 0

    def as_file(self) -> Json:
        """The fields that every file object of Telegram shares."""
        return {
            "file_id": self.file_id,
            "file_unique_id": self.unique_id,
            "file_size": len(self.data),
        }


class FileStore:
    def __init__(self) -> None:
        self._by_id: dict[str, StoredFile] = {}
        self._by_path: dict[str, StoredFile] = {}

    def add(self, kind: FileKind, data: bytes, name: str, mime_type: str = "") -> StoredFile:
        """Store bytes; raises Telegram's 400 for empty ones and for photos that are none."""
        if not data:
            raise bad_request("file must be non-empty")
        width, height = _checked_sides(data) if kind == "photo" else (0, 0)
        number = len(self._by_id) + 1
        name = name.replace("\\", "/").rsplit("/", 1)[-1] or "file"
        dot = name.rfind(".")
        ending = ".jpg" if kind == "photo" else name[dot:] if dot > 0 else ""
        stored = StoredFile(
            file_id=f"{_PREFIX[kind]}BAAI{number:08d}AAE",
            unique_id=f"AQAD{number:08d}",
            kind=kind,
            path=f"{_FOLDER[kind]}/file_{number}{ending}",
            name=name,
            mime_type=_mime_type(kind, name, mime_type),
            data=data,
            width=width,
            height=height,
        )
        self._by_id[stored.file_id] = stored
        self._by_path[stored.path] = stored
        return stored

    def get(self, file_id: str) -> StoredFile | None:
        return self._by_id.get(file_id)

    def at(self, path: str) -> StoredFile | None:
        return self._by_path.get(path)


def _mime_type(kind: FileKind, name: str, given: str) -> str:
    if "/" in given and given != _UNKNOWN_TYPE:
        return given
    fallback = "audio/ogg" if kind == "voice" else _UNKNOWN_TYPE
    return mimetypes.guess_type(name)[0] or fallback


def _checked_sides(data: bytes) -> tuple[int, int]:
    if len(data) > MAX_PHOTO:
        raise bad_request(
            f"file of size {len(data)} bytes is too big for a photo; "
            f"the maximum size is {MAX_PHOTO} bytes"
        )
    size = image_size(data)
    if size is None:
        raise bad_request("IMAGE_PROCESS_FAILED")
    width, height = size
    if width + height > MAX_PHOTO_SIDES or max(size) > MAX_PHOTO_RATIO * min(size):
        raise bad_request("PHOTO_INVALID_DIMENSIONS")
    return size


def media_json(stored: StoredFile, duration: int = 0) -> Json:
    """The value under `photo`, `document`, `voice` or `sticker` of a message."""
    if stored.kind == "photo":
        return {"photo": [{**stored.as_file(), "width": stored.width, "height": stored.height}]}
    if stored.kind == "voice":
        return {"voice": {**stored.as_file(), "duration": duration, "mime_type": stored.mime_type}}
    if stored.kind == "sticker":
        return {
            "sticker": {
                **stored.as_file(),
                "type": "regular",
                "width": 512,
                "height": 512,
                "is_animated": False,
                "is_video": False,
            }
        }
    return {
        "document": {
            **stored.as_file(),
            "file_name": stored.name,
            "mime_type": stored.mime_type,
        }
    }
