"""The planner: what the strategy asks for now becomes rows of the outbox and tasks for people.

It looks only at borrowers whose moment has come and then notes when to look again. Whatever it
does carries the key of its occurrence, so looking twice, or with two planners, does it once. What
there is to do may be found out beside everybody else's work; only writing it down keeps others
waiting.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, time
from functools import lru_cache
from typing import Any

from bot.rules.strategy import Action, Occurrence
from bot.services import clearing, experimenting
from bot.services.cases import allocating, handoff
from bot.services.judging import Judgement, Judging
from bot.services.office import Office
from bot.services.situation import Situation, situations_of
from bot.uncollected import uncollected
from storage import audit, cases, leases, outbox, restores, schedule, work
from storage.engine import Transaction
from storage.records import (
    Account,
    Actor,
    BorrowerId,
    ContactKind,
    DeliveryClass,
    HandoffReason,
    Outgoing,
    WorkKind,
)
from storage.restores import Stretch

_SYSTEM = Actor.system()
MAY_HAVE_LEFT = "it fell due between a backup and its restore, and may have been sent then"
_VISIT = "visit"
"""What a task is about that plans a visit; any other is a call."""
_WORK = {
    Action.TASK: WorkKind.CALL,
    Action.NOTICE: WorkKind.NOTICE,
    Action.REVIEW: WorkKind.REVIEW,
    Action.ESCALATION: WorkKind.ESCALATION,
}


@dataclass(frozen=True, slots=True)
class Looks:
    """Looks at borrowers, judged by the facts of `now` and not written yet.

    `news`: of those whose moment had come, see `schedule.still_due`.
    """

    now: datetime
    made: Sequence[tuple[Situation, Judgement]]
    news: Mapping[BorrowerId, int]

    def parts(self, size: int) -> Iterator["Looks"]:
        """The same, at most `size` in each."""
        for first in range(0, len(self.made), size):
            yield Looks(self.now, self.made[first : first + size], self.news)


async def plan_due(tx: Transaction, office: Office, now: datetime, *, limit: int) -> int:
    """Look at up to `limit` borrowers whose moment has come. Returns how many there were.

    0 as well while another process is planning: one planner at a time.
    """
    if not await leases.is_ours(tx, leases.PLANNING):
        return 0
    looks = await judge_due(tx, office, now, limit=limit)
    await keep(tx, office, looks)
    return len(looks.made)


async def judge_due(tx: Transaction, office: Office, now: datetime, *, limit: int) -> Looks:
    """What there is to do about up to `limit` borrowers whose moment has come. Writes nothing."""
    news = await schedule.due_with_news(tx, now, limit)
    return Looks(now, await _judged(tx, office, news, now) if news else (), news)


async def keep(tx: Transaction, office: Office, looks: Looks) -> bool:
    """Write looks that were judged in an earlier transaction, or in this one.

    Whoever was looked at since, or has other facts since, is left out and looked at anew. False:
    another process is planning, and nothing was written.
    """
    if not looks.made:
        return True
    if not await leases.is_ours(tx, leases.PLANNING):
        return False
    ids = [one.facts.borrower.borrower_id for one, _ in looks.made]
    still = await schedule.still_due(tx, {one: looks.news[one] for one in ids}, looks.now)
    made = [look for one, look in zip(ids, looks.made, strict=True) if one in still]
    with uncollected():
        await _write(tx, office, made, looks.now)
    return True


async def look_at(
    tx: Transaction, office: Office, borrower_ids: Iterable[BorrowerId], now: datetime
) -> None:
    """Plan what is due for these borrowers and note when to look at them again."""
    await _write(tx, office, await _judged(tx, office, borrower_ids, now), now)


async def _judged(
    tx: Transaction, office: Office, borrower_ids: Iterable[BorrowerId], now: datetime
) -> list[tuple[Situation, Judgement]]:
    judging = Judging(office)
    with uncollected():
        situations = await situations_of(tx, borrower_ids, now)
        return [(one, judging.of(one)) for one in situations.values()]


async def _write(
    tx: Transaction, office: Office, looks: Sequence[tuple[Situation, Judgement]], now: datetime
) -> None:
    decisions: list[audit.Made] = []
    planned = _Planned(await restores.stretches(tx, now))
    next_looks: dict[BorrowerId, datetime | None] = {}
    await clearing.end_tasks(tx, office, [one for one, said in looks if said.is_clear], now)
    await allocating.first_looks(tx, office, [one for one, said in looks if said.overdue], now)
    for situation, judgement in looks:
        borrower_id = situation.facts.borrower.borrower_id
        next_looks[borrower_id] = judgement.next_look
        for occurrence, kind, decision in judgement.steps:
            key = occurrence.unique_key(borrower_id)
            decisions.append((borrower_id, key, kind, decision))
            if decision.verdict == "deny" or (
                decision.until is not None and decision.until >= occurrence.ends_at
            ):
                continue
            if occurrence.step.action is Action.HANDOFF:
                await _bring_a_person(tx, office, situation, occurrence)
            else:
                planned.take(situation, occurrence, key, kind, decision.until or now)
    await work.add_many(tx, planned.tasks, _SYSTEM, now)
    await outbox.put_many(tx, planned.messages, now)
    unknown = [(message, now) for message in planned.in_doubt]
    await outbox.put_unknown_many(tx, unknown, now, why=MAY_HAVE_LEFT)
    variants = experimenting.variants(office, [one for one, _ in looks])
    await audit.record_decisions(tx, "planned", decisions, now, variants)
    await experimenting.enrol(tx, office, [one for one, said in looks if said.enters], now)
    await schedule.put(tx, next_looks)


@dataclass(slots=True)
class _Planned:
    """What one look found is to be done, to be written together. `in_doubt`: see `unknowable`."""

    unknowable: list[Stretch]
    messages: list[Outgoing] = field(default_factory=list)
    in_doubt: list[Outgoing] = field(default_factory=list)
    tasks: list[work.Task] = field(default_factory=list)

    def take(
        self,
        situation: Situation,
        occurrence: Occurrence,
        key: str,
        kind: ContactKind,
        not_before: datetime,
    ) -> None:
        if occurrence.step.action is not Action.MESSAGE:
            # A formal notice too: a person approves the letter and posts it.
            self.tasks.append(_task(situation, occurrence, key))
            return
        account = situation.facts.account
        if account is None:
            return
        message = message_for(account, occurrence, key, not_before, kind)
        doubtful = self.unknowable and any(
            one.may_hold(occurrence.starts_at, occurrence.ends_at) for one in self.unknowable
        )
        (self.in_doubt if doubtful else self.messages).append(message)


def message_for(
    account: Account, occurrence: Occurrence, key: str, not_before: datetime, kind: ContactKind
) -> Outgoing:
    """The row of the outbox for a step that is a message."""
    return Outgoing(
        unique_key=key,
        chat_id=account.telegram_id,
        delivery=DeliveryClass.REMINDER,
        method="sendMessage",
        payload=_payload(occurrence.script, occurrence.anchor),
        actor=_SYSTEM,
        not_before=not_before,
        kind=kind,
        borrower_id=account.borrower_id,
        expires_at=occurrence.ends_at,
    )


@lru_cache(maxsize=4_096)
def _payload(script: str | None, anchor: str) -> dict[str, Any]:
    """The very same one for all who are told the same, so that it is put into JSON once."""
    return {"compose": script, "anchor": anchor}


async def _bring_a_person(
    tx: Transaction, office: Office, situation: Situation, occurrence: Occurrence
) -> None:
    """Once an occurrence: a case that has been closed since is not opened again."""
    borrower_id = situation.facts.borrower.borrower_id
    reason = HandoffReason(occurrence.step.about or "")
    since = situation.local_time.instant(occurrence.anchor_date, time())
    if not await cases.opened_since(tx, borrower_id, reason, since):
        await handoff.start(tx, office, _SYSTEM, borrower_id, reason, situation.now)


def _task(situation: Situation, occurrence: Occurrence, key: str) -> work.Task:
    visits = occurrence.step.action is Action.TASK and occurrence.step.about == _VISIT
    return work.Task(
        key,
        WorkKind.VISIT if visits else _WORK[occurrence.step.action],
        situation.facts.borrower.borrower_id,
        due_at=occurrence.ends_at,
        note=occurrence.step.about or occurrence.step.script or "",
    )
