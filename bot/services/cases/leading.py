"""Who is told when something needs somebody who leads."""

from storage import staff
from storage.engine import Transaction
from storage.records import Role, StaffMember


async def leaders(tx: Transaction, *, frozen: bool = False) -> list[StaffMember]:
    """Supervisors at work, or all if none is, or the admins where there are none.

    What is `frozen` concerns compliance as well.
    """
    roles = (Role.SUPERVISOR, Role.COMPLIANCE) if frozen else (Role.SUPERVISOR,)
    everybody = await staff.with_role(tx, *roles)
    at_work = [one for one in everybody if await staff.on_shift(tx, one.staff_id)]
    return at_work or everybody or await staff.with_role(tx, Role.ADMIN)
