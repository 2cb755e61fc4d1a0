"""All that is known of some borrowers, read in a few queries however many they are."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from sqlalchemy import literal, select, union_all

from storage import accounts, borrowers, conversations, limits, loans, outbox, plans, promises
from storage.engine import Transaction
from storage.prepared import Prepared, listed
from storage.records import BorrowerFacts, BorrowerId, Wishes
from storage.schema import holds, opt_outs, wishes
from storage.schema import plans as plans_table
from storage.schema import promises as promises_table

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
    with_some = await _with_some(tx, wanted)
    held = await limits.holds_of(tx, some) if (some := with_some[holds.name]) else {}
    stopped = await limits.stopped(tx, some) if (some := with_some[opt_outs.name]) else {}
    wished = await limits.wishes_of(tx, some) if (some := with_some[wishes.name]) else {}
    promised = (
        await promises.of_borrowers(tx, some) if (some := with_some[promises_table.name]) else {}
    )
    planned = await plans.of_borrowers(tx, some) if (some := with_some[plans_table.name]) else {}
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


_SELDOM = (holds, opt_outs, wishes, promises_table, plans_table)
"""What most borrowers have nothing in."""
_WITH_SOME = Prepared(
    union_all(
        *(
            select(literal(table.name).label("name"), table.c.borrower_id).where(
                listed(table.c.borrower_id, "borrowers")
            )
            for table in _SELDOM
        )
    )
)


async def _with_some(tx: Transaction, wanted: list[BorrowerId]) -> dict[str, set[BorrowerId]]:
    """Who has anything in each of these tables: one question in place of five."""
    found: dict[str, set[BorrowerId]] = {table.name: set() for table in _SELDOM}
    for row in await tx.all(_WITH_SOME, borrowers=wanted):
        found[row.name].add(BorrowerId(row.borrower_id))
    return found
