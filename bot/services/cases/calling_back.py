"""A call at a time the borrower chose, for when nobody is there to answer now.

Slots lie in working hours and where the contact policy allows a call. The chosen one is work in
the same queue, to be begun then and not before; the policy is asked again when it is taken.
"""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from bot.rules.contact_policy import decide
from bot.rules.zones import load_zone, zones_of
from bot.services.cases import showing
from bot.services.cases.case_file import case_file
from bot.services.contacting import facts_for, policy_of
from bot.services.office import Office
from bot.services.situation import Situation
from storage import audit, staff, work
from storage.engine import Transaction
from storage.records import Actor, BorrowerId, ContactKind, Work, WorkKind

CALL_BACK = "call_back"
"""The note of its task; its words are `reason.call_back`."""
MOVED = "moved"
"""The outcome of a call that was put to another time."""

SHOWN = 6
_STEP = timedelta(hours=1)
_SOONEST = timedelta(minutes=30)
_LOOKED_AHEAD = timedelta(days=10)
_EARLY = timedelta(minutes=10)
_BEFORE_OTHERS = timedelta(days=1)


def slots(situation: Situation, office: Office, limit: int = SHOWN) -> list[datetime]:
    """The next times for a call, UTC: on the hour, in working hours, with the policy's yes.

    The balance is judged as fresh: new figures come before the call does.
    """
    found = []
    for at in _hours(office, situation.now):
        facts = replace(facts_for(situation, ContactKind.CALL), at=at, balance_as_of=at)
        if decide(facts, policy_of(situation, office)).allowed:
            found.append(at)
            if len(found) == limit:
                break
    return found


async def book(
    tx: Transaction,
    office: Office,
    actor: Actor,
    situation: Situation,
    at: datetime,
    now: datetime,
) -> bool:
    """Have somebody call at `at`; a call that was arranged before moves there.

    False: that time is not to be had any more. Whoever leads the conversation is told.
    """
    if at not in slots(situation, office):
        return False
    borrower_id = situation.facts.borrower.borrower_id
    before = await arranged(tx, borrower_id)
    if before is not None and before.due_at == at:
        return True
    if before is not None:
        await work.finish(tx, before.work_id, MOVED, actor, now)
    await work.add(
        tx,
        f"{CALL_BACK}:{borrower_id}:{at.timestamp():.0f}:{now.timestamp()}",
        WorkKind.CALL,
        borrower_id,
        actor=actor,
        now=now,
        due_at=at,
        place_at=at - _BEFORE_OTHERS,
        note=CALL_BACK,
    )
    await _tell_owner(tx, office, situation, at, now)
    return True


async def arranged(tx: Transaction, borrower_id: BorrowerId) -> Work | None:
    """The call that is arranged and was not made yet."""
    calls = await work.open_of(tx, borrower_id, WorkKind.CALL)
    return next((one for one in calls if one.note == CALL_BACK), None)


def is_early(task: Work, now: datetime) -> bool:
    """Whether the borrower does not expect this call yet."""
    return task.kind is WorkKind.CALL and task.note == CALL_BACK and now < task.due_at - _EARLY


async def _tell_owner(
    tx: Transaction, office: Office, situation: Situation, at: datetime, now: datetime
) -> None:
    talk = situation.facts.conversation
    if talk is None or talk.case_id is None:
        return
    subject = f"case:{talk.case_id}"
    actor = Actor.borrower(situation.facts.borrower.borrower_id)
    await audit.record(tx, actor, "case.call_arranged", subject, now, at=at.isoformat())
    file = await case_file(tx, talk.case_id)
    owner = None if talk.staff_id is None else await staff.by_id(tx, talk.staff_id)
    if file is not None and owner is not None:
        await showing.tell_of(tx, office, owner, file, "case.call_arranged", {"call_at": at}, now)


def _hours(office: Office, now: datetime) -> Iterator[datetime]:
    """Full hours of working time in the days ahead."""
    zone = load_zone(zones_of(office.country)[0])
    local = (now + _SOONEST).astimezone(zone)
    at = local.replace(minute=0, second=0, microsecond=0)
    if at < local:
        at += _STEP
    while at - now < _LOOKED_AHEAD:
        instant = at.astimezone(UTC)
        if office.working_hours.opening(instant, zone, office.country) is None:
            yield instant
        at += _STEP
