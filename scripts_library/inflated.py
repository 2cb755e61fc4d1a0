"""Amounts that the text itself shows to be impossible: a loan of 300 that is 2,900 by now.

No contract allows fees of several times the principal. What was borrowed and what is asked for
stand in the same text, so that it can be judged without knowing the account.
"""

import re

_MANY_TIMES = 3
_SHORTEST_PRINCIPAL = 50
_NUMBER = r"(\d[\d,]*(?:\.\d+)?|[一二两三四五六七八九十百千万]{2,})\s*(万|千|百|k\b)?"
_BORROWED = re.compile(
    r"(?:欠款|欠了?|借了?|本金|原来|贷了?|\b(?:owe[sd]?|borrow(?:ed)?|loan of|original|your))"
    r"[^\d一二两三四五六七八九十。.!?]{0,12}"
    + _NUMBER
    + r"|"
    + _NUMBER
    + r"\s*(?:borrowed|loan)\b",
    re.IGNORECASE,
)
_ASKED = re.compile(
    r"(?:现在|如今|今天|今日|总共|一共|变成|滚到|涨到|要还|应还|加(?:上)?罚息|违约金|连本带利"
    r"|\b(?:now|it's|becomes?|become|total|balance|with|due|comes? to))"
    r"[^\d。.!?]{0,24}?" + _NUMBER,
    re.IGNORECASE,
)
_DIGITS = {char: value for value, char in enumerate("零一二三四五六七八九")} | {"两": 2}
_UNITS = {"十": 10, "百": 100, "千": 1_000, "万": 10_000, "k": 1_000}


def inflated_amounts(text: str) -> list[tuple[int, int]]:
    """Half-open spans, in code points, from what was borrowed to what is said to be owed now."""
    found = []
    for borrowed in _BORROWED.finditer(text):
        asked = _ASKED.search(text, borrowed.end())
        if asked is None:
            continue
        before, after = _amount(borrowed), _amount(asked)
        if before >= _SHORTEST_PRINCIPAL and after >= before * _MANY_TIMES:
            found.append((borrowed.start(), asked.end()))
    return found


def _amount(match: re.Match[str]) -> float:
    written, unit = (part for part in _pair(match))
    value = float(written.replace(",", "")) if written[0].isdigit() else _chinese(written)
    return value * _UNITS.get(unit.lower(), 1)


def _pair(match: re.Match[str]) -> tuple[str, str]:
    groups = match.groups()
    for place in range(0, len(groups), 2):
        if groups[place] is not None:
            return groups[place], groups[place + 1] or ""
    return "0", ""


def _chinese(written: str) -> float:
    total = part = digit = 0
    for char in written:
        if char in _DIGITS:
            digit = _DIGITS[char]
        elif char == "万":
            total, part, digit = (total + part + digit) * 10_000, 0, 0
        else:
            part, digit = part + (digit or 1) * _UNITS[char], 0
    last = written[-2:-1]
    if digit and last in _UNITS:  # 四万八 is 48,000
        digit *= _UNITS[last] // 10
    return total + part + digit
