"""What a borrower says that comes before any debt: danger, a dispute, hardship, a complaint.

Each pauses first, by the holds of the borrower's country, and then goes to a person, all in the
transaction of the message itself. What the borrower is told asks for nothing.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from bot.rules.presets import duties_for
from bot.services import linking, stopping
from bot.services.cases import complaining, handoff
from bot.services.office import Office
from bot.services.situation import Situation
from scripts_library.help_lines import help_lines
from storage import accounts, audit, conversations, limits, outbox, schedule, work
from storage.engine import Transaction
from storage.records import (
    Account,
    Actor,
    BorrowerId,
    CaseId,
    HandoffReason,
    Hold,
    WorkKind,
)

_REVIEW_WITHIN = timedelta(days=1)
_FIRST = 0


class Concern(StrEnum):
    CRISIS = "crisis"
    WRONG_PERSON = "wrong_person"
    LEGAL = "legal"
    DISPUTE = "dispute"
    HARDSHIP = "hardship"
    COMPLAINT = "complaint"
    ABUSE = "abuse"
    REFUSAL = "refusal"
    CRISIS_FEARED = "crisis_feared"
    THIRD_PARTY = "third_party"
    UNCLEAR = "unclear"


@dataclass(frozen=True, slots=True)
class Told:
    """What the borrower hears, and its values."""

    script: str
    values: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _Course:
    """`script`: None leaves the words to the handoff; `hold`: the preset's name for it."""

    reason: HandoffReason
    script: str | None = None
    hold: str | None = None


_COURSES = {
    Concern.LEGAL: _Course(HandoffReason.LEGAL, "legal.received", "lawyer"),
    Concern.DISPUTE: _Course(HandoffReason.DISPUTE, "dispute.received", "dispute"),
    Concern.HARDSHIP: _Course(HandoffReason.HARDSHIP, "hardship.received", "hardship"),
    Concern.COMPLAINT: _Course(HandoffReason.COMPLAINT, "complaint.received", "complaint"),
    Concern.ABUSE: _Course(HandoffReason.ABUSE, "abuse.remind"),
    Concern.REFUSAL: _Course(HandoffReason.REFUSAL),
    Concern.THIRD_PARTY: _Course(HandoffReason.THIRD_PARTY),
    Concern.UNCLEAR: _Course(HandoffReason.NOT_UNDERSTOOD),
}


async def raise_concerns(
    tx: Transaction,
    office: Office,
    actor: Actor,
    situation: Situation,
    voiced: Sequence[Concern],
    now: datetime,
) -> Told | None:
    """Hold, hand over and record all that was voiced at once, the gravest first.

    Returns what to tell of the first, None when the handoff itself says it. Danger to life and a
    wrong person leave no room for anything else.
    """
    first, *others = voiced
    told = await raise_concern(tx, office, actor, situation, first, now)
    if first not in (Concern.CRISIS, Concern.WRONG_PERSON):
        for other in others:
            await raise_concern(tx, office, actor, situation, other, now)
    return told


async def raise_concern(
    tx: Transaction,
    office: Office,
    actor: Actor,
    situation: Situation,
    concern: Concern,
    now: datetime,
) -> Told | None:
    """Hold, hand over and record; returns what to tell, None when the handoff itself says it."""
    borrower_id = situation.facts.borrower.borrower_id
    await audit.record(tx, actor, f"concern.{concern}", f"borrower:{borrower_id}", now)
    if concern in (Concern.CRISIS, Concern.CRISIS_FEARED):
        return await _crisis(tx, office, actor, situation, now, certain=concern is Concern.CRISIS)
    if concern is Concern.WRONG_PERSON:
        return await _wrong_person(tx, actor, situation, now)
    duties = duties_for(situation.facts.borrower.country, *office.presets)
    if concern is Concern.REFUSAL and duties.refusal_is_stop:
        await stopping.stop(tx, actor, borrower_id, now)
    course = _COURSES[concern]
    until = None
    if course.hold is not None:
        until = await _hold(tx, office, actor, situation, course.hold, now)
    case_id = None
    if concern is Concern.COMPLAINT:
        case_id = await _led_by_somebody(tx, borrower_id)
    if case_id is None:
        started = await handoff.start(
            tx, office, actor, borrower_id, course.reason, now, tell=course.script is None
        )
        case_id = started.case_id
    if concern is Concern.COMPLAINT:
        await complaining.take_down(tx, office, actor, situation, case_id, now)
    if course.script is None:
        return None
    values: dict[str, Any] = {}
    if concern is Concern.HARDSHIP and until is not None:
        values["until"] = situation.local_time.day(until)
    if concern is Concern.COMPLAINT:
        values["until"] = situation.today + timedelta(days=duties.complaint_answer_days)
    return Told(course.script, values)


async def _led_by_somebody(tx: Transaction, borrower_id: BorrowerId) -> CaseId | None:
    """The case a person leads now; that person does not hear of a complaint voiced in it."""
    talk = await conversations.of(tx, borrower_id, lock=True)
    return talk.case_id if talk is not None and talk.staff_id is not None else None


async def stranger_in_danger(tx: Transaction, account: Account, now: datetime) -> None:
    """Danger to life, from somebody whose identity is not known: a person is told at once."""
    await linking.tell_a_person(tx, account, Concern.CRISIS, now, urgency=_FIRST)


async def _crisis(
    tx: Transaction,
    office: Office,
    actor: Actor,
    situation: Situation,
    now: datetime,
    *,
    certain: bool,
) -> Told:
    """Everything automated stops, a help line goes at once, a person comes first of all.

    What only sounds like it goes to a person in the same way, but freezes nothing.
    """
    borrower = situation.facts.borrower
    await handoff.start(
        tx,
        office,
        actor,
        borrower.borrower_id,
        HandoffReason.CRISIS,
        now,
        freeze=certain,
        tell=False,
    )
    language = office.library.resolve_language(situation.language)
    return Told("crisis.help", {"help_lines": help_lines(borrower.country, language)})


async def _wrong_person(tx: Transaction, actor: Actor, situation: Situation, now: datetime) -> Told:
    """Stop, unlink, and tell nobody anything; a person finds the right one by other means."""
    borrower_id = situation.facts.borrower.borrower_id
    await stopping.stop(tx, actor, borrower_id, now)
    await work.add(
        tx,
        f"wrong_person:{borrower_id}:{now.isoformat()}",
        WorkKind.REVIEW,
        borrower_id,
        actor=actor,
        now=now,
        due_at=now + _REVIEW_WITHIN,
        note=Concern.WRONG_PERSON,
    )
    if situation.facts.account is not None:
        await accounts.unlink(tx, situation.facts.account.telegram_id, now)
    return Told("wrong_person.done")


async def _hold(
    tx: Transaction,
    office: Office,
    actor: Actor,
    situation: Situation,
    name: str,
    now: datetime,
) -> datetime | None:
    """Begin the hold that the borrower's country asks for; returns its end, if it has one."""
    borrower_id = situation.facts.borrower.borrower_id
    term = duties_for(situation.facts.borrower.country, *office.presets).holds[name]
    end = None if term.days is None else now + timedelta(days=term.days)
    if not await limits.is_held(tx, borrower_id, name, until=end, now=now):
        await limits.add_hold(tx, borrower_id, Hold(term.kind, now, end), source=name, actor=actor)
    await outbox.suspend(tx, borrower_id, now)
    await schedule.look_again(tx, [borrower_id], now)
    return end
