"""Which topic of a collector's chat belongs to which case, as Telegram said when it was made.

A topic is asked for once: the row is there before the call, and the call is a row of the outbox
that is never repeated in doubt. So a crash leaves a case in the plain chat, never in two topics.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, and_, bindparam, exists, select, update

from storage.engine import Transaction
from storage.prepared import Prepared, listed
from storage.records import CaseId, OutboxStatus
from storage.schema import outbox, topics

CREATE = "createForumTopic"
RENAME = "editForumTopic"
"""Telegram's methods, by which rows of the outbox are known that say nothing themselves."""

_OF = Prepared(
    select(topics.c.thread_id, topics.c.asked).where(
        topics.c.staff_chat_id == bindparam("chat"), topics.c.case_id == bindparam("of_case")
    )
)
_CASE_IN = Prepared(
    select(topics.c.case_id).where(
        topics.c.staff_chat_id == bindparam("chat"), topics.c.thread_id == bindparam("thread")
    )
)
_THREADS = Prepared(
    select(topics.c.staff_chat_id, topics.c.case_id, topics.c.thread_id).where(
        listed(topics.c.staff_chat_id, "chats"),
        listed(topics.c.case_id, "cases"),
        topics.c.thread_id.is_not(None),
    )
)

Place = tuple[int, CaseId]
"""A chat of staff and a case."""


@dataclass(frozen=True, slots=True)
class Topic:
    """`thread_id` None: the case has none here, so it is in the plain chat."""

    thread_id: int | None
    asked: int


async def of(tx: Transaction, chat_id: int, case_id: CaseId) -> Topic | None:
    """None: nobody ever asked for one."""
    row = await tx.one(_OF, chat=chat_id, of_case=case_id)
    return None if row is None else Topic(row.thread_id, row.asked)


async def ask(tx: Transaction, chat_id: int, case_id: CaseId) -> bool:
    """Write down that one is asked for. False: that was done before."""
    result = await tx.execute(
        tx.insert_or(topics)
        .values(staff_chat_id=chat_id, case_id=case_id, asked=1)
        .on_conflict_do_nothing()
    )
    return result.rowcount == 1


async def made(tx: Transaction, chat_id: int, case_id: CaseId, thread_id: int) -> None:
    """Telegram made it. A number belongs to one case, whatever another bot once called so."""
    await tx.execute(
        update(topics)
        .where(
            topics.c.staff_chat_id == chat_id,
            topics.c.thread_id == thread_id,
            topics.c.case_id != case_id,
        )
        .values(thread_id=None)
    )
    await tx.execute(update(topics).where(*_at(chat_id, case_id)).values(thread_id=thread_id))


async def refused(tx: Transaction, chat_id: int, case_id: CaseId, now: datetime) -> None:
    """Telegram makes none in this chat."""
    await tx.execute(update(topics).where(*_at(chat_id, case_id)).values(refused_at=now))


async def refused_since(tx: Transaction, chat_id: int, since: datetime) -> bool:
    return bool(
        await tx.value(
            select(exists().where(topics.c.staff_chat_id == chat_id, topics.c.refused_at >= since))
        )
    )


async def lost(tx: Transaction, chat_id: int, case_id: CaseId, thread_id: int) -> int | None:
    """It is gone. Returns how often one will have been asked for with the next.

    None: somebody noticed first, or it was never this case's.
    """
    result = await tx.execute(
        update(topics)
        .where(*_at(chat_id, case_id), topics.c.thread_id == thread_id)
        .values(thread_id=None, asked=topics.c.asked + 1)
        .returning(topics.c.asked)
    )
    found: int | None = result.scalar_one_or_none()
    return found


async def in_doubt(tx: Transaction, chat_id: int, name: str) -> CaseId | None:
    """The case without a topic here for which one of this name may have been made."""
    rows = await tx.all(
        select(outbox.c.case_id, outbox.c.payload)
        .join_from(
            outbox,
            topics,
            and_(topics.c.staff_chat_id == outbox.c.chat_id, topics.c.case_id == outbox.c.case_id),
        )
        .where(
            outbox.c.chat_id == chat_id,
            outbox.c.method == CREATE,
            outbox.c.status == OutboxStatus.UNKNOWN,
            topics.c.thread_id.is_(None),
        )
        .order_by(outbox.c.id.desc())
    )
    return next((CaseId(row.case_id) for row in rows if row.payload["name"] == name), None)


async def threads(tx: Transaction, places: Collection[Place]) -> dict[Place, int]:
    """The topics there are, for many at once."""
    if not places:
        return {}
    rows = await tx.all(
        _THREADS,
        chats={chat_id for chat_id, _ in places},
        cases={case_id for _, case_id in places},
    )
    found = {(row.staff_chat_id, CaseId(row.case_id)): int(row.thread_id) for row in rows}
    return {place: found[place] for place in places if place in found}


async def case_in(tx: Transaction, chat_id: int, thread_id: int) -> CaseId | None:
    """The case that a topic of a chat is about."""
    row = await tx.one(_CASE_IN, chat=chat_id, thread=thread_id)
    return None if row is None else CaseId(row.case_id)


def _at(chat_id: int, case_id: CaseId) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    return topics.c.staff_chat_id == chat_id, topics.c.case_id == case_id
