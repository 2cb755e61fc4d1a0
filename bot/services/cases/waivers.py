"""Waivers: a person proposes, another decides, the borrower hears what was let go.

Nobody is told of a waiver before two people have agreed to it, and nobody decides about their own
proposal. Whether it still fits what is owed is asked again at the moment of the yes.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.errors import NotAllowed, Refusal
from bot.rules import waiver as rules
from bot.rules.dispositions import DECIDE_WAIVERS
from bot.services.cases import showing, waiver_telling
from bot.services.cases.case_file import own_cases
from bot.services.cases.waiver_telling import APPROVED, REJECTED
from bot.services.office import Office
from bot.services.situation import Situation, situation_of
from storage import audit, loans, outbox, schedule, waivers, work
from storage.engine import Transaction
from storage.records import (
    BorrowerId,
    Component,
    Loan,
    LoanId,
    Money,
    Role,
    StaffMember,
    Work,
    WorkId,
    WorkKind,
)
from storage.waivers import Proposal

LONGEST_REASON = 300
_PROPOSERS = frozenset({Role.COLLECTOR, Role.SUPERVISOR})


@dataclass(frozen=True, slots=True)
class Part:
    """A component of a loan. `owed`: what is unpaid of it."""

    loan: Loan
    component: Component
    owed: Money


@dataclass(frozen=True, slots=True)
class Proposed:
    """`number`: what people call the review."""

    number: WorkId
    amount: Money


async def waivable(
    tx: Transaction, member: StaffMember, borrower_id: BorrowerId, now: datetime
) -> list[Part]:
    """What could be waived of a borrower's loans. Raises Refusal unless it is their borrower."""
    parts = await parts_of(tx, member, borrower_id, now)
    allowed = rules.default_policy().components
    return [one for one in parts if one.owed and one.component in allowed]


async def parts_of(
    tx: Transaction, member: StaffMember, borrower_id: BorrowerId, now: datetime
) -> list[Part]:
    """Every component of every loan, waivable or not. Raises Refusal as `waivable`."""
    await _check_theirs(tx, member, borrower_id)
    situation = await situation_of(tx, borrower_id, now)
    return [
        Part(loan, component, waiver_telling.unpaid_of(standing, component))
        for loan, standing in situation.loan_pairs()
        for component in Component
    ]


async def borrower_in_hand(tx: Transaction, member: StaffMember) -> BorrowerId:
    """The one borrower somebody works with now. Raises Refusal when there is none, or several."""
    found = await _in_hand(tx, member)
    if len(found) != 1:
        raise Refusal("waiver.how")
    return found.pop()


async def owner(tx: Transaction, loan_ref: str) -> tuple[BorrowerId, LoanId] | None:
    """Whose loan it is."""
    return await loans.owner(tx, loan_ref)


async def propose_waiver(
    tx: Transaction,
    office: Office,
    member: StaffMember,
    borrower_id: BorrowerId,
    loan_id: LoanId,
    component: Component,
    amount: Money | None,
    reason: str,
    now: datetime,
) -> Proposed:
    """Ask a second person to let go of `amount` (None: all that is owed) of a component.

    Raises Refusal: not their borrower, no reason, more than is owed, another proposal waits.
    """
    await _check_theirs(tx, member, borrower_id)
    reason = " ".join(reason.split())
    if not reason or len(reason) > LONGEST_REASON:
        raise Refusal("waiver.reason_missing", most=LONGEST_REASON)
    situation = await situation_of(tx, borrower_id, now)
    owed = waiver_telling.owed_of(situation, loan_id, component)
    amount = owed if amount is None else amount
    _refuse_unless_possible(office, member, component, amount, owed)
    waiver_id = await waivers.propose(
        tx, loan_id, component, amount.minor, reason, member.actor, now
    )
    if waiver_id is None:
        raise Refusal("waiver.open_already")
    number = await work.add(
        tx,
        f"waiver:{waiver_id}",
        WorkKind.WAIVER_REVIEW,
        borrower_id,
        actor=member.actor,
        now=now,
        due_at=now + timedelta(hours=rules.default_policy().decided_within_hours),
        loan_id=loan_id,
        waiver_id=waiver_id,
    )
    assert number is not None, "its key is new"
    await audit.record(
        tx, member.actor, "waiver.proposed", f"borrower:{borrower_id}", now,
        waiver=waiver_id, loan=loan_id, component=component, amount=amount.minor,
    )  # fmt: skip
    task = await work.by_id(tx, number)
    assert task is not None, "it was just added"
    for decider in await waiver_telling.deciders(tx, member):
        await waiver_telling.show(tx, office, decider, task, now)
    return Proposed(number, amount)


