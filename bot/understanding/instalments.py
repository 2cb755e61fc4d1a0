"""The number of instalments asked for or offered.

Half a year is six. An ordinal ("the third instalment") or what is left of a plan is no number.
"""

from bot.understanding.day_words import unit_of
from bot.understanding.lexicon import Findings
from bot.understanding.numerals import count

_MOST = 120


def named_instalments(found: Findings) -> int | None:
    for finding in found.of("amounts.instalments"):
        groups = finding.match.groupdict()
        if groups.get("and_half"):
            return 12 * (count(groups["n"]) or 1) + 6
        if groups.get("half") or groups.get("half2"):
            return 6
        written = groups.get("n") or groups.get("n2") or ""
        unit = groups.get("unit") or ""
        number = 6 if written == "half a" else count(written)
        if number is None:
            continue
        if unit_of(unit) == "year":
            number *= 12
        if 2 <= number <= _MOST:
            return number
    return None
