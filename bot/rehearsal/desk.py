"""The people of the lender in a rehearsal: one supervisor, who does what waits twice a day."""

from datetime import datetime, timedelta

from bot.errors import Refusal
from bot.rehearsal.acts import CLAIM
from bot.rehearsal.diary import Diary
from bot.rehearsal.town import Town
from bot.rules.dispositions import OUTCOMES, Disposition
from bot.services.cases import closing, tasks
from bot.services.cases.notices import APPROVED
from storage.records import Work, WorkKind

_WITHIN_REACH = 1000
_POSTED_WITHIN = timedelta(days=3)
_LIFTED_BY = {WorkKind.DISPUTE: "dispute", WorkKind.COMPLAINT: "complaint"}
_RESTS_PERCENT = 40
_WAYS = {WorkKind.NOTICE: ("posted", "sent_in_chat")}
"""How a letter leaves once it is approved."""


async def work_off(town: Town, now: datetime) -> None:
    """Take and end most of what may be begun now; the rest waits for the next time."""
    member = town.supervisor
    assert member is not None, "somebody works here"
    async with town.storage.reading() as tx:
        waiting = await tasks.queue(tx, member, _WITHIN_REACH)
    diaries = {one.borrower_id: one.diary for one in town.people}
    for task in waiting:
        if town.chance.randrange(100) < _RESTS_PERCENT:
            continue
        outcome = town.chance.choice(_WAYS.get(task.kind, OUTCOMES[task.kind]))
        if task.kind is WorkKind.CHAT:
            outcome = Disposition.DISPUTE_RESOLVED
        try:
            async with town.storage.transaction() as tx:
                await tasks.take(tx, town.office, member, task.work_id, now)
                if task.kind is WorkKind.CHAT:
                    assert task.case_id is not None, "a conversation is about a case"
                    await closing.close(tx, town.office, member, task.case_id, outcome, now)
                else:
                    if task.kind is WorkKind.NOTICE:
                        await tasks.finish(tx, town.office, member, task.work_id, APPROVED, now)
                    await tasks.finish(tx, town.office, member, task.work_id, outcome, now)
        except Refusal:  # a call that may not be made now, a letter that may not leave
            continue
        _note(diaries[task.borrower_id], task, outcome, now)


def _note(diary: Diary, task: Work, outcome: str, now: datetime) -> None:
    if task.kind is WorkKind.CHAT:
        diary.end(diary.persons, now)
        diary.end(diary.holds.get("dispute", []), now)
    elif task.kind is WorkKind.RECEIPT:
        found = outcome == "payment_found"
        diary.end(diary.holds.get(CLAIM, []), now + _POSTED_WITHIN if found else now)
    elif task.kind is WorkKind.HARDSHIP:
        for one in diary.holds.get("hardship", []):
            one.end = min(one.end or now, now)
    elif task.kind in _LIFTED_BY:
        diary.end(diary.holds.get(_LIFTED_BY[task.kind], []), now)
