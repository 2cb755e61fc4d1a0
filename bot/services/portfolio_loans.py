"""The loans' file: a row per due item; the columns of the loan itself are the same in each.

A loan is told whole or not at all: with a fault in one of its rows it is left out, because fewer
due items would look like a smaller debt.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

from bot.services import portfolio_cells as cells
from bot.services.import_report import Refusals, Unreadable
from bot.services.portfolio_files import Columns, Progress
from bot.services.portfolio_table import Portfolio, Table, Told
from storage.portfolio import ToldLoan
from storage.records import DueItem

COLUMNS = Columns(
    (
        "loan_ref", "borrower_ref", "product", "currency", "due_date", "principal_due",
        "interest_due", "penalty_due", "fees_due", "outstanding_total", "pay_to", "as_of",
    )
)  # fmt: skip
_AMOUNTS = ("principal_due", "interest_due", "penalty_due", "fees_due", "outstanding_total")
_OF_THE_LOAN = ("borrower_ref", "product", "currency", "outstanding_total", "pay_to", "as_of")


@dataclass(slots=True)
class _Loan:
    """`head`: the values of `_OF_THE_LOAN`, the amount in minor units."""

    line: int
    head: tuple[Any, ...]
    items: dict[date, DueItem] = field(default_factory=dict)
    rows: int = 0
    repeats: int = 0


def read_loans(
    file: Path, refusals: Refusals, progress: Progress, *, as_of: date | None, now: datetime
) -> Portfolio[ToldLoan]:
    """`as_of` stands in where the file has no such column or leaves a cell of it empty."""
    columns = COLUMNS if as_of is None else Columns(COLUMNS.names, frozenset({"as_of"}))
    table = Table(columns, _readers(as_of, now), refusals)
    found: dict[str, _Loan] = {}
    faulty: set[str] = set()
    rows = 0
    for line, row, values in table.rows(file, progress):
        rows += 1
        if values is None or not _take(found, line, row, values, table):
            faulty.add(row[0])
    told = {ref: _told(ref, loan) for ref, loan in found.items() if ref not in faulty}
    return Portfolio(rows, told, _notes(told, now))


def _readers(as_of: date | None, now: datetime) -> dict[str, Callable[[str], Any]]:
    any_day = cells.any_day(now)
    return {
        "loan_ref": cells.reference,
        "borrower_ref": cells.reference,
        "product": cells.words(100),
        "currency": cells.currency,
        "due_date": any_day,
        **dict.fromkeys(_AMOUNTS, cells.amount),
        "pay_to": cells.payment_instruction,
        "as_of": any_day if as_of is None else lambda text: any_day(text) if text else as_of,
    }


def _take(
    found: dict[str, _Loan], line: int, row: list[str], values: list[Any], table: Table
) -> bool:
    """Add a row to its loan. False: it was refused."""
    ref, borrower_ref, product, currency, due_date, *amounts, pay_to, as_of = values
    try:
        principal, interest, penalty, fees, outstanding = [
            cells.minor_units(amount, currency) for amount in amounts
        ]
    except Unreadable:
        for name, amount in zip(_AMOUNTS, amounts, strict=True):
            try:
                cells.minor_units(amount, currency)
            except Unreadable as fault:
                table.refuse(line, name, amount, fault)
        return False
    head = (borrower_ref, product, currency, outstanding, pay_to, as_of)
    loan = found.setdefault(ref, _Loan(line, head))
    if loan.head != head:
        _refuse_difference(loan, line, row, head, table)
        return False
    item = DueItem(due_date, principal, interest, penalty, fees)
    known = loan.items.setdefault(due_date, item)
    if known is not item:
        if known != item:
            twice = Unreadable(
                "an earlier line has other amounts for this loan and date",
                "one row for each due date; add the amounts up",
            )
            table.refuse(line, "due_date", row[4], twice)
            return False
        loan.repeats += 1
    loan.rows += 1
    return True


def _refuse_difference(
    loan: _Loan, line: int, row: list[str], head: tuple[Any, ...], table: Table
) -> None:
    fault = Unreadable(
        f"line {loan.line} of the same loan says otherwise", "write the same in every row"
    )
    for name, here, there in zip(_OF_THE_LOAN, head, loan.head, strict=True):
        if here != there:
            table.refuse(line, name, row[COLUMNS.names.index(name)], fault)


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
        if loan.what.outstanding < sum(item.unpaid for item in loan.what.items):
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
