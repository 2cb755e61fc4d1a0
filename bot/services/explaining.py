"""Why somebody was or was not contacted: what is due, what the rules say, what was decided."""

from dataclasses import dataclass
from datetime import datetime

from bot.errors import InputRefused
from bot.rules.ageing import payment_class, stage_of
from bot.rules.strategy import outlook
from bot.services.contacting import may_contact
from bot.services.office import Office
from bot.services.situation import Situation, situation_of
from storage import audit, borrowers
from storage.engine import Transaction
from storage.records import ContactKind, Decision


@dataclass(frozen=True, slots=True)
class Step:
    """A step of the strategy that is due now, and what the policy says of it."""

    step: str
    anchor: str
    ends_at: datetime
    decision: Decision


@dataclass(frozen=True, slots=True)
class Explanation:
    """`past`: decisions newest first, each (when, asked, kind, verdict, until, rules)."""

    situation: Situation
    stage: str | None
    payment_class: str
    due: tuple[Step, ...]
    next_at: datetime | None
    past: tuple[tuple[datetime, str, str, str, datetime | None, str], ...]


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
        stage=None if days is None else stage_of(office.strategy.ranges, days).name,
        payment_class=payment_class(situation.standing, office.strategy.class_rule),
        due=tuple(
            Step(
                one.step.id,
                one.anchor,
                one.ends_at,
                may_contact(situation, office, one.kind or ContactKind.OVERDUE),
            )
            for one in seen.due
        ),
        next_at=seen.next_at,
        past=tuple(
            (row.at, row.asked, row.kind, row.verdict, row.until, row.rules)
            for row in await audit.decisions_of(tx, borrower.borrower_id)
        ),
    )
