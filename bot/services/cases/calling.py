"""Danger to life does not wait until somebody looks at the queue: whoever may answer is told.

Each of them gets the board's line with its Take in their own chat, on shift or not, once a case;
the house without such a person tells its admins. It names nobody and says nothing of a debt.
"""

from datetime import datetime

from bot.services.cases import board, readers
from bot.services.cases.case_file import CaseFile, stretch_key
from bot.services.cases.responders import may_respond
from bot.services.office import Office
from storage import staff
from storage.engine import Transaction
from storage.records import Role, StaffMember


async def call_responders(tx: Transaction, office: Office, file: CaseFile, now: datetime) -> None:
    """Tell all who may speak in a crisis that one waits. Its first to take it is its responder."""
    for member in await _responders(tx, file):
        reader = readers.of_staff(office, member)
        key = f"crisis:{stretch_key(file.case)}:{member.staff_id}"
        await board.show_to(tx, office, reader, file, key, now)


async def _responders(tx: Transaction, file: CaseFile) -> list[StaffMember]:
    able = [
        member
        for member in await staff.everyone(tx)
        if member.disabled_at is None and may_respond(member, file.reasons)
    ]
    return able or await staff.with_role(tx, Role.ADMIN)
