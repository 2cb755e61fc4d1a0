"""What is wrong with a script, before anybody is sent it.

Three doors: a draft an admin saves (`check_source`), one script in its library (`check_script`),
and the whole library with its languages side by side (`check_library`). Each finding names file,
line, value, reason and mend; an empty list means the script may go to its reviewer.
"""

import re
from collections.abc import Iterator
from datetime import UTC
from pathlib import Path

from liquid.static_analysis import TemplateAnalysis

from scripts_library.errors import RenderError, UnreadableScript
from scripts_library.examples import BadExample, trial_values
from scripts_library.findings import Finding, at, body_line, line_with, unreadable
from scripts_library.library import (
    HOME,
    Library,
    language_folders,
    read_language,
    read_text,
    read_variables,
    script_files,
)
from scripts_library.markup import markup_faults
from scripts_library.render import clean_paragraph, render
from scripts_library.script import STARTED_BY_US, Audience, Language, Script, parse_script
from scripts_library.tone_check import exclamation_faults, first_line_faults, tone_faults


def check_source(
    source: str, library: Library, language: str, *, key: str | None = None, path: str = "draft"
) -> list[Finding]:
    """Check the text of a draft in `language` (a language folder)."""
    try:
        script = parse_script(
            source, library.language(language), library.variables, path=path, key=key
        )
    except UnreadableScript as error:
        return [unreadable(error)]
    return check_script(script, library)


def check_script(script: Script, library: Library) -> list[Finding]:
    """Everything about one script; its twins in other languages are looked up in `library`."""
    findings = _check_alone(script)
    for tag, twin in library.by_key.get(script.key, {}).items():
        if tag != script.language.tag:
            findings.extend(_out_of_step(script, twin))
    return sorted(set(findings))


def check_library(path: Path | None = None) -> list[Finding]:
    """Every fault of a library's folder, not only the first."""
    home = path or HOME
    findings: list[Finding] = []
    try:
        variables = read_variables(home / "variables.yaml")
        languages = {folder.name: read_language(folder) for folder in language_folders(home)}
    except UnreadableScript as error:
        return [unreadable(error)]
    scripts: dict[str, dict[str, Script]] = {}
    for tag, language in languages.items():
        for key, file in script_files(home / tag):
            shown = file.relative_to(home.parent).as_posix()
            try:
                script = parse_script(read_text(file), language, variables, path=shown, key=key)
            except UnreadableScript as error:
                findings.append(unreadable(error))
                continue
            scripts.setdefault(key, {})[tag] = script
            findings.extend(_check_alone(script))
    for by_language in scripts.values():
        findings.extend(_compare(by_language, languages))
    findings.extend(_labels_out_of_step(home, languages))
    return sorted(set(findings))


def _check_alone(script: Script) -> list[Finding]:
    return [finding for wording in script.wordings for finding in _check_wording(wording)]


def _check_wording(script: Script) -> list[Finding]:
    analysis = script.said.template.analyze()
    findings = [
        *_names(script, analysis),
        *_buttons(script),
        *_unseen(script),
    ]
    if not findings:
        findings.extend(_rendered(script))
    findings.extend(tone_faults(script))
    findings.extend(exclamation_faults(script))
    findings.extend(_facts(script, analysis))
    findings.extend(first_line_faults(script, analysis))
    return findings


def _names(script: Script, analysis: TemplateAnalysis) -> Iterator[Finding]:
    for name, uses in analysis.globals.items():
        if name not in script.variables:
            line = body_line(script, uses[0].span.index)
            yield at(script, line, "not a declared variable", name, "add it to `variables:`")
    for name, spans in analysis.filters.items():
        if name not in script.language.html_room.filters:
            known = ", ".join(sorted(script.language.html_room.filters))
            yield at(
                script,
                body_line(script, spans[0].index),
                "no such filter",
                name,
                f"one of {known}",
            )


def _buttons(script: Script) -> Iterator[Finding]:
    for row in script.buttons:
        for name in row:
            if f"button.{name}" not in script.language.labels:
                yield at(
                    script,
                    script.lines["buttons"],
                    "no label for this button",
                    name,
                    f"add `button.{name}` to {script.language.tag}/buttons.yaml",
                )


