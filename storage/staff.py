"""Staff and their shifts. Nobody is deleted: a disabled account keeps its history."""

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import Row, bindparam, exists, select, update

from storage.engine import Transaction
from storage.prepared import Prepared
from storage.records import Role, StaffId, StaffMember
from storage.schema import shifts, staff

_BY_TELEGRAM_ID = Prepared(
    select(staff).where(staff.c.telegram_id == bindparam("person"), staff.c.disabled_at.is_(None))
)
_ON_SHIFT = Prepared(
    select(shifts.c.id)
    .where(shifts.c.staff_id == bindparam("member"), shifts.c.ended_at.is_(None))
    .limit(1)
)
_BY_ID = Prepared(select(staff).where(staff.c.id == bindparam("number")))


async def put(
    tx: Transaction,
    telegram_id: int,
    *,
    role: Role,
    name: str,
    languages: Iterable[str],
    skills: Iterable[str],
    now: datetime,
    capacity: int | None = None,
) -> bool:
    """Add a member, or bring one up to date and enable it. False: it was so already."""
    values = {
        "role": role,
        "name": name,
        "languages": list(languages),
        "skills": list(skills),
        "capacity": capacity,
        "disabled_at": None,
    }
    known = await tx.one(select(staff).where(staff.c.telegram_id == telegram_id))
    if known is None:
        await tx.add(staff, telegram_id=telegram_id, added_at=now, **values)
        return True
    if all(getattr(known, column) == value for column, value in values.items()):
        return False
    await tx.execute(update(staff).where(staff.c.id == known.id).values(**values))
    return True


async def disable(tx: Transaction, telegram_id: int, now: datetime) -> bool:
    """False: unknown or disabled before."""
    result = await tx.execute(
        update(staff)
        .where(staff.c.telegram_id == telegram_id, staff.c.disabled_at.is_(None))
        .values(disabled_at=now)
    )
    return result.rowcount == 1


async def by_telegram_id(tx: Transaction, telegram_id: int) -> StaffMember | None:
    """The enabled member with this account."""
    row = await tx.one(_BY_TELEGRAM_ID, person=telegram_id)
    return None if row is None else _member(row)


async def by_id(tx: Transaction, staff_id: StaffId) -> StaffMember | None:
    row = await tx.one(_BY_ID, number=staff_id)
    return None if row is None else _member(row)


async def everyone(tx: Transaction) -> list[StaffMember]:
    """All, disabled ones too, in the order they came."""
    return [_member(row) for row in await tx.all(select(staff).order_by(staff.c.id))]


async def with_role(tx: Transaction, *roles: Role) -> list[StaffMember]:
    rows = await tx.all(
        select(staff)
        .where(staff.c.role.in_(roles), staff.c.disabled_at.is_(None))
        .order_by(staff.c.id)
    )
    return [_member(row) for row in rows]


async def start_shift(tx: Transaction, staff_id: StaffId, now: datetime) -> bool:
    """False: already on shift."""
    if await on_shift(tx, staff_id):
        return False
    await tx.add(shifts, staff_id=staff_id, started_at=now)
    return True


async def end_shift(tx: Transaction, staff_id: StaffId, now: datetime) -> bool:
    """False: not on shift."""
    result = await tx.execute(
        update(shifts)
        .where(shifts.c.staff_id == staff_id, shifts.c.ended_at.is_(None))
        .values(ended_at=now)
    )
    return result.rowcount > 0


async def on_shift(tx: Transaction, staff_id: StaffId) -> bool:
    return bool(await tx.all(_ON_SHIFT, member=staff_id))


async def now_on_shift(tx: Transaction) -> list[StaffMember]:
    """Everybody at work, whatever their role."""
    rows = await tx.all(
        select(staff)
        .where(
            staff.c.disabled_at.is_(None),
            exists().where(shifts.c.staff_id == staff.c.id, shifts.c.ended_at.is_(None)),
        )
        .order_by(staff.c.id)
    )
    return [_member(row) for row in rows]


async def set_language(tx: Transaction, staff_id: StaffId, language: str) -> None:
    await tx.execute(update(staff).where(staff.c.id == staff_id).values(language=language))


def _member(row: Row[tuple[object, ...]]) -> StaffMember:
    return StaffMember(
        staff_id=StaffId(row.id),
        telegram_id=row.telegram_id,
        role=Role(row.role),
        name=row.name,
        languages=tuple(row.languages),
        skills=tuple(row.skills),
        language=row.language,
        disabled_at=row.disabled_at,
        capacity=row.capacity,
    )
