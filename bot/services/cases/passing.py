"""A case goes from one person to another: asked first, or by the word of who leads.

Whoever has the case keeps it until the other accepts, so the borrower is never between two people.
"""

from datetime import datetime

from bot.errors import NotAllowed, Refusal
from bot.rules.conversation import Event
from bot.rules.dispositions import CASEWORKERS, LEADERS
from bot.services.cases import board, casework, clocks, impartial, offering, showing, tasks, topics
from bot.services.cases.capacity import capacity_of, has_room
from bot.services.cases.case_file import CaseFile, case_file, fresh, own_case
from bot.services.cases.owning import assign, move
from bot.services.cases.reassuring import tell_borrower
from bot.services.cases.responders import may_respond
from bot.services.office import Office
from storage import audit, cases, offers, staff, work
from storage.engine import Transaction
from storage.errors import Conflict
from storage.records import (
    CaseId,
    ConversationState,
    Offer,
    OfferOutcome,
    StaffId,
    StaffMember,
    WorkId,
)


async def colleagues(tx: Transaction, member: StaffMember) -> list[StaffMember]:
    """Everybody else at work who has cases."""
    return [
        one
        for one in await staff.now_on_shift(tx)
        if one.role in CASEWORKERS and one.staff_id != member.staff_id
    ]


async def receivers(tx: Transaction, leader: StaffMember) -> list[StaffMember]:
    """To whom a leader may give a case. Raises NotAllowed."""
    _check_leads(leader)
    return await colleagues(tx, leader)


async def named(tx: Transaction, member: StaffMember, text: str) -> tuple[StaffMember, str]:
    """The colleague whose name `text` begins with, and the rest of it. Raises Refusal."""
    found = [
        one for one in await colleagues(tx, member) if _begins(text.casefold(), one.name.casefold())
    ]
    if not found:
        raise Refusal("transfer.nobody", wanted=text[:60].strip() or "?")
    best = max(found, key=lambda one: len(one.name))
    return best, text[len(best.name) :].strip()


async def ask(
    tx: Transaction,
    office: Office,
    member: StaffMember,
    case_id: CaseId,
    colleague_id: StaffId,
    note: str,
    now: datetime,
) -> None:
    """Ask a colleague to take over one's own case; until they say yes nothing changes.

    Raises Refusal when it is not theirs, or the colleague is not at work or has no room.
    """
    colleague = await _receiver(tx, member, colleague_id)
    file = await own_case(tx, member, case_id)
    if note:
        await cases.add_message(
            tx, file.borrower.borrower_id, "note", member.actor, now, case_id=case_id, text=note
        )
    await _hold_out(tx, office, member, file, colleague, now)


async def reassign(
    tx: Transaction,
    office: Office,
    leader: StaffMember,
    work_id: WorkId,
    colleague_id: StaffId | None,
    now: datetime,
) -> CaseFile:
    """Who leads gives a case to somebody, or with None back to the queue.

    The present owner keeps it until the other accepts. Raises NotAllowed, Refusal.
    """
    _check_leads(leader)
    colleague = None
    if colleague_id is not None:
        colleague = await _receiver(tx, leader, colleague_id, myself=True)
    file = await _open_case(tx, work_id)
    if colleague is not None:
        await _hold_out(tx, office, leader, file, colleague, now)
        return file
    if file.talk.staff_id is None:
        raise Refusal("case.not_now", case_number=work_id)
    owner = await staff.by_id(tx, file.talk.staff_id)
    file = await _awake(tx, file, leader, now)
    file = await casework.give_back(tx, office, file, leader.actor, now, event=Event.RETURNED)
    if owner is not None and owner.staff_id != leader.staff_id:
        await showing.tell_of(tx, office, owner, file, "case.given_back", {}, now)
    return file


async def take_over(
    tx: Transaction, office: Office, leader: StaffMember, work_id: WorkId, now: datetime
) -> None:
    """Who leads takes a case at once, whoever has it. Raises NotAllowed, Refusal."""
    _check_leads(leader)
    await offers.lock_capacity(tx, leader.staff_id)
    file = await _open_case(tx, work_id)
    owner_id = file.talk.staff_id
    if owner_id is None:
        await tasks.take(tx, office, leader, work_id, now)
        return
    if owner_id == leader.staff_id:
        await casework.show(tx, office, leader, file, now)
        return
    await audit.record(tx, leader.actor, "case.taken_over", f"case:{file.case_id}", now)
    await staff.start_shift(tx, leader.staff_id, now)
    await _change_hands(tx, office, file, leader, now)


async def accept(
    tx: Transaction, office: Office, member: StaffMember, work_id: WorkId | None, now: datetime
) -> None:
    """Say yes to what is held out. Raises Refusal when there is nothing, or its time is over."""
    await offers.lock_capacity(tx, member.staff_id)
    offer = await offering.made_to(tx, member, work_id)
    offering.check_standing(offer, now)
    file = await fresh(tx, offer.case_id)
    if offer.from_staff_id is None or file.talk.staff_id is None:
        await tasks.take(tx, office, member, offer.work_id, now)
        return
    if file.talk.staff_id != offer.from_staff_id or not await offers.end(
        tx, offer, OfferOutcome.ACCEPTED, now
    ):
        raise Refusal("offer.over", case_number=offer.work_id)
    await _change_hands(tx, office, file, member, now)


