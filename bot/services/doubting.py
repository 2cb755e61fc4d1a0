"""What may or may not have arrived: never sent again, counted against the caps, listed here."""

from datetime import datetime, timedelta

from storage import doubts
from storage.doubts import Doubt
from storage.engine import Transaction


async def in_doubt(tx: Transaction, days: int, now: datetime) -> list[Doubt]:
    """Messages of the last `days` days that are unknown, the oldest first."""
    return await doubts.since(tx, now - timedelta(days=days))
