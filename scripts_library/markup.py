"""Whether a text is HTML that Telegram accepts. It refuses a whole message for one wrong tag."""

from html.parser import HTMLParser

_PAIRED = frozenset(
    {
        "b", "strong", "i", "em", "u", "ins", "s", "strike", "del", "a", "code", "pre",
        "blockquote", "tg-spoiler", "span", "tg-emoji",
    }
)  # fmt: skip
_ATTRIBUTES = {
    "a": {"href"},
    "span": {"class"},
    "code": {"class"},
    "blockquote": {"expandable"},
    "tg-emoji": {"emoji-id"},
}
_LINKS = ("https://", "tg://", "mailto:", "tel:")


def markup_faults(text: str) -> list[str]:
    """What Telegram would refuse, in words; empty when it would show the text."""
    reader = _Reader()
    reader.feed(text)
    reader.close()
    for tag in reversed(reader.open):
        reader.faults.append(f"<{tag}> is never closed")
    return reader.faults


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=False)
        self.open: list[str] = []
        self.faults: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in _PAIRED:
            self.faults.append(f"<{tag}> is not a tag Telegram knows")
            return
        for name, value in attrs:
            if name not in _ATTRIBUTES.get(tag, set()):
                self.faults.append(f"<{tag}> takes no {name!r}")
            elif name == "href" and not (value or "").startswith(_LINKS):
                self.faults.append("a link starts with https://")
        self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if self.open and self.open[-1] == tag:
            self.open.pop()
        else:
            self.faults.append(f"</{tag}> closes nothing that is open here")

    def handle_data(self, data: str) -> None:
        if "<" in data:
            self.faults.append("a < that belongs to no tag; write &lt;")

    def handle_entityref(self, name: str) -> None:
        if name not in ("lt", "gt", "amp", "quot"):
            self.faults.append(f"&{name}; is not an entity Telegram knows")

    def handle_comment(self, data: str) -> None:
        self.faults.append("a comment in HTML; write {% comment %}")

    def handle_decl(self, decl: str) -> None:
        self.faults.append(f"<!{decl}> is not a tag Telegram knows")

    def handle_pi(self, data: str) -> None:
        self.faults.append(f"<?{data}> is not a tag Telegram knows")
