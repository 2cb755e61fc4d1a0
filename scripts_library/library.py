"""The library: every language folder read once, every body compiled once.

    library = Library.load()
    script = library.script("reminder.early", "zh-Hans")

A language is a folder with a `language.yaml`; adding one adds nothing here. A language that lacks
a script borrows it from its fallback, so nobody is left without words.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cache, cached_property
from pathlib import Path
from typing import Any, Self

import yaml
from babel import Locale, UnknownLocaleError

from scripts_library.errors import UnknownScript, UnreadableScript
from scripts_library.formats import Formats, Patterns
from scripts_library.script import Language, Script, parse_script
from scripts_library.variables import BadDeclaration, Variable, declared

HOME = Path(__file__).parent
LAST_RESORT = "en"
LABEL_FILES = ("buttons.yaml", "commands.yaml", "documents.yaml", "pictures.yaml")


@dataclass(frozen=True, eq=False)
class Library:
    """Scripts and labels of all languages. Never changes after loading; share one per process."""

    path: Path
    variables: Mapping[str, Variable]
    by_tag: Mapping[str, Language]
    by_key: Mapping[str, Mapping[str, Script]]

    @classmethod
    def load(cls, path: Path | None = None) -> Self:
        """Read a library's folder (ours by default). Raises UnreadableScript at the first fault."""
        home = path or HOME
        variables = read_variables(home / "variables.yaml")
        languages = {folder.name: read_language(folder) for folder in language_folders(home)}
        scripts: dict[str, dict[str, Script]] = {}
        for tag, language in languages.items():
            for key, file in script_files(home / tag):
                source = read_text(file)
                script = parse_script(source, language, variables, path=_shown(file, home), key=key)
                scripts.setdefault(key, {})[tag] = script
        return cls(home, variables, languages, scripts)

    def over(self, scripts: Iterable[Script], labels: Mapping[str, Mapping[str, str]]) -> Self:
        """This library with other scripts and labels (by language folder) laid over its own."""
        languages = {
            tag: replace(language, labels={**language.labels, **labels[tag]})
            if labels.get(tag)
            else language
            for tag, language in self.by_tag.items()
        }
        by_key = {key: dict(by_language) for key, by_language in self.by_key.items()}
        for script in scripts:
            by_key.setdefault(script.key, {})[script.language.tag] = script
        if languages != self.by_tag:
            by_key = {
                key: {tag: _in_language(script, languages[tag]) for tag, script in some.items()}
                for key, some in by_key.items()
            }
        return replace(self, by_tag=languages, by_key=by_key)

    @property
    def languages(self) -> tuple[str, ...]:
        """Tags of the language folders, as "zh-Hans"."""
        return tuple(self.by_tag)

    @property
    def keys(self) -> tuple[str, ...]:
        return tuple(sorted(self.by_key))

    def language(self, tag: str) -> Language:
        return self.by_tag[self.resolve_language(tag)]

    def script(self, key: str, language: str) -> Script:
        """The script of `key` in `language` or the nearest language that has it.

        Raises UnknownScript.
        """
        by_language = self.by_key.get(key, {})
        for tag in self._chain(language):
            if tag in by_language:
                return by_language[tag]
        raise UnknownScript(key, language)

    def label(self, key: str, language: str) -> str:
        """A short label, as `button.pay`. Raises UnknownScript."""
        for tag in self._chain(language):
            label = self.by_tag[tag].labels.get(key)
            if label is not None:
                return label
        raise UnknownScript(key, language)

    def labels_of(self, key: str) -> Mapping[str, str]:
        """One label in every language that has it: what a typed button may look like."""
        return {
            tag: language.labels[key]
            for tag, language in self.by_tag.items()
            if key in language.labels
        }

    def resolve_language(self, tag: str | None) -> str:
        """The language folder that serves a BCP 47 tag: zh-HK → zh-Hans, unknown → en."""
        wanted = (tag or "").replace("_", "-").lower()
        while wanted:
            if wanted in self._folders:
                return self._folders[wanted]
            wanted = wanted.rpartition("-")[0]
        return LAST_RESORT if LAST_RESORT in self.by_tag else next(iter(self.by_tag))

    @cached_property
    def _folders(self) -> Mapping[str, str]:
        """The folder of every tag that a language goes by, in small letters."""
        found: dict[str, str] = {}
        for name, language in self.by_tag.items():
            for tag in (name.lower(), *language.also):
                found.setdefault(tag, name)
        return found

    def _chain(self, language: str) -> Iterator[str]:
        seen: set[str] = set()
        tag: str | None = self.resolve_language(language)
        while tag is not None and tag not in seen:
            seen.add(tag)
            yield tag
            tag = self.by_tag[tag].fallback
        if LAST_RESORT in self.by_tag and LAST_RESORT not in seen:
            yield LAST_RESORT


