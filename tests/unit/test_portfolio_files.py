"""Files as lenders really send them: from Excel, from a database, cut off, wrongly encoded."""

from datetime import date, datetime
from pathlib import Path
from typing import Any
from zipfile import ZIP_DEFLATED, ZipFile

import pytest
from openpyxl import Workbook

from bot.services.portfolio.files import Columns, read_rows
from bot.services.portfolio.report import Refusals

COLUMNS = Columns(("ref", "name", "amount", "note"), frozenset({"note"}))
HEAD = "ref,name,amount,note"
NOON = datetime.fromisoformat("2026-11-22T12:00")  # Excel knows no zones


def no_progress(_share: float) -> None:
    return None


def read(file: Path) -> tuple[list[tuple[int, list[str]]], Refusals]:
    refusals = Refusals()
    return list(read_rows(file, COLUMNS, refusals, no_progress)), refusals


def read_text(folder: Path, text: str | bytes) -> tuple[list[tuple[int, list[str]]], Refusals]:
    file = folder / "file.csv"
    file.write_bytes(text if isinstance(text, bytes) else text.encode())
    return read(file)


def read_cells(folder: Path, *rows: list[Any]) -> tuple[list[tuple[int, list[str]]], Refusals]:
    book = Workbook()
    for row in rows:
        book.active.append(row)
    book.save(folder / "file.xlsx")
    return read(folder / "file.xlsx")


