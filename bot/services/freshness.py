"""Whether the balances are fresh enough to speak of, and when they no longer will be.

The contact policy holds back what would speak of a stale balance, one borrower at a time and
without a word. Here the whole portfolio is looked at, so that a person hears when files stop.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.rules.presets import policy_for
from bot.rules.zones import load_zone, zones_of
from bot.services.office import Office
from bot.services.situation import described_at
from storage import balances
from storage.engine import Transaction


@dataclass(frozen=True, slots=True)
class Freshness:
    """Of all loans with something owed. `stale`: how many have a balance older than the limit.

    `oldest`: the instant the oldest balance describes. `until`: when the next ones grow stale.
    """

    loans: int
    stale: int
    oldest: datetime | None = None
    until: datetime | None = None


async def freshness(tx: Transaction, office: Office, now: datetime) -> Freshness:
    """The limit is `balance_hours` of the country's preset and the deployment's."""
    loans = stale = 0
    described: list[datetime] = []
    ends: list[datetime] = []
    for told in await balances.owing(tx):
        zone = load_zone(told.timezone or zones_of(told.country)[0])
        at = described_at(told.as_of, told.told_at, zone)
        limit = timedelta(hours=policy_for(told.country, *office.presets).balance_hours)
        loans += told.loans
        described.append(at)
        if now - at > limit:
            stale += told.loans
        else:
            ends.append(at + limit)
    return Freshness(loans, stale, min(described, default=None), min(ends, default=None))


async def waiting_payments(tx: Transaction, limit: int) -> balances.Waiting:
    """Payments whose loan nobody has told of; they count once it arrives."""
    return await balances.waiting(tx, limit)
