"""Texts that take the place of a file's: drafts, their review, what is in force and what was.

What is said under a key is the newest published text that is in effect and not retired, else the
file's. Every change of that counts up one number, which every process compares before it speaks.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, and_, func, or_, select, update

from storage.engine import Transaction
from storage.prepared import Prepared
from storage.records import Actor, ScriptVersion, VersionId
from storage.schema import script_edition
from storage.schema import script_versions as versions

_ONLY_ROW = 1
_OPEN = and_(versions.c.published_at.is_(None), versions.c.retired_at.is_(None))
_STANDING = and_(versions.c.published_at.is_not(None), versions.c.retired_at.is_(None))
_EDITION = Prepared(select(script_edition.c.number))


async def edition(tx: Transaction) -> int:
    """The number that changes with what is said; 0 before anything was published."""
    found = await tx.value(_EDITION)
    return int(found or 0)


async def in_force(tx: Transaction, now: datetime) -> list[ScriptVersion]:
    """Of every key and language with published texts, the one that is said at `now`."""
    newer = versions.alias("newer")
    overtaken = (
        select(newer.c.id)
        .where(
            newer.c.key == versions.c.key,
            newer.c.language == versions.c.language,
            newer.c.published_at.is_not(None),
            newer.c.retired_at.is_(None),
            newer.c.effective_from <= now,
            or_(
                newer.c.effective_from > versions.c.effective_from,
                and_(
                    newer.c.effective_from == versions.c.effective_from,
                    newer.c.id > versions.c.id,
                ),
            ),
        )
        .exists()
    )
    rows = await tx.all(
        select(versions)
        .where(_STANDING, versions.c.effective_from <= now, ~overtaken)
        .order_by(versions.c.key, versions.c.language)
    )
    return [_version(row) for row in rows]


async def next_effect(tx: Transaction, now: datetime) -> datetime | None:
    """The first moment after `now` at which a published text comes into effect."""
    found: datetime | None = await tx.value(
        select(func.min(versions.c.effective_from)).where(
            _STANDING, versions.c.effective_from > now
        )
    )
    return found


async def standing(tx: Transaction, key: str, language: str) -> list[ScriptVersion]:
    """Published and not retired, the one that counts last first; some may lie in the future."""
    return await _where(
        tx,
        (_STANDING, versions.c.key == key, versions.c.language == language),
        versions.c.effective_from.desc(),
        versions.c.id.desc(),
    )


async def draft_of(tx: Transaction, key: str, language: str) -> ScriptVersion | None:
    """The one open draft there can be."""
    row = await tx.one(
        select(versions).where(_OPEN, versions.c.key == key, versions.c.language == language)
    )
    return None if row is None else _version(row)


async def open_drafts(tx: Transaction, limit: int = 50) -> list[ScriptVersion]:
    """Drafts and what waits for a review, the longest waiting first."""
    return await _where(
        tx, (_OPEN,), versions.c.submitted_at.is_(None), versions.c.submitted_at,
        versions.c.written_at, limit=limit,
    )  # fmt: skip


async def history(
    tx: Transaction, key: str, language: str | None = None, limit: int = 20
) -> list[ScriptVersion]:
    """Everything ever written under a key (in one language), the newest first."""
    condition: tuple[ColumnElement[bool], ...] = (versions.c.key == key,)
    if language is not None:
        condition += (versions.c.language == language,)
    return await _where(tx, condition, versions.c.id.desc(), limit=limit)


async def by_id(tx: Transaction, version_id: VersionId) -> ScriptVersion | None:
    row = await tx.one(select(versions).where(versions.c.id == version_id))
    return None if row is None else _version(row)


async def begin_draft(
    tx: Transaction,
    key: str,
    language: str,
    source: str,
    *,
    based_on: VersionId | None,
    actor: Actor,
    now: datetime,
) -> VersionId | None:
    """A new draft; None when another one is open, whoever was faster."""
    result = await tx.execute(
        tx.insert_or(versions)
        .values(
            key=key,
            language=language,
            source=source,
            based_on=based_on,
            revision=1,
            written_at=now,
            written_by=str(actor),
        )
        .on_conflict_do_nothing()
        .returning(versions.c.id)
    )
    found = result.scalar_one_or_none()
    return None if found is None else VersionId(found)


async def save_draft(
    tx: Transaction,
    version_id: VersionId,
    revision: int,
    source: str,
    actor: Actor,
    now: datetime,
) -> bool:
    """Put another text in; it has to be reviewed anew. False: it is not as it was seen."""
    return await _change(
        tx, version_id, revision, _OPEN,
        source=source, revision=revision + 1, written_at=now, written_by=str(actor),
        submitted_at=None, submitted_by=None,
    )  # fmt: skip


async def submit(
    tx: Transaction, version_id: VersionId, revision: int, why: str, actor: Actor, now: datetime
) -> bool:
    """Ask for a review. False: it is not as it was seen, or waits already."""
    return await _change(
        tx, version_id, revision, and_(_OPEN, versions.c.submitted_at.is_(None)),
        submitted_at=now, submitted_by=str(actor), why=why,
    )  # fmt: skip


async def send_back(tx: Transaction, version_id: VersionId, revision: int) -> bool:
    """From the review to a draft again."""
    return await _change(
        tx, version_id, revision, and_(_OPEN, versions.c.submitted_at.is_not(None)),
        submitted_at=None, submitted_by=None,
    )  # fmt: skip


async def publish(
    tx: Transaction,
    version_id: VersionId,
    revision: int,
    effective_from: datetime,
    actor: Actor,
    now: datetime,
) -> bool:
    """Make a submitted draft what is said from a moment on. False: it is not as it was seen."""
    done = await _change(
        tx, version_id, revision, and_(_OPEN, versions.c.submitted_at.is_not(None)),
        published_at=now, published_by=str(actor), effective_from=effective_from,
    )  # fmt: skip
    if done:
        await _new_edition(tx)
    return done


async def add_published(
    tx: Transaction, key: str, language: str, source: str, why: str, actor: Actor, now: datetime
) -> VersionId:
    """A text that was written and approved elsewhere, said from now on."""
    version_id = await tx.add(
        versions, key=key, language=language, source=source, revision=1, why=why,
        written_at=now, written_by=str(actor), submitted_at=now, submitted_by=str(actor),
        published_at=now, published_by=str(actor), effective_from=now,
    )  # fmt: skip
    await _new_edition(tx)
    return VersionId(version_id)


async def retire(
    tx: Transaction, version_id: VersionId, actor: Actor, now: datetime, why: str = ""
) -> bool:
    """Take a published text back, or drop a draft. False: it is retired already."""
    result = await tx.execute(
        update(versions)
        .where(versions.c.id == version_id, versions.c.retired_at.is_(None))
        .values(retired_at=now, retired_by=str(actor), retired_why=why)
    )
    if result.rowcount:
        await _new_edition(tx)
    return result.rowcount == 1


async def _change(
    tx: Transaction,
    version_id: VersionId,
    seen: int,
    still: ColumnElement[bool],
    **values: Any,
) -> bool:
    result = await tx.execute(
        update(versions)
        .where(versions.c.id == version_id, versions.c.revision == seen, still)
        .values(**values)
    )
    return result.rowcount == 1


async def _new_edition(tx: Transaction) -> None:
    await tx.execute(
        tx.insert_or(script_edition)
        .values(id=_ONLY_ROW, number=1)
        .on_conflict_do_update(index_elements=["id"], set_={"number": script_edition.c.number + 1})
    )
    tx.touch("outbox")


async def _where(
    tx: Transaction,
    condition: Sequence[ColumnElement[bool]],
    *order: ColumnElement[Any],
    limit: int | None = None,
) -> list[ScriptVersion]:
    rows = await tx.all(select(versions).where(*condition).order_by(*order).limit(limit))
    return [_version(row) for row in rows]


def _version(row: Row[tuple[object, ...]]) -> ScriptVersion:
    return ScriptVersion(
        version_id=VersionId(row.id),
        key=row.key,
        language=row.language,
        source=row.source,
        revision=row.revision,
        why=row.why,
        written_at=row.written_at,
        written_by=row.written_by,
        based_on=None if row.based_on is None else VersionId(row.based_on),
        submitted_at=row.submitted_at,
        submitted_by=row.submitted_by,
        published_at=row.published_at,
        published_by=row.published_by,
        effective_from=row.effective_from,
        retired_at=row.retired_at,
        retired_by=row.retired_by,
        retired_why=row.retired_why,
    )
