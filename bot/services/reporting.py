"""The report: what the bot and its people did lately, each share with its count and its doubt.

Supervisors and those who check see everything; a collector sees what is their own and the queue.
"""

from collections import Counter
from datetime import datetime, timedelta
from typing import Any

from bot.errors import NotAllowed
from bot.rules.promise import PromiseOutcome
from bot.rules.qa import points_percent
from bot.rules.shares import Mean, Share, mean, share
from bot.services.scripts.figures import WITHIN, told
from bot.services.situation import situations_of
from storage import qa, ratings, reports
from storage.engine import Transaction
from storage.records import Role, StaffMember
from storage.reports import HeldOut

_SEE_EVERYTHING = frozenset({Role.SUPERVISOR, Role.ADMIN, Role.COMPLIANCE, Role.AUDITOR})
_TOGETHER = 500
_JUDGED = (PromiseOutcome.KEPT, PromiseOutcome.PARTLY_KEPT, PromiseOutcome.BROKEN)


async def own(tx: Transaction, member: StaffMember, days: int, now: datetime) -> dict[str, Any]:
    """The values of the script `report.own`."""
    since = now - timedelta(days=days)
    closed, done = await reports.done_by(tx, str(member.actor), since)
    return {
        "days": days,
        "cases_closed": closed,
        "tasks_done": done,
        **_offers(await reports.held_out(tx, since, member.staff_id)),
        **await _queue(tx),
    }


def sees_everything(member: StaffMember) -> bool:
    return member.role in _SEE_EVERYTHING


async def everything(
    tx: Transaction, member: StaffMember, days: int, now: datetime
) -> dict[str, Any]:
    """The values of the script `report.all`. Raises NotAllowed."""
    if not sees_everything(member):
        raise NotAllowed
    since = now - timedelta(days=days)
    sent = await reports.sendings(tx, since=since, now=now, within=WITHIN)
    happened = await reports.counts(tx, since)
    return {
        "days": days,
        "delivered": told(share(sent.delivered, sent.tried)),
        "answered": told(share(sent.answered, sent.messaged)),
        "promises_made": happened.promises,
        "kept": told(await _kept(tx, days, now)),
        "plans_agreed": happened.plans,
        "payments": happened.payments,
        "money": list(happened.money),
        "stops": happened.stops,
        "disputes": happened.disputes,
        "complaints": happened.complaints,
        "cases_opened": happened.cases_opened,
        "cases_closed": happened.cases_closed,
        "checked": _percent(await qa.cards(tx, since)),
        "satisfaction": _mean(mean(await ratings.counts(tx, since), 1, 5)),
        "tasks_done": happened.tasks_done,
        **_offers(await reports.held_out(tx, since)),
        **await _queue(tx),
    }


def _offers(found: HeldOut) -> dict[str, Any]:
    return {
        "offers_made": found.made,
        "offers_accepted": told(share(found.accepted, found.answered)),
    }


def _mean(one: Mean | None) -> str:
    """ "4.2 (3.9–4.5), n 37"; a dash while nothing is known."""
    if one is None:
        return "–"
    bounds = "" if one.low is None else f" ({one.low:.1f}–{one.high:.1f})"
    return f"{one.mean:.1f}{bounds}, n {one.of}"


def _percent(cards: list[list[int]]) -> str:
    """ "87 % (81 %–93 %), n 12": the points of checked conversations."""
    one = mean(Counter(map(points_percent, cards)), 0, 100)
    if one is None:
        return "–"
    bounds = "" if one.low is None else f" ({one.low:.0f} %–{one.high:.0f} %)"
    return f"{one.mean:.0f} %{bounds}, n {one.of}"


async def _queue(tx: Transaction) -> dict[str, Any]:
    queue = await reports.waiting(tx)
    return {"waiting_count": queue.count, "waiting_since": queue.since}


async def _kept(tx: Transaction, days: int, now: datetime) -> Share | None:
    """Of the promises whose last day was in the stretch, those kept in full."""
    today = now.date()
    owners = await reports.promised_for(tx, today - timedelta(days=days + 14), today)
    kept = judged = 0
    for start in range(0, len(owners), _TOGETHER):
        some = await situations_of(tx, owners[start : start + _TOGETHER], now)
        for situation in some.values():
            first = situation.today - timedelta(days=days)
            for one in situation.facts.promises:
                judgement = situation.judged(one)
                if judgement.outcome in _JUDGED and first <= judgement.window_end < situation.today:
                    judged += 1
                    kept += judgement.outcome is PromiseOutcome.KEPT
    return share(kept, judged)
