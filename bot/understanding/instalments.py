"""The number of instalments asked for or offered.

Half a year is six. An ordinal ("the third instalment") or what is left of a plan is no number.
"""

from bot.understanding import tables
from bot.understanding.day_words import unit_of
from bot.understanding.lexicon import Finding, Findings, beside
from bot.understanding.numerals import count

_MOST = 120
_NUMBERS = ("n", "n2", "n3", "n4")


def named_instalments(found: Findings, text: str) -> int | None:
    """Of several numbers the last counts that was not turned down ("not 6, 9 of them")."""
    for finding in _still_meant(found, text):
        groups = finding.match.groupdict()
        if groups.get("and_half"):
            return 12 * (count(groups["n"]) or 1) + 6
        if groups.get("half") or groups.get("half2"):
            return 6
        written = next((groups[name] for name in _NUMBERS if groups.get(name)), "")
        unit = groups.get("unit") or groups.get("unit2") or ""
        if written == "half a" and unit_of(unit) == "year":
            return 6
        number = tables.read_numerals()["parts"].get(written) or count(written)
        if number is None:
            continue
        if unit_of(unit) == "year":
            number *= 12
        if 2 <= number <= _MOST:
            return number
    return None


def _still_meant(found: Findings, text: str) -> list[Finding]:
    """The longest of those that overlap, without those that are turned down."""
    apart: list[Finding] = []
    for one in sorted(found.of("amounts.instalments"), key=lambda one: one.start - one.end):
        if all(one.end <= other.start or other.end <= one.start for other in apart):
            apart.append(one)
    apart.sort(key=lambda one: one.start)
    down = [one for one in apart if _turned_down(one, text)]
    refused = {one.match.groupdict().get("n") for one in down} - {None}
    meant = [
        one for one in apart if one not in down and one.match.groupdict().get("n") not in refused
    ]
    return list(reversed(meant)) if found.has("commitment.corrected") else meant


_BESIDE = 12
"""Characters beside a number in which it may be turned down."""


def _turned_down(one: Finding, text: str) -> bool:
    number = (
        one.start + max(0, one.match.start("n") - one.match.start())
        if (one.match.groupdict().get("n"))
        else one.start
    )
    before, after = text[max(0, one.start - _BESIDE) : one.start], text[one.end : one.end + _BESIDE]
    inside = text[one.start : number]
    return any(pattern.search(before + inside) for pattern in beside("not_so_many")) or any(
        pattern.match(after) for pattern in beside("not_so_many_after")
    )
