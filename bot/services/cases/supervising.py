"""What who leads sees: everybody at work with what they have, one case of anybody's, and searches.

Names are shown to leaders only, and every look at a borrower is on record.
"""

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from bot.errors import NotAllowed, Refusal
from bot.rules.dispositions import CASEWORKERS, LEADERS
from bot.services.cases import showing, tasks
from bot.services.cases.brief import brief_values
from bot.services.cases.capacity import capacity_of
from bot.services.cases.case_file import CaseFile, case_file, own_cases
from bot.services.cases.finding import SEE_EVERYONE
from bot.services.office import Office
from storage import audit, borrowers, cases, offers, staff, work
from storage.engine import Transaction
from storage.records import StaffId, StaffMember, WorkId, WorkKind

_PEOPLE_SHOWN = 15
_NUMBERS_SHOWN = 5
_WAITING_SHOWN = 8
_FOUND_SHOWN = 8
_VIEWS_SHOWN = 10
_LOOKS = ("borrower.viewed", audit.CASE_VIEWED, audit.TRANSCRIPT_VIEWED)


@dataclass(frozen=True, slots=True)
class Team:
    """`values` of the script `team.board`; `busy`: who has something, for the buttons."""

    values: dict[str, Any]
    busy: tuple[StaffMember, ...]


async def team(tx: Transaction, office: Office, leader: StaffMember) -> Team:
    """Everybody at work, what they have, and what waits. Raises NotAllowed."""
    _check_leads(leader)
    words = showing.words_for(office, leader)
    loads = await offers.loads(tx)
    held_out = {one.work_id: one.staff_id for one in await offers.all_open(tx)}
    asked: dict[StaffId, list[str]] = defaultdict(list)
    for work_id, staff_id in held_out.items():
        asked[staff_id].append(f"#{work_id}")
    people: list[dict[str, Any]] = []
    busy: list[StaffMember] = []
    at_work = [one for one in await staff.now_on_shift(tx) if one.role in CASEWORKERS]
    for member in at_work:
        mine = await work.claimed_by(tx, member.staff_id)
        if mine:
            busy.append(member)
        people.append(
            {
                "who": member.name,
                "load": loads.get(member.staff_id, 0),
                "most": capacity_of(member),
                "numbers": " ".join(f"#{one.work_id}" for one in mine[:_NUMBERS_SHOWN]) or None,
                "asked": " ".join(asked[member.staff_id][:_NUMBERS_SHOWN]) or None,
            }
        )
    people.sort(key=lambda one: -one["load"])
    waiting = await work.waiting(tx, _WAITING_SHOWN, kinds=[WorkKind.CHAT])
    values = {
        "people": people[:_PEOPLE_SHOWN],
        "more_people": max(len(people) - _PEOPLE_SHOWN, 0) or None,
        "waiting": [
            {
                "case_number": one.work_id,
                "reason": words.label("reason", one.note),
                "since": one.created_at,
                "asked": one.work_id in held_out,
            }
            for one in waiting
        ],
        "waiting_in_all": await work.count_waiting(tx, WorkKind.CHAT),
    }
    return Team(values, tuple(busy))


async def hands_of(
    tx: Transaction, office: Office, leader: StaffMember, staff_id: StaffId, now: datetime
) -> tuple[dict[str, Any], list[WorkId]]:
    """What one person has, with names: values of `team.hands`, and the numbers of the cases."""
    _check_leads(leader)
    member = await staff.by_id(tx, staff_id)
    if member is None:
        raise Refusal("transfer.nobody", wanted="?")
    files = await own_cases(tx, member)
    for file in files:
        await _looked(tx, leader, file, now)
    words = showing.words_for(office, leader)
    return {
        "colleague": member.name,
        "cases": [
            {
                "case_number": file.number,
                "name": file.borrower.full_name,
                "state": words.label("conversation", file.talk.state),
                "since": file.talk.since or file.case.since,
                "awaits": file.awaits_person,
            }
            for file in files
        ],
    }, [file.number for file in files]


async def look_at(
    tx: Transaction, office: Office, leader: StaffMember, work_id: WorkId, now: datetime
) -> tuple[CaseFile, dict[str, Any]]:
    """One case of anybody's, open or closed; values of `case.brief`. Raises Refusal, NotAllowed."""
    if leader.role not in SEE_EVERYONE:
        raise NotAllowed
    case_id = await tasks.case_of(tx, work_id)
    file = None if case_id is None else await case_file(tx, case_id)
    if file is None:
        raise Refusal("find.none")
    await _looked(tx, leader, file, now)
    return file, await brief_values(tx, office, leader, file, now)


async def search(
    tx: Transaction, office: Office, leader: StaffMember, text: str, now: datetime
) -> tuple[dict[str, Any], list[WorkId]]:
    """Cases by a part of the borrower's name or reference, the newest first, closed ones too.

    Values of `find.cases` and the numbers. That it was searched is on record, as is who was shown.
    """
    if leader.role not in SEE_EVERYONE:
        raise NotAllowed
    found = await cases.search(tx, text, _FOUND_SHOWN)
    words = showing.words_for(office, leader)
    lines = []
    for one in found:
        owner = None if one.staff_id is None else await staff.by_id(tx, one.staff_id)
        end = one.disposition and words.known("disposition", one.disposition)
        lines.append(
            {
                "case_number": one.work_id,
                "name": one.name,
                "ref": one.ref,
                "reason": words.label("reason", one.reason),
                "since": one.opened_at,
                "owner": owner.name if owner else None,
                "ended": end,
            }
        )
        await audit.record(
            tx,
            leader.actor,
            "borrower.viewed",
            f"borrower:{one.borrower_id}",
            now,
            case=one.case_id,
        )
    return {"cases": lines}, [one.work_id for one in found]


async def views(
    tx: Transaction, office: Office, leader: StaffMember, borrower_ref: str, now: datetime
) -> dict[str, Any]:
    """Who looked at a borrower's data lately; values of `find.views`. Looking at it is one more."""
    if leader.role not in SEE_EVERYONE:
        raise NotAllowed
    borrower = await borrowers.by_ref(tx, borrower_ref)
    if borrower is None:
        raise Refusal("find.none")
    subject = f"borrower:{borrower.borrower_id}"
    theirs = await cases.of_borrower(tx, borrower.borrower_id)
    subjects = [subject, *(f"case:{case_id}" for case_id in theirs)]
    looks = await audit.latest(tx, subjects, _LOOKS, _VIEWS_SHOWN)
    names = {str(one.actor): one.name for one in await staff.everyone(tx)}
    await audit.record(tx, leader.actor, "borrower.viewed", subject, now, views=True)
    return {
        "name": borrower.full_name,
        "ref": borrower.borrower_ref,
        "looks": [{"who": names.get(actor, actor), "at": at} for at, actor in looks],
    }


async def _looked(tx: Transaction, leader: StaffMember, file: CaseFile, now: datetime) -> None:
    await audit.record(tx, leader.actor, "case.viewed", f"case:{file.case_id}", now)


def _check_leads(member: StaffMember) -> None:
    if member.role not in LEADERS:
        raise NotAllowed
