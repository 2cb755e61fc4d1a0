"""What people are told of a waiver: the reviewers, its proposer, and in the end the borrower."""

from datetime import datetime

from bot.errors import Refusal
from bot.rules.ledger import LoanStanding
from bot.services.cases import readers, showing
from bot.services.office import Office
from bot.services.saying import Choice, say
from bot.services.situation import Situation, situation_of
from storage import audit, staff, waivers
from storage.engine import Transaction
from storage.records import (
    Actor,
    Component,
    Loan,
    LoanId,
    Money,
    Role,
    StaffId,
    StaffMember,
    Work,
)
from storage.waivers import Proposal

APPROVED, REJECTED = "approved", "rejected"


async def show(
    tx: Transaction, office: Office, member: StaffMember, task: Work, now: datetime
) -> None:
    """The proposal with its two answers; that somebody looked is on record."""
    proposal = await proposal_of(tx, task)
    situation = await situation_of(tx, task.borrower_id, now)
    loan = loan_of(situation, proposal.loan_id)
    words = showing.words_for(office, member)
    proposer = await _proposer(tx, proposal)
    await audit.record(
        tx, member.actor, "borrower.viewed", f"borrower:{task.borrower_id}", now, work=task.work_id
    )
    await showing.tell(
        tx,
        office,
        member,
        "waiver.card",
        {
            "case_number": task.work_id,
            "name": situation.facts.borrower.full_name,
            "ref": situation.facts.borrower.borrower_ref,
            "product": loan.product,
            "loan_ref": loan.loan_ref,
            "part": words.label("component", proposal.component),
            "amount": Money(proposal.amount, loan.currency),
            "owed": owed_of(situation, loan.loan_id, proposal.component),
            "as_of": loan.as_of,
            "colleague": proposer.name if proposer else words.label("who", "staff"),
            "reason": proposal.reason,
        },
        unique_key=f"waiver.card:{task.work_id}:{member.staff_id}:{now.timestamp()}",
        now=now,
        rows=[
            [Choice(words.label("outcome", one), f"waiver:{task.work_id}:{one}")]
            for one in (REJECTED, APPROVED)
        ],
    )


async def tell_borrower(
    tx: Transaction, office: Office, task: Work, proposal: Proposal, now: datetime
) -> None:
    situation = await situation_of(tx, task.borrower_id, now)
    reader = readers.of_borrower(office, situation)
    if reader is None:
        return
    loan = loan_of(situation, proposal.loan_id)
    await say(
        tx,
        office,
        reader,
        "waiver.granted",
        {
            "name": situation.facts.borrower.full_name,
            "amount": Money(proposal.amount, loan.currency),
            "part": office.library.label(f"component.{proposal.component}", reader.language),
            "product": loan.product,
            "remaining": list(situation.standing.due.values()),
        },
        unique_key=f"waiver.granted:{proposal.waiver_id}",
        actor=Actor.system(),
        now=now,
    )


async def tell_proposer(
    tx: Transaction,
    office: Office,
    member: StaffMember,
    task: Work,
    proposal: Proposal,
    outcome: str,
    now: datetime,
) -> None:
    proposer = await _proposer(tx, proposal)
    if proposer is None or proposer.disabled_at is not None:
        return
    situation = await situation_of(tx, task.borrower_id, now)
    loan = loan_of(situation, proposal.loan_id)
    await showing.tell(
        tx,
        office,
        proposer,
        f"waiver.{outcome}",
        {
            "case_number": task.work_id,
            "name": situation.facts.borrower.full_name,
            "amount": Money(proposal.amount, loan.currency),
            "part": showing.words_for(office, proposer).label("component", proposal.component),
            "colleague": member.name,
        },
        unique_key=f"waiver.{outcome}:{proposal.waiver_id}",
        now=now,
    )


async def deciders(tx: Transaction, proposer: StaffMember) -> list[StaffMember]:
    """Whoever leads and is at work, or else the admins; it waits in the queue as well."""
    at_work = [one for one in await staff.now_on_shift(tx) if one.role is Role.SUPERVISOR]
    found = [one for one in at_work if one.staff_id != proposer.staff_id]
    return found or await staff.with_role(tx, Role.ADMIN)


async def proposal_of(tx: Transaction, task: Work) -> Proposal:
    assert task.waiver_id is not None, "a review names its waiver"
    proposal = await waivers.proposal(tx, task.waiver_id)
    assert proposal is not None, "a waiver is never deleted"
    return proposal


def owed_of(situation: Situation, loan_id: LoanId, component: Component) -> Money:
    loan = loan_of(situation, loan_id)
    standing = next(one for known, one in situation.loan_pairs() if known == loan)
    return unpaid_of(standing, component)


def unpaid_of(standing: LoanStanding, component: Component) -> Money:
    return Money(sum(getattr(item.left, component) for item in standing.items), standing.currency)


def loan_of(situation: Situation, loan_id: LoanId) -> Loan:
    """Raises Refusal for a loan that is not the borrower's."""
    loan = next((one for one in situation.facts.loans if one.loan_id == loan_id), None)
    if loan is None:
        raise Refusal("find.none")
    return loan


async def _proposer(tx: Transaction, proposal: Proposal) -> StaffMember | None:
    kind, _, number = proposal.proposed_by.partition(":")
    return await staff.by_id(tx, StaffId(int(number))) if kind == "staff" else None
