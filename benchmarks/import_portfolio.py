"""Importing 30,000 borrowers with due items and payments, beside `csv` + `executemany`.

    python -m benchmarks.import_portfolio [--runs N] [--source CSV_PATH]

The baseline puts the same rows into the same tables with the standard library alone: one file
after the other, one transaction each, nothing judged, nothing staged, nobody let in between. Ours
reads, judges, stages and applies as `remindful import` does. Both write to SQLite (WAL, FULL) on
the same disk, in turns, so that a busy machine slows both. Without a source the portfolio is made
from random histories of the same form as the real ones.
"""

import argparse
import asyncio
import csv
import json
import multiprocessing
import resource
import sqlite3
import statistics
import tempfile
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from random import Random
from time import perf_counter
from typing import Any

from benchmarks.uci_portfolio import convert
from bot.services.portfolio.importing import ImportKind, PortfolioFile, import_file
from scripts_library.library import Library
from storage import migrating
from storage.engine import Storage, Transaction
from storage.records import Actor, BorrowerId, Money

BORROWERS = 30_000
_AS_OF = date(2026, 11, 22)
_NOW = datetime(2026, 11, 22, 3, tzinfo=UTC)
_INSTANT = "2026-11-22 03:00:00.000000"


def results(runs: int = 7, source: Path | None = None) -> dict[str, dict[str, Any]]:
    """The ratio of the times, and the peak memory of a process that imports all three files."""
    with tempfile.TemporaryDirectory(prefix="remindful-bench-") as made:
        folder = Path(made)
        convert(
            source or write_random_histories(folder / "histories.csv", BORROWERS), folder, _AS_OF
        )
        empty = folder / "empty.sqlite3"
        asyncio.run(_migrated(empty))
        ratios = []
        for _ in range(runs):
            bare = _baseline(_copy(empty, folder / "bare.sqlite3"), folder)
            ours = asyncio.run(_ours(_copy(empty, folder / "ours.sqlite3"), folder))
            ratios.append(ours / bare)
        peak = _peak_megabytes(_copy(empty, folder / "peak.sqlite3"), folder)
    return {
        "import_portfolio": {
            "ratio": round(statistics.median(ratios), 2),
            "unit": "x csv + executemany",
            "low": round(min(ratios), 2),
            "high": round(max(ratios), 2),
            "floor": 4.0,
            "aim": 4.0,
            "runs": runs,
        },
        "import_portfolio_memory": {
            "value": peak,
            "unit": "MB",
            "low": peak,
            "high": peak,
            "floor": 300,
            "aim": 300,
            "runs": 1,
        },
    }


async def _ours(database: Path, folder: Path) -> float:
    storage = Storage.open(f"sqlite:///{database}")
    library = Library.load()
    started = perf_counter()
    for kind in ImportKind:
        report = await import_file(
            storage,
            Actor.system(),
            PortfolioFile(kind, folder / f"{kind}.csv"),
            secret=b"benchmark",
            library=library,
            now=_NOW,
            on_payment=_nobody_is_linked,
        )
        assert not report.refused, report.refused[0]
    took = perf_counter() - started
    await storage.close()
    return took


async def _nobody_is_linked(
    _tx: Transaction, _borrower: BorrowerId, _ref: str, _paid: Money, _now: datetime
) -> None:
    raise AssertionError("nobody of this portfolio has a Telegram account")


def _baseline(database: Path, folder: Path) -> float:
    bare = sqlite3.connect(database, isolation_level=None)
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON"):
        bare.execute(f"PRAGMA {pragma}")
    started = perf_counter()
    for put in (_put_borrowers, _put_loans, _put_payments):
        bare.execute("BEGIN IMMEDIATE")
        put(bare, folder)
        bare.execute("COMMIT")
    took = perf_counter() - started
    bare.close()
    return took


def _put_borrowers(bare: sqlite3.Connection, folder: Path) -> None:
    bare.executemany(
        "INSERT INTO borrowers (borrower_ref, full_name, language, country, timezone, phone, "
        "birth_date_hmac, id_last4_hmac, segment, consent_at, imported_at) "
        "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            (*row[:6], row[6].encode(), row[7].encode(), row[8], row[9], _INSTANT)
            for row in _rows(folder / "borrowers.csv")
        ),
    )
    ids = [(number, _INSTANT) for (number,) in bare.execute("SELECT id FROM borrowers")]
    bare.executemany(
        "INSERT INTO conversations (borrower_id, state, version, since) VALUES (?, 'bot', 1, ?)",
        ids,
    )
    bare.executemany("INSERT INTO schedule (borrower_id, next_contact_at) VALUES (?, ?)", ids)


