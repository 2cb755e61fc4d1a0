"""Reading an Excel workbook (XLSX): the first sheet, streamed, its cells as the text of a CSV.

Excel keeps dates and numbers as numbers, so a cell becomes the text that a CSV export would have:
ISO dates, plain decimals with at most the 15 digits that Excel itself keeps.
"""

import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, datetime, time
from decimal import Decimal
from pathlib import Path
from typing import Any, BinaryIO
from zipfile import BadZipFile, ZipFile

_ZIP = b"PK\x03\x04"
_OLD = b"\xd0\xcf\x11\xe0"
LARGEST = 2**30
"""Bytes a workbook may unpack to; a small file that unpacks to more is an attack."""
_WIDEST = 100
_EVERY = 2_000
_SAVE_AGAIN = "open it in Excel and save it again, or save it as CSV UTF-8"


class BrokenWorkbook(Exception):
    """The workbook cannot be read any further."""

    def __init__(self, reason: str, mend: str, line: int = 1) -> None:
        super().__init__(reason)
        self.reason, self.mend, self.line = reason, mend, line


def is_workbook(file: Path) -> bool:
    """By its first bytes, whatever its name says."""
    with file.open("rb") as raw:
        return raw.read(4) in (_ZIP, _OLD)


def workbook_rows(file: Path, progress: Callable[[float], None]) -> Iterator[tuple[int, list[str]]]:
    """(row number, trimmed cells) of the first sheet, as wide as its first filled row or wider.

    Raises BrokenWorkbook.
    """
    _check_package(file)
    with file.open("rb") as raw, _opened(raw) as book:
        if not book.worksheets:
            raise BrokenWorkbook("the workbook has no sheet with cells", "put the table on a sheet")
        number = 0
        try:
            for number, cells in _cells(book.worksheets[0], progress):
                yield number, cells
        except (BadZipFile, ValueError, KeyError, SyntaxError, EOFError) as error:
            raise BrokenWorkbook("the workbook is damaged", _SAVE_AGAIN, number + 1) from error


@contextmanager
def _opened(raw: BinaryIO) -> Iterator[Any]:
    from openpyxl import load_workbook

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # styles and extensions that it does not know
            book = load_workbook(raw, read_only=True, data_only=False)
    except Exception as error:  # whatever a broken part of the package makes the library raise
        raise BrokenWorkbook("the workbook is damaged", _SAVE_AGAIN) from error
    try:
        yield book
    finally:
        book.close()


def _cells(sheet: Any, progress: Callable[[float], None]) -> Iterator[tuple[int, list[str]]]:
    total = max(sheet.max_row or 1, 1)
    sheet.reset_dimensions()  # what the file says of its size is often wrong
    width = 0
    for number, values in enumerate(sheet.iter_rows(values_only=True), 1):
        cells = [_text(value) for value in values[:_WIDEST]]
        while len(cells) > width and not cells[-1]:
            cells.pop()
        width = width or len(cells)
        yield number, cells + [""] * (width - len(cells))
        if not number % _EVERY:
            progress(min(number / total, 1))


def _check_package(file: Path) -> None:
    with file.open("rb") as raw:
        if raw.read(4) == _OLD:
            raise BrokenWorkbook(
                "an old Excel file (XLS), or one with a password", "save it as XLSX or CSV UTF-8"
            )
    try:
        with ZipFile(file) as package:
            if sum(part.file_size for part in package.infolist()) > LARGEST:
                raise BrokenWorkbook(
                    f"the workbook unpacks to more than {LARGEST // 2**20} MB", "save it as CSV"
                )
    except BadZipFile as error:
        raise BrokenWorkbook("the file is cut off or no workbook", "export it again") from error


def _text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, str):
        return value.strip()
    if isinstance(value, bool):
        return str(value).upper()
    if isinstance(value, float):
        return f"{Decimal(f'{value:.15g}'):f}"
    if isinstance(value, datetime):
        midnight = value.time() == time(0)
        return value.date().isoformat() if midnight else value.isoformat(sep="T")
    if isinstance(value, date):
        return value.isoformat()
    return str(value)
