"""What a rehearsal led to: when people were written to, which promises held, what was recovered.

Counted from the diaries and the invented lender's own books, so the figures do not rest on what
the bot believes; only the outcome of a promise is the bot's judgement.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from random import Random

from bot.rehearsal.acts import zone_of
from bot.rehearsal.population import Invented
from bot.rehearsal.trials import every_group
from bot.rules.promise import PromiseOutcome
from bot.rules.shares import Share, share
from bot.services.situation import situations_of
from storage.engine import Transaction
from storage.records import BorrowerId

_DRAWN_AGAIN = 1000
_TAIL = 25  # of a thousand, on each side: 95 % lie between


@dataclass(frozen=True, slots=True)
class Recovery:
    """Of what was not paid on its day, the share paid since: the mean over borrowers.

    Every borrower counts alike, whatever their currency. `low` and `high` bound the mean with 95 %
    (bootstrap over borrowers).
    """

    borrowers: int
    share: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Promises:
    """By outcome; `kept`: of those that were judged, withdrawn and superseded ones left out."""

    by_outcome: dict[str, int]
    kept: Share | None


@dataclass(frozen=True, slots=True)
class GroupOutcome:
    """What came of one group of an experiment. `contacts`: that the bot began."""

    experiment: str
    group: str
    borrowers: int
    contacts: int
    promises: Promises
    recovery: Recovery | None


async def by_group(
    tx: Transaction, people: Sequence[Invented], start: date, end: datetime, seed: int
) -> tuple[GroupOutcome, ...]:
    """Every group that somebody is in; none without experiments."""
    found = []
    for experiment, group in every_group([who.diary.trial for who in people]):
        some = [who for who in people if (experiment, group) in who.diary.trial.groups]
        found.append(
            GroupOutcome(
                experiment,
                group,
                len(some),
                sum(one.automated for who in some for one in who.diary.arrived),
                await promises(tx, some, end),
                recovery(some, start, end.date(), seed),
            )
        )
    return tuple(found)


def contacts_by_hour(people: Iterable[Invented]) -> dict[tuple[date, int], int]:
    """What the bot started, by the borrower's local day and hour."""
    found: Counter[tuple[date, int]] = Counter()
    for who in people:
        zone = zone_of(who)
        for one in who.diary.arrived:
            if one.automated:
                local = one.at.astimezone(zone)
                found[local.date(), local.hour] += 1
    return dict(sorted(found.items()))


def recovery(people: Sequence[Invented], start: date, end: date, seed: int) -> Recovery | None:
    """Of what was overdue at `start` or became so before `end`; None when nothing was."""
    shares = [part for who in people if (part := _recovered(who, start, end)) is not None]
    if not shares:
        return None
    chance = Random(f"{seed}:recovery")
    means = sorted(
        sum(chance.choices(shares, k=len(shares))) / len(shares) for _ in range(_DRAWN_AGAIN)
    )
    return Recovery(
        borrowers=len(shares),
        share=sum(shares) / len(shares),
        low=means[_TAIL],
        high=means[-_TAIL - 1],
    )


def _recovered(who: Invented, start: date, end: date) -> float | None:
    """The share of one borrower; None when they were never late."""
    late = left = 0
    for debt in who.debts:
        at_the_end = {item.due_date: item.amount for item in debt.unpaid(on=end)}
        for item in debt.items:
            if item.due_date >= end:
                continue
            that_day = max(item.due_date, start)
            unpaid = next(
                (one.amount for one in debt.unpaid(on=that_day) if one.due_date == item.due_date), 0
            )
            late += unpaid
            left += min(at_the_end.get(item.due_date, 0), unpaid)
    return None if not late else (late - left) / late


async def promises(tx: Transaction, people: Iterable[Invented], end: datetime) -> Promises:
    """How the promises of the rehearsal stand at its end."""
    ids = [BorrowerId(who.borrower_id) for who in people]
    outcomes: Counter[PromiseOutcome] = Counter()
    for situation in (await situations_of(tx, ids, end)).values():
        outcomes.update(situation.judged(one).outcome for one in situation.facts.promises)
    judged = [PromiseOutcome.KEPT, PromiseOutcome.PARTLY_KEPT, PromiseOutcome.BROKEN]
    return Promises(
        by_outcome={one.value: outcomes[one] for one in PromiseOutcome},
        kept=share(outcomes[PromiseOutcome.KEPT], sum(outcomes[one] for one in judged)),
    )
