"""Who works here, in which role, and who is at work now. Nobody leaves with a case in hand."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from bot.errors import InputRefused, NotAllowed, Refusal
from bot.rules.dispositions import CASEWORKERS
from bot.services import board_group
from bot.services.cases import casework
from bot.services.office import Office
from storage import audit, offers, staff, work
from storage.engine import Transaction
from storage.records import Actor, ActorKind, Role, StaffId, StaffMember

_LONGEST_NAME = 40
_MOST_AT_ONCE = 50
_FIRST_ADMIN = "Admin"
_TAG = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*")


async def put_staff(
    tx: Transaction,
    office: Office,
    actor: Actor,
    telegram_id: int,
    *,
    role: Role,
    name: str,
    languages: Iterable[str],
    skills: Iterable[str],
    now: datetime,
    capacity: int | None = None,
) -> bool:
    """Add somebody, or bring them up to date and let them in again. False: it was so already.

    Raises NotAllowed, or InputRefused for what cannot be a person's account, name or language.
    """
    _check_admin(actor)
    spoken = [_language(office, one) for one in dict.fromkeys(languages)]
    known_skills = [one.strip() for one in dict.fromkeys(skills) if one.strip()]
    _check_person(telegram_id, name)
    if capacity is not None and not 1 <= capacity <= _MOST_AT_ONCE:
        raise InputRefused(f"--capacity: {capacity} is not between 1 and {_MOST_AT_ONCE}")
    changed = await staff.put(
        tx,
        telegram_id,
        role=role,
        name=name.strip(),
        languages=spoken,
        skills=known_skills,
        now=now,
        capacity=capacity,
    )
    member = await staff.by_telegram_id(tx, telegram_id)
    assert member is not None, "they were just let in"
    if not await board_group.forget(tx, member) and not changed:
        return False
    if role not in CASEWORKERS:
        await staff.end_shift(tx, member.staff_id, now)
        await casework.release_everything(tx, office, member, actor, now)
    await audit.record(tx, actor, "staff.put", f"staff:{member.staff_id}", now, role=role)
    return True


async def disable_staff(
    tx: Transaction, office: Office, actor: Actor, telegram_id: int, now: datetime
) -> bool:
    """Close somebody's access; their cases wait for others at once. False: they had none."""
    _check_admin(actor)
    member = await staff.by_telegram_id(tx, telegram_id)
    if member is None:
        return False
    await _end_access(tx, office, actor, member, now)
    return True


@dataclass(frozen=True, slots=True)
class Leaving:
    """Somebody whose access ends, and how much of theirs goes back to the queue."""

    staff_id: StaffId
    name: str
    given_back: int


async def leaving(tx: Transaction, leader: StaffMember, name: str) -> Leaving:
    """Whom a leader means by a name, and what they have. Raises Refusal, NotAllowed."""
    for one in await staff.everyone(tx):
        if one.disabled_at is None and one.name.casefold() == name.casefold():
            _check_may_end(leader, one)
            return Leaving(one.staff_id, one.name, len(await work.claimed_by(tx, one.staff_id)))
    raise Refusal("team.nobody", wanted=name[:60])


async def offboard(
    tx: Transaction, office: Office, leader: StaffMember, staff_id: StaffId, now: datetime
) -> Leaving:
    """End somebody's access at once; all they have waits for others. Raises Refusal, NotAllowed."""
    member = await staff.by_id(tx, staff_id)
    if member is None or member.disabled_at is not None:
        raise Refusal("team.nobody", wanted=member.name if member else "?")
    _check_may_end(leader, member)
    left = await _end_access(tx, office, leader.actor, member, now)
    return Leaving(staff_id, member.name, left)


async def everyone(tx: Transaction) -> list[StaffMember]:
    """All who ever worked here, in the order they came."""
    return await staff.everyone(tx)


