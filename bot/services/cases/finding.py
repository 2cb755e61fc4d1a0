"""Looking a borrower up: who may, and on record.

A collector finds only who is in their hands. Everything else looks to them as if it did not exist.
"""

from datetime import datetime
from typing import Any

from bot.errors import Refusal
from bot.services.cases import showing
from bot.services.cases.brief import agreed, limits_of, owed
from bot.services.cases.case_file import own_cases
from bot.services.office import Office
from bot.services.situation import situation_of
from storage import audit, borrowers
from storage.engine import Transaction
from storage.records import BorrowerId, Role, StaffMember

SEE_EVERYONE = frozenset({Role.SUPERVISOR, Role.COMPLIANCE, Role.AUDITOR})


async def find(
    tx: Transaction, office: Office, member: StaffMember, borrower_ref: str, now: datetime
) -> dict[str, Any]:
    """The values of the script `find.found`. Raises Refusal when there is nobody one may see."""
    borrower = await borrowers.by_ref(tx, borrower_ref)
    if borrower is None or not await _may_see(tx, member, borrower.borrower_id):
        raise Refusal("find.none")
    await audit.record(tx, member.actor, "borrower.viewed", f"borrower:{borrower.borrower_id}", now)
    situation = await situation_of(tx, borrower.borrower_id, now)
    words = showing.words_for(office, member)
    return {
        "name": borrower.full_name,
        "ref": borrower.borrower_ref,
        "language_name": office.library.language(situation.language).name,
        "conversation": words.label("conversation", situation.state),
        **owed(situation),
        **agreed(situation, words),
        "limits": limits_of(situation, words),
    }


def sees_everyone(member: StaffMember) -> bool:
    return member.role in SEE_EVERYONE


async def is_known(tx: Transaction, borrower_ref: str) -> bool:
    """Whether it is a borrower's reference."""
    return await borrowers.by_ref(tx, borrower_ref) is not None


async def _may_see(tx: Transaction, member: StaffMember, borrower_id: BorrowerId) -> bool:
    if member.role in SEE_EVERYONE:
        return True
    files = await own_cases(tx, member)
    return any(file.borrower.borrower_id == borrower_id for file in files)
