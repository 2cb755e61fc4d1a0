"""Reminders put into words, beside Liquid alone given strings that are ready to print.

What lies between the two is everything that makes a message safe and right: every declared value
checked and typed, money and dates in the reader's way, the wording chosen, blanks tidied, the
length counted as Telegram counts it. A note with Chinese money and a date stands beside the CPU
time of aiogram sending it, too.
"""

import asyncio
from datetime import UTC, date
from statistics import median
from time import perf_counter, process_time
from typing import Any

from liquid import Environment

from benchmarks import pipeline
from benchmarks.sink import sink
from scripts_library.library import Library
from scripts_library.render import render
from scripts_library.samples import sample_values, samples

_RENDERS = 3_000
_TODAY = date(2026, 11, 22)
_SAMPLE = "three_loans"
_NOTE = "note.promise_day"
_SENT = 1_000


def results(runs: int = 7) -> dict[str, dict[str, Any]]:
    """Renders a second in each language, and the share of what bare Liquid manages."""
    library = Library.load()
    found = {"rendering_beside_send": _beside_send(library, runs)}
    for language in library.languages:
        script = library.script("reminder.early", language)
        values = sample_values(script, samples()[_SAMPLE], _TODAY)
        liquid = Environment(autoescape=True)
        liquid.add_filter("days", str)
        templates = [liquid.from_string(one.body) for one in script.wordings]
        ready = _printed(script.language.formats, values)

        def ours(script: Any = script, values: Any = values) -> None:
            for number in range(_RENDERS):
                render(script.wording_for(str(number)), values, zone=UTC)

        def bare(templates: Any = templates, ready: Any = ready) -> None:
            for number in range(_RENDERS):
                templates[number % len(templates)].render(ready)

        pairs = [(_seconds(ours), _seconds(bare)) for _ in range(runs)]
        shares = [theirs / mine for mine, theirs in pairs]
        speeds = [_RENDERS / mine for mine, _ in pairs]
        found[f"rendering_{language}"] = {
            "value": round(median(speeds)), "unit": "renders/s",
            "low": round(min(speeds)), "high": round(max(speeds)),
            "floor": 2_000, "aim": 4_000, "runs": runs,
        }  # fmt: skip
        found[f"rendering_{language}_beside_liquid"] = {
            "ratio": round(median(shares), 2), "unit": "of bare Liquid's speed",
            "low": round(min(shares), 2), "high": round(max(shares), 2),
            "floor": 0.4, "aim": 0.5, "runs": runs,
        }  # fmt: skip
    return found


def _beside_send(library: Library, runs: int) -> dict[str, Any]:
    """CPU time of putting a note with money and a date into words, in parts of bare sending."""
    script = library.script(_NOTE, "zh-Hans")
    values = sample_values(script, samples()[_SAMPLE], _TODAY)
    shares = []
    with sink() as telegram:
        for _ in range(runs):
            began = process_time()
            for number in range(_RENDERS):
                render(script.wording_for(str(number)), values, zone=UTC)
            ours = (process_time() - began) / _RENDERS
            _, bare = asyncio.run(pipeline.bare(telegram.url, _SENT))
            shares.append(100 * ours / (bare / _SENT))
    return {
        "ratio": round(median(shares), 1), "unit": "% of bare aiogram's CPU time to send",
        "low": round(min(shares), 1), "high": round(max(shares), 1),
        "floor": 8, "aim": 4, "runs": runs,
    }  # fmt: skip


def _seconds(work: Any) -> float:
    started = perf_counter()
    work()
    return perf_counter() - started


def _printed(formats: Any, values: dict[str, Any]) -> dict[str, Any]:
    """The same values as strings, so that bare Liquid has nothing to do but fill them in."""

    def one(value: Any) -> Any:
        if isinstance(value, date):
            return formats.day(value)
        if isinstance(value, dict):
            return {key: one(part) for key, part in value.items()}
        if isinstance(value, list):
            return [one(part) for part in value]
        return formats.money(value) if hasattr(value, "major") else value

    return {key: one(value) for key, value in values.items()}


if __name__ == "__main__":
    for name, figures in results().items():
        print(name, figures)
