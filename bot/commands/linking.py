"""`remindful link`: one-time links, for the lender to deliver by its own post or SMS."""

import asyncio
import csv
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import typer
from rich.console import Console
from rich.progress import track

from bot import settings
from bot.commands.using import write, write_json
from bot.house import House, opened
from bot.services import linking
from bot.services.linking import Link
from bot.telegram.whoami import username_of
from storage.records import Actor

_TOGETHER = 200
_COLUMNS = ["borrower_ref", "url", "token", "expires_at"]
_FOR_US_ONLY = 0o600


def link(borrower_ref: str, as_json: bool) -> None:
    """Print one link. Raises InputRefused for an unknown reference."""
    one = asyncio.run(_one(borrower_ref))
    if as_json:
        write_json(one)
    else:
        write(f"{one['url']}\ngood until {one['expires_at']}, once")


def link_all(file: Path, as_json: bool) -> None:
    """Write a link for every borrower to a CSV file with the columns of `--json`.

    Raises BadParameter for a file that cannot be written, before any link is made.
    """
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
        with _sheet(file) as write_rows:
            for some in _with_progress(list(_portions(references))):
                write_rows([_shown(one, username) for one in await _issued(house, some)])
    return len(references)


async def _issued(house: House, references: list[str]) -> list[Link]:
    now = await house.clock.now()
    async with house.storage.transaction() as tx:
        return [
            await linking.issue_link(tx, house.office, Actor.system(), reference, now)
            for reference in references
        ]


def _portions(references: list[str]) -> Iterator[list[str]]:
    for start in range(0, len(references), _TOGETHER):
        yield references[start : start + _TOGETHER]


def _with_progress(portions: list[list[str]]) -> Iterable[list[str]]:
    """With a bar on standard error for whoever waits at a terminal."""
    console = Console(stderr=True)
    return track(
        portions, "links", console=console, transient=True, disable=not console.is_terminal
    )


@contextmanager
def _sheet(file: Path) -> Iterator[Callable[[list[dict[str, Any]]], None]]:
    """Links are in the file as soon as they are good, so a break in the middle loses none."""
    try:
        file.touch(_FOR_US_ONLY)
        sheet = file.open("w", encoding="utf-8", newline="")
    except OSError as error:
        raise typer.BadParameter(f"{file} cannot be written ({error.strerror})") from None
    with sheet:
        writer = csv.DictWriter(sheet, _COLUMNS)
        writer.writeheader()

        def write_rows(rows: list[dict[str, Any]]) -> None:
            writer.writerows(rows)
            sheet.flush()

        yield write_rows


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
