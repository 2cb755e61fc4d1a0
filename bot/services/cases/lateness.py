"""What happens when a clock of a case runs out: supervisors hear of it, the case changes hands.

A timer's row is only a reason to look. What is done follows from the facts of the moment, so a row
that has become untrue is dropped and nobody hears of it.
"""

from datetime import datetime

from bot.rules.conversation import Event
from bot.rules.dispositions import Disposition
from bot.services.cases import casework, clocks, closing, offering, showing
from bot.services.cases.case_file import CaseFile, case_file, fresh
from bot.services.cases.leading import leaders
from bot.services.office import Office
from bot.services.saying import Choice
from storage import audit, staff, timers, work
from storage.engine import Transaction
from storage.records import (
    Actor,
    ConversationState,
    StaffId,
    Timer,
    TimerName,
    WorkKind,
)

_SYSTEM = Actor.system()
_AT_ONCE = 50


async def sweep(tx: Transaction, office: Office, now: datetime) -> int:
    """Do what is due by now, unanswered offers too. Returns how many timers that were."""
    for staff_id in await offering.sweep(tx, office, now):
        await _send_home(tx, office, staff_id, now)
    due = await timers.due(tx, now, _AT_ONCE)
    for timer in due:
        file = await case_file(tx, timer.case_id, lock=True, wait=False)
        if file is None:
            continue  # somebody is at it this moment; a second later it is looked at again
        if not await timers.clear(tx, timer.case_id, timer.name):
            continue
        if file.is_open:
            await _ACTS[timer.name](tx, office, file, timer, now)
            file = await fresh(tx, timer.case_id)
            await clocks.keep_on(tx, office, file, timer.started_at, now)
    return len(due)


async def next_due_at(tx: Transaction, now: datetime) -> datetime | None:
    return await timers.next_due_at(tx, now)


async def _send_home(tx: Transaction, office: Office, staff_id: StaffId, now: datetime) -> None:
    """Somebody answers no offer any more: what they have is for others, and nobody asks them."""
    member = await staff.by_id(tx, staff_id)
    if member is None or not await staff.end_shift(tx, staff_id, now):
        return
    await casework.release_everything(tx, office, member, _SYSTEM, now)
    await audit.record(tx, _SYSTEM, "shift.ended", f"staff:{staff_id}", now, silent=True)
    await showing.tell(
        tx, office, member, "shift.silent", {},
        unique_key=f"shift.silent:{staff_id}:{now.timestamp()}", now=now,
        rows=[[Choice(showing.words_for(office, member).label("button", "shift_on"), "shift:on")]],
    )  # fmt: skip


async def free_the_forgotten(tx: Transaction, office: Office, now: datetime) -> int:
    """Nothing stays in the hands of somebody who is not at work. Returns how many things."""
    found = await work.with_nobody_at_work(tx)
    for task in found:
        if task.kind is not WorkKind.CHAT or task.case_id is None:
            await work.release(tx, task.work_id)
            continue
        file = await case_file(tx, task.case_id, lock=True, wait=False)
        if file is None or file.talk.staff_id is None:
            continue
        if file.talk.state is not ConversationState.WRAP_UP:  # a timer ends that
            await casework.give_back(tx, office, file, _SYSTEM, now, event=Event.COLLECTOR_GONE)
    return len(found)


async def _warn(
    tx: Transaction, office: Office, file: CaseFile, timer: Timer, now: datetime
) -> None:
    """To the supervisors at work, or to all if none is: again and again while nobody has it."""
    nobodys = file.talk.staff_id is None
    if not nobodys and not _unanswered(file, timer):
        return
    owner = None if file.talk.staff_id is None else await staff.by_id(tx, file.talk.staff_id)
    frozen = file.talk.state is ConversationState.FROZEN
    for leader in await leaders(tx, frozen=frozen):
        words = showing.words_for(office, leader)
        await showing.tell(
            tx, office, leader, "case.slow",
            {
                "case_number": file.number,
                "reasons": [words.label("reason", one) for one in file.reasons],
                "owner": owner.name if owner else None,
                "since": timer.started_at,
            },
            unique_key=f"case.slow:{file.case_id}:{timer.due_at.timestamp()}:{leader.staff_id}",
            now=now,
            rows=[[
                showing.choice(office, leader, "takeover", file.number),
                showing.choice(office, leader, "team"),
            ]],
        )  # fmt: skip


async def _requeue(
    tx: Transaction, office: Office, file: CaseFile, timer: Timer, now: datetime
) -> None:
    """Nobody answered the borrower for far too long: somebody else shall."""
    led = file.talk.state in (ConversationState.ACTIVE, ConversationState.FROZEN)
    if not led or file.talk.staff_id is None or not _unanswered(file, timer):
        return
    owner = await staff.by_id(tx, file.talk.staff_id)
    await audit.record(tx, _SYSTEM, "case.requeued", f"case:{file.case_id}", now)
    file = await casework.give_back(
        tx, office, file, _SYSTEM, now, event=Event.COLLECTOR_GONE, farewell="human.reassigning"
    )
    if owner is not None:
        await showing.tell_of(tx, office, owner, file, "case.requeued", {}, now)


async def _wrap_up(
    tx: Transaction, office: Office, file: CaseFile, _timer: Timer, now: datetime
) -> None:
    """No end was named in time: the borrower gets the bot back all the same."""
    if file.talk.state is ConversationState.WRAP_UP:
        await closing.close_unnamed(tx, office, file, Disposition.OTHER, now)


async def _ask_what_next(
    tx: Transaction, office: Office, file: CaseFile, timer: Timer, now: datetime
) -> None:
    """Nobody has written for long: it takes a place, and may be forgotten. Its owner is asked.

    What was set aside comes back at that moment, if it has not yet.
    """
    if file.talk.state is ConversationState.HELD:
        await casework.come_back(tx, office, file.case_id, now)
        return
    led = file.talk.state in (ConversationState.ACTIVE, ConversationState.FROZEN)
    owner = None if file.talk.staff_id is None else await staff.by_id(tx, file.talk.staff_id)
    if not led or owner is None:
        return
    said = (file.talk.borrower_wrote_at, file.talk.person_wrote_at)
    last = max([one for one in said if one is not None], default=timer.started_at)
    if last > timer.started_at:
        await clocks.falls_quiet(tx, file, last)
        return
    rows = showing.case_rows(office, owner, file)
    await showing.tell_of(tx, office, owner, file, "case.quiet", {"since": last}, now, rows)
    await clocks.falls_quiet(tx, file, now)


_ACTS = {
    TimerName.QUIET: _ask_what_next,
    TimerName.WARN: _warn,
    TimerName.REQUEUE: _requeue,
    TimerName.WRAP_UP: _wrap_up,
}


def _unanswered(file: CaseFile, timer: Timer) -> bool:
    """Whether the borrower still waits for what started the clock."""
    spoken = file.talk.person_wrote_at
    return file.awaits_person and (spoken is None or spoken < timer.started_at)
