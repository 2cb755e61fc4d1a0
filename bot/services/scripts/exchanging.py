"""Words as files: a folder somebody edited and reviewed elsewhere becomes what is said.

Whoever runs commands on the server can let admins in and restore databases; files usually come
from a review of their own. So a folder is published at once, or with `review` waits for an admin.
"""

from collections.abc import Sequence
from datetime import datetime

from bot.errors import InputRefused
from bot.services.office import Office
from bot.services.scripts import drafting, eyes
from scripts_library.folder import Change
from storage import audit, scripts
from storage.engine import Transaction
from storage.records import Actor, VersionId


async def take_in(
    tx: Transaction,
    office: Office,
    actor: Actor,
    changes: Sequence[Change],
    why: str,
    now: datetime,
    *,
    review: bool,
) -> list[VersionId]:
    """Make versions of checked changes; all or none.

    Raises NotAllowed, and InputRefused when a draft of one of the texts is being written, which
    nobody should lose.
    """
    eyes.check_admin(actor)
    taken: list[VersionId] = []
    for one in changes:
        draft = await scripts.draft_of(tx, one.key, one.language)
        if draft is not None and review:
            raise InputRefused(
                f"{one.language}/{one.key}: draft #{draft.version_id} is open; "
                "publish or drop it first"
            )
        if review:
            version_id = await scripts.begin_draft(
                tx, one.key, one.language, one.source, based_on=None, actor=actor, now=now
            )
            if version_id is None:
                raise InputRefused(f"{one.language}/{one.key}: somebody just began a draft")
            await drafting.submit(tx, office, actor, version_id, None, why, now)
        else:
            version_id = await scripts.add_published(
                tx, one.key, one.language, one.source, why[: drafting.LONGEST_WHY], actor, now
            )
        await audit.record(
            tx, actor, "script.taken_in", f"script:{one.key}", now,
            language=one.language, version=version_id, review=review,
        )  # fmt: skip
        taken.append(version_id)
    return taken
