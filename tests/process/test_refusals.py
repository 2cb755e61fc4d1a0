"""What stands in the way of a command or of the bot is said in one clear line, with exit code 3.

Commands run side by side where they do not get into each other's way: each takes a second or so.
"""

import asyncio
import socket
import sqlite3
from collections.abc import AsyncIterator
from contextlib import closing
from pathlib import Path

import pytest
import pytest_asyncio

from storage import migrating
from storage.engine import Storage
from tests.process.deployment import Deployment, Finished, deployed

pytestmark = [pytest.mark.process, pytest.mark.asyncio(loop_scope="module")]

OTHER_TOKEN = "110201543:AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsax"


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def town(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Deployment]:
    """A simulator, and a migrated database that nobody works on."""
    async with deployed(tmp_path_factory.mktemp("refusals")) as town:
        await _migrated(town.folder / "remindful.sqlite3")
        yield town


async def test_every_missing_setting_is_named_at_once(town: Deployment) -> None:
    finished = await town.command("run", BOT_TOKEN="", SECRET_KEY="")
    _is_refused(finished, "BOT_TOKEN: missing", "SECRET_KEY: missing")


async def test_every_wrong_setting_is_named_at_once_and_no_secret_shown(town: Deployment) -> None:
    finished = await town.command(
        "run",
        BOT_TOKEN="hunter2",
        DATABASE_URL="mysql://localhost/remindful",
        TELEGRAM_API_URL="http://[half",
        WEBHOOK_URL="example.org",
        WEBHOOK_SECRET="two words",
        CONSOLE_PORT="99999",
        ADMIN_IDS="7001, me",
        BOARD_CHAT_ID="the board",
        CONTACT_POLICY="nowhere.yaml",
        STRATEGY="nowhere.yaml",
        DEFAULT_COUNTRY="ZZ",
        WORKING_HOURS="late",
    )
    _is_refused(
        finished,
        "BOT_TOKEN: not a token",
        "DATABASE_URL: mysql is not supported",
        "TELEGRAM_API_URL: a web address",
        "CLOCK_URL: only together with",
        "WEBHOOK_URL: a web address",
        "WEBHOOK_SECRET: 1 to 256 letters",
        "CONSOLE_PORT",
        "ADMIN_IDS",
        "BOARD_CHAT_ID",
        "CONTACT_POLICY: nowhere.yaml: no such file",
        "STRATEGY: nowhere.yaml: no such file",
        "DEFAULT_COUNTRY: no country",
        "WORKING_HOURS: write it like",
    )
    assert "hunter2" not in finished.err
    assert "two words" not in finished.err


async def test_a_webhook_without_its_secret_is_refused(town: Deployment) -> None:
    finished = await town.command("run", WEBHOOK_URL="https://example.org")
    _is_refused(finished, "WEBHOOK_SECRET: needed with WEBHOOK_URL")


async def test_a_clock_that_can_be_moved_is_not_for_the_real_telegram(town: Deployment) -> None:
    finished = await town.command("staff", "list", TELEGRAM_API_URL="https://api.telegram.org")
    _is_refused(finished, "CLOCK_URL: only together with a TELEGRAM_API_URL on this machine")


async def test_settings_are_read_from_a_file_and_judged_like_any_other(town: Deployment) -> None:
    file = town.folder / ".env"
    file.write_text("CONSOLE_HOST=127.0.0.1\nADMIN_IDS=me\nWORKING_HOURS=late\n")
    try:
        finished = await town.command("doctor", WORKING_HOURS="1-5 09:00-18:00")
        assert finished.code == 3
        assert "ADMIN_IDS" in finished.out
        assert "WORKING_HOURS" not in finished.out, "the environment beats the file"
        file.write_bytes("LENDER_NAME=Sparkasse Köln\n".encode("latin-1"))
        _is_refused(await town.command("run"), ".env: not UTF-8")
    finally:
        file.unlink()


async def test_the_files_that_settings_name_are_judged_line_by_line(town: Deployment) -> None:
    (town.folder / "strategy.yaml").write_text("strategy: mine\nstages: 7\n")
    (town.folder / "policy.yaml").write_text("preset: mine\ncap_day: none\n")
    finished = await town.command("run", STRATEGY="strategy.yaml", CONTACT_POLICY="policy.yaml")
    _is_refused(finished, "STRATEGY: strategy.yaml:2", "CONTACT_POLICY: policy.yaml:2")


