"""The stretches of time that a restore cannot know about: from a backup until it was put back.

Kept as dated facts among the switches. What began before such a stretch ended may have left
already, though no row of this database says so.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import bindparam, insert, select

from storage.engine import Transaction
from storage.prepared import Prepared
from storage.records import Actor
from storage.schema import switches

_NAME = "restored"
_REMEMBERED = timedelta(days=60)
"""Longer than any step of a strategy is valid."""
_STRETCHES = Prepared(
    select(switches.c.on_at, switches.c.off_at).where(
        switches.c.name == _NAME, switches.c.off_at > bindparam("since")
    )
)


@dataclass(frozen=True, slots=True)
class Stretch:
    """Half-open, UTC: `[start, end)`."""

    start: datetime
    end: datetime

    def may_hold(self, begins: datetime, ends: datetime) -> bool:
        """Whether something valid in `[begins, ends)` may have been done in it."""
        return begins < self.end and ends > self.start


async def note(tx: Transaction, stretch: Stretch, actor: Actor) -> None:
    await tx.execute(
        insert(switches).values(
            name=_NAME,
            on_at=stretch.start,
            on_by=str(actor),
            off_at=stretch.end,
            off_by=str(actor),
        )
    )


async def stretches(tx: Transaction, now: datetime) -> list[Stretch]:
    """Those that can still matter; nearly always none."""
    rows = await tx.all(_STRETCHES, since=now - _REMEMBERED)
    return [Stretch(row.on_at, row.off_at) for row in rows]
