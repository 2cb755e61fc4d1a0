"""What is owed on any day, from the lender's dated facts.

A snapshot says what was unpaid at its `as_of`. Payments and waivers until then are in it, later
ones come off, oldest due item first. Nothing derived here is stored: a back-dated or reversed
payment gives another answer the next time somebody asks, the same one in whatever order the facts
arrived. Days are dates in the borrower's own zone, amounts minor units of the loan's currency.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from itertools import pairwise

from bot.rules.allocation import Allocation, add, by_due_date
from bot.rules.hindsight import in_hindsight, paid_between
from bot.rules.waiver import settle, waived_between
from storage.records import DueItem, Loan, LoanId, Money, Snapshot


@dataclass(frozen=True, slots=True)
class ItemStanding:
    """One due item: what is left of it, and when it was fully paid.

    `settled_on` is None while something is unpaid, and for an item that the first snapshot
    showing it already called paid.
    """

    left: DueItem
    settled_on: date | None = None

    @property
    def due_date(self) -> date:
        return self.left.due_date

    @property
    def unpaid(self) -> int:
        return self.left.unpaid


@dataclass(frozen=True, slots=True)
class LoanStanding:
    """One loan at the end of `day`. `items`: oldest first, settled ones included.

    `outstanding` is everything owed, items not yet listed included; `credit` is money left over
    when every listed item is paid.
    """

    loan_id: LoanId
    currency: str
    day: date
    items: tuple[ItemStanding, ...]
    outstanding: Money
    credit: Money

    @property
    def unpaid_items(self) -> tuple[ItemStanding, ...]:
        return tuple(item for item in self.items if item.unpaid)

    @property
    def oldest_unpaid(self) -> ItemStanding | None:
        return next((item for item in self.items if item.unpaid), None)

    @property
    def next_due(self) -> ItemStanding | None:
        """The first unpaid item that is not overdue."""
        return next((item for item in self.unpaid_items if item.due_date >= self.day), None)

    @property
    def due(self) -> Money:
        """What should have been paid by the end of `day`: overdue, or due on the day."""
        return self._sum(item for item in self.items if item.due_date <= self.day)

    @property
    def overdue(self) -> Money:
        return self._sum(item for item in self.items if item.due_date < self.day)

    @property
    def due_today(self) -> Money:
        return self._sum(item for item in self.items if item.due_date == self.day)

    @property
    def not_yet_due(self) -> Money:
        """Of the listed items."""
        return self._sum(item for item in self.items if item.due_date > self.day)

    @property
    def due_components(self) -> DueItem:
        """`due` by component, as one item on the oldest unpaid due date (or on `day`)."""
        oldest = self.oldest_unpaid
        total = DueItem(oldest.due_date if oldest else self.day, 0, 0, 0, 0)
        for item in self.items:
            if item.due_date <= self.day:
                total = add(total, item.left)
        return total

    def _sum(self, items: Iterable[ItemStanding]) -> Money:
        return Money(sum(item.unpaid for item in items), self.currency)


@dataclass(frozen=True, slots=True)
class BorrowerStanding:
    """All loans of a borrower on one day. Amounts are by currency and never added across.

    `known`: the later day until which facts were counted, if there is one (`standing`).
    """

    day: date
    loans: tuple[LoanStanding, ...]
    known: date | None = None

    @property
    def oldest_unpaid(self) -> ItemStanding | None:
        """Of all loans; days past due count from it."""
        if len(self.loans) == 1:  # as with most, and asked several times a look
            return self.loans[0].oldest_unpaid
        unpaid = [item for loan in self.loans if (item := loan.oldest_unpaid)]
        return min(unpaid, key=lambda item: item.due_date, default=None)

    @property
    def next_due(self) -> ItemStanding | None:
        upcoming = [item for loan in self.loans if (item := loan.next_due)]
        return min(upcoming, key=lambda item: item.due_date, default=None)

    @property
    def is_due(self) -> bool:
        """Whether anything is `due`."""
        return any(
            item.unpaid and item.due_date <= self.day for loan in self.loans for item in loan.items
        )

    @property
    def due(self) -> dict[str, Money]:
        return self._totals((loan.currency, loan.due) for loan in self.loans)

    @property
    def overdue(self) -> dict[str, Money]:
        return self._totals((loan.currency, loan.overdue) for loan in self.loans)

    @property
    def outstanding(self) -> dict[str, Money]:
        return self._totals((loan.currency, loan.outstanding) for loan in self.loans)

    @staticmethod
    def _totals(amounts: Iterable[tuple[str, Money]]) -> dict[str, Money]:
        totals: dict[str, Money] = {}
        for currency, amount in amounts:
            totals[currency] = totals.get(currency, Money.zero(currency)) + amount
        return {currency: total for currency, total in totals.items() if total}


def borrower_standing(
    loans: Iterable[Loan], day: date, known: date | None = None
) -> BorrowerStanding:
    return BorrowerStanding(day, tuple(standing(loan, day, known) for loan in loans), known)


def standing(loan: Loan, day: date, known: date | None = None) -> LoanStanding:
    """The loan at the end of `day`, judged with all that is known of `day` now.

    `known`: a later day until which facts count already. At the present moment that is the latest
    day anywhere: money is there although the lender's calendar is ahead of the borrower's.
    A day before the first snapshot is answered with that snapshot, which is all there is.
    """
    if not (loan.earlier or loan.payments or loan.waivers):
        return _as_told(loan, day)
    until = day if known is None else max(day, known)
    told = in_hindsight(loan, until)
    base = told[-1]
    since = paid_between(loan.payments, base.as_of, until, until)
    let_go = waived_between(loan.waivers, base.as_of, until)
    paid, waived = settle(base.items, since, let_go, loan.order)
    settled_on = _settled_before(told, loan, until) | paid.settled_on
    owed = base.outstanding - sum(payment.amount for payment in since) - waived
    return LoanStanding(
        loan_id=loan.loan_id,
        currency=loan.currency,
        day=day,
        items=_items(told, paid, settled_on),
        outstanding=Money(max(owed, 0), loan.currency),
        credit=Money(paid.credit, loan.currency),
    )


def _as_told(loan: Loan, day: date) -> LoanStanding:
    """Nothing has happened to it beyond what the only snapshot says."""
    return LoanStanding(
        loan_id=loan.loan_id,
        currency=loan.currency,
        day=day,
        items=tuple(map(ItemStanding, by_due_date(loan.items).values())),
        outstanding=Money(max(loan.outstanding, 0), loan.currency),
        credit=Money.zero(loan.currency),
    )


def _items(
    told: list[Snapshot], paid: Allocation, settled_on: dict[date, date]
) -> tuple[ItemStanding, ...]:
    left = dict(paid.left)
    for snapshot, newer in pairwise(told):
        if snapshot.items is newer.items:  # told again: the last of them is looked at
            continue
        for item in snapshot.items:
            # a due date that passed and is listed no more was paid; a later one was rescheduled
            if item.due_date <= newer.as_of and item.due_date not in left:
                left[item.due_date] = DueItem(item.due_date, 0, 0, 0, 0)
    return tuple(
        ItemStanding(left[due_date], None if left[due_date].unpaid else settled_on.get(due_date))
        for due_date in sorted(left)
    )


def _settled_before(told: list[Snapshot], loan: Loan, day: date) -> dict[date, date]:
    """When the items settled before the newest snapshot were: on the day of the payment or waiver
    that did it, or else on the day of the snapshot that first called them paid."""
    settled_on: dict[date, date] = {}
    for snapshot, newer in pairwise(told):
        if snapshot.items is newer.items:  # nothing was settled, nothing came back
            continue
        unpaid_later = {item.due_date for item in newer.items if item.unpaid}
        for due_date in unpaid_later:
            settled_on.pop(due_date, None)
        gone = [
            item.due_date
            for item in snapshot.items
            if item.unpaid and item.due_date not in unpaid_later
        ]
        if gone:
            between = paid_between(loan.payments, snapshot.as_of, newer.as_of, day)
            let_go = waived_between(loan.waivers, snapshot.as_of, newer.as_of)
            paid, _ = settle(snapshot.items, between, let_go, loan.order)
            for due_date in gone:
                settled_on[due_date] = paid.settled_on.get(due_date, newer.as_of)
    return settled_on
