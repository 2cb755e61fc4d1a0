"""A complaint reaches somebody else than the person it may be about, at once, by its own way.

It is work with its own clock from the moment it is voiced. Whoever leads the conversation goes on
with it and is not told; those who may look into the complaint are.
"""

from datetime import datetime, timedelta

from bot.rules.presets import duties_for
from bot.services.cases import checking, impartial, showing
from bot.services.cases.case_file import stretch_key
from bot.services.office import Office
from bot.services.situation import Situation
from storage import cases, staff, work
from storage.engine import Transaction
from storage.records import Actor, Case, CaseId, Role, StaffMember, WorkKind

_LOOKS_INTO_IT = (Role.SUPERVISOR, Role.COMPLIANCE)


async def take_down(
    tx: Transaction,
    office: Office,
    actor: Actor,
    situation: Situation,
    case_id: CaseId,
    now: datetime,
) -> None:
    """Make it work, once a stretch of a case, and tell those who may do it."""
    borrower = situation.facts.borrower
    case = await cases.case(tx, case_id)
    assert case is not None, "a case is never deleted"
    days = duties_for(borrower.country, *office.presets).complaint_answer_days
    work_id = await work.add(
        tx, key_of(case), WorkKind.COMPLAINT, borrower.borrower_id,
        actor=actor, now=now, due_at=now + timedelta(days=days), case_id=case_id,
    )  # fmt: skip
    if work_id is None:
        return
    await checking.recheck(tx, borrower.borrower_id, now)
    task = await work.by_id(tx, work_id)
    assert task is not None, "it was just added"
    for member in await _who_may(tx):
        if await impartial.is_for(tx, member, task):
            await showing.tell(
                tx, office, member, "complaint.arrived",
                {"case_number": work_id, "due_by": task.due_at},
                unique_key=f"complaint.arrived:{work_id}:{member.staff_id}", now=now,
                rows=[[showing.choice(office, member, "take", work_id)]],
            )  # fmt: skip


async def is_voiced(tx: Transaction, case: Case) -> bool:
    """Whether there was a complaint in the present stretch of a case, answered or not."""
    return await work.by_key(tx, key_of(case)) is not None


def key_of(case: Case) -> str:
    """The unique key of the complaint voiced in a stretch of a case."""
    return f"{stretch_key(case)}:{WorkKind.COMPLAINT}"


async def _who_may(tx: Transaction) -> list[StaffMember]:
    """Those at work; while none of them is, all."""
    able = [one for role in _LOOKS_INTO_IT for one in await staff.with_role(tx, role)]
    present = [one for one in able if await staff.on_shift(tx, one.staff_id)]
    return present or able
