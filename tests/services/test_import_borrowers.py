from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from openpyxl import Workbook
from sqlalchemy import select

from bot.errors import NotAllowed
from bot.services.digests import BIRTH_DATE, ID_LAST4, identity_digest
from storage import borrowers, conversations, schedule
from storage.engine import Storage
from storage.records import Actor, ConversationState, Role, StaffId
from storage.schema import audit as audit_rows
from tests.services.lender import NOW, SECRET, Lender, borrower


@pytest.fixture
def lender(storage: Storage, tmp_path: Path) -> Lender:
    return Lender(storage, tmp_path)


async def test_a_new_borrower_can_be_written_to_by_the_bot_and_is_looked_at_by_the_planner(
    lender: Lender,
) -> None:
    report = await lender.imports("borrowers", borrower(consent_at="2026-01-05", segment="gold"))

    assert (report.added, report.changed, report.unchanged, report.rows) == (1, 0, 0, 1)
    known = await lender.facts_of("B-1")
    assert known.borrower.full_name == "Maria Lopez"
    assert known.borrower.segment == "gold"
    assert known.conversation is not None
    assert known.conversation.state is ConversationState.BOT
    async with lender.storage.reading() as tx:
        assert await schedule.due(tx, NOW, 10) == [known.borrower.borrower_id]


async def test_a_day_of_consent_begins_in_the_borrowers_own_zone(lender: Lender) -> None:
    await lender.knows(borrower(consent_at="2026-01-05"))

    known = await lender.facts_of()
    assert known.borrower.consent_at == datetime(2026, 1, 4, 16, tzinfo=UTC)


async def test_in_an_unknown_zone_consent_counts_once_its_day_has_begun_everywhere(
    lender: Lender,
) -> None:
    await lender.knows(borrower(country="US", timezone="", consent_at="2026-01-05"))

    known = await lender.facts_of()
    assert known.borrower.timezone is None
    assert known.borrower.consent_at == datetime(2026, 1, 5, 10, tzinfo=UTC), "Honolulu is last"


async def test_consent_may_be_a_moment_with_an_offset(lender: Lender) -> None:
    await lender.knows(borrower(consent_at="2026-01-05T09:30:00+08:00"))

    known = await lender.facts_of()
    assert known.borrower.consent_at == datetime(2026, 1, 5, 1, 30, tzinfo=UTC)


async def test_digits_and_birth_dates_are_kept_only_as_digests_that_an_answer_matches(
    lender: Lender,
) -> None:
    await lender.knows(borrower(id_last4="１２3x", birth_date="1961-05-20"))

    known = await lender.facts_of()
    async with lender.storage.reading() as tx:
        digits, birth_date = await borrowers.verification_digests(tx, known.borrower.borrower_id)
    assert digits == identity_digest(SECRET, ID_LAST4, "B-1", "123 X")
    assert birth_date == identity_digest(SECRET, BIRTH_DATE, "B-1", "1961 5 20")
    stored = str(await lender.everything())
    assert "123X" not in stored
    assert "1961" not in stored


async def test_the_same_file_again_changes_nothing(lender: Lender) -> None:
    rows = [borrower("B-1"), borrower("B-2")]
    await lender.knows(*rows)
    before = (await lender.everything()) | {"audit": [], "imports": []}

    report = await lender.imports("borrowers", *rows)

    assert (report.added, report.changed, report.unchanged) == (0, 0, 2)
    assert (await lender.everything()) | {"audit": [], "imports": []} == before


async def test_a_changed_row_changes_the_borrower_and_leaves_the_conversation_alone(
    lender: Lender,
) -> None:
    await lender.knows(borrower())
    first = await lender.facts_of()
    assert first.conversation is not None
    async with lender.storage.transaction() as tx:
        await conversations.move(
            tx, first.conversation, ConversationState.WAITING, staff_id=None, case_id=None,
            reason="asked", actor=Actor.system(), now=NOW,
        )  # fmt: skip

    report = await lender.imports("borrowers", borrower(full_name="Maria Lopez-Reyes"))

    assert (report.added, report.changed) == (0, 1)
    known = await lender.facts_of()
    assert known.borrower.full_name == "Maria Lopez-Reyes"
    assert known.borrower.borrower_id == first.borrower.borrower_id
    assert known.conversation is not None
    assert known.conversation.state is ConversationState.WAITING


