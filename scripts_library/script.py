"""One script: its front matter, its declared variables and its compiled body.

A script is a text file. Between two lines of `---` stands YAML that says what the script is for;
after them stands what it says, in Liquid, and maybe other wordings of the same, each after a line
`--- variant NAME`. `parse_script` reads such a text wherever it comes from: a file of the library,
a version in the database, a draft an admin has just sent.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from hashlib import blake2b
from typing import Any, TypeVar

import yaml
from babel import Locale
from liquid.exceptions import LiquidError

from scripts_library.errors import UnreadableScript
from scripts_library.formats import Formats
from scripts_library.liquid_room import Room, Template, room
from scripts_library.variables import BadDeclaration, Variable, declared

Choice = TypeVar("Choice", bound=StrEnum)


class Audience(StrEnum):
    BORROWER = "borrower"
    COLLECTOR = "collector"
    SUPERVISOR = "supervisor"
    ADMIN = "admin"
    BOARD = "board"


class Limit(StrEnum):
    """Where the text is shown, hence how long it may be; a `toast` and a `label` know no markup."""

    MESSAGE = "message"
    CAPTION = "caption"
    TOAST = "toast"
    LABEL = "label"


LONGEST_SOURCE = 12_000
"""Characters of a script's text; no message comes near, and nothing larger is worth reading."""
FIRST_VARIANT = "a"
"""The name of the wording that stands first; the others name themselves."""

LENGTHS: Mapping[Limit, int] = {
    Limit.MESSAGE: 4096,
    Limit.CAPTION: 1024,
    Limit.TOAST: 200,
    Limit.LABEL: 64,
}
"""Telegram's own limits, in UTF-16 units after entities."""

KINDS = frozenset(
    {
        "pre_due", "overdue", "promise_note", "plan_note", "thanks",
        "notice", "reply", "staff", "call", "safety",
    }
)  # fmt: skip
STARTED_BY_US = frozenset({"pre_due", "overdue", "promise_note", "plan_note", "notice"})
"""Kinds of messages that nobody asked for: they carry the way out and the way to a person."""


@dataclass(frozen=True, eq=False)
class Language:
    """What a language folder says about itself, with its short labels."""

    tag: str
    name: str
    formats: Formats
    labels: Mapping[str, str]
    also: frozenset[str] = frozenset()
    fallback: str | None = None
    partial: bool = False
    """Partial languages borrow what they lack from their fallback; the others must be complete."""
    html_room: Room = field(init=False, repr=False)
    plain_room: Room = field(init=False, repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "html_room", room(self.formats, html=True))
        object.__setattr__(self, "plain_room", room(self.formats, html=False))

    @property
    def locale(self) -> Locale:
        return self.formats.locale


@dataclass(frozen=True, eq=False)
class Script:
    """A script ready to be rendered.

    A `neutral` one names no debt and may go to somebody whose identity is not yet verified.
    `lines` maps front matter keys and "body" to 1-based lines of the file. `others` are further
    wordings of the same message; `version` is the number of the stored version it was read from,
    None for a file of the library.
    """

    key: str
    language: Language
    purpose: str
    audience: Audience
    kind: str | None
    stage: str | None
    limit: Limit
    neutral: bool
    variables: Mapping[str, Variable]
    buttons: tuple[tuple[str, ...], ...]
    body: str
    template: Template
    path: str
    lines: Mapping[str, int]
    source: str = field(default="", repr=False)
    variant: str = FIRST_VARIANT
    others: tuple["Script", ...] = ()
    version: int | None = None

    @property
    def wordings(self) -> tuple["Script", ...]:
        """Every wording, this one first."""
        return (self, *self.others)

    def wording_for(self, seed: str) -> "Script":
        """One of the wordings, always the same for the same `seed` (a message's key)."""
        if not self.others:
            return self
        number = int.from_bytes(blake2b(f"{self.key}\0{seed}".encode(), digest_size=8).digest())
        return self.wordings[number % len(self.wordings)]

    @property
    def html(self) -> bool:
        return self.limit in (Limit.MESSAGE, Limit.CAPTION)

    @property
    def family(self) -> str:
        return self.key.partition(".")[0]


_KEYS = {
    "key", "purpose", "audience", "kind", "stage", "limit", "neutral", "variables", "buttons",
}  # fmt: skip


def parse_script(
    source: str,
    language: Language,
    known: Mapping[str, Variable],
    *,
    path: str = "draft",
    key: str | None = None,
) -> Script:
    """Read one script's text.

    `known` are the library's variables (`Library.variables`); `key` is what the file's place says
    the key must be. Raises UnreadableScript with the line and the mend.
    """
    if len(source) > LONGEST_SOURCE:
        raise UnreadableScript(
            path, 1, f"{len(source)} characters", mend=f"at most {LONGEST_SOURCE} make a script"
        )
    matter_text, body, body_line = _split(source, path)
    matter, lines = _front_matter(matter_text, path)
    reader = _Matter(path, matter, lines)
    reader.refuse_unknown()
    found = reader.text("key")
    if key is not None and found != key:
        raise reader.bad("key", f"the file's place says {key!r}", f"write `key: {key}`")
    limit = reader.choice("limit", Limit, Limit.MESSAGE)
    kind = reader.optional_text("kind")
    if kind is not None and kind not in KINDS:
        raise reader.bad("kind", "no such kind of message", "one of " + ", ".join(sorted(KINDS)))
    first, *others = _wordings(path, body, body_line)
    environment = (
        language.html_room if limit in (Limit.MESSAGE, Limit.CAPTION) else language.plain_room
    )
    script = Script(
        key=found,
        language=language,
        purpose=reader.text("purpose"),
        audience=reader.choice("audience", Audience),
        kind=kind,
        stage=reader.optional_text("stage"),
        limit=limit,
        neutral=reader.flag("neutral"),
        variables=reader.variables(known),
        buttons=reader.buttons(),
        body=first.body,
        template=_compiled(environment, first, path),
        path=path,
        lines={**lines, "body": first.line},
        source=source,
    )
    return replace(script, others=tuple(_other(script, one, environment) for one in others))


