"""`remindful understand` as another program meets it: bytes in, bytes out, an exit code."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.process

UNDERSTAND = [sys.executable, "-m", "bot", "understand"]
NOW = "2026-11-24T12:00:00+08:00"


def run(given: bytes, *options: str) -> "subprocess.CompletedProcess[bytes]":
    return subprocess.run(
        [*UNDERSTAND, *options], input=given, capture_output=True, timeout=120, check=False
    )


def ask(*lines: dict[str, Any] | bytes) -> tuple[int, list[dict[str, Any]]]:
    given = b"\n".join(
        line if isinstance(line, bytes) else json.dumps(line).encode() for line in lines
    )
    done = run(given + b"\n")
    assert done.stderr == b""
    return done.returncode, [json.loads(line) for line in done.stdout.splitlines()]


def said(text: str, **more: Any) -> dict[str, Any]:
    return {"id": text, "text": text, "now": NOW, "timezone": "Asia/Shanghai"} | more


def test_messages_are_answered_in_order_with_their_ids() -> None:
    code, answers = ask(said("周五还500"), said("stop"), said("我不想活了"))
    assert code == 0
    assert [answer["id"] for answer in answers] == ["周五还500", "stop", "我不想活了"]
    assert answers[0] == {
        "id": "周五还500",
        "language": "zh-Hans",
        "intents": ["promise"],
        "promise": [{"date": "2026-11-27", "amount": "500.00"}],
        "proposed": [],
        "paid": [],
        "instalments": None,
        "handoff": False,
        "confidence": answers[0]["confidence"],
        "spans": [
            {"start": 0, "end": 2, "what": "date"},
            {"start": 3, "end": 6, "what": "amount"},
        ],
    }
    assert [answer["handoff"] for answer in answers] == [False, True, True]


def test_a_bad_line_is_named_and_stops_nobody() -> None:
    code, answers = ask(
        b"not json",
        {"id": 2, "text": "hi"},
        said("hi", timezone="Mars/Olympus"),
        said("hi", now="yesterday"),
        {"id": 5, "now": NOW, "timezone": "UTC", "text": 5},
        said("ok", payday=25, balance="1200.00", due_date="2026-11-20", language="en"),
    )
    assert code == 1
    assert ["error" in answer for answer in answers] == [True] * 5 + [False]
    assert [answer.get("line") for answer in answers[:5]] == [1, 2, 3, 4, 5]


def test_a_known_payday_is_used() -> None:
    _, answers = ask(said("发工资就还", payday=10))
    assert answers[0]["promise"] == [{"date": "2026-12-10", "amount": None}]


def test_the_schema_names_what_a_line_needs() -> None:
    done = run(b"", "--schema")
    assert done.returncode == 0
    assert json.loads(done.stdout)["required"] == ["text", "now", "timezone"]


def test_a_labelled_file_is_measured(tmp_path: Path) -> None:
    labelled = tmp_path / "labelled.jsonl"
    expected = {"intents": ["stop"], "handoff": True}
    labelled.write_text(json.dumps(said("stop texting me", expected=expected)) + "\n")
    done = run(b"", "--evaluate", str(labelled))
    assert done.returncode == 0
    assert b"stop named" in done.stdout
    assert b"100.0%" in done.stdout


def test_a_file_without_labels_is_refused_with_its_line(tmp_path: Path) -> None:
    broken = tmp_path / "broken.jsonl"
    broken.write_text("{}\n")
    done = run(b"", "--evaluate", str(broken))
    assert done.returncode == 1
    assert b"line 1" in done.stderr


def test_understanding_starts_without_telegram_or_the_web() -> None:
    code = (
        "import sys, bot.commands.understand as command;"
        f"command.answer({said('hi')!r});"
        "print([name for name in ('aiogram', 'fastapi', 'sqlalchemy', 'holidays')"
        " if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True)
    assert done.stdout.strip() == b"[]"
