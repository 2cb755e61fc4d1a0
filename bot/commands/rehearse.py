"""`remindful rehearse`: a strategy tried out on invented borrowers in virtual time."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from rich.console import Console
from rich.progress import Progress as Bar

from bot import settings
from bot.commands.using import write, write_json
from bot.house import office_of
from bot.rehearsal.checks import by_rule
from bot.rehearsal.rehearsing import Progress, Report, rehearse

_CAPS = ("cap_day", "cap_week", "cap_overdue", "cap_call")
_SHOWN = 20


def rehearse_(days: int, borrowers: int, seed: int, as_json: bool) -> None:
    """Leaves with 1 when any rule was broken."""
    office = office_of(settings.load())
    with _progress() as progress:
        report = asyncio.run(
            rehearse(office, days=days, borrowers=borrowers, seed=seed, progress=progress)
        )
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
        "caps_hit": {rule: report.refusals.get(rule, 0) for rule in _CAPS},
        "refusals_by_rule": report.refusals,
        "outbox": report.outbox,
        "telegram_faults": report.faults,
    }  # fmt: skip


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
        ("caps hit", _counts({rule: report.refusals.get(rule, 0) for rule in _CAPS})),
        ("held back by", _counts(report.refusals)),
        ("Telegram failed", _counts(report.faults)),
    ]
    for name, value in lines:
        write(f"{name:<16}{value}")
    for one in report.violations[:_SHOWN]:
        write(f"{one.at:%Y-%m-%d %H:%M} {one.borrower_ref} {one.rule}: {one.why} ({one.key})")
    if len(report.violations) > _SHOWN:
        write(f"and {len(report.violations) - _SHOWN} more; --json lists all")


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
