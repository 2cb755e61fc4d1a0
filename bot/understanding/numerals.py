"""Numbers in words, Chinese and English, and mixed with digits ("12w", "2 grand").

A last digit without its unit counts for the next lower one ("two thousand five" is 2500 in
Chinese), unless a zero stands before it.
"""

import re
from decimal import Decimal
from functools import cache

from bot.understanding import tables


@cache
def _signs() -> tuple[dict[str, int], dict[str, int], dict[str, int], dict[str, int]]:
    data = tables.read_numerals()
    return data["digits"], data["units"], data["words"], data["scales"]


@cache
def ordinals() -> dict[str, int]:
    """English ordinal words; "twenty-first" is composed by `ordinal`."""
    table: dict[str, int] = tables.read_numerals()["ordinals"]
    return table


def ordinal(word: str) -> int | None:
    """ "fifteenth" is 15, "twenty-first" 21."""
    tens, _, unit = re.sub("[ -]", " ", word).rpartition(" ")
    value = ordinals().get(unit)
    if value is None or not tens:
        return value
    return _signs()[2].get(tens, 0) + value


def chinese_number(written: str) -> Decimal | None:
    """The value of Chinese signs and digits, also mixed; None when it is no number."""
    digits, units, _, _ = _signs()
    total = section = Decimal(0)
    pending: Decimal | None = None
    last_unit = 0
    after_zero = False
    for token in re.findall(r"\d+(?:\.\d+)?|.", _spelt_out(written)):
        if token[0].isdigit():
            pending = Decimal(token)
        elif token in units:
            unit = units[token]
            value = pending if pending is not None else Decimal(1 if unit == 10 else 0)
            pending, last_unit, after_zero = None, unit, False
            if unit >= 10000:
                total += (section + value if section or value else Decimal(1)) * unit
                section = Decimal(0)
            else:
                section += (value or Decimal(1)) * unit
        elif token in digits:
            if digits[token] == 0:
                after_zero = True
            elif pending is not None:
                pending = pending * 10 + digits[token]
            else:
                pending = Decimal(digits[token])
        else:
            return None
    if pending is not None:
        implied = last_unit >= 100 and not after_zero and pending < 10
        section += pending * last_unit / 10 if implied else pending
    return total + section


def _spelt_out(written: str) -> str:
    signs = tables.read_numerals()
    written = written.replace(signs["twenty"], signs["two_tens"])
    return written.replace(signs["thirty"], signs["three_tens"])


def are_neighbours(signs: str) -> bool:
    """Two Chinese digits of which the second is one more than the first, as "five or six"."""
    values = [_signs()[0].get(sign, 0) for sign in signs]
    return len(values) == 2 and values[0] > 0 and values[1] == values[0] + 1


def english_number(written: str) -> Decimal | None:
    """The value of number words ("two thousand five hundred", "a hundred and fifty")."""
    _, _, words, scales = _signs()
    total = current = Decimal(0)
    seen = False
    for token in re.split(r"[ -]+", written.strip()):
        if token in ("and", "&", ""):
            continue
        seen = True
        if re.fullmatch(r"\d+(\.\d+)?", token):
            current += Decimal(token)
        elif token in words:
            if 0 < current < 10 <= words[token]:
                current *= 100  # "two fifty"
            current += words[token]
        elif token in scales:
            scale = scales[token]
            if scale == 100:
                current = (current or Decimal(1)) * 100
            else:
                total += (current or Decimal(1)) * scale
                current = Decimal(0)
        else:
            return None
    return total + current if seen else None


def scale(word: str) -> int:
    """What "k", "w" or "grand" multiplies by."""
    return _signs()[3].get(word, 1)


def count(written: str) -> int | None:
    """A small whole number in digits or in words of any language that is read."""
    if written.isdigit():
        return int(written)
    value = None if written.isascii() else chinese_number(written)
    value = english_number(written) if value is None else value
    return int(value) if value is not None and value == value.to_integral_value() else None
