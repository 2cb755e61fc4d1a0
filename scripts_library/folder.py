"""The library as a folder that people edit: written from what is said, and read back.

A folder that was written here can be changed with any editor, kept under version control, and read
again: what differs from what is said now is a change, everything else is left alone.
"""

import re
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import yaml

from scripts_library.errors import UnreadableScript
from scripts_library.findings import Finding, unreadable
from scripts_library.library import (
    HOME,
    LABEL_FILES,
    Library,
    language_folders,
    read_text,
    script_files,
)
from scripts_library.revising import check_label, check_revision
from scripts_library.script import Script, parse_script

_NOT_WORDS = (
    "*.py",
    "*.pyc",
    "__pycache__",
    "tone",
    "samples.yaml",
    "help_lines.yaml",
    "corrections.yaml",
)
_LABEL = re.compile(r"^(?P<key>[A-Za-z_][\w.]*):")


@dataclass(frozen=True, slots=True, order=True)
class Change:
    """A text that a folder says otherwise; `source` is a whole script or a label's line."""

    key: str
    language: str
    source: str


def write_folder(library: Library, folder: Path) -> None:
    """Write the library's words as files; those of its own files it holds unchanged are copied."""
    shutil.copytree(HOME, folder, ignore=shutil.ignore_patterns(*_NOT_WORDS), dirs_exist_ok=True)
    for by_language in library.by_key.values():
        for script in by_language.values():
            if script.version is not None:
                _place(folder, script).write_text(script.source, encoding="utf-8")
    for tag, language in library.by_tag.items():
        for name in LABEL_FILES:
            _write_labels(folder / tag / name, language.labels)


def read_folder(
    folder: Path, files: Library, in_force: Library
) -> tuple[list[Change], list[Finding]]:
    """What a folder changes in what is said, and everything that is wrong with it."""
    findings = _foreign(folder, files)
    changes: list[Change] = []
    for home in language_folders(folder):
        if home.name not in files.by_tag:
            continue
        for key, file in script_files(home):
            _read_script(file, key, home.name, files, in_force, changes, findings)
        for name in LABEL_FILES:
            _read_labels(home / name, home.name, in_force, changes, findings)
    findings += _checked(changes, files, in_force)
    return changes, sorted(set(findings))


def _place(folder: Path, script: Script) -> Path:
    *parents, name = script.key.split(".")
    return folder.joinpath(script.language.tag, *parents, f"{name}.md")


def _write_labels(file: Path, labels: Mapping[str, str]) -> None:
    """The same lines in the same order, with what is said now behind the keys."""
    rows = []
    for row in file.read_text(encoding="utf-8").split("\n"):
        found = _LABEL.match(row)
        rows.append(_line(found["key"], labels[found["key"]], row) if found else row)
    file.write_text("\n".join(rows), encoding="utf-8")


def _line(key: str, label: str, row: str) -> str:
    if _reads_as(row, key, label):
        return row
    if _reads_as(plain := f"{key}: {label}", key, label):
        return plain
    quoted = yaml.dump(label, allow_unicode=True, default_style='"', width=1000).strip()
    return f"{key}: {quoted}"


def _reads_as(row: str, key: str, label: str) -> bool:
    try:
        given = yaml.load(row, Loader=yaml.CSafeLoader)
    except yaml.YAMLError:
        return False
    return isinstance(given, dict) and str(given.get(key)) == label


def _foreign(folder: Path, files: Library) -> list[Finding]:
    """What is the program's own cannot come with a folder."""
    if not (folder / "variables.yaml").is_file():
        return [Finding(str(folder), 1, "is no folder of words", mend="export one and change it")]
    own = [Path("variables.yaml"), *(Path(tag) / "language.yaml" for tag in files.by_tag)]
    findings = [
        Finding(part.as_posix(), 1, "belongs to the program", mend="take it from an export")
        for part in own
        if (folder / part).exists() and (folder / part).read_bytes() != (HOME / part).read_bytes()
    ]
    return findings + [
        Finding(f"{home.name}/language.yaml", 1, "a language the program does not have", home.name)
        for home in language_folders(folder)
        if home.name not in files.by_tag
    ]


def _read_script(
    file: Path,
    key: str,
    tag: str,
    files: Library,
    in_force: Library,
    changes: list[Change],
    findings: list[Finding],
) -> None:
    where = f"{tag}/{key.replace('.', '/')}.md"
    if tag not in files.by_key.get(key, {}):
        findings.append(Finding(where, 1, "nobody says this", key, "take the file out"))
        return
    try:
        source = read_text(file)
    except UnreadableScript as error:
        findings.append(Finding(where, error.line, error.reason, error.value, error.mend))
        return
    if source.strip() != in_force.by_key[key][tag].source.strip():
        changes.append(Change(key, tag, source))


def _read_labels(
    file: Path, tag: str, in_force: Library, changes: list[Change], findings: list[Finding]
) -> None:
    if not file.exists():
        return
    where = f"{tag}/{file.name}"
    try:
        given = yaml.load(read_text(file), Loader=yaml.CSafeLoader)
    except (yaml.YAMLError, UnreadableScript):
        given = None
    if not isinstance(given, dict):
        findings.append(Finding(where, 1, "is not `key: value` lines"))
        return
    known = in_force.by_tag[tag].labels
    for key, value in given.items():
        if key not in known:
            findings.append(Finding(where, 1, "nobody says this", str(key), "take the line out"))
        elif str(value) != known[key]:
            changes.append(Change(key, tag, str(value)))


def _checked(changes: list[Change], files: Library, in_force: Library) -> list[Finding]:
    """Twins that change together are compared as they will be."""
    findings: list[Finding] = []
    scripts: list[Script] = []
    labels: dict[str, dict[str, str]] = {}
    for one in changes:
        if one.key not in files.by_key:
            labels.setdefault(one.language, {})[one.key] = one.source
            findings += check_label(one.source, one.language, one.key)
            continue
        try:
            language = files.by_tag[one.language]
            scripts.append(parse_script(one.source, language, files.variables, key=one.key))
        except UnreadableScript as error:
            where = f"{one.language}/{one.key.replace('.', '/')}.md"
            findings.append(unreadable(UnreadableScript(
                where, error.line, error.reason, value=error.value, mend=error.mend
            )))  # fmt: skip
    together = in_force.over(scripts, labels)
    for script in scripts:
        findings += check_revision(script.source, files, together, script.language.tag, script.key)
    return findings
