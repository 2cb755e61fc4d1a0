"""The rehearsal itself: from one moment at which something happens to the next, as fast as it goes.

Planner, sender and housekeeping are called as the running bot calls them, whenever something was
written or is due. After each step what has arrived is judged (`checks`); the same seed gives the
same rehearsal to the letter.
"""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import partial
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

from bot.rehearsal import acts, checks, desk, outcome, population
from bot.rehearsal.checks import Violation
from bot.rehearsal.lender import write_borrowers, write_loans
from bot.rehearsal.outcome import GroupOutcome, Promises, Recovery
from bot.rehearsal.population import Invented
from bot.rehearsal.town import Event, Town, empty_database
from bot.rehearsal.trials import trial_of
from bot.rehearsal.wire import Wire
from bot.services import planning, sending
from bot.services.cases import handoff
from bot.services.office import Office
from bot.services.portfolio.importing import ImportKind
from storage import outbox, schedule, tallies
from storage.outbox import Outcome
from storage.records import OutboxRow, OutboxStatus

STARTS = (
    datetime(2026, 10, 12, tzinfo=UTC),
    datetime(2026, 1, 26, tzinfo=UTC),
    datetime(2026, 3, 2, tzinfo=UTC),
    datetime(2026, 12, 7, tzinfo=UTC),
)
"""Before clock changes in both directions, and before the long holidays of every country."""

_WORKER = "rehearsal"
_PLANNED_TOGETHER = 500
_SENT_TOGETHER = 50
_A_SECOND = timedelta(seconds=1)
_A_DAY = timedelta(days=1)
_DELIVERIES = (
    (frozenset({"CN", "IN"}), time(22, 30), 0),
    (frozenset({"US", "GB"}), time(9, 0), 1),
)
"""Whose figures come when (UTC), and how many days before that day they close."""
_DESK_HOURS = (time(3, 30), time(14, 30))

Progress = Callable[[float], None]


@dataclass(frozen=True, slots=True)
class Report:
    """`refusals`: contacts that a rule put off or forbade. Days are UTC.

    `contacts_by_hour` alone is by the borrowers' local days and hours.
    """

    seed: int
    start: datetime
    days: int
    borrowers: int
    violations: tuple[Violation, ...]
    contacts_per_day: dict[date, int]
    contacts_by_hour: dict[tuple[date, int], int]
    contacts_by_kind: dict[str, int]
    tasks_per_day: dict[date, int]
    tasks_by_kind: dict[str, int]
    promises: Promises
    recovery: Recovery | None
    refusals: dict[str, int]
    outbox: dict[str, int]
    faults: dict[str, int]
    groups: tuple[GroupOutcome, ...] = ()


async def rehearse(
    office: Office, *, days: int, borrowers: int, seed: int, progress: Progress
) -> Report:
    """Run `days` virtual days with `borrowers` invented people."""
    chance = Random(f"{seed}:town")
    start = chance.choice(STARTS)
    people = population.invent(borrowers, seed, start, days)
    file = office.strategy.model_dump()
    for one in people:
        one.diary.trial = trial_of(file, one.ref)
    with TemporaryDirectory(prefix="remindful-rehearsal-") as folder:
        storage = await empty_database(Path(folder))
        try:
            wire = Wire({one.chat_id: one.diary for one in people}, Random(f"{seed}:wire"))
            town = Town(storage, office, Path(folder), people, wire, chance)
            show = _Show(town, start, days)
            await show.prepare()
            await show.play(progress)
            return await show.report(seed)
        finally:
            await storage.close()


