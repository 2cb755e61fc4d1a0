"""What follows when a person finishes a task: holds end, plans are decided, claims are settled.

The borrower hears the outcome of what they asked for. Work whose outcome changes nothing (a note
read) is only marked as done.
"""

from datetime import datetime

from bot.errors import Refusal
from bot.services import paying, plan_terms, plans
from bot.services.cases import notices, readers, waivers
from bot.services.office import Office
from bot.services.plans import Offer
from bot.services.saying import Choice, say
from bot.services.situation import situation_of
from storage import limits, outbox, work
from storage.engine import Transaction
from storage.records import (
    Actor,
    BorrowerId,
    HoldKind,
    Interest,
    PlanId,
    StaffMember,
    Work,
    WorkKind,
)

_HOLDS = {
    WorkKind.DISPUTE: HoldKind.DISPUTE,
    WorkKind.HARDSHIP: HoldKind.HARDSHIP,
    WorkKind.COMPLAINT: HoldKind.COMPLAINT,
}
"""The holds that end with the work; each was made with the name of its kind as its source."""

APPROVED = "approved"
FROZEN = "approved_freeze"
COUNTERED = "countered"

_SYSTEM = Actor.system()
"""The outcome is told by the bot; only what a person typed is a person's word."""

_CHECKED = {
    "payment_found": "paid.checked_found",
    "payment_not_found": "paid.checked_not_found",
}
"""What a borrower hears who said that they had paid."""

_FOUND = {
    "borrower_right": "outcome.borrower_right",
    "lender_right": "outcome.lender_right",
    "arranged": "outcome.arranged",
    "signposted": "outcome.signposted",
    "not_confirmed": "outcome.not_confirmed",
    "answered": "outcome.complaint_answered",
}
"""What a borrower hears who doubted a figure, told of hardship, or complained."""


async def apply(
    tx: Transaction, office: Office, member: StaffMember, task: Work, outcome: str, now: datetime
) -> bool:
    """Do what the outcome means and mark the task as done. False: a step, and it goes on."""
    actor = member.actor
    if task.kind is WorkKind.PLAN_REVIEW and task.plan_id is not None:
        approve = outcome in (APPROVED, FROZEN)
        interest = Interest.FREEZE if outcome == FROZEN else Interest.PER_CONTRACT
        await plans.decide_plan(
            tx, actor, task.plan_id, approve=approve, interest=interest, now=now
        )
        if approve:
            await show_terms(tx, office, task.borrower_id, task.plan_id, "plan.approved", now)
        else:
            await _tell(tx, office, task, "plan.rejected", now)
    elif task.kind is WorkKind.RECEIPT:
        await paying.settle_claim(tx, actor, task.borrower_id, outcome, now)
        await _tell(tx, office, task, _CHECKED[outcome], now)
    elif task.kind in _HOLDS:
        await lift(tx, actor, task.borrower_id, _HOLDS[task.kind], outcome, now)
        await _tell(tx, office, task, _FOUND[outcome], now)
    elif task.kind is WorkKind.WAIVER_REVIEW:
        await waivers.decide(tx, office, member, task.work_id, outcome, now)
    elif task.kind is WorkKind.NOTICE and not await notices.decide(
        tx, office, member, task, outcome, now
    ):
        return False
    await work.finish(tx, task.work_id, outcome, actor, now)
    return True


async def counter(
    tx: Transaction, office: Office, member: StaffMember, task: Work, offer: Offer, now: datetime
) -> None:
    """Offer other parts than the plan that is looked at. Raises Refusal."""
    if task.kind is not WorkKind.PLAN_REVIEW or task.plan_id is None:
        raise Refusal("work.no_plan", case_number=task.work_id)
    situation = await situation_of(tx, task.borrower_id, now)
    offered = await plans.counter_plan(tx, member.actor, situation, task.plan_id, offer, now)
    await show_terms(tx, office, task.borrower_id, offered, "plan.countered", now)
    await work.finish(tx, task.work_id, COUNTERED, member.actor, now)


async def lift(
    tx: Transaction,
    actor: Actor,
    borrower_id: BorrowerId,
    kind: HoldKind,
    outcome: str,
    now: datetime,
) -> None:
    """End a hold that a person has looked into. A payment claim is a hold of its own and stays."""
    await limits.lift_holds(
        tx, borrower_id, kind, source=kind, actor=actor, outcome=outcome, now=now
    )
    await outbox.resume(tx, borrower_id, now)


async def _tell(tx: Transaction, office: Office, task: Work, key: str, now: datetime) -> None:
    reader = readers.of_borrower(office, await situation_of(tx, task.borrower_id, now))
    if reader is not None:
        unique_key = f"{key}:{task.work_id}"
        await say(tx, office, reader, key, {}, unique_key=unique_key, actor=_SYSTEM, now=now)


async def show_terms(
    tx: Transaction,
    office: Office,
    borrower_id: BorrowerId,
    plan_id: PlanId,
    key: str,
    now: datetime,
) -> None:
    """A plan in full, with the two answers."""
    situation = await situation_of(tx, borrower_id, now)
    reader = readers.of_borrower(office, situation)
    if reader is None:
        return
    plan = next(one for one in situation.facts.plans if one.plan_id == plan_id)
    answers = [
        [Choice(office.library.label("button.agree", reader.language), f"plan_yes:{plan_id}")],
        [Choice(office.library.label("button.decline", reader.language), f"plan_no:{plan_id}")],
    ]
    await say(
        tx,
        office,
        reader,
        key,
        plan_terms.shown(situation, plan),
        unique_key=f"plan.decided:{plan_id}",
        actor=_SYSTEM,
        now=now,
        rows=answers,
    )
