"""Finding one's way among what the bot says: groups, a search, one text with its history."""

from dataclasses import dataclass
from datetime import datetime
from difflib import unified_diff

from bot.errors import Refusal
from bot.services.office import Office
from bot.services.scripts import texts
from bot.services.scripts.texts import Text
from scripts_library.library import Library
from scripts_library.revising import NOT_SAID
from scripts_library.script import STARTED_BY_US, Audience, Script
from storage import scripts
from storage.engine import Transaction
from storage.records import ScriptVersion, VersionId, VersionState

GROUPS = ("started", "answers", "safety", "staff", "labels")
_MOST_FOUND = 60
_HEADING = 2
"""Lines of a difference that only name its two sides."""


@dataclass(frozen=True, slots=True)
class Standing:
    """A text and its versions: what is said, what is to come, what is being written."""

    text: Text
    said: ScriptVersion | None
    to_come: tuple[ScriptVersion, ...]
    draft: ScriptVersion | None


def group(files: Library, name: str) -> list[str]:
    """The keys of one of GROUPS, in order. Raises Refusal for another."""
    if name not in GROUPS:
        raise Refusal("scripts.unknown", wanted=name)
    if name == "labels":
        keys = {key for language in files.by_tag.values() for key in language.labels}
        return sorted(key for key in keys if not key.startswith(NOT_SAID))
    return [key for key in files.keys if _group_of(_any(files, key)) == name]


def search(library: Library, wanted: str) -> list[str]:
    """Keys whose name, purpose or words have all of the words looked for, in any language."""
    parts = wanted.casefold().split()
    found = [
        key
        for key, by_language in library.by_key.items()
        if _has(parts, key, *(f"{one.purpose} {one.source}" for one in by_language.values()))
    ]
    labels = [key for key in group(library, "labels") if _has(parts, key, *_said(library, key))]
    return [*sorted(found), *labels][:_MOST_FOUND]


async def standing(
    tx: Transaction, office: Office, key: str, language: str, now: datetime
) -> Standing:
    """Raises Refusal for what nobody says."""
    text = texts.text_of(office.files, key, language)
    versions = await scripts.standing(tx, text.key, text.language)
    begun = [one for one in versions if one.effective_from and one.effective_from <= now]
    return Standing(
        text,
        begun[0] if begun else None,
        tuple(one for one in versions if one not in begun),
        await scripts.draft_of(tx, text.key, text.language),
    )


async def waiting(tx: Transaction) -> list[ScriptVersion]:
    """What waits for a review, the longest first, then what is being written."""
    return await scripts.open_drafts(tx)


async def history(tx: Transaction, office: Office, key: str, language: str) -> list[ScriptVersion]:
    """Raises Refusal for what nobody says."""
    text = texts.text_of(office.files, key, language)
    return await scripts.history(tx, text.key, text.language)


async def version(tx: Transaction, version_id: VersionId) -> ScriptVersion:
    """Raises Refusal for an unknown one."""
    found = await scripts.by_id(tx, version_id)
    if found is None:
        raise Refusal("scripts.no_version", number=version_id)
    return found


@dataclass(frozen=True, slots=True)
class Difference:
    """`told`: the changed lines; `gone` and `added`: names of wordings."""

    told: str
    gone: tuple[str, ...]
    added: tuple[str, ...]


async def difference(tx: Transaction, office: Office, new: ScriptVersion) -> Difference:
    """What a draft changes in what is said now, or a version changed in what it came from."""
    text = texts.text_of(office.files, new.key, new.language)
    before = texts.source_of(office.files, text)
    if new.state in (VersionState.DRAFT, VersionState.IN_REVIEW):
        before = texts.source_of(office.library, text)
    elif new.based_on is not None:
        before = (await version(tx, new.based_on)).source
    rows = list(unified_diff(before.split("\n"), new.source.split("\n"), lineterm="", n=1))
    told = "\n".join(row for row in rows[_HEADING:] if not row.startswith("@@"))
    old_ones, new_ones = texts.wordings(before, text), texts.wordings(new.source, text)
    return Difference(
        told,
        tuple(name for name in old_ones if name not in new_ones),
        tuple(name for name in new_ones if name not in old_ones),
    )


def _any(library: Library, key: str) -> Script:
    return next(iter(library.by_key[key].values()))


def _group_of(script: Script) -> str:
    if script.audience is not Audience.BORROWER:
        return "staff"
    if script.kind in STARTED_BY_US or script.kind == "thanks":
        return "started"
    return "safety" if script.kind == "safety" else "answers"


def _said(library: Library, key: str) -> list[str]:
    return list(library.labels_of(key).values())


def _has(parts: list[str], *where: str) -> bool:
    everything = " ".join(where).casefold()
    return all(part in everything for part in parts)
