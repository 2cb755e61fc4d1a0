"""`remindful scripts`: look at what the bot says, and find what is wrong with it.

Example: remindful scripts render reminder.early --language en
"""

import json
import shutil
from dataclasses import asdict
from datetime import UTC
from pathlib import Path
from typing import Any

import typer

from bot.errors import InputRefused
from scripts_library.check import check_library
from scripts_library.errors import ScriptError
from scripts_library.examples import BadExample, example_values
from scripts_library.library import HOME, Library
from scripts_library.render import render as render_script
from scripts_library.script import Script


def check(as_json: bool = False) -> None:
    """Print every finding in the library; exit 1 when there is one."""
    findings = check_library()
    if as_json:
        typer.echo(json.dumps([asdict(one) for one in findings], indent=2, ensure_ascii=False))
    else:
        for one in findings:
            value = f" [{one.value}]" if one.value else ""
            mend = f"; {one.mend}" if one.mend else ""
            typer.echo(f"{one.file}:{one.line}: {one.reason}{value}{mend}")
    if findings:
        raise SystemExit(1)


def every(as_json: bool = False) -> None:
    """List the scripts, one line a key, with the languages that have it."""
    library = _library()
    rows = [_row(library, key) for key in library.keys]
    if as_json:
        typer.echo(json.dumps(rows, indent=2, ensure_ascii=False))
        return
    for row in rows:
        typer.echo(f"{row['key']:<28}{row['audience']:<12}{row['kind'] or '-':<14}{row['purpose']}")


def render(key: str, language: str, as_json: bool = False) -> None:
    """Print one script as a reader sees it, made with its example values."""
    try:
        script = _library().script(key, language)
        said = render_script(script, example_values(script), zone=UTC)
    except (ScriptError, BadExample) as error:
        raise InputRefused(str(error)) from None
    rows = [
        [{"name": button.name, "label": button.label} for button in row] for row in said.buttons
    ]
    if as_json:
        told = {"key": key, "language": script.language.tag, "text": said.text, "buttons": rows}
        typer.echo(json.dumps(told, indent=2, ensure_ascii=False))
        return
    typer.echo(said.text)
    for row in rows:
        typer.echo("  ".join(f"[{button['label']}]" for button in row))


def export(directory: Path) -> None:
    """Copy the library's words to a new directory, as files anybody can edit."""
    if directory.exists():
        raise InputRefused(f"{directory}: is there already; name a directory that is not")
    words = shutil.ignore_patterns("*.py", "*.pyc", "__pycache__", "tone")
    shutil.copytree(HOME, directory, ignore=words)


def _library() -> Library:
    try:
        return Library.load()
    except ScriptError as error:
        raise InputRefused(str(error)) from None


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
    }
