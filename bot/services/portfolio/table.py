"""A lender's file row by row: every cell read by its column's reader, every fault noted.

A file may say the same thing twice, but not two different things of one reference.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

from bot.services.portfolio.files import Columns
from bot.services.portfolio.report import Refusals, Unreadable

T = TypeVar("T")


@dataclass(slots=True)
class Told(Generic[T]):
    """What a file says of one reference, from line `line` on, in `rows` rows.

    `repeats` of these rows only say again what an earlier one said.
    """

    line: int
    what: T
    rows: int = 1
    repeats: int = 0


@dataclass(slots=True)
class Portfolio(Generic[T]):
    """A file as read. `told` has the good references; with any refusals nothing may be applied."""

    rows: int = 0
    told: dict[str, Told[T]] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)

    def add(self, ref: str, told: Told[T], column: str, refusals: Refusals) -> None:
        """The first row of a reference counts; the same again is fine, anything else refused."""
        first = self.told.setdefault(ref, told)
        if first is told:
            return
        if first.what == told.what:
            first.rows += 1
            first.repeats += 1
        else:
            reason = f"line {first.line} says something else of it"
            refusals.add(told.line, column, ref, reason, "keep one of them")


class Table:
    """The readers of a file's columns."""

    def __init__(
        self, columns: Columns, readers: Mapping[str, Callable[[str], Any]], refusals: Refusals
    ) -> None:
        self._columns = columns
        self._refusals = refusals
        self._readers = [readers[name] for name in columns.names]

    def refuse(self, line: int, column: str, cell: str, fault: Unreadable) -> None:
        self._refusals.add(line, column, cell, fault.reason, fault.mend)

    def read(self, line: int, cells: list[str]) -> list[Any] | None:
        """The values of a row by column, None when a cell of it was refused."""
        try:
            return [read(cell) for read, cell in zip(self._readers, cells, strict=True)]
        except Unreadable:
            for name, read, cell in zip(self._columns.names, self._readers, cells, strict=True):
                try:
                    read(cell)
                except Unreadable as fault:
                    self.refuse(line, name, cell, fault)
            return None
