"""What a plan would be: somebody's wish by the policy's arithmetic, and how it is shown in full.

The same values stand in every message that shows terms, from the proposal to the yes.
"""

from dataclasses import dataclass, replace
from datetime import date
from itertools import pairwise
from typing import Any

from bot.errors import Refusal
from bot.rules.plan import (
    Approval,
    PlanRequest,
    PlanTerms,
    least_down_payment,
    plan_terms,
)
from bot.rules.plan_policy import Frequency, default_policy
from bot.rules.plan_standing import down_payment_until
from bot.services.situation import Situation
from storage.records import Instalment, Interest, Money, Plan

_OTHER_PARTS = (2, 3, 4, 6, 12)
_WEEK = 7


@dataclass(frozen=True, slots=True)
class Wish:
    """How somebody would like to pay: in `parts`, no part above `affordable`, or as `named`.

    Exactly one of the three; `named` parts bring their days with them. The others fall due monthly
    from two weeks on or from `first`, or with `payday` (a day of the month) after each pay-day.
    `down` is paid apart, at once.
    """

    parts: int | None = None
    affordable: Money | None = None
    payday: int | None = None
    down: Money | None = None
    first: date | None = None
    named: tuple[Instalment, ...] = ()

    @property
    def frequency(self) -> Frequency:
        """How far apart; of named parts, what would follow them: a missed one moves to the end."""
        if self.named:
            return _frequency_of(self.named)
        return Frequency.MONTHLY if self.payday is None else Frequency.PAYDAY

    def beginning_on(self, day: date | None, today: date) -> "Wish":
        """The same from a day that was named, if the policy lets a plan begin there."""
        policy = default_policy()
        if day is None or self.payday is not None:
            return self
        if not policy.first_days_min <= (day - today).days <= policy.first_days_max:
            return self
        return replace(self, first=day)


def _frequency_of(named: tuple[Instalment, ...]) -> Frequency:
    days = max(((two.due_date - one.due_date).days for one, two in pairwise(named)), default=_WEEK)
    if days <= _WEEK:
        return Frequency.WEEKLY
    return Frequency.FORTNIGHTLY if days <= 2 * _WEEK else Frequency.MONTHLY


def overdue_in(situation: Situation, currency: str) -> Money:
    """The balance of a plan: what is overdue, or due today."""
    return situation.standing.due.get(currency, Money.zero(currency))


def balance_of(situation: Situation, plan: Plan) -> Money:
    """What a plan would be about by the figures of now."""
    currency = plan.balance.currency
    if plan.covers_all:
        return situation.standing.outstanding.get(currency, Money.zero(currency))
    return overdue_in(situation, currency)


def terms_for(situation: Situation, balance: Money, wish: Wish) -> PlanTerms:
    """The wish by the policy's arithmetic. Raises Refusal with the rule that says no."""
    if balance.minor <= 0:
        raise Refusal("plan.nothing_due")
    if wish.down is not None and not 0 < wish.down.minor < balance.minor:
        raise Refusal("plan.down_unclear", balance=balance)
    try:
        terms = plan_terms(
            PlanRequest(
                balance=balance,
                today=situation.today,
                country=situation.facts.borrower.country,
                frequency=wish.frequency,
                instalments=wish.parts,
                affordable=wish.affordable,
                down_payment=wish.down,
                payday=wish.payday,
                first_date=wish.first,
                named=wish.named,
            )
        )
    except (ValueError, OverflowError):
        raise Refusal("plan.parts_unclear") from None
    if not isinstance(terms, PlanTerms):
        first = terms[0]
        raise Refusal(f"plan.refused_{first.rule}", allowed=first.limit)
    return terms


def with_down_payment(situation: Situation, balance: Money, wish: Wish) -> Wish | None:
    """The same wish with the down payment that lets it start at once; None where none does."""
    down = least_down_payment(balance, default_policy())
    if wish.down is not None or not 0 < down.minor < balance.minor:
        return None
    wish = replace(wish, down=down)
    try:
        terms = terms_for(situation, balance, wish)
    except Refusal:
        return None
    return wish if terms.approval is Approval.AUTOMATIC else None


def alternatives(situation: Situation, plan: Plan) -> list[tuple[int, PlanTerms]]:
    """Other numbers of parts that the policy allows for what is owed now."""
    balance = balance_of(situation, plan)
    found = []
    for parts in _OTHER_PARTS:
        if parts == len(plan.instalments):
            continue
        try:
            found.append((parts, terms_for(situation, balance, Wish(parts=parts))))
        except Refusal:
            continue
    return found


def shown(situation: Situation, plan: Plan) -> dict[str, Any]:
    """A plan in full, for the scripts that show one."""
    currency = plan.balance.currency
    agreed_on = situation.today
    if plan.agreed_at is not None:
        agreed_on = situation.local_time.day(plan.agreed_at)
    down = Money(plan.down_payment, currency) if plan.down_payment else None
    country = situation.facts.borrower.country
    return {
        "balance": plan.balance,
        "down": down,
        "down_by": down_payment_until(agreed_on, country=country) if down else None,
        "frozen": plan.interest is Interest.FREEZE,
        "changes": plan.replaces is not None,
        "instalments": [
            {"number": part.number, "date": part.due_date, "amount": Money(part.amount, currency)}
            for part in plan.instalments
        ],
    }
