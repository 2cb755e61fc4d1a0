"""Snapshots as they would have been without the payments reversed since.

A snapshot already counts the payments until its `as_of`. When the bank takes one of them back
later, what it had paid is owed again, on the due dates it had paid. Those are known exactly when
an older snapshot shows the debt before the payment; otherwise they are the likeliest ones.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date

from bot.rules.allocation import by_due_date
from bot.rules.waiver import settle, waived_between
from storage.records import DueItem, Loan, Payment, Snapshot


def in_hindsight(loan: Loan, day: date) -> list[Snapshot]:
    """The snapshots told by `day`, oldest first, without what was reversed by `day`.

    Never empty: a day before the first snapshot gets the first.
    """
    known = [*loan.earlier, Snapshot(loan.as_of, loan.outstanding, loan.items)]
    told = [snapshot for snapshot in known if snapshot.as_of <= day] or known[:1]
    if all(payment.reversed_on is None for payment in loan.payments):
        return told
    hindsight = _Hindsight(told, loan)
    return [hindsight.corrected(index, day) for index in range(len(told))]


def paid_between(payments: Iterable[Payment], start: date, end: date, day: date) -> list[Payment]:
    """Payments of `(start, end]` that are not reversed by `day`."""
    return [
        payment
        for payment in payments
        if start < payment.paid_on <= end and not is_reversed(payment, day)
    ]


def is_reversed(payment: Payment, day: date) -> bool:
    return payment.reversed_on is not None and payment.reversed_on <= day


class _Hindsight:
    """Each snapshot as a later day sees it, without the payments that were reversed by then.

    From one snapshot to the next two worlds live through the same days: the one the newer snapshot
    tells of, and the one without those payments. By what they differ, it is corrected.
    """

    def __init__(self, told: list[Snapshot], loan: Loan) -> None:
        self._told = told
        self._loan = loan
        self._known: dict[tuple[int, date], Snapshot] = {}

    def corrected(self, index: int, day: date) -> Snapshot:
        """The snapshot at `index` without the payments that it counted and `day` knows reversed."""
        key = index, day
        if key not in self._known:
            self._known[key] = self._correct(index, day)
        return self._known[key]

    def _correct(self, index: int, day: date) -> Snapshot:
        snapshot = self._told[index]
        lost = [
            payment
            for payment in self._loan.payments
            if payment.paid_on <= snapshot.as_of
            and is_reversed(payment, day)
            and not is_reversed(payment, snapshot.as_of)
        ]
        if not lost:
            return snapshot
        amount = sum(payment.amount for payment in lost)
        if index == 0:
            guess = [DueItem(_likeliest(snapshot, one), one.amount, 0, 0, 0) for one in lost]
            return _with(snapshot, guess, amount)
        told, without = self._lived(index, snapshot.as_of), self._lived(index, day)
        returned = list(_more_left(without.left, told.left))
        credit = amount - sum(item.unpaid for item in returned) - (without.waived - told.waived)
        new = [item.due_date for item in snapshot.items if item.unpaid and item not in told]
        if credit > 0 and new:
            # something of a new item is left, so all that was left over before went into it
            returned.append(DueItem(min(new), credit, 0, 0, 0))
        owed = max(without.outstanding, 0) - max(told.outstanding, 0)
        return _with(snapshot, returned, owed)

    def _lived(self, index: int, day: date) -> "_Lived":
        """From the snapshot before `index` to that at `index`, as `day` sees these days."""
        start, end = self._told[index - 1].as_of, self._told[index].as_of
        base = self.corrected(index - 1, day)
        came = paid_between(self._loan.payments, start, end, day)
        let_go = waived_between(self._loan.waivers, start, end)
        paid, waived = settle(base.items, came, let_go, self._loan.order)
        owed = base.outstanding - sum(payment.amount for payment in came) - waived
        return _Lived(paid.left, waived, owed)


@dataclass(frozen=True, slots=True)
class _Lived:
    """Where a world arrived: what is left of each item, what was waived, what is outstanding."""

    left: dict[date, DueItem]
    waived: int
    outstanding: int

    def __contains__(self, item: DueItem) -> bool:
        return item.due_date in self.left


def _with(snapshot: Snapshot, returned: list[DueItem], outstanding: int) -> Snapshot:
    items = tuple(by_due_date((*snapshot.items, *returned)).values())
    return replace(snapshot, outstanding=snapshot.outstanding + outstanding, items=items)


def _more_left(some: dict[date, DueItem], fewer: dict[date, DueItem]) -> Iterator[DueItem]:
    for due_date, left in some.items():
        more = _difference(left, fewer[due_date]) if due_date in fewer else left
        if more.unpaid:
            yield more


def _difference(more: DueItem, less: DueItem) -> DueItem:
    return DueItem(
        more.due_date,
        more.principal - less.principal,
        more.interest - less.interest,
        more.penalty - less.penalty,
        more.fees - less.fees,
    )


def _likeliest(snapshot: Snapshot, payment: Payment) -> date:
    """The due date that `payment` most likely paid, where only the snapshot after it is known.

    The oldest item still unpaid if it was due by then, since older ones were settled before it;
    else the last item due by then; else the first one due later, which it paid in advance. With
    no item at all it is owed again from the day of the reversal.
    """
    items = by_due_date(snapshot.items)
    unpaid = [due_date for due_date, item in items.items() if item.unpaid]
    if unpaid and unpaid[0] <= payment.paid_on:
        return unpaid[0]
    due_by_then = [due_date for due_date in items if due_date <= payment.paid_on]
    if due_by_then:
        return due_by_then[-1]
    return min([*unpaid, *items], default=payment.reversed_on or payment.paid_on)
