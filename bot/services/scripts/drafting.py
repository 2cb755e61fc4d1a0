"""Writing other words: one draft a text and language, seen as it is by all who write it.

Two admins who change the same text cannot overwrite each other: whoever saves says which revision
they had before them, and the second is told that somebody was faster.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from bot.errors import Refusal
from bot.services.office import Office
from bot.services.scripts import eyes, telling, texts
from bot.services.scripts.texts import Text
from scripts_library.errors import ScriptError
from scripts_library.findings import Finding
from scripts_library.library import Library
from storage import audit, scripts
from storage.engine import Transaction
from storage.records import Actor, ScriptVersion, VersionId, VersionState

LONGEST_WHY = 300


@dataclass(frozen=True, slots=True)
class Opened:
    """A text as somebody begins to change it: the open draft, or what is said now."""

    text: Text
    source: str
    draft: ScriptVersion | None
    based_on: VersionId | None


@dataclass(frozen=True, slots=True)
class Checked:
    """A draft and all that is to be mended; with nothing but doubts it may go on."""

    text: Text
    version: ScriptVersion
    findings: tuple[Finding, ...]

    @property
    def may_go_on(self) -> bool:
        return all(one.doubt for one in self.findings)

    def told(self) -> list[dict[str, Any]]:
        """The findings as values of a script."""
        return texts.found_values(self.findings, self.version.source)


async def open_text(
    tx: Transaction, office: Office, actor: Actor, key: str, language: str
) -> Opened:
    """Raises NotAllowed, or Refusal for what nobody says."""
    eyes.check_admin(actor)
    text = texts.text_of(office.files, key, language)
    draft = await scripts.draft_of(tx, text.key, text.language)
    if draft is not None:
        return Opened(text, draft.source, draft, draft.based_on)
    said = await scripts.standing(tx, text.key, text.language)
    based_on = next((one.version_id for one in said), None)
    return Opened(text, texts.source_of(office.library, text), None, based_on)


async def write(
    tx: Transaction,
    office: Office,
    actor: Actor,
    key: str,
    language: str,
    given: str,
    *,
    seen: tuple[VersionId, int] | None,
    now: datetime,
    wording: str | None = None,
) -> Checked:
    """Save `given` as the draft; `seen` is the draft and its revision that were before them.

    `wording`: the one of several that the text is for; None: it is all of them.

    Raises Refusal when somebody else has begun, saved or ended a draft meanwhile.
    """
    opened = await open_text(tx, office, actor, key, language)
    text, draft = opened.text, opened.draft
    source = texts.rewritten(opened.source, given, text, wording)
    if draft is None and seen is None:
        version_id = await scripts.begin_draft(
            tx, text.key, text.language, source,
            based_on=opened.based_on, actor=actor, now=now,
        )  # fmt: skip
    elif draft is not None and seen == (draft.version_id, draft.revision):
        saved = await scripts.save_draft(tx, *seen, source, actor, now)
        version_id = draft.version_id if saved else None
    else:
        version_id = None
    if version_id is None:
        raise await _somebody_was_faster(tx, office, text)
    await audit.record(
        tx, actor, "script.drafted", f"script:{text.key}", now,
        language=text.language, version=version_id,
    )  # fmt: skip
    return await look(tx, office, version_id)


async def look(tx: Transaction, office: Office, version_id: VersionId) -> Checked:
    """A version with what is to be mended in it. Raises Refusal for an unknown one."""
    version = await scripts.by_id(tx, version_id)
    if version is None:
        raise Refusal("scripts.no_version", number=version_id)
    text = texts.text_of(office.files, version.key, version.language)
    twins = await _with_other_drafts(tx, office, text)
    findings = texts.check(version.source, office.files, twins, text)
    return Checked(text, version, tuple(findings))


async def submit(
    tx: Transaction,
    office: Office,
    actor: Actor,
    version_id: VersionId,
    revision: int | None,
    why: str,
    now: datetime,
) -> Checked:
    """Ask the other admins to look at it. Raises NotAllowed and Refusal."""
    eyes.check_admin(actor)
    checked = await look(tx, office, version_id)
    if not checked.may_go_on:
        raise Refusal("scripts.not_clean", findings=checked.told())
    version = checked.version
    reason = why.strip()[:LONGEST_WHY]
    if not await scripts.submit(tx, version_id, revision or version.revision, reason, actor, now):
        raise Refusal("scripts.changed_meanwhile", number=version_id, who=None)
    await audit.record(
        tx, actor, "script.submitted", f"script:{version.key}", now,
        language=version.language, version=version_id,
    )  # fmt: skip
    values = {
        "number": version_id,
        "script": version.key,
        "language_name": office.library.by_tag[version.language].name,
        "who": await telling.named(tx, office, str(actor)),
        "why": reason or None,
    }
    await telling.tell_admins(
        tx, office, "scripts.review_wanted", values, f"{version_id}:{version.revision}", now,
        but=actor, button=("script_look", f"scripts:draft {version_id}"),
    )  # fmt: skip
    return await look(tx, office, version_id)


async def discard(
    tx: Transaction, actor: Actor, version_id: VersionId, now: datetime
) -> ScriptVersion:
    """Drop a draft, whoever wrote it. Raises NotAllowed and Refusal."""
    eyes.check_admin(actor)
    version = await scripts.by_id(tx, version_id)
    if version is None:
        raise Refusal("scripts.no_version", number=version_id)
    is_open = version.state in (VersionState.DRAFT, VersionState.IN_REVIEW)
    if not is_open or not await scripts.retire(tx, version_id, actor, now):
        raise Refusal("scripts.changed_meanwhile", number=version_id, who=None)
    await audit.record(
        tx, actor, "script.discarded", f"script:{version.key}", now,
        language=version.language, version=version_id,
    )  # fmt: skip
    return version


async def _with_other_drafts(tx: Transaction, office: Office, text: Text) -> Library:
    """What is said, with the open drafts of the same message in other languages.

    A change of buttons or values has to be made in each language; drafts are compared with drafts.
    """
    found = []
    for tag in office.files.languages:
        draft = await scripts.draft_of(tx, text.key, tag)
        if draft is None or tag == text.language or text.is_label:
            continue
        try:
            found.append(texts.read(draft, office.files))
        except ScriptError:
            continue  # it has findings of its own
    return office.library.over(found, {}) if found else office.library


async def _somebody_was_faster(tx: Transaction, office: Office, text: Text) -> Refusal:
    draft = await scripts.draft_of(tx, text.key, text.language)
    who = await telling.named(tx, office, draft.written_by) if draft else None
    number = draft.version_id if draft else None
    return Refusal("scripts.changed_meanwhile", number=number, who=who)