def _in_language(script: Script, language: Language) -> Script:
    """The same words beside the labels of `language`."""
    others = tuple(replace(one, language=language) for one in script.others)
    return replace(script, language=language, others=others)


@cache
def default_library() -> Library:
    """Our own library, loaded at the first call of a process."""
    return Library.load()


def language_folders(home: Path) -> list[Path]:
    """Folders with a `language.yaml`, the mother tongue of the library (zh-Hans) first."""
    folders = [file.parent for file in home.glob("*/language.yaml")]
    return sorted(folders, key=lambda folder: (folder.name != "zh-Hans", folder.name))


def script_files(folder: Path) -> list[tuple[str, Path]]:
    """(key, file) of every script in a language folder: `reminder/early.md` is `reminder.early`."""
    found = []
    for file in sorted(folder.rglob("*.md")):
        parts = file.relative_to(folder).with_suffix("").parts
        found.append((".".join(parts), file))
    return found


def read_text(file: Path) -> str:
    """A file of the library as UTF-8. Raises UnreadableScript."""
    try:
        return file.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise UnreadableScript(str(file), 1, "not UTF-8", mend="save the file as UTF-8") from error


def read_variables(file: Path) -> Mapping[str, Variable]:
    """The library's variables by name. Raises UnreadableScript."""
    try:
        return {name: declared(name, given) for name, given in _mapping(file).items()}
    except BadDeclaration as error:
        raise UnreadableScript(str(file), 1, str(error), value=error.value) from None


def read_language(folder: Path) -> Language:
    """A language's own facts and its labels. Raises UnreadableScript."""
    file = folder / "language.yaml"
    facts = _mapping(file)
    try:
        locale = Locale.parse(str(facts["locale"]))
        patterns = Patterns(**facts.get("patterns", {}))
        name = str(facts["name"])
    except (KeyError, TypeError, ValueError, UnknownLocaleError) as error:
        raise UnreadableScript(
            str(file), 1, f"cannot be used: {error}", mend="give name, locale and patterns"
        ) from None
    labels: dict[str, str] = {}
    for source in (folder / name for name in LABEL_FILES):
        if source.exists():
            labels.update({key: str(value) for key, value in _mapping(source).items()})
    return Language(
        tag=folder.name,
        name=name,
        formats=Formats(locale, patterns),
        labels=labels,
        also=frozenset(str(tag).lower() for tag in facts.get("also", [])),
        fallback=facts.get("fallback"),
        partial=bool(facts.get("partial", False)),
    )


def _mapping(file: Path) -> dict[str, Any]:
    try:
        given = yaml.load(read_text(file), Loader=yaml.CSafeLoader)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        raise UnreadableScript(str(file), mark.line + 1 if mark else 1, "not YAML") from None
    if not isinstance(given, dict):
        raise UnreadableScript(str(file), 1, "is not `key: value` lines")
    return given


def _shown(file: Path, home: Path) -> str:
    return file.relative_to(home.parent).as_posix()
