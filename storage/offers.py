"""Cases held out to people: at most one open offer a case, ended exactly once.

An open offer takes a place among what its person can have at once, so counting and offering are
done under that person's lock.
"""

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import Row, bindparam, exists, func, select, text, update

from storage.engine import Transaction
from storage.prepared import Prepared
from storage.records import (
    Actor,
    CaseId,
    ConversationState,
    Offer,
    OfferId,
    OfferOutcome,
    StaffId,
    WorkId,
)
from storage.schema import conversations, offers

_NEXT_EXPIRY = Prepared(
    select(func.min(offers.c.expires_at)).where(
        offers.c.ended_at.is_(None), offers.c.expires_at > bindparam("now")
    )
)

_TAKES_A_PLACE = (
    ConversationState.ACTIVE,
    ConversationState.WRAP_UP,
    ConversationState.FROZEN,
)
_OWNED = Prepared(
    select(func.count()).where(
        conversations.c.staff_id == bindparam("member"),
        conversations.c.state.in_(_TAKES_A_PLACE),
    )
)
_OFFERED = Prepared(
    select(func.count()).where(
        offers.c.staff_id == bindparam("member"), offers.c.ended_at.is_(None)
    )
)
_PASSED_OVER = (
    OfferOutcome.DECLINED,
    OfferOutcome.EXPIRED,
    OfferOutcome.LAPSED,
)
_LATELY = 5_000
_CAPACITY = 1 << 61
"""Locks on what people have at once begin here, far from chats and borrowers."""


async def lock_capacity(tx: Transaction, staff_id: StaffId) -> None:
    """Nobody else gives this person anything until this transaction ends.

    Taken before any conversation is locked, so that no two wait for each other.
    """
    await tx.lock(_CAPACITY + staff_id)


async def try_lock_capacity(tx: Transaction, staff_id: StaffId) -> bool:
    """The same without waiting, for whoever holds a conversation already."""
    if not tx.is_postgresql:
        return True
    key = {"key": _CAPACITY + staff_id}
    got = await tx.execute(text("SELECT pg_try_advisory_xact_lock(:key)").bindparams(**key))
    return bool(got.scalar_one())


async def loads(tx: Transaction) -> dict[StaffId, int]:
    """Conversations that take a place with each person: offered, active, being written up."""
    found: dict[StaffId, int] = defaultdict(int)
    owned = select(conversations.c.staff_id, func.count().label("many")).where(
        conversations.c.staff_id.is_not(None), conversations.c.state.in_(_TAKES_A_PLACE)
    )
    offered = select(offers.c.staff_id, func.count().label("many")).where(
        offers.c.ended_at.is_(None)
    )
    for some in (
        owned.group_by(conversations.c.staff_id),
        offered.group_by(offers.c.staff_id),
    ):
        for row in await tx.all(some):
            found[StaffId(row.staff_id)] += row.many
    return dict(found)


async def load_of(tx: Transaction, staff_id: StaffId) -> int:
    return int(await tx.value(_OWNED, member=staff_id)) + int(
        await tx.value(_OFFERED, member=staff_id)
    )


async def make(
    tx: Transaction,
    work_id: WorkId,
    case_id: CaseId,
    staff_id: StaffId,
    *,
    from_staff_id: StaffId | None,
    actor: Actor,
    now: datetime,
    expires_at: datetime,
) -> OfferId | None:
    """None: the case is held out to somebody already."""
    result = await tx.execute(
        tx.insert_or(offers)
        .values(
            work_id=work_id,
            case_id=case_id,
            staff_id=staff_id,
            from_staff_id=from_staff_id,
            offered_at=now,
            offered_by=str(actor),
            expires_at=expires_at,
        )
        .on_conflict_do_nothing()
        .returning(offers.c.id)
    )
    found = result.scalar_one_or_none()
    return None if found is None else OfferId(found)


async def note_lapsed(
    tx: Transaction, work_id: WorkId, case_id: CaseId, staff_id: StaffId, now: datetime
) -> None:
    """Whoever gave a case back, or lost it, is not asked about it again at once."""
    await tx.add(
        offers,
        work_id=work_id,
        case_id=case_id,
        staff_id=staff_id,
        offered_at=now,
        offered_by=str(Actor.system()),
        expires_at=now,
        ended_at=now,
        outcome=OfferOutcome.LAPSED,
    )


