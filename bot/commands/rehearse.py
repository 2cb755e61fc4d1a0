"""`remindful rehearse`: a strategy tried out on invented borrowers in virtual time."""

import asyncio
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.progress import Progress as Bar

from bot import settings
from bot.commands.using import write, write_json
from bot.documents.drawing import png
from bot.house import office_of
from bot.rehearsal.checks import by_rule
from bot.rehearsal.outcome import GroupOutcome, Recovery
from bot.rehearsal.picture import CAPS, content
from bot.rehearsal.rehearsing import Progress, Report, rehearse
from bot.rules.shares import Share

_SHOWN = 20


def rehearse_(
    days: int,
    borrowers: int,
    seed: int,
    as_json: bool,
    *,
    picture: Path | None = None,
    language: str = "en",
    collectors: int = 1,
) -> None:
    """Also drawn as a PNG into `picture`. Leaves with 1 when any rule was broken."""
    office = office_of(settings.load())
    with _progress() as progress:
        report = asyncio.run(
            rehearse(office, days=days, borrowers=borrowers, seed=seed, progress=progress)
        )
    if picture is not None:
        drawn = content(report, office.library, language, collectors)
        picture.write_bytes(png("rehearsal", drawn))
    if as_json:
        write_json(_shown(report))
    else:
        _print(report)
    if report.violations:
        raise SystemExit(1)


def _shown(report: Report) -> dict[str, Any]:
    return {
        "seed": report.seed,
        "start": report.start.isoformat().replace("+00:00", "Z"),
        "days": report.days,
        "borrowers": report.borrowers,
        "violations": len(report.violations),
        "violations_by_rule": by_rule(report.violations),
        "violated": [
            {"rule": one.rule, "borrower_ref": one.borrower_ref,
             "at": one.at.isoformat().replace("+00:00", "Z"), "key": one.key, "why": one.why}
            for one in report.violations
        ],
        "contacts_per_day": {str(day): count for day, count in report.contacts_per_day.items()},
        "contacts_by_kind": report.contacts_by_kind,
        "tasks_per_day": {str(day): count for day, count in report.tasks_per_day.items()},
        "tasks_by_kind": report.tasks_by_kind,
        "contacts_per_hour": _per_hour(report),
        "caps_hit": {rule: report.refusals.get(rule, 0) for rule in CAPS},
        "promises": report.promises.by_outcome,
        "promises_kept": _bounds(report.promises.kept),
        "recovery": _bounds(report.recovery),
        "refusals_by_rule": report.refusals,
        "outbox": report.outbox,
        "telegram_faults": report.faults,
        "groups": [
            {"experiment": one.experiment, "group": one.group, "borrowers": one.borrowers,
             "contacts": one.contacts, "promises": one.promises.by_outcome,
             "promises_kept": _bounds(one.promises.kept), "recovery": _bounds(one.recovery)}
            for one in report.groups
        ],
    }  # fmt: skip


def _per_hour(report: Report) -> dict[str, int]:
    """What the bot started, by the borrowers' local hours."""
    counts: Counter[int] = Counter()
    for (_, hour), count in report.contacts_by_hour.items():
        counts[hour] += count
    return {str(hour): counts[hour] for hour in range(24)}


def _bounds(found: Share | Recovery | None) -> dict[str, float] | None:
    if found is None:
        return None
    return {name: round(getattr(found, name), 4) for name in ("share", "low", "high")}


def _print(report: Report) -> None:
    contacts, tasks = report.contacts_per_day.values(), report.tasks_per_day.values()
    lines = [
        ("from", f"{report.start:%Y-%m-%d}, {report.days} days, {report.borrowers} borrowers"),
        ("seed", str(report.seed)),
        ("violations", f"{len(report.violations)} {_counts(by_rule(report.violations))}".strip()),
        ("contacts a day", _spread(list(contacts))),
        ("", _counts(report.contacts_by_kind)),
        ("tasks a day", _spread(list(tasks))),
        ("", _counts(report.tasks_by_kind)),
        ("caps hit", _counts({rule: report.refusals.get(rule, 0) for rule in CAPS})),
        ("held back by", _counts(report.refusals)),
        ("promises", _counts(report.promises.by_outcome)),
        ("recovered", _recovered(report.recovery)),
        ("Telegram failed", _counts(report.faults)),
        *((one.experiment, _group(one)) for one in report.groups),
    ]
    for name, value in lines:
        write(f"{name:<15} {value}")
    for one in report.violations[:_SHOWN]:
        write(f"{one.at:%Y-%m-%d %H:%M} {one.borrower_ref} {one.rule}: {one.why} ({one.key})")
    if len(report.violations) > _SHOWN:
        write(f"and {len(report.violations) - _SHOWN} more; --json lists all")


def _group(one: GroupOutcome) -> str:
    kept = one.promises.kept
    promised = f"{kept.hits} of {kept.of} promises kept, " if kept else ""
    each = one.contacts / one.borrowers
    told = f"{each:.1f} contacts each, {promised}{_recovered(one.recovery)}"
    return f"{one.group}, {one.borrowers} borrowers: {told}"


def _recovered(found: Recovery | None) -> str:
    if found is None:
        return "nobody was late"
    bounds = f"{found.low:.0%} to {found.high:.0%}"
    return f"{found.share:.0%} of what was late ({bounds}), {found.borrowers} were late"


def _spread(counts: list[int]) -> str:
    return f"{sum(counts) / max(len(counts), 1):.1f} on average, {max(counts, default=0)} at most"


def _counts(some: dict[str, int]) -> str:
    return ", ".join(f"{name} {count}" for name, count in some.items())


@contextmanager
def _progress() -> Iterator[Progress]:
    """A bar on standard error for whoever waits at a terminal."""
    console = Console(stderr=True)
    with Bar(console=console, transient=True, disable=not console.is_terminal) as bar:
        task = bar.add_task("rehearsal", total=1.0)
        yield lambda share: bar.update(task, completed=share)
