"""Everything that leaves: queued once under its key, claimed, marked, sent, and kept as a record.

A row is `sending` from its durable mark until its outcome is recorded, so after a crash exactly
the rows that were on the wire are in doubt. The mark itself asks who owns the conversation.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, and_, func, select, update

from storage import outbox_statements as statements
from storage.bulk import insert_many
from storage.engine import Transaction
from storage.records import (
    BorrowerId,
    CaseId,
    Contact,
    ContactKind,
    DeliveryClass,
    OutboxId,
    OutboxRow,
    OutboxStatus,
    Outgoing,
    Wording,
)
from storage.schema import conversations, outbox, send_pauses

S = OutboxStatus
_DECIDING = 1 << 60
"""Locks on borrowers begin here, far from the numbers of chats."""

EVERYTHING = 0
"""The chat id under which a pause of everything automated is kept."""
BLOCKED = "blocked"
"""The error of a row whose reader has blocked the bot or left Telegram."""
TOPIC_GONE = "topic gone"
"""The error of a row whose case has no topic any more where the row was to go."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a row on the wire. `retry_at`: try again then; `repeat`: it may be there;
    `moved_to`: the number its group has now."""

    outbox_id: OutboxId
    status: OutboxStatus
    message_id: int | None = None
    error: str = ""
    retry_at: datetime | None = None
    repeat: bool = False
    moved_to: int | None = None


Alike = tuple[str, int, BorrowerId, Outgoing]
"""A message by its key, chat and borrower; in all else it is as that other one."""


@dataclass(frozen=True, slots=True)
class Doubtful:
    """A message that may or may not have been sent. `kind` None: to staff."""

    borrower_id: BorrowerId | None
    unique_key: str
    kind: ContactKind | None


async def put(tx: Transaction, message: Outgoing, now: datetime) -> OutboxId | None:
    """Queue a message; None when its key was used before.

    A row that was denied or expired without ever being on the wire is queued again: the facts that
    stopped it have changed, or nobody would ask.
    """
    found = await tx.value(statements.PUT, **_values(message, now, S.QUEUED))
    tx.touch("outbox")
    return None if found is None else OutboxId(found)


async def put_many(tx: Transaction, messages: Iterable[Outgoing], now: datetime) -> None:
    """Queue each as `put` does, in one statement."""
    rows = [_row_of(message, now) for message in messages]
    if rows:
        await insert_many(tx, outbox, statements.QUEUED_WITH, rows, but=statements.planned)
        tx.touch("outbox")


async def put_alike(tx: Transaction, messages: Sequence[Alike], now: datetime) -> None:
    """Queue each as `put` does, in one statement."""
    likes = {id(like): like for *_, like in messages}
    rest = {number: _row_of(like, now)[3:] for number, like in likes.items()}
    rows = [(key, chat, borrower, *rest[id(like)]) for key, chat, borrower, like in messages]
    if rows:
        await insert_many(tx, outbox, statements.QUEUED_WITH, rows, but=statements.planned)
        tx.touch("outbox")


async def put_unknown(
    tx: Transaction, message: Outgoing, now: datetime, *, at: datetime, why: str
) -> bool:
    """Record a message that may have been sent at about `at`, though nobody knows: never sent.

    It counts against the caps. False when the row under its key has come to an end already.
    """
    return bool(await put_unknown_many(tx, [(message, at)], now, why=why))


async def put_unknown_many(
    tx: Transaction, messages: Iterable[tuple[Outgoing, datetime]], now: datetime, *, why: str
) -> set[str]:
    """Each, with its own moment, as `put_unknown` does; returns the keys that are unknown now."""
    rows = [
        _values(message, now, S.UNKNOWN) | {"marked_at": at, "error": why}
        for message, at in messages
    ]
    if not rows:
        return set()
    insert = tx.insert_or(outbox)
    over = {name: insert.excluded[name] for name in ("status", "status_at", "marked_at", "error")}
    ended = [outbox.c.status != status for status in (S.SENT, S.UNKNOWN, S.FAILED)]
    result = await tx.execute(
        insert.on_conflict_do_update(
            index_elements=["unique_key"], set_={**over, "worker": None}, where=and_(*ended)
        ).returning(outbox.c.unique_key),
        rows,
    )
    return set(result.scalars())


async def doubt_everything_open(tx: Transaction, now: datetime, why: str) -> list[Doubtful]:
    """Whatever has not come to its end may have been sent meanwhile: none of it ever will be.

    A row keeps the moment it was marked for the wire, others get `now`. Returns those rows.
    """
    result = await tx.execute(
        update(outbox)
        .where(outbox.c.status.in_((*statements.OPEN, S.SUSPENDED)))
        .values(
            status=S.UNKNOWN,
            status_at=now,
            worker=None,
            error=why,
            marked_at=func.coalesce(outbox.c.marked_at, now),
        )
        .returning(outbox.c.borrower_id, outbox.c.unique_key, outbox.c.kind)
    )
    return [
        Doubtful(
            None if row.borrower_id is None else BorrowerId(row.borrower_id),
            row.unique_key,
            None if row.kind is None else ContactKind(row.kind),
        )
        for row in result
    ]


def _row_of(message: Outgoing, now: datetime) -> tuple[object, ...]:
    """As `_values` of a queued row, in the order of QUEUED_WITH: there are many at a time."""
    return (
        message.unique_key, message.chat_id, message.borrower_id, message.case_id, message.kind,
        message.delivery, message.lane, message.automated, message.method, message.payload,
        str(message.actor), now, message.not_before, message.expires_at, S.QUEUED, now,
        "", "", *_said(message.wording).values(),
    )  # fmt: skip


def _values(message: Outgoing, now: datetime, status: OutboxStatus) -> dict[str, object]:
    return {
        "unique_key": message.unique_key,
        "chat_id": message.chat_id,
        "borrower_id": message.borrower_id,
        "case_id": message.case_id,
        "kind": message.kind,
        "delivery": message.delivery,
        "lane": message.lane,
        "automated": message.automated,
        "method": message.method,
        "payload": message.payload,
        "actor": str(message.actor),
        "created_at": now,
        "not_before": message.not_before,
        "expires_at": message.expires_at,
        "status": status,
        "status_at": now,
        "rules": "",
        "error": "",
        **_said(message.wording),
    }


async def claim(
    tx: Transaction, worker: str, now: datetime, *, limit: int, automated: bool = True
) -> list[OutboxRow]:
    """Take the next rows, answers first. A chat's answers and words come one by one, in order.

    What belongs into a topic waits for the topic, and the topic for nothing.
    """
    rows = await tx.all(
        statements.NEXT if automated else statements.NEXT_OF_PEOPLE, now=now, most=limit
    )
    if rows:
        await tx.change(statements.CLAIM, rows=[row.id for row in rows], by=worker, now=now)
    return [_row(row) for row in rows]


async def one_at_a_time(tx: Transaction, borrowers: Iterable[BorrowerId]) -> None:
    """Wait until nobody else decides about these borrowers; until this transaction ends.

    Two processes that decide at once would each find the day's budget unspent. The order keeps
    them from waiting for each other.
    """
    await tx.lock_all(_DECIDING + borrower_id for borrower_id in borrowers)


async def mark_sending(
    tx: Transaction,
    ids: Sequence[OutboxId],
    worker: str,
    now: datetime,
    wordings: Mapping[OutboxId, Wording] | None = None,
) -> set[OutboxId]:
    """Put claimed rows on the wire, durably, and return those that may go.

    An automated row is left out unless the bot owns the conversation in this very statement and
    no emergency stop is on. `wordings`: the words of those that got theirs as they leave.
    """
    worded = wordings or {}
    given: dict[str, Any] = {"by": worker, "now": now}
    mark, mark_worded = statements.MARK, statements.MARK_WORDED
    if tx.is_postgresql:
        given["changing"] = await _changing_hands(tx, ids)
        mark, mark_worded = statements.MARK_CALM, statements.MARK_WORDED_CALM
    plain = [one for one in ids if one not in worded]
    found = await tx.all(mark, **given, rows=plain) if plain else []
    marked = {OutboxId(row.id) for row in found}
    if worded:
        rows = [{"row": one, **_said_as(words), **given} for one, words in worded.items()]
        if await tx.change_each(mark_worded, rows) == len(rows):
            return marked | worded.keys()
        there = await tx.all(statements.ON_THE_WIRE, rows=list(worded), by=worker)
        marked |= {OutboxId(row.id) for row in there}
    return marked


async def marked_by_others(
    tx: Transaction, worker: str, since: datetime
) -> list[tuple[OutboxId, int, datetime]]:
    """What other processes, or an earlier one, put on the wire since a moment: row, chat, when."""
    rows = await tx.all(statements.MARKED_BY_OTHERS, since=since, by=worker)
    return [(OutboxId(row.id), row.chat_id, row.marked_at) for row in rows]


def _said_as(wording: Wording) -> dict[str, object]:
    return {f"said_{name}": value for name, value in _said(wording).items()}


def _said(wording: Wording | None) -> dict[str, object]:
    return {
        "script": wording and wording.script,
        "script_language": wording and wording.language,
        "script_variant": wording and wording.variant,
        "script_version": wording and wording.version,
    }


async def _changing_hands(tx: Transaction, ids: Sequence[OutboxId]) -> set[int]:
    """Borrowers whose conversation another transaction is changing at this moment.

    Everybody else's is held as it is until this transaction ends. A statement on PostgreSQL sees
    what was committed when it began; without this a handoff could commit between it and ours.
    """
    wanted = select(outbox.c.borrower_id).where(outbox.c.id.in_(ids), outbox.c.automated)
    talks = select(conversations.c.borrower_id).where(conversations.c.borrower_id.in_(wanted))
    there = set((await tx.execute(talks)).scalars())
    held = set((await tx.execute(talks.with_for_update(read=True, skip_locked=True))).scalars())
    return there - held


async def record(tx: Transaction, outcomes: Iterable[Outcome], worker: str, now: datetime) -> None:
    """Write what became of marked rows; a row another worker took over meanwhile is left alone."""
    arrived = []
    for one in outcomes:
        if one.status is S.SENT and one.retry_at is None and not one.repeat:
            arrived.append(one)
        else:
            await tx.execute(
                statements.still_mine(one.outbox_id, worker).values(**_became(one, now))
            )
    if arrived:
        # Nearly all of them do, and one statement for all costs a tenth of one for each.
        await tx.change_each(
            statements.ARRIVED,
            [
                {"row": one.outbox_id, "message": one.message_id, "told": one.error[:300],
                 "by": worker, "now": now}
                for one in arrived
            ],
        )  # fmt: skip


def _became(one: Outcome, now: datetime) -> dict[str, object]:
    values: dict[str, object] = {"status": one.status, "status_at": now, "error": one.error[:300]}
    if one.retry_at is not None:
        values |= {"status": S.QUEUED, "not_before": one.retry_at, "marked_at": None}
    if one.repeat:
        values["possible_repeat"] = True
    if one.message_id is not None:
        values["message_id"] = one.message_id
    return values


async def keep_words(tx: Transaction, outbox_id: OutboxId, payload: Mapping[str, Any]) -> None:
    """Of a row that came to its end without arriving: words made when they left are in no row."""
    ended = outbox.c.status.in_((S.FAILED, S.UNKNOWN))
    await tx.execute(
        update(outbox).where(outbox.c.id == outbox_id, ended).values(payload=dict(payload))
    )


async def release(
    tx: Transaction, outbox_id: OutboxId, now: datetime, *, not_before: datetime, rules: str = ""
) -> None:
    """Give a claimed row back, to be looked at again at `not_before`."""
    await release_many(tx, [(outbox_id, not_before, rules)], now)


async def release_many(
    tx: Transaction, rows: Iterable[tuple[OutboxId, datetime, str]], now: datetime
) -> None:
    """Give claimed rows back, each with when to look at it again, and the rules that say so."""
    given = [
        {"row": row, "again": not_before, "because": rules, "now": now}
        for row, not_before, rules in rows
    ]
    if given:
        await tx.change_each(statements.RELEASE, given)


async def drop(
    tx: Transaction,
    outbox_id: OutboxId,
    status: OutboxStatus,
    now: datetime,
    *,
    rules: str = "",
    error: str = "",
) -> None:
    """End a claimed row that will not be sent: denied, expired, suspended or failed."""
    await tx.change(
        statements.DROP, row=outbox_id, end=status, because=rules, told=error[:300], now=now
    )


async def suspend(tx: Transaction, borrower_id: BorrowerId, now: datetime) -> int:
    """Hold back what the bot had queued for a borrower. Returns how many rows."""
    return await tx.change(statements.SUSPEND, borrower=borrower_id, now=now)


async def resume(tx: Transaction, borrower_id: BorrowerId, now: datetime) -> None:
    """Let suspended rows be judged again; those past their validity expire."""
    await tx.change(statements.RESUME, borrower=borrower_id, now=now)
    await expire(tx, now)
    tx.touch("outbox")


async def reconsider(tx: Transaction, borrower_id: BorrowerId, now: datetime) -> None:
    """Facts changed: what waits for later is judged again now, by the new facts."""
    await tx.change(statements.RECONSIDER, borrower=borrower_id, now=now)
    tx.touch("outbox")


async def expire(tx: Transaction, now: datetime) -> int:
    """End rows that waited past their validity; they are never sent late."""
    return await tx.change(statements.EXPIRE, now=now)


async def recover(tx: Transaction, now: datetime, *, stale_before: datetime) -> dict[str, int]:
    """After a crash: claimed rows go back, rows on the wire get what their class promises.

    Only rows untouched since `stale_before` count as left behind. Returns how many became what.
    """
    when = {"before": stale_before, "now": now}
    why = "the process ended while it was on the wire"
    return {
        "back": await tx.change(statements.GO_BACK, **when),
        "unknown": await tx.change(statements.DOUBT, **when, why=why),
        "again": await tx.change(statements.SEND_AGAIN, **when),
    }


async def contacts_of(
    tx: Transaction, borrower_ids: Iterable[BorrowerId], since: datetime
) -> dict[BorrowerId, tuple[Contact, ...]]:
    """What reached, or may have reached, each borrower since a moment; a row on the wire counts."""
    rows = await tx.all(statements.CONTACTS, borrowers=borrower_ids, since=since)
    found: dict[BorrowerId, list[Contact]] = defaultdict(list)
    for row in rows:
        kind = ContactKind(row.kind)
        by = "person" if kind is ContactKind.STAFF else "bot"
        found[BorrowerId(row.borrower_id)].append(Contact(row.marked_at, kind, by))
    return {borrower_id: tuple(some) for borrower_id, some in found.items()}


async def by_message(tx: Transaction, chat_id: int, message_id: int) -> OutboxRow | None:
    """The row that a message of a chat shows now; one that was redrawn had others before."""
    rows = await tx.all(statements.BY_MESSAGE, chat=chat_id, message=message_id)
    return _row(rows[0]) if rows else None


async def standing_of(
    tx: Transaction, ids: Sequence[OutboxId]
) -> dict[OutboxId, tuple[OutboxStatus, int | None, bool]]:
    """Status, Telegram's number of the message, and whether it may be there twice."""
    rows = await tx.all(
        select(outbox.c.id, outbox.c.status, outbox.c.message_id, outbox.c.possible_repeat).where(
            outbox.c.id.in_(ids)
        )
    )
    return {
        OutboxId(row.id): (OutboxStatus(row.status), row.message_id, row.possible_repeat)
        for row in rows
    }


