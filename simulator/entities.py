"""What Telegram finds in a text by itself, and what the chat page shows for it.

Commands, links, mentions, addresses, hashtags and phone numbers become entities without any markup.
All offsets count UTF-16 code units, which is why every cut goes through `utf16_length`. The page
receives HTML made here from text and entities, so that it never has to count code units itself.
"""

from __future__ import annotations

import html
import itertools
import re
from typing import Any

Json = dict[str, Any]

MAX_ENTITIES = 100

_DOMAINS = "com|org|net|io|me|cn|de|uk|in|info|bank"
_FOUND = (
    (
        "url",
        re.compile(
            r"(?<![\w@.])(?:https?://[^\s<>\"]+"
            rf"|(?:[\w-]+\.)+(?:{_DOMAINS})(?:/[^\s<>\"]*)?)(?![\w@])",
            re.IGNORECASE,
        ),
    ),
    ("email", re.compile(r"(?<![\w.+-])[\w.+-]+@[\w-]+(?:\.[\w-]+)+")),
    (
        "bot_command",
        re.compile(r"(?<![\w/<>])/[A-Za-z0-9_]{1,64}(?:@[A-Za-z0-9_]{3,32})?(?![\w/])"),
    ),
    ("mention", re.compile(r"(?<![\w@])@[A-Za-z][A-Za-z0-9_]{3,31}(?!\w)")),
    ("hashtag", re.compile(r"(?<![\w#])#(?=\w*[^\W\d])\w{1,255}")),
    ("cashtag", re.compile(r"(?<![\w$])\$[A-Z]{1,8}(?!\w)")),
    ("phone_number", re.compile(r"(?<![\w+])\+\d[\d ()-]{7,18}\d(?!\w)")),
)
_HINT = re.compile(r"[/@#$+.:]")
_TAGS = {
    "bold": "strong",
    "italic": "em",
    "underline": "u",
    "strikethrough": "s",
    "code": "code",
    "blockquote": "blockquote",
    "expandable_blockquote": "blockquote",
}


def utf16_length(text: str) -> int:
    if text.isascii():
        return len(text)
    return len(text) + sum(1 for char in text if char > "\uffff")


def finish(text: str, entities: list[Json]) -> tuple[str, list[Json]]:
    """Trim the text as Telegram does and add the entities it finds by itself."""
    stripped = text.lstrip()
    dropped = utf16_length(text) - utf16_length(stripped)
    stripped = stripped.rstrip()
    if entities:
        entities = _moved(entities, -dropped, utf16_length(stripped))
    found = detect(stripped, entities)
    if found:
        entities = sorted(
            [*entities, *found], key=lambda entity: (entity["offset"], -entity["length"])
        )
    return stripped, entities[:MAX_ENTITIES]


def detect(text: str, taken: list[Json]) -> list[Json]:
    """Entities of plain text that do not overlap links or code already in `taken`."""
    if not _HINT.search(text):
        return []
    blocked = [
        (entity["offset"], entity["offset"] + entity["length"])
        for entity in taken
        if entity["type"] in ("text_link", "text_mention", "code", "pre", "url")
    ]
    found: list[Json] = []
    for kind, pattern in _FOUND:
        for match in pattern.finditer(text):
            offset = utf16_length(text[: match.start()])
            length = utf16_length(match.group().rstrip(".,;:!?)"))
            if any(offset < end and start < offset + length for start, end in blocked):
                continue
            blocked.append((offset, offset + length))
            found.append({"type": kind, "offset": offset, "length": length})
    return found


def command_of(text: str, entities: list[Json]) -> tuple[str, str] | None:
    """(command, bot name after the @, or "") when the text begins with a command."""
    for entity in entities:
        if entity["type"] == "bot_command" and entity["offset"] == 0:
            name, _, username = text[1 : entity["length"]].partition("@")
            return name, username
    return None


def as_html(text: str, entities: list[Json]) -> str:
    """Safe HTML for the page: escaped text, the entities as tags, line ends as `<br>`."""
    if not entities:
        return _escaped(text)
    units = text.encode("utf-16-le", "surrogatepass")
    edges = sorted(
        {0, len(units) // 2}
        | {entity["offset"] for entity in entities}
        | {entity["offset"] + entity["length"] for entity in entities}
    )
    parts: list[str] = []
    for start, end in itertools.pairwise(edges):
        piece = units[start * 2 : end * 2].decode("utf-16-le", "replace")
        inside = [
            entity
            for entity in entities
            if entity["offset"] <= start and end <= entity["offset"] + entity["length"]
        ]
        shown = _escaped(piece)
        for entity in reversed(inside):
            shown = _tagged(shown, piece, entity)
        parts.append(shown)
    return "".join(parts)


def _tagged(shown: str, piece: str, entity: Json) -> str:
    kind = entity["type"]
    if kind in _TAGS:
        return f"<{_TAGS[kind]}>{shown}</{_TAGS[kind]}>"
    if kind == "pre":
        return f"<pre>{shown}</pre>"
    if kind == "spoiler":
        return f'<span class="spoiler">{shown}</span>'
    if kind in ("text_link", "url"):
        address = entity.get("url") or (piece if "://" in piece else f"http://{piece}")
        target = 'target="_blank" rel="noopener noreferrer"'
        return f'<a href="{html.escape(address)}" {target}>{shown}</a>'
    if kind == "bot_command":
        return f'<a class="command" data-command="{html.escape(piece)}">{shown}</a>'
    return f'<span class="{kind.replace("_", "-")}">{shown}</span>'


def _escaped(text: str) -> str:
    return html.escape(text).replace("\n", "<br>")


def _moved(entities: list[Json], by: int, length: int) -> list[Json]:
    moved: list[Json] = []
    for entity in entities:
        start = max(entity["offset"] + by, 0)
        end = min(entity["offset"] + by + entity["length"], length)
        if end > start:
            moved.append({**entity, "offset": start, "length": end - start})
    return moved
