"""Why a text was stopped, and what to write instead: the library's own scripts `instead.<rule>`.

They are read as they stand in their files, without Liquid: they have no variables, and the guard
has to start quickly.
"""

from functools import cache
from pathlib import Path
from typing import Any

import yaml

_LIBRARY = Path(__file__).parent
_REASONS = _LIBRARY / "tone" / "suggestions.yaml"
_END_OF_HEAD = "\n---\n"
_TRADITIONAL = ("zh-hant", "zh-tw", "zh-hk", "zh-mo")


def explain(rules: tuple[str, ...], blocked: bool, language: str) -> str:
    """One plain sentence per rule: what the text does that it must not."""
    part = "block" if blocked else "warn"
    sentences = [_reasons()[rule][_tongue(language)].get(part, "") for rule in rules]
    return " ".join(sentence for sentence in sentences if sentence)


def suggest(rules: tuple[str, ...], blocked: bool, language: str) -> str | None:
    """A wording that says what the writer may want to say, for the main rule."""
    tone = None if blocked else _wording(f"{rules[0]}_tone", _tongue(language))
    return tone or _wording(rules[0], _tongue(language))


def _tongue(language: str) -> str:
    tag = language.lower()
    if not tag.startswith("zh"):
        return "en"
    return "zh-Hant" if tag.startswith(_TRADITIONAL) else "zh-Hans"


@cache
def _wording(name: str, tongue: str) -> str | None:
    file = _LIBRARY / tongue / "instead" / f"{name}.md"
    if not file.is_file():
        return None
    return file.read_text(encoding="utf-8").partition(_END_OF_HEAD)[2].strip()


@cache
def _reasons() -> dict[str, dict[str, dict[str, Any]]]:
    given: dict[str, dict[str, dict[str, Any]]] = yaml.load(
        _REASONS.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader
    )
    return given
