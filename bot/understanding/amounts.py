"""The sums a message names, each with its place: a figure, "full", "half" or a percentage.

The lower end of a range counts. A vague sum is a named but unknown amount. Numbers that are hours,
floors, card endings or instalments are no money.
"""

from dataclasses import dataclass, replace
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from functools import cache
from re import Match

from bot.understanding import tables
from bot.understanding.lexicon import Finding, Findings
from bot.understanding.named_day import NamedDay
from bot.understanding.numerals import are_neighbours, chinese_number, count, english_number, scale

_TIERS = (
    "amounts.range", "amounts.chinese_range", "amounts.number", "amounts.chinese", "amounts.words",
    "amounts.full", "amounts.half", "amounts.percent", "amounts.vague", "amounts.same",
)  # fmt: skip
_MOST = Decimal(10) ** 10
_MOST_FINDINGS, _TAIL = 48, 12
_BESIDE = 2
_LEAST_BARE = 10
"""A smaller figure without a currency is rarely money: an hour, a floor, a choice from a list."""


@dataclass(frozen=True, slots=True)
class NamedAmount:
    """An amount named at [start, end) of the plain text; None when only a vague sum was named."""

    start: int
    end: int
    amount: str | None
    kind: str


def named_amounts(found: Findings, named: list[NamedDay]) -> list[NamedAmount]:
    """In order of place, without overlaps, outside of the named days."""
    blocked = [(day.start, day.end) for day in named if day.kind not in ("vague", "past", "now")]
    blocked += [(one.start, one.end) for one in found.of("amounts.not_money")]
    blocked += [_count_of(one) for one in found.of("amounts.instalments")]
    taken: list[NamedAmount] = []
    findings = found.of(*_TIERS)
    if len(findings) > _MOST_FINDINGS:
        findings = findings[: _MOST_FINDINGS - _TAIL] + findings[-_TAIL:]
    for finding in sorted(findings, key=lambda one: (one.start - one.end, one.start)):
        if any(finding.start < one.end and one.start < finding.end for one in taken):
            continue
        kind = finding.label.partition(".")[2]
        if kind not in _WORDS_ONLY and _overlaps(finding, blocked):
            continue
        amount = _read(kind, finding)
        if amount is not _NO_MONEY:
            taken.append(NamedAmount(finding.start, finding.end, amount, kind))
    taken = _same_again(sorted(taken, key=lambda one: one.start))
    taken = [
        one for one, before in zip(taken, [None, *taken], strict=False) if not _of_rest(one, before)
    ]
    following = [*taken[1:], None] if taken else []
    return [
        one for one, after in zip(taken, following, strict=True) if not _figure_follows(one, after)
    ]


def _same_again(sums: list[NamedAmount]) -> list[NamedAmount]:
    """ "95 this Friday and the same the Friday after": the sum before it, once more."""
    result: list[NamedAmount] = []
    for one in sums:
        if one.kind != "same":
            result.append(one)
        elif result and result[-1].amount is not None:
            result.append(replace(one, amount=result[-1].amount))
    return result


def _of_rest(one: NamedAmount, before: NamedAmount | None) -> bool:
    """ "The remaining half" is what remains."""
    if one.kind != "half" or before is None or before.kind != "full":
        return False
    return one.start - before.end <= _BESIDE


def _count_of(instalments: Finding) -> tuple[int, int]:
    """Where the number of instalments stands; a sum beside it ("400 a month, 8 times") is a sum."""
    numbered = instalments.match.groupdict().get("n")
    return (instalments.match.start("n") if numbered else instalments.start), instalments.end


def _figure_follows(one: NamedAmount, after: NamedAmount | None) -> bool:
    """ "The remaining 3000" is 3000: the figure beside the word tells."""
    return (
        one.kind == "full"
        and after is not None
        and after.kind not in ("full", "vague", "half")
        and after.start - one.end <= _BESIDE
    )


_WORDS_ONLY = frozenset({"full", "half", "vague", "same"})
_NO_MONEY = "none"


def _overlaps(finding: Finding, blocked: list[tuple[int, int]]) -> bool:
    return any(finding.start < end and start < finding.end for start, end in blocked)


