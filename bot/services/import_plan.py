"""What an import will do, decided completely before its first batch is staged."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import islice
from typing import TypeVar

from bot.services.import_report import Parked
from storage import import_bodies
from storage.portfolio import LoanToApply, NewPayment, Reversal, ToldBorrower, ToldPayment

T = TypeVar("T")

_BORROWERS, _LOANS, _PAYMENTS = 1_000, 1_000, 5_000
"""What one batch applies; each takes a few tens of milliseconds, so that a chat never waits."""


@dataclass(slots=True)
class ImportPlan:
    """Counts are rows of the file; the lists are what has to be written."""

    added: int = 0
    changed: int = 0
    unchanged: int = 0
    parked: list[Parked] = field(default_factory=list)
    borrowers: list[ToldBorrower] = field(default_factory=list)
    loans: list[LoanToApply] = field(default_factory=list)
    payments: list[NewPayment] = field(default_factory=list)
    reversals: list[Reversal] = field(default_factory=list)
    to_park: list[ToldPayment] = field(default_factory=list)

    @property
    def batch_count(self) -> int:
        """How many `bodies` there will be, about."""
        sizes = (
            (len(self.borrowers), _BORROWERS),
            (len(self.loans), _LOANS),
            (len(self.payments), _PAYMENTS),
            (len(self.reversals), _PAYMENTS),
            (len(self.to_park), _PAYMENTS),
        )
        return max(sum(-(-count // size) for count, size in sizes), 1)

    def bodies(self) -> Iterator[str]:
        """The batches to stage, one after the other, as they are written down."""
        for borrowers in chunks(self.borrowers, _BORROWERS):
            yield import_bodies.of_borrowers(borrowers)
        for loans in chunks(self.loans, _LOANS):
            yield import_bodies.of_loans(loans)
        for payments in _by_borrower(self.payments, _PAYMENTS):
            yield import_bodies.of_payments(payments)
        for reversals in chunks(self.reversals, _PAYMENTS):
            yield import_bodies.of_payments(reversals=reversals)
        for parked in chunks(self.to_park, _PAYMENTS):
            yield import_bodies.of_payments(parked=parked)


def chunks(items: Iterable[T], size: int) -> Iterator[list[T]]:
    """Lists of `size` items, the last one shorter."""
    rest = iter(items)
    while chunk := list(islice(rest, size)):
        yield chunk


def _by_borrower(payments: list[NewPayment], size: int) -> Iterator[list[NewPayment]]:
    """About `size` at a time; a borrower's stay together, so that they are thanked for at once."""
    payments = sorted(payments, key=lambda one: one.borrower_id)
    start = 0
    while start < len(payments):
        end = start + size
        while start < end < len(payments) and (
            payments[end].borrower_id == payments[end - 1].borrower_id
        ):
            end += 1
        yield payments[start:end]
        start = end
