"""`remindful backup` and `remindful restore`: one checked file out, and back with one command."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.progress import Progress as Bar

from bot import settings
from bot.clock import clock_for
from bot.commands.using import write, write_json
from bot.errors import InputRefused
from bot.house import office_of
from bot.services import restoring as settling
from bot.services.restoring import Settled
from bot.settings import Settings
from storage import backing_up, migrating, restoring
from storage.backing_up import Progress
from storage.backup_file import Manifest
from storage.errors import BackupRefused
from storage.restoring import Prepared

_SHOWN = 20


def back_up(file: Path, as_json: bool) -> None:
    """Leaves with 1 when FILE is there already, 3 when database or disk cannot be used."""
    with _refused(), _progress("backup") as progress:
        manifest = asyncio.run(_back_up(settings.load(), file, progress))
    told = {"file": str(file), "bytes": file.stat().st_size, **_shown(manifest)}
    if as_json:
        write_json(told)
    else:
        rows = sum(manifest.rows.values())
        write(f"{file}: {rows} rows, {told['bytes']} bytes, version {manifest.revision}, checked")


def restore(file: Path, replace: bool, as_json: bool) -> None:
    """Leaves with 1 when the file or the target is refused, 3 when a bot works on the target."""
    with _refused(), _progress("restore") as progress:
        told = asyncio.run(_restore(settings.load(), file, replace, progress))
    if as_json:
        write_json(told)
        return
    write(f"restored the state of {told['made_at']}, {sum(told['rows'].values())} rows")
    if told["upgraded_from"]:
        write(f"brought from version {told['upgraded_from']} to {told['revision']}")
    if told["old_kept_in"]:
        write(f"the old database is kept: {told['old_kept_in']}")
    if told["unknown"]:
        write(f"{len(told['unknown'])} messages may have been sent since; none of them will be:")
        for one in told["unknown"][:_SHOWN]:
            write(f"  {one['borrower_ref'] or 'staff'}: {one['kind'] or 'message'}, {one['key']}")
    if len(told["unknown"]) > _SHOWN:
        write(f"  and {len(told['unknown']) - _SHOWN} more; --json lists all")
    if told["unanswered"]:
        write(f"{told['unanswered']} updates waited to be answered and will not be")
    write("stops, promises and payments since then are not known: see docs/operating.md")


async def _back_up(chosen: Settings, file: Path, progress: Progress) -> Manifest:
    clock = clock_for(chosen.clock_url)
    try:
        now = await clock.now()
    finally:
        await clock.close()
    return await backing_up.back_up(chosen.database_url, file, now, progress)


async def _restore(
    chosen: Settings, file: Path, replace: bool, progress: Progress
) -> dict[str, Any]:
    url, office = chosen.database_url, office_of(chosen)
    clock = clock_for(chosen.clock_url)
    try:
        restoring.checked(file)
        with restoring.held(url):
            await restoring.refuse_unless_free(url, replace=replace)
            async with restoring.prepared(url, file) as ready:
                now = await clock.now()
                settled = await settling.settle(ready.storage, office, ready.manifest.made_at, now)
                aside = await restoring.put_in_place(
                    url, ready, now, replace=replace, progress=progress
                )
    finally:
        await clock.close()
    return _report(file, ready, settled, aside)


def _report(file: Path, ready: Prepared, settled: Settled, aside: str | None) -> dict[str, Any]:
    before, now = ready.manifest.revision, migrating.newest()
    return {
        "file": str(file),
        **_shown(ready.manifest),
        "revision": now,
        "upgraded_from": None if before == now else before,
        "old_kept_in": aside,
        "unknown": [asdict(one) for one in settled.unknown],
        "unanswered": settled.unanswered,
    }


def _shown(manifest: Manifest) -> dict[str, Any]:
    return {
        "made_at": manifest.made_at.isoformat().replace("+00:00", "Z"),
        "revision": manifest.revision,
        "source": manifest.source,
        "sha256": manifest.sha256,
        "rows": manifest.rows,
    }


@contextmanager
def _refused() -> Iterator[None]:
    """A file given on the command line is input: refused with 1, as every input is."""
    try:
        yield
    except BackupRefused as error:
        raise InputRefused(str(error)) from error


@contextmanager
def _progress(what: str) -> Iterator[Progress]:
    """A bar on standard error for whoever waits at a terminal."""
    console = Console(stderr=True)
    with Bar(console=console, transient=True, disable=not console.is_terminal) as bar:
        task = bar.add_task(what, total=1.0)
        yield lambda share: bar.update(task, completed=share)
