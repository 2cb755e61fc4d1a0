"""What an import will do, decided completely before its first batch is staged.

A batch is what one transaction applies, and while it does nobody else writes to SQLite. So batches
are cut by the work that is in them, not by their number of rows.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from itertools import islice
from typing import TypeVar

from bot.services.portfolio.report import Change, Parked
from storage import import_bodies
from storage.portfolio import LoanToApply, NewPayment, Reversal, ToldBorrower, ToldPayment

T = TypeVar("T")

A_BATCH = 12_000
"""Units of work, each a few microseconds: together some tens of milliseconds."""
_BORROWER, _LOAN, _ITEM, _WAITING, _PAYMENT, _REVERSAL, _PARKED = 8, 3, 1, 12, 2, 4, 2


@dataclass(slots=True)
class ImportPlan:
    """Counts are rows of the file; the lists are what has to be written.

    `waiting`: how many parked payments wait for each loan. `changes`: what follows for the past.
    """

    added: int = 0
    changed: int = 0
    unchanged: int = 0
    parked: list[Parked] = field(default_factory=list)
    borrowers: list[ToldBorrower] = field(default_factory=list)
    loans: list[LoanToApply] = field(default_factory=list)
    waiting: Counter[str] = field(default_factory=Counter)
    payments: list[NewPayment] = field(default_factory=list)
    reversals: list[Reversal] = field(default_factory=list)
    to_park: list[ToldPayment] = field(default_factory=list)
    changes: list[Change] = field(default_factory=list)

    @property
    def batch_count(self) -> int:
        """How many `bodies` there will be, about."""
        work = (
            _BORROWER * len(self.borrowers)
            + sum(map(self._work_of_loan, self.loans))
            + _PAYMENT * len(self.payments)
            + _REVERSAL * len(self.reversals)
            + _PARKED * len(self.to_park)
        )
        return work // A_BATCH + 1

    def bodies(self) -> Iterator[str]:
        """The batches to stage, one after the other, as they are written down.

        A borrower's payments stay together, so that they are thanked for at once.
        """
        for borrowers in _batches(self.borrowers, lambda _: _BORROWER):
            yield import_bodies.of_borrowers(borrowers)
        for loans in _batches(self.loans, self._work_of_loan):
            yield import_bodies.of_loans(loans)
        payments = sorted(self.payments, key=_owner)
        for some in _batches(payments, lambda _: _PAYMENT, together=_owner):
            yield import_bodies.of_payments(some)
        for reversals in _batches(self.reversals, lambda _: _REVERSAL):
            yield import_bodies.of_payments(reversals=reversals)
        for parked in _batches(self.to_park, lambda _: _PARKED):
            yield import_bodies.of_payments(parked=parked)

    def _work_of_loan(self, loan: LoanToApply) -> int:
        waiting = self.waiting[loan.told.loan_ref]
        return _LOAN + _ITEM * len(loan.new_items) + _WAITING * waiting


def chunks(items: Iterable[T], size: int) -> Iterator[list[T]]:
    """Lists of `size` items, the last one shorter."""
    rest = iter(items)
    while chunk := list(islice(rest, size)):
        yield chunk


def _owner(payment: NewPayment) -> int:
    return payment.borrower_id


def _batches(
    items: Iterable[T], work: Callable[[T], int], together: Callable[[T], object] = id
) -> Iterator[list[T]]:
    """Cut where the work is enough, but not between neighbours that belong `together`, unless
    they are very many."""
    batch: list[T] = []
    done = 0
    last: object = None
    for item in items:
        group = together(item)
        if done >= A_BATCH and (group != last or done >= 2 * A_BATCH):
            yield batch
            batch, done = [], 0
        batch.append(item)
        done += work(item)
        last = group
    if batch:
        yield batch
