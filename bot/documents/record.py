"""A conversation on paper: who said what and when, and between it what was done."""

from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Turn:
    """`numbers`: of the entries it shows; `text` empty: something was done, not said."""

    numbers: str
    time: str
    who: str
    what: str
    text: str = ""
    remarks: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Day:
    title: str
    turns: tuple[Turn, ...]


@dataclass(frozen=True, slots=True)
class Record:
    """`language`: a BCP 47 tag; `seal`: stands below every page."""

    language: str
    sender: str
    title: str
    facts: tuple[tuple[str, str], ...]
    days: tuple[Day, ...]
    closing: tuple[str, ...]
    seal: str

    def as_json(self) -> dict[str, Any]:
        return {**asdict(self), "template": "record"}
