"""How a conversation with a person was, in one tap: asked with the goodbye, and not always.

Never in a case that was about danger to life or frozen, and only where a person wrote. A case that
was opened again is asked about again: whoever had to come back may think otherwise of it by then,
and a figure that stops at the first goodbye would be too good. Nothing is sent for it but the
goodbye, an answer like any other, so the contact policy decides about the question too.
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
    return not _NEVER & set(file.reasons) and await ratings.is_open(
        tx, file.case, file.case.reopened
    )


def scores(file: CaseFile) -> list[list[Choice]]:
    """The five answers, side by side."""
    which = f"{file.case_id}.{file.case.reopened}"
    return [[Choice(str(score), f"rate:{which}:{score}") for score in SCORES]]


async def rate(
    tx: Transaction,
    borrower_id: BorrowerId,
    case_id: CaseId | None,
    score: int,
    now: datetime,
    *,
    stretch: int | None = None,
) -> bool:
    """Keep what a borrower thinks of a case of theirs, or of their last one.

    `stretch`: how often it had been opened again by then; None: as it last ended. False: there is
    nothing to rate, or it was rated before.
    """
    since = now - _ANSWERED_WITHIN
    which = case_id or await ratings.last_closed(tx, borrower_id, since)
    case = None if which is None else await cases.case(tx, which)
    if case is None or case.borrower_id != borrower_id or score not in SCORES:
        return False
    last = case.reopened if case.closed_at is not None else case.reopened - 1
    rated = last if stretch is None else stretch
    ended = case.closed_at if rated == case.reopened else case.since
    if not 0 <= rated <= last or ended is None or ended < since:
        return False
    reasons = {case.reason, *case.more_reasons} if rated == case.reopened else set()
    if _NEVER & reasons or not await ratings.is_open(tx, case, rated):
        return False
    kept = await ratings.add(tx, case.case_id, rated, score, now)
    if kept:
        actor = Actor.borrower(borrower_id)
        await audit.record(tx, actor, "case.rated", f"case:{case.case_id}", now, score=score)
    return kept
