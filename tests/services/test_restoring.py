"""After a restore: what may have been sent since the backup is never sent again."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from bot.services import planning, reminders, restoring
from bot.services.restoring import Settled
from storage import outbox, schedule
from storage.records import Money
from storage.schema import inbox, loan_snapshots
from storage.schema import outbox as rows
from tests.services.lender import Lender, payment
from tests.telegram.conversation import Borrower, Town

DUE_IN_THE_MORNING = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
"""Ten in Shanghai, when the strategy's first step after a due date begins."""
BACKUP = DUE_IN_THE_MORNING - timedelta(hours=2)
RESTORE = DUE_IN_THE_MORNING + timedelta(hours=3)


@pytest.fixture
async def anna(town: Town) -> Borrower:
    """One day late; her reminder is due at ten, between the backup and the restore."""
    town.now = BACKUP
    return await town.borrower("B-1", "Anna Berg", days_late=1)


async def test_what_fell_due_since_the_backup_is_unknown_and_never_sent(
    town: Town, anna: Borrower
) -> None:
    await _look_at(town, anna)
    settled = await _restored(town)
    assert [(one.borrower_ref, one.kind) for one in settled.unknown] == [("B-1", "overdue")]

    await _plan(town)
    await town.deliver()
    assert [row.status for row in await _steps(town)] == ["unknown"]
    assert anna.chat == []


async def test_what_waited_at_the_backup_is_unknown_too(town: Town, anna: Borrower) -> None:
    town.now = DUE_IN_THE_MORNING
    await _look_at(town, anna)
    assert [row.status for row in await _steps(town)] == ["queued"]

    settled = await _restored(town, backup_at=DUE_IN_THE_MORNING)
    await _plan(town)
    await town.deliver()
    assert len(settled.unknown) == 1
    assert [row.status for row in await _steps(town)] == ["unknown"]
    assert anna.chat == []


async def test_what_was_sent_before_the_backup_stays_sent(town: Town, anna: Borrower) -> None:
    town.now = DUE_IN_THE_MORNING
    await _look_at(town, anna)
    await town.deliver()
    settled = await _restored(town, backup_at=town.now + timedelta(minutes=1))
    assert settled.unknown == ()
    assert [row.status for row in await _steps(town)] == ["sent"]
    assert len(anna.chat) == 1


async def test_a_message_in_doubt_counts_against_the_caps(town: Town, anna: Borrower) -> None:
    await _look_at(town, anna)
    await _restored(town)
    async with town.storage.reading() as tx:
        told = await outbox.contacts_of(tx, [anna.borrower_id], BACKUP)
    assert [one.at for one in told[anna.borrower_id]] == [RESTORE]


async def test_what_only_new_figures_bring_to_light_is_not_risked_either(
    town: Town, anna: Borrower
) -> None:
    """The lender's files come again after the restore, and with them other anchors and keys."""
    settled = await _restored(town)
    assert settled.unknown == ()
    town.later(minutes=5)
    async with town.storage.transaction() as tx:
        await schedule.look_again(tx, [anna.borrower_id], town.now)
    await _plan(town)
    await town.deliver()
    assert [row.status for row in await _steps(town)] == ["unknown"]


async def test_the_next_step_after_the_restore_goes_as_ever(town: Town, anna: Borrower) -> None:
    await _look_at(town, anna)
    await _restored(town)
    town.now = datetime(2026, 11, 27, 3, 0, tzinfo=UTC)  # five days late, at eleven
    await _fresh_figures(town)
    await _plan(town)
    await town.deliver()
    assert [row.status for row in await _steps(town)] == ["unknown", "sent"]
    assert len(anna.chat) == 1


async def test_a_payment_that_is_delivered_again_is_not_thanked_again(
    town: Town, anna: Borrower, tmp_path: Path
) -> None:
    await _look_at(town, anna)
    await _restored(town)
    town.later(days=1)
    lender = Lender(town.storage, tmp_path, now=town.now)
    paid = [
        payment("P-1", loan_ref="L-B-1", amount="10.00", paid_on="2026-11-23"),
        payment("P-2", loan_ref="L-B-1", amount="10.00", paid_on="2026-11-24"),
    ]
    await lender.knows(*paid)
    async with town.storage.transaction() as tx:
        for one in paid:
            await reminders.thank(
                tx, town.office, anna.borrower_id, one["payment_ref"], Money(1000, "CNY"), town.now
            )
        found = await tx.all(
            select(rows.c.unique_key, rows.c.status).where(rows.c.unique_key.like("thanks:%"))
        )
    assert {(row.unique_key, row.status) for row in found} == {
        ("thanks:P-1", "unknown"),
        ("thanks:P-2", "queued"),
    }


async def test_an_update_that_may_have_been_answered_is_not_answered_again(
    town: Town, anna: Borrower
) -> None:
    async with town.storage.transaction() as tx:
        await tx.execute(
            inbox.insert().values(
                update_id=1, chat_id=anna.telegram_id, body="{}", received_at=BACKUP, status="new"
            )
        )
    assert (await _restored(town)).unanswered == 1
    async with town.storage.reading() as tx:
        assert await tx.value(select(inbox.c.status)) == "dead"


async def _look_at(town: Town, anna: Borrower) -> None:
    """As the planner of the time before did."""
    async with town.storage.transaction() as tx:
        await planning.look_at(tx, town.office, [anna.borrower_id], town.now)


async def _plan(town: Town) -> None:
    async with town.storage.transaction() as tx:
        await planning.plan_due(tx, town.office, town.now, limit=100)


async def _restored(town: Town, backup_at: datetime = BACKUP) -> Settled:
    """The database stands as at the backup, and it is three hours later."""
    town.now = RESTORE
    return await restoring.settle(town.storage, town.office, backup_at, RESTORE)


async def _fresh_figures(town: Town) -> None:
    async with town.storage.transaction() as tx:
        await tx.execute(
            loan_snapshots.update().values(as_of=date(2026, 11, 27), imported_at=town.now)
        )


async def _steps(town: Town) -> list[Any]:
    async with town.storage.reading() as tx:
        found = await tx.all(
            select(rows.c.status).where(rows.c.unique_key.like("step:%")).order_by(rows.c.id)
        )
    return list(found)
