"""A script's text taken apart: front matter, body, and the wordings of the body.

Admins send bodies and single wordings; what stands around them stays as it was.
"""

import re
from dataclasses import dataclass

from scripts_library.errors import UnreadableScript

FIRST_VARIANT = "a"
"""The name of the wording that stands first; the others name themselves."""


@dataclass(frozen=True, slots=True)
class Wording:
    """One wording's name, its text and the line it begins on (1-based)."""

    variant: str
    body: str
    line: int


_VARIANT = re.compile(r"---\s+variant\s+(\S+)\s*")
_VARIANT_NAME = re.compile(r"[a-z][a-z0-9_]{0,15}")


def in_wordings(path: str, body: str, body_line: int) -> list[Wording]:
    found: list[Wording] = []
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


def _wording(path: str, variant: str, rows: list[str], begins: int) -> Wording:
    if not any(row.strip() for row in rows):
        raise UnreadableScript(path, begins, "the body is empty", mend="write what it says")
    while not rows[0].strip():
        rows, begins = rows[1:], begins + 1
    body = "\n".join(rows).strip("\n")
    return Wording(variant, body, begins)


def with_body(source: str, body: str) -> str:
    """The same front matter above other words. `source` is a script that could be read."""
    line = first_line_of_body(source)
    head = source.removeprefix("\ufeff").replace("\r\n", "\n").split("\n")[: line - 1]
    return "\n".join([*head, body.strip("\n"), ""])


def wordings_of(source: str) -> dict[str, str]:
    """Each wording by its name, as written. Raises UnreadableScript."""
    _, body, line = split(source, "")
    return {one.variant: one.body for one in in_wordings("", body, line)}


def with_wording(source: str, variant: str, body: str) -> str:
    """The same script with one wording said otherwise. Raises UnreadableScript."""
    first, *others = (wordings_of(source) | {variant: body.strip("\n")}).items()
    parts = [first[1], *(f"--- variant {name}\n\n{words}" for name, words in others)]
    return with_body(source, "\n\n".join(parts))


def first_line_of_body(source: str) -> int:
    """The line after the front matter, 1-based. Raises UnreadableScript."""
    return split(source, "")[2]


def body_of(source: str) -> str:
    """All wordings of a script as they are written, without the front matter."""
    return split(source, "")[1]


def split(source: str, path: str) -> tuple[str, str, int]:
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
