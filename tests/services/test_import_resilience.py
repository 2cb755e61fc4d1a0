"""An import among other imports, crashes and a bot that goes on talking."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from pathlib import Path

import pytest
from sqlalchemy import insert, select

from bot.services.portfolio import plan
from bot.services.portfolio.applying import finish_accepted
from storage import accounts, imports
from storage.engine import Storage, Transaction
from storage.records import BorrowerId, Money
from storage.schema import audit, due_items, loan_snapshots, loans
from storage.sole import alone
from tests.services.lender import NOW, Lender, borrower, loan, payment


class PowerCut(Exception):
    """The process dies here."""


@pytest.fixture
def lender(storage: Storage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Lender:
    """Every batch has one loan or payment, so that there is something between the batches."""
    monkeypatch.setattr(plan, "A_BATCH", 1)
    return Lender(storage, tmp_path)


async def verify(lender: Lender, ref: str, telegram_id: int) -> None:
    borrower_id = (await lender.facts_of(ref)).borrower.borrower_id
    async with lender.storage.transaction() as tx:
        await accounts.open_account(tx, borrower_id, telegram_id, NOW)
        account = await accounts.by_telegram_id(tx, telegram_id)
        assert account is not None
        await accounts.verify_account(tx, account, NOW)


async def test_what_was_accepted_before_a_crash_is_finished_by_the_next_start(
    lender: Lender,
) -> None:
    await lender.knows(*(borrower(f"B-{number}") for number in (1, 2, 3)))
    await lender.knows(*(loan(f"L-{n}", borrower_ref=f"B-{n}") for n in (1, 2, 3)))
    await verify(lender, "B-2", 502)
    payments = [payment(f"P-{n}", loan_ref=f"L-{n}") for n in (1, 2, 3)]

    with power_cut_at_thanks(lender), pytest.raises(PowerCut):
        await lender.imports("payments", *payments)
    assert len((await lender.loan("B-1")).payments) == 1, "the first batch is applied"
    assert len((await lender.loan("B-2")).payments) == 0, "the second was cut off whole"

    finished = await finish_accepted(lender.storage, lender.thanks, NOW)

    assert finished == 1
    assert [len((await lender.loan(f"B-{n}")).payments) for n in (1, 2, 3)] == [1, 1, 1]
    assert [ref for _, ref, _ in lender.thanked] == ["P-2"]
    assert await finish_accepted(lender.storage, lender.thanks, NOW) == 0


async def test_what_was_accepted_before_a_crash_is_finished_before_the_next_file_is_judged(
    lender: Lender,
) -> None:
    await lender.knows(borrower(), loan())
    await verify(lender, "B-1", 501)
    with power_cut_at_thanks(lender), pytest.raises(PowerCut):
        await lender.imports("payments", payment())

    report = await lender.imports("payments", payment(reversed_on="2026-11-22"))

    assert (report.added, report.changed) == (0, 1)
    assert (await lender.loan()).payments[0].reversed_on == date(2026, 11, 22)


async def test_a_dry_run_finishes_nothing_that_others_began(lender: Lender) -> None:
    await lender.knows(borrower(), loan())
    await verify(lender, "B-1", 501)
    with power_cut_at_thanks(lender), pytest.raises(PowerCut):
        await lender.imports("payments", payment())
    before = await lender.everything()

    report = await lender.imports("payments", payment("P-9"), dry_run=True)

    assert report.added == 1
    assert await lender.everything() == before


async def test_an_import_that_died_before_it_was_accepted_never_counts_and_is_thrown_away(
    lender: Lender,
) -> None:
    await lender.knows(borrower())
    async with lender.storage.transaction() as tx:
        died = await imports.begin(tx, "borrowers", rows=1, as_of=None, actor="system", now=NOW)
        await imports.stage(tx, died, imports.Batch(1, '[["B-9", "somebody\'s name"]]'))

    lender.now = NOW + timedelta(minutes=59)
    await lender.imports("borrowers", borrower())
    assert (await lender.counts())["staged_batches"] == 1, "it may still be at work"

    lender.now = NOW + timedelta(minutes=61)
    await lender.imports("borrowers", borrower())
    counts = await lender.counts()
    assert "staged_batches" not in counts
    assert counts["borrowers"] == 1


async def test_an_import_whose_batches_were_thrown_away_is_not_accepted(lender: Lender) -> None:
    async with lender.storage.transaction() as tx:
        judged_at = await imports.decided(tx)
        slow = await imports.begin(tx, "loans", rows=1, as_of=None, actor="system", now=NOW)
        await imports.discard(tx, slow)

        assert not await imports.accept(tx, slow, judged_at=judged_at, now=NOW)


async def test_an_import_is_accepted_only_if_nothing_was_since_it_was_judged(
    lender: Lender,
) -> None:
    async with lender.storage.transaction() as tx:
        judged_at = await imports.decided(tx)
        first, second = [
            await imports.begin(tx, "loans", rows=1, as_of=None, actor="system", now=NOW)
            for _ in range(2)
        ]

        assert await imports.accept(tx, second, judged_at=judged_at, now=NOW)
        assert not await imports.accept(tx, first, judged_at=judged_at, now=NOW), "not applied yet"
        assert await imports.finish(tx, second, NOW)
        assert not await imports.accept(tx, first, judged_at=judged_at, now=NOW), "judged too early"
        judged_at = await imports.decided(tx)
        assert await imports.accept(tx, first, judged_at=judged_at, now=NOW)


async def test_imports_at_the_same_time_leave_what_one_after_the_other_leaves(
    lender: Lender, database_url: str
) -> None:
    """Two processes: each refuses or waits for the other, no loan is a mixture of two files."""
    await lender.knows(borrower())
    second = Lender(Storage.open(database_url), lender.folder / "second")
    second.folder.mkdir()
    amounts = {"2026-11-21": "210", "2026-11-22": "220"}

    def told(as_of: str) -> list[dict[str, str]]:
        return [
            loan(f"L-{n}", as_of=as_of, principal_due=amounts[as_of], due_date=day)
            for n in range(12)
            for day in ("2026-11-25", "2026-12-25")
        ]

    reports = await asyncio.gather(
        lender.imports("loans", *told("2026-11-22")), second.imports("loans", *told("2026-11-21"))
    )
    await second.storage.close()

    assert not reports[0].refused, "the newest word always counts"
    assert not reports[1].refused or reports[1].refused[0].column == "as_of"
    for known in (await lender.facts_of()).loans:
        assert known.as_of == date(2026, 11, 22)
        assert [item.principal for item in known.items] == [22000, 22000]
    assert "staged_batches" not in await lender.counts()


async def test_processes_that_finish_the_same_import_share_its_batches(
    lender: Lender, database_url: str
) -> None:
    numbers = range(1, 9)
    await lender.knows(*(borrower(f"B-{n}") for n in numbers))
    await lender.knows(*(loan(f"L-{n}", borrower_ref=f"B-{n}") for n in numbers))
    for number in numbers:
        await verify(lender, f"B-{number}", 500 + number)
    with power_cut_at_thanks(lender), pytest.raises(PowerCut):
        await lender.imports("payments", *(payment(f"P-{n}", loan_ref=f"L-{n}") for n in numbers))

    second = Storage.open(database_url)
    await asyncio.gather(
        finish_accepted(lender.storage, lender.thanks, NOW),
        finish_accepted(second, lender.thanks, NOW),
    )
    await second.close()

    assert sorted(ref for _, ref, _ in lender.thanked) == [f"P-{n}" for n in numbers]
    assert (await lender.counts())["payments"] == 8


async def test_a_chat_goes_on_while_a_portfolio_comes_in(
    lender: Lender, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The bot, another process, writes all the while. How long it waits, `benchmarks` measures."""
    monkeypatch.undo()
    await lender.knows(*(borrower(f"B-{n}") for n in range(500)))
    rows = [
        loan(f"L-{n}", borrower_ref=f"B-{n % 500}", due_date=f"2026-12-{day:02}")
        for n in range(3_000)
        for day in range(1, 6)
    ]
    bot = Storage.open(database_url)
    said = 0
    done = asyncio.Event()

    async def talk() -> None:
        nonlocal said
        while not done.is_set():
            async with bot.transaction() as tx:
                await tx.execute(
                    insert(audit).values(
                        at=NOW, actor="system", act="said", subject="chat", details={}
                    )
                )
            said += 1
            await asyncio.sleep(0.005)

    async def import_then_stop() -> None:
        try:
            await lender.imports("loans", *rows)
        finally:
            done.set()

    with alone(bot.url):  # so the import knows that a bot is at work, and leaves it its turns
        await asyncio.gather(talk(), import_then_stop())
    await bot.close()

    assert (await lender.counts())["due_items"] == 15_000
    assert said > 2


