"""How many conversations one person can have at once, and whether there is room for another.

What is offered, active or being written up takes a place; what is set aside does not. Something
set aside comes back in any case, so a return may fill more than there is; then nothing new comes.
"""

from bot.rules.handoff import handoff_policy
from storage import offers
from storage.engine import Transaction
from storage.records import StaffMember, Work


def capacity_of(member: StaffMember) -> int:
    return member.capacity or handoff_policy().capacity


async def has_room(tx: Transaction, member: StaffMember, task: Work | None = None) -> bool:
    """Whether `member` can have one more; what they are offered of `task` is no more than it.

    True only under the person's lock (`offers.lock_capacity`), or two at once find the last place.
    """
    load = await offers.load_of(tx, member.staff_id)
    if task is not None:
        offer = await offers.open_of(tx, task.work_id)
        load -= offer is not None and offer.staff_id == member.staff_id
    return load < capacity_of(member)
