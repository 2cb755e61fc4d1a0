from datetime import date
from pathlib import Path

import pytest

from bot.rules.ledger import standing
from storage import accounts, schedule
from storage.engine import Storage
from storage.records import BorrowerId, Money
from tests.services.lender import NOW, Lender, borrower, loan, payment


@pytest.fixture
async def lender(storage: Storage, tmp_path: Path) -> Lender:
    lender = Lender(storage, tmp_path)
    await lender.knows(borrower("B-1"), borrower("B-2"), loan())
    return lender


async def verify(lender: Lender, ref: str = "B-1", telegram_id: int = 501) -> BorrowerId:
    """Give a borrower a Telegram account whose identity was checked."""
    borrower_id = (await lender.facts_of(ref)).borrower.borrower_id
    async with lender.storage.transaction() as tx:
        await accounts.open_account(tx, borrower_id, telegram_id, NOW)
        account = await accounts.by_telegram_id(tx, telegram_id)
        assert account is not None
        await accounts.verify_account(tx, account, NOW)
    return borrower_id


async def test_a_payment_after_the_snapshot_lowers_what_is_due(lender: Lender) -> None:
    report = await lender.imports("payments", payment(amount="250.5", paid_on="2026-11-21"))

    assert (report.added, report.rows) == (1, 1)
    known = standing(await lender.loan(), date(2026, 11, 25))
    assert known.due == Money(100000 - 25050, "CNY")
    assert known.outstanding == Money(500000 - 25050, "CNY")


async def test_a_payment_until_the_snapshots_day_is_not_subtracted_again(lender: Lender) -> None:
    await lender.knows(payment("P-1", paid_on="2026-11-20"), payment("P-2", paid_on="2026-10-01"))

    assert standing(await lender.loan(), date(2026, 11, 25)).due == Money(100000, "CNY")


async def test_the_same_payment_again_changes_nothing(lender: Lender) -> None:
    await lender.knows(payment(amount="100.00"))
    before = (await lender.everything()) | {"audit": [], "imports": []}

    report = await lender.imports("payments", payment(amount="100.0"))

    assert (report.added, report.changed, report.unchanged) == (0, 0, 1)
    assert (await lender.everything()) | {"audit": [], "imports": []} == before


async def test_the_same_payment_with_only_reversed_on_added_is_its_reversal(
    lender: Lender,
) -> None:
    await lender.knows(payment())
    ids = [(await lender.facts_of(ref)).borrower.borrower_id for ref in ("B-1", "B-2")]
    async with lender.storage.transaction() as tx:
        await schedule.put(tx, dict.fromkeys(ids, None))

    report = await lender.imports("payments", payment(reversed_on="2026-11-22"))

    assert (report.added, report.changed) == (0, 1)
    (paid,) = (await lender.loan()).payments
    assert paid.reversed_on == date(2026, 11, 22)
    assert standing(await lender.loan(), date(2026, 11, 25)).due == Money(100000, "CNY")
    async with lender.storage.reading() as tx:
        assert await schedule.due(tx, NOW, 10) == ids[:1]


async def test_a_reversal_twice_changes_nothing_the_second_time(lender: Lender) -> None:
    await lender.knows(payment())
    await lender.knows(payment(reversed_on="2026-11-22"))

    report = await lender.imports("payments", payment(reversed_on="2026-11-22"))

    assert (report.changed, report.unchanged) == (0, 1)


async def test_a_payment_and_its_reversal_may_come_in_one_file(lender: Lender) -> None:
    report = await lender.imports("payments", payment(), payment(reversed_on="2026-11-22"))

    assert (report.rows, report.added) == (2, 1)
    assert (await lender.loan()).payments[0].reversed_on == date(2026, 11, 22)


@pytest.mark.parametrize(
    ("changes", "column", "value"),
    [
        ({"amount": "100.01"}, "amount", "100.01"),
        ({"paid_on": "2026-11-20"}, "paid_on", "2026-11-20"),
        ({"loan_ref": "L-404"}, "loan_ref", "L-404"),
        ({"amount": "99", "reversed_on": "2026-11-22"}, "amount", "99"),
    ],
)
async def test_any_other_difference_is_refused(
    lender: Lender, changes: dict[str, str], column: str, value: str
) -> None:
    await lender.knows(payment())

    report = await lender.imports("payments", payment("P-2"), payment(**changes))

    first = report.refused[0]
    assert (first.line, first.column, first.value) == (3, column, value)
    assert len((await lender.loan()).payments) == 1


