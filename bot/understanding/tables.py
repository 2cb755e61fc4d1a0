"""The data files of this room, each read once and only when a message first needs it."""

import re
from functools import cache
from pathlib import Path
from typing import Any

_HERE = Path(__file__).parent


def read_yaml(path: str) -> Any:
    """A data file below bot/understanding, parsed."""
    import yaml  # only when a message first needs it: importing this room stays cheap

    loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    return yaml.load(_HERE.joinpath(path).read_text("utf-8"), Loader=loader)


def read_bytes(path: str) -> bytes:
    """A data file below bot/understanding as it lies there."""
    return _HERE.joinpath(path).read_bytes()


def names(folder: str) -> list[str]:
    """The YAML files of a folder below bot/understanding, in order of name."""
    found = (entry.name for entry in _HERE.joinpath(folder).iterdir())
    return sorted(f"{folder}/{name}" for name in found if name.endswith(".yaml"))


@cache
def read_numerals() -> dict[str, Any]:
    """What each sign and word of a number is worth."""
    table: dict[str, Any] = read_yaml("tables/numerals.yaml")
    return table


@cache
def simplified() -> dict[str, str]:
    """Traditional character -> simplified."""
    lines = _HERE.joinpath("tables/traditional.txt").read_text("utf-8").splitlines()
    pairs = (pair for line in lines if not line.startswith("#") for pair in line.split())
    return {pair[0]: pair[1] for pair in pairs}


@cache
def cantonese() -> tuple[re.Pattern[str], dict[str, str]]:
    """Cantonese wordings, in simplified characters, and the Mandarin they are read as."""
    script = simplified()
    words = {
        "".join(script.get(sign, sign) for sign in said): meant
        for said, meant in read_yaml("tables/cantonese.yaml").items()
    }
    return _any_of(words), words


@cache
def pinyin() -> tuple[re.Pattern[str], dict[str, str]]:
    """Common phrases typed in pinyin, with or without spaces."""
    phrases = read_yaml("tables/pinyin.yaml")
    spaced = "|".join(
        " ?".join(phrase.split()) for phrase in sorted(phrases, key=len, reverse=True)
    )
    compact = {phrase.replace(" ", ""): meant for phrase, meant in phrases.items()}
    return re.compile(rf"(?<![a-z])(?=[{_first_letters(phrases)}])(?:{spaced})(?![a-z])"), compact


@cache
def spellings() -> dict[str, str]:
    """Contractions, short forms and misspellings, word for word."""
    table: dict[str, str] = read_yaml("tables/spellings.yaml")["spellings"]
    return table


@cache
def _often_misspelt() -> dict[str, str]:
    """Every form that one lost letter makes of a word that matters -> the word."""
    forms: dict[str, str] = {}
    for word in read_yaml("tables/spellings.yaml")["matter"]:
        forms[word] = word
        for index in range(1, len(word)):
            forms.setdefault(word[:index] + word[index + 1 :], word)
    return forms


def nearest_word(word: str) -> str | None:
    """The word that matters one letter away from this one (lost, added, wrong or swapped)."""
    if not 6 <= len(word) <= 16 or not word.isalpha():
        return None
    forms = _often_misspelt()
    if word in forms:
        return forms[word]
    for index in range(1, len(word)):
        near = forms.get(word[:index] + word[index + 1 :])
        if near is not None and abs(len(near) - len(word)) <= 1:
            return near
    return None


def _any_of(words: dict[str, str]) -> re.Pattern[str]:
    longest_first = sorted(words, key=len, reverse=True)
    alternatives = "|".join(re.escape(word) for word in longest_first)
    return re.compile(f"(?=[{_first_letters(words)}])(?:{alternatives})")


def _first_letters(words: dict[str, str]) -> str:
    return re.escape("".join(sorted({word[0] for word in words})))
