"""A formal letter: drafted from the ledger, read by a person, and only then anybody's word.

With PICTURES=folder every letter is kept there as a picture to be looked at.
"""

import os
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from bot.documents import typesetting
from bot.services import planning
from bot.services.sending import UNDELIVERED
from storage import limits, notices, outbox, schema, work
from storage.records import (
    Actor,
    ContactKind,
    Hold,
    HoldKind,
    OutboxStatus,
    WorkId,
    WorkKind,
)
from tests.telegram.conversation import Borrower, Town

SYSTEM = Actor.system()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return Path(os.environ.get("PICTURES", tmp_path))


async def late(town: Town, ref: str, name: str, **more: Any) -> Borrower:
    """Somebody whose oldest item has been due for 45 days, seen by the planner."""
    found = await town.borrower(ref, name, **{"days_late": 45, **more})
    async with town.storage.transaction() as tx:
        await planning.look_at(tx, town.office, [found.borrower_id], town.now)
    return found


async def letter_task(town: Town, borrower: Borrower) -> WorkId:
    async with town.storage.reading() as tx:
        (task,) = await work.open_of(tx, borrower.borrower_id, WorkKind.NOTICE)
    return task.work_id


async def draft(town: Town) -> dict[str, Any]:
    """What stands on the paper that was told last."""
    async with town.storage.reading() as tx:
        rows = await tx.all(
            schema.outbox.select()
            .where(schema.outbox.c.method == "sendDocument")
            .order_by(schema.outbox.c.id)
        )
    sheet: dict[str, Any] = rows[-1].payload["paper"]["sheet"]
    return sheet


async def approved(town: Town, number: WorkId) -> notices.Notice | None:
    async with town.storage.reading() as tx:
        return await notices.of(tx, number)


async def task_of(town: Town, number: WorkId) -> Any:
    async with town.storage.reading() as tx:
        return await work.by_id(tx, number)


async def pays(town: Town, ref: str, amount: int) -> None:
    """Money that came today."""
    async with town.storage.transaction() as tx:
        loan = await tx.value(
            select(schema.loans.c.id).where(schema.loans.c.loan_ref == f"L-{ref}")
        )
        await tx.add(
            schema.payments, payment_ref=f"P-{ref}", loan_id=loan, amount=amount,
            paid_on=town.now.date() + timedelta(days=1), received_at=town.now,
        )  # fmt: skip
    town.later(days=1)


def keep(folder: Path, name: str, sheet: dict[str, Any]) -> None:
    for page, made in enumerate(typesetting.pages(sheet), start=1):
        (folder / f"{name}-{page}.png").write_bytes(made)


@pytest.mark.parametrize(
    ("language", "name", "said"),
    [
        ("en", "Maria Lopez", ["Written notice", "Please answer by", "8 December 2026"]),
        ("zh-Hans", "王芳", ["书面通知", "请在此日前答复", "2026年12月8日"]),
        ("zh-Hant", "王芳", ["書面通知", "請在此日前答覆", "2026年12月8日"]),
    ],
)
async def test_a_person_reads_the_letter_as_a_draft_in_the_borrowers_language(
    town: Town, folder: Path, language: str, name: str, said: list[str]
) -> None:
    maria = await late(town, "B1", name, language=language)
    lin = await town.staff("Lin")
    await lin.says(f"/take {await letter_task(town, maria)}")

    card = lin.sees("#1 letter", name)
    assert not card.buttons
    shown = lin.sees("draft of a letter", "Nothing has been sent")
    assert shown.file.startswith(b"%PDF-")
    assert list(shown.buttons) == ["approve", "reject"]
    sheet = await draft(town)
    text = repr(sheet)
    for part in (*said, name, "Greenfield", "¥500.00"):
        assert part in text, part
    assert sheet["mark"]
    assert not maria.chat
    keep(folder, f"notice-draft-{language}", sheet)


async def test_an_approved_letter_is_kept_word_for_word_and_counts_as_sent_once_it_is_posted(
    town: Town, folder: Path
) -> None:
    maria = await late(town, "B1", "Maria Lopez")
    lin = await town.staff("Lin")
    number = await letter_task(town, maria)
    await lin.says(f"/take {number}")
    await lin.taps("approve")

    final = lin.sees("#1: approved", "posted as it is", "8 December 2026")
    assert list(final.buttons) == ["posted", "sent in the chat", "not posted"]
    kept = await approved(town, number)
    assert kept is not None
    assert kept.approved_by.startswith("staff:")
    assert kept.sheet["mark"] == ""
    assert final.file == typesetting.pdf(kept.sheet)
    assert (await task_of(town, number)).done_at is None
    keep(folder, "notice-approved", kept.sheet)

    await lin.taps("posted")
    lin.sees("#1 is done: posted")
    assert (await task_of(town, number)).outcome == "posted"
    assert not maria.chat


async def test_every_step_can_be_typed(town: Town) -> None:
    maria = await late(town, "B1", "Maria Lopez")
    lin = await town.staff("Lin")
    await lin.says(f"/take {await letter_task(town, maria)}")
    lin.sees("/close with a code: approved, rejected")
    await lin.says("/close posted")
    lin.sees("for the letter of #1 there is now approved, rejected")
    await lin.says("/close approved")
    lin.sees("#1: approved")
    await lin.says("/close rejected")
    lin.sees("there is now posted, sent_in_chat, not_posted")
    await lin.says("/close approved")
    lin.sees("#1: approved")
    await lin.says("/close not_posted")
    lin.sees("#1 is done: not posted")


async def test_a_rejected_letter_leaves_nothing_behind(town: Town) -> None:
    maria = await late(town, "B1", "Maria Lopez")
    lin = await town.staff("Lin")
    number = await letter_task(town, maria)
    await lin.says(f"/take {number}")
    await lin.taps("reject")
    lin.sees("#1 is done: reject")
    assert await approved(town, number) is None


