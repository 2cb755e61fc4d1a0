import subprocess
import sys
from pathlib import Path

import pytest

from storage import neighbours
from storage.engine import Storage
from storage.neighbours import bot_at_work
from storage.sole import alone

_BOT = """
import sys
from storage.engine import normalised
from storage.sole import alone
with alone(normalised(sys.argv[1])):
    print("at work", flush=True)
    sys.stdin.read()
"""


def test_a_bot_in_another_process_is_seen_while_it_runs(sqlite_url: str) -> None:
    url = Storage.open(sqlite_url).url
    assert not bot_at_work(url)

    with subprocess.Popen(
        [sys.executable, "-c", _BOT, sqlite_url], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as bot:
        assert bot.stdout is not None
        assert bot.stdout.readline() == b"at work\n"
        assert bot_at_work(url)
        bot.kill()

    assert not bot_at_work(url)


def test_looking_does_not_stop_a_bot_from_starting(sqlite_url: str) -> None:
    url = Storage.open(sqlite_url).url
    with alone(url):
        assert bot_at_work(url)
    assert not bot_at_work(url)

    with alone(url):
        pass


def test_where_locks_are_not_listed_a_bot_that_ever_ran_counts(
    sqlite_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = Storage.open(sqlite_url).url
    monkeypatch.setattr(neighbours, "_LOCKS", tmp_path / "missing")

    assert not bot_at_work(url)
    with alone(url):
        pass
    assert bot_at_work(url)


def test_a_server_needs_no_turns(postgresql_url: str) -> None:
    assert not bot_at_work(Storage.open(postgresql_url).url)
