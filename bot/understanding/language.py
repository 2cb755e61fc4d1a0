"""Which language a message is written in: the script first, then the words that only one has."""

import re
from functools import cache

from bot.understanding import tables
from bot.understanding.notions import known_words

_CJK = re.compile("[\u3400-\u9fff]")
_CYRILLIC = re.compile("[\u0400-\u04ff]")
_LATIN_WORD = re.compile("[a-zA-Z\u00c0-\u024f]{2,}")
_SPANISH_SIGN = re.compile("[ñ¿¡áéíóúÑÁÉÍÓÚ]")
_OTHER_SCRIPT = re.compile("[\u0590-\u06ff\u0900-\u109f\u0e00-\u0e7f\u3040-\u30ff\uac00-\ud7af]")


@cache
def _marks() -> tuple[re.Pattern[str], re.Pattern[str], frozenset[str], frozenset[str]]:
    data = tables.read_yaml("tables/language_marks.yaml")
    return (
        re.compile("|".join(data["cantonese"])),
        re.compile("[" + "".join(tables.simplified().keys() - set(data["shared"])) + "]"),
        frozenset(data["spanish"]),
        frozenset(data["everywhere"]),
    )


_ANY_WORD = re.compile("[a-z]+")
_A_SENTENCE, _MOSTLY_KNOWN = 4, 0.5


@cache
def _english() -> frozenset[str]:
    return frozenset(tables.read_yaml("tables/language_marks.yaml")["english"])


def language_of(message: str, known: str | None = None) -> str:
    """One of zh-Hans, zh-Hant, yue, en, mixed, ru, es, other.

    A message without words (a number, a sign) is in the language the borrower is known to use.
    """
    cantonese, traditional, spanish, everywhere = _marks()
    sample = message[:600]
    latin = [word.lower() for word in _LATIN_WORD.findall(sample)]
    if _CYRILLIC.search(sample):
        return "ru"
    chinese = len(_CJK.findall(sample))
    if _OTHER_SCRIPT.search(sample):
        return "other"
    if chinese:
        telling = [word for word in latin if word not in everywhere]
        if telling and chinese >= 2:
            return "mixed"
        if cantonese.search(sample):
            return "yue"
        return "zh-Hant" if traditional.search(sample) else "zh-Hans"
    if not latin:
        return known if known in _KNOWN else ("en" if re.search("[a-zA-Z]", sample) else "other")
    spanish_words = len(spanish.intersection(latin))
    if spanish_words * 4 >= len(latin):
        return "es"
    words = _ANY_WORD.findall(sample.lower())
    unheard = len(latin) >= _A_SENTENCE and not _english().intersection(words)
    if unheard and len(known_words(words)) < _MOSTLY_KNOWN * len(words):
        return "other"
    return "es" if _SPANISH_SIGN.search(sample) else "en"


_KNOWN = frozenset({"zh-Hans", "zh-Hant", "yue", "en", "mixed", "ru", "es", "other"})


_ENOUGH_SIGNS, _ENOUGH_WORDS = 4, 3


def language_spoken(message: str) -> str | None:
    """The language a message is plainly written in; None for a word or two, figures, a mixture."""
    found = language_of(message)
    if found in ("other", "mixed"):
        return None
    if found in ("zh-Hans", "zh-Hant", "yue"):
        enough = len(_CJK.findall(message[:600])) >= _ENOUGH_SIGNS
        return ("zh-Hant" if found == "yue" else found) if enough else None
    return found if len(message[:600].split()) >= _ENOUGH_WORDS else None