async def decide(
    tx: Transaction,
    office: Office,
    member: StaffMember,
    work_id: WorkId,
    outcome: str,
    now: datetime,
) -> Proposal:
    """The second person's answer. Raises NotAllowed for other roles, Refusal when it is too late,
    for one's own proposal, for somebody else's work, and when less is owed by now."""
    task = await work.by_id(tx, work_id)
    if task is None or task.done_at is not None or task.waiver_id is None:
        raise Refusal("work.over", case_number=work_id)
    if outcome not in (APPROVED, REJECTED):
        raise Refusal("case.unknown_code", codes=[APPROVED, REJECTED])
    proposal = await waiver_telling.proposal_of(tx, task)
    _check_decider(member, proposal)
    if task.staff_id not in (None, member.staff_id):
        raise Refusal("case.not_yours", case_number=work_id)
    situation = await situation_of(tx, task.borrower_id, now)
    granted = outcome == APPROVED
    if granted:
        _refuse_unless_still_owed(situation, proposal)
    waived_on = situation.today if granted else None
    if not await waivers.decide(tx, proposal.waiver_id, member.actor, now, waived_on=waived_on):
        raise Refusal("work.over", case_number=work_id)
    await work.finish(tx, work_id, outcome, member.actor, now)
    await audit.record(
        tx, member.actor, f"waiver.{outcome}", f"borrower:{task.borrower_id}", now,
        waiver=proposal.waiver_id, loan=proposal.loan_id, component=proposal.component,
        amount=proposal.amount, proposed_by=proposal.proposed_by,
    )  # fmt: skip
    if granted:
        await outbox.reconsider(tx, task.borrower_id, now)
        await schedule.look_again(tx, [task.borrower_id], now)
        await waiver_telling.tell_borrower(tx, office, task, proposal, now)
    await waiver_telling.tell_proposer(tx, office, member, task, proposal, outcome, now)
    return proposal


async def is_for(tx: Transaction, member: StaffMember, task: Work) -> bool:
    """Whether somebody may review it: nobody takes what they proposed themselves."""
    if task.waiver_id is None:
        return True
    return (await waiver_telling.proposal_of(tx, task)).proposed_by != str(member.actor)


def _refuse_unless_possible(
    office: Office, member: StaffMember, component: Component, amount: Money, owed: Money
) -> None:
    reason = rules.refusal(component, amount, owed=owed)
    if reason is not None:
        part = showing.words_for(office, member).label("component", component)
        raise Refusal(f"waiver.refused_{reason}", part=part, owed=owed)


def _refuse_unless_still_owed(situation: Situation, proposal: Proposal) -> None:
    """A payment or the lender's newer figures may have taken it away meanwhile."""
    loan = waiver_telling.loan_of(situation, proposal.loan_id)
    owed = waiver_telling.owed_of(situation, loan.loan_id, proposal.component)
    amount = Money(proposal.amount, loan.currency)
    if rules.refusal(proposal.component, amount, owed=owed) is not None:
        raise Refusal("waiver.changed", amount=amount, owed=owed, as_of=loan.as_of)


def _check_decider(member: StaffMember, proposal: Proposal) -> None:
    if member.role not in DECIDE_WAIVERS:
        raise NotAllowed
    if proposal.proposed_by == str(member.actor):
        raise Refusal("waiver.not_your_own")


async def _check_theirs(tx: Transaction, member: StaffMember, borrower_id: BorrowerId) -> None:
    """A supervisor sees everybody; to a collector only those in hand exist."""
    if member.role not in _PROPOSERS:
        raise NotAllowed
    if member.role is not Role.SUPERVISOR and borrower_id not in await _in_hand(tx, member):
        raise Refusal("find.none")


async def _in_hand(tx: Transaction, member: StaffMember) -> set[BorrowerId]:
    found = {file.borrower.borrower_id for file in await own_cases(tx, member)}
    return found | {task.borrower_id for task in await work.claimed_by(tx, member.staff_id)}
