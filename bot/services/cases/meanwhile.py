"""What happened while somebody was typing: a payment they cannot know of when they press send.

They know what they were shown: the brief, an earlier hint like this one, and what came before
their own last words.
"""

from datetime import datetime

from bot.services.situation import Situation
from storage import audit, transcript
from storage.engine import Transaction
from storage.records import CaseId, Money, StaffMember

_SHOWN_BY = frozenset({audit.CASE_VIEWED, audit.PAYMENT_TOLD})


async def paid(
    tx: Transaction,
    member: StaffMember,
    case_id: CaseId,
    situation: Situation,
    now: datetime,
    *,
    since: datetime,
) -> list[Money]:
    """What became known as paid since this person last looked; told once, then known.

    `since`: when the present stretch of the case began.
    """
    knows_until = await _knows_until(tx, member, case_id, since)
    new = [
        Money(payment.amount, loan.currency)
        for loan in situation.facts.loans
        for payment in loan.payments
        if payment.received_at is not None
        and payment.reversed_on is None
        and (knows_until is None or payment.received_at > knows_until)
    ]
    if new:
        await audit.record(
            tx, member.actor, audit.PAYMENT_TOLD, transcript.subject_of(case_id), now
        )
    return new


async def _knows_until(
    tx: Transaction, member: StaffMember, case_id: CaseId, since: datetime
) -> datetime | None:
    """When they last saw the facts, or sent something."""
    actor = str(member.actor)
    seen = [
        one.at
        for one in await transcript.entries(tx, case_id, since)
        if one.actor == actor
        and (
            (one.kind == transcript.WORDS and "outbox" in one.content)
            or (one.kind == transcript.ACT and one.content["act"] in _SHOWN_BY)
        )
    ]
    return max(seen, default=None)
