"""`remindful strategy compare`: what came of the groups of each experiment. Counts, no names."""

import asyncio
from dataclasses import asdict

from bot import settings
from bot.commands.using import write, write_json
from bot.errors import InputRefused
from bot.house import opened
from bot.services import comparing
from bot.services.comparing import Comparison
from bot.services.scripts import in_force
from scripts_library.library import Library
from scripts_library.render import plain_text, render

_MOST_DAYS = 366


def compare(days: int, language: str, as_json: bool) -> None:
    """Raises InputRefused for a number of days that is none."""
    if not 1 <= days <= _MOST_DAYS:
        raise InputRefused(f"--days {days}: give 1 to {_MOST_DAYS}")
    found, library = asyncio.run(_compared(days))
    if as_json:
        write_json({"experiments": [asdict(one) for one in found]})
    else:
        write("\n\n".join(_told(found, library, library.resolve_language(language))))


async def _compared(days: int) -> tuple[list[Comparison], Library]:
    """Of a large portfolio this takes a while: nobody waits for it."""
    async with opened(settings.load()) as house:
        now = await house.clock.now()
        async with house.storage.reading() as tx:
            await in_force.refresh(tx, house.office, now)
            return await comparing.everything(tx, now, days), house.office.library


def _told(found: list[Comparison], library: Library, language: str) -> list[str]:
    said = [("report.experiment", comparing.as_values(one)) for one in found]
    return [
        plain_text(render(library.script(key, language), values).text)
        for key, values in said or [("report.no_experiment", {})]
    ]
