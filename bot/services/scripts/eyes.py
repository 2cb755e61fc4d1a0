"""Four eyes: whether whoever wrote a text may also publish it. On, unless an admin turned it off.

Turning it off is no secret: it is kept with its author and every other admin is told.
"""

from datetime import datetime

from bot.errors import NotAllowed
from bot.services.office import Office
from bot.services.scripts import telling
from storage import audit, limits
from storage.engine import Transaction
from storage.records import Actor, ActorKind, Role

ONE_IS_ENOUGH = "one_is_enough"
"""The switch; while it is on, an author may approve their own words."""


def check_admin(actor: Actor) -> None:
    """Words are changed by admins, and by whoever works on the server. Raises NotAllowed."""
    if actor.kind is not ActorKind.SYSTEM and actor.role is not Role.ADMIN:
        raise NotAllowed


async def are_needed(tx: Transaction) -> bool:
    return not await limits.is_on(tx, ONE_IS_ENOUGH)


async def set_needed(
    tx: Transaction, office: Office, actor: Actor, needed: bool, now: datetime
) -> bool:
    """False: it was so already. Raises NotAllowed."""
    check_admin(actor)
    switch = limits.switch_off if needed else limits.switch_on
    if not await switch(tx, ONE_IS_ENOUGH, actor, now):
        return False
    await audit.record(tx, actor, "scripts.four_eyes", "scripts", now, needed=needed)
    values = {"needed": needed, "who": await telling.named(tx, office, str(actor))}
    await telling.tell_admins(
        tx, office, "scripts.eyes_changed", values, f"eyes:{now.timestamp()}", now, but=actor
    )
    return True
