"""The queue of work: everything a person has to do, taken by exactly one, finished with an outcome.

A conversation is work like any other; what is special about it begins once it is claimed
(`casework`). The number of a task is what people type and press.
"""

from datetime import datetime

from bot.errors import NotAllowed, Refusal
from bot.rules.dispositions import CASEWORKERS, OUTCOMES, may_do
from bot.rules.routing import speaks
from bot.services import board_group, plan_terms
from bot.services.cases import (
    calling_back,
    casework,
    checking,
    impartial,
    notices,
    showing,
    task_outcomes,
    waiver_telling,
    waivers,
)
from bot.services.cases.capacity import capacity_of, has_room
from bot.services.cases.case_file import case_file
from bot.services.cases.responders import may_respond
from bot.services.cases.task_card import card_values, codes_now
from bot.services.cases.wording import Words
from bot.services.contacting import may_contact
from bot.services.office import Office
from bot.services.plans import Offer
from bot.services.saying import Choice
from bot.services.situation import situation_of
from storage import audit, borrowers, conversations, offers, schedule, staff, work
from storage.engine import Transaction
from storage.records import (
    CaseId,
    ContactKind,
    ConversationState,
    Money,
    StaffMember,
    Work,
    WorkId,
    WorkKind,
)

_LOOKED_AT = 50
_IN_A_ROW = 2


async def queue(tx: Transaction, member: StaffMember, limit: int) -> list[Work]:
    """What waits and this person may take, the most urgent first."""
    _check_role(member)
    return (await _open_to(tx, member))[:limit]


async def mine(tx: Transaction, member: StaffMember) -> list[Work]:
    """What this person has in hand."""
    return await work.claimed_by(tx, member.staff_id)


async def take_next(
    tx: Transaction, office: Office, member: StaffMember, now: datetime
) -> Work | None:
    """Take the most urgent thing one may do, in a language one speaks if there is a choice.

    What is held out to oneself comes before the rest, and that before what is held out to others.
    Without room for another conversation only other work is taken, or danger to life.
    """
    _check_role(member)
    await offers.lock_capacity(tx, member.staff_id)
    candidates = [one for one in await _open_to(tx, member) if not calling_back.is_early(one, now)]
    spoken = await _languages(tx, candidates)
    held_out = {one.work_id: one.staff_id for one in await offers.all_open(tx)}

    def order(one: Work) -> tuple[bool, bool, bool, bool]:
        asked = held_out.get(one.work_id)
        speaks_it = speaks(member.languages, spoken[one.work_id])
        mine = asked == member.staff_id
        return (one.urgency > 0, not mine, asked is not None and not mine, not speaks_it)

    for task in sorted(candidates, key=order):
        if not await _room_for(tx, member, task):
            continue
        if await _claim(tx, task, member, now):
            await _begin(tx, office, member, task, now)
            return task
    return None


async def take(
    tx: Transaction, office: Office, member: StaffMember, work_id: WorkId, now: datetime
) -> Work:
    """Take one task; of all who try exactly one gets it. One's own is shown again.

    Raises Refusal when it is unknown, done, somebody else's, or not for this role.
    """
    _check_role(member)
    task = await work.by_id(tx, work_id)
    if task is None or task.done_at is not None:
        raise Refusal("work.over", case_number=work_id)
    if not may_do(member.role, task.kind):
        raise NotAllowed
    if not await waivers.is_for(tx, member, task):
        raise Refusal("waiver.not_your_own")
    if not await impartial.is_for(tx, member, task):
        raise Refusal("work.not_impartial", case_number=work_id)
    if calling_back.is_early(task, now):
        raise Refusal("work.too_early", case_number=work_id, allowed_from=task.due_at)
    if task.staff_id == member.staff_id:
        await _show_again(tx, office, member, task, now)
    elif await _claim_with_room(tx, task, member, now):
        await _begin(tx, office, member, task, now)
    else:
        raise await _taken(tx, work_id)
    return task


