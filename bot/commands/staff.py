"""`remindful staff`: who works here and in which role."""

from datetime import datetime

from bot.commands.using import in_transaction, write, write_json
from bot.errors import InputRefused
from bot.house import House
from bot.services import staffing
from storage.engine import Transaction
from storage.records import Actor, Role, StaffMember


def add(
    telegram_id: int,
    role: str,
    name: str,
    languages: list[str],
    skills: list[str],
    capacity: int | None,
    as_json: bool,
) -> None:
    """Add or bring up to date. Raises InputRefused for an unknown role or language."""
    if role not in set(Role):
        raise InputRefused(f"--role: {role!r} is none of {', '.join(Role)}")

    async def use(house: House, tx: Transaction, now: datetime) -> bool:
        return await staffing.put_staff(
            tx, house.office, Actor.system(), telegram_id,
            role=Role(role), name=name, languages=languages, skills=skills, capacity=capacity,
            now=now,
        )  # fmt: skip

    changed = in_transaction(use)
    if as_json:
        write_json({"telegram_id": telegram_id, "changed": changed})
    else:
        write(f"{name} is {role} now" if changed else f"{name} was {role} already")


def disable(telegram_id: int, as_json: bool) -> None:
    async def use(house: House, tx: Transaction, now: datetime) -> bool:
        return await staffing.disable_staff(tx, house.office, Actor.system(), telegram_id, now)

    changed = in_transaction(use)
    if as_json:
        write_json({"telegram_id": telegram_id, "changed": changed})
    else:
        write("disabled" if changed else "nobody with this account had access")


def everyone(as_json: bool) -> None:
    async def use(_house: House, tx: Transaction, _now: datetime) -> list[StaffMember]:
        return await staffing.everyone(tx)

    members = in_transaction(use)
    if as_json:
        write_json([_shown(member) for member in members])
        return
    for member in members:
        state = "" if member.disabled_at is None else "  disabled"
        write(f"{member.telegram_id:>14}  {member.role:<10}  {member.name}{state}")


def _shown(member: StaffMember) -> dict[str, object]:
    return {
        "telegram_id": member.telegram_id,
        "role": member.role,
        "name": member.name,
        "languages": list(member.languages),
        "skills": list(member.skills),
        "capacity": member.capacity,
        "disabled": member.disabled_at is not None,
    }
