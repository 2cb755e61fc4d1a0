"""What came of the groups of an experiment, side by side, with the doubt each figure deserves.

Everybody is watched for as many days from the moment they were enrolled, whatever they were sent
then, and only those whose days are over are counted: a group is what somebody was meant to get.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from bot.errors import NotAllowed
from bot.rules.experiment import HELD_OUT, USUAL
from bot.rules.promise import PromiseOutcome
from bot.rules.shares import Difference, Mean, Share, difference, mean, share
from bot.services.reporting import sees_everything
from bot.services.scripts.figures import told
from bot.services.situation import situations_of
from storage import enrolments
from storage.engine import Transaction
from storage.enrolments import Counted, Paid
from storage.records import BorrowerId, Money, StaffMember

DAYS = 30
"""Long enough for a promise to come due, and for money to be known."""
IN_A_CHAT = 5_000
"""So many are counted while others wait for the same database; of more a sample."""
_TOGETHER = 500
_FIRST = (USUAL, HELD_OUT)
_JUDGED = (PromiseOutcome.KEPT, PromiseOutcome.PARTLY_KEPT, PromiseOutcome.BROKEN)


@dataclass(frozen=True, slots=True)
class Group:
    """`enrolled` so far; of these `watched`, whose days are over, are in the figures.

    `contacts` that the bot began and `money`, by currency in minor units, are means a person.
    `kept`: of the promises made in those days that were judged. `paid_more`: the share that paid,
    less that of the usual group; None for that group itself.
    """

    name: str
    enrolled: int
    watched: int
    contacts: Mean | None
    promised: Share | None
    kept: Share | None
    paid: Share | None
    paid_more: Difference | None
    money: Mapping[str, Mean]
    stopped: Share | None
    complained: Share | None


@dataclass(frozen=True, slots=True)
class Comparison:
    """`moved`: how many have been in two groups and are in no figure. `every`: one of so many
    borrowers is watched."""

    experiment: str
    days: int
    moved: int
    every: int
    groups: tuple[Group, ...]


async def everything(
    tx: Transaction, now: datetime, days: int = DAYS, *, most: int | None = None
) -> list[Comparison]:
    """Every experiment there ever was. `most`: of more borrowers take a sample."""
    names = await enrolments.experiments(tx)
    return [await compare(tx, name, now, days, most=most) for name in names]


async def compare(
    tx: Transaction, experiment: str, now: datetime, days: int = DAYS, *, most: int | None = None
) -> Comparison:
    """The usual group first, then whoever is held out, then the variants by their names."""
    enrolled = await enrolments.people(tx, experiment)
    every = 1 if most is None else max(-(-sum(enrolled.values()) // most), 1)
    within = timedelta(days=days)
    people = _by_variant(
        await enrolments.counted(tx, experiment, now=now, within=within, every=every)
    )
    paid = _by_variant(await enrolments.paid(tx, experiment, now=now, within=within, every=every))
    usual = _paid_share(people[USUAL], paid[USUAL])
    groups = []
    for name in sorted(enrolled, key=_place):
        kept = await _kept(tx, people[name], within, now)
        groups.append(_group(name, enrolled[name], people[name], paid[name], kept, usual))
    moved = await enrolments.moved(tx, experiment)
    return Comparison(experiment, days, moved, every, tuple(groups))


def _group(
    name: str,
    enrolled: int,
    people: Sequence[Counted],
    payments: Sequence[Paid],
    kept: Share | None,
    usual: Share | None,
) -> Group:
    of, paid = len(people), _paid_share(people, payments)
    return Group(
        name=name,
        enrolled=enrolled,
        watched=of,
        contacts=mean(Counter(one.contacts for one in people), 0),
        promised=share(sum(one.promised for one in people), of),
        kept=kept,
        paid=paid,
        paid_more=difference(paid, usual) if name != USUAL and paid and usual else None,
        money=_money(payments),
        stopped=share(sum(one.stopped for one in people), of),
        complained=share(sum(one.complained for one in people), of),
    )


def _place(name: str) -> tuple[int, str]:
    return (_FIRST.index(name) if name in _FIRST else len(_FIRST), name)


async def told_to(
    tx: Transaction, member: StaffMember, days: int, now: datetime
) -> list[dict[str, Any]]:
    """The values of the script `report.experiment`, one each. Raises NotAllowed."""
    if not sees_everything(member):
        raise NotAllowed
    return [as_values(one) for one in await everything(tx, now, days, most=IN_A_CHAT)]


def as_values(one: Comparison) -> dict[str, Any]:
    return {
        "experiment": one.experiment,
        "days": one.days,
        "moved": one.moved,
        "every": one.every if one.every > 1 else None,
        "groups": [
            {
                "name": group.name,
                "enrolled": group.enrolled,
                "watched": group.watched,
                "contacts": told_mean(group.contacts),
                "promised": told(group.promised),
                "kept": told(group.kept),
                "paid": told(group.paid),
                "paid_more": told_difference(group.paid_more) if group.paid_more else None,
                "money": told_money(group.money),
                "stopped": told(group.stopped),
                "complained": told(group.complained),
            }
            for group in one.groups
        ],
    }


def told_mean(one: Mean | None) -> str:
    """ "3.2 (2.9–3.5)"; a dash while nothing is known."""
    if one is None:
        return "–"
    bounds = "" if one.low is None else f" ({one.low:.1f}–{one.high:.1f})"
    return f"{one.mean:.1f}{bounds}"


def told_difference(one: Difference) -> str:
    """ "+4% (-1% … +9%)"."""
    return f"{one.value:+.0%} ({one.low:+.0%} … {one.high:+.0%})"


def told_money(some: Mapping[str, Mean]) -> str:
    """ "CNY 120.50 (95.10–150.20)", one for each currency; a dash while nothing is known."""
    return "; ".join(_amount(currency, one) for currency, one in some.items()) or "–"


def _amount(currency: str, one: Mean) -> str:
    def major(minor: float) -> str:
        return str(Money(round(minor), currency).major)

    if one.low is None or one.high is None:
        return f"{currency} {major(one.mean)}"
    return f"{currency} {major(one.mean)} ({major(one.low)}–{major(one.high)})"


def _by_variant(some: Iterable[Any]) -> defaultdict[str, list[Any]]:
    found: defaultdict[str, list[Any]] = defaultdict(list)
    for one in some:
        found[one.variant].append(one)
    return found


def _paid_share(people: Sequence[Counted], payments: Sequence[Paid]) -> Share | None:
    payers = {one.borrower_id for one in payments if one.amount}
    return share(len(payers), len(people))


def _money(payments: Sequence[Paid]) -> dict[str, Mean]:
    counts: defaultdict[str, Counter[int]] = defaultdict(Counter)
    for one in payments:
        counts[one.currency][one.amount] += 1
    found = {currency: mean(some, 0) for currency, some in sorted(counts.items())}
    return {currency: one for currency, one in found.items() if one is not None}


async def _kept(
    tx: Transaction, people: Sequence[Counted], within: timedelta, now: datetime
) -> Share | None:
    since = {one.borrower_id: one.since for one in people if one.promised}
    kept = judged = 0
    for first in range(0, len(since), _TOGETHER):
        some = await situations_of(tx, list(since)[first : first + _TOGETHER], now)
        for borrower_id, situation in some.items():
            begins = since[BorrowerId(borrower_id)]
            for one in situation.facts.promises:
                outcome = situation.judged(one).outcome
                if begins <= one.made_at < begins + within and outcome in _JUDGED:
                    judged += 1
                    kept += outcome is PromiseOutcome.KEPT
    return share(kept, judged)
