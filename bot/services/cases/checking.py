"""Checking conversations that ended: some by lot, all with a complaint, never by their leader.

The check is work in the queue like any other. Its card asks one criterion after another, each
answered with a tap; the last one ends it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from bot.errors import NotAllowed, Refusal
from bot.rules.dispositions import may_do
from bot.rules.qa import FULLY, NOT, PARTLY, is_drawn, points_percent, qa_policy
from bot.services.cases import showing
from bot.services.cases.case_file import CaseFile, case_file, stretch_key
from bot.services.office import Office
from bot.services.saying import Choice
from storage import audit, cases, qa, ratings, staff, work
from storage.engine import Transaction
from storage.records import Actor, BorrowerId, CaseId, StaffMember, Work, WorkId, WorkKind

SCORED = "scored"
_MARKS = {"fully": FULLY, "partly": PARTLY, "not": NOT, "none": None}
"""What a tap can give, the best first; `none`: it did not come up."""


@dataclass(frozen=True, slots=True)
class Card:
    """`script` and its values; `rows` are empty when everything is answered."""

    script: str
    values: dict[str, Any]
    rows: Sequence[Sequence[Choice]] = ()


async def sample(tx: Transaction, file: CaseFile, now: datetime, *, complained: bool) -> None:
    """A case has just ended: the lot, or a complaint, has it checked."""
    policy = qa_policy()
    if complained or is_drawn(file.case_id, policy.percent):
        await _want(tx, file.case_id, file.borrower.borrower_id, now)


async def recheck(tx: Transaction, borrower_id: BorrowerId, now: datetime) -> None:
    """A complaint was voiced: the last conversation that ended has it checked."""
    since = now - timedelta(days=qa_policy().complaint_days)
    case_id = await ratings.last_closed(tx, borrower_id, since)
    if case_id is not None:
        await _want(tx, case_id, borrower_id, now)


async def card(tx: Transaction, office: Office, member: StaffMember, task: Work) -> Card:
    """The next criterion without a mark, and what the conversation was."""
    assert task.case_id is not None, "a check names its case"
    file = await case_file(tx, task.case_id)
    assert file is not None, "a case is never deleted"
    words = showing.words_for(office, member)
    given = await qa.marks(tx, task.work_id)
    criteria = qa_policy().criteria
    ahead = [one for one in criteria if one not in given]
    about = {
        "case_number": task.work_id,
        "checked_number": file.number,
        "colleagues": await _leaders(tx, task.case_id),
        "disposition": words.known("disposition", file.case.disposition or ""),
    }
    if not ahead:
        points = points_percent([one for one in given.values() if one is not None])
        return Card("qa.done", {**about, "points": points})
    values = {
        **about,
        "which": len(criteria) - len(ahead) + 1,
        "most": len(criteria),
        "criterion": words.label("qa", ahead[0]),
    }
    answers = [
        Choice(words.label("qa_mark", name), f"qa:{task.work_id}:{ahead[0]}:{name}")
        for name in _MARKS
    ]
    return Card("qa.card", values, [answers[:2], answers[2:]])


async def show(
    tx: Transaction, office: Office, member: StaffMember, task: Work, now: datetime
) -> None:
    """The card in a new message."""
    found = await card(tx, office, member, task)
    key = f"qa.card:{task.work_id}:{member.staff_id}:{now.timestamp()}"
    await showing.tell(
        tx, office, member, found.script, found.values, unique_key=key, now=now, rows=found.rows
    )


async def mark(
    tx: Transaction,
    office: Office,
    member: StaffMember,
    work_id: WorkId,
    criterion: str | None,
    given: str,
    now: datetime,
) -> Card:
    """Answer a criterion (None: the next one) and get the card as it is then.

    Raises Refusal for a check that is not theirs or over and for what nobody asks.
    """
    if not may_do(member.role, WorkKind.QA):
        raise NotAllowed
    task = await work.by_id(tx, work_id)
    if task is None or task.kind is not WorkKind.QA or task.done_at is not None:
        raise Refusal("work.over", case_number=work_id)
    if task.staff_id != member.staff_id:
        raise Refusal("case.not_yours", case_number=work_id)
    criteria = qa_policy().criteria
    before = await qa.marks(tx, work_id)
    asked = criterion or next((one for one in criteria if one not in before), None)
    if asked not in criteria or given not in _MARKS:
        raise Refusal("qa.how")
    await qa.mark(tx, work_id, asked, _MARKS[given], member.actor, now)
    if all(one in before or one == asked for one in criteria):
        await work.finish(tx, work_id, SCORED, member.actor, now)
        subject = f"case:{task.case_id}"
        await audit.record(tx, member.actor, "case.checked", subject, now, work=work_id)
    return await card(tx, office, member, task)


async def in_hand(tx: Transaction, member: StaffMember) -> WorkId:
    """The one check this person has. Raises Refusal for none and for several."""
    mine = [one for one in await work.claimed_by(tx, member.staff_id) if one.kind is WorkKind.QA]
    if len(mine) != 1:
        raise Refusal("qa.how")
    return mine[0].work_id


async def _want(tx: Transaction, case_id: CaseId, borrower_id: BorrowerId, now: datetime) -> None:
    """Once a stretch of a case, and only where a person led it."""
    case = await cases.case(tx, case_id)
    if case is None or not await cases.had(tx, case_id):
        return
    await work.add(
        tx, f"qa:{stretch_key(case)}", WorkKind.QA, borrower_id, actor=Actor.system(), now=now,
        due_at=now + timedelta(days=qa_policy().due_days), case_id=case_id,
    )  # fmt: skip


async def _leaders(tx: Transaction, case_id: CaseId) -> list[str]:
    found = [await staff.by_id(tx, one) for one in sorted(await cases.had(tx, case_id))]
    return [one.name for one in found if one is not None]
