"""Amounts that the text itself shows to be impossible: a loan of 300 that is 2,900 by now.

No contract allows fees of several times the principal, and a text that names the rate and the time
tells itself what they come to. What was borrowed and what is asked for stand in the same text, so
that it can be judged without knowing the account.
"""

import re
from collections.abc import Iterator

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
_RATE = re.compile(
    r"(\d+(?:\.\d+)?)\s*(?:%|percent|per cent)\s*(?:a|per|each|every|/)\s*(day|week|month|year)"
    r"|(日|天|周|月|年)(?:利率|利息|息|化)(?:是|为|按)?\s*(\d+(?:\.\d+)?)\s*%",
    re.IGNORECASE,
)
_TERM = re.compile(
    r"\b(a|an|one|two|three|four|six|\d{1,3})\s*(day|week|month|year)s?\b"
    r"|([一两二三四五六七八九十]|\d{1,3})个?(天|日|周|星期|月|年)(?:后|下来|之后|到期|以后|的话)",
    re.IGNORECASE,
)
_DUE = re.compile(
    r"(?:要还|应还|得还|共还|欠|合计|总共|一共|就是|变成"
    r"|\b(?:owe[sd]?|due|pay|total|comes? to|makes?))[^\d。.!?]{0,16}?" + _NUMBER,
    re.IGNORECASE,
)
_ROUNDING = 1.2
_MOST_PERCENT, _MOST_PERIODS = 100, 999
"""Beyond these no sum is lawful, and powers stay numbers."""
_DAYS = {"day": 1, "week": 7, "month": 30, "year": 365}
_DAYS |= {"日": 1, "天": 1, "周": 7, "星期": 7, "月": 30, "年": 365}
_COUNTS = {"a": 1, "an": 1, "one": 1, "two": 2, "three": 3, "four": 4, "six": 6, "十": 10}
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
    return [*found, *_beyond_the_rate(text)]


def _beyond_the_rate(text: str) -> Iterator[tuple[int, int]]:
    """Where rate and time are named too: more than they come to, even compounded."""
    borrowed = _BORROWED.search(text)
    rate = borrowed and _RATE.search(text, borrowed.end())
    term = rate and _TERM.search(text, rate.end())
    asked = term and _DUE.search(text, term.end())
    if borrowed is None or rate is None or term is None or asked is None:
        return
    growth = min(float(rate[1] or rate[4]), _MOST_PERCENT) / 100
    periods = _count(term[1] or term[3]) * _days(term[2] or term[4]) / _days(rate[2] or rate[3])
    lawful = _amount(borrowed) * (1 + growth) ** min(periods, _MOST_PERIODS)
    if _amount(borrowed) >= _SHORTEST_PRINCIPAL and _amount(asked) > lawful * _ROUNDING:
        yield borrowed.start(), asked.end()


def _days(period: str) -> int:
    return _DAYS[period.lower()]


def _count(written: str) -> int:
    word = written.lower()
    return int(word) if word.isdigit() else _COUNTS.get(word) or _DIGITS[word]


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
