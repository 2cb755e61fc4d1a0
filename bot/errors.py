"""Everything of ours that can go wrong, as one small tree.

RemindfulError
├── SettingsWrong        settings missing or wrong, all named at once (exit 3)
├── NotAvailable         the clock, the database or Telegram cannot be used now (exit 3)
├── InputRefused         a file or argument was refused, nothing changed (exit 1)
└── Refusal              an expected "no" to a person: said with a script, never stack-traced
    └── NotAllowed       their role may not do this

`Refusal.script` is the key of what the person is told; `values` fill it. The text of the exception
is for the log and holds no personal data.
"""

from typing import Any


class RemindfulError(Exception):
    """Root of the tree."""


class SettingsWrong(RemindfulError):
    """One line for each wrong setting."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems


class NotAvailable(RemindfulError):
    """Something outside this program does not answer; the text says what to do."""


class InputRefused(RemindfulError):
    """Input that cannot be used, with line, value, reason and mend."""


class Refusal(RemindfulError):
    """A use case says no. The person concerned is told with the script `script`."""

    def __init__(self, script: str, **values: Any) -> None:
        super().__init__(script)
        self.script = script
        self.values = values


class NotAllowed(Refusal):
    """The actor's role does not include this act."""

    def __init__(self) -> None:
        super().__init__("staff.not_allowed")