async def test_a_wrong_token_is_named_by_whatever_needs_it(town: Deployment) -> None:
    doctor, link, run = await asyncio.gather(
        town.command("doctor", BOT_TOKEN=OTHER_TOKEN),
        town.command("link", "B-1", BOT_TOKEN=OTHER_TOKEN),
        town.command("run", BOT_TOKEN=OTHER_TOKEN),
    )
    assert doctor.code == 3
    assert "fail  telegram: BOT_TOKEN: Telegram refuses it" in doctor.out
    _is_refused(link, "BOT_TOKEN: Telegram refuses it")
    assert run.code == 3
    assert "BOT_TOKEN: Telegram refuses it" in run.err.splitlines()[-1]
    assert "Traceback" not in run.err
    assert OTHER_TOKEN not in doctor.out + link.err + run.err


async def test_a_database_of_another_version_is_never_touched(town: Deployment) -> None:
    newer, older = town.folder / "newer.sqlite3", town.folder / "older.sqlite3"
    for file in (newer, older):
        await _migrated(file)
    _execute(newer, "UPDATE alembic_version SET version_num = '9999'")
    before = newer.read_bytes()
    told = await asyncio.gather(
        *(town.command(*words, DATABASE_URL=f"sqlite:///{newer}")
          for words in (("run",), ("migrate",), ("staff", "list")))
    )  # fmt: skip
    for finished in told:
        _is_refused(finished, "9999", "update the program")
    assert newer.read_bytes() == before


async def test_an_empty_database_is_made_by_migrate_and_said_so(town: Deployment) -> None:
    url = f"sqlite:///{town.folder / 'fresh.sqlite3'}"
    made = await town.command("migrate", DATABASE_URL=url)
    again = await town.command("migrate", DATABASE_URL=url)
    assert (made.code, made.out) == (0, f"from empty to {migrating.newest()}\n")
    assert (again.code, again.out) == (0, f"at version {migrating.newest()}\n")


async def test_a_database_that_cannot_be_opened_is_named_with_the_mend(town: Deployment) -> None:
    notes = town.folder / "notes.txt"
    notes.write_text("buy milk\n" * 500)
    other = town.folder / "other.sqlite3"
    _execute(other, "CREATE TABLE recipes (name TEXT)")
    places = {
        f"sqlite:///{town.folder}/nowhere/a.db": "does the folder exist",
        f"sqlite:///{town.folder}": "cannot be opened",
        f"sqlite:///{notes}": "is not a database of ours",
        f"sqlite:///{other}": "tables of another program",
        "postgresql://me:hush@127.0.0.1:1/a": "is the server running",
    }
    told = await asyncio.gather(
        *(town.command("staff", "list", DATABASE_URL=place) for place in places)
    )
    for finished, said in zip(told, places.values(), strict=True):
        _is_refused(finished, said)
        assert "hush" not in finished.err
    assert notes.read_text() == "buy milk\n" * 500


async def test_a_read_only_database_can_be_read_and_says_why_not_more(town: Deployment) -> None:
    file = town.folder / "remindful.sqlite3"
    url = f"sqlite:///file:{file}?mode=ro&uri=true"
    add = ("staff", "add", "7001", "--role", "collector", "--name", "Lin")
    added, run = await asyncio.gather(
        town.command(*add, DATABASE_URL=url), town.command("run", DATABASE_URL=url)
    )
    _is_refused(added, "is read-only; give this user the right to write")
    assert run.code == 3
    assert "is read-only" in run.err.splitlines()[-1]


