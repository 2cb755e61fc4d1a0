"""`remindful rehearse` as a command: what it prints, and how it leaves."""

import asyncio
import json
import os
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.process.deployment import ROOT

pytestmark = pytest.mark.process


async def _run(folder: Path, *words: str) -> tuple[int | None, str, str]:
    env = {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT)}
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-W", "error", "-m", "bot", "rehearse", *words,
        cwd=folder, env=env, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
    out, err = await process.communicate()
    return process.returncode, out.decode(), err.decode()


async def test_a_rehearsal_needs_no_settings_and_leaves_nothing_behind(tmp_path: Path) -> None:
    words = ("--days", "5", "--borrowers", "4", "--seed", "9", "--json")
    (code, out, err), again = await asyncio.gather(_run(tmp_path, *words), _run(tmp_path, *words))
    assert (code, err) == (0, "")
    assert again[1] == out
    told: dict[str, Any] = json.loads(out)
    assert told["violations"] == 0
    assert told["seed"] == 9
    assert len(told["contacts_per_day"]) == len(told["tasks_per_day"]) == 5
    assert {"cap_day", "cap_week", "cap_overdue"} <= set(told["caps_hit"])
    assert list(tmp_path.iterdir()) == []


async def test_a_table_is_for_people_and_wrong_usage_is_said(tmp_path: Path) -> None:
    picture = tmp_path / "rehearsal.png"
    code, out, err = await _run(
        tmp_path, "--days", "2", "--borrowers", "2", "--draw", str(picture), "--language", "zh-Hans"
    )
    assert (code, err) == (0, "")
    assert "violations      0" in out
    assert picture.read_bytes().startswith(b"\x89PNG")
    code, out, _ = await _run(tmp_path, "--days", "0")
    assert (code, out) == (2, "")
