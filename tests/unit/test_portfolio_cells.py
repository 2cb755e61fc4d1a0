"""What a lender's file may hold, cell by cell."""

from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from bot.services.portfolio.borrowers import read_borrowers
from bot.services.portfolio.loans import read_loans
from bot.services.portfolio.payments import read_payments
from bot.services.portfolio.report import Refusals, Refused
from bot.services.portfolio.table import Portfolio
from scripts_library.library import default_library
from storage.portfolio import ToldBorrower
from tests.services.lender import NOW, Row, borrower, loan, payment, write_csv


def no_progress(_share: float) -> None:
    return None


def reads_borrowers(folder: Path, *rows: Row) -> tuple[Portfolio[ToldBorrower], list[Refused]]:
    refusals = Refusals(people=True)
    read = read_borrowers(
        write_csv(folder / "borrowers.csv", rows), refusals, no_progress, secret=b"key",
        library=default_library(), now=NOW,
    )  # fmt: skip
    return read, refusals.listed


def refuses_loans(folder: Path, *rows: Row, now: datetime = NOW) -> list[Refused]:
    refusals = Refusals()
    read_loans(write_csv(folder / "loans.csv", rows), refusals, no_progress, as_of=None, now=now)
    return refusals.listed


def refuses_payments(folder: Path, *rows: Row) -> list[Refused]:
    refusals = Refusals()
    read_payments(write_csv(folder / "payments.csv", rows), refusals, no_progress, now=NOW)
    return refusals.listed


@pytest.mark.parametrize(
    ("column", "value", "reason"),
    [
        ("currency", "XXX", "unknown currency"),
        ("currency", "cny", "unknown currency"),
        ("principal_due", "-1", "negative"),
        ("principal_due", "1,200.00", "no amount"),
        ("principal_due", "1200,00", "no amount"),
        ("principal_due", "¥1200", "no amount"),
        ("principal_due", "1e3", "no amount"),
        ("principal_due", "NaN", "no amount"),
        ("principal_due", "Infinity", "no amount"),
        ("principal_due", "1_000", "no amount"),
        ("principal_due", "+5", "no amount"),
        ("principal_due", ".5", "no amount"),
        ("principal_due", "5.", "no amount"),
        ("principal_due", "１２", "no amount"),
        ("principal_due", "", "empty"),
        ("principal_due", "1.005", "more decimals"),
        ("principal_due", "10000000000.01", "10^12"),
        ("outstanding_total", "99999999999999999999", "10^12"),
        ("outstanding_total", "1.001", "more decimals"),
        ("due_date", "25.11.2026", "no date"),
        ("due_date", "20261125", "no date"),
        ("due_date", "2026-11-25T00:00:00", "no date"),
        ("due_date", "２０２６-11-25", "no date"),
        ("due_date", "2026-02-30", "no such day"),
        ("due_date", "0000-01-01", "no such day"),
        ("due_date", "1969-12-31", "before 1970"),
        ("due_date", "2076-11-23", "after 2076-11-22"),
        ("due_date", "", "empty"),
        ("as_of", "2076-11-23", "after 2076-11-22"),
        ("as_of", "", "empty"),
        ("loan_ref", "", "empty"),
        ("loan_ref", "L" * 65, "longer than 64"),
        ("loan_ref", "-1", "no reference"),
        ("loan_ref", "two\nlines", "no reference"),
        ("borrower_ref", "", "empty"),
        ("product", "", "empty"),
        ("product", "+1", "formula"),
        ("product", "p" * 101, "longer than 100"),
        ("product", "two\nlines", "line break"),
        ("pay_to", "", "empty"),
        ("pay_to", "p" * 501, "longer than 500"),
        ("pay_to", "=HYPERLINK(1)", "a formula"),
        ("pay_to", "@bank", "a formula"),
        ("pay_to", "#REF!", "failed"),
        ("pay_to", "a\x00b", "NUL"),
        ("pay_to", "a\x07b", "does not print"),
        ("pay_to", "\u202eknab", "does not print"),
        ("pay_to", "caf\ufffd", "damaged"),
    ],
)
def test_a_loans_cell_that_cannot_be_read_is_refused_with_its_place_and_reason(
    tmp_path: Path, column: str, value: str, reason: str
) -> None:
    (fault,) = refuses_loans(tmp_path, loan("L-0"), loan(**{column: value}))

    assert (fault.line, fault.column) == (3, column)
    assert reason in fault.reason
    assert fault.mend


