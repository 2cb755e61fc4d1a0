"""Who is too near to a piece of work to do it: whoever had the case does not judge it.

A complaint is looked into by somebody who has not talked with that borrower lately, a conversation
is checked by somebody who did not lead it.
"""

from datetime import timedelta

from storage import cases
from storage.engine import Transaction
from storage.records import StaffMember, Work, WorkKind

_LATELY = timedelta(days=90)


async def is_for(tx: Transaction, member: StaffMember, task: Work) -> bool:
    """Whether this person had no part in what the task is about."""
    if task.kind is WorkKind.COMPLAINT:
        since = task.created_at - _LATELY
        return member.staff_id not in await cases.had_lately(tx, task.borrower_id, since)
    if task.kind is WorkKind.QA and task.case_id is not None:
        return member.staff_id not in await cases.had(tx, task.case_id)
    return True
