"""The clocks of a case: by when it should be taken, answered, written up. Each is a row.

An answer's clocks count working time and run only while the borrower waits for a person. Whatever
state a case is in, one clock runs until it is closed. What happens when one runs out is in
`lateness`.
"""

from datetime import datetime, timedelta

from bot.rules.handoff import handoff_policy
from bot.rules.zones import load_zone, zones_of
from bot.services.cases.case_file import CaseFile
from bot.services.office import Office
from storage import timers
from storage.engine import Transaction
from storage.records import TimerName

_ANSWER = (TimerName.WARN, TimerName.REQUEUE)


async def waits(tx: Transaction, office: Office, file: CaseFile, now: datetime) -> None:
    """Nobody has the case from now on."""
    await timers.clear(tx, file.case_id)
    await _put(tx, office, file, TimerName.WARN, _first(), handoff_policy().warn_percent, now)


async def is_taken(tx: Transaction, office: Office, file: CaseFile, now: datetime) -> None:
    """Somebody has the case from now on; a borrower who waits for a person waits for this one."""
    await timers.clear(tx, file.case_id)
    await falls_quiet(tx, file, now)
    if file.awaits_person:
        await _answer_by(tx, office, file, now)


async def borrower_wrote(tx: Transaction, office: Office, file: CaseFile, now: datetime) -> None:
    """What is answered counts from the first message that has no answer."""
    known = await timers.of_case(tx, file.case_id)
    if TimerName.QUIET not in known:
        await falls_quiet(tx, file, now)
    running = known.get(TimerName.REQUEUE)
    answered = file.talk.person_wrote_at
    if running is None or (answered is not None and running.started_at <= answered):
        await timers.clear(tx, file.case_id, *_ANSWER, TimerName.WRAP_UP)
        await _answer_by(tx, office, file, now)


async def falls_quiet(tx: Transaction, file: CaseFile, since: datetime) -> None:
    """Somebody has the case and nobody has written in it after `since`."""
    due_at = since + timedelta(hours=handoff_policy().quiet_hours)
    await timers.put(tx, file.case_id, TimerName.QUIET, since, due_at)


async def writes_up(tx: Transaction, file: CaseFile, now: datetime) -> None:
    """The talk is over; how it ended is yet to be said."""
    await timers.clear(tx, file.case_id)
    minutes = timedelta(minutes=handoff_policy().wrap_up_minutes)
    await timers.put(tx, file.case_id, TimerName.WRAP_UP, now, now + minutes)


async def is_set_aside(tx: Transaction, file: CaseFile, until: datetime, now: datetime) -> None:
    """Nobody is expected to do anything before `until`."""
    await timers.clear(tx, file.case_id)
    await timers.put(tx, file.case_id, TimerName.QUIET, now, until)


async def keep_on(
    tx: Transaction, office: Office, file: CaseFile, since: datetime, now: datetime
) -> None:
    """A clock that ran since `since` has run out: a case that goes on has another one."""
    if not file.is_open or await timers.of_case(tx, file.case_id):
        return
    if file.talk.staff_id is not None:
        await falls_quiet(tx, file, now)
        return
    again = timedelta(minutes=handoff_policy().warn_again_minutes)
    due_at = _working_time_after(office, now, again)
    await timers.put(tx, file.case_id, TimerName.WARN, since, due_at)


async def stop(tx: Transaction, file: CaseFile) -> None:
    await timers.clear(tx, file.case_id)


async def _answer_by(tx: Transaction, office: Office, file: CaseFile, now: datetime) -> None:
    policy = handoff_policy()
    spoken = file.talk.person_wrote_at
    first = spoken is None or spoken < file.case.since
    length = _first() if first else timedelta(minutes=policy.next_answer_minutes)
    percents = (policy.warn_percent, policy.requeue_percent)
    for name, percent in zip(_ANSWER, percents, strict=True):
        await _put(tx, office, file, name, length, percent, now)


def _first() -> timedelta:
    return timedelta(minutes=handoff_policy().first_answer_minutes)


async def _put(
    tx: Transaction,
    office: Office,
    file: CaseFile,
    name: TimerName,
    length: timedelta,
    percent: int,
    now: datetime,
) -> None:
    due_at = _working_time_after(office, now, length * percent / 100)
    await timers.put(tx, file.case_id, name, now, due_at)


def _working_time_after(office: Office, now: datetime, length: timedelta) -> datetime:
    zone = load_zone(zones_of(office.country)[0])
    return office.working_hours.after(now, length, zone, office.country)