async def test_in_the_chat_the_letter_goes_as_a_notice_under_the_contact_policy(
    town: Town,
) -> None:
    maria = await late(town, "B1", "Maria Lopez")
    lin = await town.staff("Lin")
    await lin.says(f"/take {await letter_task(town, maria)}")
    await lin.taps("approve")
    await lin.taps("sent in the chat")

    lin.sees("#1 is done: sent in the chat")
    letter = maria.sees("Greenfield has written you a letter", "8 December 2026")
    assert letter.file.startswith(b"%PDF-")
    async with town.storage.reading() as tx:
        counted = await outbox.contacts_of(tx, [maria.borrower_id], town.now - timedelta(days=1))
        judged = await tx.all(schema.decisions.select().where(schema.decisions.c.kind == "notice"))
    assert [one.kind for one in counted[maria.borrower_id]] == [ContactKind.NOTICE]
    assert "sending" in {row.asked for row in judged}


async def test_at_night_the_chat_is_closed_to_it_and_the_post_is_not(town: Town) -> None:
    maria = await late(town, "B1", "Maria Lopez")
    lin = await town.staff("Lin")
    await lin.says(f"/take {await letter_task(town, maria)}")
    await lin.taps("approve")
    town.later(hours=12)
    await lin.taps("sent in the chat")
    lin.sees("may not go to the chat now", "It may go from 24 November, 08:00", "be posted")
    assert not maria.chat
    await lin.taps("posted")
    lin.sees("#1 is done: posted")


async def test_whoever_has_no_chat_gets_a_letter_by_post(town: Town) -> None:
    maria = await late(town, "B1", "Maria Lopez", linked=False)
    lin = await town.staff("Lin")
    number = await letter_task(town, maria)
    await lin.says(f"/take {number}")
    await lin.taps("approve")
    assert list(lin.sees(f"#{number}: approved").buttons) == ["posted", "not posted"]
    await lin.says("/close sent_in_chat")
    lin.sees("may not go to the chat now")


async def test_a_dispute_that_came_meanwhile_keeps_the_letter_from_being_approved(
    town: Town,
) -> None:
    maria = await late(town, "B1", "Maria Lopez")
    lin = await town.staff("Lin")
    number = await letter_task(town, maria)
    await lin.says(f"/take {number}")
    async with town.storage.transaction() as tx:
        hold = Hold(HoldKind.DISPUTE, town.now)
        await limits.add_hold(tx, maria.borrower_id, hold, source="dispute", actor=SYSTEM)
    await lin.taps("approve")
    lin.sees("may not leave at present", "dispute")
    assert await approved(town, number) is None

    await lin.says(f"/take {number}")
    held = lin.sees("may not leave at present", "dispute")
    assert list(held.buttons) == ["reject"]


async def test_a_dispute_holds_the_letter_back_before_it_is_drafted(town: Town) -> None:
    maria = await town.borrower("B1", "Maria Lopez", days_late=45)
    async with town.storage.transaction() as tx:
        hold = Hold(HoldKind.DISPUTE, town.now)
        await limits.add_hold(tx, maria.borrower_id, hold, source="dispute", actor=SYSTEM)
        await planning.look_at(tx, town.office, [maria.borrower_id], town.now)
        assert not await work.open_of(tx, maria.borrower_id, WorkKind.NOTICE)


async def test_amounts_that_are_over_are_approved_anew_before_they_go_to_the_chat(
    town: Town,
) -> None:
    maria = await late(town, "B1", "Maria Lopez")
    lin = await town.staff("Lin")
    number = await letter_task(town, maria)
    await lin.says(f"/take {number}")
    await lin.taps("approve")
    await pays(town, "B1", 10_000)

    await lin.taps("sent in the chat")
    lin.sees("The figures have changed since the letter of #1 was approved")
    assert not maria.chat
    await lin.says(f"/take {number}")
    assert list(lin.sees("draft of a letter").buttons) == ["approve", "not posted"]
    await lin.taps("approve")
    kept = await approved(town, number)
    assert kept is not None
    assert "CN¥400.00" in repr(kept.sheet)
    assert "CN¥500.00" not in repr(kept.sheet)
    await lin.taps("sent in the chat")
    maria.sees("has written you a letter")


async def test_once_everything_overdue_is_paid_the_letter_goes_nowhere(town: Town) -> None:
    maria = await late(town, "B1", "Maria Lopez")
    lin = await town.staff("Lin")
    number = await letter_task(town, maria)
    await lin.says(f"/take {number}")
    await lin.taps("approve")
    await pays(town, "B1", 50_000)

    await lin.says("/close sent_in_chat")
    lin.sees("figures have changed")
    await lin.says("/close approved")
    lin.sees("may not leave at present")
    await lin.says(f"/take {number}")
    assert list(lin.sees("may not leave at present").buttons) == ["not posted"]
    await lin.taps("not posted")
    assert not maria.chat


async def test_a_letter_that_may_not_have_reached_the_chat_becomes_somebodys_task(
    town: Town,
) -> None:
    maria = await late(town, "B1", "Maria Lopez")
    lin = await town.staff("Lin")
    await lin.says(f"/take {await letter_task(town, maria)}")
    await lin.taps("approve")
    town.blocked.add(maria.telegram_id)
    await lin.taps("sent in the chat")
    async with town.storage.reading() as tx:
        (task,) = await work.open_of(tx, maria.borrower_id, WorkKind.REVIEW)
        rows = await tx.all(schema.outbox.select().where(schema.outbox.c.kind == "notice"))
    assert task.note == UNDELIVERED
    assert [row.status for row in rows] == [OutboxStatus.FAILED]
