"""Who did what to whom, and every decision of the contact policy with its rules."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Row, insert, select

from storage import transcript
from storage.bulk import insert_many
from storage.engine import Transaction
from storage.prepared import Prepared
from storage.records import Actor, BorrowerId, ContactKind, Decision
from storage.schema import audit, decisions

CASE_CLOSED = "case.closed"
CASE_VIEWED = "case.viewed"
ABUSE_ANSWERED = "case.abuse"
PAYMENT_TOLD = "case.paid_meanwhile"
TRANSCRIPT_VIEWED = "transcript.viewed"
"""Acts that are asked for again in the transcript of a case."""

_COLUMNS = ("actor", "act", "subject", "at", "details")
_DECIDED = ("borrower_id", "outbox_key", "kind", "asked", "verdict", "until", "rules", "at")
_RECORD = Prepared(insert(audit), columns=_COLUMNS)
_RECORDED = Prepared(insert(audit).returning(audit), columns=_COLUMNS)

Made = tuple[BorrowerId, str, ContactKind, Decision]
"""A decision: about whom, for which outbox key, of which kind, and the answer."""


async def record(
    tx: Transaction, actor: Actor, act: str, subject: str, now: datetime, **details: Any
) -> None:
    """Details hold references and codes, never names, phones or words of a chat.

    An act on a case stands in its transcript too.
    """
    written = {"actor": str(actor), "act": act, "subject": subject, "at": now, "details": details}
    case_id = transcript.case_of(subject)
    if case_id is None:
        await tx.change(_RECORD, **written)
        return
    row = await tx.one(_RECORDED, **written)
    assert row is not None, "it was just written"
    content = transcript.content_of_act(row)
    await transcript.append(tx, case_id, transcript.ACT, row.actor, content, now)


async def record_decisions(
    tx: Transaction,
    asked: str,
    made: Iterable[Made],
    now: datetime,
    variants: Mapping[BorrowerId, str] | None = None,
) -> None:
    """Keep decisions taken when `asked` is "planned" or "sending".

    `variants`: where there are experiments, the groups each of the borrowers is in.
    """
    rows = (
        (borrower_id, key, kind, asked, decision.verdict, decision.until,
         " ".join(decision.rules), now)
        for borrower_id, key, kind, decision in made
    )  # fmt: skip
    if variants is None:
        await insert_many(tx, decisions, _DECIDED, rows)
    else:
        with_variants = ((*row, variants.get(row[0])) for row in rows)
        await insert_many(tx, decisions, (*_DECIDED, "variants"), with_variants)


async def decisions_of(
    tx: Transaction, borrower_id: BorrowerId, limit: int = 50
) -> list[Row[tuple[object, ...]]]:
    """The newest decisions about a borrower, newest first."""
    return list(
        await tx.all(
            select(decisions)
            .where(decisions.c.borrower_id == borrower_id)
            .order_by(decisions.c.id.desc())
            .limit(limit)
        )
    )


async def latest(
    tx: Transaction, subjects: Iterable[str], acts: Iterable[str], limit: int
) -> list[tuple[datetime, str]]:
    """When and by whom one of these things was done to one of `subjects`, the newest first."""
    rows = await tx.all(
        select(audit.c.at, audit.c.actor)
        .where(audit.c.subject.in_(list(subjects)), audit.c.act.in_(list(acts)))
        .order_by(audit.c.id.desc())
        .limit(limit)
    )
    return [(row.at, row.actor) for row in rows]
