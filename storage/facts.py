"""All that is known of some borrowers, read in a few queries however many they are."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import Row, and_, exists, select

from storage import accounts, borrowers, conversations, limits, loans, outbox, plans, promises
from storage.engine import Transaction
from storage.loans import Glimpse
from storage.prepared import Prepared, listed
from storage.records import (
    BorrowerFacts,
    BorrowerId,
    Contact,
    ConversationState,
    Hold,
    Plan,
    Promise,
    Wishes,
)
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
    known = await read(tx, ids, now)
    return {borrower_id: known.facts_of(borrower_id) for borrower_id in known}


class Sketch(NamedTuple):
    """Somebody with nothing of their own: no promise, plan, hold, stop, wish, contact or words.

    All that is known of them then; a loan is as last told, with payments since. `told_at` as
    `BorrowerFacts.loans_imported_at`.
    """

    borrower_ref: str
    country: str
    timezone: str | None
    consents: bool
    has_account: bool
    is_reachable: bool
    told_at: datetime | None
    loans: tuple[Glimpse, ...]


async def read(tx: Transaction, ids: Iterable[BorrowerId], now: datetime) -> "Known":
    wanted = list(ids)
    people = await tx.all(_PEOPLE, borrowers=wanted)
    with_holds, with_stops, with_wishes, with_promises, with_plans = (
        [BorrowerId(row[0]) for row in people if row[_FLAGS + at]] for at in range(len(_SELDOM))
    )
    return Known(
        {BorrowerId(row[0]): row for row in people},
        loans=await loans.of_borrowers(tx, wanted),
        holds=await limits.holds_of(tx, with_holds) if with_holds else {},
        stopped=await limits.stopped(tx, with_stops) if with_stops else {},
        wishes=await limits.wishes_of(tx, with_wishes) if with_wishes else {},
        promises=await promises.of_borrowers(tx, with_promises) if with_promises else {},
        plans=await plans.of_borrowers(tx, with_plans) if with_plans else {},
        contacts=await outbox.contacts_of(tx, wanted, now - _REMEMBERED),
    )


class Known:
    """Some borrowers as they were read, in the order in which they were found.

    Most are like thousands of others, and a `Sketch` tells which; whoever is asked for by name
    gets their `BorrowerFacts` made.
    """

    def __init__(
        self,
        people: Mapping[BorrowerId, Row[Any]],
        *,
        loans: loans.Told,
        holds: Mapping[BorrowerId, tuple[Hold, ...]],
        stopped: Mapping[BorrowerId, datetime],
        wishes: Mapping[BorrowerId, Wishes],
        promises: Mapping[BorrowerId, tuple[Promise, ...]],
        plans: Mapping[BorrowerId, tuple[Plan, ...]],
        contacts: Mapping[BorrowerId, tuple[Contact, ...]],
    ) -> None:
        self._people, self._loans = people, loans
        self._holds, self._stopped, self._wishes = holds, stopped, wishes
        self._promises, self._plans, self._contacts = promises, plans, contacts

    def __iter__(self) -> Iterator[BorrowerId]:
        return iter(self._people)

    def telegram_id(self, borrower_id: BorrowerId) -> int | None:
        """Of the verified account."""
        found: int | None = self._people[borrower_id][_TELEGRAM]
        return found

    def is_reachable(self, borrower_id: BorrowerId) -> bool:
        """Whether there is a verified account, and messages to it arrive."""
        row = self._people[borrower_id]
        return row[_ACCOUNT] is not None and row[_UNREACHABLE] is None

    def facts_of(self, borrower_id: BorrowerId) -> BorrowerFacts:
        row = self._people[borrower_id]
        account, talk = row[_ACCOUNT:_TALK], row[_TALK:_FLAGS]
        some_loans, told_at = self._loans.of(borrower_id)
        return BorrowerFacts(
            borrower=borrowers.read(row[:_ACCOUNT]),
            account=None if account[0] is None else accounts.read(account),
            loans=some_loans,
            loans_imported_at=told_at,
            holds=self._holds.get(borrower_id, ()),
            stopped_at=self._stopped.get(borrower_id),
            wishes=self._wishes.get(borrower_id, Wishes()),
            promises=self._promises.get(borrower_id, ()),
            plans=self._plans.get(borrower_id, ()),
            conversation=None if talk[0] is None else conversations.read(talk),
            contacts=self._contacts.get(borrower_id, ()),
        )

    def sketch_of(self, borrower_id: BorrowerId) -> Sketch | None:
        """None: there is more to know of them."""
        row = self._people[borrower_id]
        if any(row[_FLAGS:]) or borrower_id in self._contacts or _has_talked(row):
            return None
        seen = self._loans.glimpses(borrower_id)
        if seen is None:
            return None
        return Sketch(
            row[_REF],
            row[_COUNTRY],
            row[_ZONE],
            row[_CONSENT] is not None,
            row[_ACCOUNT] is not None,
            self.is_reachable(borrower_id),
            min((loan.told_at for loan in seen), default=None),
            seen,
        )


def _has_talked(row: Row[Any]) -> bool:
    """Or a person talks to them."""
    return bool(
        row[_STATE] not in (None, ConversationState.BOT)
        or row[_BORROWER_WROTE]
        or row[_PERSON_WROTE]
    )


_SELDOM = (holds, opt_outs, wishes, promises_table, plans_table)
"""What most borrowers have nothing in."""
_ACCOUNT = len(borrowers.COLUMNS)
_TALK = _ACCOUNT + len(accounts.COLUMNS)
_FLAGS = _TALK + len(conversations.COLUMNS)
_AT = {
    column: at
    for at, column in enumerate((*borrowers.COLUMNS, *accounts.COLUMNS, *conversations.COLUMNS))
}
_REF, _COUNTRY, _ZONE, _CONSENT = (
    _AT[borrowers_table.c[name]] for name in ("borrower_ref", "country", "timezone", "consent_at")
)
_TELEGRAM, _UNREACHABLE = (
    _AT[accounts_table.c[name]] for name in ("telegram_id", "unreachable_at")
)
_STATE, _BORROWER_WROTE, _PERSON_WROTE = (
    _AT[conversations_table.c[name]] for name in ("state", "borrower_wrote_at", "person_wrote_at")
)
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