async def test_a_reversal_is_not_taken_back(lender: Lender) -> None:
    await lender.knows(payment(reversed_on="2026-11-22"))

    report = await lender.imports("payments", payment())

    (fault,) = report.refused
    assert (fault.column, fault.reason) == ("reversed_on", "known with 2026-11-22")


async def test_two_different_rows_of_one_payment_refuse_the_file(lender: Lender) -> None:
    report = await lender.imports("payments", payment(), payment(amount="5"))

    assert [(fault.line, fault.column) for fault in report.refused] == [(3, "payment_ref")]


async def test_a_payment_for_an_unknown_loan_is_parked_and_the_others_count(
    lender: Lender,
) -> None:
    report = await lender.imports("payments", payment(), payment("P-2", loan_ref="L-404"))

    assert not report.refused
    assert report.added == 1
    (parked,) = report.parked
    assert (parked.line, parked.payment_ref, parked.loan_ref) == (3, "P-2", "L-404")
    assert (await lender.counts())["parked_payments"] == 1


async def test_a_parked_payment_again_is_listed_again_and_kept_once(lender: Lender) -> None:
    await lender.knows(payment("P-2", loan_ref="L-404"))

    report = await lender.imports("payments", payment("P-2", loan_ref="L-404"))

    assert len(report.parked) == 1
    assert (await lender.counts())["parked_payments"] == 1


async def test_a_parked_payment_can_be_reversed_but_not_changed(lender: Lender) -> None:
    await lender.knows(payment("P-2", loan_ref="L-404"))

    changed = await lender.imports("payments", payment("P-2", loan_ref="L-404", amount="5"))
    reversal = await lender.imports(
        "payments", payment("P-2", loan_ref="L-404", reversed_on="2026-11-22")
    )
    await lender.knows(loan("L-404"))

    assert [fault.column for fault in changed.refused] == ["amount"]
    assert not reversal.refused
    loans = {one.loan_ref: one for one in (await lender.facts_of()).loans}
    assert loans["L-404"].payments[0].reversed_on == date(2026, 11, 22)


async def test_an_amount_finer_than_the_loans_currency_is_refused(lender: Lender) -> None:
    report = await lender.imports("payments", payment("P-0"), payment(amount="1.005"))

    (fault,) = report.refused
    assert (fault.line, fault.column, fault.value) == (3, "amount", "1.005")
    assert "CNY" in fault.reason
    assert "payments" not in await lender.counts()


async def test_an_amount_too_large_for_the_loans_currency_is_refused(lender: Lender) -> None:
    report = await lender.imports("payments", payment(amount="10000000000.01"))

    assert ["10^12" in fault.reason for fault in report.refused] == [True]


async def test_a_verified_borrower_is_thanked_once_for_all_that_one_file_brings(
    lender: Lender,
) -> None:
    borrower_id = await verify(lender)
    await lender.knows(loan("L-2"), loan("L-3", borrower_ref="B-2"))

    await lender.knows(
        payment("P-1", amount="10"),
        payment("P-2", amount="20", loan_ref="L-2"),
        payment("P-3", amount="40", loan_ref="L-3"),
        payment("P-4", amount="80", paid_on="2026-10-01"),
    )
    await lender.knows(payment("P-1", amount="10"))

    assert lender.thanked == [(borrower_id, "P-1", Money(3000, "CNY"))]


async def test_nobody_is_thanked_for_a_payment_that_came_reversed(lender: Lender) -> None:
    await verify(lender)

    await lender.knows(payment(reversed_on="2026-11-22"))

    assert lender.thanked == []


async def test_a_payment_that_waited_for_its_loan_is_thanked_for_when_it_counts(
    lender: Lender,
) -> None:
    borrower_id = await verify(lender)
    await lender.knows(payment(loan_ref="L-9"))
    assert lender.thanked == []

    await lender.knows(loan("L-9"))

    assert lender.thanked == [(borrower_id, "P-1", Money(10000, "CNY"))]


async def test_amounts_of_two_currencies_are_thanked_for_apart(lender: Lender) -> None:
    borrower_id = await verify(lender)
    await lender.knows(loan("L-2", currency="USD"))

    await lender.knows(payment("P-1"), payment("P-2", loan_ref="L-2", amount="3.5"))

    assert sorted(lender.thanked) == [
        (borrower_id, "P-1", Money(10000, "CNY")),
        (borrower_id, "P-2", Money(350, "USD")),
    ]
