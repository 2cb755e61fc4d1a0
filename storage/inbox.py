"""Telegram's updates, written before they are confirmed, handled in order per chat, once."""

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import bindparam, delete, func, literal, select, update

from storage.engine import Transaction
from storage.prepared import Inserting, Prepared
from storage.records import Received
from storage.schema import inbox

_IS_NEW = inbox.c.status == literal("new", literal_execute=True)
"""As the index of what is new has it: a gap in its place would be planned for anew each time."""
_RECEIVE = Inserting(
    inbox,
    ("update_id", "chat_id", "body", "received_at", "status"),
    lambda insert: insert.on_conflict_do_nothing(),
)
_WAITING = Prepared(
    select(inbox.c.update_id, inbox.c.chat_id, inbox.c.body, inbox.c.received_at, inbox.c.attempts)
    .where(_IS_NEW, inbox.c.update_id > bindparam("after"))
    .order_by(inbox.c.update_id)
    .limit(bindparam("most"))
)
_FINISH = Prepared(
    update(inbox)
    .where(inbox.c.update_id == bindparam("number"), _IS_NEW)
    .values(status="done", handled_at=bindparam("now"))
)


async def receive(tx: Transaction, updates: Iterable[Received]) -> None:
    """Write updates; those that came before are left as they are."""
    rows = [
        {
            "update_id": one.update_id,
            "chat_id": one.chat_id,
            "body": _writable(one.body),
            "received_at": one.received_at,
            "status": "new",
        }
        for one in updates
    ]
    if rows:
        await tx.change_each(_RECEIVE, rows)
        tx.touch("inbox")


async def waiting(tx: Transaction, *, after: int, limit: int) -> list[Received]:
    """New updates with a higher number than `after`, in Telegram's order."""
    return [
        Received(row.update_id, row.chat_id, row.body, row.received_at, row.attempts)
        for row in await tx.all(_WAITING, after=after, most=limit)
    ]


async def finish(tx: Transaction, update_id: int, now: datetime) -> bool:
    """Mark it handled, in the transaction of its effects. False: it was handled before."""
    return await tx.change(_FINISH, number=update_id, now=now) == 1


async def failed(
    tx: Transaction, update_id: int, error: str, *, give_up: bool, now: datetime
) -> None:
    """Note a failed attempt; with `give_up` it becomes a dead letter and stops nobody."""
    await tx.execute(
        update(inbox)
        .where(inbox.c.update_id == update_id, inbox.c.status == "new")
        .values(
            attempts=inbox.c.attempts + 1,
            error=error[:200],
            **({"status": "dead", "handled_at": now} if give_up else {}),
        )
    )


async def give_up_waiting(tx: Transaction, now: datetime, why: str) -> int:
    """What waits to be handled becomes dead letters. Returns how many."""
    result = await tx.execute(
        update(inbox)
        .where(inbox.c.status == "new")
        .values(status="dead", handled_at=now, error=why[:200])
    )
    return result.rowcount


async def last_update_id(tx: Transaction) -> int | None:
    found: int | None = await tx.value(select(func.max(inbox.c.update_id)))
    return found


async def counts(tx: Transaction) -> dict[str, int]:
    """How many updates are new, done and dead."""
    rows = await tx.all(select(inbox.c.status, func.count().label("n")).group_by(inbox.c.status))
    return {row.status: row.n for row in rows}


async def purge(tx: Transaction, before: datetime) -> int:
    """Forget the bodies of handled updates received before a moment."""
    result = await tx.execute(
        delete(inbox).where(inbox.c.status == "done", inbox.c.received_at < before)
    )
    return result.rowcount


def _writable(body: str) -> str:
    """Half a surrogate pair is no character of UTF-8; it is kept as JSON writes it: \\ud83d."""
    return body.encode("utf-8", "backslashreplace").decode("utf-8")