async def _hold_out(
    tx: Transaction,
    office: Office,
    asker: StaffMember,
    file: CaseFile,
    colleague: StaffMember,
    now: datetime,
) -> None:
    await impartial.check_not_own(tx, colleague, file.borrower.borrower_id, file.number)
    if file.talk.state is ConversationState.FROZEN:
        if not may_respond(colleague, file.reasons):
            raise Refusal("case.frozen")
    elif file.talk.staff_id is not None:
        file = await _awake(tx, file, asker, now)
    standing = await offers.open_of(tx, file.number)
    if standing is not None:
        # Who leads may change the router's mind; a colleague who was asked is awaited.
        if standing.from_staff_id is not None:
            raise Refusal("transfer.pending", case_number=file.number)
        await offering.release(tx, office, standing, OfferOutcome.WITHDRAWN, asker.actor, now)
        file = await fresh(tx, file.case_id)
    await offers.make(
        tx, file.number, file.case_id, colleague.staff_id,
        from_staff_id=file.talk.staff_id, actor=asker.actor, now=now,
        expires_at=offering.stands_until(now),
    )  # fmt: skip
    offer = await offers.open_of(tx, file.number)
    assert offer is not None, "it was just made, under the case's lock"
    if file.talk.state is ConversationState.WAITING:
        file = await move(tx, file, Event.OFFERED, None, asker.actor, now)
    await audit.record(
        tx, asker.actor, "case.offered", f"case:{file.case_id}", now, staff=colleague.staff_id
    )
    await offering.tell_of_offer(tx, office, colleague, file, offer, now)
    await _tell_asker(tx, office, asker, file, offer, colleague, now)


async def _tell_asker(
    tx: Transaction,
    office: Office,
    asker: StaffMember,
    file: CaseFile,
    offer: Offer,
    colleague: StaffMember,
    now: datetime,
) -> None:
    mine = offer.from_staff_id == asker.staff_id
    key = "transfer.offered" if mine else "transfer.asked"
    await showing.tell_of(tx, office, asker, file, key, {"colleague": colleague.name}, now)


async def _change_hands(
    tx: Transaction, office: Office, file: CaseFile, receiver: StaffMember, now: datetime
) -> None:
    """From the owner to `receiver` in one step; both and the borrower are told."""
    await impartial.check_not_own(tx, receiver, file.borrower.borrower_id, file.number)
    giver_id = file.talk.staff_id
    assert giver_id is not None, "somebody has the case"
    giver = await staff.by_id(tx, giver_id)
    if file.talk.state is ConversationState.FROZEN:
        if not may_respond(receiver, file.reasons):
            raise Refusal("case.frozen")
        file = await assign(tx, file, receiver.staff_id, receiver.actor, now)
    else:
        file = await _awake(tx, file, receiver, now)
        file = await move(tx, file, Event.TRANSFER_ACCEPTED, receiver.staff_id, receiver.actor, now)
    if not await work.hand_over(tx, file.number, giver_id, receiver.staff_id, now):
        raise Conflict("the case was given to somebody else first")
    await offers.withdraw(tx, file.number, OfferOutcome.WITHDRAWN, now)
    file = await fresh(tx, file.case_id)
    await clocks.is_taken(tx, office, file, now)
    await audit.record(tx, receiver.actor, "case.handed_over", f"case:{file.case_id}", now)
    await board.redraw(tx, office, file, now)
    if giver is not None:
        told = {"colleague": receiver.name}
        await showing.tell_of(tx, office, giver, file, "transfer.done", told, now)
        await topics.end(tx, office, giver, file, topics.PASSED_ON, now)
    await topics.begin(tx, office, receiver, file, now)
    await casework.show_whole(tx, office, receiver, file, now)
    names = {"colleague": receiver.name, "before": giver.name if giver else receiver.name}
    await tell_borrower(tx, office, file, "human.handed_over", names, now)


async def _awake(tx: Transaction, file: CaseFile, actor: StaffMember, now: datetime) -> CaseFile:
    """A case that was set aside or is being written up is somebody's talk again."""
    events = {
        ConversationState.HELD: Event.HOLD_DUE,
        ConversationState.WRAP_UP: Event.HANDOFF,
    }
    if file.talk.state not in events:
        return file
    await clocks.falls_quiet(tx, file, now)
    return await move(tx, file, events[file.talk.state], file.talk.staff_id, actor.actor, now)


async def _receiver(
    tx: Transaction, asker: StaffMember, staff_id: StaffId, *, myself: bool = False
) -> StaffMember:
    """Somebody at work with room; nobody else gives them anything until we are done."""
    await offers.lock_capacity(tx, staff_id)
    found = await staff.by_id(tx, staff_id)
    able = (
        found is not None
        and found.disabled_at is None
        and found.role in CASEWORKERS
        and (myself or found.staff_id != asker.staff_id)
        and await staff.on_shift(tx, staff_id)
    )
    if found is None or not able:
        raise Refusal("transfer.nobody", wanted=found.name if found else "?")
    if not await has_room(tx, found):
        raise Refusal("transfer.full", colleague=found.name, most=capacity_of(found))
    return found


async def _open_case(tx: Transaction, work_id: WorkId) -> CaseFile:
    case_id = await tasks.case_of(tx, work_id)
    file = None if case_id is None else await case_file(tx, case_id, lock=True)
    if file is None or not file.is_open:
        raise Refusal("work.over", case_number=work_id)
    return file


def _check_leads(member: StaffMember) -> None:
    if member.role not in LEADERS:
        raise NotAllowed


def _begins(text: str, name: str) -> bool:
    rest = text[len(name) :]
    return text.startswith(name) and (not rest or not rest[0].isalnum())
