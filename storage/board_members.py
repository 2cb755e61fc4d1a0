"""Who of the staff came to the board group or left it, as Telegram last said."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import bindparam, delete, select

from storage.engine import Transaction
from storage.prepared import Prepared
from storage.records import StaffId
from storage.schema import board_members

_OF = Prepared(
    select(board_members.c.chat_id, board_members.c.present, board_members.c.at).where(
        board_members.c.staff_id == bindparam("member")
    )
)


@dataclass(frozen=True, slots=True)
class Standing:
    """In the group `chat_id`, or out of it, since `at`."""

    chat_id: int
    present: bool
    at: datetime


async def of(tx: Transaction, staff_id: StaffId) -> Standing | None:
    """None: Telegram has said nothing of them."""
    row = await tx.one(_OF, member=staff_id)
    return None if row is None else Standing(row.chat_id, row.present, row.at)


async def put(tx: Transaction, staff_id: StaffId, standing: Standing) -> None:
    said = {"chat_id": standing.chat_id, "present": standing.present, "at": standing.at}
    await tx.execute(
        tx.insert_or(board_members)
        .values(staff_id=staff_id, **said)
        .on_conflict_do_update(index_elements=["staff_id"], set_=said)
    )


async def forget(tx: Transaction, staff_id: StaffId) -> None:
    await tx.execute(delete(board_members).where(board_members.c.staff_id == staff_id))
