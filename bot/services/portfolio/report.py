"""What an import says in the end: what it did, and every row it could not read and why.

A report is mailed, logged and pasted into tickets, so it shows no name, phone, birth date or ID
digit: such values keep their shape ("##/##/####"), which is what the mistake is seen by.
"""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

LISTED = 1000
"""Refused rows that are listed; of more there is only the number."""

_PERSONAL = frozenset({"full_name", "phone", "birth_date", "id_last4"})
_TELLING = re.compile(r"\s|[^\x00-\x7f]|\d{4}")
"""In a file of people's data a shifted column may hold a name or a phone as well."""
_LONGEST_SHOWN = 60


class Unreadable(ValueError):
    """A value that cannot be used: the reason, and what to do about it."""

    def __init__(self, reason: str, mend: str = "") -> None:
        super().__init__(reason)
        self.reason = reason
        self.mend = mend


@dataclass(frozen=True, slots=True)
class Refused:
    """One fault of a file. `column` None: it is about the whole line. `value` is safe to show."""

    line: int
    column: str | None
    value: str
    reason: str
    mend: str


@dataclass(slots=True)
class Refusals:
    """Every fault of a file, in order of discovery. `people`: the file is about borrowers."""

    people: bool = False
    listed: list[Refused] = field(default_factory=list)
    more: int = 0

    def __bool__(self) -> bool:
        return bool(self.listed)

    def add(self, line: int, column: str | None, value: str, reason: str, mend: str = "") -> None:
        if len(self.listed) == LISTED:
            self.more += 1
            return
        self.listed.append(Refused(line, column, self._shown(column, value), reason, mend))

    def _shown(self, column: str | None, value: str) -> str:
        hidden = column in _PERSONAL or (
            self.people and column not in ("borrower_ref", "consent_at") and _TELLING.search(value)
        )
        return masked(value) if hidden else shortened(value)


@dataclass(frozen=True, slots=True)
class Parked:
    """A good payment that waits, for a loan not known yet or in the wrong decimals for it."""

    payment_ref: str
    loan_ref: str
    reason: str
    line: int | None = None


@dataclass(frozen=True, slots=True)
class Change:
    """One thing that late payments or reversals make otherwise than was said, for one borrower.

    `what`: days_past_due, stage, class, due, promise or plan, the last two with their number in
    `ref`. `before` and `after` are as printed, "" for nothing. `payments`: what was told late.
    """

    borrower_ref: str
    what: str
    ref: str
    before: str
    after: str
    payments: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ImportReport:
    """`added`, `changed`, `unchanged` and `parked` together are all `rows`, unless refused.

    Refused: nothing was changed, whatever else the file held.
    """

    kind: str
    rows: int
    dry_run: bool
    seconds: float
    added: int = 0
    changed: int = 0
    unchanged: int = 0
    parked: Sequence[Parked] = ()
    changes: Sequence[Change] = ()
    refused: Sequence[Refused] = ()
    more_refused: int = 0
    notes: Sequence[str] = ()

    def as_json(self) -> dict[str, Any]:
        return {
            "kind": self.kind,
            "rows": self.rows,
            "dry_run": self.dry_run,
            "added": self.added,
            "changed": self.changed,
            "unchanged": self.unchanged,
            "parked": [
                {
                    "line": one.line,
                    "payment_ref": one.payment_ref,
                    "loan_ref": one.loan_ref,
                    "reason": one.reason,
                }
                for one in self.parked
            ],
            "changes": [asdict(one) for one in self.changes],
            "refused": [
                {
                    "line": one.line,
                    "column": one.column,
                    "value": one.value,
                    "reason": one.reason,
                    "mend": one.mend,
                }
                for one in self.refused
            ],
            "more_refused": self.more_refused,
            "notes": list(self.notes),
            "seconds": round(self.seconds, 2),
        }


def masked(value: str) -> str:
    """The shape of a value: digits "#", letters and signs of words "x", punctuation as it is."""
    return shortened("".join(map(_shape, value)))


def _shape(character: str) -> str:
    kind = unicodedata.category(character)
    if kind[0] == "N":
        return "#"
    return "x" if kind[0] in "LM" or kind == "So" else character


def shortened(value: str) -> str:
    """At most 60 characters, with what does not print written out."""
    plain = "".join(
        character if character.isprintable() else f"\\u{ord(character):04x}"
        for character in value[: _LONGEST_SHOWN + 1]
    )
    return plain if len(plain) <= _LONGEST_SHOWN else plain[: _LONGEST_SHOWN - 1] + "…"
