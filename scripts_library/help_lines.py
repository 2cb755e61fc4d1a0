"""Which help line a person in danger is given, by country. Numbers are data in help_lines.yaml."""

from functools import cache
from pathlib import Path
from typing import Any

import yaml

from scripts_library.variables import in_language

_FILE = Path(__file__).parent / "help_lines.yaml"
_ELSEWHERE = "other"
_LAST_RESORT = "en"


def help_lines(country: str | None, language: str) -> list[str]:
    """Lines to show, the first to call first; never empty.

    `country` is ISO 3166 alpha-2, `language` a language folder. A country that is not listed gets
    the wording that points to its own emergency number.
    """
    table = _table()
    by_language = table.get((country or "").upper(), table[_ELSEWHERE])
    return list(in_language(by_language, language) or by_language[_LAST_RESORT])


@cache
def _table() -> dict[str, dict[str, list[str]]]:
    given: dict[str, Any] = yaml.load(_FILE.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)
    return given