def _read(kind: str, finding: Finding) -> str | None:
    match = finding.match
    match kind:
        case "full" | "half":
            return kind
        case "vague" | "same":
            return None
        case "percent":
            return _percent(match)
        case "number":
            return _number(match)
        case "chinese":
            return _written(_chinese(match))
        case "chinese_range":
            low = chinese_number(match["low"] + match["scale"])
            return _written(low)
        case "range":
            return _range(match)
    return _written(english_number(match["sum"]))


def _chinese(match: Match[str]) -> Decimal | None:
    """A digit behind the word for the currency is a tenth of it."""
    value = chinese_number(_lower_end(match["sum"]))
    tenths = match.groupdict().get("jiao")
    return value + Decimal(count(tenths) or 0) / 10 if value and tenths else value


def _lower_end(written: str) -> str:
    """Two neighbouring digits after a scale are a range ("a thousand and five or six hundred")."""
    return written[:-1] if len(written) > 3 and are_neighbours(written[-2:]) else written


def _written(value: Decimal | None) -> str | None:
    if value is None or value <= 0 or value > _MOST:
        return _NO_MONEY
    return f"{value.quantize(Decimal('0.01'), ROUND_HALF_UP)}"


@cache
def _units() -> dict[str, int]:
    units: dict[str, int] = tables.read_numerals()["units"]
    return units


def _number(match: Match[str]) -> str | None:
    groups = match.groupdict()
    figure = match["sum"].replace(",", "").replace(" ", "")
    scale_word = groups.get("scale") or ""
    tail = groups.get("tail") or ""
    if scale_word == "w" and groups.get("sign"):
        scale_word = ""  # "$900 w/ GIRO": a foreign sign is not counted in ten thousands
    has_currency = bool(groups.get("sign") or groups.get("unit"))
    if scale_word in _units():
        return _written(chinese_number(figure + scale_word + tail))
    if scale_word == "k" and tail.isdigit():
        return _written((Decimal(figure) + Decimal(f"0.{tail}")) * 1000)
    if scale_word == "w" and tail.isdigit():
        return _written((Decimal(figure) + Decimal(f"0.{tail}")) * 10000)
    if tail and not scale_word:
        return _NO_MONEY
    try:
        value = Decimal(figure)
    except InvalidOperation:
        return _NO_MONEY
    if not scale_word and not has_currency and (value < _LEAST_BARE or len(figure) > 8):
        return _NO_MONEY
    return _written(value * scale(scale_word))


def _range(match: Match[str]) -> str | None:
    groups = match.groupdict()
    low_word, high_word = match["low"].replace(",", ""), match["high"].replace(",", "")
    low = Decimal(low_word) if _is_figure(low_word) else chinese_number(low_word)
    high = Decimal(high_word) if _is_figure(high_word) else chinese_number(high_word)
    if low is None or high is None:
        return _NO_MONEY
    word = groups.get("scale") or ""
    times = _units().get(word) or scale(word)
    if low >= high * times:
        return _NO_MONEY
    return _written(low * times if low * times < high * times and low < 1000 else low)


def _is_figure(word: str) -> bool:
    return word.replace(".", "", 1).isdigit()


def _percent(match: Match[str]) -> str | None:
    groups = match.groupdict()
    if groups.get("sum"):
        part = count(groups["sum"])
        return _as_percent(Decimal(part)) if part else _NO_MONEY
    if groups.get("tenths"):
        part = count(groups["tenths"])
        return _as_percent(Decimal(part * 10)) if part else _NO_MONEY
    if groups.get("whole"):
        whole, part = count(groups["whole"]), count(groups["part"])
        return _as_percent(Decimal(part * 100) / whole) if whole and part else _NO_MONEY
    if groups.get("half_word"):
        return "33%" if groups["half_word"] in ("a", "one", "1") else "67%"
    if groups.get("fifth_word"):
        return "20%" if match.group().endswith("fifth") else "10%"
    return "75%" if groups.get("quarter_word") in ("three", "3") else "25%"


def _as_percent(value: Decimal) -> str | None:
    rounded = value.quantize(Decimal(1), ROUND_HALF_UP)
    if rounded == 50:
        return "half"
    return "full" if rounded == 100 else f"{rounded}%"
