"""Front matter: the YAML above the words, read value by value; a refusal names its line."""

import re
from collections.abc import Mapping
from enum import StrEnum
from typing import Any, TypeVar

import yaml

from scripts_library.errors import UnreadableScript
from scripts_library.variables import BadDeclaration, Variable, declared

Choice = TypeVar("Choice", bound=StrEnum)

_KEYS = {
    "key", "purpose", "audience", "kind", "stage", "limit", "neutral", "variables", "buttons",
}  # fmt: skip


def read_front_matter(text: str, path: str) -> tuple[dict[str, Any], dict[str, int]]:
    if _depth(text) > _DEEPEST:
        raise UnreadableScript(path, 2, "not YAML: too deep", mend="lists within lists end here")
    try:
        if "*" in text and any(
            isinstance(token, yaml.AliasToken) for token in yaml.scan(text, Loader=yaml.CSafeLoader)
        ):
            raise UnreadableScript(path, 2, "an alias in front matter", mend="write it out")
        node = yaml.compose(text, Loader=yaml.CSafeLoader)
        matter = yaml.load(text, Loader=yaml.CSafeLoader)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = mark.line + 2 if mark is not None else 2
        reason = getattr(error, "problem", None) or "cannot be read"
        raise UnreadableScript(
            path, line, f"not YAML: {reason}", mend="check colons and spaces"
        ) from None
    if not isinstance(matter, dict) or not isinstance(node, yaml.MappingNode):
        raise UnreadableScript(path, 2, "front matter is `key: value` lines")
    lines: dict[str, int] = {}
    for name, _ in node.value:
        if name.value in lines:
            raise UnreadableScript(
                path, name.start_mark.line + 2, "twice in one front matter", value=name.value
            )
        lines[name.value] = name.start_mark.line + 2
    return matter, lines


_DEEPEST = 24
_NESTS = re.compile(r"[\[{]|(?:^|(?<=[-?:\s]))[-?](?=\s)", re.MULTILINE)


def _depth(text: str) -> int:
    """At least as deep as YAML's reader, which has no limit of its own, could get in a line."""
    return max((len(_NESTS.findall(row)) for row in text.split("\n")), default=0)


class FrontMatter:
    """The values of one script's front matter, each read as what it has to be."""

    def __init__(self, path: str, matter: dict[str, Any], lines: Mapping[str, int]) -> None:
        self.path = path
        self.matter = matter
        self.lines = lines

    def bad(self, key: str, reason: str, mend: str = "") -> UnreadableScript:
        value = "" if self.matter.get(key) is None else str(self.matter[key])
        return UnreadableScript(
            self.path, self.lines.get(key, 2), f"{key}: {reason}", value=value, mend=mend
        )

    def refuse_unknown(self) -> None:
        for key in self.matter:
            if key not in _KEYS:
                raise self.bad(str(key), "unknown key", "one of " + ", ".join(sorted(_KEYS)))

    def text(self, key: str) -> str:
        value = self.matter.get(key)
        if not isinstance(value, str) or not value.strip():
            raise self.bad(key, "is missing", f"write `{key}: ...`")
        return value.strip()

    def optional_text(self, key: str) -> str | None:
        return self.text(key) if self.matter.get(key) is not None else None

    def flag(self, key: str) -> bool:
        value = self.matter.get(key, False)
        if not isinstance(value, bool):
            raise self.bad(key, "is true or false")
        return value

    def choice(self, key: str, of: type[Choice], default: Choice | None = None) -> Choice:
        if self.matter.get(key) is None and default is not None:
            return default
        try:
            return of(self.text(key))
        except ValueError:
            raise self.bad(key, "no such value", "one of " + ", ".join(of)) from None

    def variables(self, known: Mapping[str, Variable]) -> Mapping[str, Variable]:
        """A list of known names; an entry that is a mapping declares one of the script's own."""
        given = self.matter.get("variables") or []
        if not isinstance(given, list):
            raise self.bad("variables", "is a list of names", "write `variables: [name, amount]`")
        found: dict[str, Variable] = {}
        for entry in given:
            for variable in self._declared(entry, known):
                if variable.name in found:
                    raise self.bad("variables", f"{variable.name!r} stands there twice")
                found[variable.name] = variable
        return found

    def _declared(self, entry: object, known: Mapping[str, Variable]) -> list[Variable]:
        if isinstance(entry, str):
            if entry not in known:
                raise self.bad(
                    "variables",
                    f"{entry!r} is not in variables.yaml",
                    "declare it there, or here with its type",
                )
            return [known[entry]]
        if not isinstance(entry, dict):
            raise self.bad("variables", f"{entry!r} is neither a name nor a declaration")
        try:
            own = [declared(str(name), value) for name, value in entry.items()]
        except BadDeclaration as error:
            raise self.bad("variables", f"{error} ({error.value})") from None
        for variable in own:
            shared = known.get(variable.name)
            if shared is not None and (shared.kind, shared.many) != (variable.kind, variable.many):
                raise self.bad(
                    "variables",
                    f"{variable.name!r} is {shared.type} everywhere else, not {variable.type}",
                    "choose another name",
                )
        return own

    def buttons(self) -> tuple[tuple[str, ...], ...]:
        given = self.matter.get("buttons") or []
        fits = isinstance(given, list) and all(
            isinstance(row, list) and row and all(isinstance(name, str) for name in row)
            for row in given
        )
        if not fits:
            raise self.bad(
                "buttons", "are rows of names", "write `buttons: [[pay, promise], [human]]`"
            )
        return tuple(tuple(row) for row in given)
