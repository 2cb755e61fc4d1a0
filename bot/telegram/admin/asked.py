"""Reading what stands behind `/scripts`: the same words whether typed or sent by a button."""

from dataclasses import dataclass
from datetime import datetime, time, tzinfo

from bot.errors import Refusal
from bot.services.saying import Choice
from bot.telegram.talk import StaffTalk
from storage.records import Role, VersionId

PRESS = "scripts"
_LONGEST_NUMBER = 12
LONGEST_PART = 3000
"""Characters of a text to be copied that go into one message."""


@dataclass(frozen=True, slots=True)
class Named:
    """A key, the language folder it is asked for in, and what stands behind the two."""

    key: str
    language: str
    rest: tuple[str, ...]


def named(talk: StaffTalk, args: str) -> Named:
    """ "reminder.early en ..."; without a language it is the reader's."""
    words = args.split()
    if not words:
        raise Refusal("scripts.how")
    key, rest = words[0].lower(), words[1:]
    files = talk.office.files
    if rest and (tag := _folder(talk, rest[0])) is not None:
        return Named(key, tag, tuple(rest[1:]))
    return Named(key, files.resolve_language(talk.reader.language), tuple(rest))


@dataclass(frozen=True, slots=True)
class Numbered:
    """A version, the revision that was looked at (None: typed, the present one), and the rest."""

    version_id: VersionId
    revision: int | None
    rest: str


def numbered(args: str) -> Numbered:
    """ "12 @3 because ..."; a button says which revision it was drawn for."""
    head, _, rest = args.strip().partition(" ")
    digits = head.removeprefix("#")
    if not is_number(digits):
        raise Refusal("scripts.how")
    seen, _, behind = rest.strip().partition(" ")
    if seen.startswith("@") and is_number(seen[1:]):
        return Numbered(VersionId(int(digits)), int(seen[1:]), behind.strip())
    return Numbered(VersionId(int(digits)), None, rest.strip())


def in_parts(words: str, longest: int) -> list[str]:
    """As many messages as it takes, cut between lines where lines are not too long for one."""
    parts = [""]
    for row in words.split("\n"):
        for at in range(0, max(len(row), 1), longest):
            piece = row[at : at + longest]
            if parts[-1] and len(parts[-1]) + len(piece) >= longest:
                parts.append("")
            parts[-1] += f"{piece}\n"
    return [part.strip("\n") for part in parts]


def is_number(text: str) -> bool:
    return text.isascii() and text.isdecimal() and len(text) <= _LONGEST_NUMBER


def moment(text: str, zone: tzinfo) -> datetime | None:
    """ "2026-12-01" or "2026-12-01 09:00" in `zone`; None for nothing. Raises Refusal."""
    if not text:
        return None
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        raise Refusal("scripts.when_how") from None
    if len(text) <= len("2026-12-01"):
        found = datetime.combine(found.date(), time())
    return found if found.tzinfo is not None else found.replace(tzinfo=zone)


def button(talk: StaffTalk, label: str, *asks: object) -> Choice:
    """A button labelled `button.<label>` that sends what `/scripts` would be typed with."""
    return pressed(talk.label(f"button.{label}"), *asks)


def pressed(text: str, *asks: object) -> Choice:
    return Choice(text, f"{PRESS}:{' '.join(map(str, asks))}".rstrip())


def may_change(talk: StaffTalk) -> bool:
    """Whether buttons that change something are drawn; the services decide."""
    return talk.member.role is Role.ADMIN


def language_name(talk: StaffTalk, tag: str) -> str:
    return talk.office.library.by_tag[tag].name


def _folder(talk: StaffTalk, word: str) -> str | None:
    """The language folder a word names; None for a word that is no language."""
    files = talk.office.files
    for tag, language in files.by_tag.items():
        if word.lower() in (tag.lower(), *language.also):
            return tag
    return None
