"""The real command: a backup while the bot sends, a restore, and nobody hears anything twice.

What counts is the simulator's own record of what arrived in the chats.
"""

import asyncio
import os
import shutil
import signal
import sys
from datetime import date
from pathlib import Path

import pytest

from storage import restoring
from tests.process.deployment import Debtor, Deployment, bring_in, deployed, known

pytestmark = pytest.mark.process

DEBTORS = [Debtor(f"B-{n}", 3000 + n, due_date=date(2026, 11, 21)) for n in range(12)]

EVERY = int(os.environ.get("REMINDFUL_KILL_EVERY", "3"))
"""Every how manyth step on the disk is the last one; `make soak` tries each."""


async def test_nobody_is_reminded_twice_after_a_restore(tmp_path: Path) -> None:
    async with deployed(tmp_path, "--no-strict-limits") as town:
        await _about_to_remind(town)
        await town.start()
        # what has arrived is not on record yet, and the backup finds it on the wire
        await town.trouble("slow_answer", method="sendMessage", delay_s=15)
        await town.move_clock(to="2026-11-20T02:00:01Z")
        await town.until(lambda: _arrived(town, at_least=2), "the first reminders")
        told = (await town.do("backup", "backup.db", "--json")).json()
        assert told["rows"]["borrowers"] == len(DEBTORS)
        assert (tmp_path / "backup.db").stat().st_mode & 0o777 == 0o600
        refused = await town.command("restore", "backup.db", "--replace")
        assert refused.code == 3
        assert "remindful run" in refused.err

        await town.until(lambda: _arrived(town, at_least=len(DEBTORS)), "every reminder")
        await town.calm()
        assert await town.stop() == 0
        back = (await town.do("restore", "backup.db", "--replace", "--json")).json()
        assert back["unknown"]
        assert Path(tmp_path / back["old_kept_in"]).is_file()

        await town.start()
        await town.until(lambda: _nothing_waits(town), "nothing to be left to send")
        await asyncio.sleep(3)
        reminders = await _reminders(town)
        assert reminders == [1] * len(DEBTORS), reminders
        known_sent = await town.rows("SELECT count(*) FROM outbox WHERE unique_key LIKE 'step:%' "
                                     "AND status IN ('sent', 'unknown')")  # fmt: skip
        assert known_sent == [(len(DEBTORS),)]


async def test_a_restore_long_after_the_backup_repeats_nothing_either(tmp_path: Path) -> None:
    async with deployed(tmp_path, "--no-strict-limits") as town:
        await _about_to_remind(town)
        await town.do("backup", "backup.db")  # nothing is planned yet
        await town.start()
        await town.move_clock(to="2026-11-20T02:00:01Z")
        await town.until(lambda: _arrived(town, at_least=len(DEBTORS)), "every reminder")
        town.kill()
        await town.is_over()
        await town.move_clock(to="2026-11-20T04:00:00Z")

        refused = await town.command("restore", "backup.db")
        assert refused.code == 1
        assert "--replace" in refused.err
        back = (await town.do("restore", "backup.db", "--replace", "--json")).json()
        assert {one["borrower_ref"] for one in back["unknown"]} == {one.ref for one in DEBTORS}

        await town.start()
        await asyncio.sleep(3)
        assert await _reminders(town) == [1] * len(DEBTORS)


@pytest.mark.parametrize("words", [("backup", "other.db"), ("restore", "good.db", "--replace")])
async def test_a_kill_at_any_moment_leaves_a_whole_database(
    tmp_path: Path, words: tuple[str, ...]
) -> None:
    """Killed before the steps it takes on the disk in turn, until one run comes to its end."""
    async with deployed(tmp_path, "--no-strict-limits") as town:
        await bring_in(town, DEBTORS, date(2026, 11, 18))
        await town.do("backup", "good.db")
        await bring_in(town, [Debtor("B-LATER", 4000)], date(2026, 11, 18))
        for step in range(1, 100, EVERY):
            code = await _killed_before(town, step, *words)
            assert await town.rows("PRAGMA integrity_check") == [("ok",)]
            (count,) = await town.rows("SELECT count(*) FROM borrowers")
            restored = count == (len(DEBTORS),)
            assert restored or count == (len(DEBTORS) + 1,)
            other = tmp_path / "other.db"
            if other.exists():
                restoring.checked(other)
                other.unlink()
            if code == 0 or restored:
                break
            assert code == -signal.SIGKILL
        assert step > 5, "it was killed at several moments"
        assert restored == (words[0] == "restore")
        await town.do("backup", "last.db")  # whatever was left behind is in nobody's way
        await town.do("restore", "last.db", "--replace")
        assert not list(tmp_path.glob("*.restoring*"))


