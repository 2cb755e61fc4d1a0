"""From the outbox onto the wire: claim, read the facts again, ask the policy again, mark.

All of it is one short transaction, so what is marked was allowed by the facts of that moment.
What became of each row is recorded afterwards in batches, fenced by the worker's name.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from bot.services import experimenting, reminders
from bot.services.cases import relaying
from bot.services.contacting import may_contact
from bot.services.judging import Judging
from bot.services.office import Office
from bot.services.scripts import in_force
from bot.services.situation import Situation, situations_of
from scripts_library.errors import ScriptError
from storage import (
    accounts,
    audit,
    cases,
    conversations,
    leases,
    limits,
    moves,
    outbox,
    topics,
    transcript,
    unsent,
    work,
)
from storage.engine import Transaction
from storage.outbox import Outcome
from storage.records import (
    AUTOMATED,
    Actor,
    ActorKind,
    BorrowerId,
    CaseId,
    ContactKind,
    Decision,
    OutboxId,
    OutboxRow,
    OutboxStatus,
    Wording,
    WorkKind,
)

LEFT_BEHIND = timedelta(seconds=60)
WITHHELD = "withheld"
"""The note of a task about a message that could not be put into words."""
UNDELIVERED = "undelivered"
"""The note of a task about a letter that went to the chat and may not have arrived."""
_LOOKED_AT_WITHIN = timedelta(days=1)
_KEY_LENGTH = 128
_SOON = timedelta(seconds=1)
_ONE_BUDGET = AUTOMATED | {ContactKind.STAFF}


@dataclass(frozen=True, slots=True)
class Batch:
    """`ready` rows are marked and may be sent now; `withheld` could not be put into words.

    `quiet_until`: Telegram asked for silence until then, and nothing automated was looked at.
    """

    ready: tuple[OutboxRow, ...]
    withheld: tuple[str, ...] = ()
    quiet_until: datetime | None = None


class Pace(Protocol):
    """Telegram's limits, which all processes of a deployment share."""

    def wait(self, chat_id: int, *, automated: bool) -> float:
        """Seconds until the chat may get its next message; at 0 the place is taken."""
        ...

    def lacks(self) -> timedelta | None:
        """How far back it does not know yet what others sent; None: it knows enough."""
        ...

    def learn(self, marks: Iterable[tuple[OutboxId, int, float]]) -> None:
        """What others sent: the row, its chat and how many seconds ago."""
        ...


async def next_batch(
    tx: Transaction,
    office: Office,
    worker: str,
    now: datetime,
    *,
    limit: int,
    pace: Pace | None = None,
    only_words: bool = False,
) -> Batch:
    """Claim up to `limit` rows, judge each by the facts of this moment, mark those that may go.

    `pace`: None where nothing keeps a message from leaving at once.
    `only_words`: nothing automated is looked at.
    """
    await in_force.refresh(tx, office, now)
    passed_over, office.passed_over = tuple(office.passed_over), []
    paused = await outbox.pauses(tx, now)
    automated = (
        not only_words
        and outbox.EVERYTHING not in paused
        and not await limits.is_on(tx, limits.EMERGENCY_STOP)
    )
    rows = await outbox.claim(tx, worker, now, limit=limit, automated=automated)
    if not rows:
        return Batch((), passed_over, quiet_until=paused.get(outbox.EVERYTHING))
    rows = await _into_topics(tx, rows)
    borrowers = {row.borrower_id for row in rows if row.borrower_id is not None}
    await outbox.one_at_a_time(tx, borrowers)
    situations = await situations_of(tx, borrowers, now) if borrowers else {}
    judging = _Judging(tx, office, now)
    for row in rows:
        if judging.has_one_for(row):
            judging.release(row, now + _SOON)
            continue
        until = paused.get(row.chat_id, now)
        if until > now:
            judging.release(row, until)
        else:
            situation = situations.get(row.borrower_id) if row.borrower_id else None
            await judging.judge(row, situation)
    if pace is not None:
        await _learn(tx, pace, worker, now)
        _keep_pace(judging, pace, now)
    await outbox.release_many(tx, judging.released, now)
    variants = experimenting.variants(office, situations.values())
    await audit.record_decisions(tx, "sending", judging.decisions, now, variants)
    ready = await _mark(tx, judging.ready, judging.wordings, worker, now)
    return Batch(ready, (*passed_over, *judging.withheld))


async def somebody_waits(tx: Transaction, now: datetime) -> bool:
    """Whether an answer or somebody's words may be looked at now."""
    return await outbox.words_are_due(tx, now)


