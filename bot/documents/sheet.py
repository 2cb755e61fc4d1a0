"""What stands on a paper, all of it as text in the reader's language and format."""

from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Table:
    """The first column of `rows` is words or dates, the last ones are figures."""

    caption: str
    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class Section:
    title: str
    tables: tuple[Table, ...] = ()
    totals: tuple[tuple[str, str], ...] = ()
    lines: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Sheet:
    """`language`: a BCP 47 tag; `facts`: for whom and of when; `closing`: below everything.

    `letter`: paragraphs before the sections; `mark`: what has to be seen at once, as "Draft".
    """

    language: str
    sender: str
    title: str
    facts: tuple[tuple[str, str], ...]
    sections: tuple[Section, ...]
    closing: tuple[str, ...] = ()
    letter: tuple[str, ...] = ()
    mark: str = ""

    def as_json(self) -> dict[str, Any]:
        return asdict(self)
