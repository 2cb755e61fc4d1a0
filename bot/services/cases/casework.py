"""What a person does with a case: take it, set it aside, give it back. Ending one is in `closing`.

Each is one conditional change of the conversation's owner with everything that belongs to it: the
work, the board, what the borrower and the collector are told.
"""

from datetime import datetime, timedelta

from bot.errors import Refusal
from bot.rules.conversation import Event
from bot.rules.handoff import handoff_policy
from bot.services.cases import board, clocks, offering, showing, topics
from bot.services.cases.brief import brief_values
from bot.services.cases.case_file import CaseFile, fresh, own_case
from bot.services.cases.owning import assign, move
from bot.services.cases.reassuring import tell_borrower, waiting_values
from bot.services.cases.responders import may_respond
from bot.services.office import Office
from storage import audit, cases, offers, staff, work
from storage.engine import Transaction
from storage.records import (
    Actor,
    CaseId,
    ConversationState,
    OfferOutcome,
    StaffMember,
    Work,
    WorkKind,
)

_SHOWN_AT_ONCE = 20


def answer_by(since: datetime) -> datetime:
    """When a conversation that waits since `since` should have its first answer."""
    return since + timedelta(minutes=handoff_policy().first_answer_minutes)


async def begin(
    tx: Transaction, office: Office, member: StaffMember, task: Work, now: datetime
) -> None:
    """Somebody has just claimed the work of a case: the conversation is theirs.

    Raises Refusal when it no longer waits, or is frozen and not theirs to answer.
    """
    assert task.case_id is not None, "the work of a conversation names its case"
    file = await fresh(tx, task.case_id)
    if file.talk.state is ConversationState.FROZEN:
        if not may_respond(member, file.reasons):
            raise Refusal("case.frozen")
        await offering.settle(tx, file, member, now)
        file = await assign(tx, file, member.staff_id, member.actor, now)
    else:
        file, event = await offering.settle(tx, file, member, now)
        file = await move(tx, file, event, member.staff_id, member.actor, now)
    await clocks.is_taken(tx, office, file, now)
    await audit.record(tx, member.actor, "case.taken", f"case:{file.case_id}", now)
    await board.redraw(tx, office, file, now)
    await topics.begin(tx, office, member, file, now)
    await show_whole(tx, office, member, file, now)
    await tell_borrower(tx, office, file, "human.joined", {"colleague": member.name}, now)


async def show_whole(
    tx: Transaction, office: Office, member: StaffMember, file: CaseFile, now: datetime
) -> None:
    """The brief to somebody new to the case, and what the borrower said that has no answer."""
    await show(tx, office, member, file, now)
    for message in await cases.unanswered(tx, file.case, _SHOWN_AT_ONCE):
        if not showing.only_asks_for_a_person(message):
            await showing.show_said(tx, office, member, file, message, now)


async def show(
    tx: Transaction, office: Office, member: StaffMember, file: CaseFile, now: datetime
) -> None:
    """The brief, with what can be done. That it was looked at is on record."""
    await audit.record(tx, member.actor, "case.viewed", f"case:{file.case_id}", now)
    values = await brief_values(tx, office, member, file, now)
    rows = showing.case_rows(office, member, file)
    await showing.tell_of(tx, office, member, file, "case.brief", values, now, rows)


async def set_aside(
    tx: Transaction,
    office: Office,
    member: StaffMember,
    case_id: CaseId,
    days: int | None,
    now: datetime,
) -> datetime:
    """Hold a case until a moment `days` from now (by default one); returns that moment.

    Raises Refusal for a case that is not theirs or not in hand, and for too many days.
    """
    policy = handoff_policy()
    wanted = policy.hold_days if days is None else days
    if not 1 <= wanted <= policy.hold_days_most:
        raise Refusal("case.hold_days", most=policy.hold_days_most)
    file = await own_case(tx, member, case_id)
    until = now + timedelta(days=wanted)
    file = await move(tx, file, Event.SET_ASIDE, member.staff_id, member.actor, now)
    await offers.withdraw(tx, file.number, OfferOutcome.WITHDRAWN, now)
    await clocks.is_set_aside(tx, file, until, now)
    await work.put_off(tx, file.number, until)
    await showing.tell_of(tx, office, member, file, "case.held", {"held_until": until}, now)
    return until


async def come_back(tx: Transaction, office: Office, case_id: CaseId, now: datetime) -> None:
    """The moment a case was set aside for has come, or its borrower wrote."""
    file = await fresh(tx, case_id)
    if file.talk.state is not ConversationState.HELD or file.talk.staff_id is None:
        return
    owner = await staff.by_id(tx, file.talk.staff_id)
    assert owner is not None, "an owner is on the staff"
    file = await move(tx, file, Event.HOLD_DUE, owner.staff_id, Actor.system(), now)
    await work.put_off(tx, file.number, now)
    await clocks.is_taken(tx, office, file, now)
    if owner.disabled_at is None and await staff.on_shift(tx, owner.staff_id):
        rows = showing.case_rows(office, owner, file)
        await showing.tell_of(tx, office, owner, file, "case.back", {}, now, rows)
    else:
        await give_back(tx, office, file, Actor.system(), now, event=Event.COLLECTOR_GONE)


