"""Importing the lender's files while the bot goes on talking.

A file is read and judged completely before anything is written. Then it is staged in batches,
accepted in one stroke, and applied (`import_applying`). A crash before it is accepted leaves
nothing that counts; afterwards every start and every import brings it to its end.
"""

import asyncio
from copy import deepcopy
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from pathlib import Path
from time import monotonic
from typing import Any

from bot.errors import InputRefused, NotAllowed, NotAvailable
from bot.rules.strategy import Strategy, default_strategy
from bot.services.portfolio.applying import OnPayment, OnProgress, finish_accepted, rest, silently
from bot.services.portfolio.borrowers import read_borrowers
from bot.services.portfolio.cells import any_day
from bot.services.portfolio.changes import find_changes, keep_changes
from bot.services.portfolio.checks import plan_borrowers, plan_loans
from bot.services.portfolio.loans import read_loans
from bot.services.portfolio.payment_checks import plan_payments
from bot.services.portfolio.payments import read_payments
from bot.services.portfolio.plan import ImportPlan
from bot.services.portfolio.report import ImportReport, Refusals, Unreadable
from bot.services.portfolio.table import Portfolio
from bot.uncollected import uncollected
from scripts_library.library import Library
from storage import audit, borrowers, imports
from storage.engine import Storage, Transaction
from storage.records import Actor, ActorKind, Role

__all__ = ["ImportKind", "PortfolioFile", "finish_accepted", "import_file"]

_TRIES = 5
_UNFINISHED = "judged by half of an earlier import, which the next import or start will finish"
_ABANDONED = timedelta(hours=1)


class ImportKind(StrEnum):
    BORROWERS = "borrowers"
    LOANS = "loans"
    PAYMENTS = "payments"


@dataclass(frozen=True, slots=True)
class PortfolioFile:
    """A file to import. `as_of` counts for loans that have none of their own."""

    kind: ImportKind
    path: Path
    as_of: date | None = None


async def import_file(
    storage: Storage,
    actor: Actor,
    file: PortfolioFile,
    *,
    secret: bytes,
    library: Library,
    now: datetime,
    on_payment: OnPayment,
    on_progress: OnProgress = silently,
    dry_run: bool = False,
    strategy: Strategy | None = None,
) -> ImportReport:
    """Import a file whole or refuse it whole; a dry run only says which.

    `strategy` (default: the built-in one) names the stages in which late payments change something.

    Raises NotAllowed for anybody but the system and admins, InputRefused for an impossible
    `as_of` beside the file, NotAvailable while others keep importing, OSError when the file cannot
    be opened.
    """
    if actor.kind is not ActorKind.SYSTEM and actor.role is not Role.ADMIN:
        raise NotAllowed
    _check_day(file.as_of, now)
    strategy = strategy or default_strategy()
    job = _Import(storage, actor, file, now, on_payment, on_progress, strategy)
    await job.read(secret, library)
    if dry_run:
        return job.report(await job.plan(), dry_run=True)
    for _ in range(_TRIES):
        await job.make_room()
        plan = await job.plan()
        if not job.unfinished and (job.refusals or await job.carry_out(plan)):
            return job.report(plan, dry_run=False)
    raise NotAvailable("other imports keep coming in between; try again in a minute")


