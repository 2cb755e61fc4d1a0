"""`remindful scripts`: look at what the bot says, find what is wrong with it, change it as files.

What is said are the files under the published texts of the database. Without a database (a fresh
machine, a checkout) these commands show the files alone.

Example: remindful scripts render reminder.early --language en
"""

import asyncio
import json
import re
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import typer

from bot import settings
from bot.clock import clock_for
from bot.commands.using import in_transaction
from bot.errors import InputRefused, Refusal
from bot.house import House
from bot.services.scripts import exchanging, eyes, in_force, previewing, texts
from scripts_library.catalogue import catalogue as page_of
from scripts_library.check import check_library
from scripts_library.errors import ScriptError
from scripts_library.examples import BadExample, example_values
from scripts_library.findings import Finding
from scripts_library.folder import read_folder, write_folder
from scripts_library.library import LAST_RESORT, Library
from scripts_library.render import Rendered
from scripts_library.render import render as render_script
from scripts_library.script import Script
from storage import scripts as stored
from storage.engine import Transaction, file_of, normalised
from storage.records import Actor


def check(as_json: bool = False) -> None:
    """Print every finding in the files and in the published texts; exit 1 when there is one."""
    findings = check_library()
    if not findings and _has_database():
        findings = in_transaction(_check_published)
    _tell(findings, as_json)
    if findings:
        raise SystemExit(1)


def every(as_json: bool = False) -> None:
    """List the scripts, one line a key, with the languages that have it."""
    library = _said_now()
    rows = [_row(library, key) for key in library.keys]
    if as_json:
        typer.echo(json.dumps(rows, indent=2, ensure_ascii=False))
        return
    for row in rows:
        typer.echo(f"{row['key']:<28}{row['audience']:<12}{row['kind'] or '-':<14}{row['purpose']}")


def render(
    key: str,
    language: str,
    as_json: bool = False,
    *,
    borrower: str | None = None,
    sample: str | None = None,
) -> None:
    """Print a script as a reader sees it: with examples, a made-up borrower, or a real one."""
    try:
        script, said = (
            _render_for(key, language, borrower)
            if borrower is not None
            else _render(_script(_said_now(), key, language), sample)
        )
    except (ScriptError, BadExample) as error:
        raise InputRefused(str(error)) from None
    rows = [
        [{"name": button.name, "label": button.label} for button in row] for row in said.buttons
    ]
    if as_json:
        told = {
            "key": key, "language": script.language.tag, "variant": script.variant,
            "version": script.version, "text": said.text, "buttons": rows,
        }  # fmt: skip
        typer.echo(json.dumps(told, indent=2, ensure_ascii=False))
        return
    typer.echo(said.text)
    for row in rows:
        typer.echo("  ".join(f"[{button['label']}]" for button in row))


def export(directory: Path, again: bool = False) -> None:
    """Write what is said into a directory, as files anybody can edit."""
    is_export = (directory / "variables.yaml").is_file()
    is_empty = not directory.exists() or (directory.is_dir() and not any(directory.iterdir()))
    if not is_empty and not (again and is_export):
        raise InputRefused(
            f"{directory}: is not empty; name a new directory, or an earlier export with --again"
        )
    write_folder(_said_now(), directory)


def import_(directory: Path, why: str, review: bool, as_json: bool = False) -> None:
    """Say what a directory says: every change is checked, then all are published, or none."""
    if not directory.is_dir():
        raise InputRefused(f"{directory}: is no directory; `remindful scripts export` writes one")

    async def take_in(house: House, tx: Transaction, now: datetime) -> list[dict[str, Any]]:
        await in_force.refresh(tx, house.office, now)
        changes, findings = read_folder(directory, house.office.files, house.office.library)
        faults = [one for one in findings if not one.doubt]
        if faults:
            _tell(findings, as_json)
            raise SystemExit(1)
        taken = await exchanging.take_in(
            tx, house.office, Actor.system(), changes, why, now, review=review
        )
        return [
            {"key": one.key, "language": one.language, "version": number}
            for one, number in zip(changes, taken, strict=True)
        ]

    taken = in_transaction(take_in)
    if as_json:
        typer.echo(json.dumps(taken, indent=2))
        return
    for one in taken:
        state = "waits for a review" if review else "is said now"
        typer.echo(f"#{one['version']} {one['key']} ({one['language']}) {state}")
    if not taken:
        typer.echo("nothing differs from what is said now")


