from datetime import date, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from bot.errors import InputRefused
from storage import schedule
from storage.engine import Storage
from storage.records import DueItem
from storage.schema import loan_snapshots
from tests.services.lender import NOW, Lender, borrower, loan, payment


@pytest.fixture
async def lender(storage: Storage, tmp_path: Path) -> Lender:
    lender = Lender(storage, tmp_path)
    await lender.knows(borrower("B-1"), borrower("B-2"))
    return lender


async def test_a_loan_is_all_its_due_items_in_exact_minor_units(lender: Lender) -> None:
    report = await lender.imports("loans", loan(due_date="2026-12-25"), loan())

    assert (report.added, report.rows) == (2, 2)
    known = await lender.loan()
    assert known.items == (
        DueItem(date(2026, 11, 25), 90000, 8050, 1225, 725),
        DueItem(date(2026, 12, 25), 90000, 8050, 1225, 725),
    )
    assert (known.outstanding, known.currency, known.as_of) == (500000, "CNY", date(2026, 11, 20))
    assert known.pay_to == "Sample Bank, account 1"


@pytest.mark.parametrize(
    ("currency", "amount", "minor"),
    [("JPY", "1200", 1200), ("JPY", "1200.00", 1200), ("KWD", "1.125", 1125), ("USD", "0.1", 10)],
)
async def test_amounts_have_the_decimals_of_their_currency(
    lender: Lender, currency: str, amount: str, minor: int
) -> None:
    zeros = {"interest_due": "0", "penalty_due": "0", "fees_due": "0"}
    await lender.knows(
        loan(currency=currency, principal_due=amount, outstanding_total=amount, **zeros)
    )

    assert (await lender.loan()).items[0].principal == minor


async def test_a_newer_as_of_replaces_the_snapshot_and_the_old_one_stays_as_history(
    lender: Lender,
) -> None:
    await lender.knows(loan(), loan(due_date="2026-12-25"))

    report = await lender.imports(
        "loans", loan(as_of="2026-11-22", principal_due="500", outstanding_total="4600")
    )

    assert (report.added, report.changed) == (0, 1)
    known = await lender.loan()
    assert [item.principal for item in known.items] == [50000]
    assert known.as_of == date(2026, 11, 22)
    async with lender.storage.reading() as tx:
        told = await tx.all(select(loan_snapshots.c.as_of).order_by(loan_snapshots.c.as_of))
    assert [row.as_of for row in told] == [date(2026, 11, 20), date(2026, 11, 22)]


async def test_due_items_that_are_told_again_are_not_stored_again(lender: Lender) -> None:
    due = loan(), loan(due_date="2026-12-25")
    await lender.knows(*due)
    first = await lender.loan()

    report = await lender.imports("loans", *(one | {"as_of": "2026-11-21"} for one in due))
    again = await lender.imports("loans", *(one | {"as_of": "2026-11-21"} for one in due))
    report_of_less = await lender.imports(
        "loans", *(one | {"as_of": "2026-11-22", "outstanding_total": "4900"} for one in due)
    )

    assert (report.changed, again.unchanged, report_of_less.changed) == (2, 2, 2)
    assert (await lender.counts())["due_items"] == 2
    known = await lender.loan()
    assert known.items == first.items
    assert [one.items for one in known.earlier] == [first.items], "one day only repeated it"
    assert (known.as_of, known.outstanding) == (date(2026, 11, 22), 490_000)
    told_otherwise = await lender.imports(
        "loans", *(one | {"as_of": "2026-11-22", "principal_due": "1"} for one in due)
    )
    assert told_otherwise.refused, "what is kept elsewhere is compared too"

    changed = due[0] | {"as_of": "2026-11-23", "principal_due": "500"}
    await lender.imports("loans", changed)
    await lender.imports("loans", *(one | {"as_of": "2026-11-24"} for one in due))

    assert (await lender.counts())["due_items"] == 5
    known = await lender.loan()
    assert known.items == first.items
    assert [len(one.items) for one in known.earlier] == [2, 2, 1]


async def test_what_only_repeats_the_day_before_is_read_where_something_happened(
    lender: Lender,
) -> None:
    async def read() -> list[int]:
        return [one.as_of.day for one in (await lender.loan()).earlier]

    for day in range(10, 16):
        await lender.knows(loan(as_of=f"2026-11-{day}"))
    assert await read() == [10]
    await lender.imports("payments", payment(paid_on="2026-11-12"))
    assert await read() == [10, 12]
    await lender.imports("payments", payment(paid_on="2026-11-12", reversed_on="2026-11-14"))
    assert await read() == [10, 12, 14]
    await lender.imports("payments", payment("P-2", paid_on="2026-11-09"))
    await lender.imports("payments", payment("P-3", paid_on="2026-11-15"))
    assert await read() == [10, 12, 14], "the first and the newest are there anyway"