@dataclass(frozen=True, slots=True)
class _Wording:
    """One wording's name, its text and the line it begins on (1-based)."""

    variant: str
    body: str
    line: int


_VARIANT = re.compile(r"---\s+variant\s+(\S+)\s*")
_VARIANT_NAME = re.compile(r"[a-z][a-z0-9_]{0,15}")


def _wordings(path: str, body: str, body_line: int) -> list[_Wording]:
    found: list[_Wording] = []
    variant, rows, begins = FIRST_VARIANT, list[str](), body_line
    for number, row in enumerate(body.split("\n"), start=body_line):
        heading = _VARIANT.fullmatch(row)
        if heading is None:
            rows.append(row)
            continue
        found.append(_wording(path, variant, rows, begins))
        variant, rows, begins = heading[1], [], number + 1
        if not _VARIANT_NAME.fullmatch(variant) or variant in {one.variant for one in found}:
            raise UnreadableScript(
                path,
                number,
                "not a name for another wording",
                value=variant,
                mend="a new short name in small letters, as `--- variant warm`",
            )
    found.append(_wording(path, variant, rows, begins))
    return found


def _wording(path: str, variant: str, rows: list[str], begins: int) -> _Wording:
    if not any(row.strip() for row in rows):
        raise UnreadableScript(path, begins, "the body is empty", mend="write what it says")
    while not rows[0].strip():
        rows, begins = rows[1:], begins + 1
    body = "\n".join(rows).strip("\n")
    return _Wording(variant, body, begins)


def _compiled(environment: Room, wording: _Wording, path: str) -> Template:
    try:
        return environment.from_string(wording.body, name=path)
    except LiquidError as error:
        line = wording.line + _line_of(error, wording.body) - 1
        raise UnreadableScript(
            path, line, f"not Liquid: {error.args[0]}", mend="see docs/scripts.md, Liquid"
        ) from None
    except RecursionError:
        raise UnreadableScript(
            path, wording.line, "not Liquid: too deep", mend="say it with fewer conditions"
        ) from None


def _other(script: Script, wording: _Wording, environment: Room) -> Script:
    return replace(
        script,
        variant=wording.variant,
        body=wording.body,
        template=_compiled(environment, wording, script.path),
        lines={**script.lines, "body": wording.line},
    )


def with_body(source: str, body: str) -> str:
    """The same front matter above other words. `source` is a script that could be read."""
    line = first_line_of_body(source)
    head = source.removeprefix("\ufeff").replace("\r\n", "\n").split("\n")[: line - 1]
    return "\n".join([*head, body.strip("\n"), ""])


def wordings_of(source: str) -> dict[str, str]:
    """Each wording by its name, as written. Raises UnreadableScript."""
    _, body, line = _split(source, "")
    return {one.variant: one.body for one in _wordings("", body, line)}


def with_wording(source: str, variant: str, body: str) -> str:
    """The same script with one wording said otherwise. Raises UnreadableScript."""
    first, *others = (wordings_of(source) | {variant: body.strip("\n")}).items()
    parts = [first[1], *(f"--- variant {name}\n\n{words}" for name, words in others)]
    return with_body(source, "\n\n".join(parts))


def first_line_of_body(source: str) -> int:
    """The line after the front matter, 1-based. Raises UnreadableScript."""
    return _split(source, "")[2]


def body_of(source: str) -> str:
    """All wordings of a script as they are written, without the front matter."""
    return _split(source, "")[1]


def _split(source: str, path: str) -> tuple[str, str, int]:
    """Front matter, body, and the body's first line (1-based)."""
    rows = source.removeprefix("\ufeff").replace("\r\n", "\n").split("\n")
    if rows[0].strip() != "---":
        raise UnreadableScript(
            path, 1, "no front matter", value=rows[0], mend="start with a line `---`"
        )
    for number, row in enumerate(rows[1:], start=2):
        if row.strip() == "---":
            return "\n".join(rows[1 : number - 1]), "\n".join(rows[number:]).strip("\n"), number + 1
    raise UnreadableScript(path, 1, "front matter has no end", mend="close it with a line `---`")


def _front_matter(text: str, path: str) -> tuple[dict[str, Any], dict[str, int]]:
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


def _line_of(error: LiquidError, body: str) -> int:
    token = error.token
    return body.count("\n", 0, token.start_index) + 1 if token is not None else 1


class _Matter:
    """Reads front matter value by value; every refusal names the line."""

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
