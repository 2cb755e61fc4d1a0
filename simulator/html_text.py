"""Telegram's HTML: text with a few tags in, plain text and entities out.

The scan follows the server's own, character by character and in bytes, because its error texts name
byte offsets and its leniencies matter: an unknown `&entity;` stays as typed, an attribute may be
unquoted, `</>` closes whatever is open. A parser of real HTML would accept and refuse other texts.
Offsets and lengths of entities count UTF-16 code units.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from simulator.errors import bad_request

Json = dict[str, Any]

_SPACES = b" \t\r\n\x0b\x00"
_ATTRIBUTE_ENDS = _SPACES + b"=>/\"'"
_NAMED = {b"lt": "<", b"gt": ">", b"amp": "&", b"quot": '"'}
_SIMPLE = {
    "b": "bold",
    "strong": "bold",
    "i": "italic",
    "em": "italic",
    "u": "underline",
    "ins": "underline",
    "s": "strikethrough",
    "strike": "strikethrough",
    "del": "strikethrough",
    "tg-spoiler": "spoiler",
    "span": "spoiler",
}
_TAGS = {*_SIMPLE, "a", "pre", "code", "blockquote", "tg-emoji", "tg-time"}
_LONGEST_REFERENCE = 10


def parse_html(source: str) -> tuple[str, list[Json]]:
    """Plain text and its entities; raises Telegram's 400 for a text it would refuse."""
    return _Scan(source.encode("utf-8", "surrogatepass")).run()


@dataclass(slots=True)
class _Open:
    tag: str
    argument: str
    offset: int
    text_start: int


