"""Snapshots as they would have been without the payments reversed since.

A snapshot already counts the payments until its `as_of`. When the bank takes one of them back
later, what it had paid is owed again, on the due dates it had paid. Those are known exactly when
an older snapshot shows the debt before the payment; otherwise they are the likeliest ones.
"""

from collections.abc import Iterable
from dataclasses import replace
from datetime import date

from bot.rules.allocation import Order, allocate, by_due_date
from storage.records import DueItem, Loan, Payment, Snapshot


def in_hindsight(loan: Loan, day: date, order: Order) -> list[Snapshot]:
    """The snapshots told by `day`, oldest first, without what was reversed by `day`.

    Never empty: a day before the first snapshot gets the first.
    """
    known = [*loan.earlier, Snapshot(loan.as_of, loan.outstanding, loan.items)]
    told = [snapshot for snapshot in known if snapshot.as_of <= day] or known[:1]
    if all(payment.reversed_on is None for payment in loan.payments):
        return told
    hindsight = _Hindsight(told, loan.payments, order)
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
    def __init__(self, told: list[Snapshot], payments: tuple[Payment, ...], order: Order) -> None:
        self._told = told
        self._payments = payments
        self._order = order

    def corrected(self, index: int, day: date) -> Snapshot:
        """A snapshot as it would have been without the payments reversed between it and `day`."""
        snapshot = self._told[index]
        as_of = snapshot.as_of
        counted = [
            payment
            for payment in self._payments
            if payment.paid_on <= as_of and not is_reversed(payment, as_of)
        ]
        returned: list[DueItem] = []
        # the last one first: what is known from before it still counts all earlier ones
        for payment in sorted(counted, key=lambda payment: payment.paid_on, reverse=True):
            if is_reversed(payment, day):
                others = [other for other in counted if other is not payment]
                returned += self._paid_by(payment, index, counted, others)
                counted = others
        if not returned:
            return snapshot
        return replace(
            snapshot,
            outstanding=snapshot.outstanding + sum(item.unpaid for item in returned),
            items=tuple(by_due_date((*snapshot.items, *returned)).values()),
        )

    def _paid_by(
        self, payment: Payment, index: int, counted: list[Payment], others: list[Payment]
    ) -> list[DueItem]:
        """The parts of due items that `payment` paid before the snapshot at `index`.

        With an older snapshot from before the payment: the difference between allocating all
        payments that counted and only the others. What that does not explain was credit, unless
        the newer snapshot lists due dates that the older one did not know.
        """
        newest = self._told[index]
        older = [at for at in range(index) if self._told[at].as_of < payment.paid_on]
        if not older:
            return [DueItem(_likeliest(newest, payment), payment.amount, 0, 0, 0)]
        before = self.corrected(older[-1], newest.as_of)
        with_it = allocate(before.items, _later(counted, before), self._order).left
        without_it = allocate(before.items, _later(others, before), self._order).left
        parts = [_difference(without_it[due_date], left) for due_date, left in with_it.items()]
        rest = payment.amount - sum(part.unpaid for part in parts)
        if rest and any(item.due_date not in with_it for item in newest.items):
            parts.append(DueItem(_likeliest(newest, payment), rest, 0, 0, 0))
        return [part for part in parts if part.unpaid]


def _later(payments: list[Payment], snapshot: Snapshot) -> list[Payment]:
    return [payment for payment in payments if payment.paid_on > snapshot.as_of]


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
