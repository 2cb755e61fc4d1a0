"""One script: its front matter, its declared variables and its compiled body.

A script is a text file. Between two lines of `---` stands YAML that says what the script is for;
after them stands what it says, in Liquid, and maybe other wordings of the same, each after a line
`--- variant NAME`. `parse_script` reads such a text wherever it comes from: a file of the library,
a version in the database, a draft an admin has just sent.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from hashlib import blake2b

from babel import Locale
from liquid.exceptions import LiquidError

from scripts_library.body import Body
from scripts_library.errors import UnreadableScript
from scripts_library.formats import Formats
from scripts_library.front_matter import FrontMatter, read_front_matter
from scripts_library.liquid_room import Room, room
from scripts_library.source import FIRST_VARIANT, Wording, in_wordings, split
from scripts_library.variables import Variable


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
    said: Body
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
    matter_text, body, body_line = split(source, path)
    matter, lines = read_front_matter(matter_text, path)
    reader = FrontMatter(path, matter, lines)
    reader.refuse_unknown()
    found = reader.text("key")
    if key is not None and found != key:
        raise reader.bad("key", f"the file's place says {key!r}", f"write `key: {key}`")
    limit = reader.choice("limit", Limit, Limit.MESSAGE)
    kind = reader.optional_text("kind")
    if kind is not None and kind not in KINDS:
        raise reader.bad("kind", "no such kind of message", "one of " + ", ".join(sorted(KINDS)))
    first, *others = in_wordings(path, body, body_line)
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
        said=_compiled(environment, first, path),
        path=path,
        lines={**lines, "body": first.line},
        source=source,
    )
    return replace(script, others=tuple(_other(script, one, environment) for one in others))


def _compiled(environment: Room, wording: Wording, path: str) -> Body:
    try:
        return Body(environment.from_string(wording.body, name=path))
    except LiquidError as error:
        line = wording.line + _line_of(error, wording.body) - 1
        raise UnreadableScript(
            path, line, f"not Liquid: {error.args[0]}", mend="see docs/scripts.md, Liquid"
        ) from None
    except RecursionError:
        raise UnreadableScript(
            path, wording.line, "not Liquid: too deep", mend="say it with fewer conditions"
        ) from None


def _other(script: Script, wording: Wording, environment: Room) -> Script:
    return replace(
        script,
        variant=wording.variant,
        body=wording.body,
        said=_compiled(environment, wording, script.path),
        lines={**script.lines, "body": wording.line},
    )


def _line_of(error: LiquidError, body: str) -> int:
    token = error.token
    return body.count("\n", 0, token.start_index) + 1 if token is not None else 1