async def _into_topics(tx: Transaction, rows: list[OutboxRow]) -> list[OutboxRow]:
    """What staff are told of a case goes into its topic, where there is one at this moment, and
    what a group is told where the group is now."""
    places = {
        (row.chat_id, row.case_id): row.outbox_id
        for row in rows
        if row.kind is None and row.case_id is not None
    }
    threads = await topics.threads(tx, places.keys())
    moved = await moves.where(tx, {row.chat_id for row in rows})
    found = []
    for row in rows:
        thread = threads.get((row.chat_id, row.case_id)) if row.case_id is not None else None
        if row.chat_id in moved:
            found.append(row._replace(payload={**row.payload, "moved_to": moved[row.chat_id]}))
        elif thread is None or row.kind is not None:
            found.append(row)
        else:
            found.append(row._replace(payload={**row.payload, "thread": thread, "of_case": True}))
    return found


async def _learn(tx: Transaction, pace: Pace, worker: str, now: datetime) -> None:
    """From here to the commit only one process decides, so none of them takes another's place."""
    back = pace.lacks()
    if back is None:
        return
    await tx.lock(leases.PACE)
    marks = await outbox.marked_by_others(tx, worker, now - back)
    pace.learn((row, chat_id, (now - at).total_seconds()) for row, chat_id, at in marks)


def _keep_pace(judging: "_Judging", pace: Pace, now: datetime) -> None:
    """Of what may go by the rules, what the bot or its chat may not send yet goes back."""
    found, late = [], set()
    for row in judging.ready:
        seconds = pace.wait(row.chat_id, automated=row.automated)
        if seconds > 0:
            late.add(row.unique_key)
            judging.release(row, now + timedelta(seconds=seconds))
        else:
            found.append(row)
    judging.ready = found
    if late:
        judging.decisions = [one for one in judging.decisions if one[1] not in late]


class _Judging:
    """Sorts claimed rows into those that may go and those that go back or end."""

    def __init__(self, tx: Transaction, office: Office, now: datetime) -> None:
        self._tx = tx
        self._office = office
        self._now = now
        self.ready: list[OutboxRow] = []
        self.released: list[tuple[OutboxId, datetime, str]] = []
        self.withheld: list[str] = []
        self._spoken_to: set[BorrowerId] = set()
        self.wordings: dict[OutboxId, Wording] = {}
        self.decisions: list[audit.Made] = []
        self._alike = Judging(office)

    def has_one_for(self, row: OutboxRow) -> bool:
        """Whether another row of the same budget goes now: it has to be judged by that one too."""
        return row.kind in _ONE_BUDGET and row.borrower_id in self._spoken_to

    def release(self, row: OutboxRow, not_before: datetime, rules: str = "") -> None:
        """Give it back, to be looked at again then."""
        self.released.append((row.outbox_id, not_before, rules))

    def _may_go(self, row: OutboxRow) -> None:
        self.ready.append(row)
        if row.kind in _ONE_BUDGET and row.borrower_id is not None:
            self._spoken_to.add(row.borrower_id)

    async def judge(self, row: OutboxRow, situation: Situation | None) -> None:
        if row.expires_at is not None and self._now >= row.expires_at:
            await self._drop(row, OutboxStatus.EXPIRED)
            return
        if row.method == topics.RENAME and "thread" not in row.payload:
            await self._drop(row, OutboxStatus.EXPIRED, error="no topic")
            return
        if row.kind is None or situation is None or row.borrower_id is None:
            self._may_go(row)
            return
        as_planned = self._as_planned(row, row.kind, situation)
        decision = as_planned or self._decide(row, row.kind, situation)
        self.decisions.append((row.borrower_id, row.unique_key, row.kind, decision))
        if decision.verdict == "deny":
            await self._drop(row, OutboxStatus.DENIED, decision)
        elif decision.verdict == "defer":
            await self._defer(row, decision)
        else:
            await self._word(row, situation, still_due=as_planned is not None)

    def _as_planned(
        self, row: OutboxRow, kind: ContactKind, situation: Situation
    ) -> Decision | None:
        """The word on the step it was planned for, shared with whoever is alike; None: it is no
        such message, goes to another chat, or is not due any more."""
        account, said = situation.facts.account, row.payload
        if account is None or row.chat_id != account.telegram_id:
            return None
        if "anchor" not in said or "neutral" in said:
            return None
        return self._alike.of_message(situation, kind, row.unique_key)

    def _decide(self, row: OutboxRow, kind: ContactKind, situation: Situation) -> Decision:
        return may_contact(
            situation,
            self._office,
            kind,
            chat_id=row.chat_id,
            neutral=bool(row.payload.get("neutral")),
        )

    async def _word(self, row: OutboxRow, situation: Situation, *, still_due: bool) -> None:
        """Rows the planner queued get their words only now, from the ledger of this moment."""
        if "compose" not in row.payload:
            self._may_go(row)
            return
        if not (still_due or reminders.still_due(situation, self._office, row)):
            await self._drop(row, OutboxStatus.EXPIRED, error="the facts have changed")
            return
        try:
            payload, wording = reminders.compose(situation, self._office, row)
        except Exception as error:  # whatever it is, it is about this one message
            await self._withhold(row, error)
            return
        self.wordings[row.outbox_id] = wording
        self._may_go(row._replace(payload=payload))

    async def _withhold(self, row: OutboxRow, error: Exception) -> None:
        """Nothing is said with a hole: an alarm for the admins, and a person looks into it."""
        told = str(error) if isinstance(error, ScriptError) else type(error).__name__
        self.withheld.append(f"{row.payload['compose']}: {told}, message {row.outbox_id}")
        await self._drop(row, OutboxStatus.FAILED, error=told)
        assert row.borrower_id is not None, "only what borrowers are sent is composed"
        await work.add(
            self._tx,
            f"withheld:{row.unique_key}"[:_KEY_LENGTH],
            WorkKind.REVIEW,
            row.borrower_id,
            actor=Actor.system(),
            now=self._now,
            due_at=self._now + _LOOKED_AT_WITHIN,
            note=WITHHELD,
        )

    async def _defer(self, row: OutboxRow, decision: Decision) -> None:
        until = decision.until
        if until is None or (row.expires_at is not None and until >= row.expires_at):
            await self._drop(row, OutboxStatus.EXPIRED, decision)
            return
        self.release(row, until, " ".join(decision.rules))

    async def _drop(
        self,
        row: OutboxRow,
        status: OutboxStatus,
        decision: Decision | None = None,
        error: str = "",
    ) -> None:
        rules = " ".join(decision.rules) if decision else ""
        await outbox.drop(self._tx, row.outbox_id, status, self._now, rules=rules, error=error)
        await _look_into(self._tx, row, self._now)
        if decision is not None and row.case_id is not None:
            await relaying.not_delivered(self._tx, self._office, row, decision.rules, self._now)


