"""Why somebody was or was not contacted: what is due, what the rules say, what was decided."""

from dataclasses import dataclass
from datetime import datetime

from bot.errors import InputRefused
from bot.rules.ageing import payment_class, stage_of
from bot.rules.strategy import Occurrence, outlook
from bot.rules.strategy_group import Groups, groups_of
from bot.services.contacting import may_contact
from bot.services.judging import held_out
from bot.services.office import Office
from bot.services.situation import Situation, situation_of
from storage import audit, borrowers
from storage.engine import Transaction
from storage.records import ContactKind, Decision


@dataclass(frozen=True, slots=True)
class Step:
    """A step of the strategy that is due now, and what is said of it."""

    step: str
    anchor: str
    ends_at: datetime
    decision: Decision


@dataclass(frozen=True, slots=True)
class Past:
    """A decision as it was kept. `variants`: the groups they were in then, if there were any."""

    at: datetime
    asked: str
    kind: str
    verdict: str
    until: datetime | None
    rules: str
    variants: str | None


@dataclass(frozen=True, slots=True)
class Explanation:
    """`groups`: theirs in each experiment."""

    situation: Situation
    groups: Groups
    stage: str | None
    payment_class: str
    due: tuple[Step, ...]
    next_at: datetime | None
    past: tuple[Past, ...]


async def explain(tx: Transaction, office: Office, borrower_ref: str, now: datetime) -> Explanation:
    """Raises InputRefused for an unknown reference."""
    borrower = await borrowers.by_ref(tx, borrower_ref)
    if borrower is None:
        raise InputRefused(f"no borrower has the reference {borrower_ref!r}")
    situation = await situation_of(tx, borrower.borrower_id, now)
    seen = outlook(office.strategy, situation.facts, now)
    days = situation.days_past_due
    return Explanation(
        situation=situation,
        groups=groups_of(office.strategy, borrower.borrower_ref),
        stage=None if days is None else stage_of(office.strategy.ranges, days).name,
        payment_class=payment_class(situation.standing, office.strategy.class_rule),
        due=(
            *(
                _step(one, may_contact(situation, office, one.kind or ContactKind.OVERDUE))
                for one in seen.due
            ),
            *(_step(one, held_out(situation, office, one)) for one in seen.held_out),
        ),
        next_at=seen.next_at,
        past=tuple(
            Past(row.at, row.asked, row.kind, row.verdict, row.until, row.rules, row.variants)
            for row in await audit.decisions_of(tx, borrower.borrower_id)
        ),
    )


def _step(one: Occurrence, decision: Decision) -> Step:
    return Step(one.step.id, one.anchor, one.ends_at, decision)