async def transfer(
    tx: Transaction,
    office: Office,
    member: StaffMember,
    case_id: CaseId,
    note: str,
    now: datetime,
) -> None:
    """Give a case back to the queue with a note for whoever takes it next."""
    file = await own_case(tx, member, case_id)
    if note:
        await cases.add_message(
            tx, file.borrower.borrower_id, "note", member.actor, now, case_id=case_id, text=note
        )
    file = await give_back(tx, office, file, member.actor, now, event=Event.RETURNED)
    await showing.tell_of(tx, office, member, file, "case.given_back", {}, now)


async def give_back(
    tx: Transaction,
    office: Office,
    file: CaseFile,
    actor: Actor,
    now: datetime,
    *,
    event: Event,
    farewell: str | None = None,
) -> CaseFile:
    """The case waits again, in its old place; a borrower who awaits an answer is told so.

    `farewell`: a script that is said instead, whether they await one or not.
    """
    owner_id = file.talk.staff_id
    if owner_id is not None:
        await offers.note_lapsed(tx, file.number, file.case_id, owner_id, now)
    if file.talk.state is ConversationState.FROZEN:
        file = await assign(tx, file, None, actor, now)
    else:
        if file.talk.state is ConversationState.HELD and event is Event.RETURNED:
            file = await move(tx, file, Event.HOLD_DUE, file.talk.staff_id, actor, now)
        file = await move(tx, file, event, None, actor, now)
    await work.put_off(tx, file.number, answer_by(file.work.created_at))
    await work.release(tx, file.number)
    await offers.withdraw(tx, file.number, OfferOutcome.WITHDRAWN, now)
    file = await fresh(tx, file.case_id)
    await clocks.waits(tx, office, file, now)
    await audit.record(tx, actor, "case.given_back", f"case:{file.case_id}", now, event=event)
    await board.post(tx, office, file, now)
    owner = None if owner_id is None else await staff.by_id(tx, owner_id)
    if owner is not None:
        await topics.end(tx, office, owner, file, topics.PASSED_ON, now)
    if farewell is not None:
        await tell_borrower(tx, office, file, farewell, {}, now)
    elif file.awaits_answer or file.awaits_person:
        values = await waiting_values(tx, office, file.work, now)
        await tell_borrower(tx, office, file, "human.passed_on", values, now)
    return file


async def release_everything(
    tx: Transaction, office: Office, member: StaffMember, actor: Actor, now: datetime
) -> int:
    """Somebody leaves: all they had goes back to the queue. Returns how many things."""
    for offer in await offers.made_to(tx, member.staff_id):
        await offering.release(tx, office, offer, OfferOutcome.GONE, actor, now)
    left = 0
    for task in await work.claimed_by(tx, member.staff_id):
        if task.kind is not WorkKind.CHAT or task.case_id is None:
            await work.release(tx, task.work_id)
            left += 1
            continue
        file = await fresh(tx, task.case_id)
        if file.talk.state is not ConversationState.WRAP_UP:  # its talk is over; a timer ends it
            await give_back(tx, office, file, actor, now, event=Event.COLLECTOR_GONE)
            left += 1
    return left


async def write_up(
    tx: Transaction, office: Office, member: StaffMember, case_id: CaseId, now: datetime
) -> CaseFile:
    """The talk is over and its end is yet to be named; until then the borrower may go on.

    Naming it again, or while nothing but a responder may speak, changes nothing.
    """
    file = await own_case(tx, member, case_id)
    if file.talk.state is ConversationState.HELD:
        file = await move(tx, file, Event.HOLD_DUE, member.staff_id, member.actor, now)
    if file.talk.state is not ConversationState.ACTIVE:
        return file
    file = await move(tx, file, Event.FINISHED, member.staff_id, member.actor, now)
    await offers.withdraw(tx, file.number, OfferOutcome.WITHDRAWN, now)
    await clocks.writes_up(tx, file, now)
    return file


async def go_on(tx: Transaction, office: Office, file: CaseFile, now: datetime) -> CaseFile:
    """The borrower wrote: what was being written up, or is answered by somebody, goes on."""
    if file.talk.state is ConversationState.WRAP_UP:
        owner = file.talk.staff_id
        file = await move(tx, file, Event.BORROWER_WROTE, owner, Actor.system(), now)
    if file.talk.state in (ConversationState.ACTIVE, ConversationState.FROZEN):
        await clocks.borrower_wrote(tx, office, file, now)
    return file