@pytest.mark.parametrize("ending", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
def test_rows_come_with_their_lines_whatever_the_line_ending_and_the_mark(
    tmp_path: Path, ending: str, mark: bytes
) -> None:
    text = ending.join([HEAD, 'A,张伟,1.00,"x, y"', "B,Bo,2,"])

    rows, refusals = read_text(tmp_path, mark + text.encode())

    assert rows == [(2, ["A", "张伟", "1.00", "x, y"]), (3, ["B", "Bo", "2", ""])]
    assert not refusals


def test_cells_come_trimmed_and_in_the_order_asked_for(tmp_path: Path) -> None:
    rows, _ = read_text(tmp_path, " amount ,ref,name\n 1 ,A, Anna \n")

    assert rows == [(2, ["A", "Anna", "1", ""])], "the absent optional column is empty"


def test_blank_rows_are_no_rows(tmp_path: Path) -> None:
    rows, refusals = read_text(tmp_path, f"\n{HEAD}\n\nA,Anna,1,\n,,,\n  ,,,\nB,Bo,2,\n\n")

    assert [line for line, _ in rows] == [4, 7]
    assert not refusals


def test_a_cell_may_have_several_lines_and_the_next_row_its_right_number(tmp_path: Path) -> None:
    rows, _ = read_text(tmp_path, f'{HEAD}\nA,Anna,1,"one\ntwo"\nB,Bo,2,\n')

    assert rows == [(2, ["A", "Anna", "1", "one\ntwo"]), (4, ["B", "Bo", "2", ""])]


def test_a_header_without_rows_is_a_file_with_nothing_to_say(tmp_path: Path) -> None:
    rows, refusals = read_text(tmp_path, HEAD)

    assert rows == []
    assert not refusals


@pytest.mark.parametrize(
    ("text", "line", "column", "reason"),
    [
        ("", 1, None, "empty"),
        ("\n\n  \n", 1, None, "empty"),
        ("A,Anna,1,x\nB,Bo,2,y\n", 1, None, "no header"),
        ("ref;name;amount;note\nA;Anna;1;\n", 1, None, "no header"),
        (f"{HEAD},weakness\n", 1, "weakness", "unknown column"),
        ("ref,name,amount,Note\n", 1, "Note", "unknown column"),
        (f"{HEAD},\n", 1, None, "no name"),
        (f"{HEAD},name\n", 1, "name", "twice"),
        ("ref,name,note\n", 1, "amount", "missing"),
        (f"{HEAD}\nA,Anna,1\n", 2, None, "3 cells under 4 columns"),
        (f"{HEAD}\nA,Lopez, Anna,1,\n", 2, None, "5 cells under 4 columns"),
        (f'{HEAD}\nA,"Anna,1,\nB,Bo,2,\n', 2, None, "quotes do not match"),
        (f'{HEAD}\nA,"An"na,1,\nB,Bo,2,\n', 2, None, "quotes do not match"),
        (f'{HEAD}\nA,"{"x" * 200_000}",1,\n', 2, None, "a cell without end"),
        (f"{HEAD}\nA,{'x' * 1_000_001},1,\n", 2, None, "longer than 1000000"),
        (f"{HEAD}\nA,An\x00na,1,\n", 2, "name", "NUL"),
        (f"{HEAD}\nA,Anna,=1+1,\n", 2, "amount", "a formula"),
        (f"{HEAD}\nA,@Anna,1,\n", 2, "name", "a formula"),
    ],
)
def test_what_is_no_table_of_ours_is_refused_with_its_line(
    tmp_path: Path, text: str, line: int, column: str | None, reason: str
) -> None:
    rows, refusals = read_text(tmp_path, text)

    assert rows == []
    (fault,) = refusals.listed
    assert (fault.line, fault.column) == (line, column)
    assert reason in fault.reason
    assert fault.mend


def test_a_first_row_of_people_is_not_shown_when_the_header_is_missing(tmp_path: Path) -> None:
    _, refusals = read_text(tmp_path, "B-1,Maria Lopez,+8613800138000\n")

    assert "Maria" not in str(refusals.listed)
    assert "138" not in str(refusals.listed)


def test_a_nearly_right_column_is_named(tmp_path: Path) -> None:
    _, refusals = read_text(tmp_path, "ref,name,ammount\nA,Anna,1\n")

    assert [(one.column, one.mend) for one in refusals.listed] == [
        ("ammount", "did you mean amount"), ("amount", "add it"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("raw", "line", "reason"),
    [
        (f"{HEAD}\nA,Anna,1,\nB,张伟,2,\n".encode("gb18030"), 3, "not UTF-8"),
        (f"{HEAD}\nA,Zoé,1,\n".encode("latin-1"), 2, "not UTF-8"),
        (f"{HEAD}\nA,Anna,1,\n".encode("utf-16"), 1, "UTF-16"),
        (HEAD.encode() + b"\n" + b"A,Anna,1,\n" * 50_000 + b"\xff\n", 50_002, "not UTF-8"),
    ],
)
def test_another_encoding_is_refused_with_the_line_that_shows_it(
    tmp_path: Path, raw: bytes, line: int, reason: str
) -> None:
    _, refusals = read_text(tmp_path, raw)

    (fault,) = refusals.listed
    assert fault.line == line
    assert reason in fault.reason
    assert "UTF-8" in fault.mend


def test_good_rows_before_and_after_a_bad_one_are_still_read(tmp_path: Path) -> None:
    rows, refusals = read_text(tmp_path, f"{HEAD}\nA,Anna,1,\nB\nC,Carl,3,\n")

    assert [cells[0] for _, cells in rows] == ["A", "C"]
    assert [fault.line for fault in refusals.listed] == [3]


# --- Workbooks


def test_a_workbook_reads_like_the_csv_it_would_export(tmp_path: Path) -> None:
    rows, refusals = read_cells(
        tmp_path,
        ["ref", "name", "amount", "note"],
        ["A", " 张伟 ", 1200.5, date(2026, 11, 22)],
        [1001, "Bo", 0.1 + 0.2, NOON.replace(hour=0)],
        ["C", "Carl", 1200, None],
        ["D", "Di", 12345678901.25, NOON],
    )

    assert not refusals
    assert rows == [
        (2, ["A", "张伟", "1200.5", "2026-11-22"]),
        (3, ["1001", "Bo", "0.3", "2026-11-22"]),
        (4, ["C", "Carl", "1200", ""]),
        (5, ["D", "Di", "12345678901.25", "2026-11-22T12:00:00"]),
    ]


def test_empty_rows_and_columns_around_a_table_do_not_matter(tmp_path: Path) -> None:
    rows, refusals = read_cells(
        tmp_path,
        [None, None, None],
        ["ref", "name", "amount", None, None],
        ["A", "Anna", 1, None, None, None],
        [None, None, None],
        ["B", "Bo", 2],
    )

    assert [(line, cells[0]) for line, cells in rows] == [(3, "A"), (5, "B")]
    assert not refusals


def test_a_formula_in_a_workbook_is_refused(tmp_path: Path) -> None:
    rows, refusals = read_cells(
        tmp_path, ["ref", "name", "amount"], ["A", "Anna", "=1+1"], ["B", "Bo", "#N/A"]
    )

    assert rows == []
    assert [(fault.line, fault.column) for fault in refusals.listed] == [
        (2, "amount"), (3, "amount"),
    ]  # fmt: skip


def test_a_cell_beside_the_table_makes_its_row_too_wide(tmp_path: Path) -> None:
    _, refusals = read_cells(tmp_path, ["ref", "name", "amount"], ["A", "Anna", 1, "aside"])

    assert [fault.reason for fault in refusals.listed] == ["4 cells under 3 columns"]


def test_only_the_first_sheet_is_read(tmp_path: Path) -> None:
    book = Workbook()
    book.active.append(["ref", "name", "amount"])
    book.active.append(["A", "Anna", 1])
    book.create_sheet("Notes").append(["anything"])
    book.save(tmp_path / "file.xlsx")

    rows, refusals = read(tmp_path / "file.xlsx")

    assert len(rows) == 1
    assert not refusals


def test_a_workbook_is_known_by_its_content_not_by_its_name(tmp_path: Path) -> None:
    read_cells(tmp_path, ["ref", "name", "amount"], ["A", "Anna", 1])
    (tmp_path / "file.xlsx").rename(tmp_path / "file.csv")

    rows, _ = read(tmp_path / "file.csv")

    assert len(rows) == 1


@pytest.mark.parametrize("keep", [0.2, 0.6, 0.95])
def test_a_workbook_that_was_cut_off_is_refused(tmp_path: Path, keep: float) -> None:
    read_cells(tmp_path, ["ref", "name", "amount"], ["A", "Anna", 1])
    whole = (tmp_path / "file.xlsx").read_bytes()

    _, refusals = read_text(tmp_path, whole[: int(len(whole) * keep)])

    assert len(refusals.listed) == 1
    assert refusals.listed[0].mend


def test_a_zip_of_something_else_is_refused(tmp_path: Path) -> None:
    with ZipFile(tmp_path / "file.csv", "w") as package:
        package.writestr("readme.txt", "hello")

    _, refusals = read(tmp_path / "file.csv")

    assert ["damaged" in fault.reason for fault in refusals.listed] == [True]


def test_a_broken_sheet_inside_a_whole_package_is_refused(tmp_path: Path) -> None:
    read_cells(tmp_path, ["ref", "name", "amount"], ["A", "Anna", 1])
    with (
        ZipFile(tmp_path / "file.xlsx") as good,
        ZipFile(tmp_path / "broken.xlsx", "w", ZIP_DEFLATED) as broken,
    ):
        for part in good.namelist():
            body = good.read(part)
            broken.writestr(part, body[: len(body) // 2] if "sheet1" in part else body)

    _, refusals = read(tmp_path / "broken.xlsx")

    assert ["damaged" in fault.reason for fault in refusals.listed] == [True]


def test_an_old_or_protected_excel_file_is_refused_by_name(tmp_path: Path) -> None:
    _, refusals = read_text(tmp_path, b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 500)

    assert ["password" in fault.reason for fault in refusals.listed] == [True]


def test_a_small_package_that_unpacks_to_very_much_is_refused_unread(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.services.portfolio.workbooks.LARGEST", 2**20)
    read_cells(tmp_path, ["ref", "name", "amount"], ["A", "Anna", 1])
    with ZipFile(tmp_path / "file.xlsx", "a", ZIP_DEFLATED) as package:
        package.writestr("xl/media/big.bin", bytes(2**20))
    assert (tmp_path / "file.xlsx").stat().st_size < 2**16

    _, refusals = read(tmp_path / "file.xlsx")

    assert ["unpacks" in fault.reason for fault in refusals.listed] == [True]