def _put_loans(bare: sqlite3.Connection, folder: Path) -> None:
    borrowers = dict(bare.execute("SELECT borrower_ref, id FROM borrowers"))
    heads = {row[0]: row for row in _rows(folder / "loans.csv")}
    bare.executemany(
        "INSERT INTO loans (loan_ref, borrower_id, imported_at) VALUES (?, ?, ?)",
        ((ref, borrowers[row[1]], _INSTANT) for ref, row in heads.items()),
    )
    loans = dict(bare.execute("SELECT loan_ref, id FROM loans"))
    bare.executemany(
        "INSERT INTO loan_snapshots (loan_id, product, currency, outstanding, pay_to, as_of, "
        "imported_at) VALUES (?, ?, ?, ?, ?, ?, ?)",
        (
            (loans[ref], row[2], row[3], _minor(row[9]), row[10], row[11], _INSTANT)
            for ref, row in heads.items()
        ),
    )
    bare.execute(
        "UPDATE loans SET snapshot_id = (SELECT id FROM loan_snapshots WHERE loan_id = loans.id)"
    )
    snapshots = dict(bare.execute("SELECT loan_ref, snapshot_id FROM loans"))
    bare.executemany(
        "INSERT INTO due_items (snapshot_id, due_date, principal, interest, penalty, fees) "
        "VALUES (?, ?, ?, ?, ?, ?)",
        (
            (snapshots[row[0]], row[4], *map(_minor, row[5:9]))
            for row in _rows(folder / "loans.csv")
        ),
    )


def _put_payments(bare: sqlite3.Connection, folder: Path) -> None:
    loans = dict(bare.execute("SELECT loan_ref, id FROM loans"))
    bare.executemany(
        "INSERT INTO payments (payment_ref, loan_id, amount, paid_on, received_at) "
        "VALUES (?, ?, ?, ?, ?)",
        (
            (row[0], loans[row[1]], _minor(row[2]), row[3], _INSTANT)
            for row in _rows(folder / "payments.csv")
        ),
    )


def _rows(file: Path) -> Iterator[list[str]]:
    with file.open(encoding="utf-8", newline="") as sheet:
        reader = csv.reader(sheet)
        next(reader)
        yield from reader


def _minor(text: str) -> int:
    return round(float(text) * 100)


def write_random_histories(file: Path, count: int) -> Path:
    """Card holders of the form that `uci_portfolio` reads, most of whom pay."""
    random = Random(1)
    with file.open("w", encoding="utf-8", newline="") as sheet:
        writer = csv.writer(sheet)
        writer.writerow(["ID", *(f"X{number}" for number in range(1, 24)), "Y"])
        for number in range(1, count + 1):
            status = random.choices((-2, -1, 0, 1, 2, 3), (14, 19, 53, 2, 11, 1), k=6)
            statement = [max(round(random.lognormvariate(9.5, 1.6)) - 800, 0) for _ in range(6)]
            paid = [
                0 if late > 0 and random.random() < 0.7 else round(random.lognormvariate(7.4, 1.3))
                for late in status
            ]
            age = random.randint(21, 75)
            writer.writerow([number, 100000, 1, 1, 1, age, *status, *statement, *paid, 0])
    return file


async def _migrated(database: Path) -> None:
    storage = Storage.open(f"sqlite:///{database}")
    await migrating.upgrade(storage)
    await storage.close()


def _copy(empty: Path, to: Path) -> Path:
    for old in to.parent.glob(f"{to.name}*"):
        old.unlink()
    to.write_bytes(empty.read_bytes())
    return to


def _peak_megabytes(database: Path, folder: Path) -> int:
    """Of a process of its own, because memory once used stays counted."""
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        return pool.apply(_import_alone, (database, folder))


def _import_alone(database: Path, folder: Path) -> int:
    asyncio.run(_ours(database, folder))
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n", maxsplit=1)[0])
    parser.add_argument("--runs", type=int, default=7)
    parser.add_argument("--source", type=Path)
    given = parser.parse_args()
    print(json.dumps(results(given.runs, given.source), indent=2))


if __name__ == "__main__":
    main()