async def _look_into(tx: Transaction, row: OutboxRow, now: datetime) -> None:
    """A person sent a formal letter to the chat and has to hear that it may not have arrived."""
    if row.kind is not ContactKind.NOTICE or row.borrower_id is None:
        return
    await work.add(
        tx,
        f"undelivered:{row.unique_key}"[:_KEY_LENGTH],
        WorkKind.REVIEW,
        row.borrower_id,
        actor=Actor.system(),
        now=now,
        due_at=now + _LOOKED_AT_WITHIN,
        note=UNDELIVERED,
    )


async def _mark(
    tx: Transaction,
    ready: list[OutboxRow],
    wordings: Mapping[OutboxId, Wording],
    worker: str,
    now: datetime,
) -> tuple[OutboxRow, ...]:
    ids = [row.outbox_id for row in ready]
    worded = {one: wordings[one] for one in ids if one in wordings}
    marked = await outbox.mark_sending(tx, ids, worker, now, worded)
    left = [(one, now + _SOON, "") for one in ids if one not in marked]
    await outbox.release_many(tx, left, now)
    return tuple(row for row in ready if row.outbox_id in marked)


async def record(
    tx: Transaction,
    office: Office,
    outcomes: Iterable[tuple[OutboxRow, Outcome]],
    worker: str,
    now: datetime,
) -> None:
    """Write what became of rows on the wire, and what follows from it for their chats."""
    done = list(outcomes)
    open_cases = await conversations.cases_of(tx, _told_outside_a_case(done))
    await outbox.record(tx, [outcome for _, outcome in done], worker, now)
    said: list[cases.Sent] = []
    for row, outcome in done:
        if outcome.status is OutboxStatus.SENT and outcome.retry_at is None:
            await _note_sent(tx, office, row, outcome, said, open_cases, now)
        elif outcome.status is OutboxStatus.FAILED and row.case_id is not None:
            await relaying.not_delivered(tx, office, row, (outcome.error,), now)
        elif outcome.moved_to is not None:
            if await moves.note(tx, row.chat_id, outcome.moved_to, now):
                await cases.forget_lines(tx, row.chat_id)
        elif outcome.error == outbox.TOPIC_GONE and row.case_id is not None:
            await relaying.topic_lost(tx, office, row, now)
        if outcome.status in (OutboxStatus.FAILED, OutboxStatus.UNKNOWN):
            await _look_into(tx, row, now)
            await _note_unsent(tx, row, open_cases, now)
        if outcome.error == outbox.BLOCKED and row.borrower_id is not None:
            await accounts.set_reachable(tx, row.chat_id, now)
    if said:
        await cases.add_sent(tx, said, now)


