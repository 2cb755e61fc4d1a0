"""What borrowers thought of conversations with a person, 1 to 5."""

from datetime import datetime

from sqlalchemy import and_, exists, func, or_, select

from storage.engine import Transaction
from storage.records import BorrowerId, Case, CaseId, ConversationState
from storage.schema import cases, conversation_changes, messages, ratings


async def add(tx: Transaction, case_id: CaseId, stretch: int, score: int, now: datetime) -> bool:
    """Keep the first word on a stretch of a case; False when there is one."""
    result = await tx.execute(
        tx.insert_or(ratings)
        .values(case_id=case_id, stretch=stretch, score=score, at=now)
        .on_conflict_do_nothing()
        .returning(ratings.c.case_id)
    )
    return result.scalar_one_or_none() is not None


async def is_open(tx: Transaction, case: Case, stretch: int) -> bool:
    """Whether a person wrote in a stretch of a case that was never frozen, and nobody has rated it.

    Of the stretches before the present one only that there was somebody in them is looked at.
    """
    present = stretch == case.reopened
    spoke = exists().where(
        messages.c.case_id == cases.c.id,
        messages.c.direction == "out",
        messages.c.actor.like("staff:%"),
        messages.c.at >= case.since if present else messages.c.at < case.since,
    )
    frozen = exists().where(
        conversation_changes.c.case_id == cases.c.id,
        or_(
            conversation_changes.c.to_state == ConversationState.FROZEN,
            conversation_changes.c.from_state == ConversationState.FROZEN,
        ),
    )
    rated = exists().where(ratings.c.case_id == cases.c.id, ratings.c.stretch == stretch)
    found = await tx.value(
        select(cases.c.id).where(cases.c.id == case.case_id, spoke, ~frozen, ~rated)
    )
    return found is not None


async def last_closed(tx: Transaction, borrower_id: BorrowerId, since: datetime) -> CaseId | None:
    """The newest case of a borrower that ended since a moment, opened again or not."""
    ended = or_(
        cases.c.closed_at >= since,
        and_(cases.c.closed_at.is_(None), cases.c.reopened > 0, cases.c.since >= since),
    )
    found = await tx.value(
        select(func.max(cases.c.id)).where(cases.c.borrower_id == borrower_id, ended)
    )
    return None if found is None else CaseId(found)


async def counts(tx: Transaction, since: datetime) -> dict[int, int]:
    """How often each score was given since a moment."""
    rows = await tx.all(
        select(ratings.c.score, func.count().label("n"))
        .where(ratings.c.at >= since)
        .group_by(ratings.c.score)
    )
    return {row.score: row.n for row in rows}