async def finish(
    tx: Transaction,
    office: Office,
    member: StaffMember,
    work_id: WorkId,
    outcome: str,
    now: datetime,
) -> None:
    """End a task that is no conversation, or do the step before its end (approve a letter).

    Raises Refusal for a foreign one and a wrong outcome.
    """
    task = await own_task(tx, member, work_id)
    if outcome not in OUTCOMES[task.kind]:
        raise Refusal("case.unknown_code", codes=list(await codes_now(tx, task)))
    if await task_outcomes.apply(tx, office, member, task, outcome, now):
        await _done(tx, office, member, task, outcome, now)


async def counter(
    tx: Transaction,
    office: Office,
    member: StaffMember,
    work_id: WorkId,
    offer: Offer,
    now: datetime,
) -> None:
    """Answer a plan that is looked at with other parts. Raises Refusal."""
    task = await own_task(tx, member, work_id)
    await task_outcomes.counter(tx, office, member, task, offer, now)
    await _done(tx, office, member, task, task_outcomes.COUNTERED, now)


async def _done(
    tx: Transaction, office: Office, member: StaffMember, task: Work, outcome: str, now: datetime
) -> None:
    await schedule.look_again(tx, [task.borrower_id], now)
    await audit.record(tx, member.actor, "work.done", f"work:{task.work_id}", now, outcome=outcome)
    said = showing.words_for(office, member).label("outcome", outcome)
    await showing.tell(
        tx, office, member, "work.done", {"case_number": task.work_id, "outcome": said},
        unique_key=f"work.done:{task.work_id}", now=now,
    )  # fmt: skip


async def own_task(tx: Transaction, member: StaffMember, work_id: WorkId) -> Work:
    """A task this person has in hand that is no conversation."""
    task = await work.by_id(tx, work_id)
    if task is None or task.done_at is not None or task.kind is WorkKind.CHAT:
        raise Refusal("work.over", case_number=work_id)
    if task.staff_id != member.staff_id:
        raise Refusal("case.not_yours", case_number=work_id)
    return task


async def case_of(tx: Transaction, work_id: WorkId) -> CaseId | None:
    """The case behind a number, None when the number is another kind of work or of nothing."""
    task = await work.by_id(tx, work_id)
    return task.case_id if task and task.kind is WorkKind.CHAT else None


def _check_role(member: StaffMember) -> None:
    if member.role not in CASEWORKERS:
        raise NotAllowed


async def _claim(tx: Transaction, task: Work, member: StaffMember, now: datetime) -> bool:
    """Exactly one of all who try. A conversation is locked first, as by all who change it."""
    if task.kind is WorkKind.CHAT:
        await conversations.of(tx, task.borrower_id, lock=True)
    return await work.claim(tx, task.work_id, member.staff_id, now)


async def _claim_with_room(tx: Transaction, task: Work, member: StaffMember, now: datetime) -> bool:
    """As `_claim`; raises Refusal when it is free and this person has no room for it."""
    await offers.lock_capacity(tx, member.staff_id)
    if not await _claim(tx, task, member, now):
        return False
    if not await _room_for(tx, member, task):
        raise Refusal("case.full", case_number=task.work_id, most=capacity_of(member))
    return True


async def _room_for(tx: Transaction, member: StaffMember, task: Work) -> bool:
    """Conversations are counted; danger to life is never turned away."""
    if task.kind is not WorkKind.CHAT or task.urgency == 0:
        return True
    return await has_room(tx, member, task)


async def _begin(
    tx: Transaction, office: Office, member: StaffMember, task: Work, now: datetime
) -> None:
    """Whoever takes work is at work. Raises Refusal when they may not be."""
    await board_group.check_inside(tx, office, member)
    await staff.start_shift(tx, member.staff_id, now)
    if task.kind is WorkKind.CHAT:
        await casework.begin(tx, office, member, task, now)
        return
    if task.kind in (WorkKind.CALL, WorkKind.VISIT):
        await _check_contact(tx, office, member, task, now)
    await _show_card(tx, office, member, task, now)


async def _check_contact(
    tx: Transaction, office: Office, member: StaffMember, task: Work, now: datetime
) -> None:
    """A call is a contact: the same rules answer for it, now and not when the task was made.

    A visit begins with the question whether it is wanted, so it is judged as a call.
    """
    situation = await situation_of(tx, task.borrower_id, now)
    decision = may_contact(situation, office, ContactKind.CALL)
    if not decision.allowed:
        words = showing.words_for(office, member)
        raise Refusal(
            "work.not_now",
            case_number=task.work_id,
            reasons=[words.label("rule", rule) for rule in decision.rules],
            allowed_from=decision.until,
        )