async def test_a_command_waits_a_while_for_a_locked_database_and_then_says_so(
    town: Deployment,
) -> None:
    file = town.folder / "remindful.sqlite3"
    add = ("staff", "add", "7001", "--role", "collector", "--name", "Lin")
    with closing(sqlite3.connect(file, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        _is_refused(await town.command(*add), "was locked by another program for 5 s")
        waiting = asyncio.create_task(town.command(*add))
        await asyncio.sleep(2.5)
        other.execute("COMMIT")
    assert (await waiting).code == 0


async def test_a_port_that_is_taken_is_named_before_anything_is_begun(town: Deployment) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        finished = await town.command("run", CONSOLE_PORT=str(port))
    _is_refused(finished, f"127.0.0.1:{port} cannot be opened", "another program")


async def test_a_clock_that_does_not_answer_is_named(town: Deployment) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        nobody = silent.getsockname()[1]
    told = await asyncio.gather(
        town.command("staff", "list", CLOCK_URL=f"http://127.0.0.1:{nobody}/clock"),
        town.command("run", CLOCK_URL=f"{town.telegram}/sim/bot"),
    )
    for finished in told:
        assert finished.code == 3
        assert "CLOCK_URL" in finished.err.splitlines()[-1]
        assert "no time" in finished.err.splitlines()[-1]


async def test_wrong_usage_is_two_and_says_what_is_right(town: Deployment) -> None:
    wrong = {
        ("fly",): "No such command 'fly'",
        ("stop-all", "maybe"): "on or off",
        ("link",): "--all together with --csv",
        ("export", "plans"): "Missing option '--since'",
        ("link", "--all", "--csv", "nowhere/x.csv"): "cannot be written",
        ("staff", "add", "7001", "--name", "Lin"): "Missing option '--role'",
        ("staff", "disable", "Lin"): "valid integer",
        ("run", "--fast"): "No such option",
    }
    told = await _four_at_a_time(town, list(wrong))
    for (words, said), finished in zip(wrong.items(), told, strict=True):
        assert finished.code == 2, (words, finished)
        assert said in " ".join(finished.err.replace("│", " ").split()), (words, finished.err)


async def test_refused_input_is_one_and_changes_nothing(town: Deployment) -> None:
    refused = {
        ("link", "B-404"): "no borrower has the reference 'B-404'",
        ("explain", "B-404"): "B-404",
        ("export", "names", "--since", "2026-11-01"): "there are promises, plans, outcomes",
        ("export", "plans", "--since", "last week"): "is no date such as 2026-11-01",
        ("export", "plans", "--since", "2026-11-01T08:00"): "has no offset",
        ("staff", "add", "7001", "--role", "boss", "--name", "Lin"): "'boss' is none of collector",
        ("staff", "add", "7001", "--role", "admin", "--name", " "): "--name: write 1 to",
        ("staff", "add", "7001", "--role", "admin", "--name", "L", "--language", "!"): "language",
    }
    told = await _four_at_a_time(town, list(refused))
    for (words, said), finished in zip(refused.items(), told, strict=True):
        assert finished.code == 1, (words, finished)
        assert said in finished.err, (words, finished.err)
        assert "Traceback" not in finished.err


async def test_help_shows_every_command_with_an_example(town: Deployment) -> None:
    every, nothing, one = await asyncio.gather(
        town.command("--help"), town.command(), town.command("stop-all", "--help")
    )
    assert every.code == 0
    for name in ("run", "doctor", "migrate", "link", "import", "explain", "stop-all", "staff"):
        assert f" {name} " in every.out
    assert nothing.code == 2
    assert one.code == 0
    assert "Example: remindful stop-all on" in one.out


def _is_refused(finished: Finished, *said: str) -> None:
    """Exit code 3, each of `said` on standard error, and nothing that only a programmer reads."""
    assert finished.code == 3, finished
    for one in said:
        assert one in finished.err, finished.err
    assert "Traceback" not in finished.err
    assert "Exception" not in finished.err


async def _four_at_a_time(town: Deployment, commands: list[tuple[str, ...]]) -> list[Finished]:
    told: list[Finished] = []
    for start in range(0, len(commands), 4):
        some = commands[start : start + 4]
        told += await asyncio.gather(*(town.command(*words) for words in some))
    return told


async def _migrated(file: Path) -> None:
    storage = Storage.open(f"sqlite:///{file}")
    await migrating.upgrade(storage)
    await storage.close()


def _execute(file: Path, statement: str) -> None:
    with closing(sqlite3.connect(file)) as database:
        database.execute(statement)
        database.commit()
