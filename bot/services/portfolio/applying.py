"""Applying what was accepted: batch after batch, each in a short transaction with a pause after it.

It does not matter who does it. The import that was accepted goes on at once; if its process dies,
the next start or the next import brings it to its end, once.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime, timedelta
from time import monotonic

from storage import import_batches, imports, neighbours
from storage.engine import Storage, Transaction
from storage.portfolio import Accepted, NewPayment
from storage.records import BorrowerId, Money

THANKED_WITHIN = timedelta(days=7)
"""An older payment is history being imported; nobody is thanked for that."""

_REST = 1.5
_LEAST_REST_S = 0.002
"""Beside a bot on the same SQLite file it rests longer than it works; see `storage.neighbours`."""

OnPayment = Callable[[Transaction, BorrowerId, str, Money, datetime], Awaitable[None]]
"""Is told, in the transaction that applies it, what a verified borrower paid: once for each
currency, with the first payment's reference and the sum of all."""

OnProgress = Callable[[str, float], None]
"""Is told the step ("reading", "checking", "staging", "applying") and its share done, 0 to 1."""


def silently(_step: str, _share: float) -> None:
    """For whoever shows no progress."""


async def finish_accepted(
    storage: Storage, on_payment: OnPayment, now: datetime, on_progress: OnProgress = silently
) -> int:
    """Apply what is left of accepted imports; returns how many there were.

    Safe to call in several processes at once: they share the batches.
    """
    finished = 0
    while (accepted := await _unapplied(storage)) is not None:
        total = 0
        while (left := await _apply_next(storage, accepted, on_payment, now)) is not None:
            total = max(total, left)
            on_progress("applying", 1 - (left - 1) / total)
        finished += 1
    return finished


async def _unapplied(storage: Storage) -> Accepted | None:
    async with storage.reading() as tx:
        return await imports.unapplied(tx)


async def _apply_next(
    storage: Storage, accepted: Accepted, on_payment: OnPayment, now: datetime
) -> int | None:
    """Apply one batch and say how many there were; None when there was none."""
    async with storage.reading() as tx:
        following = await imports.next_batch(tx, accepted.import_id)
    started = monotonic()
    async with storage.transaction() as tx:
        if following is None:
            await imports.finish(tx, accepted.import_id, now)
            return None
        number, left = following
        applied = await import_batches.apply(tx, accepted, number, now)
        if applied is not None:
            await _tell_of_payments(tx, applied.payments, on_payment, now)
    await rest(storage, monotonic() - started)
    return left


async def rest(storage: Storage, worked: float) -> None:
    """Give others their turn after a transaction of `worked` seconds."""
    beside_bot = neighbours.bot_at_work(storage.url)
    await asyncio.sleep(max(_REST * worked, _LEAST_REST_S) if beside_bot else 0)


async def _tell_of_payments(
    tx: Transaction, payments: Sequence[NewPayment], on_payment: OnPayment, now: datetime
) -> None:
    since = (now - THANKED_WITHIN).date()
    paid: dict[tuple[BorrowerId, str], tuple[str, Money]] = {}
    for one in payments:
        if one.reversed_on is None and one.paid_on >= since:
            key = one.borrower_id, one.currency
            ref, total = paid.get(key, (one.payment_ref, Money.zero(one.currency)))
            paid[key] = ref, total + Money(one.amount, one.currency)
    for (borrower_id, _), (ref, total) in paid.items():
        await on_payment(tx, borrower_id, ref, total, now)
