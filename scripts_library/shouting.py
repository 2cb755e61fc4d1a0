"""Shouting: capital letters for a whole phrase, and exclamation marks in a row."""

import re

_WORDS_IN_A_ROW = 4
_CAPITALS = re.compile(
    r"(?<![A-Za-z])[A-Z][A-Z']*(?:[^A-Za-z\n。！？.!?;{}]+[A-Z][A-Z']*(?![a-z]))+"
)
_MARKS = re.compile(r"(?:[!！‼❗❕]\s*){3,}|(?:‼️?\s*){2,}")
_FEW = 3


def shouting(text: str) -> list[tuple[int, int]]:
    """Half-open spans that read as shouting."""
    found = [match.span() for match in _MARKS.finditer(text)]
    if not found and sum(text.count(mark) for mark in "!！❗") >= _FEW:
        first = min(text.find(mark) for mark in "!！❗" if mark in text)
        last = max(text.rfind(mark) for mark in "!！❗")
        found.append((first, last + 1))
    for match in _CAPITALS.finditer(text):
        words = re.findall(r"[A-Z][A-Z']*", match.group())
        long_words = [word for word in words if len(word) > 1]
        if len(words) >= _WORDS_IN_A_ROW and len(long_words) >= _WORDS_IN_A_ROW - 1:
            found.append(match.span())
    return found
