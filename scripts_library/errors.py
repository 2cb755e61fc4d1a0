"""What can go wrong between a script's file and a person's screen.

ScriptError
├── UnreadableScript   the file itself: front matter, YAML, Liquid syntax
├── UnknownScript      no language has this key
└── RenderError        this message cannot be said; it is withheld, never sent with a hole
    ├── MissingValue   a declared variable has no value
    ├── WrongValue     a value is not of the declared type
    ├── TooLong        longer than Telegram takes
    └── BrokenScript   the body itself fails: an undeclared variable, a loop without end
"""


class ScriptError(Exception):
    """The root: whoever catches it knows that nothing was said."""


class UnreadableScript(ScriptError):
    """A script's file cannot be read.

    `path` and 1-based `line` say where, `value` what stands there, `mend` what to write instead.
    """

    def __init__(
        self, path: str, line: int, reason: str, *, value: str = "", mend: str = ""
    ) -> None:
        self.path = path
        self.line = line
        self.reason = reason
        self.value = value
        self.mend = mend
        super().__init__(f"{path}:{line}: {reason}" + (f"; {mend}" if mend else ""))


class UnknownScript(ScriptError):
    """No language holds a script or label of this key."""

    def __init__(self, key: str, language: str) -> None:
        self.key = key
        self.language = language
        super().__init__(f"no script {key!r} for language {language!r}")


class RenderError(ScriptError):
    """One message could not be made; `key` and `language` name the script."""

    def __init__(self, key: str, language: str, reason: str) -> None:
        self.key = key
        self.language = language
        self.reason = reason
        super().__init__(f"{key} ({language}): {reason}")


class MissingValue(RenderError):
    """A declared variable has no value; `variable` names it, a record's field as `loans.due`."""

    def __init__(self, key: str, language: str, variable: str) -> None:
        self.variable = variable
        super().__init__(key, language, f"no value for {variable!r}")


class WrongValue(RenderError):
    """A value that is not of the type its variable declares. The value itself is not repeated."""

    def __init__(self, key: str, language: str, variable: str, expected: str, given: str) -> None:
        self.variable = variable
        self.expected = expected
        self.given = given
        super().__init__(key, language, f"{variable!r} must be {expected}, not {given}")


class TooLong(RenderError):
    """The text is longer than Telegram takes; both lengths in UTF-16 units after entities."""

    def __init__(self, key: str, language: str, length: int, limit: int) -> None:
        self.length = length
        self.limit = limit
        super().__init__(key, language, f"{length} characters, at most {limit} fit")


class BrokenScript(RenderError):
    """The body asks for something it may not have, or does not come to an end."""
