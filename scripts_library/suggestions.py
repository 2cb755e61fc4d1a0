"""What to write instead. The words come from the library: data per rule, in the text's language."""

from functools import cache
from pathlib import Path
from typing import Any

import yaml

_FILE = Path(__file__).parent / "tone" / "suggestions.yaml"


def explain(rules: tuple[str, ...], blocked: bool, language: str) -> str:
    """One plain sentence per rule: what the text does that it must not."""
    table = _table()
    part = "block" if blocked else "warn"
    sentences = [table[rule][_tongue(language)].get(part, "") for rule in rules]
    return " ".join(sentence for sentence in sentences if sentence)


def suggest(rules: tuple[str, ...], blocked: bool, language: str) -> str | None:
    """A wording that says what the writer may want to say, for the main rule."""
    wordings = _table()[rules[0]][_tongue(language)]
    key = "instead" if blocked else "instead_of_warn"
    return wordings.get(key) or wordings.get("instead")


def _tongue(language: str) -> str:
    return "zh-Hans" if language.lower().startswith("zh") else "en"


@cache
def _table() -> dict[str, dict[str, dict[str, Any]]]:
    given: dict[str, dict[str, dict[str, Any]]] = yaml.load(
        _FILE.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader
    )
    return given
