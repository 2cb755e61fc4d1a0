"""`remindful strategy check|calendar|table`: its faults, who is contacted when, what arrives.

Example: remindful strategy check mine.yaml
"""

import json
from dataclasses import asdict
from datetime import date
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from bot.errors import InputRefused, SettingsWrong
from bot.rules.ageing import PaymentClass
from bot.rules.data_file import DataFileRefused
from bot.rules.experiment import USUAL
from bot.rules.presets import policy_for, preset_from
from bot.rules.strategy_calendar import (
    FIRST_DAY,
    LAST_DAY,
    MARKS,
    CalendarRow,
    calendar_rows,
    strip,
)
from bot.rules.strategy_check import check_strategy
from bot.rules.strategy_file import Anchor, Strategy, read_strategy
from bot.rules.strategy_group import as_shown, group_names
from bot.rules.zones import zones_of
from bot.settings import Settings, load

if TYPE_CHECKING:
    from scripts_library.library import Library

_AN_ORDINARY_DAY = date(2026, 7, 15)
"""No public holiday of China is near, so the worked table shows the strategy alone."""

_TITLES = {
    Anchor.DUE: "About the oldest unpaid due date",
    Anchor.PROMISE: "About an open promise",
    Anchor.INSTALMENT: "About an instalment of a plan",
    Anchor.DOWN_PAYMENT: "About the last day of a plan's down payment",
    Anchor.MISSED_INSTALMENT: "About an instalment that was missed and moved to the end",
    Anchor.BROKEN_PLAN: "About a plan that was broken",
    Anchor.BROKEN_PROMISE: "About a promise that was not kept",
    Anchor.BROKEN_AGAIN: "About a promise not kept, soon after another",
    Anchor.RELAPSE: "About a due date missed soon after a cure",
}


def check(file: Path | None = None, as_json: bool = False) -> None:
    """Name every fault of `file`, by default of STRATEGY; exit 1 if there is any.

    Raises InputRefused for a file that cannot be read, SettingsWrong for an unusable setting.
    """
    settings = load()
    text, source = _text(file, settings)
    policy = policy_for(settings.default_country, *_joining(settings))
    findings = check_strategy(text, source, scripts=_script_keys(), policy=policy)
    if as_json:
        typer.echo(json.dumps({"file": source, "findings": findings}, indent=2))
    else:
        typer.echo("\n".join(findings) if findings else f"{source}: nothing wrong")
    raise SystemExit(1 if findings else 0)


def calendar(
    file: Path | None = None,
    as_json: bool = False,
    picture: Path | None = None,
    language: str = "en",
    variant: str = USUAL,
    product: str = "",
) -> None:
    """Draw who is contacted when by `file`, by default by STRATEGY; as a PNG into `picture`.

    Raises InputRefused for a strategy with faults or without this variant, SettingsWrong for an
    unusable setting.
    """
    strategy = _of(read_strategy(*_text(file, load())), variant, product)
    if picture is not None:
        from bot.documents.drawing import png
        from bot.services.strategy_picture import calendar as content

        picture.write_bytes(png("calendar", content(strategy, _library(), language)))
    elif as_json:
        typer.echo(json.dumps(_plain(strategy), indent=2))
    else:
        _draw(strategy)


def table(
    file: Path | None = None,
    country: str | None = None,
    due: date = _AN_ORDINARY_DAY,
    language: str = "en",
    variant: str = USUAL,
    product: str = "",
) -> None:
    """Print what a borrower of each class receives, as Markdown.

    Raises InputRefused for a strategy with faults or without this variant, SettingsWrong for an
    unusable setting.
    """
    from bot.services.strategy_picture import table as told

    settings = load()
    strategy = _of(read_strategy(*_text(file, settings)), variant, product)
    place = country or settings.default_country
    if not zones_of(place):
        raise InputRefused(f"{place}: no country; give an ISO 3166 code of two letters, like GB")
    policy = policy_for(place, *_joining(settings))
    zone = zones_of(place)[0]
    library = _library()
    typer.echo(told(strategy, policy, library, language, country=place, timezone=zone, due=due))


