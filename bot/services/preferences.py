"""What borrowers choose for themselves: their language."""

from datetime import datetime

from storage import accounts, audit
from storage.engine import Transaction
from storage.records import Actor


async def set_language(
    tx: Transaction, actor: Actor, telegram_id: int, language: str, now: datetime
) -> None:
    """From now on everything to this account is said in `language`, a tag of the library."""
    await accounts.set_language(tx, telegram_id, language)
    await audit.record(tx, actor, "language.chosen", str(actor), now, language=language)
