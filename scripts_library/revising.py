"""What a changed script must still be: the same message, in other words.

The program knows what it sends under a key: to whom, of which kind, with which values and buttons.
An admin may change every word, but not that. Without this a reminder could call itself a safety
text and pass every rule of contact, or ask for a value that nobody gives it and be withheld for
everyone.
"""

from collections.abc import Iterator, Sequence

from scripts_library.check import check_script
from scripts_library.errors import UnreadableScript
from scripts_library.findings import Finding, unreadable
from scripts_library.guard import judge
from scripts_library.library import Library
from scripts_library.render import clean_text
from scripts_library.script import LENGTHS, Limit, Script, parse_script

WITH_LOANS = frozenset(
    {
        "name", "lender", "loans", "more_loans", "totals", "oldest_due_date", "days_past_due",
        "as_of", "next_due_date", "reply_by",
    }
)  # fmt: skip
"""Whoever is given loans is given all of these."""
GIVEN_TO_ALL = frozenset({"lender"})
BUTTON_DATA_BYTES = 64
"""Telegram's limit for what a press sends back."""
MOST_BUTTONS = 8
NOT_SAID = ("answer.",)
"""Labels that are listened to, not said; the program's own."""
SAID_TO_BORROWERS = ("button.", "toast.", "command.")
_LONGEST_BUTTON = 40
_LONGEST_LABEL = 256


def check_revision(
    source: str, files: Library, in_force: Library, language: str, key: str
) -> list[Finding]:
    """Check a text that is to replace the script `key` in `language` (a language folder).

    `files` is what the program brought; `in_force` holds the twins the text is compared with.
    """
    try:
        script = parse_script(
            source, files.language(language), files.variables, path=f"{language}/{key}", key=key
        )
    except UnreadableScript as error:
        return [unreadable(error)]
    findings = [*check_script(script, in_force), *_still_the_same(script, files)]
    return sorted(set(findings))


def check_label(text: str, language: str, key: str) -> list[Finding]:
    """Check a text that is to replace the label `key`."""
    return list(_label_faults(text, language, key))


def _still_the_same(script: Script, files: Library) -> Iterator[Finding]:
    ours = files.by_key[script.key]
    default = ours.get(script.language.tag) or next(iter(ours.values()))
    fixed = {
        "audience": (script.audience, default.audience),
        "kind": (script.kind, default.kind),
        "stage": (script.stage, default.stage),
        "limit": (script.limit, default.limit),
        "neutral": (script.neutral, default.neutral),
    }
    for name, (said, meant) in fixed.items():
        if said != meant:
            yield Finding(
                script.path,
                script.lines.get(name, 2),
                f"{name} cannot be changed",
                str(said),
                f"write `{name}: {str(meant).lower()}`" if meant else f"take `{name}` out",
            )
    yield from _given(script, list(ours.values()))
    yield from _buttons(script, files)


def _given(script: Script, defaults: Sequence[Script]) -> Iterator[Finding]:
    """Only what the program is sure to give may be asked for."""
    known = {name: one for default in defaults for name, one in default.variables.items()}
    free = GIVEN_TO_ALL | (WITH_LOANS if "loans" in known else frozenset())
    line = script.lines.get("variables", 2)
    for name, variable in script.variables.items():
        given = known.get(name)
        if given is None and name not in free:
            yield Finding(
                script.path,
                line,
                "this message is not given that",
                name,
                "one of " + ", ".join(sorted(known | dict.fromkeys(free))),
            )
        elif given is not None and (
            given.type != variable.type or (given.optional and not variable.optional)
        ):
            want = f"{given.type}, optional" if given.optional else given.type
            yield Finding(script.path, line, f"is {want} here", name, "declare it so")


def _buttons(script: Script, files: Library) -> Iterator[Finding]:
    """Only buttons that do something for this audience, and that Telegram takes."""
    working = {
        name
        for by_language in files.by_key.values()
        for one in by_language.values()
        if one.audience is script.audience
        for row in one.buttons
        for name in row
    }
    line = script.lines.get("buttons", 2)
    names = [name for row in script.buttons for name in row]
    for name in names:
        if len(name.encode()) > BUTTON_DATA_BYTES:
            yield Finding(
                script.path, line, f"a button's name has at most {BUTTON_DATA_BYTES} bytes", name
            )
        elif name not in working:
            known = ", ".join(sorted(working)) or "none"
            yield Finding(script.path, line, "this button does nothing here", name, f"use {known}")
    if len(names) > MOST_BUTTONS:
        yield Finding(script.path, line, f"{len(names)} buttons", mend=f"at most {MOST_BUTTONS}")
    if len(set(names)) < len(names):
        yield Finding(script.path, line, "a button stands there twice", mend="once is enough")


def _label_faults(text: str, language: str, key: str) -> Iterator[Finding]:
    where = f"{language}/{key}"
    if key.startswith(NOT_SAID):
        yield Finding(where, 1, "is listened to, not said", key, "it stays as it is")
        return
    if not text.strip():
        yield Finding(where, 1, "is empty", mend="write what it says")
        return
    if clean_text(text) != text.strip():
        yield Finding(
            where, 1, "a line break, an invisible or a direction character", ascii(text), "one line"
        )
    if len(text) > (most := longest_label(key)):
        yield Finding(where, 1, f"{len(text)} characters", text, f"at most {most} fit")
    if any(mark in text for mark in "!\uff01"):
        yield Finding(where, 1, "an exclamation mark", text, "say it calmly")
    if not key.startswith(SAID_TO_BORROWERS):
        return
    verdict = judge(text, "script", language)
    if verdict.verdict != "ok":
        yield Finding(
            where,
            1,
            f"the guard says {verdict.verdict}: {verdict.why}",
            text,
            verdict.suggestion or "",
            doubt=verdict.verdict == "warn",
        )


def longest_label(key: str) -> int:
    """How many characters fit where the label is shown."""
    if key.startswith("button."):
        return _LONGEST_BUTTON
    return LENGTHS[Limit.TOAST] if key.startswith("toast.") else _LONGEST_LABEL