def _told_outside_a_case(done: Iterable[tuple[OutboxRow, Outcome]]) -> set[BorrowerId]:
    """Borrowers whose messages of no case have come to their end."""
    return {
        row.borrower_id
        for row, outcome in done
        if row.borrower_id is not None
        and row.kind is not None
        and row.case_id is None
        and outcome.status is not OutboxStatus.QUEUED
        and outcome.retry_at is None
    }


async def _note_unsent(
    tx: Transaction, row: OutboxRow, open_cases: Mapping[BorrowerId, CaseId], now: datetime
) -> None:
    """What did not arrive, or nobody knows, is told by the transcript of a case it falls into: of
    one that is open at once, of one that is opened later when it begins. Hence its words are kept.
    """
    if row.case_id is not None or row.kind is None or row.borrower_id is None:
        return
    await outbox.keep_words(tx, row.outbox_id, row.payload)
    if row.borrower_id in open_cases and _speaker(row.actor).kind is not ActorKind.STAFF:
        await transcript.note_unsent(tx, await unsent.in_open_cases(tx, [row.outbox_id]), now)


async def _note_sent(
    tx: Transaction,
    office: Office,
    row: OutboxRow,
    outcome: Outcome,
    said: list[cases.Sent],
    open_cases: Mapping[BorrowerId, CaseId],
    now: datetime,
) -> None:
    """`said` gets what belongs to no case, to be kept together with others.

    What the bot said before a case was opened and Telegram answered for only afterwards stands in
    its transcript.
    """
    if row.case_id is not None and outcome.message_id is not None:
        await relaying.delivered(tx, office, row, outcome.message_id, now)
    if row.borrower_id is None or row.kind is None:
        return
    if row.payload.get("home"):
        await accounts.set_home(tx, row.chat_id, outcome.message_id)
    speaker = _speaker(row.actor)
    by_person = speaker.kind is ActorKind.STAFF
    if by_person and row.kind in (ContactKind.REPLY, ContactKind.STAFF):
        await conversations.note_person_wrote(tx, row.borrower_id, now)
    elif row.kind in (ContactKind.REPLY, ContactKind.SAFETY):
        account = await accounts.by_telegram_id(tx, row.chat_id)
        if account is not None and account.verified_at is not None:
            await conversations.note_answered(tx, row.borrower_id, now)
    text = row.payload.get("text") or row.payload.get("caption") or ""
    case_id = row.case_id
    if case_id is None and not by_person:
        case_id = open_cases.get(row.borrower_id)
    if case_id is None:
        said.append(
            cases.Sent(
                row.borrower_id, speaker, text, row.chat_id, outcome.message_id, row.outbox_id
            )
        )
        return
    await cases.add_sent(tx, said, now)  # what was said before stands before it
    said.clear()
    await cases.add_message(
        tx,
        row.borrower_id,
        "out",
        speaker,
        now,
        case_id=case_id,
        text=text,
        chat_id=row.chat_id,
        message_id=outcome.message_id,
        outbox_id=row.outbox_id,
    )


def _speaker(actor: str) -> Actor:
    """Whose words they are: a person's, or the bot's, whatever made the bot say them."""
    kind, _, number = actor.partition(":")
    if kind == ActorKind.STAFF and number:
        return Actor(ActorKind.STAFF, int(number))
    return Actor.system()


async def pause(tx: Transaction, chat_id: int, until: datetime) -> None:
    """Telegram said when to come back: this chat and everything automated wait until then."""
    await outbox.pause(tx, chat_id, until)
    await outbox.pause(tx, outbox.EVERYTHING, until)


async def recover(tx: Transaction, now: datetime, *, everything: bool) -> dict[str, int]:
    """Settle what a dead process left on its way.

    `everything`: no other process can be alive, so all of it was left behind.
    """
    stale_before = now + _SOON if everything else now - LEFT_BEHIND
    left = await outbox.recover(tx, now, stale_before=stale_before)
    if left["unknown"]:
        await transcript.note_unsent(tx, await unsent.doubted_at(tx, now), now)
    return left


async def expire(tx: Transaction, now: datetime) -> int:
    """End rows whose validity passed while they waited."""
    return await outbox.expire(tx, now)