async def test_bad_files_and_full_disks_are_refused_and_change_nothing(tmp_path: Path) -> None:
    async with deployed(tmp_path, "--no-strict-limits") as town:
        missing = await town.command("backup", "backup.db")
        assert (missing.code, missing.out) == (3, "")
        assert "no database" in missing.err
        await _about_to_remind(town)
        await town.do("backup", "good.db")
        before = await town.rows("SELECT count(*) FROM borrowers")
        whole = (tmp_path / "good.db").read_bytes()
        (tmp_path / "short.db").write_bytes(whole[:-1])
        (tmp_path / "flipped.db").write_bytes(whole[:9000] + b"x" + whole[9001:])
        (tmp_path / "strange.db").write_text("not a backup")
        shutil.copyfile(tmp_path / "remindful.sqlite3", tmp_path / "plain.db")
        for name in ("short.db", "flipped.db", "strange.db", "plain.db", "none.db"):
            refused = await town.command("restore", name, "--replace")
            assert refused.code == 1, refused
            assert refused.err.startswith(name)
            assert "Traceback" not in refused.err
        taken = await town.command("backup", "strange.db")
        assert taken.code == 1
        assert (tmp_path / "strange.db").read_text() == "not a backup"
        nowhere = await town.command("backup", "nowhere/backup.db")
        assert nowhere.code == 3
        for words in (("backup", "big.db"), ("restore", "good.db", "--replace")):
            full = await _on_a_full_disk(town, *words)
            assert full[0] == 3, full
            assert "cannot be written" in full[1]
        assert await town.rows("SELECT count(*) FROM borrowers") == before
        assert {file.name for file in tmp_path.iterdir() if "big" in file.name} == set()
        assert not list(tmp_path.glob("*.before-*"))


async def _about_to_remind(town: Deployment) -> None:
    """Everybody has been quiet for a day, and at ten a reminder is due for each."""
    await town.move_clock(to="2026-11-18T01:00:00Z")
    await bring_in(town, DEBTORS, date(2026, 11, 18))
    await known(town, *DEBTORS)
    await town.move_clock(to="2026-11-19T12:00:00Z")
    await bring_in(town, DEBTORS, date(2026, 11, 19))


async def _reminders(town: Deployment) -> list[int]:
    """What really arrived in each chat, whatever our own records say."""
    return [
        sum(
            "figures of" in one.get("text", "") and "/stop" in one.get("text", "")
            for one in await town.person(debtor.telegram_id).messages()
        )
        for debtor in DEBTORS
    ]


async def _arrived(town: Deployment, *, at_least: int) -> bool:
    return sum(await _reminders(town)) >= at_least


async def _nothing_waits(town: Deployment) -> bool:
    open_rows = "SELECT count(*) FROM outbox WHERE status IN ('queued', 'claimed', 'sending')"
    return await town.rows(open_rows) == [(0,)]


_KILLER = """
import os, runpy, signal, sys
left = int(sys.argv[1])
def watch(event, args):
    global left
    if event in ("os.rename", "os.link", "os.remove", "os.truncate") or (
        event in ("open", "sqlite3.connect") and str(args[0]).startswith(DISK)
    ):
        left -= 1
        if not left:
            os.kill(os.getpid(), signal.SIGKILL)
DISK = ("file:", "other.db", "good.db", ".other.db", "remindful.sqlite3", os.getcwd())
sys.argv = ["remindful", *sys.argv[2:]]
sys.addaudithook(watch)
runpy.run_module("bot", run_name="__main__")
"""


async def _killed_before(town: Deployment, step: int, *words: str) -> int | None:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", _KILLER, str(step), *words,
        cwd=town.folder, env=town.env,
        stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.DEVNULL,
    )  # fmt: skip
    return await process.wait()


async def _on_a_full_disk(town: Deployment, *words: str) -> tuple[int | None, str]:
    """No file may grow beyond 200 kB."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-W", "error", "-c",
        "import resource, runpy, sys; resource.setrlimit(resource.RLIMIT_FSIZE, (200000,) * 2);"
        "sys.argv = ['remindful', *sys.argv[1:]]; runpy.run_module('bot', run_name='__main__')",
        *words,
        cwd=town.folder, env=town.env,
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
    _, err = await process.communicate()
    return process.returncode, err.decode()
