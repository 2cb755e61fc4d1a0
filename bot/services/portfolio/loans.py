"""The loans' file: a row per due item; the columns of the loan itself are the same in each.

A loan is told whole or not at all: with a fault in one of its rows it is left out, because fewer
due items would look like a smaller debt.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from operator import itemgetter
from pathlib import Path
from typing import Any

from bot.services.portfolio import cells as cells
from bot.services.portfolio.files import Columns, Progress, read_rows
from bot.services.portfolio.report import Refusals, Unreadable
from bot.services.portfolio.table import Portfolio, Table, Told
from storage.portfolio import ToldItem, ToldLoan

COLUMNS = Columns(
    (
        "loan_ref", "borrower_ref", "product", "currency", "due_date", "principal_due",
        "interest_due", "penalty_due", "fees_due", "outstanding_total", "pay_to", "as_of",
    )
)  # fmt: skip
_AMOUNTS = ("principal_due", "interest_due", "penalty_due", "fees_due", "outstanding_total")
_OF_THE_LOAN = ("borrower_ref", "product", "currency", "outstanding_total", "pay_to", "as_of")
_head_cells = itemgetter(*(COLUMNS.names.index(name) for name in _OF_THE_LOAN))


@dataclass(slots=True)
class _Loan:
    """`cells`: the columns of the loan as first written; `head`: their values, in minor units."""

    line: int
    cells: tuple[str, ...]
    head: tuple[Any, ...]
    items: dict[date, ToldItem] = field(default_factory=dict)
    rows: int = 0
    repeats: int = 0

    @property
    def currency(self) -> str:
        currency: str = self.head[2]
        return currency


def read_loans(
    file: Path, refusals: Refusals, progress: Progress, *, as_of: date | None, now: datetime
) -> Portfolio[ToldLoan]:
    """`as_of` stands in where the file has no such column or leaves a cell of it empty."""
    columns = COLUMNS if as_of is None else Columns(COLUMNS.names, frozenset({"as_of"}))
    reading = _Reading(columns, refusals, as_of, now)
    rows = 0
    for line, row in read_rows(file, columns, refusals, progress):
        rows += 1
        reading.take(line, row)
    told = reading.told()
    return Portfolio(rows, told, _notes(told, now))


class _Reading:
    def __init__(
        self, columns: Columns, refusals: Refusals, as_of: date | None, now: datetime
    ) -> None:
        self._any_day = cells.any_day(now)
        self._table = Table(columns, self._readers(as_of), refusals)
        self._found: dict[str, _Loan] = {}
        self._faulty: set[str] = set()

    def _readers(self, as_of: date | None) -> dict[str, Callable[[str], Any]]:
        day = self._any_day
        return {
            "loan_ref": cells.reference,
            "borrower_ref": cells.reference,
            "product": cells.words(100),
            "currency": cells.currency,
            "due_date": day,
            **dict.fromkeys(_AMOUNTS, cells.amount),
            "pay_to": cells.payment_instruction,
            "as_of": day if as_of is None else lambda text: day(text) if text else as_of,
        }

    def take(self, line: int, row: list[str]) -> None:
        loan = self._found.get(row[0])
        if loan is None or loan.cells != _head_cells(row):
            loan = self._read_head(line, row)
        if loan is None or not self._add_item(loan, line, row):
            self._faulty.add(row[0])

    def told(self) -> dict[str, Told[ToldLoan]]:
        return {
            ref: _told(ref, loan) for ref, loan in self._found.items() if ref not in self._faulty
        }

    def _read_head(self, line: int, row: list[str]) -> _Loan | None:
        """The loan of a row that does not begin like the rows before; None: it was refused."""
        values = self._table.read(line, row)
        if values is None:
            return None
        ref, borrower_ref, product, currency, _, *_, outstanding, pay_to, as_of = values
        try:
            outstanding = cells.amount_in(outstanding, currency)
        except Unreadable as fault:
            self._table.refuse(line, "outstanding_total", row[9], fault)
            return None
        head = (borrower_ref, product, currency, outstanding, pay_to, as_of)
        loan = self._found.setdefault(ref, _Loan(line, _head_cells(row), head))
        if loan.head == head:
            return loan
        differs = Unreadable(
            f"line {loan.line} of the same loan says otherwise", "write the same in every row"
        )
        for name, here, there in zip(_OF_THE_LOAN, head, loan.head, strict=True):
            if here != there:
                self._table.refuse(line, name, row[COLUMNS.names.index(name)], differs)
        return None

    def _add_item(self, loan: _Loan, line: int, row: list[str]) -> bool:
        """False: it was refused."""
        in_currency = loan.currency
        try:
            due_date = self._any_day(row[4])
            item = (
                due_date,
                cells.amount_in(row[5], in_currency),
                cells.amount_in(row[6], in_currency),
                cells.amount_in(row[7], in_currency),
                cells.amount_in(row[8], in_currency),
            )
        except Unreadable:
            self._explain_item(line, row, in_currency)
            return False
        loan.rows += 1
        known = loan.items.setdefault(due_date, item)
        if known is item:
            return True
        if known == item:
            loan.repeats += 1
            return True
        twice = Unreadable(
            "an earlier line has other amounts for this loan and date",
            "one row for each due date; add the amounts up",
        )
        self._table.refuse(line, "due_date", row[4], twice)
        return False

    def _explain_item(self, line: int, row: list[str], currency: str) -> None:
        try:
            self._any_day(row[4])
        except Unreadable as fault:
            self._table.refuse(line, "due_date", row[4], fault)
        for name, cell in zip(_AMOUNTS, row[5:9], strict=False):
            try:
                cells.amount_in(cell, currency)
            except Unreadable as fault:
                self._table.refuse(line, name, cell, fault)


def _told(ref: str, loan: _Loan) -> Told[ToldLoan]:
    borrower_ref, product, currency, outstanding, pay_to, as_of = loan.head
    items = tuple(loan.items[due_date] for due_date in sorted(loan.items))
    what = ToldLoan(ref, borrower_ref, product, currency, outstanding, pay_to, as_of, items)
    return Told(loan.line, what, loan.rows, loan.repeats)


def _notes(told: dict[str, Told[ToldLoan]], now: datetime) -> list[str]:
    """What is odd and still taken, because only the lender can know."""
    less = []
    ahead = []
    tomorrow = (now + timedelta(days=1)).date()
    for loan in told.values():
        if loan.what.outstanding < sum(sum(item[1:]) for item in loan.what.items):
            less.append(loan.line)
        if loan.what.as_of > tomorrow:
            ahead.append(loan.line)
    notes = []
    if less:
        notes.append(
            f"{len(less)} loans have a smaller outstanding_total than their due items add up to "
            f"(line {less[0]})"
        )
    if ahead:
        notes.append(
            f"{len(ahead)} loans have an as_of in the future; until then nothing newer can "
            f"replace them (line {ahead[0]})"
        )
    return notes
