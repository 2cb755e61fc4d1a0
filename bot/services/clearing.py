"""When nothing is due any more: what the strategy gave people to do about it is over.

A waiting conversation is called off by money alone, and only where it was about the money; who
disputes, complains or is in need is still heard.
"""

from collections.abc import Collection
from datetime import datetime

from bot.services.cases import handoff, showing
from bot.services.cases.case_file import case_file
from bot.services.office import Office
from bot.services.situation import situation_of
from storage import borrowers, staff, work
from storage.engine import Transaction
from storage.records import Actor, BorrowerId, ConversationState, HandoffReason, Work

PAID = "paid"
_SYSTEM = Actor.system()
_ABOUT_MONEY = frozenset(
    {
        HandoffReason.ASKED,
        HandoffReason.REFUSAL,
        HandoffReason.PLAN_OUTSIDE_POLICY,
        HandoffReason.SECOND_BROKEN_PROMISE,
        HandoffReason.NOT_UNDERSTOOD,
    }
)


async def end_tasks(
    tx: Transaction, office: Office, clear: Collection[BorrowerId], now: datetime
) -> None:
    """End the strategy's tasks about those who have nothing due, in hand or not."""
    if not clear:
        return
    for task in await work.planned_for(tx, clear):
        if await work.finish(tx, task.work_id, PAID, _SYSTEM, now):
            await _tell(tx, office, task, now)


async def call_off(tx: Transaction, office: Office, borrower_id: BorrowerId, now: datetime) -> bool:
    """Money came: nobody needs to come if nothing is due and it was about that. False: still."""
    situation = await situation_of(tx, borrower_id, now)
    talk = situation.facts.conversation
    waits = situation.state in (ConversationState.WAITING, ConversationState.OFFERED)
    if situation.standing.due or not waits or talk is None or talk.case_id is None:
        return False
    file = await case_file(tx, talk.case_id)
    if file is None or not _ABOUT_MONEY.issuperset(file.reasons):
        return False
    return await handoff.settle(tx, office, _SYSTEM, borrower_id, now)


async def _tell(tx: Transaction, office: Office, task: Work, now: datetime) -> None:
    """Whoever had it in hand."""
    member = None if task.staff_id is None else await staff.by_id(tx, task.staff_id)
    borrower = await borrowers.by_id(tx, task.borrower_id)
    if member is None or borrower is None:
        return
    await showing.tell(
        tx, office, member, "work.paid",
        {"case_number": task.work_id, "name": borrower.full_name},
        unique_key=f"work.paid:{task.work_id}", now=now,
    )  # fmt: skip
