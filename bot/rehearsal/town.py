"""The place a rehearsal happens in: a temporary database, an office, people, and the hour.

Events are put on a heap with the moment they happen; `rehearsing` takes them out in order. A small
town lives by the minute. In a large one all who act within a quarter of an hour do so at its end,
one after the other, and the bot looks at them together, as it does when it is busy.
"""

import heapq
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from random import Random

from bot.rehearsal.lender import Debt, Paid, throw_away
from bot.rehearsal.population import Invented
from bot.rehearsal.wire import Wire
from bot.services import linking, paying
from bot.services.office import Office
from bot.services.portfolio.importing import ImportKind, PortfolioFile, import_file
from storage import accounts, borrowers, migrating, schedule, staff
from storage.engine import Storage, Transaction
from storage.records import Actor, BorrowerId, Money, Role, StaffMember

Event = Callable[[datetime], Awaitable[None]]
_SUPERVISOR = 90_001
_LARGE = 200
_QUARTER = timedelta(minutes=15)
_FIRST = datetime(1970, 1, 1, tzinfo=UTC)


class Watched(Storage):
    """`changes`: how often somebody began to write, so that it is known when nobody did."""

    changes = 0

    @asynccontextmanager
    async def transaction(self, *, at_once: bool = False) -> AsyncIterator[Transaction]:
        self.changes += 1
        async with super().transaction(at_once=at_once) as tx:
            yield tx


_EMPTY: list[bytes] = []
"""An empty database, once there was one: only the first of a process has to be migrated."""


async def empty_database(folder: Path) -> Watched:
    """Open a new database in `folder`."""
    file = folder / "rehearsal.sqlite3"
    url = f"sqlite:///{file}"
    if not _EMPTY:
        storage = Watched.open(url, durable=False)
        try:
            await migrating.ready(storage)
        finally:
            await storage.close()
        _EMPTY.append(file.read_bytes())
    file.write_bytes(_EMPTY[0])
    return Watched.open(url, durable=False)


@dataclass(slots=True)
class Town:
    """`chance` is the world's own; every borrower has another.

    `untold`: payments by the moment at which the lender's file tells of them.
    """

    storage: Watched
    office: Office
    folder: Path
    people: list[Invented]
    wire: Wire
    chance: Random
    supervisor: StaffMember | None = None
    untold: dict[datetime, list[tuple[Invented, Debt, Paid]]] = field(default_factory=dict)
    _events: list[tuple[datetime, int, Event]] = field(default_factory=list)
    _numbers: "count[int]" = field(default_factory=lambda: count(1))

    def number(self) -> int:
        """Never the same twice: for updates, keys and payments."""
        return next(self._numbers)

    def at(self, moment: datetime, event: Event) -> None:
        if len(self.people) > _LARGE:
            moment += -(moment - _FIRST) % _QUARTER
        heapq.heappush(self._events, (moment, self.number(), event))

    @property
    def next_event_at(self) -> datetime | None:
        return self._events[0][0] if self._events else None

    async def happen(self, now: datetime) -> None:
        """Everything whose moment has come, in order."""
        while self._events and self._events[0][0] <= now:
            _, _, event = heapq.heappop(self._events)
            await event(now)

    async def take_in(self, kind: ImportKind, file: Path, now: datetime) -> None:
        """As `remindful import` does it; a refused file is a fault of the rehearsal itself."""
        report = await import_file(
            self.storage,
            Actor.system(),
            PortfolioFile(kind, file),
            secret=self.office.secret,
            library=self.office.library,
            now=now,
            on_payment=self._thank,
        )
        throw_away(file)
        assert not report.refused, report.refused

    async def link_everybody(self, now: datetime) -> None:
        """Each has opened their link and proved who they are; a supervisor does all work."""
        async with self.storage.transaction() as tx:
            await staff.put(
                tx, _SUPERVISOR, role=Role.SUPERVISOR, name="Robin", languages=["en", "zh-Hans"],
                skills=[], now=now,
            )  # fmt: skip
            self.supervisor = await staff.by_telegram_id(tx, _SUPERVISOR)
            for one in self.people:
                link = await linking.issue_link(tx, self.office, Actor.system(), one.ref, now)
                await linking.open_link(tx, self.office, one.chat_id, link.token, now)
                account = await accounts.by_telegram_id(tx, one.chat_id)
                assert account is not None, "they opened their link a moment ago"
                await accounts.verify_account(tx, account, now)
                known = await borrowers.by_ref(tx, one.ref)
                assert known is not None, "they were imported a moment ago"
                one.borrower_id = known.borrower_id
                await schedule.look_again(tx, [known.borrower_id], now)

    async def _thank(
        self, tx: Transaction, borrower_id: BorrowerId, ref: str, paid: Money, now: datetime
    ) -> None:
        await paying.money_arrived(tx, self.office, borrower_id, ref, paid, now)
