"""A case with everything at hand: its work, its conversation, its borrower and who may use it.

Whoever acts on a case comes through here, so that words for one borrower can never be taken for
words for another.
"""

from dataclasses import dataclass

from bot.errors import Refusal
from storage import borrowers, cases, conversations, work
from storage.engine import Transaction
from storage.records import (
    Borrower,
    Case,
    CaseId,
    Conversation,
    HandoffReason,
    StaffMember,
    Work,
    WorkId,
)


@dataclass(frozen=True, slots=True)
class CaseFile:
    case: Case
    work: Work
    talk: Conversation
    borrower: Borrower

    @property
    def case_id(self) -> CaseId:
        return self.case.case_id

    @property
    def number(self) -> WorkId:
        """What people call the case: the number of its work."""
        return self.work.work_id

    @property
    def reasons(self) -> tuple[HandoffReason, ...]:
        return (self.case.reason, *self.case.more_reasons)

    @property
    def is_open(self) -> bool:
        return self.case.closed_at is None and self.talk.case_id == self.case_id

    def belongs_to(self, member: StaffMember) -> bool:
        return self.is_open and self.talk.staff_id == member.staff_id

    @property
    def awaits_answer(self) -> bool:
        """The borrower wrote and nobody has answered."""
        wrote, answered = self.talk.borrower_wrote_at, self.talk.answered_at
        return wrote is not None and (answered is None or answered < wrote)

    @property
    def awaits_person(self) -> bool:
        """The borrower wrote because of this case or in it, and no person has written since.

        What the bot says meanwhile ("a person is coming") is no answer to that.
        """
        wrote, spoken = self.talk.borrower_wrote_at, self.talk.person_wrote_at
        if wrote is None or wrote < self.case.since:
            return False
        return spoken is None or spoken < wrote


def stretch_key(case: Case) -> str:
    """Begins the unique keys of what happens once in each stretch of a case."""
    again = f".{case.reopened}" if case.reopened else ""
    return f"case:{case.case_id}{again}"


def work_key(case_id: CaseId) -> str:
    """The unique key of a case's work."""
    return f"case:{case_id}"


async def case_file(
    tx: Transaction, case_id: CaseId, *, lock: bool = False, wait: bool = True
) -> CaseFile | None:
    """`lock`: nobody else changes whose the case is until this transaction ends.

    `wait` False: None when somebody else is changing it at this moment.
    """
    known = await cases.case(tx, case_id)
    if known is None:
        return None
    talk = await conversations.of(tx, known.borrower_id, lock=lock, wait=wait)
    if talk is None and not wait:
        return None
    case = await cases.case(tx, case_id) if lock else known  # as it is once nobody can change it
    task = await work.by_key(tx, work_key(case_id))
    borrower = await borrowers.by_id(tx, known.borrower_id)
    assert case is not None, "a case is never deleted"
    assert task is not None, "a case is opened with its work"
    assert talk is not None, "a case is opened with a conversation"
    assert borrower is not None, "a case is about a borrower"
    return CaseFile(case, task, talk, borrower)


async def fresh(tx: Transaction, case_id: CaseId) -> CaseFile:
    """A case that is known to exist, as it is now."""
    file = await case_file(tx, case_id, lock=True)
    assert file is not None, "a case is never deleted"
    return file


async def own_case(tx: Transaction, member: StaffMember, case_id: CaseId) -> CaseFile:
    """A case this person has now. Raises Refusal when it is closed or somebody else's."""
    file = await case_file(tx, case_id, lock=True)
    if file is None or not file.is_open:
        raise Refusal("case.over")
    if not file.belongs_to(member):
        raise Refusal("case.not_yours", case_number=file.number)
    return file


async def own_cases(tx: Transaction, member: StaffMember) -> list[CaseFile]:
    """Everything this person has open, the longest first."""
    files = [
        await case_file(tx, talk.case_id)
        for talk in await conversations.owned_by(tx, member.staff_id)
        if talk.case_id is not None
    ]
    return [file for file in files if file is not None and file.is_open]
