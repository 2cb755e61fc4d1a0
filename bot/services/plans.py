"""Instalment plans: proposed, decided by the policy or a person, agreed to in full knowledge.

The terms are worked out once, shown, and kept as a snapshot. If what is overdue has changed by the
time of the yes, nothing starts: the borrower sees new terms instead.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.errors import NotAllowed, Refusal
from bot.rules.plan import Approval, PlanRequest, PlanTerms, plan_terms
from bot.rules.plan_policy import Frequency
from bot.rules.plan_standing import PlanState, new_plan_refusal
from bot.services import promising
from bot.services.situation import Situation
from storage import audit, outbox, plans, schedule, work
from storage.engine import Transaction
from storage.records import Actor, BorrowerId, Money, Plan, PlanId, Role, WorkKind

_REVIEW_WITHIN = timedelta(days=1)
_OTHER_PARTS = (2, 3, 4, 6, 9, 12)
_DECIDERS = {Role.COLLECTOR, Role.SUPERVISOR, Role.ADMIN}
_DECIDERS_OF_LONG_PLANS = {Role.SUPERVISOR, Role.ADMIN}


@dataclass(frozen=True, slots=True)
class Wish:
    """How somebody would like to pay: in `parts`, or no part above `affordable`; one of the two.

    Monthly from two weeks on, or with `payday` (a day of the month) after each pay-day.
    """

    parts: int | None = None
    affordable: Money | None = None
    payday: int | None = None

    @property
    def frequency(self) -> Frequency:
        return Frequency.MONTHLY if self.payday is None else Frequency.PAYDAY


@dataclass(frozen=True, slots=True)
class Proposed:
    """`decided`: the policy said yes at once; otherwise a person will look at it."""

    plan_id: PlanId
    terms: PlanTerms
    decided: bool


def overdue_in(situation: Situation, currency: str) -> Money:
    """The balance of a plan: what is overdue, or due today."""
    return situation.standing.due.get(currency, Money.zero(currency))


def terms_for(situation: Situation, balance: Money, wish: Wish) -> PlanTerms:
    """The wish by the policy's arithmetic. Raises Refusal with the rule that says no."""
    if balance.minor <= 0:
        raise Refusal("plan.nothing_due")
    try:
        terms = plan_terms(
            PlanRequest(
                balance=balance,
                today=situation.today,
                country=situation.facts.borrower.country,
                frequency=wish.frequency,
                instalments=wish.parts,
                affordable=wish.affordable,
                payday=wish.payday,
            )
        )
    except (ValueError, OverflowError):
        raise Refusal("plan.parts_unclear") from None
    if not isinstance(terms, PlanTerms):
        first = terms[0]
        raise Refusal(f"plan.refused_{first.rule}", allowed=first.limit)
    return terms


async def propose_plan(
    tx: Transaction,
    actor: Actor,
    situation: Situation,
    balance: Money,
    wish: Wish,
    now: datetime,
) -> Proposed:
    """Keep the proposal with its terms; a plan within policy is approved at once.

    The same proposal made again, as by a second press, is the one that is open; another gives
    way. Raises Refusal.
    """
    refuse_unless_new(situation)
    terms = terms_for(situation, balance, wish)
    waiting = open_proposal(situation)
    if waiting is not None:
        if (waiting.balance, waiting.instalments) == (balance, terms.instalments):
            return Proposed(waiting.plan_id, terms, decided=waiting.approved_at is not None)
        await _give_up(tx, actor, waiting, now)
    borrower_id = situation.facts.borrower.borrower_id
    plan_id = await _keep(
        tx, actor, borrower_id, balance, wish.frequency, terms, terms.approval, now
    )
    decided = terms.approval is Approval.AUTOMATIC
    if decided:
        await plans.approve(tx, plan_id, Actor.system(), now)
    else:
        await _ask_a_person(tx, actor, borrower_id, plan_id, now)
    await audit.record(tx, actor, "plan.proposed", f"borrower:{borrower_id}", now, plan=plan_id)
    return Proposed(plan_id, terms, decided)


def refuse_unless_new(situation: Situation) -> None:
    """Raises Refusal while a plan is under way, or too soon after the last one."""
    others = [pair for pair in situation.plans if pair[1].state not in _OPEN_PROPOSALS]
    refused = new_plan_refusal(others, situation.today, local_time=situation.local_time)
    if refused is not None:
        raise Refusal(f"plan.refused_{refused}")


def open_proposal(situation: Situation) -> Plan | None:
    """The plan that was proposed and neither agreed to nor ended; at most one is open."""
    return next(
        (plan for plan, standing in reversed(situation.plans) if standing.state in _OPEN_PROPOSALS),
        None,
    )


def by_a_person(plan: Plan) -> bool:
    """Whether somebody, and not the policy, has said yes to a plan."""
    return plan.approved_at is not None and plan.approval != Approval.AUTOMATIC


_OPEN_PROPOSALS = {
    PlanState.PROPOSED, PlanState.UNDER_REVIEW, PlanState.AUTO_APPROVED, PlanState.APPROVED,
}  # fmt: skip


