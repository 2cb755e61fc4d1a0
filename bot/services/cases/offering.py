"""Holding a waiting case out to one person at a time, until they answer or time runs out.

A case on offer belongs to nobody yet: Take on the board still works and settles the offer. A frozen
one stays frozen meanwhile and is held out to those who may speak in it, and to nobody else. Several
processes may route at once; whoever cannot have a case or a person at once leaves them to the
other and looks again a second later.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from bot.errors import Refusal
from bot.rules.conversation import Event
from bot.rules.dispositions import CASEWORKERS
from bot.rules.handoff import handoff_policy
from bot.rules.routing import Colleague, Waiting, choose, skills_for
from bot.services.cases import impartial, showing
from bot.services.cases.capacity import capacity_of, has_room
from bot.services.cases.case_file import CaseFile, case_file, fresh
from bot.services.cases.owning import move
from bot.services.cases.responders import may_respond
from bot.services.office import Office
from bot.services.saying import Choice
from storage import audit, borrowers, cases, offers, staff, work
from storage.engine import Transaction
from storage.records import (
    Actor,
    ConversationState,
    HandoffReason,
    Offer,
    OfferOutcome,
    Role,
    StaffId,
    StaffMember,
    Work,
    WorkId,
)

_LOOKED_AT = 50
_SYSTEM = Actor.system()


async def route(tx: Transaction, office: Office, now: datetime, *, limit: int = 5) -> int:
    """Hold out the next cases to whoever has room, at most `limit`. Returns how many."""
    at_work = [one for one in await staff.now_on_shift(tx) if one.role in CASEWORKERS]
    loads = await offers.loads(tx)
    made = await _route_frozen(tx, office, at_work, loads, now, limit)
    people = {
        one.staff_id: _colleague(one, loads) for one in at_work if one.role is not Role.COMPLIANCE
    }
    seen = 0
    while made < limit and any(one.has_room for one in people.values()):
        tasks = await work.unoffered(tx, _LOOKED_AT, seen)
        for case in await _described(tx, tasks, at_work, now):
            chosen = choose(case.waiting, people.values(), now, handoff_policy())
            if chosen is None or not await _hold_out(tx, office, case.task, chosen, now):
                seen += 1
                continue
            people[chosen] = replace(people[chosen], load=people[chosen].load + 1)
            made += 1
            if made == limit or not any(one.has_room for one in people.values()):
                return made
        if len(tasks) < _LOOKED_AT:
            break
    return made


async def _route_frozen(
    tx: Transaction,
    office: Office,
    at_work: Sequence[StaffMember],
    loads: dict[StaffId, int],
    now: datetime,
    limit: int,
) -> int:
    """What is frozen comes first, and to those alone who may speak there. `loads` counts along."""
    made = 0
    tasks = await work.unoffered(tx, limit, frozen=True)
    for case in await _described(tx, tasks, at_work, now):
        assert case.task.case_id is not None, "the work of a conversation names its case"
        file = await fresh(tx, case.task.case_id)
        able = [_colleague(one, loads) for one in at_work if may_respond(one, file.reasons)]
        chosen = choose(case.waiting, able, now, handoff_policy())
        if chosen is not None and await _hold_out(tx, office, case.task, chosen, now):
            loads[chosen] = loads.get(chosen, 0) + 1
            made += 1
    return made


async def made_to(tx: Transaction, member: StaffMember, work_id: WorkId | None) -> Offer:
    """The offer somebody answers; without a number the one there is.

    Raises Refusal when there is none, or several and none was named.
    """
    found = await offers.made_to(tx, member.staff_id)
    named = [one for one in found if work_id in (None, one.work_id)]
    if not named:
        raise Refusal("offer.none")
    if len(named) > 1:
        raise Refusal("case.which_task", numbers=[f"#{one.work_id}" for one in named])
    return named[0]


def check_standing(offer: Offer, now: datetime) -> None:
    """Raises Refusal when its time is over, although nobody has swept it away yet."""
    if now >= offer.expires_at:
        raise Refusal("offer.over", case_number=offer.work_id)


async def decline(
    tx: Transaction, office: Office, member: StaffMember, work_id: WorkId | None, now: datetime
) -> Offer:
    """Let a case pass; it is held out to somebody else. Raises Refusal for no such offer."""
    offer = await made_to(tx, member, work_id)
    await release(tx, office, offer, OfferOutcome.DECLINED, member.actor, now)
    return offer


async def release(
    tx: Transaction,
    office: Office,
    offer: Offer,
    outcome: OfferOutcome,
    actor: Actor,
    now: datetime,
) -> bool:
    """End an offer that was not accepted: the case waits again, or stays with who offered it.

    False: it had ended before.
    """
    file = await fresh(tx, offer.case_id)
    if not await offers.end(tx, offer, outcome, now):
        return False
    await audit.record(tx, actor, f"offer.{outcome}", f"case:{offer.case_id}", now)
    if file.talk.state is ConversationState.OFFERED:
        gone = outcome is OfferOutcome.GONE
        event = Event.COLLECTOR_GONE if gone else Event.OFFER_ENDED
        await move(tx, file, event, None, actor, now)
    elif offer.from_staff_id is not None and file.talk.staff_id == offer.from_staff_id:
        await _tell_giver(tx, office, offer, file, now)
    return True


async def settle(
    tx: Transaction, file: CaseFile, member: StaffMember, now: datetime
) -> tuple[CaseFile, Event]:
    """Somebody takes a case; whoever it is held out to. Returns it as it is then, and what happens
    to it thereby.

    A case on offer to others waits again for a moment, so that the table of events stays the law.
    """
    offer = await offers.open_of(tx, file.number)
    if offer is None:
        return file, Event.TAKEN
    theirs = offer.staff_id == member.staff_id
    await offers.end(tx, offer, OfferOutcome.ACCEPTED if theirs else OfferOutcome.TAKEN, now)
    if file.talk.state is not ConversationState.OFFERED:
        return file, Event.TAKEN
    if theirs:
        return file, Event.ACCEPTED
    return await move(tx, file, Event.OFFER_ENDED, None, member.actor, now), Event.TAKEN


async def sweep(tx: Transaction, office: Office, now: datetime) -> list[StaffId]:
    """End the offers whose time is over, and free what is on offer to nobody.

    Returns who has let so many in a row run out that they cannot be there.
    """
    silent = []
    over = await offers.expired(tx, now)
    for offer in over:
        if await case_file(tx, offer.case_id, lock=True, wait=False) is None:
            continue  # somebody answers it this very moment
        ended = await release(tx, office, offer, OfferOutcome.EXPIRED, _SYSTEM, now)
        member = await staff.by_id(tx, offer.staff_id)
        if ended and member is not None:
            await showing.tell(
                tx, office, member, "offer.over", {"case_number": offer.work_id},
                unique_key=f"offer.over:{offer.offer_id}", now=now,
            )  # fmt: skip
            if await _is_silent(tx, offer.staff_id):
                silent.append(offer.staff_id)
    lost = await offers.orphaned(tx)
    for case_id in lost:
        file = await fresh(tx, case_id)
        if file.talk.state is ConversationState.OFFERED:
            await move(tx, file, Event.OFFER_ENDED, None, _SYSTEM, now)
    return silent


async def next_due_at(tx: Transaction, now: datetime) -> datetime | None:
    """The next moment after `now` at which an offer runs out."""
    return await offers.next_expiry(tx, now)


async def tell_of_offer(
    tx: Transaction,
    office: Office,
    member: StaffMember,
    file: CaseFile,
    offer: Offer,
    now: datetime,
) -> None:
    """Reason, language and wait, and nothing about the person: it is not theirs yet."""
    words = showing.words_for(office, member)
    giver = None if offer.from_staff_id is None else await staff.by_id(tx, offer.from_staff_id)
    values = {
        "case_number": file.number,
        "reasons": [words.label("reason", one) for one in file.reasons],
        "language_name": office.library.language(file.borrower.language).name,
        "since": file.case.since,
        "offered_by": giver.name if giver else None,
        "until_time": offer.expires_at,
    }
    rows = [[
        Choice(words.label("button", "accept_case"), f"accept:{file.number}"),
        Choice(words.label("button", "decline_case"), f"decline:{file.number}"),
    ]]  # fmt: skip
    await showing.tell(
        tx, office, member, "offer.made", values,
        unique_key=f"offer:{offer.offer_id}", now=now, case_id=None, rows=rows,
        expires_at=offer.expires_at,
    )  # fmt: skip


def stands_until(now: datetime) -> datetime:
    return now + timedelta(seconds=handoff_policy().offer_seconds)


@dataclass(frozen=True, slots=True)
class _Case:
    task: Work
    waiting: Waiting


async def _is_silent(tx: Transaction, staff_id: StaffId) -> bool:
    many = handoff_policy().silent_offers
    last = await offers.last_outcomes(tx, staff_id, many)
    return len(last) == many and set(last) == {OfferOutcome.EXPIRED}


def _colleague(one: StaffMember, loads: dict[StaffId, int]) -> Colleague:
    return Colleague(
        one.staff_id, frozenset(one.skills), one.languages,
        loads.get(one.staff_id, 0), capacity_of(one), leads=one.role is not Role.COLLECTOR,
    )  # fmt: skip


async def _described(
    tx: Transaction, tasks: Sequence[Work], at_work: Sequence[StaffMember], now: datetime
) -> list[_Case]:
    """What the choice depends on, for all cases together. Nobody is asked about themselves."""
    if not tasks:
        return []
    policy = handoff_policy()
    since = now - timedelta(minutes=policy.offer_again_minutes)
    passed_over = await offers.passed_over(tx, [one.work_id for one in tasks], since)
    ids = {one.borrower_id for one in tasks}
    people = await borrowers.many(tx, ids)
    back_until = now - timedelta(hours=policy.reopen_hours)
    previous = await cases.last_ended_by(tx, ids, back_until)
    themselves = await impartial.themselves(tx, at_work, ids)
    nobody: frozenset[StaffId] = frozenset()
    found = []
    for task in tasks:
        borrower = people[task.borrower_id]
        reasons = (HandoffReason(task.note),)
        waiting = Waiting(
            task.work_id, task.created_at, borrower.language,
            skills_for(reasons, borrower.segment, policy),
            previous.get(task.borrower_id),
            passed_over.get(task.work_id, nobody) | themselves.get(task.borrower_id, nobody),
        )  # fmt: skip
        found.append(_Case(task, waiting))
    return found


async def _hold_out(
    tx: Transaction, office: Office, task: Work, staff_id: StaffId, now: datetime
) -> bool:
    """False: the case or the person is in somebody else's hands at this very moment."""
    if not await offers.try_lock_capacity(tx, staff_id):
        return False
    member = await staff.by_id(tx, staff_id)
    assert task.case_id is not None, "the work of a conversation names its case"
    file = await case_file(tx, task.case_id, lock=True, wait=False)
    if member is None or file is None or not _is_to_be_had(file, member):
        return False
    if file.work.staff_id is not None or not file.is_open:
        return False
    if not await staff.on_shift(tx, staff_id) or not await has_room(tx, member):
        return False
    made = await offers.make(
        tx, task.work_id, file.case_id, staff_id,
        from_staff_id=None, actor=_SYSTEM, now=now, expires_at=stands_until(now),
    )  # fmt: skip
    offer = await offers.open_of(tx, task.work_id)
    if made is None or offer is None:
        return False
    if file.talk.state is ConversationState.WAITING:
        file = await move(tx, file, Event.OFFERED, None, _SYSTEM, now)
    await audit.record(tx, _SYSTEM, "case.offered", f"case:{file.case_id}", now, staff=staff_id)
    await tell_of_offer(tx, office, member, file, offer, now)
    return True


def _is_to_be_had(file: CaseFile, member: StaffMember) -> bool:
    if file.talk.state is ConversationState.FROZEN:
        return file.talk.staff_id is None and may_respond(member, file.reasons)
    return file.talk.state is ConversationState.WAITING


async def _tell_giver(
    tx: Transaction, office: Office, offer: Offer, file: CaseFile, now: datetime
) -> None:
    assert offer.from_staff_id is not None, "only transfers have somebody to tell"
    giver = await staff.by_id(tx, offer.from_staff_id)
    asked = await staff.by_id(tx, offer.staff_id)
    if giver is not None and asked is not None:
        await showing.tell_of(
            tx, office, giver, file, "transfer.stays", {"colleague": asked.name}, now
        )
