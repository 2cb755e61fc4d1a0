"""What a restored database cannot know: what was sent between its backup and now.

Everything that waited and everything that fell due in between may have reached somebody, so it
becomes `unknown`: listed, counted against the caps, never sent. The planner treats alike what only
turns out later to belong there (`storage.restores`).
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from bot.rules.strategy import Action, Occurrence, outlook
from bot.services.contacting import may_contact
from bot.services.office import Office
from bot.services.planning import MAY_HAVE_LEFT, message_for
from bot.services.situation import Situation, situations_of
from storage import (
    audit,
    borrowers,
    inbox,
    outbox,
    restores,
    schedule,
    transcript,
    unsent,
)
from storage.engine import Storage, Transaction
from storage.outbox import Doubtful
from storage.records import Actor, BorrowerId, ContactKind, Outgoing
from storage.restores import Stretch

_TOGETHER = 500
_MAY_BE_ANSWERED = "it waited when the backup was made, and may have been answered since"
_ALMOST = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class InDoubt:
    """One message that may have been sent. `borrower_ref` None: it was to staff."""

    borrower_ref: str | None
    key: str
    kind: ContactKind | None


@dataclass(frozen=True, slots=True)
class Settled:
    """`unanswered`: updates that waited to be handled and are dead letters now."""

    unknown: tuple[InDoubt, ...]
    unanswered: int


async def settle(storage: Storage, office: Office, backup_at: datetime, now: datetime) -> Settled:
    """Mark everything in doubt, in a restored database that nobody works on yet."""
    stretch = Stretch(min(backup_at, now), now)
    async with storage.transaction() as tx:
        await restores.note(tx, stretch, Actor.system())
        await audit.record(
            tx, Actor.system(), "database.restored", "everything", now, backup_at=str(backup_at)
        )
        doubtful = await outbox.doubt_everything_open(tx, now, MAY_HAVE_LEFT)
        unanswered = await inbox.give_up_waiting(tx, now, _MAY_BE_ANSWERED)
    last = 0
    while True:
        async with storage.transaction(at_once=True) as tx:
            some = await schedule.due_after(tx, now, last, _TOGETHER)
            if not some:
                break
            doubtful += await _fell_due(tx, office, some, stretch)
            last = some[-1]
    async with storage.transaction() as tx:
        await transcript.note_unsent(tx, await unsent.doubted_at(tx, now), now)
    async with storage.reading() as tx:
        wanted = {one.borrower_id for one in doubtful if one.borrower_id is not None}
        names = await borrowers.refs_of(tx, wanted)
    return Settled(
        tuple(
            InDoubt(names.get(one.borrower_id) if one.borrower_id else None,
                    one.unique_key, one.kind)
            for one in doubtful
        ),
        unanswered,
    )  # fmt: skip


async def _fell_due(
    tx: Transaction, office: Office, borrower_ids: list[BorrowerId], stretch: Stretch
) -> list[Doubtful]:
    """Messages that the planner would have queued in the stretch, now on record as unknown."""
    messages: list[tuple[Outgoing, datetime]] = []
    for situation in (await situations_of(tx, borrower_ids, stretch.end)).values():
        account = situation.facts.account
        if account is None:
            continue
        for occurrence, kind in _due_within(situation, office, stretch):
            at = min(stretch.end, occurrence.ends_at - _ALMOST)
            chat_id, borrower_id = account.telegram_id, account.borrower_id
            key = occurrence.unique_key(borrower_id)
            message = message_for(chat_id, borrower_id, occurrence, key, at, kind)
            messages.append((message, at))
    keys = await outbox.put_unknown_many(tx, messages, stretch.end, why=MAY_HAVE_LEFT)
    return [
        Doubtful(message.borrower_id, message.unique_key, message.kind)
        for message, _ in messages
        if message.unique_key in keys
    ]


def _due_within(
    situation: Situation, office: Office, stretch: Stretch
) -> Iterator[tuple[Occurrence, ContactKind]]:
    """Each step of the stretch once, by the facts of the backup, that no rule forbade outright."""
    seen: set[str] = set()
    borrower_id = situation.facts.borrower.borrower_id
    at: datetime | None = stretch.start
    while at is not None and at < stretch.end:
        ahead = outlook(office.strategy, situation.facts, at)
        for occurrence in ahead.due:
            key, kind = occurrence.unique_key(borrower_id), occurrence.kind
            if occurrence.step.action is not Action.MESSAGE or kind is None or key in seen:
                continue
            seen.add(key)
            # the balance is judged as fresh: new figures may have come since the backup
            decision = may_contact(
                replace(situation, now=max(at, occurrence.starts_at)), office, kind
            )
            if decision.verdict != "deny" or set(decision.rules) <= {"balance_stale"}:
                yield occurrence, kind
        at = ahead.next_at