def _unseen(script: Script) -> Iterator[Finding]:
    for offset, row in enumerate(script.body.split("\n")):
        if clean_paragraph(row) != row.strip():
            line = script.lines["body"] + offset
            yield at(
                script,
                line,
                "an invisible or direction character",
                ascii(row),
                "type the line anew",
            )


def _rendered(script: Script) -> Iterator[Finding]:
    line = script.lines["body"]
    try:
        trials = trial_values(script)
    except BadExample as error:
        yield at(
            script,
            script.lines.get("variables", line),
            str(error),
            error.variable,
            "mend the example",
        )
        return
    told: set[str] = set()
    for title, values in trials.items():
        try:
            text = render(script, values, zone=UTC).text
        except RenderError as error:
            if error.reason not in told:
                yield _cannot_be_said(script, title, error)
            told.add(error.reason)
            continue
        if script.html:
            yield from (at(script, line, f"with {title}: {fault}") for fault in markup_faults(text))


_UNDEFINED = re.compile(r"undeclared: '?([\w.\[\]\"']+?)'? is undefined")


def _cannot_be_said(script: Script, title: str, error: RenderError) -> Finding:
    """A field that its record does not have is shown where it stands."""
    missing = _UNDEFINED.match(error.reason)
    if missing is None:
        line = script.lines["body"]
        return at(
            script, line, f"with {title}: {error.reason}", script.key, "shorten or mend the body"
        )
    field = missing[1]
    known = sorted(one.name for variable in script.variables.values() for one in variable.fields)
    return at(
        script,
        line_with(script, field),
        "there is no such value",
        field,
        "one of " + ", ".join(known) if known else "see `variables:`",
    )


_ASKS = frozenset({"pre_due", "overdue", "notice"})
_FACTS = {
    "amount": {"due", "amount", "totals"},
    "date": {"due_date", "date", "oldest_due_date"},
    "way to pay": {"pay_to"},
}


def _facts(script: Script, analysis: TemplateAnalysis) -> Iterator[Finding]:
    """A reminder says how much, by when and where; all we start says how to stop and who helps."""
    if script.audience is not Audience.BORROWER or script.kind not in STARTED_BY_US:
        return
    line = script.lines["body"]
    said = {str(use.segments[-1]) for uses in analysis.variables.values() for use in uses}
    if script.kind in _ASKS:
        for fact, names in _FACTS.items():
            if not said & names:
                yield at(script, line, f"says no {fact}", mend=f"use {' or '.join(sorted(names))}")
    for command, what in (("/human", "how to reach a person"), ("/stop", "how to stop messages")):
        if command not in script.body:
            yield at(script, line, f"does not say {what}", command, f"add a line with {command}")


def _compare(by_language: dict[str, Script], languages: dict[str, Language]) -> Iterator[Finding]:
    first = next(iter(by_language.values()))
    for tag, language in languages.items():
        twin = by_language.get(tag)
        if twin is None and not language.partial:
            yield at(first, 1, f"not written in {tag}", first.key, f"write {tag}/ as well")
        elif twin is not None and twin is not first:
            yield from _out_of_step(twin, first)


def _out_of_step(script: Script, twin: Script) -> Iterator[Finding]:
    """Twins may say a thing differently, but they are the same message."""
    pairs = {
        "variables": (sorted(script.variables), sorted(twin.variables)),
        "buttons": (script.buttons, twin.buttons),
        "kind": (script.kind, twin.kind),
        "stage": (script.stage, twin.stage),
        "audience": (script.audience, twin.audience),
        "neutral": (script.neutral, twin.neutral),
        "limit": (script.limit, twin.limit),
    }
    for key, (ours, theirs) in pairs.items():
        if ours != theirs:
            line = script.lines.get(key, 2)
            yield at(
                script,
                line,
                f"{key} differs from {twin.language.tag}",
                str(ours),
                f"{twin.path} has {theirs}",
            )


def _labels_out_of_step(home: Path, languages: dict[str, Language]) -> Iterator[Finding]:
    every = {key for language in languages.values() for key in language.labels}
    for tag, language in languages.items():
        for key in sorted(every - set(language.labels)):
            if not language.partial:
                file = f"{home.name}/{tag}/{key.partition('.')[0]}s.yaml"
                yield Finding(file, 1, "label is missing", key, f"add `{key}: ...`")