def _of(strategy: Strategy, variant: str, product: str) -> Strategy:
    try:
        return as_shown(strategy, variant, product)
    except LookupError:
        known = ", ".join(group_names(strategy))
        raise InputRefused(f"no variant {variant}; there are {known}") from None


def _text(file: Path | None, settings: Settings) -> tuple[str, str]:
    """A strategy's text and the name it is told by."""
    if file is not None:
        try:
            return file.read_text("utf-8"), str(file)
        except (OSError, UnicodeDecodeError) as error:
            raise InputRefused(f"{file}: cannot be read: {_why(error)}") from None
    if settings.strategy is not None:
        try:
            return settings.strategy.read_text("utf-8"), str(settings.strategy)
        except (OSError, UnicodeDecodeError) as error:
            raise SettingsWrong([f"STRATEGY: {settings.strategy}: {_why(error)}"]) from None
    packaged = files("bot.rules") / "strategies" / "default.yaml"
    return packaged.read_text("utf-8"), packaged.name


def _why(error: OSError | UnicodeDecodeError) -> str:
    return (error.strerror or str(error)) if isinstance(error, OSError) else "not UTF-8"


def _script_keys() -> tuple[str, ...]:
    return _library().keys


def _library() -> "Library":
    from scripts_library.errors import UnreadableScript
    from scripts_library.library import Library

    try:
        return Library.load()
    except UnreadableScript as error:
        raise InputRefused(str(error)) from None


def _joining(settings: Settings) -> list[Any]:
    try:
        return [preset_from(settings.contact_policy)] if settings.contact_policy else []
    except DataFileRefused as refused:
        raise SettingsWrong([f"CONTACT_POLICY: {line}" for line in refused.findings]) from None


def _plain(strategy: Strategy) -> dict[str, Any]:
    return {
        "strategy": strategy.strategy,
        "steps": [
            {"anchor": anchor.value, **asdict(row)}
            for anchor in Anchor
            for row in calendar_rows(strategy, anchor)
        ],
        "strips": {
            "first_day": FIRST_DAY,
            "last_day": LAST_DAY,
            **{one.value: strip(strategy, one) for one in PaymentClass},
        },
    }


def _draw(strategy: Strategy) -> None:
    from rich.console import Console

    console = Console(width=max(Console().width, 120))
    console.print(f"Strategy {strategy.strategy}: days are counted before holidays move them\n")
    for anchor in Anchor:
        rows = calendar_rows(strategy, anchor)
        if rows:
            console.print(_table(_TITLES[anchor], rows))
    for line in _strips(strategy):
        console.print(line, highlight=False, soft_wrap=True)


def _table(title: str, rows: list[CalendarRow]) -> Any:
    from rich import box
    from rich.table import Table

    table = Table(title=title, title_justify="left", box=box.SIMPLE_HEAD)
    for heading in ("day", "time", "valid", "who", "action", "what", "step"):
        table.add_column(heading, no_wrap=True)
    for row in rows:
        table.add_row(row.days, row.at, row.valid, _whom(row), row.action.value, row.what, row.step)
    return table


def _whom(row: CalendarRow) -> str:
    everybody = len(row.classes) == len(PaymentClass)
    parts = ["all" if everybody else ", ".join(row.classes), *row.products]
    parts += [f"not {product}" for product in row.except_products]
    return ", ".join(parts)


def _strips(strategy: Strategy) -> list[str]:
    weeks = "".join(f"{day:<7}" for day in range(FIRST_DAY, LAST_DAY + 1, 7))
    marks = ", ".join(f"{mark} {action.value}" for action, mark in MARKS.items())
    return [
        f"day   {weeks}",
        *(f"{one.value:<5} {strip(strategy, one)}" for one in PaymentClass),
        "",
        f"A character a day: {marks}",
    ]