async def test_the_same_row_twice_in_a_file_counts_once(lender: Lender) -> None:
    report = await lender.imports("borrowers", borrower(), borrower())

    assert (report.rows, report.added, report.unchanged) == (2, 1, 1)


async def test_two_different_rows_of_one_borrower_refuse_the_file(lender: Lender) -> None:
    report = await lender.imports("borrowers", borrower(), borrower(country="GB", timezone=""))

    (fault,) = report.refused
    assert (fault.line, fault.column, fault.value) == (3, "borrower_ref", "B-1")
    assert "line 2" in fault.reason
    assert await lender.counts() == {}


async def test_one_bad_row_refuses_every_row(lender: Lender) -> None:
    rows = [borrower(f"B-{number}") for number in range(20)]

    report = await lender.imports("borrowers", *rows, borrower("B-99", country="XX"))

    assert [(fault.line, fault.column) for fault in report.refused] == [(22, "country")]
    assert (report.added, report.changed, report.unchanged) == (0, 0, 0)
    assert await lender.counts() == {}


async def test_every_bad_cell_is_told_at_once(lender: Lender) -> None:
    report = await lender.imports(
        "borrowers",
        borrower("B-1", language="tlh", timezone="Mars/Olympus"),
        borrower("B-2", country="Atlantis", birth_date="20/05/1961"),
    )

    assert [(fault.line, fault.column) for fault in report.refused] == [
        (2, "language"), (2, "timezone"), (3, "country"), (3, "birth_date"),
    ]  # fmt: skip
    assert all(fault.reason and fault.mend for fault in report.refused)


async def test_a_dry_run_says_the_same_and_changes_nothing(lender: Lender) -> None:
    report = await lender.imports("borrowers", borrower(), dry_run=True)

    assert (report.added, report.dry_run) == (1, True)
    assert await lender.counts() == {}


async def test_a_workbook_with_dates_and_numbers_says_what_the_csv_says(lender: Lender) -> None:
    row = borrower(consent_at="2026-01-05", phone="13800138000")
    await lender.knows(row)
    book = Workbook()
    book.active.append(list(row))
    book.active.append(
        list((row | {"birth_date": date(1961, 5, 20), "consent_at": date(2026, 1, 5),
                     "phone": 13800138000}).values())
    )  # fmt: skip
    book.save(lender.folder / "borrowers.xlsx")

    report = await lender.imports("borrowers", file=lender.folder / "borrowers.xlsx")

    assert (report.refused, report.unchanged) == ([], 1)


async def test_the_audit_names_who_imported_how_much_and_nobody_elses_name(
    lender: Lender,
) -> None:
    admin = Actor.staff(StaffId(7), Role.ADMIN)

    await lender.imports("borrowers", borrower(), actor=admin)

    async with lender.storage.reading() as tx:
        (entry,) = await tx.all(select(audit_rows))
    assert (entry.actor, entry.act) == ("staff:7", "import.accepted")
    assert entry.details == {
        "kind": "borrowers", "rows": 1, "added": 1, "changed": 0, "unchanged": 0, "parked": 0,
    }  # fmt: skip


@pytest.mark.parametrize("role", [Role.COLLECTOR, Role.SUPERVISOR, Role.AUDITOR, Role.COMPLIANCE])
async def test_only_an_admin_may_import(lender: Lender, role: Role) -> None:
    with pytest.raises(NotAllowed):
        await lender.imports("borrowers", borrower(), actor=Actor.staff(StaffId(7), role))

    assert await lender.counts() == {}


async def test_staged_names_are_gone_once_the_import_is_applied(lender: Lender) -> None:
    await lender.knows(borrower())

    counts = await lender.counts()
    assert "staged_batches" not in counts
    assert counts["imports"] == 1