async def agree_to_plan(
    tx: Transaction, actor: Actor, situation: Situation, plan_id: PlanId, now: datetime
) -> Plan:
    """The borrower's yes to the terms shown. Raises Refusal when they no longer hold."""
    plan = next((one for one in situation.facts.plans if one.plan_id == plan_id), None)
    if plan is None:
        raise Refusal("plan.gone")
    if plan.agreed_at is not None and situation.active_plan == plan:
        return plan
    if overdue_in(situation, plan.balance.currency) != plan.balance:
        raise Refusal("plan.balance_changed")
    if plan.instalments[0].due_date < situation.today:
        raise Refusal("plan.gone")
    if not await plans.agree(tx, plan_id, now):
        raise Refusal("plan.gone")
    await promising.give_way(tx, actor, situation, plan.balance.currency, now)
    borrower_id = situation.facts.borrower.borrower_id
    await outbox.reconsider(tx, borrower_id, now)
    await schedule.look_again(tx, [borrower_id], now)
    await audit.record(tx, actor, "plan.agreed", f"borrower:{borrower_id}", now, plan=plan_id)
    return plan


async def decline_plan(
    tx: Transaction, actor: Actor, situation: Situation, plan_id: PlanId, now: datetime
) -> None:
    """The borrower does not want these terms after all. Raises Refusal once the plan began."""
    waiting = open_proposal(situation)
    if waiting is not None and waiting.plan_id == plan_id:
        await _give_up(tx, actor, waiting, now)
    elif situation.active_plan is not None and situation.active_plan.plan_id == plan_id:
        raise Refusal("plan.refused_one_active")


async def _give_up(tx: Transaction, actor: Actor, plan: Plan, now: datetime) -> None:
    """End an open proposal; nobody has to look at it any more."""
    await plans.cancel(tx, plan.plan_id, actor, now)
    review = await work.by_key(tx, _work_key(plan.plan_id))
    if review is not None:
        await work.finish(tx, review.work_id, "withdrawn", actor, now)


async def decide_plan(
    tx: Transaction, actor: Actor, plan_id: PlanId, *, approve: bool, now: datetime
) -> BorrowerId:
    """A person's yes or no to a proposal; a long one needs a supervisor.

    Returns whose plan it is. Raises NotAllowed, or Refusal when it was decided before.
    """
    borrower_id = await plans.owner(tx, plan_id)
    if borrower_id is None:
        raise Refusal("plan.gone")
    proposed = (await plans.of_borrowers(tx, [borrower_id]))[borrower_id]
    plan = next(one for one in proposed if one.plan_id == plan_id)
    _check_decider(actor, plan.approval)
    act = plans.approve if approve else plans.reject
    if not await act(tx, plan_id, actor, now):
        raise Refusal("plan.gone")
    outcome = "approved" if approve else "rejected"
    review = await work.by_key(tx, _work_key(plan_id))
    if review is not None:
        await work.finish(tx, review.work_id, outcome, actor, now)
    await audit.record(tx, actor, f"plan.{outcome}", f"borrower:{borrower_id}", now, plan=plan_id)
    return borrower_id


def alternatives(situation: Situation, plan: Plan) -> list[tuple[int, PlanTerms]]:
    """Other numbers of parts that the policy allows for what is overdue now."""
    balance = overdue_in(situation, plan.balance.currency)
    found = []
    for parts in _OTHER_PARTS:
        if parts == len(plan.instalments):
            continue
        try:
            found.append((parts, terms_for(situation, balance, Wish(parts=parts))))
        except Refusal:
            continue
    return found


async def counter_plan(
    tx: Transaction,
    actor: Actor,
    situation: Situation,
    plan_id: PlanId,
    parts: int,
    now: datetime,
) -> PlanId:
    """Offer another number of monthly parts instead of what was proposed; returns the new plan.

    Whoever offers it has approved it; it starts with the borrower's yes. Raises NotAllowed, or
    Refusal when the proposal was decided before or the policy never allows the parts.
    """
    plan = next((one for one in situation.facts.plans if one.plan_id == plan_id), None)
    if plan is None:
        raise Refusal("plan.gone")
    balance = overdue_in(situation, plan.balance.currency)
    terms = terms_for(situation, balance, Wish(parts=parts))
    approval = max(terms.approval, Approval.REVIEW, key=list(Approval).index)
    _check_decider(actor, approval)
    if not await plans.counter(tx, plan_id, now):
        raise Refusal("plan.gone")
    borrower_id = situation.facts.borrower.borrower_id
    offered = await _keep(tx, actor, borrower_id, balance, Frequency.MONTHLY, terms, approval, now)
    await plans.approve(tx, offered, actor, now)
    await audit.record(
        tx, actor, "plan.countered", f"borrower:{borrower_id}", now, plan=plan_id, offered=offered
    )
    return offered


async def _keep(
    tx: Transaction,
    actor: Actor,
    borrower_id: BorrowerId,
    balance: Money,
    frequency: Frequency,
    terms: PlanTerms,
    approval: Approval,
    now: datetime,
) -> PlanId:
    """The snapshot of what is overdue and how it would be paid; whoever proposes it."""
    return await plans.propose(
        tx,
        borrower_id,
        balance=balance,
        down_payment=0,
        frequency=frequency,
        approval=approval,
        covers_all=False,
        terms=terms.instalments,
        actor=actor,
        now=now,
    )


def _check_decider(actor: Actor, approval: str) -> None:
    """A long plan needs a supervisor."""
    allowed = _DECIDERS_OF_LONG_PLANS if approval == Approval.PERSON else _DECIDERS
    if actor.role not in allowed:
        raise NotAllowed


async def _ask_a_person(
    tx: Transaction, actor: Actor, borrower_id: BorrowerId, plan_id: PlanId, now: datetime
) -> None:
    await work.add(
        tx,
        _work_key(plan_id),
        WorkKind.PLAN_REVIEW,
        borrower_id,
        actor=actor,
        now=now,
        due_at=now + _REVIEW_WITHIN,
        plan_id=plan_id,
    )


def _work_key(plan_id: PlanId) -> str:
    return f"plan:{plan_id}"
