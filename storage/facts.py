"""All that is known of some borrowers, read in a few queries however many they are."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from sqlalchemy import and_, exists, select

from storage import accounts, borrowers, conversations, limits, loans, outbox, plans, promises
from storage.engine import Transaction
from storage.prepared import Prepared, listed
from storage.records import BorrowerFacts, BorrowerId, Wishes
from storage.schema import accounts as accounts_table
from storage.schema import borrowers as borrowers_table
from storage.schema import conversations as conversations_table
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
    people = await tx.all(_PEOPLE, borrowers=wanted)
    with_holds, with_stops, with_wishes, with_promises, with_plans = (
        [row.id for row in people if row[_FLAGS + at]] for at in range(len(_SELDOM))
    )
    owed = await loans.of_borrowers(tx, wanted)
    held = await limits.holds_of(tx, with_holds) if with_holds else {}
    stopped = await limits.stopped(tx, with_stops) if with_stops else {}
    wished = await limits.wishes_of(tx, with_wishes) if with_wishes else {}
    promised = await promises.of_borrowers(tx, with_promises) if with_promises else {}
    planned = await plans.of_borrowers(tx, with_plans) if with_plans else {}
    contacts = await outbox.contacts_of(tx, wanted, now - _REMEMBERED)
    facts = {}
    for row in people:
        borrower_id = BorrowerId(row.id)
        some_loans, told_at = owed.get(borrower_id, ((), None))
        account, talk = row[_ACCOUNT:_TALK], row[_TALK:_FLAGS]
        facts[borrower_id] = BorrowerFacts(
            borrower=borrowers.read(row[:_ACCOUNT]),
            account=None if account[0] is None else accounts.read(account),
            loans=some_loans,
            loans_imported_at=told_at,
            holds=held.get(borrower_id, ()),
            stopped_at=stopped.get(borrower_id),
            wishes=wished.get(borrower_id, Wishes()),
            promises=promised.get(borrower_id, ()),
            plans=planned.get(borrower_id, ()),
            conversation=None if talk[0] is None else conversations.read(talk),
            contacts=contacts.get(borrower_id, ()),
        )
    return facts


_SELDOM = (holds, opt_outs, wishes, promises_table, plans_table)
"""What most borrowers have nothing in."""
_ACCOUNT = len(borrowers.COLUMNS)
_TALK = _ACCOUNT + len(accounts.COLUMNS)
_FLAGS = _TALK + len(conversations.COLUMNS)
_PEOPLE = Prepared(
    select(
        *borrowers.COLUMNS,
        *accounts.COLUMNS,
        *conversations.COLUMNS,
        *(exists().where(table.c.borrower_id == borrowers_table.c.id) for table in _SELDOM),
    )
    .outerjoin(
        accounts_table,
        and_(accounts_table.c.borrower_id == borrowers_table.c.id, accounts.VERIFIED),
    )
    .outerjoin(conversations_table, conversations_table.c.borrower_id == borrowers_table.c.id)
    .where(listed(borrowers_table.c.id, "borrowers"))
)
"""Each with the account and the conversation, and whether there is anything of what is seldom."""
