"""Promises to pay: which may be made, and what became of one.

An outcome is derived from payments whenever somebody asks, so a late file or a reversed payment
corrects it by itself. Amounts are exact; days are the borrower's local dates.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from functools import cache
from importlib.resources import files

from pydantic import BaseModel, ConfigDict, NonNegativeInt, PositiveInt

from bot.rules import business_days
from bot.rules.data_file import read_data_file
from bot.rules.hindsight import is_reversed
from bot.rules.local_time import LocalTime
from storage.currencies import MINOR_DIGITS
from storage.records import Loan, Money, Payment, Promise


class PromisePolicy(BaseModel):
    """See promises.yaml for what each number means."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    horizon_days: PositiveInt
    tolerance_business_days: NonNegativeInt
    tolerance_percent: NonNegativeInt
    tolerance_least_minor: NonNegativeInt
    tolerance_most_major: NonNegativeInt
    broken_window_days: PositiveInt
    broken_to_person: PositiveInt


class PromiseRefusal(StrEnum):
    """Why a promise cannot be made, the first of these that applies."""

    NOTHING_OWED = "nothing_owed"
    OTHER_CURRENCY = "other_currency"
    NOT_POSITIVE = "not_positive"
    MORE_THAN_OWED = "more_than_owed"
    PAST = "past"
    TOO_FAR = "too_far"


class PromiseOutcome(StrEnum):
    OPEN = "open"
    KEPT = "kept"
    PARTLY_KEPT = "partly_kept"
    BROKEN = "broken"
    WITHDRAWN = "withdrawn"
    SUPERSEDED = "superseded"


@dataclass(frozen=True, slots=True)
class Judgement:
    """What became of a promise by some day. `window_end`: the last day on which money counts."""

    outcome: PromiseOutcome
    paid: Money
    window_end: date


def refusal(
    amount: Money, due_date: date, *, owed: Money, today: date, policy: PromisePolicy | None = None
) -> PromiseRefusal | None:
    """Why `amount` cannot be promised for `due_date`; None when it can.

    `owed`: everything owed in the promise's scope (one loan, or all in one currency).
    """
    policy = policy or default_policy()
    if owed.minor <= 0:
        return PromiseRefusal.NOTHING_OWED
    if amount.currency != owed.currency:
        return PromiseRefusal.OTHER_CURRENCY
    if amount.minor <= 0:
        return PromiseRefusal.NOT_POSITIVE
    if amount > owed:
        return PromiseRefusal.MORE_THAN_OWED
    if due_date < today:
        return PromiseRefusal.PAST
    if due_date > today + timedelta(days=policy.horizon_days):
        return PromiseRefusal.TOO_FAR
    return None


def allowed_days(today: date, policy: PromisePolicy | None = None) -> tuple[date, ...]:
    """Every day that may be promised, today first."""
    policy = policy or default_policy()
    return tuple(today + timedelta(days=ahead) for ahead in range(policy.horizon_days + 1))


def judge(
    promise: Promise,
    payments: Iterable[Payment],
    day: date,
    *,
    country: str,
    local_time: LocalTime,
    policy: PromisePolicy | None = None,
    known: date | None = None,
) -> Judgement:
    """What became of `promise` by the end of `day`.

    `payments`: those of its scope (`payments_in_scope`); `known`: a later day until which they
    count already, as in `bot.rules.ledger.standing`. A promise withdrawn or superseded while
    it was open counts as kept if what was paid before that day was enough.
    """
    policy = policy or default_policy()
    window_end = _window_end(promise, country, policy)
    until = day if known is None else max(day, known)
    ended = _ended(promise, local_time, min(day, window_end))
    last = min(until, window_end) if ended is None else ended[0] - timedelta(days=1)
    made_on = local_time.day(promise.made_at)
    paid = sum(
        payment.amount
        for payment in payments
        if made_on <= payment.paid_on <= last and not is_reversed(payment, until)
    )
    return Judgement(
        outcome=_outcome(promise, paid, ended, is_over=day > window_end, policy=policy),
        paid=Money(paid, promise.amount.currency),
        window_end=window_end,
    )


def payments_in_scope(promise: Promise, loans: Iterable[Loan]) -> tuple[Payment, ...]:
    """Payments of the promise's loan, or of all loans in its currency.

    What was known when it was made is not what was promised, though it may be of the same day.
    """
    return tuple(
        payment
        for loan in loans
        if (
            loan.currency == promise.amount.currency
            if promise.loan_id is None
            else loan.loan_id == promise.loan_id
        )
        for payment in loan.payments
        if not payment.was_known_at(promise.made_at)
    )


def broken_lately(
    promises: Iterable[Promise],
    loans: tuple[Loan, ...],
    day: date,
    *,
    country: str,
    local_time: LocalTime,
    policy: PromisePolicy | None = None,
) -> int:
    """How many promises broke within the last days that are remembered, `day` included."""
    policy = policy or default_policy()
    forgotten = day - timedelta(days=policy.broken_window_days)
    count = 0
    for promise in promises:
        judged = judge(
            promise,
            payments_in_scope(promise, loans),
            day,
            country=country,
            local_time=local_time,
            policy=policy,
        )
        broke_on = judged.window_end + timedelta(days=1)
        count += judged.outcome is PromiseOutcome.BROKEN and broke_on > forgotten
    return count


def tolerance(amount: Money, policy: PromisePolicy | None = None) -> Money:
    """What may be missing of a kept promise over `amount`."""
    policy = policy or default_policy()
    most = policy.tolerance_most_major * 10 ** MINOR_DIGITS[amount.currency]
    share = amount.share(policy.tolerance_percent).minor
    return Money(min(max(share, policy.tolerance_least_minor), most), amount.currency)


@cache
def default_policy() -> PromisePolicy:
    source = files("bot.rules") / "promises.yaml"
    return read_data_file(source.read_text("utf-8"), "promises.yaml", PromisePolicy)


def _window_end(promise: Promise, country: str, policy: PromisePolicy) -> date:
    return business_days.add(country, promise.due_date, policy.tolerance_business_days)


def _ended(
    promise: Promise, local_time: LocalTime, latest: date
) -> tuple[date, PromiseOutcome] | None:
    """The day a promise was taken back or replaced, by `latest` and while it was open."""
    ends = [
        (local_time.day(at), outcome)
        for at, outcome in (
            (promise.withdrawn_at, PromiseOutcome.WITHDRAWN),
            (promise.superseded_at, PromiseOutcome.SUPERSEDED),
        )
        if at is not None
    ]
    return min((end for end in ends if end[0] <= latest), default=None)


def _outcome(
    promise: Promise,
    paid: int,
    ended: tuple[date, PromiseOutcome] | None,
    *,
    is_over: bool,
    policy: PromisePolicy,
) -> PromiseOutcome:
    if paid > 0 and paid >= promise.amount.minor - tolerance(promise.amount, policy).minor:
        return PromiseOutcome.KEPT
    if ended is not None:
        return ended[1]
    if not is_over:
        return PromiseOutcome.OPEN
    return PromiseOutcome.PARTLY_KEPT if paid else PromiseOutcome.BROKEN
