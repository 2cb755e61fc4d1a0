"""Newly overdue and not to be reached here: a person looks first, and is named the same day.

Whoever can be written to needs no such look, the strategy goes on by itself. The others become
first looks with a clock, shared out among those at work by the borrower's part of the portfolio,
language and load; what nobody is there for is shared out as soon as somebody is.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable
from datetime import datetime, timedelta

from bot.rules.dispositions import may_do
from bot.rules.handoff import handoff_policy
from bot.rules.routing import Colleague, Waiting, choose, skills_for
from bot.services.cases import showing
from bot.services.contacting import held_within
from bot.services.office import Office
from bot.services.situation import Situation
from storage import audit, borrowers, staff, work
from storage.engine import Transaction
from storage.records import Actor, Role, StaffId, WorkId, WorkKind

_SYSTEM = Actor.system()
_NAMED = 8
_AT_ONCE = 100


async def first_looks(
    tx: Transaction, office: Office, situations: Iterable[Situation], now: datetime
) -> int:
    """A first look for each who is overdue, cannot be written to and has nothing in the way.

    Once for an oldest due date, however often it is asked. Returns how many are new.
    """
    wanted = [one for one in situations if _needs_a_look(one, office)]
    if not wanted:
        return 0
    triage = handoff_policy().triage
    waiting = await work.count_open(tx, WorkKind.TRIAGE)
    due_at = now + timedelta(days=triage.days_for(waiting + len(wanted)))
    made = 0
    for one in wanted:
        oldest = one.standing.oldest_unpaid
        assert oldest is not None, "somebody overdue has an unpaid item"
        borrower_id = one.facts.borrower.borrower_id
        key = f"triage:{borrower_id}:{oldest.due_date}"
        added = await work.add(
            tx, key, WorkKind.TRIAGE, borrower_id, actor=_SYSTEM, now=now, due_at=due_at
        )
        made += added is not None
    return made


async def share_out(tx: Transaction, office: Office, now: datetime) -> int:
    """Name somebody for the first looks nobody has. Returns how many found somebody."""
    tasks = await work.waiting(tx, _AT_ONCE, kinds=[WorkKind.TRIAGE])
    people = await _at_work(tx) if tasks else {}
    if not people:
        return 0
    known = await borrowers.many(tx, {one.borrower_id for one in tasks})
    policy = handoff_policy()
    given: dict[StaffId, list[WorkId]] = defaultdict(list)
    for task in tasks:
        borrower = known[task.borrower_id]
        case = Waiting(
            task.work_id, task.created_at, borrower.language,
            skills_for((), borrower.segment, policy),
        )  # fmt: skip
        chosen = choose(case, people.values(), now, policy)
        if chosen is not None and await work.claim(tx, task.work_id, chosen, now):
            given[chosen].append(task.work_id)
            people[chosen] = _with_one_more(people[chosen])
    for staff_id, numbers in given.items():
        await _tell(tx, office, staff_id, numbers, now)
    return sum(map(len, given.values()))


def _needs_a_look(situation: Situation, office: Office) -> bool:
    account = situation.facts.account
    if account is not None and account.unreachable_at is None:
        return False
    return situation.overdue and not held_within(situation, office)


async def _at_work(tx: Transaction) -> dict[StaffId, Colleague]:
    load = Counter(await work.holders(tx, WorkKind.TRIAGE))
    return {
        one.staff_id: Colleague(
            one.staff_id, frozenset(one.skills), one.languages, load[one.staff_id],
            handoff_policy().triage.at_once, leads=one.role is not Role.COLLECTOR,
        )
        for one in await staff.now_on_shift(tx)
        if may_do(one.role, WorkKind.TRIAGE)
    }  # fmt: skip


def _with_one_more(one: Colleague) -> Colleague:
    return Colleague(
        one.staff_id, one.skills, one.languages, one.load + 1, one.capacity, leads=one.leads
    )


async def _tell(
    tx: Transaction, office: Office, staff_id: StaffId, numbers: list[WorkId], now: datetime
) -> None:
    """One message for all that came together."""
    member = await staff.by_id(tx, staff_id)
    assert member is not None, "somebody at work is on the staff"
    for number in numbers:
        await audit.record(tx, _SYSTEM, "work.allocated", f"work:{number}", now, staff=staff_id)
    await showing.tell(
        tx, office, member, "work.allocated",
        {
            "many": len(numbers),
            "numbers": [f"#{one}" for one in numbers[:_NAMED]],
            "more": max(len(numbers) - _NAMED, 0) or None,
        },
        unique_key=f"work.allocated:{staff_id}:{numbers[0]}:{now.timestamp()}", now=now,
    )  # fmt: skip
