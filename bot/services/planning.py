"""The planner: what the strategy asks for now becomes rows of the outbox and tasks for people.

It looks only at borrowers whose moment has come and then notes when to look again. Whatever it
does carries the key of its occurrence, so looking twice, or with two planners, does it once. What
there is to do may be found out beside everybody else's work; only writing it down keeps others
waiting.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, time
from functools import lru_cache
from typing import Any, NamedTuple

from bot.rules.strategy import Action, Occurrence
from bot.services import clearing, experimenting
from bot.services.cases import allocating, handoff
from bot.services.judging import Judgement, Judging
from bot.services.office import Office
from bot.services.situation import Situation
from bot.uncollected import uncollected
from storage import audit, cases, facts, leases, outbox, restores, schedule, work
from storage.engine import Transaction
from storage.facts import Known
from storage.records import (
    Actor,
    BorrowerId,
    ContactKind,
    Decision,
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


class Look(NamedTuple):
    """What a look at a borrower comes to, and what it was judged by."""

    borrower_id: BorrowerId
    judgement: Judgement
    known: Known
    now: datetime

    @property
    def situation(self) -> Situation:
        """Made anew each time; of nearly everybody nobody asks for it."""
        return Situation(self.known.facts_of(self.borrower_id), self.now)


@dataclass(frozen=True, slots=True)
class Looks:
    """Looks at borrowers, judged by the facts of `now` and not written yet.

    `news`: of those whose moment had come, see `schedule.still_due`.
    """

    now: datetime
    made: Sequence[Look]
    news: Mapping[BorrowerId, int]


@dataclass(frozen=True, slots=True)
class Turn:
    """Borrowers to be looked at as of one moment, in portions; who is alike is so in all of them.

    `news` as in `Looks`. It is asked for before the facts, so that none can come in between.
    """

    now: datetime
    news: Mapping[BorrowerId, int]
    judging: Judging

    def portions(self, size: int) -> Iterator[Sequence[BorrowerId]]:
        everyone = list(self.news)
        return (everyone[first : first + size] for first in range(0, len(everyone), size))


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
    turn = await next_turn(tx, office, now, limit=limit)
    return await judge(tx, turn, turn.news)


async def next_turn(tx: Transaction, office: Office, now: datetime, *, limit: int) -> Turn:
    """Up to `limit` borrowers whose moment has come, longest waiting first."""
    return Turn(now, await schedule.due_with_news(tx, now, limit), Judging(office))


async def judge(tx: Transaction, turn: Turn, some: Collection[BorrowerId]) -> Looks:
    """What there is to do about some of a turn. Writes nothing."""
    made = await _judged(tx, turn.judging, some, turn.now) if some else ()
    return Looks(turn.now, made, turn.news)


async def keep(tx: Transaction, office: Office, looks: Looks) -> bool:
    """Write looks that were judged in an earlier transaction, or in this one.

    Whoever was looked at since, or has other facts since, is left out and looked at anew. False:
    another process is planning, and nothing was written.
    """
    if not looks.made:
        return True
    if not await leases.is_ours(tx, leases.PLANNING):
        return False
    seen = {one.borrower_id: looks.news[one.borrower_id] for one in looks.made}
    still = await schedule.still_due(tx, seen, looks.now)
    made = [one for one in looks.made if one.borrower_id in still]
    with uncollected():
        await _write(tx, office, made, looks.now)
    return True


async def look_at(
    tx: Transaction, office: Office, borrower_ids: Iterable[BorrowerId], now: datetime
) -> None:
    """Plan what is due for these borrowers and note when to look at them again."""
    await _write(tx, office, await _judged(tx, Judging(office), borrower_ids, now), now)


async def _judged(
    tx: Transaction, judging: Judging, borrower_ids: Iterable[BorrowerId], now: datetime
) -> list[Look]:
    with uncollected():
        known = await facts.read(tx, borrower_ids, now)
        return [Look(one, judging.of_known(known, one, now), known, now) for one in known]


async def _write(tx: Transaction, office: Office, looks: Sequence[Look], now: datetime) -> None:
    planned = _Planned(now, await restores.stretches(tx, now))
    clear = [one.borrower_id for one in looks if one.judgement.is_clear]
    await clearing.end_tasks(tx, office, clear, now)
    await allocating.first_looks(tx, office, _out_of_reach(looks), now)
    for look in looks:
        for occurrence in planned.take(look):
            await _bring_a_person(tx, office, look.situation, occurrence)
    await work.add_many(tx, planned.tasks, _SYSTEM, now)
    await outbox.put_alike(tx, planned.messages, now)
    unknown = [(_alone(*one), now) for one in planned.in_doubt]
    await outbox.put_unknown_many(tx, unknown, now, why=MAY_HAVE_LEFT)
    variants = None
    if office.strategy.has_groups:
        variants = experimenting.variants(office, [one.situation for one in looks])
    await audit.record_decisions(tx, "planned", planned.decisions, now, variants)
    entering = [one.situation for one in looks if one.judgement.enters]
    await experimenting.enrol(tx, office, entering, now)
    await schedule.put(tx, {one.borrower_id: one.judgement.next_look for one in looks})


def _out_of_reach(looks: Iterable[Look]) -> list[Situation]:
    """Of those who are overdue."""
    return [
        one.situation
        for one in looks
        if one.judgement.overdue and not one.known.is_reachable(one.borrower_id)
    ]


@dataclass(slots=True)
class _Planned:
    """What one look found is to be done, to be written together. `in_doubt`: see `unknowable`."""

    now: datetime
    unknowable: list[Stretch]
    decisions: list[audit.Made] = field(default_factory=list)
    messages: list[outbox.Alike] = field(default_factory=list)
    in_doubt: list[outbox.Alike] = field(default_factory=list)
    tasks: list[work.Task] = field(default_factory=list)
    _steps: dict[int, tuple["_Step", ...]] = field(default_factory=dict)

    def take(self, look: Look) -> Iterator[Occurrence]:
        """Note what there is to do for somebody; gives the steps that bring a person."""
        borrower_id, judgement = look.borrower_id, look.judgement
        for step in self._steps_of(judgement):
            key = f"step:{borrower_id}:{step.name}"
            self.decisions.append((borrower_id, key, step.kind, step.decision))
            if step.denied:
                continue
            if step.action is Action.HANDOFF:
                yield step.occurrence
            elif step.action is not Action.MESSAGE:
                # A formal notice too: a person approves the letter and posts it.
                self.tasks.append(_task(borrower_id, step.occurrence, key))
            elif (chat_id := look.known.telegram_id(borrower_id)) is not None:
                if step.message is None:
                    step.message = message_for(
                        chat_id, borrower_id, step.occurrence, key, step.not_before, step.kind
                    )
                one = key, chat_id, borrower_id, step.message
                (self.in_doubt if step.in_doubt else self.messages).append(one)

    def _steps_of(self, judgement: Judgement) -> tuple["_Step", ...]:
        """Worked out once for all who share the judgement."""
        steps = self._steps.get(id(judgement))
        if steps is None:
            steps = tuple(self._step(*one) for one in judgement.steps)
            self._steps[id(judgement)] = steps
        return steps

    def _step(self, occurrence: Occurrence, kind: ContactKind, decision: Decision) -> "_Step":
        late = decision.until is not None and decision.until >= occurrence.ends_at
        return _Step(
            occurrence,
            occurrence.name,
            occurrence.step.action,
            kind,
            decision,
            denied=decision.verdict == "deny" or late,
            in_doubt=any(
                one.may_hold(occurrence.starts_at, occurrence.ends_at) for one in self.unknowable
            ),
            not_before=decision.until or self.now,
        )


@dataclass(slots=True)
class _Step:
    """A step of a judgement as it is written down. `message`: of the first who gets it."""

    occurrence: Occurrence
    name: str
    action: Action
    kind: ContactKind
    decision: Decision
    denied: bool
    in_doubt: bool
    not_before: datetime
    message: Outgoing | None = None


def _alone(key: str, chat_id: int, borrower_id: BorrowerId, like: Outgoing) -> Outgoing:
    return replace(like, unique_key=key, chat_id=chat_id, borrower_id=borrower_id)


def message_for(
    chat_id: int,
    borrower_id: BorrowerId,
    occurrence: Occurrence,
    key: str,
    not_before: datetime,
    kind: ContactKind,
) -> Outgoing:
    """The row of the outbox for a step that is a message."""
    return Outgoing(
        unique_key=key,
        chat_id=chat_id,
        delivery=DeliveryClass.REMINDER,
        method="sendMessage",
        payload=_payload(occurrence.script, occurrence.anchor),
        actor=_SYSTEM,
        not_before=not_before,
        kind=kind,
        borrower_id=borrower_id,
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


def _task(borrower_id: BorrowerId, occurrence: Occurrence, key: str) -> work.Task:
    visits = occurrence.step.action is Action.TASK and occurrence.step.about == _VISIT
    return work.Task(
        key,
        WorkKind.VISIT if visits else _WORK[occurrence.step.action],
        borrower_id,
        due_at=occurrence.ends_at,
        note=occurrence.step.about or occurrence.step.script or "",
    )