@pytest.mark.parametrize(
    "changes",
    [
        {"due_date": "1970-01-01"},
        {"due_date": "2076-11-22"},
        {"principal_due": "10000000000.00"},
        {"principal_due": "007.10"},
        {"principal_due": "12.5000"},
        {"currency": "JPY", "interest_due": "0", "penalty_due": "0.0", "fees_due": "7"},
        {"loan_ref": "贷款 17/a"},
        {"loan_ref": "L" * 64},
        {"pay_to": "+86 138 0000 0000\r\nask for Lin"},
        {"pay_to": "room #3, a@bank.example, 2 + 2 = 4"},
    ],
)
def test_what_is_only_unusual_is_taken(tmp_path: Path, changes: dict[str, str]) -> None:
    assert refuses_loans(tmp_path, loan(**changes)) == []


def test_fifty_years_after_a_leap_day_is_the_day_before_march(tmp_path: Path) -> None:
    leap_day = datetime(2028, 2, 29, tzinfo=UTC)

    assert not refuses_loans(tmp_path, loan(due_date="2078-02-28"), now=leap_day)
    assert refuses_loans(tmp_path, loan(due_date="2078-03-01"), now=leap_day)


@pytest.mark.parametrize(
    ("column", "value", "reason"),
    [
        ("amount", "0", "zero"),
        ("amount", "0.00", "zero"),
        ("amount", "-5", "negative"),
        ("amount", "", "empty"),
        ("amount", "ten", "no amount"),
        ("amount", "1.0005", "more decimals"),
        ("amount", "1000000000000.001", "10^12"),
        ("paid_on", "2026-11-23", "future"),
        ("paid_on", "1969-12-31", "before 1970"),
        ("paid_on", "21.11.2026", "no date"),
        ("reversed_on", "2026-11-20", "before paid_on"),
        ("reversed_on", "2026-11-23", "future"),
        ("payment_ref", "", "empty"),
        ("loan_ref", "=cmd", "formula"),
    ],
)
def test_a_payments_cell_that_cannot_be_read_is_refused_with_its_place_and_reason(
    tmp_path: Path, column: str, value: str, reason: str
) -> None:
    (fault,) = refuses_payments(tmp_path, payment("P-0"), payment(**{column: value}))

    assert (fault.line, fault.column, fault.value) == (3, column, value)
    assert reason in fault.reason


def test_a_payment_may_be_of_a_day_that_has_begun_somewhere(tmp_path: Path) -> None:
    """At noon UTC it is the next day already on Kiritimati."""
    refusals = Refusals()
    file = write_csv(tmp_path / "payments.csv", [payment(paid_on="2026-11-23")])

    read_payments(file, refusals, no_progress, now=datetime(2026, 11, 22, 12, tzinfo=UTC))

    assert not refusals


@pytest.mark.parametrize(
    ("column", "value", "reason"),
    [
        ("borrower_ref", "", "empty"),
        ("full_name", "", "empty"),
        ("full_name", "n" * 201, "longer than 200"),
        ("full_name", "#N/A", "failed"),
        ("language", "", "no language tag"),
        ("language", "English", "no language tag"),
        ("language", "tlh", "nothing is written in"),
        ("language", "fr-FR", "nothing is written in"),
        ("language", "en-XX", "region"),
        ("country", "", "unknown country"),
        ("country", "XX", "unknown country"),
        ("country", "cn", "unknown country"),
        ("country", "UK", "unknown country"),
        ("timezone", "Mars/Olympus", "unknown time zone"),
        ("timezone", "UTC+8", "unknown time zone"),
        ("phone", "", "no phone"),
        ("phone", "call me", "no phone"),
        ("birth_date", "", "empty"),
        ("birth_date", "20.05.1961", "no date"),
        ("birth_date", "1899-12-31", "before 1900"),
        ("birth_date", "2026-11-23", "future"),
        ("id_last4", "", "last four"),
        ("id_last4", "423", "last four"),
        ("id_last4", "12345", "last four"),
        ("segment", "s" * 65, "longer than 64"),
        ("consent_at", "yesterday", "neither"),
        ("consent_at", "2026-01-05T09:30:00", "neither"),
        ("consent_at", "2026-01-05T25:30:00Z", "no such time"),
        ("consent_at", "1969-12-31", "before 1970"),
        ("consent_at", "1969-12-31T23:59:59Z", "before 1970"),
        ("consent_at", "2026-11-24", "future"),
        ("consent_at", "2026-11-24T00:00:00Z", "future"),
    ],
)
def test_a_borrowers_cell_that_cannot_be_read_is_refused_with_its_place_and_reason(
    tmp_path: Path, column: str, value: str, reason: str
) -> None:
    _, (fault,) = reads_borrowers(tmp_path, borrower("B-0"), borrower(**{column: value}))

    assert (fault.line, fault.column) == (3, column)
    assert reason in fault.reason
    assert fault.mend


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("zh", "zh"),
        ("zh-hans", "zh-Hans"),
        ("ZH_tw", "zh-TW"),
        ("zh-Hant-HK", "zh-Hant-HK"),
        ("en-gb", "en-GB"),
        ("en-001", "en-001"),
        ("yue", "yue"),
    ],
)
def test_a_language_is_any_tag_that_somebody_writes_in(
    tmp_path: Path, given: str, kept: str
) -> None:
    portfolio, faults = reads_borrowers(tmp_path, borrower(language=given))

    assert not faults
    assert portfolio.told["B-1"].what.language == kept


