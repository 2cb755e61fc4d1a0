"""Which currency somebody names beside an amount: "600 USD", "$600", "600 dollars".

Bare figures are in the currency of the debt. A named one is taken at its word, because 600 dollars
are not 600 yuan.
"""

import re
import unicodedata
from functools import cache
from importlib.resources import files

import yaml


def named_currencies(text: str) -> frozenset[str]:
    """Every currency that the words beside figures may mean; none when none is named."""
    plain = unicodedata.normalize("NFKC", text).casefold()
    words, pattern = _words()
    found = [match["before"] or match["after"] for match in pattern.finditer(plain)]
    return frozenset(code for word in found for code in words[word])


@cache
def _words() -> tuple[dict[str, frozenset[str]], re.Pattern[str]]:
    source = files("bot.telegram") / "currency_words.yaml"
    told: dict[str, list[str]] = yaml.safe_load(source.read_text("utf-8"))
    words: dict[str, set[str]] = {}
    for code, some in told.items():
        for word in some:
            words.setdefault(unicodedata.normalize("NFKC", word).casefold(), set()).add(code)
    any_word = "|".join(re.escape(word) for word in sorted(words, key=len, reverse=True))
    pattern = re.compile(
        rf"(?<![a-z])(?P<before>{any_word})\s?(?=\d)|(?<=\d)\s?(?P<after>{any_word})(?![a-z$'\u2019])"
    )
    return {word: frozenset(codes) for word, codes in words.items()}, pattern
