"""How well messages are understood, measured on labelled ones: the table behind every claim.

A labelled line has `text`, `now`, `timezone` and `expected` with the keys of an answer; a key that
is left out is not judged (a collector's correction often names the intent alone). Intervals are
Wilson's at 95 %.
"""

import json
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from math import sqrt
from time import perf_counter
from typing import Any

from bot.understanding.answer import Understanding
from bot.understanding.reading import understand

_Z = 1.959964
_SMALL_TALK = frozenset({"greeting", "thanks", "other"})


Judged = list[tuple["Example", Understanding]]


class Unlabelled(ValueError):
    """A line of the file cannot be judged; the message names it."""


@dataclass(frozen=True, slots=True)
class Example:
    """A message with the key of what it says."""

    text: str
    now: datetime
    timezone: str
    expected: dict[str, Any]


def read_examples(content: bytes) -> list[Example]:
    """Raises Unlabelled with the number of the first line that cannot be used."""
    examples: list[Example] = []
    for number, line in enumerate(content.splitlines(), start=1):
        if not line.strip():
            continue
        try:
            given = json.loads(line)
            now = datetime.fromisoformat(given["now"])
            if now.tzinfo is None:
                raise Unlabelled("`now` has no offset")
            examples.append(Example(given["text"], now, given["timezone"], given["expected"]))
        except (ValueError, KeyError, TypeError) as error:
            raise Unlabelled(f"line {number}: {error}") from None
    if not examples:
        raise Unlabelled("no labelled lines")
    return examples


def wilson(right: int, of: int) -> tuple[float, float]:
    """The 95 % interval of a share; (0, 1) of nothing."""
    if not of:
        return 0.0, 1.0
    share = right / of
    middle = share + _Z * _Z / (2 * of)
    spread = _Z * sqrt(share * (1 - share) / of + _Z * _Z / (4 * of * of))
    below = 1 + _Z * _Z / of
    return max(0.0, (middle - spread) / below), min(1.0, (middle + spread) / below)


def figures(examples: list[Example]) -> dict[str, tuple[int, int]]:
    """Each figure of the report as (right, of)."""
    judged, _ = _judge(examples)
    verdicts = {name: list(given(judged)) for name, given in _FIGURES.items()}
    return {name: (sum(given), len(given)) for name, given in verdicts.items()}


def report(examples: list[Example]) -> str:
    """Tables as plain text: goals, intents, languages, calibration, latency."""
    judged, taken = _judge(examples)
    parts = [
        f"{len(judged)} messages",
        _figures(judged),
        _per_intent(judged),
        _per_language(judged),
        _calibration(judged),
        f"latency p50 {taken[len(taken) // 2]:.2f} ms, p99 {taken[len(taken) * 99 // 100]:.2f} ms",
    ]
    return "\n\n".join(parts) + "\n"


def _judge(examples: list[Example]) -> tuple[Judged, list[float]]:
    """Every reading, and the milliseconds they took, sorted."""
    understand("", now=examples[0].now, timezone="UTC")
    judged: Judged = []
    taken: list[float] = []
    for example in examples:
        started = perf_counter()
        reading = understand(example.text, now=example.now, timezone=example.timezone)
        taken.append((perf_counter() - started) * 1000)
        judged.append((example, reading))
    taken.sort()
    return judged, taken


_Verdicts = Iterable[bool]


def _figures(judged: Judged) -> str:
    return "\n".join(
        ["figure                          right    of  share   interval"]
        + [_line(name, list(verdicts(judged))) for name, verdicts in _FIGURES.items()]
    )


def _line(name: str, verdicts: list[bool]) -> str:
    right, of = sum(verdicts), len(verdicts)
    if not of:
        return f"{name:30} {'-':>6} {0:>5}"
    low, high = wilson(right, of)
    return f"{name:30} {right:>6} {of:>5} {right / of:>6.1%}   {low:.1%} to {high:.1%}"


def _intents(example: Example) -> list[str]:
    named: list[str] = example.expected.get("intents", [])
    return named


def _slots(reading: Understanding, which: str) -> list[dict[str, Any]]:
    slots: list[dict[str, Any]] = reading.as_answer()[which]
    return slots


def _handoffs(judged: Judged) -> _Verdicts:
    return (r.handoff for e, r in judged if e.expected.get("handoff"))


def _named(intent: str) -> Callable[[Judged], _Verdicts]:
    return lambda judged: (intent in r.intents for e, r in judged if intent in _intents(e))


def _crisis_handed(judged: Judged) -> _Verdicts:
    return (r.handoff for e, r in judged if "crisis" in _intents(e))


def _left_alone(judged: Judged) -> _Verdicts:
    return (not r.handoff for e, r in judged if e.expected.get("handoff") is False)


