"""`remindful import` as the lender's engineer runs it: real files, exit codes, kill -9."""

import json
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

from storage.engine import Storage
from storage.loans import ITEMS_OF
from storage.schema import due_items, imports, loan_snapshots, loans, staged_batches
from tests.services.lender import Row, borrower, loan, payment, write_csv

pytestmark = pytest.mark.process

_STRICT = [sys.executable, "-W", "error", "-m", "bot", "import"]


class Shell:
    """A terminal with the deployment's environment."""

    def __init__(self, folder: Path, database_url: str) -> None:
        self.folder = folder
        self.env = {
            "PATH": os.environ["PATH"],
            "DATABASE_URL": database_url,
            "SECRET_KEY": "a key for tests",
            "PYTHONPATH": str(Path(__file__).parents[2]),
        }

    def imports(self, kind: str, file: Path, *words: str) -> "subprocess.CompletedProcess[str]":
        return subprocess.run(
            [*_STRICT, kind, str(file), *words],
            cwd=self.folder, env=self.env, capture_output=True, text=True, timeout=120,
            check=False,
        )  # fmt: skip

    def begins(self, kind: str, file: Path) -> "subprocess.Popen[bytes]":
        return subprocess.Popen(
            [*_STRICT, kind, str(file)],
            cwd=self.folder, env=self.env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip

    def file(self, name: str, *rows: Row) -> Path:
        return write_csv(self.folder / name, rows)


def told(done: "subprocess.CompletedProcess[str]") -> Any:
    return json.loads(done.stdout)


@pytest.fixture
def shell(tmp_path: Path, sqlite_url: str) -> Shell:
    return Shell(tmp_path, sqlite_url)


def test_three_files_make_a_portfolio(tmp_path: Path, database_url: str) -> None:
    shell = Shell(tmp_path, database_url)
    people = shell.imports("borrowers", shell.file("b.csv", borrower()), "--json")
    loans_ = shell.imports("loans", shell.file("l.csv", loan(), loan(due_date="2026-12-25")))
    paid = shell.imports(
        "payments",
        shell.file("p.csv", payment(paid_on="2026-11-01"), payment("P-2", loan_ref="L-404")),
        "--json",
    )

    assert [one.returncode for one in (people, loans_, paid)] == [0, 0, 0], paid.stderr
    report = told(people)
    assert isinstance(report.pop("seconds"), float)
    assert report == {
        "kind": "borrowers", "rows": 1, "dry_run": False, "added": 1, "changed": 0,
        "unchanged": 0, "parked": [], "changes": [], "refused": [], "more_refused": 0, "notes": [],
    }  # fmt: skip
    assert "2 rows" in loans_.stdout
    assert "2 added" in loans_.stdout
    assert told(paid)["added"] == 1
    assert told(paid)["parked"] == [
        {
            "line": 3, "payment_ref": "P-2", "loan_ref": "L-404",
            "reason": "no loan has this reference yet",
        }
    ]  # fmt: skip
    assert people.stderr + loans_.stderr + paid.stderr == ""


def test_a_refused_file_ends_with_1_and_a_report_without_personal_data(shell: Shell) -> None:
    file = shell.file(
        "b.csv",
        borrower("B-1", phone="tel 13800138000"),
        borrower("B-2", birth_date="31/12/1969"),
        borrower("B-3", id_last4="04231"),
        borrower("B-4", full_name="=Maria"),
    )

    plain = shell.imports("borrowers", file)
    as_json = shell.imports("borrowers", file, "--json")

    assert (plain.returncode, as_json.returncode) == (1, 1)
    assert "nothing was changed" in plain.stderr
    assert "line 3, birth_date: '##/##/####' no date (write YYYY-MM-DD)" in plain.stderr
    assert [(one["line"], one["column"]) for one in told(as_json)["refused"]] == [
        (2, "phone"), (3, "birth_date"), (4, "id_last4"), (5, "full_name"),
    ]  # fmt: skip
    for secret in ("13800138000", "1969", "Maria", "04231"):
        assert secret not in plain.stdout + plain.stderr + as_json.stdout + as_json.stderr


def test_a_dry_run_reports_and_changes_nothing(shell: Shell) -> None:
    file = shell.file("b.csv", borrower())

    dry = shell.imports("borrowers", file, "--dry-run")
    wet = shell.imports("borrowers", file, "--json")

    assert dry.returncode == 0
    assert "1 would be added" in dry.stdout
    assert told(wet)["added"] == 1


def test_the_day_of_the_figures_can_be_given_beside_the_file(shell: Shell) -> None:
    shell.imports("borrowers", shell.file("b.csv", borrower()))
    row = {key: value for key, value in loan().items() if key != "as_of"}
    file = shell.file("l.csv", row)

    without = shell.imports("loans", file)
    given = shell.imports("loans", file, "--as-of", "2026-11-20")

    assert (without.returncode, given.returncode) == (1, 0)
    assert "as_of" in without.stderr


@pytest.mark.parametrize(
    "words",
    [
        ["cars", "b.csv"],
        ["borrowers", "missing.csv"],
        ["borrowers", "."],
        ["loans", "b.csv", "--as-of", "22.11.2026"],
        ["loans", "b.csv", "--as-of", "2026-02-30"],
        ["borrowers"],
    ],
)
def test_wrong_usage_ends_with_2(shell: Shell, words: list[str]) -> None:
    shell.file("b.csv", borrower())

    done = subprocess.run(
        [*_STRICT, *words], cwd=shell.folder, env=shell.env, capture_output=True, timeout=60,
        check=False,
    )  # fmt: skip

    assert done.returncode == 2
    assert b"Traceback" not in done.stderr


def test_without_the_key_nobodys_digits_are_taken_in(shell: Shell) -> None:
    del shell.env["SECRET_KEY"]

    done = shell.imports("borrowers", shell.file("b.csv", borrower()))

    assert done.returncode == 3
    assert "SECRET_KEY" in done.stderr


def test_a_database_that_cannot_be_written_ends_with_3(shell: Shell) -> None:
    shell.env["DATABASE_URL"] = "sqlite:////proc/remindful.sqlite3"

    done = shell.imports("borrowers", shell.file("b.csv", borrower()))

    assert done.returncode == 3
    assert "Traceback" not in done.stderr


async def test_kill_9_at_any_moment_leaves_nothing_or_what_the_next_import_finishes(
    shell: Shell, sqlite_url: str
) -> None:
    """Newer and newer files of the same loans, each killed somewhere, the last one left alone."""
    count, days = 2_500, 6
    shell.imports("borrowers", shell.file("b.csv", *(borrower(f"B-{n}") for n in range(count))))
    chance = random.Random(20261122)
    started = time.monotonic()
    shell.imports("loans", portfolio_of(shell, count, "2026-11-01"))
    usual = time.monotonic() - started

    for day in range(2, days + 1):
        process = shell.begins("loans", portfolio_of(shell, count, f"2026-11-{day:02}"))
        time.sleep(usual * chance.uniform(0.4, 1.0))
        process.send_signal(signal.SIGKILL)
        process.wait()
        await assert_every_loan_is_whole(sqlite_url, count)

    last = shell.imports("loans", portfolio_of(shell, count, "2026-11-09"), "--json")

    assert told(last)["changed"] == count * 2
    storage = Storage.open(sqlite_url)
    async with storage.reading() as tx:
        assert await tx.value(
            select(func.count())
            .select_from(loans)
            .join(loan_snapshots, loan_snapshots.c.id == loans.c.snapshot_id)
            .where(loan_snapshots.c.as_of == func.date("2026-11-09"))
        ) == count  # fmt: skip
        accepted = (
            select(func.count()).select_from(imports).where(imports.c.accepted_at.is_not(None))
        )
        assert await tx.value(accepted.where(imports.c.applied_at.is_(None))) == 0
        decided = await tx.value(accepted.where(imports.c.kind == "loans"))
        assert await tx.value(select(func.count()).select_from(loan_snapshots)) == count * decided
        left = select(func.count()).select_from(staged_batches).join(imports)
        assert await tx.value(left.where(imports.c.accepted_at.is_not(None))) == 0
    await storage.close()


def portfolio_of(shell: Shell, count: int, as_of: str) -> Path:
    """Another interest every day, so that no due item is only told again."""
    told = {"as_of": as_of, "interest_due": as_of[-2:]}
    return shell.file(
        "l.csv",
        *(
            loan(f"L-{n}", borrower_ref=f"B-{n}", due_date=due_date, **told)
            for n in range(count)
            for due_date in ("2026-11-25", "2026-12-25")
        ),
    )


async def assert_every_loan_is_whole(database_url: str, count: int) -> None:
    storage = Storage.open(database_url)
    async with storage.reading() as tx:
        items = await tx.all(
            select(func.count().label("items"))
            .select_from(loans)
            .join(loan_snapshots, loan_snapshots.c.id == loans.c.snapshot_id)
            .join(due_items, due_items.c.snapshot_id == ITEMS_OF)
            .group_by(loans.c.id)
        )
    await storage.close()
    assert [row.items for row in items] == [2] * count
