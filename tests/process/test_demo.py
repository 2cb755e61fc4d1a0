"""A second demo in the folder of a running one."""

import fcntl
import os
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.process


def test_a_running_demo_keeps_its_files_and_the_second_is_told(tmp_path: Path) -> None:
    folder = tmp_path / ".demo"
    folder.mkdir()
    (folder / "payments.csv").write_text("of the first")
    first = os.open(folder, os.O_RDONLY)
    fcntl.flock(first, fcntl.LOCK_EX)
    try:
        second = subprocess.run(
            [sys.executable, "-W", "error", "-m", "demo"],
            cwd=tmp_path,
            env={**os.environ, "DEMO_PORT": "0"},
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
    finally:
        os.close(first)
    assert second.returncode == 3
    assert second.stderr == "a demo runs in this folder already; end that one first\n"
    assert (folder / "payments.csv").read_text() == "of the first"
