"""Which things besides text can be passed on between a borrower and a person, and how.

Files travel by Telegram's own file identifier, so what is passed on is what was looked at, even if
the sender edits or deletes the original meanwhile.
"""

from scripts_library.render import utf16_length

METHODS = {
    "photo": "sendPhoto",
    "document": "sendDocument",
    "voice": "sendVoice",
    "sticker": "sendSticker",
    "location": "sendLocation",
}
"""The method that sends each kind we can pass on."""

CAPTIONED = frozenset({"photo", "document", "voice"})
"""Kinds that carry words of their own."""

CAPTION_ROOM = 900
"""UTF-16 units of a caption that leave room for the line above it (Telegram's limit is 1,024)."""

_TEXT_ROOM = 3_500


def in_parts(text: str) -> list[str]:
    """A long text in parts that fit below a line of ours, cut at a line or a space if there is one.

    A text of 4,096 units is Telegram's longest, so two parts are the most there can be.
    """
    parts = []
    while utf16_length(text) > _TEXT_ROOM:
        end = _cut(text)
        parts.append(text[:end].rstrip())
        text = text[end:].lstrip()
    return [*parts, text]


def _cut(text: str) -> int:
    end = len(text)
    while utf16_length(text[:end]) > _TEXT_ROOM:
        end -= max(1, (utf16_length(text[:end]) - _TEXT_ROOM) // 2)
    for mark in ("\n", " "):
        found = text.rfind(mark, end // 2, end)
        if found > 0:
            return found
    return end
