"""What a person arranges for the borrower whose case they have: a day to pay, or a plan.

A day that was named on the telephone is noted at once and shown to the borrower, who can take it
back. A plan starts with the borrower's own yes, whoever worked it out.
"""

from datetime import date, datetime

from bot.errors import NotAllowed, Refusal
from bot.services import plans, promising
from bot.services.cases import task_outcomes
from bot.services.cases.case_file import own_case
from bot.services.cases.reassuring import tell_borrower
from bot.services.office import Office
from bot.services.plan_terms import Wish, overdue_in
from bot.services.plans import Offer
from bot.services.promising import Recorded
from bot.services.saying import Choice
from bot.services.situation import Situation, situation_of
from storage.engine import Transaction
from storage.records import CaseId, Money, StaffMember


async def expected(tx: Transaction, member: StaffMember, case_id: CaseId, now: datetime) -> Money:
    """What the borrower would pay next, in its currency. Raises Refusal when nothing is owed."""
    situation = await _situation(tx, member, case_id, now)
    return promising.expected_next(situation, _currency(situation))


async def note_promise(
    tx: Transaction,
    office: Office,
    member: StaffMember,
    case_id: CaseId,
    day: date,
    amount: Money,
    now: datetime,
) -> Recorded:
    """Raises Refusal for a case that is not theirs and a promise that cannot be made."""
    file = await own_case(tx, member, case_id)
    situation = await situation_of(tx, file.borrower.borrower_id, now)
    made = await promising.record_promise(tx, member.actor, situation, amount, day, now)
    label = office.library.label("button.withdraw", situation.language)
    await tell_borrower(
        tx, office, file, "promise.noted",
        {"amount": made.amount, "date": made.due_date, "colleague": member.name}, now,
        moment=f"promise:{made.promise_id}", rows=[[Choice(label, "withdraw")]],
    )  # fmt: skip
    return made


async def offer_plan(
    tx: Transaction,
    office: Office,
    member: StaffMember,
    case_id: CaseId,
    offer: Offer,
    now: datetime,
) -> bool:
    """Show the borrower a plan to agree to. False: who leads has to decide about it first.

    Raises Refusal for a case that is not theirs and a plan that the policy never allows.
    """
    situation = await _situation(tx, member, case_id, now)
    currency = _currency(situation)
    borrower_id = situation.facts.borrower.borrower_id
    try:
        plan_id = await plans.offer_plan(tx, member.actor, situation, currency, offer, now)
    except NotAllowed:
        if offer.everything or offer.freeze:
            raise
        balance, wish = overdue_in(situation, currency), Wish(parts=offer.parts)
        await plans.propose_plan(tx, member.actor, situation, balance, wish, now)
        return False
    await task_outcomes.show_terms(tx, office, borrower_id, plan_id, "plan.offered", now)
    return True


async def _situation(
    tx: Transaction, member: StaffMember, case_id: CaseId, now: datetime
) -> Situation:
    file = await own_case(tx, member, case_id)
    return await situation_of(tx, file.borrower.borrower_id, now)


def _currency(situation: Situation) -> str:
    currency = promising.main_currency(situation)
    if currency is None:
        raise Refusal("promise.refused_nothing_owed")
    return currency
