"""All that is known of some borrowers, read in a few queries however many they are."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from storage import accounts, borrowers, conversations, limits, loans, outbox, plans, promises
from storage.engine import Transaction
from storage.records import BorrowerFacts, BorrowerId, Wishes

_REMEMBERED = timedelta(days=8)
"""The longest window of a cap is 168 h; one day more covers every zone."""


async def of(tx: Transaction, borrower_id: BorrowerId, now: datetime) -> BorrowerFacts | None:
    return (await of_borrowers(tx, [borrower_id], now)).get(borrower_id)


async def of_borrowers(
    tx: Transaction, ids: Iterable[BorrowerId], now: datetime
) -> dict[BorrowerId, BorrowerFacts]:
    """Facts of each borrower that exists."""
    wanted = list(ids)
    found = await borrowers.many(tx, wanted)
    linked = await accounts.verified(tx, wanted)
    owed = await loans.of_borrowers(tx, wanted)
    held = await limits.holds_of(tx, wanted)
    stopped = await limits.stopped(tx, wanted)
    wished = await limits.wishes_of(tx, wanted)
    promised = await promises.of_borrowers(tx, wanted)
    planned = await plans.of_borrowers(tx, wanted)
    talks = await conversations.of_borrowers(tx, wanted)
    contacts = await outbox.contacts_of(tx, wanted, now - _REMEMBERED)
    facts = {}
    for borrower_id, borrower in found.items():
        some_loans, told_at = owed.get(borrower_id, ((), None))
        facts[borrower_id] = BorrowerFacts(
            borrower=borrower,
            account=linked.get(borrower_id),
            loans=some_loans,
            loans_imported_at=told_at,
            holds=held.get(borrower_id, ()),
            stopped_at=stopped.get(borrower_id),
            wishes=wished.get(borrower_id, Wishes()),
            promises=promised.get(borrower_id, ()),
            plans=planned.get(borrower_id, ()),
            conversation=talks.get(borrower_id),
            contacts=contacts.get(borrower_id, ()),
        )
    return facts
