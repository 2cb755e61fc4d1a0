"""A payment that is told late, or taken back, says what it changes: report, audit, and a task."""

from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from sqlalchemy import select

from storage import accounts, promises, work
from storage.engine import Storage
from storage.records import Actor, Money, WorkKind
from storage.schema import audit
from tests.services.lender import NOW, Lender, borrower, loan, payment

AGO = datetime(2026, 11, 10, 4, 0, tzinfo=UTC)


LATE = loan("L-2", borrower_ref="B-2", due_date="2026-11-08", as_of="2026-11-09")


@pytest.fixture
async def lender(storage: Storage, tmp_path: Path) -> Lender:
    """Maria owes 1,000.00 since 8 November and has promised 300.00 for the 12th."""
    lender = Lender(storage, tmp_path, now=AGO)
    await lender.knows(borrower(), loan(due_date="2026-11-08", as_of="2026-11-09"))
    maria = (await lender.facts_of()).borrower.borrower_id
    async with storage.transaction() as tx:
        await promises.add(
            tx, maria, Money(30000, "CNY"), date(2026, 11, 12),
            loan_id=None, actor=Actor.borrower(maria), now=AGO,
        )  # fmt: skip
    lender.now = NOW
    return lender


async def changes(lender: Lender) -> list[dict[str, object]]:
    async with lender.storage.reading() as tx:
        rows = await tx.all(select(audit.c.details).where(audit.c.act == "ledger.changed"))
    return [row.details for row in rows]


async def reviews(lender: Lender) -> list[str]:
    maria = (await lender.facts_of()).borrower.borrower_id
    async with lender.storage.reading() as tx:
        return [one.note for one in await work.open_of(tx, maria, WorkKind.REVIEW)]


async def test_a_payment_told_late_says_that_a_broken_promise_was_kept(lender: Lender) -> None:
    report = await lender.imports("payments", payment(amount="300.00", paid_on="2026-11-12"))

    told = {(one.what, one.ref): (one.before, one.after) for one in report.changes}
    assert told == {
        ("promise", "1"): ("broken", "kept"),
        ("due", ""): ("1000.00 CNY", "700.00 CNY"),
    }
    assert {one.payments for one in report.changes} == {("P-1",)}
    (kept,) = await changes(lender)
    assert ["promise", "1", "broken", "kept"] in kept["changes"]  # type: ignore[operator]
    assert await reviews(lender) == ["hindsight"], "somebody may have acted on the broken promise"


async def test_a_payment_taken_back_says_what_is_owed_again_and_which_promise_broke(
    lender: Lender,
) -> None:
    await lender.imports("payments", payment(amount="1000.00", paid_on="2026-11-12"))

    report = await lender.imports(
        "payments", payment(amount="1000.00", paid_on="2026-11-12", reversed_on="2026-11-21")
    )

    told = {one.what: (one.before, one.after) for one in report.changes}
    assert told == {
        "days_past_due": ("", "14"),
        "stage": ("", "early"),
        "due": ("", "1000.00 CNY"),
        "promise": ("kept", "broken"),
    }
    assert report.as_json()["changes"][0] == {
        "borrower_ref": "B-1", "what": "days_past_due", "ref": "", "before": "", "after": "14",
        "payments": ("P-1",),
    }  # fmt: skip
    assert len(await changes(lender)) == 2, "the payment, and its reversal"


async def test_a_dry_run_says_what_would_change_and_changes_nothing(lender: Lender) -> None:
    before = await lender.everything()

    report = await lender.imports(
        "payments", payment(amount="300.00", paid_on="2026-11-12"), dry_run=True
    )

    assert len(report.changes) == 2
    assert await lender.everything() == before


async def test_a_payment_of_yesterday_is_no_surprise(lender: Lender) -> None:
    report = await lender.imports("payments", payment(amount="1000.00", paid_on="2026-11-21"))

    assert not report.changes
    assert not await changes(lender)


async def test_the_history_of_somebody_nobody_has_talked_to_surprises_nobody(
    lender: Lender,
) -> None:
    await lender.knows(borrower("B-2"), LATE)
    old = payment("P-2", loan_ref="L-2", amount="1000.00", paid_on="2026-11-12")

    assert not (await lender.imports("payments", old)).changes
    back = await lender.imports("payments", {**old, "reversed_on": "2026-11-15"})
    assert {one.what for one in back.changes} == {"days_past_due", "stage", "due"}, (
        "what was taken back is always told"
    )


async def test_the_same_file_again_changes_nothing_a_second_time(lender: Lender) -> None:
    late = payment(amount="300.00", paid_on="2026-11-12")
    await lender.imports("payments", late)

    report = await lender.imports("payments", late)

    assert not report.changes
    assert len(await changes(lender)) == 1
    assert await reviews(lender) == ["hindsight"]


async def test_a_refused_file_says_nothing_of_changes(lender: Lender) -> None:
    report = await lender.imports(
        "payments",
        payment(amount="300.00", paid_on="2026-11-12"),
        payment("P-2", amount="-1.00", paid_on="2026-11-12"),
    )

    assert report.refused
    assert not report.changes
    assert not await changes(lender)


async def test_a_linked_borrower_counts_as_somebody_who_was_told_something(
    lender: Lender,
) -> None:
    await lender.knows(borrower("B-2"), LATE)
    other = (await lender.facts_of("B-2")).borrower.borrower_id
    async with lender.storage.transaction() as tx:
        await accounts.open_account(tx, other, 502, NOW)

    report = await lender.imports(
        "payments", payment("P-2", loan_ref="L-2", amount="1000.00", paid_on="2026-11-19")
    )

    assert {one.what for one in report.changes} == {"days_past_due", "stage", "due"}
