"""`remindful export promises|plans|outcomes|waivers|groups`: facts for the lender's core system.

CSV, or JSON Lines with `--json`.

Example: remindful export promises --since 2026-11-01 > promises.csv
"""

import asyncio
import csv
import json
import sys
from datetime import UTC, date, datetime

from bot import settings
from bot.errors import InputRefused
from bot.house import opened
from bot.services import exporting
from bot.services.exporting import COLUMNS, ExportKind


def export(kind: str, since: str, as_json: bool) -> None:
    """Write to standard output. Raises InputRefused for an unknown kind or a date that is none."""
    if kind not in set(ExportKind):
        raise InputRefused(f"{kind} is not exported; there are {', '.join(ExportKind)}")
    asyncio.run(_export(ExportKind(kind), _moment(since), as_json))


async def _export(kind: ExportKind, since: datetime, as_json: bool) -> None:
    sheet = csv.DictWriter(sys.stdout, COLUMNS[kind], lineterminator="\n")
    async with opened(settings.load()) as house:
        now = await house.clock.now()
        async with house.storage.snapshot() as tx:
            if not as_json:
                sheet.writeheader()
            async for row in exporting.rows(tx, kind, since, now):
                if as_json:
                    sys.stdout.write(json.dumps(row, ensure_ascii=False) + "\n")
                else:
                    sheet.writerow(row)


def _moment(text: str) -> datetime:
    """A day (from its first moment in UTC) or a moment with its offset."""
    try:
        if len(text) == len("2026-11-01"):
            day = date.fromisoformat(text)
            return datetime(day.year, day.month, day.day, tzinfo=UTC)
        at = datetime.fromisoformat(text)
    except ValueError:
        raise InputRefused(f"--since {text} is no date such as 2026-11-01") from None
    if at.tzinfo is None:
        raise InputRefused(f"--since {text} has no offset; add Z or +08:00")
    return at.astimezone(UTC)
