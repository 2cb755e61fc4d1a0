"""From a draft to what is said: the second pair of eyes, the moment it takes effect, the way back.

Whoever approves says which revision they saw; another saving in between and nothing is published.
Taking back is one act and needs no second person: what was approved before is said again.
"""

from dataclasses import dataclass
from datetime import datetime

from bot.errors import Refusal
from bot.services.office import Office
from bot.services.scripts import drafting, eyes, telling
from storage import audit, scripts
from storage.engine import Transaction
from storage.records import Actor, ScriptVersion, VersionId, VersionState


@dataclass(frozen=True, slots=True)
class TakenBack:
    """`back_to` None: the file's words are said again."""

    version: ScriptVersion
    back_to: ScriptVersion | None


async def approve(
    tx: Transaction,
    office: Office,
    actor: Actor,
    version_id: VersionId,
    revision: int | None,
    now: datetime,
    *,
    effective_from: datetime | None = None,
) -> ScriptVersion:
    """Publish a text that waits for its review, now or from a moment to come.

    While four eyes are needed nobody approves what they wrote. Raises NotAllowed and Refusal.
    """
    eyes.check_admin(actor)
    checked = await drafting.look(tx, office, version_id)
    version = checked.version
    if version.state is not VersionState.IN_REVIEW:
        raise Refusal("scripts.not_waiting", number=version_id)
    if version.written_by == str(actor) and await eyes.are_needed(tx):
        raise Refusal("scripts.own_words", number=version_id)
    if not checked.may_go_on:
        raise Refusal("scripts.not_clean", findings=checked.told())
    if effective_from is not None and effective_from <= now:
        raise Refusal("scripts.when_how")
    begins = effective_from or now
    seen = version.revision if revision is None else revision
    if not await scripts.publish(tx, version_id, seen, begins, actor, now):
        raise Refusal("scripts.changed_meanwhile", number=version_id, who=None)
    await audit.record(
        tx, actor, "script.published", f"script:{version.key}", now,
        language=version.language, version=version_id, effective_from=begins.isoformat(),
    )  # fmt: skip
    values = {
        "number": version_id,
        "script": version.key,
        "language_name": office.library.by_tag[version.language].name,
        "who": await telling.named(tx, office, str(actor)),
        "effective_from": effective_from,
    }
    await telling.tell_writer(
        tx, office, version.written_by, "scripts.published", values, f"{version_id}", now,
        but=actor,
    )  # fmt: skip
    published = await scripts.by_id(tx, version_id)
    assert published is not None, "it was just published"
    return published


async def send_back(
    tx: Transaction,
    office: Office,
    actor: Actor,
    version_id: VersionId,
    revision: int | None,
    why: str,
    now: datetime,
) -> ScriptVersion:
    """Not yet: the writer is told why. Raises NotAllowed and Refusal."""
    eyes.check_admin(actor)
    version = await scripts.by_id(tx, version_id)
    if version is None:
        raise Refusal("scripts.no_version", number=version_id)
    seen = version.revision if revision is None else revision
    if not await scripts.send_back(tx, version_id, seen):
        raise Refusal("scripts.not_waiting", number=version_id)
    await audit.record(
        tx, actor, "script.sent_back", f"script:{version.key}", now,
        language=version.language, version=version_id,
    )  # fmt: skip
    values = {
        "number": version_id,
        "script": version.key,
        "who": await telling.named(tx, office, str(actor)),
        "why": why.strip()[: drafting.LONGEST_WHY] or None,
    }
    await telling.tell_writer(
        tx, office, version.written_by, "scripts.sent_back", values,
        f"{version_id}:{version.revision}:{now.timestamp()}", now,
        but=actor, button=("script_look", f"scripts:draft {version_id}"),
    )  # fmt: skip
    return version


async def roll_back(
    tx: Transaction,
    office: Office,
    actor: Actor,
    version_id: VersionId,
    now: datetime,
    why: str = "",
) -> TakenBack:
    """Take a published text back; what was said before it is said again at once.

    Raises NotAllowed, and Refusal for one that is not published or is not said (any more).
    """
    eyes.check_admin(actor)
    version = await scripts.by_id(tx, version_id)
    if version is None:
        raise Refusal("scripts.no_version", number=version_id)
    standing = await scripts.standing(tx, version.key, version.language)
    said = next((one for one in standing if _begun(one, now)), None)
    to_come = [one for one in standing if not _begun(one, now)]
    if said != version and version not in to_come:
        raise Refusal("scripts.not_said", number=version_id)
    reason = why.strip()[: drafting.LONGEST_WHY]
    if not await scripts.retire(tx, version_id, actor, now, reason):
        raise Refusal("scripts.not_said", number=version_id)
    await audit.record(
        tx, actor, "script.rolled_back", f"script:{version.key}", now,
        language=version.language, version=version_id,
    )  # fmt: skip
    left = (one for one in standing if one != version and _begun(one, now))
    result = TakenBack(version, next(left, None))
    values = {
        "number": version_id,
        "script": version.key,
        "language_name": office.library.by_tag[version.language].name,
        "who": await telling.named(tx, office, str(actor)),
        "why": reason or None,
    }
    await telling.tell_admins(
        tx, office, "scripts.taken_back", values, f"{version_id}", now, but=actor
    )
    return result


def _begun(version: ScriptVersion, now: datetime) -> bool:
    return version.effective_from is not None and version.effective_from <= now
