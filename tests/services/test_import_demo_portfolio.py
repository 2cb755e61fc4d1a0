"""The demo's lender delivers files that the import takes, day after day."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from bot.rules.ledger import borrower_standing
from demo import portfolio
from demo.people import CAST
from storage.engine import Storage
from tests.services.lender import Lender

OPENS = date(2026, 11, 22)
FIRST = OPENS - timedelta(days=portfolio.LEAD_DAYS)


@pytest.fixture
def lender(sqlite_url: str, tmp_path: Path) -> Lender:
    return Lender(Storage.open(sqlite_url), tmp_path, datetime(2026, 11, 20, 2, tzinfo=UTC))


async def deliver(lender: Lender, *kinds: str) -> None:
    for kind in kinds:
        report = await lender.imports(kind, file=lender.folder / f"{kind}.csv")
        assert not report.refused, report.refused
        assert not report.parked


async def days_late(lender: Lender, ref: str, day: date) -> int:
    oldest = borrower_standing((await lender.facts_of(ref)).loans, day).oldest_unpaid
    assert oldest is not None
    return (day - oldest.due_date).days


async def test_every_story_opens_as_it_is_told(lender: Lender) -> None:
    people = portfolio.write(lender.folder, FIRST, 7)
    await deliver(lender, "borrowers", "loans", "payments")
    portfolio.refresh(lender.folder, OPENS)
    lender.now += timedelta(days=portfolio.LEAD_DAYS)
    await deliver(lender, "payments", "loans")

    for told, person in zip(people, CAST, strict=True):
        oldest = min(debt.oldest_unpaid for debt in person.debts)
        late = await days_late(lender, told.borrower_ref, OPENS)
        assert late == -oldest, told.story
    assert {one.language for one in people} == {"zh-Hans", "en"}
    assert {person.country for person in CAST} == {"CN", "US", "GB"}
    await lender.storage.close()


async def test_a_payment_in_the_demo_is_in_tomorrows_figures_and_is_not_counted_twice(
    lender: Lender,
) -> None:
    portfolio.write(lender.folder, FIRST, 7)
    await deliver(lender, "borrowers", "loans", "payments")
    lender.now += timedelta(days=3)
    before = (await lender.loan("B-1003")).outstanding

    portfolio.pay(lender.folder, "L-1003-1", "500.00", OPENS)
    await deliver(lender, "payments")
    paid = borrower_standing((await lender.facts_of("B-1003")).loans, OPENS)
    portfolio.refresh(lender.folder, OPENS + timedelta(days=1))
    await deliver(lender, "payments", "loans")
    refreshed = borrower_standing((await lender.facts_of("B-1003")).loans, OPENS)

    assert before - (await lender.loan("B-1003")).outstanding == 50_000
    assert paid.outstanding == refreshed.outstanding
    assert paid.oldest_unpaid == refreshed.oldest_unpaid
    await lender.storage.close()


async def test_who_pays_on_the_day_is_never_late(lender: Lender) -> None:
    portfolio.write(lender.folder, FIRST, 7)
    await deliver(lender, "borrowers", "loans", "payments")
    for days in (5, 40, 75):
        day = OPENS + timedelta(days=days)
        lender.now = datetime(day.year, day.month, day.day, 4, tzinfo=UTC)
        portfolio.refresh(lender.folder, day)
        await deliver(lender, "payments", "loans")

        assert await days_late(lender, "B-1007", day) < 0
    await lender.storage.close()


def test_the_same_day_and_seed_give_the_same_files(tmp_path: Path) -> None:
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        portfolio.write(tmp_path / name, FIRST, 7)
        portfolio.pay(tmp_path / name, "L-1001-1", "5.00", FIRST)
        portfolio.refresh(tmp_path / name, OPENS)

    for file in ("borrowers.csv", "loans.csv", "payments.csv"):
        assert (tmp_path / "one" / file).read_bytes() == (tmp_path / "two" / file).read_bytes()


def test_nobody_pays_an_unknown_loan_or_no_amount(tmp_path: Path) -> None:
    portfolio.write(tmp_path, FIRST, 7)
    before = (tmp_path / "payments.csv").read_bytes()

    with pytest.raises(ValueError, match="nobody has the loan L-9"):
        portfolio.pay(tmp_path, "L-9", "5.00", FIRST)
    for amount in ("0", "-5", "5,00", "much", "1e3"):
        with pytest.raises(ValueError, match="is no amount"):
            portfolio.pay(tmp_path, "L-1001-1", amount, FIRST)
    assert (tmp_path / "payments.csv").read_bytes() == before
