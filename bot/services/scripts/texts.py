"""What can be changed: every script and every label that is said, by key and language folder.

A script's text is its file, front matter and all; a label's is its one line. Both are drafted,
checked, published and taken back alike.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from bot.errors import Refusal
from scripts_library.errors import UnreadableScript
from scripts_library.findings import Finding
from scripts_library.library import Library
from scripts_library.render import clean_paragraph
from scripts_library.revising import NOT_SAID, check_label, check_revision
from scripts_library.script import Script, parse_script
from scripts_library.source import first_line_of_body, with_body, with_wording, wordings_of
from storage.records import ScriptVersion

MOST_FINDINGS = 6
"""As many as one message shows; the first are mended first."""


@dataclass(frozen=True, slots=True)
class Text:
    """One thing that is said in one language."""

    key: str
    language: str
    is_label: bool


def text_of(files: Library, key: str, language: str) -> Text:
    """Raises Refusal for what nobody says."""
    tag = files.resolve_language(language)
    if tag in files.by_key.get(key, {}):
        return Text(key, tag, is_label=False)
    if key in files.by_tag[tag].labels and not key.startswith(NOT_SAID):
        return Text(key, tag, is_label=True)
    raise Refusal("scripts.unknown", wanted=key)


def source_of(library: Library, text: Text) -> str:
    """What is said now, as it is written."""
    if text.is_label:
        return library.by_tag[text.language].labels[text.key]
    return library.by_key[text.key][text.language].source


def rewritten(source: str, given: str, text: Text, wording: str | None = None) -> str:
    """The new source: `given` is a whole script when it begins with front matter, else a body.

    `wording` names the one wording that a body is for; None: all of them.
    """
    if text.is_label:
        return given.strip()
    cleaned = clean_paragraph(given)
    if cleaned.startswith("---\n"):
        return cleaned + "\n"
    if wording is not None:
        return with_wording(source, wording, cleaned)
    return with_body(source, cleaned)


def wordings(source: str, text: Text) -> dict[str, str]:
    """The wordings of a text by name; a label, and what cannot be read, has none."""
    if text.is_label:
        return {}
    try:
        return wordings_of(source)
    except UnreadableScript:
        return {}


def check(source: str, files: Library, in_force: Library, text: Text) -> list[Finding]:
    """Everything to be mended in a new source, doubts included."""
    if text.is_label:
        return check_label(source, text.language, text.key)
    return check_revision(source, files, in_force, text.language, text.key)


def read(version: ScriptVersion, files: Library) -> Script:
    """A stored script, ready to be rendered. Raises UnreadableScript."""
    script = parse_script(
        version.source,
        files.by_tag[version.language],
        files.variables,
        path=f"version {version.version_id}",
        key=version.key,
    )
    number = int(version.version_id)
    others = tuple(replace(one, version=number) for one in script.others)
    return replace(script, version=number, others=others)


def found_values(findings: Sequence[Finding], source: str) -> list[dict[str, Any]]:
    """Findings as scripts show them, with lines as the writer of a body counts them."""
    try:
        above = first_line_of_body(source) - 1
    except UnreadableScript:  # a label, or a text that has no front matter
        above = 0
    return [
        {
            "above": one.line <= above,
            "line": one.line - above if one.line > above else one.line,
            "value": one.value[:80] or None,
            "reason": one.reason[:130],
            "mend": one.mend[:200] or None,
        }
        for one in findings[:MOST_FINDINGS]
    ]