async def test_the_planner_looks_at_the_borrower_of_a_changed_loan_and_at_nobody_else(
    lender: Lender,
) -> None:
    await lender.knows(loan("L-1"), loan("L-2", borrower_ref="B-2"))
    ids = [(await lender.facts_of(ref)).borrower.borrower_id for ref in ("B-1", "B-2")]
    async with lender.storage.transaction() as tx:
        await schedule.put(tx, dict.fromkeys(ids, None))

    await lender.knows(loan("L-2", borrower_ref="B-2", as_of="2026-11-22"))

    async with lender.storage.reading() as tx:
        assert await schedule.due(tx, NOW, 10) == [ids[1]]


async def test_an_older_as_of_is_refused(lender: Lender) -> None:
    await lender.knows(loan(as_of="2026-11-20"))

    report = await lender.imports("loans", loan(as_of="2026-11-19"))

    (fault,) = report.refused
    assert (fault.line, fault.column, fault.value) == (2, "as_of", "2026-11-19")
    assert "2026-11-20" in fault.reason
    assert (await lender.loan()).as_of == date(2026, 11, 20)


async def test_the_same_file_again_changes_nothing(lender: Lender) -> None:
    rows = [loan(), loan(due_date="2026-12-25"), loan("L-2", borrower_ref="B-2")]
    await lender.knows(*rows)
    before = (await lender.everything()) | {"audit": [], "imports": []}

    report = await lender.imports("loans", *rows)

    assert (report.added, report.changed, report.unchanged) == (0, 0, 3)
    assert (await lender.everything()) | {"audit": [], "imports": []} == before


@pytest.mark.parametrize(
    "changes",
    [
        {"principal_due": "899.99"},
        {"outstanding_total": "5000.01"},
        {"pay_to": "Another bank"},
        {"product": "car loan"},
        {"due_date": "2026-11-26"},
    ],
)
async def test_the_same_as_of_with_another_content_is_refused(
    lender: Lender, changes: dict[str, str]
) -> None:
    await lender.knows(loan())
    before = await lender.loan()

    report = await lender.imports("loans", loan(**changes))

    (fault,) = report.refused
    assert (fault.line, fault.column) == (2, "as_of")
    assert "newer as_of" in fault.mend
    assert await lender.loan() == before


async def test_a_loan_of_which_a_due_item_is_missing_is_not_the_same_loan(lender: Lender) -> None:
    await lender.knows(loan(), loan(due_date="2026-12-25"))

    report = await lender.imports("loans", loan())

    assert [fault.column for fault in report.refused] == ["as_of"]


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("borrower_ref", "B-2"),
        ("product", "car loan"),
        ("currency", "USD"),
        ("outstanding_total", "5000.01"),
        ("pay_to", "Another bank"),
        ("as_of", "2026-11-21"),
    ],
)
async def test_the_columns_of_a_loan_agree_in_all_its_rows(
    lender: Lender, column: str, value: str
) -> None:
    report = await lender.imports(
        "loans", loan(), loan(due_date="2026-12-25", **{column: value}), loan("L-2")
    )

    (fault,) = report.refused
    assert (fault.line, fault.column, fault.value) == (3, column, value)
    assert "line 2" in fault.reason
    assert "loans" not in await lender.counts()


async def test_amounts_that_are_equal_agree_however_they_are_written(lender: Lender) -> None:
    report = await lender.imports(
        "loans",
        loan(outstanding_total="5000"),
        loan(due_date="2026-12-25", outstanding_total="5000.00"),
    )

    assert report.added == 2


async def test_a_due_date_twice_is_fine_when_it_says_the_same_and_refused_when_not(
    lender: Lender,
) -> None:
    same = await lender.imports("loans", loan(), loan(), dry_run=True)
    other = await lender.imports("loans", loan(), loan(fees_due="7.26"))

    assert (same.added, same.unchanged) == (1, 1)
    (fault,) = other.refused
    assert (fault.line, fault.column, fault.value) == (3, "due_date", "2026-11-25")