async def bootstrap_admins(tx: Transaction, admin_ids: Iterable[int], now: datetime) -> int:
    """Let the first admins in; nothing happens once there is one. Returns how many came."""
    if await staff.with_role(tx, Role.ADMIN):
        return 0
    known = {member.telegram_id for member in await staff.everyone(tx)}
    newcomers = [one for one in dict.fromkeys(admin_ids) if one not in known]
    for telegram_id in newcomers:
        await staff.put(
            tx, telegram_id, role=Role.ADMIN, name=_FIRST_ADMIN, languages=[], skills=[], now=now
        )
        subject = f"telegram:{telegram_id}"
        await audit.record(tx, Actor.system(), "staff.bootstrapped", subject, now)
    return len(newcomers)


async def start_shift(tx: Transaction, office: Office, member: StaffMember, now: datetime) -> bool:
    """False: already at work. Raises NotAllowed for a role without cases, Refusal for whoever has
    left the board group.
    """
    if member.role not in CASEWORKERS:
        raise NotAllowed
    await offers.lock_capacity(tx, member.staff_id)  # they may be leaving the group this moment
    await board_group.check_inside(tx, office, member)
    started = await staff.start_shift(tx, member.staff_id, now)
    if started:
        await audit.record(tx, member.actor, "shift.started", f"staff:{member.staff_id}", now)
    return started


async def end_shift(tx: Transaction, office: Office, member: StaffMember, now: datetime) -> int:
    """Go home: what is open goes back to the queue. Returns how many things that were."""
    left = await casework.release_everything(tx, office, member, member.actor, now)
    if await staff.end_shift(tx, member.staff_id, now):
        await audit.record(tx, member.actor, "shift.ended", f"staff:{member.staff_id}", now)
    return left


async def set_language(tx: Transaction, office: Office, member: StaffMember, tag: str) -> str:
    """Which language we speak with somebody. Raises Refusal for one that we have no words in."""
    if tag not in office.library.languages:
        raise Refusal("staff.language_unknown")
    await staff.set_language(tx, member.staff_id, tag)
    return tag


async def _end_access(
    tx: Transaction, office: Office, actor: Actor, member: StaffMember, now: datetime
) -> int:
    """Returns how many things went back. The shift ends first, so that nothing new comes."""
    await staff.end_shift(tx, member.staff_id, now)
    left = await casework.release_everything(tx, office, member, actor, now)
    await staff.disable(tx, member.telegram_id, now)
    await audit.record(tx, actor, "staff.disabled", f"staff:{member.staff_id}", now, left=left)
    return left


def _check_may_end(leader: StaffMember, member: StaffMember) -> None:
    """Admins anybody's access but their own, supervisors a collector's."""
    if leader.role is Role.ADMIN and member.staff_id != leader.staff_id:
        return
    if leader.role is Role.SUPERVISOR and member.role is Role.COLLECTOR:
        return
    raise NotAllowed


def _check_admin(actor: Actor) -> None:
    if actor.kind is not ActorKind.SYSTEM and actor.role is not Role.ADMIN:
        raise NotAllowed


def _check_person(telegram_id: int, name: str) -> None:
    if telegram_id <= 0:
        raise InputRefused(f"{telegram_id} is no person's Telegram id; those are above zero")
    if not 1 <= len(name.strip()) <= _LONGEST_NAME:
        raise InputRefused(f"--name: write 1 to {_LONGEST_NAME} characters, borrowers will see it")


def _language(office: Office, tag: str) -> str:
    """A language as we name it; one that we have no words in is kept, a borrower may speak it."""
    if not _TAG.fullmatch(tag):
        raise InputRefused(f"--language: {tag!r} is no language; write it like en or zh-Hans")
    found = office.library.resolve_language(tag)
    primary = tag.lower().partition("-")[0]
    served = {found.lower(), *office.library.by_tag[found].also}
    return found if any(primary == one.partition("-")[0] for one in served) else tag
