"""What is wrong with a text: where, what stands there, why it cannot stay, and what to write."""

from dataclasses import dataclass

from scripts_library.errors import UnreadableScript
from scripts_library.script import Script


@dataclass(frozen=True, slots=True, order=True)
class Finding:
    """One thing to mend; `line` is 1-based in `file`. A `doubt` may stand if a person says so."""

    file: str
    line: int
    reason: str
    value: str = ""
    mend: str = ""
    doubt: bool = False


def unreadable(error: UnreadableScript) -> Finding:
    """A text that is no script at all, as a finding."""
    return Finding(error.path, error.line, error.reason, error.value, error.mend)


def at(script: Script, line: int, reason: str, value: str = "", mend: str = "") -> Finding:
    return Finding(script.path, line, reason, value, mend)


def body_line(script: Script, index: int) -> int:
    return script.lines["body"] + script.body.count("\n", 0, max(index, 0))


def line_with(script: Script, part: str) -> int:
    return body_line(script, script.body.find(part))