async def on_the_wire(tx: Transaction, borrower_id: BorrowerId) -> int:
    """How many automated rows of a borrower are between their mark and their outcome."""
    return int(
        await tx.value(
            select(func.count())
            .select_from(outbox)
            .where(
                outbox.c.borrower_id == borrower_id,
                outbox.c.automated,
                outbox.c.status == S.SENDING,
            )
        )
    )


async def counts(tx: Transaction) -> dict[str, int]:
    """How many rows have each status."""
    rows = await tx.all(select(outbox.c.status, func.count().label("n")).group_by(outbox.c.status))
    return {row.status: row.n for row in rows}


async def is_due(tx: Transaction, now: datetime) -> bool:
    """Whether any queued row may be looked at now."""
    return bool(await tx.all(statements.IS_DUE, now=now))


async def words_are_due(tx: Transaction, now: datetime) -> bool:
    """The same of answers and people's words."""
    return bool(await tx.all(statements.WORDS_ARE_DUE, now=now))


async def next_due_at(tx: Transaction, now: datetime) -> datetime | None:
    """The first moment after `now` at which a queued row may go."""
    found: datetime | None = await tx.value(statements.NEXT_DUE, now=now)
    return found


async def pause(tx: Transaction, chat_id: int, until: datetime) -> None:
    """Keep Telegram's `retry_after` for a chat, or for EVERYTHING automated; the longest counts."""
    statement = tx.insert_or(send_pauses).values(chat_id=chat_id, until=until)
    await tx.execute(
        statement.on_conflict_do_update(
            index_elements=["chat_id"],
            set_={"until": statement.excluded.until},
            where=send_pauses.c.until < statement.excluded.until,
        )
    )


async def pauses(tx: Transaction, now: datetime) -> dict[int, datetime]:
    rows = await tx.all(statements.PAUSES, now=now)
    return {row.chat_id: row.until for row in rows}


def _row(row: Row[tuple[object, ...]]) -> OutboxRow:
    """Of a row of `statements.SENT_WITH`."""
    return OutboxRow(
        outbox_id=OutboxId(row.id),
        unique_key=row.unique_key,
        chat_id=row.chat_id,
        delivery=DeliveryClass(row.delivery),
        method=row.method,
        payload=row.payload,
        actor=row.actor,
        kind=None if row.kind is None else ContactKind(row.kind),
        borrower_id=None if row.borrower_id is None else BorrowerId(row.borrower_id),
        case_id=None if row.case_id is None else CaseId(row.case_id),
        expires_at=row.expires_at,
        automated=row.automated,
        lane=row.lane,
        attempts=row.attempts,
        status=OutboxStatus(row.status),
        possible_repeat=row.possible_repeat,
    )
