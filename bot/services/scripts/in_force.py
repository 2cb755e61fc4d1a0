"""Which words are said now: every process asks in its own transaction, and it costs one small read.

Whatever speaks begins with `refresh`. The database keeps one number that changes with what is
said; while it stays the same nothing is read or compiled. A text that cannot be read any more (its
variable is gone with a new version of the program) is passed over: the file's words are said, and
a person is told.
"""

from datetime import datetime

import structlog

from bot.services.office import Edition, Office
from bot.services.scripts import texts
from scripts_library.errors import ScriptError, UnknownScript
from scripts_library.script import Script
from storage import scripts
from storage.engine import Transaction
from storage.records import ScriptVersion

log = structlog.get_logger(__name__)


async def refresh(tx: Transaction, office: Office, now: datetime) -> None:
    """Bring `office.library` to what is in force. Called before anything else in a transaction."""
    number = await scripts.edition(tx)
    known = office.edition or Edition(office.library)
    is_known = office.edition is not None or number == 0
    if is_known and known.number == number and (known.until is None or now < known.until):
        return
    until = await scripts.next_effect(tx, now)
    versions = await scripts.in_force(tx, now)
    chosen, labels, unreadable = _read(versions, known)
    compiled = {script.version: script for script in chosen if script.version is not None}
    passed_over = frozenset(int(one.version_id) for one in unreadable)
    office.edition = Edition(known.files, number, until, compiled, passed_over)
    office.library = known.files.over(chosen, labels)
    office.passed_over += [
        f"{one.key} ({one.language}), version {one.version_id}: cannot be used any more"
        for one in unreadable
        if one.version_id not in known.unreadable
    ]


def _read(
    versions: list[ScriptVersion], known: Edition
) -> tuple[list[Script], dict[str, dict[str, str]], list[ScriptVersion]]:
    chosen: list[Script] = []
    labels: dict[str, dict[str, str]] = {}
    unreadable: list[ScriptVersion] = []
    for one in versions:
        language = known.files.by_tag.get(one.language)
        if language is not None and one.key in language.labels:
            labels.setdefault(one.language, {})[one.key] = one.source
            continue
        script = known.compiled.get(one.version_id)
        try:
            if language is None or one.key not in known.files.by_key:
                raise UnknownScript(one.key, one.language)
            script = script or texts.read(one, known.files)
        except ScriptError as error:
            log.error("a published text is passed over", script=one.key, reason=str(error))
            unreadable.append(one)
            continue
        chosen.append(script)
    return chosen, labels, unreadable