def _small_talk(judged: Judged) -> _Verdicts:
    return (
        not r.handoff
        for e, r in judged
        if e.expected.get("handoff") is False and _intents(e) and set(_intents(e)) <= _SMALL_TALK
    )


def _exact(which: str, part: str) -> Callable[[Judged], _Verdicts]:
    def verdicts(judged: Judged) -> _Verdicts:
        for example, reading in judged:
            wanted = example.expected.get(which)
            if wanted:
                yield [s[part] for s in _slots(reading, which)] == [s[part] for s in wanted]

    return verdicts


def _not_wrong(part: str) -> Callable[[Judged], _Verdicts]:
    """A promise's day or sum may be missing; another one than was meant is wrong."""

    def verdicts(judged: Judged) -> _Verdicts:
        for example, reading in judged:
            wanted = example.expected.get("promise")
            if wanted:
                allowed = {slot[part] for slot in wanted} | {None}
                yield all(slot[part] in allowed for slot in _slots(reading, "promise"))

    return verdicts


def _no_promise_made_up(judged: Judged) -> _Verdicts:
    return (not r.promise for e, r in judged if e.expected.get("promise") == [])


def _instalments(judged: Judged) -> _Verdicts:
    return (
        r.instalments == e.expected["instalments"]
        for e, r in judged
        if e.expected.get("instalments") is not None or r.instalments is not None
        if "instalments" in e.expected
    )


def _main(judged: Judged) -> _Verdicts:
    return (r.main == _intents(e)[0] for e, r in judged if _intents(e))


_FIGURES: dict[str, Callable[[Judged], _Verdicts]] = {
    "handoff recall": _handoffs,
    "crisis handed over": _crisis_handed,
    "crisis named": _named("crisis"),
    "stop named": _named("stop"),
    "no false handoff": _left_alone,
    "no false handoff, small talk": _small_talk,
    "promise date exact": _exact("promise", "date"),
    "promise amount exact": _exact("promise", "amount"),
    "promise date not wrong": _not_wrong("date"),
    "promise amount not wrong": _not_wrong("amount"),
    "no false promise": _no_promise_made_up,
    "proposed date exact": _exact("proposed", "date"),
    "proposed amount exact": _exact("proposed", "amount"),
    "paid amount exact": _exact("paid", "amount"),
    "instalments exact": _instalments,
    "main intent": _main,
}


def _per_intent(judged: Judged) -> str:
    right: Counter[str] = Counter()
    named: Counter[str] = Counter()
    wanted: Counter[str] = Counter()
    for example, reading in judged:
        if not _intents(example):
            continue
        expected, got = set(_intents(example)), set(reading.intents)
        right.update(expected & got)
        named.update(got)
        wanted.update(expected)
    lines = ["intent          n  precision             recall                F1"]
    for intent in sorted(wanted | named, key=lambda one: -wanted[one]):
        precision = right[intent] / named[intent] if named[intent] else 0.0
        recall = right[intent] / wanted[intent] if wanted[intent] else 0.0
        f1 = 2 * precision * recall / (precision + recall) if precision + recall else 0.0
        p_low, p_high = wilson(right[intent], named[intent])
        r_low, r_high = wilson(right[intent], wanted[intent])
        lines.append(
            f"{intent:12} {wanted[intent]:>4}  {precision:>5.1%} ({p_low:.1%} to {p_high:.1%})"
            f"  {recall:>5.1%} ({r_low:.1%} to {r_high:.1%})  {f1:.3f}"
        )
    return "\n".join(lines)


def _per_language(judged: Judged) -> str:
    groups: dict[str, Judged] = defaultdict(list)
    for example, reading in judged:
        groups[example.expected.get("language") or reading.language].append((example, reading))
    lines = ["by language"]
    for language, group in sorted(groups.items(), key=lambda item: -len(item[1])):
        lines.append(_line(f"{language}: handoff recall", list(_handoffs(group))))
        lines.append(_line(f"{language}: no false handoff", list(_left_alone(group))))
        lines.append(_line(f"{language}: promise date", list(_exact("promise", "date")(group))))
        lines.append(_line(f"{language}: promise amount", list(_exact("promise", "amount")(group))))
        lines.append(_line(f"{language}: main intent", list(_main(group))))
    return "\n".join(lines)


def _calibration(judged: Judged) -> str:
    """Said confidence beside the share of main intents that were right."""
    groups: dict[float, list[bool]] = defaultdict(list)
    for example, reading in judged:
        if _intents(example):
            groups[reading.confidence].append(reading.main == _intents(example)[0])
    lines = ["confidence said, main intent right"]
    for said, verdicts in sorted(groups.items()):
        share = sum(verdicts) / len(verdicts)
        lines.append(
            f"{said:>5.2f}  {share:>6.1%}  n {len(verdicts):>5}  {'#' * round(share * 40)}"
        )
    return "\n".join(lines)