class _Show:
    def __init__(self, town: Town, start: datetime, days: int) -> None:
        self._town = town
        self._start = start
        self._days = days
        self._end = start + days * _A_DAY
        self._people = {one.chat_id: one for one in town.people}
        self._judged: dict[str, int] = {}
        self._violations: list[Violation] = []
        self._known_changes = 0
        self._bot_next_at: datetime | None = start

    async def prepare(self) -> None:
        town, now = self._town, self._start
        file = town.folder / "borrowers.csv"
        write_borrowers(file, [_row(one, now) for one in town.people])
        await town.take_in(ImportKind.BORROWERS, file, now)
        for countries, _, _ in _DELIVERIES:
            await self._deliver(countries, now.date() - 2 * _A_DAY, now)
        await town.link_everybody(now)
        self._expect_everything()

    def _expect_everything(self) -> None:
        """What happens whatever the bot does: files, working hours, and due days."""
        town = self._town
        for number in range(self._days):
            day = (self._start + number * _A_DAY).date()
            for countries, at, before in _DELIVERIES:
                moment = datetime.combine(day, at, UTC)
                town.at(moment, self._delivery(countries, day - before * _A_DAY))
            for at in _DESK_HOURS:
                town.at(datetime.combine(day, at, UTC), partial(desk.work_off, town))
        for who in town.people:
            for day in sorted({item.due_date for debt in who.debts for item in debt.items}):
                hour = time(who.chance.randrange(7, 22), who.chance.randrange(60))
                moment = datetime.combine(day, hour, acts.zone_of(who)).astimezone(UTC)
                if self._start < moment < self._end:
                    town.at(moment, partial(acts.pay_if_due, town, who))

    def _delivery(self, countries: frozenset[str], as_of: date) -> Event:
        async def deliver(now: datetime) -> None:
            if self._town.chance.randrange(1000) >= population.rates()["missing_files"]:
                await self._deliver(countries, as_of, now)

        return deliver

    async def _deliver(self, countries: frozenset[str], as_of: date, now: datetime) -> None:
        debts = [
            debt
            for one in self._town.people
            if one.diary.country in countries
            for debt in one.debts
        ]
        if not debts:
            return
        file = self._town.folder / "loans.csv"
        write_loans(file, debts, as_of)
        await self._town.take_in(ImportKind.LOANS, file, now)
        for debt in debts:
            debt.as_of, debt.delivered_at = as_of, now

    async def play(self, progress: Progress) -> None:
        now: datetime | None = self._start
        while now is not None and now < self._end:
            await self._town.happen(now)
            if self._bot_has_work(now):
                now = await self._bot_works(now)
                self._judge()
                self._bot_next_at = await self._next_of_the_bot(now)
                self._known_changes = self._town.storage.changes
            progress((now - self._start) / (self._end - self._start))
            now = self._next_moment(now)

    def _bot_has_work(self, now: datetime) -> bool:
        """Whether anything was written since it last worked, or the moment it named has come."""
        if self._town.storage.changes != self._known_changes:
            return True
        return self._bot_next_at is not None and self._bot_next_at <= now

    async def _bot_works(self, now: datetime) -> datetime:
        """Ticks of the bot until nothing is left to do; each batch on the wire takes a second."""
        town = self._town
        async with town.storage.transaction() as tx:
            await sending.expire(tx, now)
            await handoff.sweep(tx, town.office, now)
            looked_at = _PLANNED_TOGETHER
            while looked_at == _PLANNED_TOGETHER:
                looked_at = await planning.plan_due(tx, town.office, now, limit=_PLANNED_TOGETHER)
        while await self._something_may_go(now):
            async with town.storage.transaction() as tx:
                batch = await sending.next_batch(
                    tx, town.office, _WORKER, now, limit=_SENT_TOGETHER
                )
            if not batch.ready:
                break
            outcomes = await self._call(batch.ready, now)
            self._expect_reactions(batch.ready, now)
            now += _A_SECOND
            await self._record(outcomes, now)
        return now

    async def _call(
        self, rows: tuple[OutboxRow, ...], now: datetime
    ) -> list[tuple[OutboxRow, Outcome]]:
        """A 429 is written down at once, and holds back what of the batch has not left yet."""
        town, outcomes, until = self._town, [], None
        for row in rows:
            if row.automated and until is not None:
                outcome = Outcome(row.outbox_id, OutboxStatus.QUEUED, error="429", retry_at=until)
            else:
                outcome = town.wire.call(row, now)
                if outcome.error == "429" and outcome.retry_at is not None:
                    until = outcome.retry_at
                    async with town.storage.transaction() as tx:
                        await sending.pause(tx, row.chat_id, until)
            outcomes.append((row, outcome))
        return outcomes

    async def _something_may_go(self, now: datetime) -> bool:
        async with self._town.storage.reading() as tx:
            return await outbox.is_due(tx, now)

    async def _record(self, outcomes: list[tuple[OutboxRow, Outcome]], now: datetime) -> None:
        town = self._town
        async with town.storage.transaction() as tx:
            if town.chance.randrange(1000) < population.rates()["crashes"]:
                # the process died before it could write anything down, and starts again
                await sending.recover(tx, now, everything=True)
                return
            await sending.record(tx, town.office, outcomes, _WORKER, now)

    def _expect_reactions(self, rows: tuple[OutboxRow, ...], now: datetime) -> None:
        town = self._town
        for row in rows:
            who = self._people.get(row.chat_id)
            if who is not None and row.automated:
                moment = now + timedelta(minutes=who.chance.randrange(1, 20 * 60))
                town.at(moment, partial(acts.react, town, who))

    async def _next_of_the_bot(self, now: datetime) -> datetime | None:
        """When something will be due if nothing happens."""
        town = self._town
        async with town.storage.reading() as tx:
            moments = [
                await schedule.next_due_at(tx, now),
                await outbox.next_due_at(tx, now),
                await handoff.next_due_at(tx, now),
            ]
        if town.wire.paused_until is not None and town.wire.paused_until > now:
            moments.append(town.wire.paused_until)
        return min((one for one in moments if one is not None), default=None)

    def _next_moment(self, now: datetime) -> datetime | None:
        moments = (self._town.next_event_at, self._bot_next_at)
        return min((max(one, now) for one in moments if one is not None), default=None)

    def _judge(self) -> None:
        reached = self._town.wire.reached
        for chat_id in sorted(reached):
            one = self._people[chat_id]
            since = self._judged.get(one.ref, 0)
            self._violations += checks.violations(one.diary, one.debts, since)
            self._judged[one.ref] = len(one.diary.arrived)
        reached.clear()

    async def report(self, seed: int) -> Report:
        town = self._town
        arrived = [one for who in town.people for one in who.diary.arrived]
        started = [one for one in arrived if one.automated]
        async with town.storage.reading() as tx:
            tasks = await tallies.tasks_by_day(tx)
            by_kind = await tallies.tasks_by_kind(tx)
            refusals = await tallies.refusals(tx)
            rows = await outbox.counts(tx)
            promises = await outcome.promises(tx, town.people, self._end)
            groups = await outcome.by_group(tx, town.people, self._start.date(), self._end, seed)
        days = [(self._start + number * _A_DAY).date() for number in range(self._days)]
        contacts = Counter(one.at.date() for one in started)
        pushed = tuple(
            Violation("retry_after", "", at, key, "called although Telegram said when to come back")
            for at, key in town.wire.pushed
        )
        return Report(
            seed=seed,
            start=self._start,
            days=self._days,
            borrowers=len(town.people),
            violations=(*self._violations, *pushed),
            contacts_per_day={day: contacts.get(day, 0) for day in days},
            contacts_by_hour=outcome.contacts_by_hour(town.people),
            contacts_by_kind=dict(sorted(Counter(one.kind for one in arrived).items())),
            tasks_per_day={day: tasks.get(day, 0) for day in days},
            tasks_by_kind=by_kind,
            promises=promises,
            recovery=outcome.recovery(town.people, self._start.date(), self._end.date(), seed),
            refusals=refusals,
            outbox=dict(sorted(rows.items())),
            faults=dict(sorted(town.wire.faults.items())),
            groups=groups,
        )


def _row(one: Invented, now: datetime) -> tuple[object, ...]:
    place = one.place
    return (
        one.ref, "Sam Example", place["language"], place["country"], place["timezone"],
        "+10000000000", "1990-01-01", "1234", now.isoformat(),
    )  # fmt: skip
