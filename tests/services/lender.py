"""A lender who writes files and imports them, for tests of the import.

lender = Lender(storage, tmp_path)
await lender.knows(borrower())
report = await lender.imports("loans", loan(due_date="2026-11-25"))
"""

import csv
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import func, select

from bot.services.portfolio.importing import ImportKind, PortfolioFile, import_file
from bot.services.portfolio.report import ImportReport
from scripts_library.library import default_library
from storage import borrowers as borrowers_
from storage import facts
from storage.engine import Storage, Transaction
from storage.records import Actor, BorrowerFacts, BorrowerId, Loan, Money
from storage.schema import metadata

NOW = datetime(2026, 11, 22, 4, 0, tzinfo=UTC)
SECRET = b"a key for tests"

Row = dict[str, str]


def borrower(ref: str = "B-1", **changes: str) -> Row:
    row = {
        "borrower_ref": ref,
        "full_name": "Maria Lopez",
        "language": "en",
        "country": "CN",
        "timezone": "Asia/Shanghai",
        "phone": "+86 138 0000 0000",
        "birth_date": "1961-05-20",
        "id_last4": "0423",
    }
    return row | changes


def loan(ref: str = "L-1", **changes: str) -> Row:
    """One due item of 1,000.00 and what belongs to it."""
    row = {
        "loan_ref": ref,
        "borrower_ref": "B-1",
        "product": "home loan",
        "currency": "CNY",
        "due_date": "2026-11-25",
        "principal_due": "900.00",
        "interest_due": "80.50",
        "penalty_due": "12.25",
        "fees_due": "7.25",
        "outstanding_total": "5000",
        "pay_to": "Sample Bank, account 1",
        "as_of": "2026-11-20",
    }
    return row | changes


def payment(ref: str = "P-1", **changes: str) -> Row:
    return {
        "payment_ref": ref, "loan_ref": "L-1", "amount": "100.00", "paid_on": "2026-11-21",
    } | changes  # fmt: skip


def write_csv(file: Path, rows: Sequence[Row]) -> Path:
    with file.open("w", encoding="utf-8", newline="") as sheet:
        columns = dict.fromkeys(name for row in rows for name in row)
        writer = csv.DictWriter(sheet, list(columns), restval="")
        writer.writeheader()
        writer.writerows(rows)
    return file


@dataclass
class Lender:
    """`thanked`: borrower, payment reference and sum of every thanks that was asked for."""

    storage: Storage
    folder: Path
    now: datetime = NOW
    thanked: list[tuple[BorrowerId, str, Money]] = field(default_factory=list)

    async def imports(
        self,
        kind: str,
        *rows: Row,
        file: Path | None = None,
        as_of: date | None = None,
        dry_run: bool = False,
        actor: Actor | None = None,
    ) -> ImportReport:
        written = file or write_csv(self.folder / f"{kind}.csv", rows)
        return await import_file(
            self.storage,
            actor or Actor.system(),
            PortfolioFile(ImportKind(kind), written, as_of),
            secret=SECRET,
            library=default_library(),
            now=self.now,
            on_payment=self.thanks,
            dry_run=dry_run,
        )

    async def thanks(
        self, _tx: Transaction, borrower_id: BorrowerId, ref: str, paid: Money, _now: datetime
    ) -> None:
        self.thanked.append((borrower_id, ref, paid))

    async def knows(self, *rows: Row) -> None:
        """Rows of any kind, told by their columns, in the order borrowers, loans, payments."""
        for kind, key in (
            ("borrowers", "full_name"),
            ("loans", "due_date"),
            ("payments", "paid_on"),
        ):
            some = [row for row in rows if key in row]
            if some:
                report = await self.imports(kind, *some)
                assert not report.refused, report.refused

    async def facts_of(self, ref: str = "B-1") -> BorrowerFacts:
        async with self.storage.reading() as tx:
            found = await borrowers_.by_ref(tx, ref)
            assert found is not None, f"{ref} is not known"
            known = await facts.of(tx, found.borrower_id, self.now)
        assert known is not None
        return known

    async def loan(self, borrower_ref: str = "B-1") -> Loan:
        """The borrower's only loan."""
        (only,) = (await self.facts_of(borrower_ref)).loans
        return only

    async def counts(self) -> dict[str, int]:
        """Rows by table, empty ones left out."""
        async with self.storage.reading() as tx:
            found = {
                table.name: await tx.value(select(func.count()).select_from(table))
                for table in metadata.sorted_tables
            }
        return {name: count for name, count in found.items() if count}

    async def everything(self) -> dict[str, list[tuple[Any, ...]]]:
        """All facts, to see that nothing changed."""
        async with self.storage.reading() as tx:
            return {
                table.name: [tuple(row) for row in await tx.all(select(table))]
                for table in metadata.sorted_tables
            }
