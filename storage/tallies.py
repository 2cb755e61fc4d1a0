"""Sums over what happened, for the report of a rehearsal: refusals by rule, tasks by day."""

from collections import Counter
from datetime import date

from sqlalchemy import select

from storage.engine import Transaction
from storage.schema import decisions, work


async def refusals(tx: Transaction) -> dict[str, int]:
    """How many contacts each rule put off or forbade, each contact once a rule."""
    rows = await tx.all(
        select(decisions.c.outbox_key, decisions.c.rules)
        .where(decisions.c.verdict != "allow")
        .distinct()
    )
    once = {(row.outbox_key, rule) for row in rows for rule in row.rules.split()}
    return dict(sorted(Counter(rule for _, rule in once).items()))


async def tasks_by_day(tx: Transaction) -> dict[date, int]:
    """How many tasks for people came up on each day, UTC."""
    rows = await tx.all(select(work.c.created_at))
    return dict(sorted(Counter(row.created_at.date() for row in rows).items()))


async def tasks_by_kind(tx: Transaction) -> dict[str, int]:
    rows = await tx.all(select(work.c.kind))
    return dict(sorted(Counter(row.kind for row in rows).items()))
