"""Where money goes: to the oldest due item first, and within an item component by component.

The components' order is a choice of the lender. The default is the one most contracts and civil
codes know: what collecting cost, what lateness cost, what lending cost, then what was lent.
Amounts are minor units of one currency.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from storage.records import USUAL_ORDER, Component, DueItem, Order, Payment


@dataclass(frozen=True, slots=True)
class Allocation:
    """Due items after payments: what is left of each, when each was settled, what was too much."""

    left: dict[date, DueItem]
    settled_on: dict[date, date]
    credit: int


def allocate(
    items: Iterable[DueItem], payments: Iterable[Payment], order: Order = USUAL_ORDER
) -> Allocation:
    """Pay `items` with all of `payments`, by due date and by date of payment.

    `left` has every item, oldest first; `settled_on` those that these payments settled.
    """
    left = by_due_date(items)
    paid: dict[date, int] = {}
    settled_on: dict[date, date] = {}
    credit = 0
    unpaid = iter([item for item in left.values() if item.unpaid])
    item = next(unpaid, None)
    room = item.unpaid if item else 0
    for payment in sorted(payments, key=lambda payment: payment.paid_on):
        money = payment.amount
        while money and item is not None:
            part = min(money, room)
            money -= part
            room -= part
            paid[item.due_date] = paid.get(item.due_date, 0) + part
            if not room:
                settled_on[item.due_date] = payment.paid_on
                item = next(unpaid, None)
                room = item.unpaid if item else 0
        credit += money
    for due_date, amount in paid.items():
        left[due_date] = pay(left[due_date], amount, order)
    return Allocation(left, settled_on, credit)


def by_due_date(items: Iterable[DueItem]) -> dict[date, DueItem]:
    """Oldest first; items of one due date are one item."""
    found: dict[date, DueItem] = {}
    for item in sorted(items, key=lambda item: item.due_date):
        same = found.get(item.due_date)
        found[item.due_date] = item if same is None else add(same, item)
    return found


def pay(item: DueItem, amount: int, order: Order = USUAL_ORDER) -> DueItem:
    """`item` after `amount`, which is at most what is unpaid of it."""
    left = {
        Component.FEES: item.fees,
        Component.PENALTY: item.penalty,
        Component.INTEREST: item.interest,
        Component.PRINCIPAL: item.principal,
    }
    for component in order:
        part = min(amount, left[component])
        amount -= part
        left[component] -= part
    return DueItem(
        item.due_date,
        principal=left[Component.PRINCIPAL],
        interest=left[Component.INTEREST],
        penalty=left[Component.PENALTY],
        fees=left[Component.FEES],
    )


def add(one: DueItem, other: DueItem) -> DueItem:
    """Both together, component by component, on the due date of `one`."""
    return DueItem(
        one.due_date,
        one.principal + other.principal,
        one.interest + other.interest,
        one.penalty + other.penalty,
        one.fees + other.fees,
    )