async def _show_card(
    tx: Transaction, office: Office, member: StaffMember, task: Work, now: datetime
) -> None:
    """What is to be done and about whom; looking at it is on record."""
    if task.kind is WorkKind.QA:
        await checking.show(tx, office, member, task, now)
        return
    if task.kind is WorkKind.WAIVER_REVIEW:
        await waiver_telling.show(tx, office, member, task, now)
        return
    words = showing.words_for(office, member)
    values = await card_values(tx, words, task, now)
    await audit.record(
        tx, member.actor, "borrower.viewed", f"borrower:{task.borrower_id}", now, work=task.work_id
    )
    # What is decided about a letter stands below the letter.
    choices = (
        [] if task.kind is WorkKind.NOTICE else showing.outcomes(words, task, OUTCOMES[task.kind])
    )
    choices += await _counter_offers(tx, words, task, now)
    await showing.tell(
        tx, office, member, "work.card", values,
        unique_key=f"work.card:{task.work_id}:{member.staff_id}:{now.timestamp()}", now=now,
        rows=choices,
    )  # fmt: skip
    if task.kind is WorkKind.NOTICE:
        await notices.show(tx, office, member, task, now)


async def _counter_offers(
    tx: Transaction, words: Words, task: Work, now: datetime
) -> list[list[Choice]]:
    """Other numbers of parts for a plan that is looked at, two in a row."""
    situation = await situation_of(tx, task.borrower_id, now)
    plan = next((one for one in situation.facts.plans if one.plan_id == task.plan_id), None)
    if plan is None:
        return []
    formats = words.library.language(words.language).formats
    offers = [
        Choice(
            f"{parts} × {formats.money(Money(terms.instalments[0].amount, plan.balance.currency))}",
            f"counter:{task.work_id}:{parts}",
        )
        for parts, terms in plan_terms.alternatives(situation, plan)
    ]
    return [offers[at : at + _IN_A_ROW] for at in range(0, len(offers), _IN_A_ROW)]


async def _show_again(
    tx: Transaction, office: Office, member: StaffMember, task: Work, now: datetime
) -> None:
    if task.case_id is None or task.kind is not WorkKind.CHAT:
        await _show_card(tx, office, member, task, now)
        return
    file = await case_file(tx, task.case_id)
    assert file is not None, "a case is never deleted"
    await casework.show(tx, office, member, file, now)


async def _taken(tx: Transaction, work_id: WorkId) -> Refusal:
    task = await work.by_id(tx, work_id)
    owner = None
    if task is not None and task.staff_id is not None:
        owner = await staff.by_id(tx, task.staff_id)
    name = owner.name if owner else None
    return Refusal("work.taken", case_number=work_id, colleague=name)


async def _open_to(tx: Transaction, member: StaffMember) -> list[Work]:
    """Unclaimed work that this person may begin now."""
    tasks = [one for one in await work.waiting(tx, _LOOKED_AT) if may_do(member.role, one.kind)]
    frozen = {one.case_id for one in await conversations.in_state(tx, ConversationState.FROZEN)}
    return [one for one in tasks if await _may_begin(tx, member, one, one.case_id in frozen)]


async def _may_begin(tx: Transaction, member: StaffMember, task: Work, frozen: bool) -> bool:
    """A frozen conversation is not for everybody, and one's own waiver is for somebody else."""
    if task.kind is not WorkKind.CHAT or task.case_id is None:
        return await waivers.is_for(tx, member, task) and await impartial.is_for(tx, member, task)
    if not await impartial.is_for(tx, member, task):
        return False
    if not frozen:
        return True
    file = await case_file(tx, task.case_id)
    return file is None or may_respond(member, file.reasons)


async def _languages(tx: Transaction, tasks: list[Work]) -> dict[WorkId, str]:
    found = await borrowers.many(tx, {one.borrower_id for one in tasks})
    return {one.work_id: found[one.borrower_id].language for one in tasks}
