"""The emergency stop: everything automated halts, in every process, until it is released.

People's work goes on. The mark that puts rows on the wire asks for the switch in its own
statement, so nothing automated starts after the stop is committed.
"""

from datetime import datetime

from bot.errors import NotAllowed
from storage import audit, limits
from storage.engine import Transaction
from storage.records import Actor, ActorKind, Role

MAY_STOP = frozenset({Role.SUPERVISOR, Role.ADMIN})


async def stop_all(tx: Transaction, actor: Actor, on: bool, now: datetime) -> bool:
    """Stop, or release the stop. False: it was so already. Raises NotAllowed."""
    if actor.kind is not ActorKind.SYSTEM and actor.role not in MAY_STOP:
        raise NotAllowed
    switch = limits.switch_on if on else limits.switch_off
    if not await switch(tx, limits.EMERGENCY_STOP, actor, now):
        return False
    act = "emergency.stopped" if on else "emergency.released"
    await audit.record(tx, actor, act, "everything", now)
    tx.touch("outbox")
    return True


async def is_stopped(tx: Transaction) -> bool:
    return await limits.is_on(tx, limits.EMERGENCY_STOP)
