"""The written matrix says what is tested, and what is tested is written."""

import re
from pathlib import Path

from simulator.methods import METHODS
from tests.simulator.refusals import REFUSALS

HERE = Path(__file__).parent
PAGE = (HERE.parents[1] / "docs" / "simulator.md").read_text(encoding="utf-8")
CODES = {
    "TelegramBadRequest": "400",
    "TelegramForbiddenError": "403",
    "TelegramMigrateToChat": "400",
    "TelegramRetryAfter": "429",
}


def rows(title: str) -> list[list[str]]:
    """The cells of the table under a title."""
    section = PAGE.split(f"### {title}\n", 1)[1].split("\n#", 1)[0]
    lines = [line for line in section.splitlines() if line.startswith("|")][2:]
    return [[cell.strip() for cell in line.strip("|").split(" | ")] for line in lines]


def test_every_behaviour_of_the_matrix_names_a_test_that_exists() -> None:
    tests = "\n".join(file.read_text(encoding="utf-8") for file in HERE.glob("test_*.py"))
    existing = set(re.findall(r"^(?:async )?def (test_\w+)", tests, re.MULTILINE))
    named = [row[2].strip("`") for row in rows("What it does")]
    assert set(named) <= existing
    assert len(named) > 80


def test_every_refusal_of_the_matrix_is_a_case_and_every_case_is_in_the_matrix() -> None:
    written = [tuple(row) for row in rows("What it refuses, in Telegram's words")]
    tested = [
        (refusal.method, refusal.when, CODES[refusal.raises.__name__], refusal.answer)
        for refusal in REFUSALS
    ]
    assert written == tested


def test_every_method_has_its_row() -> None:
    written = {row[0] for row in rows("What it does")}
    assert {method.name for method in METHODS.values()} <= written
