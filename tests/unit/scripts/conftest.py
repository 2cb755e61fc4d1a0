from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from scripts_library.formats import Amount
from scripts_library.library import Library, default_library
from scripts_library.script import Script, parse_script

FRONT_MATTER = """---
key: draft
purpose: a draft
audience: borrower
{matter}
---
{body}
"""


@dataclass
class Desk:
    """Where a test writes drafts against the real library."""

    library: Library

    def source(self, body: str, matter: str = "") -> str:
        return FRONT_MATTER.format(matter=matter, body=body)

    def draft(self, body: str, matter: str = "", language: str = "en") -> Script:
        library = self.library
        source = self.source(body, matter)
        return parse_script(source, library.language(language), library.variables)


@pytest.fixture(scope="session")
def library() -> Library:
    return default_library()


@pytest.fixture
def desk(library: Library) -> Desk:
    return Desk(library)


@pytest.fixture
def facts() -> dict[str, Any]:
    """One borrower, two loans, in two currencies."""
    return {
        "name": "Maria Lopez",
        "lender": "Greenfield Credit",
        "loans": [
            {
                "product": "Home loan",
                "due": Amount(Decimal("1200.00"), "USD"),
                "due_date": date(2026, 11, 17),
                "days_past_due": 5,
                "pay_to": "the app",
            },
            {
                "product": "Study loan",
                "due": Amount(Decimal("350.50"), "CNY"),
                "due_date": date(2026, 11, 21),
                "days_past_due": 1,
                "pay_to": "the app",
            },
        ],
        "totals": [Amount(Decimal("1200.00"), "USD"), Amount(Decimal("350.50"), "CNY")],
        "oldest_due_date": date(2026, 11, 17),
        "days_past_due": 5,
        "as_of": date(2026, 11, 22),
    }


@pytest.fixture
def small_library(tmp_path: Path) -> Callable[[dict[str, str]], Path]:
    """Writes a library's folder from a mapping of paths to texts."""

    def write(files: dict[str, str]) -> Path:
        home = tmp_path / "words"
        texts = {
            "variables.yaml": "name: {type: text, example: Ann}\n",
            "en/language.yaml": "name: English\nlocale: en\n",
            **files,
        }
        for path, text in texts.items():
            file = home / path
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text, encoding="utf-8")
        return home

    return write
