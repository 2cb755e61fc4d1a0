"""Who is in the board group: leaving it ends a shift, and coming back begins none.

Telegram tells of it once or twice, as a notice in the group and, where the bot is an administrator,
as a change of somebody's standing. A collector outside the group begins no shift and takes nothing;
who leads is told, and may end the access altogether. The role says the rest, as ever.
"""

from datetime import datetime

from bot.errors import Refusal
from bot.rules.dispositions import CASEWORKERS
from bot.services.cases import board, casework, showing
from bot.services.cases.leading import leaders
from bot.services.office import Office
from bot.services.saying import Choice
from storage import audit, board_members, offers, staff
from storage.board_members import Standing
from storage.engine import Transaction
from storage.records import Actor, Role, StaffMember


async def came(
    tx: Transaction, office: Office, actor: Actor, telegram_id: int, standing: Standing,
    now: datetime,
) -> None:  # fmt: skip
    """Somebody is in the group from now on. Whoever had left may begin a shift again."""
    member = await _noted(tx, office, actor, telegram_id, standing, now)
    if member is None or member.role not in CASEWORKERS:
        return
    shift_on = showing.words_for(office, member).label("button", "shift_on")
    await showing.tell(
        tx, office, member, "shift.back_on_board", {},
        unique_key=f"shift.back_on_board:{member.staff_id}:{standing.at.timestamp()}", now=now,
        rows=[[Choice(shift_on, "shift:on")]],
    )  # fmt: skip


async def left(
    tx: Transaction, office: Office, actor: Actor, telegram_id: int, standing: Standing,
    now: datetime,
) -> None:  # fmt: skip
    """Somebody left, or `actor` took them out: what they have waits for others at once."""
    member = await _noted(tx, office, actor, telegram_id, standing, now)
    if member is None or member.role not in CASEWORKERS:
        return
    at_work = await staff.end_shift(tx, member.staff_id, now)
    given_back = await casework.release_everything(tx, office, member, actor, now)
    if at_work:
        subject = f"staff:{member.staff_id}"
        await audit.record(tx, actor, "shift.ended", subject, now, left_board=True)
    values = {"given_back": given_back, "barred": _needs_the_group(member)}
    moment = f"{member.staff_id}:{standing.at.timestamp()}"
    await showing.tell(
        tx, office, member, "shift.left_board", values,
        unique_key=f"shift.left_board:{moment}", now=now,
    )  # fmt: skip
    others = [one for one in await leaders(tx) if one.staff_id != member.staff_id]
    for leader in others or await staff.with_role(tx, Role.ADMIN):
        await showing.tell(
            tx, office, leader, "team.left_board",
            {**values, "colleague": member.name, "removed": actor != member.actor},
            unique_key=f"team.left_board:{moment}:{leader.staff_id}", now=now,
            rows=[[showing.choice(office, leader, "team")]],
        )  # fmt: skip


async def check_inside(tx: Transaction, office: Office, member: StaffMember) -> None:
    """Raises Refusal for a collector who has left the group and has not come back."""
    if not _needs_the_group(member):
        return
    known = await board_members.of(tx, member.staff_id)
    if known is None or known.present:
        return
    if await board.is_board(tx, office, known.chat_id):
        raise Refusal("shift.not_on_board")


async def forget(tx: Transaction, member: StaffMember) -> bool:
    """An admin lets somebody work whatever the group says. False: it said nothing against it."""
    known = await board_members.of(tx, member.staff_id)
    if known is None or known.present:
        return False
    await board_members.forget(tx, member.staff_id)
    return True


async def _noted(
    tx: Transaction, office: Office, actor: Actor, telegram_id: int, standing: Standing,
    now: datetime,
) -> StaffMember | None:  # fmt: skip
    """Write it down; None when it is about nobody of ours, or was known or outdated already."""
    member = await staff.by_telegram_id(tx, telegram_id)
    if member is None:
        return None
    await offers.lock_capacity(tx, member.staff_id)  # whatever they take meanwhile waits, or we do
    known = await board_members.of(tx, member.staff_id)
    if known is not None and known.at > standing.at:
        return None
    await board_members.put(tx, member.staff_id, standing)
    is_news = not standing.present if known is None else known.present is not standing.present
    if not is_news:
        return None
    act = "group.came" if standing.present else "group.left"
    await audit.record(tx, actor, act, f"staff:{member.staff_id}", now)
    return member


def _needs_the_group(member: StaffMember) -> bool:
    """Who leads, and who answers for a crisis, is not kept from work by a group."""
    return member.role is Role.COLLECTOR