def test_people_are_born_before_1970(tmp_path: Path) -> None:
    _, faults = reads_borrowers(tmp_path, borrower(birth_date="1931-02-28"))

    assert not faults


def test_a_country_without_any_zone_needs_one_in_the_file(tmp_path: Path) -> None:
    """Bouvet Island has a code and nobody who would need a clock."""
    _, (fault,) = reads_borrowers(tmp_path, borrower(country="BV", timezone=""))
    _, none = reads_borrowers(tmp_path, borrower(country="BV", timezone="Europe/Oslo"))

    assert (fault.line, fault.column) == (2, "timezone")
    assert not none


@pytest.mark.parametrize(
    ("column", "value", "shown"),
    [
        ("full_name", "=Maria", "=xxxxx"),
        ("full_name", "@张伟", "@xx"),
        ("phone", "0138-CALL", "####-xxxx"),
        ("birth_date", "31/12/1969", "##/##/####"),
        ("id_last4", "12 345", "## ###"),
        ("country", "Maria Lopez", "xxxxx xxxxx"),
        ("language", "张伟", "xx"),
        ("timezone", "13800138000", "###########"),
        ("country", "Atlantis", "Atlantis"),
        ("consent_at", "2026-13-05", "2026-13-05"),
    ],
)
def test_a_report_shows_the_shape_of_personal_values_and_never_the_value(
    tmp_path: Path, column: str, value: str, shown: str
) -> None:
    _, (fault,) = reads_borrowers(tmp_path, borrower(**{column: value}))

    assert fault.value == shown


def test_a_long_value_is_shown_shortened(tmp_path: Path) -> None:
    (fault,) = refuses_loans(tmp_path, loan(loan_ref="L" * 500))

    assert fault.value == "L" * 59 + "…"


def test_control_characters_are_written_out(tmp_path: Path) -> None:
    (fault,) = refuses_loans(tmp_path, loan(product="a\x1b[2Jb"))

    assert fault.value == "a\\u001b[2Jb"


def test_all_faults_of_a_row_are_told(tmp_path: Path) -> None:
    faults = refuses_loans(
        tmp_path, loan(currency="XXX", due_date="soon", principal_due="much", as_of="now")
    )

    assert [fault.column for fault in faults] == [
        "currency", "due_date", "principal_due", "as_of",
    ]  # fmt: skip


def test_of_very_many_faults_some_are_listed_and_the_rest_counted(tmp_path: Path) -> None:
    refusals = Refusals()
    rows = [loan(f"L-{number}", currency="XXX") for number in range(1200)]
    file = write_csv(tmp_path / "loans.csv", rows)

    read_loans(file, refusals, no_progress, as_of=None, now=NOW)

    assert (len(refusals.listed), refusals.more) == (1000, 200)


def test_a_loan_with_one_bad_row_is_left_out_whole(tmp_path: Path) -> None:
    refusals = Refusals()
    rows = [loan(), loan(due_date="2026-12-25"), loan(due_date="?"), loan("L-2")]
    file = write_csv(tmp_path / "loans.csv", rows)

    portfolio = read_loans(file, refusals, no_progress, as_of=None, now=NOW)

    assert list(portfolio.told) == ["L-2"]


def test_the_day_a_file_was_made_for_stands_in_for_empty_cells(tmp_path: Path) -> None:
    refusals = Refusals()
    file = write_csv(tmp_path / "loans.csv", [loan("L-1", as_of=""), loan("L-2")])

    portfolio = read_loans(file, refusals, no_progress, as_of=date(2026, 11, 1), now=NOW)

    assert not refusals
    assert [one.what.as_of for one in portfolio.told.values()] == [
        date(2026, 11, 1), date(2026, 11, 20),
    ]  # fmt: skip
