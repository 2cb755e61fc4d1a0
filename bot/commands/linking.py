"""`remindful link`: one-time links, for the lender to deliver by its own post or SMS."""

import asyncio
import csv
from datetime import datetime
from pathlib import Path
from typing import Any

from bot import settings
from bot.commands.using import write, write_json
from bot.errors import NotAvailable
from bot.house import House, opened
from bot.services import linking
from bot.services.linking import Link
from bot.telegram.whoami import username_of
from storage.records import Actor

_TOGETHER = 200


def link(borrower_ref: str, as_json: bool) -> None:
    """Print one link. Raises InputRefused for an unknown reference."""
    one = asyncio.run(_one(borrower_ref))
    if as_json:
        write_json(one)
    else:
        write(f"{one['url']}\ngood until {one['expires_at']}, once")


def link_all(file: Path, as_json: bool) -> None:
    """Write a link for every borrower to a CSV file with the columns of `--json`."""
    count = asyncio.run(_all(file))
    if as_json:
        write_json({"links": count, "file": str(file)})
    else:
        write(f"{count} links in {file}; keep the file as secret as the letters")


async def _one(borrower_ref: str) -> dict[str, Any]:
    async with opened(settings.load("bot_token", "secret_key")) as house:
        username = await _username(house)
        now = await house.clock.now()
        async with house.storage.transaction() as tx:
            made = await linking.issue_link(tx, house.office, Actor.system(), borrower_ref, now)
    return _shown(made, username)


async def _all(file: Path) -> int:
    async with opened(settings.load("bot_token", "secret_key")) as house:
        username = await _username(house)
        async with house.storage.reading() as tx:
            references = await linking.references(tx)
        made: list[Link] = []
        for start in range(0, len(references), _TOGETHER):
            now: datetime = await house.clock.now()
            async with house.storage.transaction() as tx:
                made += [
                    await linking.issue_link(tx, house.office, Actor.system(), reference, now)
                    for reference in references[start : start + _TOGETHER]
                ]
    _write_file(file, [_shown(one, username) for one in made])
    return len(made)


def _write_file(file: Path, rows: list[dict[str, Any]]) -> None:
    try:
        with file.open("w", encoding="utf-8", newline="") as sheet:
            writer = csv.DictWriter(sheet, ["borrower_ref", "url", "token", "expires_at"])
            writer.writeheader()
            writer.writerows(rows)
    except OSError as error:
        raise NotAvailable(f"{file} cannot be written ({error.strerror})") from error


async def _username(house: House) -> str:
    assert house.settings.bot_token is not None, "it was insisted on"
    return await username_of(
        house.settings.bot_token.get_secret_value(), house.settings.telegram_api_url
    )


def _shown(made: Link, username: str) -> dict[str, Any]:
    return {
        "borrower_ref": made.borrower_ref,
        "url": f"https://t.me/{username}?start={made.token}",
        "token": made.token,
        "expires_at": made.expires_at.isoformat().replace("+00:00", "Z"),
    }
