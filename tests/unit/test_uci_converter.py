"""The converter of real payment histories, on invented ones of the same form."""

import csv
from datetime import date
from pathlib import Path
from random import Random

import pytest

from benchmarks.import_portfolio import write_random_histories
from benchmarks.uci_portfolio import Holder, Months, card_of, convert, minimum, read, unpaid
from bot.rules.ledger import standing
from storage.records import DueItem, Loan, LoanId, Payment

AS_OF = date(2026, 11, 22)
MONTHS = Months.before(AS_OF)


def holder(
    status: tuple[int, ...], statement: tuple[int, ...], paid: tuple[int, ...], age: int = 40
) -> Holder:
    return Holder(1, age, status, statement, paid)


def rows(file: Path) -> list[dict[str, str]]:
    with file.open(encoding="utf-8", newline="") as sheet:
        return list(csv.DictReader(sheet))


@pytest.mark.parametrize(
    ("as_of", "first", "last"),
    [
        (date(2026, 11, 22), date(2026, 6, 20), date(2026, 11, 20)),
        (date(2026, 11, 20), date(2026, 5, 20), date(2026, 10, 20)),
        (date(2026, 1, 5), date(2025, 7, 20), date(2025, 12, 20)),
    ],
)
def test_the_last_statement_falls_before_the_day_the_portfolio_is_of(
    as_of: date, first: date, last: date
) -> None:
    cuts = Months.before(as_of).cuts

    assert (cuts[0], cuts[-1], len(cuts)) == (first, last, 6)


@pytest.mark.parametrize(
    ("statement", "asked"), [(0, 0), (400, 400), (1000, 1000), (9000, 1000), (50001, 2501)]
)
def test_the_minimum_is_five_percent_and_a_thousand_and_never_more_than_all(
    statement: int, asked: int
) -> None:
    assert minimum(statement) == asked


def test_who_always_paid_duly_was_asked_for_what_was_paid_and_owes_the_last_minimum() -> None:
    card = card_of(
        holder((0,) * 6, (20_000,) * 6, (900, 1_000, 1_100, 1_200, 1_300, 1_400)),
        MONTHS,
        Random(1),
    )

    assert [amount for _, amount in card.items] == [1_000, 1_100, 1_200, 1_300, 1_400, 1_000]
    assert [due.day for due, _ in card.items] == [15] * 6
    left, outstanding = unpaid(card, MONTHS.opening, AS_OF)
    assert [amount for _, amount in left] == [0, 0, 0, 0, 0, 1_000]
    assert outstanding == 20_000, "the last statement"


def test_who_was_late_keeps_the_minimum_unpaid_until_a_duly_paid_month_covers_it() -> None:
    card = card_of(
        holder((0, 0, 1, 2, 0, 0), (10_000,) * 6, (0, 1_000, 0, 0, 3_500, 1_000)),
        MONTHS,
        Random(1),
    )

    assert [amount for _, amount in card.items] == [1_000, 1_000, 1_000, 1_500, 1_000, 1_000]
    left, _ = unpaid(card, MONTHS.opening, AS_OF)
    assert [amount for _, amount in left] == [0, 0, 0, 0, 0, 1_000]


def test_a_card_that_never_owed_anything_has_one_item_of_nothing() -> None:
    card = card_of(holder((-2,) * 6, (0, -5, 0, 0, 0, 0), (0,) * 6), MONTHS, Random(1))

    assert card.items == [(MONTHS.due(5), 0)]
    assert card.payments == []


def test_amounts_may_be_written_with_an_exponent(tmp_path: Path) -> None:
    file = tmp_path / "data.csv"
    names = ["ID", *(f"X{number}" for number in range(1, 24)), "Y"]
    newest_first = [str(number) for number in range(12)]
    values = ["7", "1.00E+05", "2", "2", "1", "33", *["-1"] * 6, *newest_first, "0"]
    file.write_text(",".join(names) + "\n" + ",".join(values) + "\n", "utf-8")

    (one,) = read(file)

    assert (one.number, one.age) == (7, 33)
    assert one.statement == (5, 4, 3, 2, 1, 0), "oldest month first"
    assert one.paid == (11, 10, 9, 8, 7, 6)


def test_the_same_seed_gives_the_same_bytes_and_another_seed_other_people(
    tmp_path: Path,
) -> None:
    source = write_random_histories(tmp_path / "data.csv", 50)
    made = {}
    for name, seed in (("one", 1), ("again", 1), ("other", 2)):
        (tmp_path / name).mkdir()
        convert(source, tmp_path / name, AS_OF, seed=seed)
        made[name] = [file.read_bytes() for file in sorted((tmp_path / name).iterdir())]

    assert made["one"] == made["again"]
    assert made["one"][0] != made["other"][0]


def test_a_multiplied_portfolio_has_everybody_so_often_under_other_references(
    tmp_path: Path,
) -> None:
    source = write_random_histories(tmp_path / "data.csv", 20)

    counts = convert(source, tmp_path, AS_OF, multiply=3)

    refs = [row["borrower_ref"] for row in rows(tmp_path / "borrowers.csv")]
    assert counts["borrowers.csv"] == len(set(refs)) == 60


def test_what_is_left_now_is_what_the_ledger_makes_of_the_opening_and_the_payments(
    tmp_path: Path,
) -> None:
    """Two ways that share no code: the converter's own sum, and the ledger's."""
    convert(write_random_histories(tmp_path / "data.csv", 400), tmp_path, AS_OF)
    paid: dict[str, list[Payment]] = {}
    for row in rows(tmp_path / "payments.csv"):
        one = Payment(row["payment_ref"], int(row["amount"]), date.fromisoformat(row["paid_on"]))
        paid.setdefault(row["loan_ref"], []).append(one)
    opening = by_loan(tmp_path / "loans.csv")
    now = by_loan(tmp_path / "loans_now.csv")

    for ref, (as_of, outstanding, items) in opening.items():
        loan = Loan(
            LoanId(1), ref, "credit card", "TWD", outstanding, "", as_of, items,
            tuple(paid.get(ref, ())),
        )  # fmt: skip
        worked_out = standing(loan, AS_OF)
        _, outstanding_now, items_now = now[ref]
        assert [one.unpaid for one in worked_out.items] == [one.unpaid for one in items_now]
        assert worked_out.outstanding.minor == outstanding_now
    assert len(opening) == 400


def by_loan(file: Path) -> dict[str, tuple[date, int, tuple[DueItem, ...]]]:
    found: dict[str, tuple[date, int, tuple[DueItem, ...]]] = {}
    for row in rows(file):
        as_of, outstanding = date.fromisoformat(row["as_of"]), int(row["outstanding_total"])
        items = found.get(row["loan_ref"], (as_of, outstanding, ()))[2]
        item = DueItem(date.fromisoformat(row["due_date"]), int(row["principal_due"]), 0, 0, 0)
        found[row["loan_ref"]] = (as_of, outstanding, (*items, item))
    return found