def catalogue() -> None:
    """Print the catalogue page; it is made from the files alone."""
    typer.echo(page_of(_files()), nl=False)


def four_eyes(needed: bool | None, as_json: bool = False) -> None:
    """Say or set whether a second admin has to approve."""

    async def use(house: House, tx: Transaction, now: datetime) -> bool:
        if needed is not None:
            await in_force.refresh(tx, house.office, now)
            await eyes.set_needed(tx, house.office, Actor.system(), needed, now)
        return await eyes.are_needed(tx)

    is_needed = in_transaction(use)
    if as_json:
        typer.echo(json.dumps({"four_eyes": is_needed}))
    else:
        typer.echo("a second admin approves" if is_needed else "one admin is enough")


def _has_database() -> bool:
    """A SQLite file that is not there is not made only to look at words."""
    file = file_of(normalised(settings.load().database_url))
    return file is None or file.exists()


def _said_now() -> Library:
    if not _has_database():
        return _files()

    async def read(house: House, tx: Transaction, now: datetime) -> Library:
        await in_force.refresh(tx, house.office, now)
        return house.office.library

    return in_transaction(read)


def _files() -> Library:
    try:
        return Library.load()
    except ScriptError as error:
        raise InputRefused(str(error)) from None


async def _check_published(house: House, tx: Transaction, now: datetime) -> list[Finding]:
    await in_force.refresh(tx, house.office, now)
    findings: list[Finding] = []
    for one in await stored.in_force(tx, now):
        try:
            text = texts.text_of(house.office.files, one.key, one.language)
        except Refusal:
            where = f"{one.language}/{one.key}"
            findings.append(Finding(where, 1, f"version {one.version_id} is said no more"))
            continue
        found = texts.check(one.source, house.office.files, house.office.library, text)
        findings += [finding for finding in found if not finding.doubt]
    return findings


def _script(library: Library, key: str, language: str) -> Script:
    served = library.resolve_language(language)
    if served == LAST_RESORT and not re.match(rf"{LAST_RESORT}\b", language.lower()):
        known = ", ".join(library.languages)
        raise InputRefused(f"--language: nothing is written in {language!r}; one of {known}")
    return library.script(key, language)


def _render(script: Script, sample: str | None) -> tuple[Script, Rendered]:
    if sample is None:
        return script, render_script(script, example_values(script), zone=UTC)
    return script, previewing.with_sample(script, sample, asyncio.run(_now()).date())


async def _now() -> datetime:
    clock = clock_for(settings.load().clock_url)
    try:
        return await clock.now()
    finally:
        await clock.close()


def _render_for(key: str, language: str, borrower: str) -> tuple[Script, Rendered]:
    async def read(house: House, tx: Transaction, now: datetime) -> tuple[Script, Rendered]:
        await in_force.refresh(tx, house.office, now)
        script = _script(house.office.library, key, language)
        return await previewing.with_borrower(tx, house.office, script, borrower, now)

    return in_transaction(read)


def _tell(findings: list[Finding], as_json: bool) -> None:
    if as_json:
        typer.echo(json.dumps([asdict(one) for one in findings], indent=2, ensure_ascii=False))
        return
    for one in findings:
        value = f" [{one.value}]" if one.value else ""
        mend = f"; {one.mend}" if one.mend else ""
        typer.echo(f"{one.file}:{one.line}: {one.reason}{value}{mend}")


def _row(library: Library, key: str) -> dict[str, Any]:
    by_language: dict[str, Script] = dict(library.by_key[key])
    script = by_language.get("en") or next(iter(by_language.values()))
    return {
        "key": key,
        "audience": script.audience.value,
        "kind": script.kind,
        "stage": script.stage,
        "purpose": script.purpose,
        "languages": list(by_language),
        "variants": [one.variant for one in script.wordings],
    }