class _Scan:
    def __init__(self, data: bytes) -> None:
        self.data = data + b"\x00"
        self.end = len(data)
        self.at = 0
        self.text: list[str] = []
        self.utf16 = 0
        self.open: list[_Open] = []
        self.entities: list[Json] = []

    def run(self) -> tuple[str, list[Json]]:
        while self.at < self.end:
            byte = self.data[self.at]
            if byte == 0x26:  # &
                self._reference()
            elif byte == 0x3C:  # <
                begin = self.at
                if self.data[begin + 1] == 0x2F:  # /
                    self._end_tag(begin)
                else:
                    self._start_tag(begin)
            else:
                self._plain()
        if self.open:
            raise _refused(f'Can\'t find end tag corresponding to start tag "{self.open[-1].tag}"')
        for entity in self.entities:
            if entity["type"] == "code":
                entity.pop("language", None)
        self.entities.sort(key=lambda entity: (entity["offset"], -entity["length"]))
        return _whole("".join(self.text)), self.entities

    def _plain(self) -> None:
        stop = self.at
        while stop < self.end and self.data[stop] not in b"&<":
            stop += 1
        self._put(self.data[self.at : stop].decode("utf-8", "replace"))
        self.at = stop

    def _put(self, text: str) -> None:
        self.text.append(text)
        self.utf16 += len(text) + sum(1 for char in text if char > "\uffff")

    def _reference(self) -> None:
        char, after = self._decode_reference(self.at)
        if char:
            self._put(char)
            self.at = after
        else:
            self._put("&")
            self.at += 1

    def _decode_reference(self, at: int) -> tuple[str, int]:
        """The character a reference at `at` stands for and where it ends; ("", at) when none."""
        stop = at + 1
        if self.data[stop] == 0x23:  # #
            stop += 1
            base, digits = 10, b"0123456789"
            if self.data[stop] == 0x78:  # x
                stop += 1
                base, digits = 16, b"0123456789abcdefABCDEF"
            first = stop
            while self.data[stop] in digits:
                stop += 1
            value = int(self.data[first:stop] or b"0", base)
            if not 0 < value < 0x10FFFF or stop - at >= _LONGEST_REFERENCE:
                return "", at
            char = chr(value)
        else:
            while chr(self.data[stop]).isalpha() and self.data[stop] < 0x80:
                stop += 1
            char = _NAMED.get(self.data[at + 1 : stop], "")
            if not char:
                return "", at
        return char, stop + 1 if self.data[stop] == 0x3B else stop  # ;

    def _start_tag(self, begin: int) -> None:
        self.at = begin + 1
        while self.data[self.at] not in _SPACES and self.data[self.at] != 0x3E:
            self.at += 1
        if self.at >= self.end:
            raise _refused(f"Unclosed start tag at byte offset {begin}")
        tag = self.data[begin + 1 : self.at].decode("utf-8", "replace").lower()
        if tag not in _TAGS:
            raise _refused(f'Unsupported start tag "{tag}" at byte offset {begin}')
        argument = ""
        while self.data[self.at] != 0x3E:
            self._skip_spaces()
            if self.data[self.at] == 0x3E:
                break
            argument = self._attribute(tag, begin) or argument
        if tag == "span" and argument != "spoiler":
            raise _refused(f'Tag "span" must have class "tg-spoiler" at byte offset {begin}')
        self.at += 1
        self.open.append(_Open(tag, argument, self.utf16, len(self.text)))

    def _attribute(self, tag: str, begin: int) -> str:
        """Read one attribute; its value when the tag cares for it, else nothing."""
        first = self.at
        while self.data[self.at] not in _ATTRIBUTE_ENDS:
            self.at += 1
        name = self.data[first : self.at].decode("utf-8", "replace")
        if not name:
            raise _refused(f'Empty attribute name in the tag "{tag}" at byte offset {begin}')
        self._skip_spaces()
        if self.data[self.at] != 0x3D:  # =
            if self.at >= self.end:
                raise _refused(f'Unclosed start tag "{tag}" at byte offset {begin}')
            if (tag, name) == ("blockquote", "expandable"):
                return "1"
            raise _refused(
                "Expected equal sign in declaration of an attribute of the tag "
                f'"{tag}" at byte offset {begin}'
            )
        self.at += 1
        self._skip_spaces()
        if self.at >= self.end:
            raise _refused(f'Unclosed start tag "{tag}" at byte offset {begin}')
        value = self._attribute_value()
        if self.at >= self.end:
            raise _refused(f'Unclosed start tag "{tag}" at byte offset {begin}')
        return _argument(tag, name, value)

    def _attribute_value(self) -> str:
        quote = self.data[self.at]
        if quote not in b"\"'":
            first = self.at
            while (self.data[self.at] < 0x80 and chr(self.data[self.at]).isalnum()) or (
                self.data[self.at] in b".-"
            ):
                self.at += 1
            if self.data[self.at] not in _SPACES and self.data[self.at] != 0x3E:
                raise _refused(f"Unexpected end of name token at byte offset {first}")
            return self.data[first : self.at].decode("ascii").lower()
        self.at += 1
        value = bytearray()
        while self.at < self.end and self.data[self.at] != quote:
            if self.data[self.at] == 0x26:
                char, after = self._decode_reference(self.at)
                if char:
                    value += char.encode()
                    self.at = after
                    continue
            value.append(self.data[self.at])
            self.at += 1
        if self.data[self.at] == quote:
            self.at += 1
        return value.decode("utf-8", "replace")

    def _end_tag(self, begin: int) -> None:
        if not self.open:
            raise _refused(f"Unexpected end tag at byte offset {begin}")
        self.at = begin + 2
        while self.data[self.at] not in _SPACES and self.data[self.at] != 0x3E:
            self.at += 1
        name = self.data[begin + 2 : self.at].decode("utf-8", "replace").lower()
        self._skip_spaces()
        if self.data[self.at] != 0x3E:
            raise _refused(f"Unclosed end tag at byte offset {begin}")
        opened = self.open.pop()
        if name and name != opened.tag:
            raise _refused(
                f"Unmatched end tag at byte offset {begin}, "
                f'expected "</{opened.tag}>", found "</{name}>"'
            )
        self.at += 1
        if self.utf16 > opened.offset:
            self._close(opened)

    def _close(self, opened: _Open) -> None:
        entity: Json = {
            "type": _SIMPLE.get(opened.tag, opened.tag),
            "offset": opened.offset,
            "length": self.utf16 - opened.offset,
        }
        if opened.tag == "a":
            self._add_link(entity, opened)
        elif opened.tag in ("pre", "code"):
            self._add_code(entity, opened)
        elif opened.tag == "tg-emoji":
            entity |= {"type": "custom_emoji", "custom_emoji_id": opened.argument}
            self.entities.append(entity)
        elif opened.tag == "blockquote":
            if opened.argument:
                entity["type"] = "expandable_blockquote"
            self.entities.append(entity)
        elif opened.tag != "tg-time":
            self.entities.append(entity)

    def _add_link(self, entity: Json, opened: _Open) -> None:
        url = opened.argument or "".join(self.text[opened.text_start :])
        user_id = _mentioned_user(url)
        if user_id:
            entity |= {"type": "text_mention", "user_id": user_id}
        elif checked := _checked_link(url):
            entity |= {"type": "text_link", "url": checked}
        else:
            return
        self.entities.append(entity)

    def _add_code(self, entity: Json, opened: _Open) -> None:
        """`<pre><code class="language-x">` and its mirror are one block with a language."""
        last = self.entities[-1] if self.entities else None
        if (
            last is not None
            and last["type"] in {"pre", "code"} - {opened.tag}
            and (last["offset"], last["length"]) == (entity["offset"], entity["length"])
        ):
            language = last.get("language") or opened.argument
            if language:
                last |= {"type": "pre", "language": language}
                return
        if opened.argument and opened.tag == "code":
            entity["language"] = opened.argument
        self.entities.append(entity)

    def _skip_spaces(self) -> None:
        while self.at < self.end and self.data[self.at] in _SPACES:
            self.at += 1


def _whole(text: str) -> str:
    """Two halves of a surrogate pair make a character; one alone is refused."""
    if text.isascii():
        return text
    try:
        return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le")
    except UnicodeDecodeError as error:
        raise bad_request(
            "text contains invalid Unicode characters after decoding HTML entities, "
            "check for unmatched surrogate code units"
        ) from error


def _argument(tag: str, name: str, value: str) -> str:
    if (tag, name) in (("a", "href"), ("tg-emoji", "emoji-id")):
        return value
    if (tag, name) == ("code", "class") and value.startswith("language-"):
        return value.removeprefix("language-")
    if (tag, name) == ("span", "class") and value.startswith("tg-"):
        return value.removeprefix("tg-")
    return "1" if (tag, name) == ("blockquote", "expandable") else ""


def _mentioned_user(url: str) -> int:
    rest = url.removeprefix("tg://user?id=")
    return int(rest) if rest != url and rest.isdigit() else 0


def _checked_link(url: str) -> str:
    """The address as Telegram stores it, or nothing when it is no address at all."""
    url = url.strip()
    scheme, separator, rest = url.partition("://")
    if separator:
        allowed = scheme.lower() in ("http", "https", "tg", "ton", "tonsite", "mailto")
        return url if allowed and rest else ""
    host = url.split("/", 1)[0]
    if " " in url or "." not in host.strip("."):
        return ""
    return f"http://{url}" if "/" in url else f"http://{url}/"


def _refused(text: str) -> Exception:
    return bad_request(f"can't parse entities: {text}")