async def end(tx: Transaction, offer: Offer, outcome: OfferOutcome, now: datetime) -> bool:
    """False: it had ended before."""
    result = await tx.execute(
        update(offers)
        .where(offers.c.id == offer.offer_id, offers.c.ended_at.is_(None))
        .values(ended_at=now, outcome=outcome)
    )
    return result.rowcount == 1


async def withdraw(tx: Transaction, work_id: WorkId, outcome: OfferOutcome, now: datetime) -> None:
    """Whatever offer of a case stands, it is over."""
    await tx.execute(
        update(offers)
        .where(offers.c.work_id == work_id, offers.c.ended_at.is_(None))
        .values(ended_at=now, outcome=outcome)
    )


async def open_of(tx: Transaction, work_id: WorkId) -> Offer | None:
    """The offer of a case that stands."""
    row = await tx.one(
        select(offers).where(offers.c.work_id == work_id, offers.c.ended_at.is_(None))
    )
    return None if row is None else _offer(row)


async def made_to(tx: Transaction, staff_id: StaffId) -> list[Offer]:
    """The offers that await somebody's answer, the oldest first."""
    rows = await tx.all(
        select(offers)
        .where(offers.c.staff_id == staff_id, offers.c.ended_at.is_(None))
        .order_by(offers.c.id)
    )
    return [_offer(row) for row in rows]


async def all_open(tx: Transaction) -> list[Offer]:
    rows = await tx.all(select(offers).where(offers.c.ended_at.is_(None)).order_by(offers.c.id))
    return [_offer(row) for row in rows]


async def expired(tx: Transaction, now: datetime) -> list[Offer]:
    """Offers whose time ran out unanswered, the longest past first."""
    rows = await tx.all(
        select(offers)
        .where(offers.c.ended_at.is_(None), offers.c.expires_at <= now)
        .order_by(offers.c.expires_at, offers.c.id)
    )
    return [_offer(row) for row in rows]


async def next_expiry(tx: Transaction, now: datetime) -> datetime | None:
    """The first moment after `now` at which an offer runs out."""
    found: datetime | None = await tx.value(_NEXT_EXPIRY, now=now)
    return found


async def last_outcomes(tx: Transaction, staff_id: StaffId, limit: int) -> list[OfferOutcome]:
    """How somebody's last offers ended, the newest first; of offers of long ago nothing is told."""
    newest = select(func.max(offers.c.id)).scalar_subquery()
    result = await tx.execute(
        select(offers.c.outcome)
        .where(
            offers.c.id > newest - _LATELY,
            offers.c.staff_id == staff_id,
            offers.c.ended_at.is_not(None),
        )
        .order_by(offers.c.id.desc())
        .limit(limit)
    )
    return [OfferOutcome(found) for found in result.scalars()]


async def passed_over(
    tx: Transaction, work_ids: Iterable[WorkId], since: datetime
) -> dict[WorkId, frozenset[StaffId]]:
    """Who let which case pass after `since`."""
    rows = await tx.all(
        select(offers.c.work_id, offers.c.staff_id).where(
            offers.c.work_id.in_(list(work_ids)),
            offers.c.outcome.in_(_PASSED_OVER),
            offers.c.ended_at > since,
        )
    )
    found: dict[WorkId, set[StaffId]] = defaultdict(set)
    for row in rows:
        found[WorkId(row.work_id)].add(StaffId(row.staff_id))
    return {work_id: frozenset(some) for work_id, some in found.items()}


async def orphaned(tx: Transaction) -> list[CaseId]:
    """Cases marked as offered that are held out to nobody: nobody would ever answer."""
    result = await tx.execute(
        select(conversations.c.case_id).where(
            conversations.c.state == ConversationState.OFFERED,
            ~exists().where(
                offers.c.case_id == conversations.c.case_id, offers.c.ended_at.is_(None)
            ),
        )
    )
    return [CaseId(found) for found in result.scalars()]


def _offer(row: Row[tuple[object, ...]]) -> Offer:
    return Offer(
        offer_id=OfferId(row.id),
        work_id=WorkId(row.work_id),
        case_id=CaseId(row.case_id),
        staff_id=StaffId(row.staff_id),
        from_staff_id=None if row.from_staff_id is None else StaffId(row.from_staff_id),
        offered_at=row.offered_at,
        offered_by=row.offered_by,
        expires_at=row.expires_at,
    )
