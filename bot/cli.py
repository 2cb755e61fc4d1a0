"""The `remindful` command: what there is, and nothing loaded before it is asked for.

Exit codes: 0 done; 1 findings or refused input, nothing changed; 2 wrong usage; 3 a setting, the
database or Telegram is not available.
"""

import os
import signal
import sys
import zoneinfo
from pathlib import Path
from typing import Annotated

import typer

app = typer.Typer(
    name="remindful",
    help="A Telegram bot for lenders: polite reminders, promises, plans, and people when needed.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
staff = typer.Typer(help="Who works here.", no_args_is_help=True)
policy = typer.Typer(help="When a message may go.", no_args_is_help=True)
strategy = typer.Typer(help="Who is contacted when.", no_args_is_help=True)
scripts = typer.Typer(help="What the bot says.", no_args_is_help=True)
app.add_typer(staff, name="staff")
app.add_typer(policy, name="policy")
app.add_typer(strategy, name="strategy")
app.add_typer(scripts, name="scripts")

Json = Annotated[bool, typer.Option("--json", help="Print JSON instead of text.")]
Picture = Annotated[Path | None, typer.Option("--draw", help="A PNG to draw it into.")]
Variant = Annotated[str, typer.Option(help="A variant of an experiment, or held_out.")]
Product = Annotated[str, typer.Option(help="Only what this product gets.")]
Schema = Annotated[bool, typer.Option("--schema", help="Print the JSON Schema of a line.")]


def main() -> None:
    """Run a command; every expected fault ends in one clear line and its exit code."""
    # The same facts give the same answer on every machine: zones come from the locked package.
    zoneinfo.reset_tzpath(to=())
    from bot.errors import InputRefused, NotAvailable, RemindfulError, SettingsWrong

    try:
        app()
    except SettingsWrong as error:
        _leave(3, "these settings have to be mended:", *(f"  {one}" for one in error.problems))
    except InputRefused as error:
        _leave(1, str(error))
    except (NotAvailable, OSError) as error:
        _leave(3, str(error))
    except RemindfulError as error:
        _leave(1, str(error))
    except Exception as error:
        from storage.errors import StorageError

        if not isinstance(error, StorageError):
            raise
        _leave(3, str(error))


def _leave(code: int, *lines: str) -> None:
    for line in lines:
        sys.stderr.write(f"{line}\n")
    raise SystemExit(code)


@app.command()
def run() -> None:
    """Run the bot until it is told to stop. Example: remindful run"""
    # Its libraries take seconds to load; whoever changes their mind meanwhile is heard. What is
    # open by then survives any end, and an exception could end in a library that swallows it.
    signal.signal(signal.SIGTERM, lambda *_: os._exit(0))
    from bot.commands.running import run as run_

    run_()


@app.command()
def doctor(json: Json = False) -> None:
    """Check settings, database, Telegram and words. Example: remindful doctor"""
    from bot.commands.doctor import doctor as doctor_

    doctor_(json)


@app.command()
def migrate() -> None:
    """Bring the database to this version. Example: remindful migrate"""
    from bot.commands.database import migrate as migrate_

    migrate_()


@app.command()
def backup(
    file: Annotated[Path, typer.Argument(help="A new file; nothing is written over.")],
    json: Json = False,
) -> None:
    """Write everything into one checked file, while the bot runs. Example: remindful backup b.db"""
    from bot.commands.backup import back_up

    back_up(file, json)


@app.command()
def restore(
    file: Annotated[Path, typer.Argument(help="Made by `remindful backup`.")],
    replace: Annotated[
        bool, typer.Option("--replace", help="Where data is already; it is kept beside.")
    ] = False,
    json: Json = False,
) -> None:
    """Put a backup back, while the bot is stopped. Example: remindful restore b.db --replace"""
    from bot.commands.backup import restore as restore_

    restore_(file, replace, json)


@app.command()
def link(
    borrower_ref: Annotated[str, typer.Argument(help="The lender's reference.")] = "",
    every: Annotated[bool, typer.Option("--all", help="One for each borrower.")] = False,
    csv: Annotated[Path | None, typer.Option("--csv", help="Where --all writes them.")] = None,
    json: Json = False,
) -> None:
    """A one-time link for a borrower. Example: remindful link B-1001"""
    from bot.commands.linking import link as link_
    from bot.commands.linking import link_all

    if every and csv is not None and not borrower_ref:
        link_all(csv, json)
    elif borrower_ref and not every and csv is None:
        link_(borrower_ref, json)
    else:
        raise typer.BadParameter("give a reference, or --all together with --csv FILE")


@app.command("import")
def import_(
    kind: Annotated[str, typer.Argument(help="borrowers, loans or payments")],
    file: Annotated[Path, typer.Argument(help="CSV (UTF-8) or XLSX")],
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Check, change nothing.")] = False,
    as_of: Annotated[str | None, typer.Option("--as-of", help="Day of the figures.")] = None,
    json: Json = False,
) -> None:
    """Take in a file from the lender. Example: remindful import loans loans.csv"""
    from bot.commands.importing import import_file

    import_file(kind, file, dry_run, as_of, json)


@app.command()
def export(
    kind: Annotated[str, typer.Argument(help="promises, plans, outcomes, waivers or groups")],
    since: Annotated[str, typer.Option("--since", help="2026-11-01, or a moment with its offset.")],
    json: Annotated[bool, typer.Option("--json", help="JSON Lines instead of CSV.")] = False,
) -> None:
    """For the core system. Example: remindful export plans --since 2026-11-01 > plans.csv"""
    from bot.commands.exporting import export as export_

    export_(kind, since, json)


@app.command()
def explain(borrower_ref: str, json: Json = False) -> None:
    """Why somebody was or was not contacted. Example: remindful explain B-1001"""
    from bot.commands.explaining import explain as explain_

    explain_(borrower_ref, json)


@app.command(name="in-doubt")
def in_doubt(
    days: Annotated[int, typer.Option(min=1, max=3660, help="How far to look back.")] = 30,
    json: Json = False,
) -> None:
    """Messages that may or may not have arrived. Example: remindful in-doubt --days 7"""
    from bot.commands.in_doubt import in_doubt as in_doubt_

    in_doubt_(days, json)


@app.command()
def transcript(
    case: Annotated[str, typer.Argument(help="The number people call it by.")],
    json: Annotated[bool, typer.Option("--json", help="Everything, with its hashes.")] = False,
    pdf: Annotated[Path | None, typer.Option("--pdf", help="A new file.")] = None,
    language: Annotated[str | None, typer.Option(help="As en; the borrower's if none.")] = None,
    verify: Annotated[bool, typer.Option("--verify", help="Only whether it holds.")] = False,
) -> None:
    """What happened in a case, for a complaint. Example: remindful transcript 12 --pdf c.pdf"""
    from bot.commands.transcript import transcript as transcript_

    transcript_(case, json, pdf, language, verify)


@app.command("stop-all")
def stop_all(state: Annotated[str, typer.Argument(help="on or off")], json: Json = False) -> None:
    """Halt everything automated, in every process. Example: remindful stop-all on"""
    from bot.commands.emergency import stop_all as stop_all_

    if state not in ("on", "off"):
        raise typer.BadParameter("on or off")
    stop_all_(state == "on", json)


@app.command()
def rehearse(
    days: Annotated[int, typer.Option(min=1, max=1000, help="How many virtual days.")],
    borrowers: Annotated[int, typer.Option(min=1, max=100_000, help="Invented ones.")] = 20,
    seed: Annotated[int, typer.Option(help="The same one gives the same rehearsal.")] = 1,
    json: Json = False,
    draw: Picture = None,
    language: Annotated[str, typer.Option(help="Of the picture, as zh-Hans.")] = "en",
    collectors: Annotated[int, typer.Option(min=1, help="Who share the tasks evenly.")] = 1,
) -> None:
    """Try the strategy on invented borrowers. Example: remindful rehearse --days 90 --seed 7"""
    from bot.commands.rehearse import rehearse_

    rehearse_(days, borrowers, seed, json, picture=draw, language=language, collectors=collectors)


@app.command()
def understand(
    schema: Schema = False,
    evaluate: Annotated[Path | None, typer.Option(help="Measure on labelled lines.")] = None,
    corrections: Annotated[
        bool, typer.Option("--corrections", help="Print what staff corrected, as labelled lines.")
    ] = False,
) -> None:
    """What borrowers' words mean; JSON Lines. Example: remindful understand < said.jsonl"""
    from bot.commands.understand import understand as understand_

    understand_(schema=schema, evaluate=evaluate, corrections=corrections)


@app.command()
def guard(schema: Schema = False) -> None:
    """May this be said to a borrower? JSON Lines. Example: remindful guard < texts.jsonl"""
    from bot.commands.guard import guard as guard_

    guard_(schema=schema)


@app.command()
def decide(schema: Schema = False) -> None:
    """May this contact happen now? JSON Lines. Example: remindful decide < contacts.jsonl"""
    from bot.commands.decide import decide as decide_

    decide_(schema)


@app.command()
def schedule(schema: Schema = False) -> None:
    """Instalments of a plan; JSON Lines. Example: remindful schedule < plans.jsonl"""
    from bot.commands.schedule import schedule as schedule_

    schedule_(schema)


@staff.command("add")
def staff_add(
    telegram_id: int,
    role: Annotated[str, typer.Option(help="collector|supervisor|admin|auditor|compliance")],
    name: Annotated[str, typer.Option(help="As borrowers will see it.")],
    language: Annotated[list[str] | None, typer.Option(help="May be given again.")] = None,
    skill: Annotated[list[str] | None, typer.Option(help="May be given again.")] = None,
    capacity: Annotated[int | None, typer.Option(help="Conversations at once.")] = None,
    json: Json = False,
) -> None:
    """Add somebody or bring them up to date. Example: staff add 7001 --role collector --name Lin"""
    from bot.commands.staff import add

    add(telegram_id, role, name, language or [], skill or [], capacity, json)


@staff.command("list")
def staff_list(json: Json = False) -> None:
    """Everybody, disabled ones too. Example: remindful staff list"""
    from bot.commands.staff import everyone

    everyone(json)


@staff.command("disable")
def staff_disable(telegram_id: int, json: Json = False) -> None:
    """Take somebody's access away. Example: remindful staff disable 7001"""
    from bot.commands.staff import disable

    disable(telegram_id, json)


@policy.command("show")
def policy_show(country: Annotated[str, typer.Argument()] = "", json: Json = False) -> None:
    """The rules for a country. Example: remindful policy show CN"""
    from bot.commands.policy import show

    show(country or None, json)


@strategy.command("check")
def strategy_check(
    file: Annotated[Path | None, typer.Argument()] = None, json: Json = False
) -> None:
    """What is wrong with a strategy. Example: remindful strategy check mine.yaml"""
    from bot.commands.strategy import check

    check(file, json)


@strategy.command("calendar")
def strategy_calendar(
    file: Annotated[Path | None, typer.Argument()] = None,
    json: Json = False,
    draw: Picture = None,
    language: Annotated[str, typer.Option(help="Of the picture, as zh-Hans.")] = "en",
    variant: Variant = "usual",
    product: Product = "",
) -> None:
    """Who is contacted when. Example: remindful strategy calendar --draw calendar.png"""
    from bot.commands.strategy import calendar

    calendar(file, json, draw, language, variant, product)


@strategy.command("table")
def strategy_table(
    file: Annotated[Path | None, typer.Argument()] = None,
    country: Annotated[str | None, typer.Option(help="Whose rules; DEFAULT_COUNTRY.")] = None,
    language: Annotated[str, typer.Option(help="As zh-Hans.")] = "en",
    variant: Variant = "usual",
    product: Product = "",
) -> None:
    """What a borrower of each class receives. Example: remindful strategy table --country CN"""
    from bot.commands.strategy import table

    table(file, country, language=language, variant=variant, product=product)


@strategy.command("compare")
def strategy_compare(
    days: Annotated[int, typer.Option(help="How long everybody is watched.")] = 30,
    language: Annotated[str, typer.Option(help="As zh-Hans.")] = "en",
    json: Json = False,
) -> None:
    """What came of its experiments. Example: remindful strategy compare --days 60"""
    from bot.commands.comparing import compare

    compare(days, language, json)


@scripts.command("check")
def scripts_check(json: Json = False) -> None:
    """What is wrong with the library. Example: remindful scripts check"""
    from bot.commands.scripts import check

    check(json)


@scripts.command("list")
def scripts_list(json: Json = False) -> None:
    """Every script. Example: remindful scripts list"""
    from bot.commands.scripts import every

    every(json)


@scripts.command("render")
def scripts_render(
    key: str,
    language: Annotated[str, typer.Option(help="As zh-Hans.")],
    borrower: Annotated[str | None, typer.Option(help="With the facts of this reference.")] = None,
    sample: Annotated[str | None, typer.Option(help="With a made-up borrower.")] = None,
    json: Json = False,
) -> None:
    """A script as it is read. Example: remindful scripts render home.now --language en"""
    from bot.commands.scripts import render

    if borrower is not None and sample is not None:
        raise typer.BadParameter("--borrower or --sample, not both")
    render(key, language, json, borrower=borrower, sample=sample)


@scripts.command("export")
def scripts_export(
    folder: Annotated[Path, typer.Argument(help="A new or empty folder.")],
    again: Annotated[bool, typer.Option("--again", help="Over an earlier export.")] = False,
) -> None:
    """Write what is said into a folder. Example: remindful scripts export words/"""
    from bot.commands.scripts import export

    export(folder, again)


@scripts.command("import")
def scripts_import(
    folder: Annotated[Path, typer.Argument(help="An export, changed.")],
    why: Annotated[str, typer.Option(help="Kept with every version.")] = "",
    review: Annotated[bool, typer.Option("--review", help="An admin approves first.")] = False,
    json: Json = False,
) -> None:
    """Say what a folder says. Example: remindful scripts import words/ --why "clearer dates" """
    from bot.commands.scripts import import_

    import_(folder, why, review, json)


@scripts.command("four-eyes")
def scripts_four_eyes(
    state: Annotated[str, typer.Argument(help="on or off; nothing: as it is")] = "",
    json: Json = False,
) -> None:
    """Whether a second admin approves. Example: remindful scripts four-eyes on"""
    from bot.commands.scripts import four_eyes

    if state not in ("", "on", "off"):
        raise typer.BadParameter("on or off")
    four_eyes(None if not state else state == "on", json)


@scripts.command("catalogue")
def scripts_catalogue() -> None:
    """The page of all scripts. Example: remindful scripts catalogue > docs/catalogue.md"""
    from bot.commands.scripts import catalogue

    catalogue()