class _Import:
    """One import on its way, from the file to the report."""

    def __init__(
        self,
        storage: Storage,
        actor: Actor,
        file: PortfolioFile,
        now: datetime,
        on_payment: OnPayment,
        on_progress: OnProgress,
        strategy: Strategy,
    ) -> None:
        self.storage = storage
        self.strategy = strategy
        self.actor = actor
        self.file = file
        self.now = now
        self.on_payment = on_payment
        self.on_progress = on_progress
        self.started = monotonic()
        self.refusals = Refusals(people=file.kind is ImportKind.BORROWERS)
        self.unread = self.refusals
        self.portfolio: Portfolio[Any] = Portfolio()
        self.judged_at = 0
        self.unfinished = False

    async def read(self, secret: bytes, library: Library) -> None:
        """In a thread, so that the rest of the process has its turn."""

        def work() -> Portfolio[Any]:
            path, refusals, now = self.file.path, self.unread, self.now
            if self.file.kind is ImportKind.BORROWERS:
                return read_borrowers(
                    path, refusals, progress, secret=secret, library=library, now=now
                )
            if self.file.kind is ImportKind.LOANS:
                return read_loans(path, refusals, progress, as_of=self.file.as_of, now=now)
            return read_payments(path, refusals, progress, now=now)

        def progress(share: float) -> None:
            self.on_progress("reading", share)

        with uncollected():
            self.portfolio = await asyncio.to_thread(work)

    async def make_room(self) -> None:
        """Finish what was decided before, and throw away what never was."""
        await finish_accepted(self.storage, self.on_payment, self.now)
        async with self.storage.reading() as tx:
            abandoned = await imports.abandoned(tx, self.now - _ABANDONED)
        for import_id in abandoned:
            async with self.storage.transaction() as tx:
                await imports.discard(tx, import_id)

    async def plan(self) -> ImportPlan:
        """What it will do, by what is known now; `unfinished`: that may be half an import."""
        self.on_progress("checking", 0)
        self.refusals = deepcopy(self.unread)
        async with self.storage.reading() as tx:
            self.judged_at = await imports.decided(tx)
            self.unfinished = await imports.unapplied(tx) is not None
            with uncollected():
                plan = await self._plan(tx)
            # on PostgreSQL another import may have been accepted while we looked
            self.unfinished = self.unfinished or await imports.decided(tx) != self.judged_at
        return plan

    async def _plan(self, tx: Transaction) -> ImportPlan:
        if self.file.kind is ImportKind.BORROWERS:
            return await plan_borrowers(tx, self.portfolio)
        if self.file.kind is ImportKind.LOANS:
            return await plan_loans(tx, self.portfolio, self.refusals)
        plan = await plan_payments(tx, self.portfolio, self.refusals)
        if not self.refusals:
            plan.changes = await find_changes(tx, self.strategy, plan, self.now)
        return plan

    async def carry_out(self, plan: ImportPlan) -> bool:
        """Stage, accept and apply. False: another import was accepted since `plan` was made."""
        import_id = await self._stage(plan)
        async with self.storage.transaction() as tx:
            accepted = await imports.accept(
                tx, import_id, judged_at=self.judged_at, now=self.now,
                over_days=await self._over_days(tx),
            )  # fmt: skip
            if accepted:
                await self._record(tx, import_id, plan)
            else:
                await imports.discard(tx, import_id)
        if accepted:
            await finish_accepted(self.storage, self.on_payment, self.now, self.on_progress)
        return accepted

    async def _over_days(self, tx: Transaction) -> int:
        """The first file of loans brings all the work there is; people have so much a day."""
        if self.file.kind is not ImportKind.LOANS or await imports.has_loans(tx):
            return 1
        return self.strategy.ramp.days(await borrowers.count(tx))

    async def _stage(self, plan: ImportPlan) -> int:
        async with self.storage.transaction() as tx:
            import_id = await imports.begin(
                tx,
                self.file.kind,
                rows=self.portfolio.rows,
                as_of=self.file.as_of,
                actor=str(self.actor),
                now=self.now,
            )
        total = plan.batch_count
        for number, body in enumerate(plan.bodies(), 1):
            started = monotonic()
            async with self.storage.transaction() as tx:
                await imports.stage(tx, import_id, imports.Batch(number, body))
            await rest(self.storage, monotonic() - started)
            self.on_progress("staging", min(number / total, 1))
        return import_id

    async def _record(self, tx: Transaction, import_id: int, plan: ImportPlan) -> None:
        await audit.record(
            tx,
            self.actor,
            "import.accepted",
            f"import:{import_id}",
            self.now,
            kind=self.file.kind.value,
            rows=self.portfolio.rows,
            added=plan.added,
            changed=plan.changed,
            unchanged=plan.unchanged,
            parked=len(plan.parked),
        )
        await keep_changes(tx, self.actor, import_id, plan.changes, self.now)

    def report(self, plan: ImportPlan, *, dry_run: bool) -> ImportReport:
        refused = sorted(self.refusals.listed, key=lambda one: one.line)
        done = ImportPlan() if refused else plan
        return ImportReport(
            kind=self.file.kind.value,
            rows=self.portfolio.rows,
            dry_run=dry_run,
            seconds=monotonic() - self.started,
            added=done.added,
            changed=done.changed,
            unchanged=done.unchanged,
            parked=done.parked,
            changes=done.changes,
            refused=refused,
            more_refused=self.refusals.more,
            notes=[*self.portfolio.notes, *([_UNFINISHED] if self.unfinished else [])],
        )


def _check_day(as_of: date | None, now: datetime) -> None:
    try:
        if as_of is not None:
            any_day(now)(as_of.isoformat())
    except Unreadable as fault:
        raise InputRefused(f"as of {as_of}: {fault.reason}; {fault.mend}") from None