async def test_every_snapshot_has_all_its_items_at_any_moment(
    lender: Lender, database_url: str
) -> None:
    await lender.knows(borrower())
    watcher = Storage.open(database_url)
    seen: set[int] = set()
    done = asyncio.Event()

    async def watch() -> None:
        while not done.is_set():
            async with watcher.reading() as tx:
                rows = await tx.all(
                    select(loans.c.loan_ref, due_items.c.due_date)
                    .join(loan_snapshots, loan_snapshots.c.id == loans.c.snapshot_id)
                    .outerjoin(due_items, due_items.c.snapshot_id == loan_snapshots.c.id)
                )
            by_loan: dict[str, int] = {}
            for row in rows:
                by_loan[row.loan_ref] = by_loan.get(row.loan_ref, 0) + 1
            seen.update(by_loan.values())
            await asyncio.sleep(0.001)

    async def import_then_stop() -> None:
        try:
            await lender.imports(
                "loans",
                *(
                    loan(f"L-{n}", due_date=f"2026-12-{day:02}")
                    for n in range(20)
                    for day in (1, 2, 3)
                ),
            )
        finally:
            done.set()

    await asyncio.gather(watch(), import_then_stop())
    await watcher.close()

    assert seen <= {3}


@contextmanager
def power_cut_at_thanks(lender: Lender) -> Iterator[None]:
    async def cut(
        _tx: Transaction, _borrower: BorrowerId, _ref: str, _paid: Money, _now: object
    ) -> None:
        raise PowerCut

    thanks = lender.thanks
    lender.thanks = cut  # type: ignore[method-assign]
    try:
        yield
    finally:
        lender.thanks = thanks  # type: ignore[method-assign]
