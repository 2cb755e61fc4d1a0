"""Waivers: parts of a debt that two people of the lender let go, and what is left after them.

A waiver counts from its own day on, like a payment: what a snapshot of that day or later says has
it in it already. It takes its component off the oldest due items. If money that is told of only
later had paid that component before, this money pays something else instead, so a waiver that a
borrower was told of is never worth less than was said.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date
from enum import StrEnum
from functools import cache
from importlib.resources import files
from typing import Annotated

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, PositiveInt

from bot.rules.allocation import Allocation, allocate, by_due_date
from bot.rules.data_file import read_data_file
from storage.records import Component, DueItem, Money, Order, Payment, Waiver


def _component(value: object) -> object:
    if isinstance(value, str) and value in set(Component):
        return Component(value)
    raise ValueError(f"one of {', '.join(Component)}")


class WaiverPolicy(BaseModel):
    """See waivers.yaml for what each line means."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    components: Annotated[
        list[Annotated[Component, BeforeValidator(_component)]], Field(min_length=1)
    ]
    decided_within_hours: PositiveInt


class WaiverRefusal(StrEnum):
    """Why a waiver cannot be proposed, the first of these that applies."""

    NOT_WAIVABLE = "not_waivable"
    NOTHING_OWED = "nothing_owed"
    NOT_POSITIVE = "not_positive"
    MORE_THAN_OWED = "more_than_owed"


def refusal(
    component: Component, amount: Money, *, owed: Money, policy: WaiverPolicy | None = None
) -> WaiverRefusal | None:
    """Why `amount` of a component cannot be waived; None when it can.

    `owed`: what is unpaid of the component on the loan, in its currency, as `amount` is.
    """
    policy = policy or default_policy()
    if component not in policy.components:
        return WaiverRefusal.NOT_WAIVABLE
    if owed.minor <= 0:
        return WaiverRefusal.NOTHING_OWED
    if amount.minor <= 0:
        return WaiverRefusal.NOT_POSITIVE
    return WaiverRefusal.MORE_THAN_OWED if amount > owed else None


def waived_between(waivers: Iterable[Waiver], start: date, end: date) -> list[Waiver]:
    """Waivers of `(start, end]`, in the order in which they count."""
    found = [one for one in waivers if start < one.waived_on <= end]
    return sorted(found, key=lambda one: (one.waived_on, one.waiver_id))


def settle(
    items: Iterable[DueItem],
    payments: Sequence[Payment],
    waivers: Sequence[Waiver],
    order: Order,
) -> tuple[Allocation, int]:
    """`items` after payments and waivers day by day, and by how much waivers lessened them.

    Of one day payments come first, for a waiver is about what they left.
    """
    if not waivers:
        return allocate(items, payments, order), 0
    course = _Course(items, order)
    done = date.min
    for waiver in waivers:
        course.receive(one for one in payments if done < one.paid_on <= waiver.waived_on)
        course.let_go(waiver)
        done = waiver.waived_on
    course.receive(one for one in payments if done < one.paid_on)
    return Allocation(course.left, course.settled_on, course.credit), course.waived


@cache
def default_policy() -> WaiverPolicy:
    source = files("bot.rules") / "waivers.yaml"
    return read_data_file(source.read_text("utf-8"), "waivers.yaml", WaiverPolicy)


class _Course:
    """Due items lived through in the order of what happened to them."""

    def __init__(self, items: Iterable[DueItem], order: Order) -> None:
        self.left = by_due_date(items)
        self.settled_on: dict[date, date] = {}
        self.credit = 0
        self.waived = 0
        self._order = order
        self._told = {one: self._sum(one) for one in Component}
        self._gone = dict.fromkeys(Component, 0)

    def receive(self, payments: Iterable[Payment]) -> None:
        paid = allocate(self.left.values(), payments, self._order)
        self.left = paid.left
        self.settled_on |= paid.settled_on
        self.credit += paid.credit

    def let_go(self, waiver: Waiver) -> None:
        rest = waiver.amount
        for due_date, item in self.left.items():
            part = min(rest, getattr(item, waiver.component))
            if part:
                rest -= part
                lessened = getattr(item, waiver.component) - part
                self.left[due_date] = replace(item, **{str(waiver.component): lessened})
                if not self.left[due_date].unpaid:
                    self.settled_on[due_date] = waiver.waived_on
        paid_before = self._told[waiver.component] - self._gone[waiver.component]
        paid_before -= self._sum(waiver.component) + waiver.amount - rest
        freed = min(rest, max(paid_before, 0))
        if freed:
            self.receive([Payment("", freed, waiver.waived_on)])
        counted = waiver.amount - rest + freed
        self._gone[waiver.component] += counted
        self.waived += counted

    def _sum(self, component: Component) -> int:
        return sum(getattr(item, component) for item in self.left.values())
