import json
import subprocess
import sys

import pytest

HEAVY = ("aiogram", "fastapi", "sqlalchemy", "liquid", "babel")


def guard(*lines: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "bot", "guard"],
        input="\n".join(lines) + "\n",
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
        timeout=60,
    )


@pytest.mark.process
def test_verdicts_come_in_order_and_a_bad_line_costs_only_itself() -> None:
    done = guard(
        json.dumps({"id": "a", "text": "你这个老赖。", "kind": "collector"}),
        "not json",
        json.dumps({"id": "b", "text": "Thank you.", "kind": "script"}),
        json.dumps({"id": "c", "text": "Thank you.", "kind": "poem"}),
        json.dumps({"id": "d", "kind": "script"}),
        json.dumps({"id": "e", "text": "x", "kind": "script", "mood": "good"}),
    )
    answers = [json.loads(line) for line in done.stdout.splitlines()]
    assert [answer["id"] for answer in answers] == ["a", None, "b", "c", "d", "e"]
    assert answers[0]["verdict"] == "block"
    assert answers[0]["rules"] == ["insult"]
    assert answers[0]["spans"][0].keys() == {"start", "end", "rule"}
    assert answers[2] == {
        "id": "b", "verdict": "ok", "rules": [], "spans": [], "why": "", "suggestion": None,
    }  # fmt: skip
    assert all("error" in answers[place] for place in (1, 3, 4, 5))
    assert done.returncode == 1


@pytest.mark.process
def test_lines_that_are_no_question_are_answered_as_such() -> None:
    lines = [
        b'{"id": "a", "text": "x", "kind": "script"} trailing',
        b'{"id": "b", "text": 7, "kind": "script"}',
        b'{"id": "c", "text": "\xff", "kind": "script"}',
        b'{"id": "d", "text": "x", "text": "y", "kind": "script"}',
        b'{"id": "e", "text": NaN, "kind": "script"}',
        b'["f"]',
        b"",
        b'{"text": "x", "kind": "script"}',
        b'{"id": "g", "text": "\\ud83d", "kind": "collector"}',
        '{"id": "h", "text": "😀 您好 {{ name }}，谢谢。", "kind": "script"}'.encode(),
    ]
    done = subprocess.run(
        [sys.executable, "-m", "bot", "guard"],
        input=b"\n".join(lines),
        capture_output=True,
        check=False,
        timeout=60,
    )
    answers = [json.loads(line) for line in done.stdout.splitlines()]
    assert [answer["id"] for answer in answers] == [
        None, "b", None, "d", "e", None, None, "g", "h",
    ]  # fmt: skip
    assert [answer["line"] for answer in answers if "error" in answer] == [1, 2, 3, 4, 5, 6, 8]
    assert [answer["verdict"] for answer in answers[-2:]] == ["ok", "ok"]
    assert done.returncode == 1


@pytest.mark.process
def test_the_guard_starts_without_anything_heavy() -> None:
    code = (
        "import sys, bot.commands.guard as command; command.judge('x', 'collector');"
        f"print([name for name in {HEAVY} if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