async def test_an_unknown_borrower_is_refused(lender: Lender) -> None:
    report = await lender.imports("loans", loan(borrower_ref="B-404"), loan("L-2"))

    (fault,) = report.refused
    assert (fault.line, fault.column, fault.value) == (2, "borrower_ref", "B-404")


async def test_a_loan_stays_with_its_borrower(lender: Lender) -> None:
    await lender.knows(loan())

    report = await lender.imports("loans", loan(borrower_ref="B-2", as_of="2026-11-22"))

    (fault,) = report.refused
    assert fault.column == "borrower_ref"
    assert "B-1" in fault.reason


async def test_a_loan_keeps_its_currency(lender: Lender) -> None:
    await lender.knows(loan())

    report = await lender.imports("loans", loan(currency="USD", as_of="2026-11-22"))

    assert [fault.column for fault in report.refused] == ["currency"]


async def test_an_as_of_given_beside_the_file_counts_only_where_the_file_has_none(
    lender: Lender,
) -> None:
    given = date(2026, 11, 18)
    without_column = {key: value for key, value in loan("L-1").items() if key != "as_of"}

    await lender.imports("loans", without_column, as_of=given)
    await lender.imports("loans", loan("L-2", borrower_ref="B-2", as_of="2026-11-19"), as_of=given)

    assert (await lender.loan("B-1")).as_of == given
    assert (await lender.loan("B-2")).as_of == date(2026, 11, 19)


@pytest.mark.parametrize("day", [date(1969, 12, 31), date(2076, 11, 23)])
async def test_an_impossible_as_of_beside_the_file_is_refused(lender: Lender, day: date) -> None:
    with pytest.raises(InputRefused):
        await lender.imports("loans", loan(), as_of=day)

    assert "loans" not in await lender.counts()


async def test_without_an_as_of_anywhere_the_file_is_refused(lender: Lender) -> None:
    without_column = {key: value for key, value in loan().items() if key != "as_of"}

    report = await lender.imports("loans", without_column)

    (fault,) = report.refused
    assert (fault.line, fault.column) == (1, "as_of")


async def test_what_only_the_lender_can_know_is_taken_and_noted(lender: Lender) -> None:
    report = await lender.imports(
        "loans", loan(outstanding_total="1"), loan("L-2", as_of="2026-12-01")
    )

    assert not report.refused
    assert ["outstanding_total" in note or "future" in note for note in report.notes] == [True] * 2
    assert "line 2" in report.notes[0]
    assert "line 3" in report.notes[1]


async def test_a_fully_paid_item_is_an_item_of_nothing(lender: Lender) -> None:
    nothing = {
        "principal_due": "0", "interest_due": "0", "penalty_due": "0.00", "fees_due": "0",
        "outstanding_total": "0",
    }  # fmt: skip
    await lender.knows(loan(**nothing))

    assert (await lender.loan()).items[0].unpaid == 0


async def test_payments_that_waited_for_a_loan_count_from_its_arrival(lender: Lender) -> None:
    await lender.knows(payment("P-1"), payment("P-2", reversed_on="2026-11-22"))
    assert (await lender.counts())["parked_payments"] == 2

    report = await lender.imports("loans", loan())

    assert not report.parked
    known = await lender.loan()
    assert [(one.payment_ref, one.amount, one.reversed_on) for one in known.payments] == [
        ("P-1", 10000, None),
        ("P-2", 10000, date(2026, 11, 22)),
    ]
    assert "parked_payments" not in await lender.counts()


async def test_a_parked_payment_with_decimals_that_its_loan_does_not_have_waits_on(
    lender: Lender,
) -> None:
    await lender.knows(payment("P-1", amount="100.5"), payment("P-2", amount="100"))

    report = await lender.imports(
        "loans",
        loan(currency="JPY", principal_due="1000", interest_due="0", penalty_due="0", fees_due="0"),
    )

    assert [(one.payment_ref, one.loan_ref) for one in report.parked] == [("P-1", "L-1")]
    assert "JPY" in report.parked[0].reason
    assert [one.payment_ref for one in (await lender.loan()).payments] == ["P-2"]


async def test_a_loan_may_come_daily_for_weeks(lender: Lender) -> None:
    for day in range(10):
        as_of = (date(2026, 11, 1) + timedelta(days=day)).isoformat()
        await lender.knows(loan(as_of=as_of, principal_due=str(900 - day)))

    assert (await lender.loan()).items[0].principal == 89100
    assert (await lender.counts())["loan_snapshots"] == 10
