"""The invented lender: loans, payments, and the files it delivers. What is owed, added up plainly.

`owed` is the balance by brute force: every item less every payment, in whole minor units, by code
that knows nothing of the ledger it is compared with.
"""

import csv
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import Any


@dataclass(slots=True)
class Item:
    due_date: date
    amount: int


@dataclass(frozen=True, slots=True)
class Paid:
    """`told_at`: when the lender's file about it arrives."""

    ref: str
    amount: int
    on: date
    told_at: datetime


@dataclass(slots=True)
class Debt:
    """One loan. `as_of`: of its newest delivered snapshot."""

    ref: str
    borrower_ref: str
    product: str
    currency: str
    items: list[Item]
    paid: list[Paid] = field(default_factory=list)
    as_of: date | None = None
    delivered_at: datetime | None = None

    def unpaid(self, *, on: date | None = None, at: datetime | None = None) -> list[Item]:
        """Items with what is left of each, oldest first.

        `on`: after all payments of days up to then; `at`: after all that are known then.
        """
        money = sum(
            one.amount
            for one in self.paid
            if (on is not None and one.on <= on) or (at is not None and self._is_known(one, at))
        )
        left = []
        for item in self.items:
            part = min(money, item.amount)
            money -= part
            if item.amount > part:
                left.append(Item(item.due_date, item.amount - part))
        return left

    def _is_known(self, one: Paid, at: datetime) -> bool:
        return one.told_at <= at or (self.as_of is not None and one.on <= self.as_of)


def owed(debts: Iterable[Debt], today: date, at: datetime) -> list[int]:
    """What a reminder has to name for each loan: what is due, or before the day what will be."""
    left = [(debt.unpaid(at=at), debt) for debt in debts]
    days = [items[0].due_date for items, _ in left if items]
    if not days:
        return []
    last = max(today, min(days))
    sums = [sum(item.amount for item in items if item.due_date <= last) for items, _ in left]
    return sorted(one for one in sums if one)


_BORROWERS = (
    "borrower_ref", "full_name", "language", "country", "timezone", "phone", "birth_date",
    "id_last4", "consent_at",
)  # fmt: skip
_LOANS = (
    "loan_ref", "borrower_ref", "product", "currency", "due_date", "principal_due",
    "interest_due", "penalty_due", "fees_due", "outstanding_total", "pay_to", "as_of",
)  # fmt: skip
_PAYMENTS = ("payment_ref", "loan_ref", "amount", "paid_on")


def write_borrowers(file: Path, rows: Iterable[Sequence[Any]]) -> None:
    _write(file, _BORROWERS, rows)


def write_loans(file: Path, debts: Iterable[Debt], as_of: date) -> None:
    """What is unpaid at the end of `as_of`; a loan that is settled keeps its last item at zero."""
    rows = []
    for debt in debts:
        left = debt.unpaid(on=as_of) or [Item(debt.items[-1].due_date, 0)]
        total = _major(sum(item.amount for item in left))
        rows += [
            (debt.ref, debt.borrower_ref, debt.product, debt.currency, item.due_date,
             _major(item.amount), "0", "0", "0", total, "the Payments page of our app", as_of)
            for item in left
        ]  # fmt: skip
    _write(file, _LOANS, rows)


def write_payments(file: Path, paid: Iterable[tuple[Debt, Paid]]) -> None:
    rows = [(one.ref, debt.ref, _major(one.amount), one.on) for debt, one in paid]
    _write(file, _PAYMENTS, rows)


def throw_away(file: Path) -> None:
    """What has been read: to write over it makes the disk work, to write it anew does not."""
    file.unlink()


def _write(file: Path, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    with file.open("w", encoding="utf-8", newline="") as sheet:
        writer = csv.writer(sheet)
        writer.writerow(columns)
        writer.writerows(rows)


def _major(minor: int) -> str:
    return f"{minor // 100}.{minor % 100:02}"
