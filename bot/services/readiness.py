"""What operators and the clock of a demo need to know: is the database there, what comes next."""

from dataclasses import dataclass
from datetime import datetime

from bot.services.cases import handoff
from storage import inbox, outbox, schedule
from storage.engine import Transaction


@dataclass(frozen=True, slots=True)
class Traffic:
    """Rows by status, and how many wait unhandled."""

    inbox: dict[str, int]
    outbox: dict[str, int]


async def next_due_at(tx: Transaction, now: datetime) -> datetime | None:
    """The next moment after `now` at which something is planned to happen by itself."""
    moments = [
        await schedule.next_due_at(tx, now),
        await outbox.next_due_at(tx, now),
        await handoff.next_due_at(tx, now),
    ]
    return min((moment for moment in moments if moment is not None), default=None)


async def traffic(tx: Transaction) -> Traffic:
    return Traffic(await inbox.counts(tx), await outbox.counts(tx))
