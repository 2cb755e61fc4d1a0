"""`remindful import`: borrowers, loans or payments from a file of the lender's."""

import asyncio
import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime
from pathlib import Path
from time import monotonic

import typer
from rich.console import Console
from rich.progress import Progress, TaskID

from bot import settings
from bot.commands.using import write, write_json
from bot.house import House, opened
from bot.services import paying
from bot.services.portfolio import importing
from bot.services.portfolio.applying import OnPayment, OnProgress
from bot.services.portfolio.importing import ImportKind, PortfolioFile
from bot.services.portfolio.report import Change, ImportReport
from storage.engine import Transaction
from storage.records import Actor, BorrowerId, Money

_SHOWN = 50
_REFS_SHOWN = 3
_SILENT_S = 1.0


def import_file(kind: str, file: Path, dry_run: bool, as_of: str | None, as_json: bool) -> None:
    """Import, and print what was done or why nothing was. Ends with 1 when it was refused."""
    told = PortfolioFile(_kind(kind), _readable(file), _day(as_of))
    report = asyncio.run(_import(told, dry_run))
    if as_json:
        write_json(report.as_json())
    else:
        _print(report, file)
    if report.refused:
        raise typer.Exit(1)


def _kind(kind: str) -> ImportKind:
    try:
        return ImportKind(kind)
    except ValueError:
        raise typer.BadParameter(f"{kind!r}: borrowers, loans or payments") from None


def _readable(file: Path) -> Path:
    try:
        with file.open("rb"):
            return file
    except OSError as error:
        raise typer.BadParameter(f"{file} cannot be read ({error.strerror})") from None


def _day(as_of: str | None) -> date | None:
    if as_of is None:
        return None
    try:
        if re.fullmatch("[0-9]{4}-[0-9]{2}-[0-9]{2}", as_of):
            return date.fromisoformat(as_of)
    except ValueError:
        pass
    raise typer.BadParameter(f"--as-of {as_of!r}: write YYYY-MM-DD")


async def _import(file: PortfolioFile, dry_run: bool) -> ImportReport:
    needed = ["secret_key"] if file.kind is ImportKind.BORROWERS else []
    async with opened(settings.load(*needed)) as house:
        with _progress() as on_progress:
            return await importing.import_file(
                house.storage,
                Actor.system(),
                file,
                secret=house.office.secret,
                library=house.office.library,
                now=await house.clock.now(),
                on_payment=_money_arrived(house),
                on_progress=on_progress,
                dry_run=dry_run,
                strategy=house.office.strategy,
            )


def _money_arrived(house: House) -> OnPayment:
    async def tell(
        tx: Transaction, borrower_id: BorrowerId, payment_ref: str, paid: Money, now: datetime
    ) -> None:
        await paying.money_arrived(tx, house.office, borrower_id, payment_ref, paid, now)

    return tell


@contextmanager
def _progress() -> Iterator[OnProgress]:
    """A bar on standard error for whoever waits longer than a second at a terminal."""
    console = Console(stderr=True)
    bar = Progress(console=console, transient=True, disable=not console.is_terminal)
    started = monotonic()
    tasks: dict[str, TaskID] = {}

    def show(step: str, share: float) -> None:
        if monotonic() - started < _SILENT_S:
            return
        if step not in tasks:
            bar.start()
            tasks[step] = bar.add_task(step, total=1)
        bar.update(tasks[step], completed=share)

    try:
        yield show
    finally:
        bar.stop()


def _print(report: ImportReport, file: Path) -> None:
    if report.refused:
        sys.stderr.write(_refusal(report, file))
        return
    done = "would be added" if report.dry_run else "added"
    write(
        f"{file.name}: {report.rows} rows in {report.seconds:.1f} s: {report.added} {done}, "
        f"{report.changed} changed, {report.unchanged} unchanged, {len(report.parked)} parked"
    )
    for one in report.parked[:_SHOWN]:
        where = "known before" if one.line is None else f"line {one.line}"
        write(f"  parked: {where}, payment {one.payment_ref} for {one.loan_ref}: {one.reason}")
    if len(report.parked) > _SHOWN:
        write(f"  and {len(report.parked) - _SHOWN} more parked; --json lists them all")
    for change in report.changes[:_SHOWN]:
        write(f"  {_changed(change)}")
    if len(report.changes) > _SHOWN:
        write(f"  and {len(report.changes) - _SHOWN} more changed; --json lists them all")
    for note in report.notes:
        write(f"  note: {note}")


def _changed(change: Change) -> str:
    what = f"{change.what} {change.ref}".strip().replace("_", " ")
    late = ", ".join(change.payments[:_REFS_SHOWN])
    late += ", …" if len(change.payments) > _REFS_SHOWN else ""
    before, after = change.before or "nothing", change.after or "nothing"
    return f"changed: borrower {change.borrower_ref}, {what}: {before} -> {after} (payment {late})"


def _refusal(report: ImportReport, file: Path) -> str:
    lines = [f"{file.name} was refused, nothing was changed:"]
    for one in report.refused[:_SHOWN]:
        place = f"line {one.line}" if one.column is None else f"line {one.line}, {one.column}"
        value = f" {one.value!r}" if one.value else ""
        mend = f" ({one.mend})" if one.mend else ""
        lines.append(f"  {place}:{value} {one.reason}{mend}")
    more = len(report.refused) - _SHOWN + report.more_refused
    if more > 0:
        lines.append(f"  and {more} more; --json lists the first {len(report.refused)}")
    return "\n".join(lines) + "\n"
