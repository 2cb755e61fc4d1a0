"""Instalment plans: proposed, decided by the policy or a person, agreed to in full knowledge.

The terms are worked out once, shown, and kept as a snapshot. If what is overdue has changed by the
time of the yes, nothing starts: the borrower sees new terms instead. Another plan within twelve
months, or in place of the one under way, is for a person to decide; the old one goes on until the
yes to the new.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.errors import NotAllowed, Refusal
from bot.rules.plan import Approval, PlanTerms
from bot.rules.plan_standing import PlanState, new_plan_refusal
from bot.services import promising
from bot.services.plan_terms import Wish, balance_of, terms_for
from bot.services.situation import Situation, alone_with
from storage import audit, outbox, plans, schedule, work
from storage.engine import Transaction
from storage.records import Actor, BorrowerId, Interest, Money, Plan, PlanId, Role, WorkKind

_REVIEW_WITHIN = timedelta(days=1)
_DECIDERS = {Role.COLLECTOR, Role.SUPERVISOR, Role.ADMIN}
_DECIDERS_OF_LONG_PLANS = {Role.SUPERVISOR, Role.ADMIN}


@dataclass(frozen=True, slots=True)
class Offer:
    """What a person offers: monthly parts of what is due, or of `everything` that is owed.

    `freeze`: no further interest while it is kept.
    """

    parts: int
    everything: bool = False
    freeze: bool = False


@dataclass(frozen=True, slots=True)
class Proposed:
    """`decided`: the policy said yes at once; otherwise a person will look at it."""

    plan_id: PlanId
    terms: PlanTerms
    decided: bool


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
    situation = await alone_with(tx, situation)
    terms = terms_for(situation, balance, wish)
    waiting = open_proposal(situation)
    if waiting is not None:
        down = wish.down.minor if wish.down else 0
        proposed = (balance, down, terms.instalments)
        if (waiting.balance, waiting.down_payment, waiting.instalments) == proposed:
            return Proposed(waiting.plan_id, terms, decided=waiting.approved_at is not None)
        await _give_up(tx, actor, waiting, now)
    borrower_id = situation.facts.borrower.borrower_id
    approval = _approval(situation, terms)
    plan_id = await _keep(tx, actor, situation, balance, wish, terms, approval, now)
    decided = approval is Approval.AUTOMATIC
    if decided:
        await plans.approve(tx, plan_id, Actor.system(), now)
    else:
        await _ask_a_person(tx, actor, borrower_id, plan_id, now)
    await audit.record(tx, actor, "plan.proposed", f"borrower:{borrower_id}", now, plan=plan_id)
    return Proposed(plan_id, terms, decided)


def is_exception(situation: Situation) -> bool:
    """Whether a plan is under way, or another one would come too soon after the last."""
    others = [pair for pair in situation.plans if pair[1].state not in _OPEN_PROPOSALS]
    refused = new_plan_refusal(others, situation.today, local_time=situation.local_time)
    return refused is not None


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
    situation = await alone_with(tx, situation)
    plan = next((one for one in situation.facts.plans if one.plan_id == plan_id), None)
    if plan is None:
        raise Refusal("plan.gone")
    if plan.agreed_at is not None and situation.active_plan == plan:
        return plan
    if balance_of(situation, plan) != plan.balance:
        raise Refusal("plan.balance_changed")
    under_way = situation.active_plan
    if plan.instalments[0].due_date < situation.today or (
        under_way is not None and under_way.plan_id != plan.replaces
    ):
        raise Refusal("plan.gone")
    if not await plans.agree(tx, plan_id, now):
        raise Refusal("plan.gone")
    if under_way is not None:
        await _replace(tx, actor, situation, under_way, plan, now)
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


async def _replace(
    tx: Transaction, actor: Actor, situation: Situation, old: Plan, new: Plan, now: datetime
) -> None:
    """The plan under way ends with the yes to another; what was paid of it stays on record."""
    await plans.cancel(tx, old.plan_id, actor, now)
    await audit.record(
        tx, actor, "plan.replaced", f"borrower:{situation.facts.borrower.borrower_id}", now,
        plan=old.plan_id, by=new.plan_id,
    )  # fmt: skip


async def _give_up(tx: Transaction, actor: Actor, plan: Plan, now: datetime) -> None:
    """End an open proposal; nobody has to look at it any more."""
    await plans.cancel(tx, plan.plan_id, actor, now)
    review = await work.by_key(tx, _work_key(plan.plan_id))
    if review is not None:
        await work.finish(tx, review.work_id, "withdrawn", actor, now)


async def decide_plan(
    tx: Transaction,
    actor: Actor,
    plan_id: PlanId,
    *,
    approve: bool,
    now: datetime,
    interest: Interest = Interest.PER_CONTRACT,
) -> BorrowerId:
    """A person's yes or no to a proposal; a long one needs a supervisor.

    `interest`: what becomes of it while the plan is kept, part of the terms from here on.

    Returns whose plan it is. Raises NotAllowed, or Refusal when it was decided before.
    """
    borrower_id = await plans.owner(tx, plan_id)
    if borrower_id is None:
        raise Refusal("plan.gone")
    proposed = (await plans.of_borrowers(tx, [borrower_id]))[borrower_id]
    plan = next(one for one in proposed if one.plan_id == plan_id)
    _check_decider(actor, plan.approval)
    if approve:
        done = await plans.approve(tx, plan_id, actor, now, interest=interest)
    else:
        done = await plans.reject(tx, plan_id, actor, now)
    if not done:
        raise Refusal("plan.gone")
    outcome = "approved" if approve else "rejected"
    review = await work.by_key(tx, _work_key(plan_id))
    if review is not None:
        await work.finish(tx, review.work_id, outcome, actor, now)
    await audit.record(
        tx, actor, f"plan.{outcome}", f"borrower:{borrower_id}", now, plan=plan_id,
        interest=interest,
    )  # fmt: skip
    return borrower_id


async def counter_plan(
    tx: Transaction,
    actor: Actor,
    situation: Situation,
    plan_id: PlanId,
    offer: Offer,
    now: datetime,
) -> PlanId:
    """Offer other monthly parts instead of what was proposed; returns the new plan.

    Whoever offers it has approved it; it starts with the borrower's yes. Raises NotAllowed, or
    Refusal when the proposal was decided before or the policy never allows the parts.
    """
    plan = next((one for one in situation.facts.plans if one.plan_id == plan_id), None)
    if plan is None:
        raise Refusal("plan.gone")
    offered = await offer_plan(
        tx, actor, situation, plan.balance.currency, offer, now, instead_of=plan
    )
    if not await plans.counter(tx, plan_id, now):
        raise Refusal("plan.gone")
    await audit.record(
        tx, actor, "plan.countered", f"borrower:{situation.facts.borrower.borrower_id}", now,
        plan=plan_id, offered=offered,
    )  # fmt: skip
    return offered


async def offer_plan(
    tx: Transaction,
    actor: Actor,
    situation: Situation,
    currency: str,
    offer: Offer,
    now: datetime,
    *,
    instead_of: Plan | None = None,
) -> PlanId:
    """A person works out a plan for a borrower and says yes to it; the borrower's yes starts it.

    Raises NotAllowed for a plan that needs a supervisor, or Refusal with the rule that says no.
    """
    situation = await alone_with(tx, situation)
    totals = situation.standing.outstanding if offer.everything else situation.standing.due
    balance = totals.get(currency, Money.zero(currency))
    wish = Wish(parts=offer.parts)
    terms = terms_for(situation, balance, wish)
    approval = max(_approval(situation, terms), Approval.REVIEW, key=list(Approval).index)
    _check_decider(actor, approval)
    waiting = open_proposal(situation)
    if waiting is not None and waiting != instead_of:
        await _give_up(tx, actor, waiting, now)
    offered = await _keep(
        tx, actor, situation, balance, wish, terms, approval, now, everything=offer.everything
    )
    interest = Interest.FREEZE if offer.freeze else Interest.PER_CONTRACT
    await plans.approve(tx, offered, actor, now, interest=interest)
    borrower_id = situation.facts.borrower.borrower_id
    await audit.record(
        tx, actor, "plan.offered", f"borrower:{borrower_id}", now, plan=offered, interest=interest
    )
    return offered


def _approval(situation: Situation, terms: PlanTerms) -> Approval:
    """Whoever says yes; to an exception from one plan in twelve months it is a named person."""
    return Approval.PERSON if is_exception(situation) else terms.approval


async def _keep(
    tx: Transaction,
    actor: Actor,
    situation: Situation,
    balance: Money,
    wish: Wish,
    terms: PlanTerms,
    approval: Approval,
    now: datetime,
    *,
    everything: bool = False,
) -> PlanId:
    """The snapshot of what is owed and how it would be paid; whoever proposes it."""
    under_way = situation.active_plan
    return await plans.propose(
        tx,
        situation.facts.borrower.borrower_id,
        balance=balance,
        down_payment=wish.down.minor if wish.down else 0,
        frequency=wish.frequency,
        approval=approval,
        covers_all=everything,
        terms=terms.instalments,
        actor=actor,
        now=now,
        replaces=under_way.plan_id if under_way else None,
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
