"""A conversation goes from the bot to people, and back when the borrower calls it settled.

One transaction: the owner changes, the case and its work are there, what the bot had queued is
held back, the board and the borrower are told. Starting twice is one case; a second reason joins.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from fractions import Fraction

from bot.errors import Refusal
from bot.rules.conversation import Event, Refused, next_state
from bot.rules.dispositions import SETTLED
from bot.rules.handoff import FREEZES, handoff_policy, urgency_of
from bot.rules.routing import place_of
from bot.services.cases import (
    board,
    calling,
    casework,
    clocks,
    closing,
    lateness,
    offering,
    reassuring,
    showing,
    topics,
)
from bot.services.cases.case_file import CaseFile, fresh, work_key
from bot.services.cases.responders import may_respond
from bot.services.office import Office
from bot.services.situation import situation_of
from storage import audit, cases, conversations, limits, offers, outbox, schedule, staff, work
from storage.engine import Transaction
from storage.records import (
    Actor,
    ActorKind,
    BorrowerId,
    CaseId,
    Conversation,
    ConversationState,
    HandoffReason,
    Hold,
    HoldKind,
    OfferOutcome,
    StaffMember,
    WorkKind,
)


@dataclass(frozen=True, slots=True)
class Handoff:
    """`opened`: False when the case was open already and the reason joined it."""

    case_id: CaseId
    state: ConversationState
    opened: bool


async def start(
    tx: Transaction,
    office: Office,
    actor: Actor,
    borrower_id: BorrowerId,
    reason: HandoffReason,
    now: datetime,
    *,
    freeze: bool | None = None,
    tell: bool = True,
) -> Handoff:
    """Bring a person in, and tell a borrower who has just done something that one is coming.

    Who comes back within the reopen window goes on in the case they had, under its number.
    `freeze`: only compliance or a crisis responder may go on; by default what the reason says.
    `tell` False: the caller tells the borrower with words of its own. Raises Conflict when
    somebody else changed the conversation first.
    """
    frozen = reason in FREEZES if freeze is None else freeze
    await conversations.begin(tx, borrower_id, now)
    talk = await conversations.of(tx, borrower_id)
    assert talk is not None, "it was just begun"
    if talk.case_id is not None:
        return await _join(tx, office, actor, talk.case_id, reason, frozen, now)
    file = await _open(tx, office, actor, talk, reason, frozen, now)
    if actor.kind is ActorKind.BORROWER and tell and not frozen:
        values = await reassuring.waiting_values(tx, office, file.work, now)
        await reassuring.tell_borrower(tx, office, file, "human.coming", values, now)
    return Handoff(file.case_id, file.talk.state, opened=True)


async def settle(
    tx: Transaction, office: Office, actor: Actor, borrower_id: BorrowerId, now: datetime
) -> bool:
    """The borrower calls it settled, or paid everything due, before anybody took the case.

    False: it does not wait, so there is nothing to call off.
    """
    talk = await conversations.of(tx, borrower_id)
    if talk is None or talk.case_id is None:
        return False
    to = next_state(talk.state, Event.SETTLED)
    if isinstance(to, Refused) or to is talk.state:
        return False
    file = await fresh(tx, talk.case_id)
    await conversations.move(
        tx, talk, to, staff_id=None, case_id=None, reason=Event.SETTLED, actor=actor, now=now
    )
    await closing.call_off(tx, office, file, actor, SETTLED, now)
    return True


async def sweep(tx: Transaction, office: Office, now: datetime) -> int:
    """Bring back the cases whose time of being set aside is over. Returns how many."""
    due = await work.held_until(tx, now)
    for task in due:
        assert task.case_id is not None, "the work of a conversation names its case"
        await casework.come_back(tx, office, task.case_id, now)
    return len(due)


async def next_due_at(tx: Transaction, now: datetime) -> datetime | None:
    """The next moment after `now` at which something happens to a case by itself."""
    moments = (
        await work.next_held_until(tx, now),
        await offering.next_due_at(tx, now),
        await lateness.next_due_at(tx, now),
    )
    return min((moment for moment in moments if moment is not None), default=None)


async def _open(
    tx: Transaction,
    office: Office,
    actor: Actor,
    talk: Conversation,
    reason: HandoffReason,
    frozen: bool,
    now: datetime,
) -> CaseFile:
    borrower_id = talk.borrower_id
    await conversations.of(tx, borrower_id, lock=True)  # first, as by all who change a case
    back_until = now - timedelta(hours=handoff_policy().reopen_hours)
    former = await cases.closed_since(tx, borrower_id, back_until)
    if former is None:
        case_id = await cases.open_case(tx, borrower_id, reason, actor, now)
    else:
        case_id = former.case_id
        await cases.reopen_case(tx, former, reason, now)
    await _move(tx, talk, Event.FREEZE if frozen else Event.HANDOFF, case_id, reason, actor, now)
    await _queue(tx, actor, borrower_id, case_id, reason, now)
    held_back = await outbox.suspend(tx, borrower_id, now)
    on_the_wire = await outbox.on_the_wire(tx, borrower_id)
    await cases.set_brief(tx, case_id, {"held_back": held_back, "on_the_wire": on_the_wire})
    if frozen:
        await _hold(tx, borrower_id, case_id, actor, now)
    await schedule.look_again(tx, [borrower_id], now)
    if former is None:
        await audit.record(tx, actor, "case.opened", f"case:{case_id}", now, reason=reason)
    else:
        await audit.record(tx, actor, "case.reopened", f"case:{case_id}", now, reason=reason)
    file = await fresh(tx, case_id)
    await clocks.waits(tx, office, file, now)
    await board.post(tx, office, file, now)
    if reason is HandoffReason.CRISIS:
        await calling.call_responders(tx, office, file, now)
    return file


async def _queue(
    tx: Transaction,
    actor: Actor,
    borrower_id: BorrowerId,
    case_id: CaseId,
    reason: HandoffReason,
    now: datetime,
) -> None:
    """The work of a case, under the number it has had if it is opened again."""
    due_at, urgency = casework.answer_by(now), urgency_of(reason)
    place_at = await _place(tx, borrower_id, reason, now, now)
    known = await work.by_key(tx, work_key(case_id))
    if known is not None:
        await work.reopen(
            tx, known.work_id, actor=actor, now=now, due_at=due_at, place_at=place_at,
            urgency=urgency, note=reason,
        )  # fmt: skip
        return
    await work.add(
        tx, work_key(case_id), WorkKind.CHAT, borrower_id, actor=actor, now=now, due_at=due_at,
        place_at=place_at, urgency=urgency, note=reason, case_id=case_id,
    )  # fmt: skip


async def _join(
    tx: Transaction,
    office: Office,
    actor: Actor,
    case_id: CaseId,
    reason: HandoffReason,
    frozen: bool,
    now: datetime,
) -> Handoff:
    """A second reason for the open case; it may make it urgent, or freeze it."""
    file = await fresh(tx, case_id)
    if reason not in file.reasons:
        await cases.add_reason(tx, file.case, reason)
        await work.make_urgent(
            tx, file.number, urgency_of(reason),
            await _place(tx, file.borrower.borrower_id, reason, file.work.created_at, now),
            casework.answer_by(now),
        )  # fmt: skip
        await audit.record(tx, actor, "case.reason_added", f"case:{case_id}", now, reason=reason)
    if frozen and file.talk.state is not ConversationState.FROZEN:
        file = await _freeze(tx, office, actor, file, reason, now)
    elif reason not in file.reasons:
        file = await _tell_of_reason(tx, office, actor, file, reason, now)
    if reason is HandoffReason.CRISIS and file.talk.staff_id is None:
        await calling.call_responders(tx, office, file, now)
    return Handoff(case_id, file.talk.state, opened=False)


async def _tell_of_reason(
    tx: Transaction,
    office: Office,
    actor: Actor,
    file: CaseFile,
    reason: HandoffReason,
    now: datetime,
) -> CaseFile:
    before = file.talk.state
    talk = await _move(tx, file.talk, Event.HANDOFF, file.case_id, reason, actor, now)
    file = await fresh(tx, file.case_id)
    if talk.staff_id is None:
        await board.redraw(tx, office, file, now)
        return file
    if talk.state is not before:
        await clocks.is_taken(tx, office, file, now)
    owner = await staff.by_id(tx, talk.staff_id)
    assert owner is not None, "an owner is on the staff"
    await _tell_owner(tx, office, owner, file, "case.more_reason", reason, now)
    return file


async def _freeze(
    tx: Transaction,
    office: Office,
    actor: Actor,
    file: CaseFile,
    reason: HandoffReason,
    now: datetime,
) -> CaseFile:
    """Stop an open case. Its owner goes on only if they may answer in a frozen conversation."""
    owner = None if file.talk.staff_id is None else await staff.by_id(tx, file.talk.staff_id)
    stays = owner if owner and may_respond(owner, (*file.reasons, reason)) else None
    await conversations.move(
        tx, file.talk, ConversationState.FROZEN, staff_id=stays.staff_id if stays else None,
        case_id=file.case_id, reason=reason, actor=actor, now=now,
    )  # fmt: skip
    await _hold(tx, file.borrower.borrower_id, file.case_id, actor, now)
    await offers.withdraw(tx, file.number, OfferOutcome.WITHDRAWN, now)
    if stays is None:
        await work.release(tx, file.number)
    file = await fresh(tx, file.case_id)
    await (clocks.waits if stays is None else clocks.is_taken)(tx, office, file, now)
    if owner is not None:
        key = "case.more_reason" if stays else "case.frozen_now"
        await _tell_owner(tx, office, owner, file, key, reason, now)
        if stays is None:
            await topics.end(tx, office, owner, file, topics.PASSED_ON, now)
    if stays is None:
        await board.post(tx, office, file, now)
    return file


async def _tell_owner(
    tx: Transaction,
    office: Office,
    owner: StaffMember,
    file: CaseFile,
    key: str,
    reason: HandoffReason,
    now: datetime,
) -> None:
    said = showing.words_for(office, owner).label("reason", reason)
    await showing.tell_of(tx, office, owner, file, key, {"reasons": [said]}, now)


async def _place(
    tx: Transaction, borrower_id: BorrowerId, reason: HandoffReason, since: datetime, now: datetime
) -> datetime:
    """The case's place in the queue. What is promised counts by its share of what is due."""
    situation = await situation_of(tx, borrower_id, now)
    promise = situation.open_promise
    share = Fraction(0)
    if promise is not None:
        due = situation.standing.due.get(promise.amount.currency)
        share = Fraction(promise.amount.minor, due.minor) if due else Fraction(1)
    return place_of(since, [reason], share, handoff_policy())


async def _move(
    tx: Transaction,
    talk: Conversation,
    event: Event,
    case_id: CaseId,
    reason: HandoffReason,
    actor: Actor,
    now: datetime,
) -> Conversation:
    to = next_state(talk.state, event)
    if isinstance(to, Refused):
        raise Refusal("case.not_now")
    if to is talk.state:
        return talk
    return await conversations.move(
        tx, talk, to, staff_id=talk.staff_id, case_id=case_id, reason=reason, actor=actor, now=now
    )


async def _hold(
    tx: Transaction, borrower_id: BorrowerId, case_id: CaseId, actor: Actor, now: datetime
) -> None:
    """Until compliance releases it nothing but a safety text may go."""
    held = (await limits.holds_of(tx, [borrower_id])).get(borrower_id, ())
    if any(one.kind is HoldKind.FROZEN and one.end is None for one in held):
        return
    await limits.add_hold(
        tx, borrower_id, Hold(HoldKind.FROZEN, now), source=f"case:{case_id}", actor=actor
    )
