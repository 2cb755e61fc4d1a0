"""What an import will do, decided completely before its first batch is staged."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import islice
from typing import TypeVar

from bot.services.import_report import Parked
from storage import import_batches as batches
from storage.portfolio import LoanToApply, PaymentsToApply, ToldBorrower, ToldPayment

T = TypeVar("T")

_BORROWERS, _LOANS, _PAYMENTS = 500, 250, 1_000
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
    payments: list[PaymentsToApply] = field(default_factory=list)
    to_park: list[ToldPayment] = field(default_factory=list)

    @property
    def batch_count(self) -> int:
        """How many `bodies` there will be, about."""
        rows = sum(len(one.new) + len(one.reversals) for one in self.payments)
        sizes = (
            (len(self.borrowers), _BORROWERS),
            (len(self.loans), _LOANS),
            (rows, _PAYMENTS),
            (len(self.to_park), _PAYMENTS),
        )
        return max(sum(-(-count // size) for count, size in sizes), 1)

    def bodies(self) -> Iterator[batches.Body]:
        """The batches to stage, one after the other."""
        for borrowers in chunks(self.borrowers, _BORROWERS):
            yield batches.borrowers_body(borrowers)
        for loans in chunks(self.loans, _LOANS):
            yield batches.loans_body(loans)
        for payments in _by_rows(self.payments, _PAYMENTS):
            yield batches.payments_body(payments)
        for parked in chunks(self.to_park, _PAYMENTS):
            yield batches.payments_body((), parked)


def chunks(items: Iterable[T], size: int) -> Iterator[list[T]]:
    """Lists of `size` items, the last one shorter."""
    rest = iter(items)
    while chunk := list(islice(rest, size)):
        yield chunk


def _by_rows(payments: list[PaymentsToApply], size: int) -> Iterator[list[PaymentsToApply]]:
    """Borrowers whole, as many as have about `size` payments together."""
    some: list[PaymentsToApply] = []
    rows = 0
    for one in payments:
        some.append(one)
        rows += len(one.new) + len(one.reversals)
        if rows >= size:
            yield some
            some, rows = [], 0
    if some:
        yield some
