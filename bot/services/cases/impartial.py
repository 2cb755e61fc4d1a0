"""Who is too near to a piece of work to do it: whoever had the case does not judge it.

A complaint is looked into by somebody who has not talked with that borrower lately, a conversation
is checked by somebody who did not lead it. And nobody who owes money here works on their own case.
"""

from collections.abc import Collection
from datetime import timedelta

from bot.errors import Refusal
from storage import accounts, cases
from storage.engine import Transaction
from storage.records import BorrowerId, StaffId, StaffMember, Work, WorkId, WorkKind

_LATELY = timedelta(days=90)


async def is_for(tx: Transaction, member: StaffMember, task: Work) -> bool:
    """Whether this person had no part in what the task is about."""
    if await own(tx, member) == task.borrower_id:
        return False
    if task.kind is WorkKind.COMPLAINT:
        since = task.created_at - _LATELY
        return member.staff_id not in await cases.had_lately(tx, task.borrower_id, since)
    if task.kind is WorkKind.QA and task.case_id is not None:
        return member.staff_id not in await cases.had(tx, task.case_id)
    return True


async def own(tx: Transaction, member: StaffMember) -> BorrowerId | None:
    """The borrower that a member of staff is themselves, by the account they use for both."""
    account = await accounts.by_telegram_id(tx, member.telegram_id)
    return None if account is None else account.borrower_id


async def check_not_own(
    tx: Transaction, member: StaffMember, borrower_id: BorrowerId, number: WorkId
) -> None:
    """Raises Refusal when it is about themselves."""
    if await own(tx, member) == borrower_id:
        raise Refusal("work.not_impartial", case_number=number)


async def themselves(
    tx: Transaction, people: Collection[StaffMember], borrower_ids: Collection[BorrowerId]
) -> dict[BorrowerId, frozenset[StaffId]]:
    """Those of these borrowers who are one of these people, and whom."""
    by_account = {one.telegram_id: frozenset([one.staff_id]) for one in people}
    known = await accounts.verified(tx, borrower_ids)
    return {
        borrower_id: by_account[account.telegram_id]
        for borrower_id, account in known.items()
        if account.telegram_id in by_account
    }
