"""Reading a lender's table, CSV or a workbook, row by row and without trusting it.

What comes out are the cells of the columns asked for, in that order, as trimmed text. What cannot
be read as a table (encoding, quotes, a header that is none, rows of another length, cells that are
formulas or do not print) is refused here with its line; what a cell means is for `portfolio_rows`.
"""

import csv
import difflib
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from io import TextIOWrapper
from pathlib import Path

from bot.services.portfolio.report import Refusals, shortened
from bot.services.portfolio.workbooks import BrokenWorkbook, is_workbook, workbook_rows

_LONGEST_LINE = 1_000_000
_EVERY = 2_000
_UTF8 = "save it as UTF-8 (in Excel: CSV UTF-8, comma delimited)"
_TURNING = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
"""Characters that show a text in another order than it is stored in."""
_ERRORS = frozenset({"#N/A", "#REF!", "#NAME?", "#VALUE!", "#DIV/0!", "#NUM!", "#NULL!"})

Progress = Callable[[float], None]
"""Is told the share of the file that is read, 0 to 1."""

Rows = Iterator[tuple[int, list[str]]]
"""Line number and cells."""


@dataclass(frozen=True, slots=True)
class Columns:
    """The columns of a file, in the order in which their cells are handed out."""

    names: tuple[str, ...]
    optional: frozenset[str] = frozenset()


class _Broken(Exception):
    """Nothing below this line can be read."""

    def __init__(self, line: int, reason: str, mend: str) -> None:
        super().__init__(reason)
        self.line, self.reason, self.mend = line, reason, mend


def read_rows(file: Path, columns: Columns, refusals: Refusals, progress: Progress) -> Rows:
    """Every row below the header; blank ones are skipped. Faults go to `refusals`.

    A row with a fault is not handed out. An absent optional column gives empty cells.
    """
    rows = _workbook(file, progress) if is_workbook(file) else _csv(file, progress)
    try:
        yield from _below_header(rows, columns, refusals)
    except _Broken as fault:
        refusals.add(fault.line, None, "", fault.reason, fault.mend)


def _below_header(rows: Rows, columns: Columns, refusals: Refusals) -> Rows:
    line, header = next((row for row in rows if any(row[1])), (1, []))
    if not header:
        raise _Broken(1, "the file is empty", f"begin with the columns {_listed(columns.names)}")
    order = _order(line, header, columns, refusals)
    if order is None:
        return
    width = len(header)
    as_they_come = order == list(range(width))
    for line, cells in rows:
        if not any(cells):
            continue
        if len(cells) != width:
            mend = "put quotes around a cell that holds a comma; give an empty cell its comma"
            refusals.add(line, None, "", f"{len(cells)} cells under {width} columns", mend)
            continue
        wanted = cells if as_they_come else _put_in_order(cells, order)
        if _is_plain(wanted) or _is_fine(line, wanted, columns, refusals):
            yield line, wanted


def _put_in_order(cells: list[str], order: list[int]) -> list[str]:
    cells.append("")  # where an absent optional column points to
    return [cells[place] for place in order]


def _order(
    line: int, header: Sequence[str], columns: Columns, refusals: Refusals
) -> list[int] | None:
    """The place of each column in a row, None when the header is refused."""
    known = set(columns.names)
    if not known.intersection(header):
        mend = f"the first line names the columns, with commas: {_listed(columns.names)}"
        raise _Broken(line, "the first line is no header of ours", mend)
    before = len(refusals.listed)
    for place, name in enumerate(header):
        if not name:
            refusals.add(line, None, "", f"column {place + 1} has no name", "remove the column")
        elif name not in known:
            near = difflib.get_close_matches(name.lower(), columns.names, 1, 0.8)
            mend = f"did you mean {near[0]}" if near else "remove the column"
            refusals.add(line, shortened(name), "", "unknown column", mend)
        elif name in header[:place]:
            refusals.add(line, name, "", "the column is there twice", "remove one of them")
    for name in columns.names:
        if name not in header and name not in columns.optional:
            refusals.add(line, name, "", "the column is missing", "add it")
    if len(refusals.listed) > before:
        return None
    absent = len(header)
    return [header.index(name) if name in header else absent for name in columns.names]


def _is_plain(cells: Sequence[str]) -> bool:
    """Whether nothing in a row needs a closer look; true of nearly all of them."""
    text = "".join(cells)
    return (
        text.isprintable()
        and "=" not in text
        and "@" not in text
        and "#" not in text
        and "\ufffd" not in text
    )


def _is_fine(line: int, cells: Sequence[str], columns: Columns, refusals: Refusals) -> bool:
    fine = True
    for column, cell in zip(columns.names, cells, strict=True):
        fault = _fault(cell)
        if fault is not None:
            refusals.add(line, column, cell, *fault)
            fine = False
    return fine


def _fault(cell: str) -> tuple[str, str] | None:
    """Reason and mend for a cell that no column can take."""
    if cell.startswith(("=", "@")):
        return "a formula", "paste the column as values"
    if cell in _ERRORS:
        return "the result of a formula that failed", "mend the formula or write the value"
    if "\0" in cell:
        return "holds a NUL character", "export the file again"
    if "\ufffd" in cell:
        return "was damaged by an earlier conversion", "export the file again as UTF-8"
    for character in cell.replace("\r\n", "\n"):
        if character in _TURNING or (
            character != "\n" and unicodedata.category(character) in ("Cc", "Cs")
        ):
            name = f"U+{ord(character):04X}"
            return f"holds a character that does not print ({name})", "remove the character"
    return None


def _csv(file: Path, progress: Progress) -> Rows:
    size = max(file.stat().st_size, 1)
    with file.open("rb") as raw:
        if raw.peek(2)[:2] in (b"\xff\xfe", b"\xfe\xff"):
            raise _Broken(1, "the file is UTF-16", _UTF8)
        text = TextIOWrapper(raw, encoding="utf-8-sig", newline="")
        reader = csv.reader(_lines(text), strict=True)
        line = 1
        try:
            for count, cells in enumerate(reader):
                yield line, [cell.strip() for cell in cells]
                line = reader.line_num + 1
                if not count % _EVERY:
                    progress(raw.tell() / size)
        except UnicodeDecodeError:
            raise _Broken(_undecodable_line(file), "the line is not UTF-8", _UTF8) from None
        except csv.Error as error:
            too_long = "field larger" in str(error)
            reason = "a cell without end" if too_long else "the quotes do not match"
            mend = 'a cell in quotes ends with a quote; write a quote inside it twice ("")'
            raise _Broken(line, reason, mend) from None


def _lines(text: TextIOWrapper) -> Iterator[str]:
    number = 1
    while line := text.readline(_LONGEST_LINE):
        if len(line) == _LONGEST_LINE:
            mend = "is this a CSV file? end each row with a line break"
            raise _Broken(number, f"the line is longer than {_LONGEST_LINE} characters", mend)
        yield line
        number += 1


def _undecodable_line(file: Path) -> int:
    with file.open("rb") as raw:
        for number, line in enumerate(raw, 1):
            try:
                line.decode("utf-8")
            except UnicodeDecodeError:
                return number
    return 1


def _workbook(file: Path, progress: Progress) -> Rows:
    try:
        yield from workbook_rows(file, progress)
    except BrokenWorkbook as fault:
        raise _Broken(fault.line, fault.reason, fault.mend) from fault


def _listed(names: Sequence[str]) -> str:
    return ", ".join(names)
