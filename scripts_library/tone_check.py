"""How a script sounds: the guard's verdict on all it can say, and its first line.

The first line of a message we start shows on a locked screen, so it tells a stranger nothing.
"""

import re
from collections.abc import Iterator
from functools import cache

import yaml
from liquid.static_analysis import TemplateAnalysis

from scripts_library.findings import Finding, at, line_with
from scripts_library.guard import Verdict, judge
from scripts_library.library import HOME
from scripts_library.render import plain_text
from scripts_library.script import STARTED_BY_US, Audience, Script
from scripts_library.spoken import spoken
from scripts_library.variables import Kind


def tone_faults(script: Script) -> Iterator[Finding]:
    """What the guard says of all that can be said; colleagues may be spoken to briskly."""
    said_at_all = spoken(script.body)
    text = plain_text(said_at_all) if script.html else said_at_all
    text, verdict = _worst(text, script.language.tag)
    if verdict.verdict == "block" or (
        verdict.verdict == "warn" and script.audience is Audience.BORROWER
    ):
        first = verdict.spans[0] if verdict.spans else None
        said = text[first.start : first.end] if first else ""
        yield Finding(
            script.path,
            line_with(script, said) if said else script.lines["body"],
            f"the guard says {verdict.verdict}: {verdict.why}",
            said,
            verdict.suggestion or "",
            doubt=verdict.verdict == "warn",
        )


def _worst(text: str, language: str) -> tuple[str, Verdict]:
    """The text as a whole and each of its lines: kind words around a threat make it no kinder."""
    parts = [text, *(line for line in text.split("\n") if line.strip())]
    verdicts = [(part, judge(part, "script", language)) for part in parts]
    order = ("block", "warn", "ok")
    return min(verdicts, key=lambda one: order.index(one[1].verdict))


def exclamation_faults(script: Script) -> Iterator[Finding]:
    if script.audience is not Audience.BORROWER:
        return
    for mark in ("!", "！"):
        if mark in script.body.replace("!=", ""):
            yield at(script, line_with(script, mark), "an exclamation mark", mark, "say it calmly")


def first_line_faults(script: Script, analysis: TemplateAnalysis) -> Iterator[Finding]:
    started = script.audience is Audience.BORROWER and script.kind in STARTED_BY_US
    if not started and not script.neutral:
        return
    end = script.body.find("\n")
    part = script.body if script.neutral or end < 0 else script.body[:end]
    where = "a neutral text" if script.neutral else "the first line"
    for name, uses in analysis.globals.items():
        if name not in ("name", "colleague") and any(use.span.index < len(part) for use in uses):
            if script.neutral and not _tells(script, name):
                continue
            yield at(
                script,
                line_with(script, name),
                f"{where} may not use this",
                name,
                "greet, no more",
            )
    spoken = re.sub(r"\{[{%].*?[%}]\}", " ", part)
    for word in _debt_words(spoken):
        yield at(
            script, line_with(script, word), f"{where} speaks of a debt", word, "greet, no more"
        )


def _tells(script: Script, name: str) -> bool:
    variable = script.variables.get(name)
    return variable is not None and variable.kind in (Kind.MONEY, Kind.DATE, Kind.RECORD)


def _debt_words(text: str) -> list[str]:
    words = _first_line_words()
    return [word for word in words["zh"] if word in text] + [
        word for word in words["en"] if re.search(rf"\b{word}\b", text, re.IGNORECASE)
    ]


@cache
def _first_line_words() -> dict[str, list[str]]:
    file = HOME / "tone" / "first_line.yaml"
    given: dict[str, list[str]] = yaml.load(
        file.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader
    )
    return given
