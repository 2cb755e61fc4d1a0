"""The statements about the outbox that are asked for every message, written once.

What may be claimed next, and what may go on the wire, is said here: an answer never overtakes an
earlier one of its chat, and nothing automated leaves while a person owns the conversation.
"""

from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Update,
    and_,
    bindparam,
    exists,
    func,
    literal_column,
    or_,
    select,
    update,
)

from storage.limits import EMERGENCY_STOP
from storage.prepared import Inserting, Prepared, listed
from storage.records import ConversationState, DeliveryClass
from storage.records import OutboxStatus as S
from storage.schema import conversations, outbox, send_pauses, switches
from storage.topics import CREATE

OPEN = (S.QUEUED, S.CLAIMED, S.SENDING)
WORDING = ("script", "script_language", "script_variant", "script_version")
_AUTOMATED_LANE = 2
_PLANNED_ANEW = (
    "chat_id",
    "payload",
    "not_before",
    "expires_at",
    "status",
    "status_at",
    "rules",
    "error",
    "script",
    "script_language",
    "script_variant",
    "script_version",
)


def planned(insert: Any) -> Any:
    return insert.on_conflict_do_update(
        index_elements=["unique_key"],
        set_={name: insert.excluded[name] for name in _PLANNED_ANEW},
        where=or_(outbox.c.status == S.DENIED, outbox.c.status == S.EXPIRED)
        & outbox.c.marked_at.is_(None),
    )


QUEUED_WITH = (
    "unique_key", "chat_id", "borrower_id", "case_id", "kind", "delivery", "lane", "automated",
    "method", "payload", "actor", "created_at", "not_before", "expires_at", "status", "status_at",
    "rules", "error", "script", "script_language", "script_variant", "script_version",
)  # fmt: skip
PUT = Inserting(outbox, QUEUED_WITH, lambda insert: planned(insert).returning(outbox.c.id))
SENT_WITH = (
    "id", "unique_key", "chat_id", "delivery", "method", "payload", "actor", "kind", "borrower_id",
    "case_id", "expires_at", "automated", "lane", "attempts", "status", "possible_repeat",
)  # fmt: skip
"""What whoever sends a row has to know of it."""
BY_MESSAGE = Prepared(
    select(*(outbox.c[name] for name in SENT_WITH))
    .where(outbox.c.chat_id == bindparam("chat"), outbox.c.message_id == bindparam("message"))
    .order_by(outbox.c.id.desc())
    .limit(1)
)
CONTACTS = Prepared(
    select(outbox.c.borrower_id, outbox.c.marked_at, outbox.c.kind)
    .where(
        listed(outbox.c.borrower_id, "borrowers"),
        outbox.c.marked_at > bindparam("since"),
        outbox.c.status.in_((S.SENT, S.UNKNOWN, S.SENDING)),
        outbox.c.kind.is_not(None),
    )
    .order_by(outbox.c.marked_at)
)


def _plainly(value: str | int) -> ColumnElement[Any]:
    """As a word of the statement: SQLite weighs its partial indexes anew for every parameter."""
    return literal_column(f"'{value}'" if isinstance(value, str) else str(value))


_EARLIER, _TOPIC = outbox.alias("earlier"), outbox.alias("topic")
_OVERTAKES = and_(
    outbox.c.lane < _plainly(_AUTOMATED_LANE),
    exists().where(
        _EARLIER.c.chat_id == outbox.c.chat_id,
        _EARLIER.c.lane == outbox.c.lane,
        _EARLIER.c.id < outbox.c.id,
        _EARLIER.c.status.in_([_plainly(one) for one in OPEN]),
        _EARLIER.c.method != _plainly(CREATE),
    ),
)
_LACKS_ITS_TOPIC = and_(
    outbox.c.lane < _plainly(_AUTOMATED_LANE),
    exists().where(
        _TOPIC.c.chat_id == outbox.c.chat_id,
        _TOPIC.c.case_id == outbox.c.case_id,
        _TOPIC.c.status.in_([_plainly(one) for one in OPEN]),
        _TOPIC.c.method == _plainly(CREATE),
    ),
)


def _next(*more: ColumnElement[bool]) -> Prepared:
    return Prepared(
        select(*(outbox.c[name] for name in SENT_WITH))
        .where(
            outbox.c.status == _plainly(S.QUEUED),
            outbox.c.not_before <= bindparam("now"),
            or_(outbox.c.method == _plainly(CREATE), and_(~_OVERTAKES, ~_LACKS_ITS_TOPIC)),
            *more,
        )
        .order_by(outbox.c.lane, outbox.c.not_before, outbox.c.id)
        .limit(bindparam("most"))
        .with_for_update(skip_locked=True)
    )


NEXT, NEXT_OF_PEOPLE = _next(), _next(outbox.c.lane < _plainly(_AUTOMATED_LANE))
CLAIM = Prepared(
    update(outbox)
    .where(listed(outbox.c.id, "rows"))
    .values(status=S.CLAIMED, worker=bindparam("by"), status_at=bindparam("now"))
)
_HANDED_OFF = exists().where(
    conversations.c.borrower_id == outbox.c.borrower_id,
    conversations.c.state != ConversationState.BOT,
)
_HALTED = exists().where(switches.c.name == EMERGENCY_STOP, switches.c.off_at.is_(None))


_MARKED: dict[str, Any] = {
    "status": S.SENDING,
    "marked_at": bindparam("now"),
    "status_at": bindparam("now"),
    "attempts": outbox.c.attempts + 1,
}


def _mark(*more: ColumnElement[bool]) -> Prepared:
    return Prepared(_may_start(listed(outbox.c.id, "rows"), *more).returning(outbox.c.id))


