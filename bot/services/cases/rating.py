"""How a conversation with a person was, in one tap: asked with the goodbye, once, and not always.

Never after danger to life or a frozen conversation, and only where a person wrote. The goodbye is
an answer like any other, so the contact policy decides about the question too.
"""

from datetime import datetime, timedelta

from bot.services.cases.case_file import CaseFile
from bot.services.saying import Choice
from storage import audit, cases, ratings
from storage.engine import Transaction
from storage.records import Actor, BorrowerId, CaseId, HandoffReason

SCORES = range(1, 6)
_ANSWERED_WITHIN = timedelta(days=7)
_NEVER = frozenset({HandoffReason.CRISIS, HandoffReason.LEGAL})


async def may_be_asked(tx: Transaction, file: CaseFile) -> bool:
    """Whether the question is fitting for this case."""
    return not _NEVER & set(file.reasons) and await ratings.is_open(tx, file.case)


def scores(file: CaseFile) -> list[list[Choice]]:
    """The five answers, side by side."""
    return [[Choice(str(score), f"rate:{file.case_id}:{score}") for score in SCORES]]


async def rate(
    tx: Transaction,
    borrower_id: BorrowerId,
    case_id: CaseId | None,
    score: int,
    now: datetime,
) -> bool:
    """Keep what a borrower thinks of a case of theirs, or of their last one.

    False: there is nothing to rate, or it was rated before.
    """
    since = now - _ANSWERED_WITHIN
    which = case_id or await ratings.last_closed(tx, borrower_id, since)
    case = None if which is None else await cases.case(tx, which)
    if case is None or case.borrower_id != borrower_id or score not in SCORES:
        return False
    ended = case.closed_at or (case.since if case.reopened else None)
    if ended is None or ended < since:
        return False
    reasons = {case.reason, *case.more_reasons}
    if _NEVER & reasons or not await ratings.is_open(tx, case):
        return False
    kept = await ratings.add(tx, case.case_id, score, now)
    if kept:
        actor = Actor.borrower(borrower_id)
        await audit.record(tx, actor, "case.rated", f"case:{case.case_id}", now, score=score)
    return kept