def _mark_worded(*more: ColumnElement[bool]) -> Prepared:
    """One row, with the words it got as it leaves."""
    said: dict[str, Any] = {name: bindparam(f"said_{name}") for name in WORDING}
    return Prepared(_may_start(outbox.c.id == bindparam("row"), *more).values(said))


def _may_start(which: ColumnElement[bool], *more: ColumnElement[bool]) -> Update:
    return (
        update(outbox)
        .where(
            which,
            outbox.c.status == S.CLAIMED,
            outbox.c.worker == bindparam("by"),
            or_(outbox.c.automated.is_(False), and_(~_HANDED_OFF, ~_HALTED, *more)),
        )
        .values(_MARKED)
    )


_CALM = ~listed(outbox.c.borrower_id, "changing")
MARK, MARK_CALM = _mark(), _mark(_CALM)
MARK_WORDED, MARK_WORDED_CALM = _mark_worded(), _mark_worded(_CALM)
"""`changing`: whose conversation another transaction is changing, which SQLite never has."""
ON_THE_WIRE = Prepared(
    select(outbox.c.id).where(
        listed(outbox.c.id, "rows"),
        outbox.c.status == S.SENDING,
        outbox.c.worker == bindparam("by"),
    )
)
MARKED_BY_OTHERS = Prepared(
    select(outbox.c.id, outbox.c.chat_id, outbox.c.marked_at)
    .where(outbox.c.marked_at > bindparam("since"), outbox.c.worker != bindparam("by"))
    .order_by(outbox.c.marked_at)
)


def still_mine(outbox_id: Any, worker: Any) -> Update:
    return update(outbox).where(
        outbox.c.id == outbox_id, outbox.c.status == S.SENDING, outbox.c.worker == worker
    )


ARRIVED = Prepared(
    still_mine(bindparam("row"), bindparam("by")).values(
        status=S.SENT,
        status_at=bindparam("now"),
        error=bindparam("told"),
        message_id=func.coalesce(bindparam("message", type_=BigInteger), outbox.c.message_id),
    )
)
_CLAIMED_ROW = update(outbox).where(outbox.c.id == bindparam("row"), outbox.c.status == S.CLAIMED)
RELEASE = Prepared(
    _CLAIMED_ROW.values(
        status=S.QUEUED,
        status_at=bindparam("now"),
        not_before=bindparam("again"),
        rules=bindparam("because"),
        worker=None,
    )
)
DROP = Prepared(
    _CLAIMED_ROW.values(
        status=bindparam("end"),
        status_at=bindparam("now"),
        rules=bindparam("because"),
        error=bindparam("told"),
        worker=None,
    )
)
_OF_BORROWER = update(outbox).where(outbox.c.borrower_id == bindparam("borrower"))
SUSPEND = Prepared(
    _OF_BORROWER.where(outbox.c.automated, outbox.c.status.in_((S.QUEUED, S.CLAIMED))).values(
        status=S.SUSPENDED, status_at=bindparam("now"), worker=None
    )
)
RESUME = Prepared(
    _OF_BORROWER.where(outbox.c.status == S.SUSPENDED).values(
        status=S.QUEUED, status_at=bindparam("now")
    )
)
RECONSIDER = Prepared(
    _OF_BORROWER.where(
        outbox.c.automated, outbox.c.status == S.QUEUED, outbox.c.not_before > bindparam("now")
    ).values(not_before=bindparam("now"), status_at=bindparam("now"))
)
PAUSES = Prepared(select(send_pauses).where(send_pauses.c.until > bindparam("now")))
IS_DUE = Prepared(
    select(outbox.c.id)
    .where(outbox.c.status == _plainly(S.QUEUED), outbox.c.not_before <= bindparam("now"))
    .limit(1)
)
WORDS_ARE_DUE = Prepared(
    select(outbox.c.id)
    .where(
        outbox.c.status == _plainly(S.QUEUED),
        outbox.c.lane < _plainly(_AUTOMATED_LANE),
        outbox.c.not_before <= bindparam("now"),
    )
    .limit(1)
)
NEXT_DUE = Prepared(
    select(func.min(outbox.c.not_before)).where(
        outbox.c.status == _plainly(S.QUEUED), outbox.c.not_before > bindparam("now")
    )
)
_LEFT_OPEN = (
    outbox.c.status.in_([_plainly(one) for one in (*OPEN, S.SUSPENDED)]),  # as the index has it
    outbox.c.status_at < bindparam("before"),
)
GO_BACK = Prepared(
    update(outbox)
    .where(*_LEFT_OPEN, outbox.c.status == _plainly(S.CLAIMED))
    .values(status=S.QUEUED, status_at=bindparam("now"), worker=None)
)
_LEFT_ON_THE_WIRE = update(outbox).where(*_LEFT_OPEN, outbox.c.status == _plainly(S.SENDING))
DOUBT = Prepared(
    _LEFT_ON_THE_WIRE.where(outbox.c.delivery == DeliveryClass.REMINDER).values(
        status=S.UNKNOWN, status_at=bindparam("now"), error=bindparam("why")
    )
)
SEND_AGAIN = Prepared(
    _LEFT_ON_THE_WIRE.values(
        status=S.QUEUED, status_at=bindparam("now"), worker=None, possible_repeat=True
    )
)
EXPIRE = Prepared(
    update(outbox)
    .where(
        outbox.c.status.in_([_plainly(one) for one in (S.QUEUED, S.SUSPENDED)]),
        outbox.c.expires_at <= bindparam("now"),
    )
    .values(status=S.EXPIRED, status_at=bindparam("now"))
)
