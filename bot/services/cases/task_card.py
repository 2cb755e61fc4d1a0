"""What a task's card shows to whoever took it: what to do, about whom, within which limits."""

from datetime import datetime
from typing import Any

from bot.rules.dispositions import OUTCOMES
from bot.services.cases import notices
from bot.services.cases.brief import limits_of, owed
from bot.services.cases.wording import Words
from bot.services.situation import situation_of
from storage import borrowers
from storage.engine import Transaction
from storage.records import Money, Work, WorkKind


async def card_values(tx: Transaction, words: Words, task: Work, now: datetime) -> dict[str, Any]:
    """The values of the script `work.card`. The telephone number is there for whoever calls."""
    situation = await situation_of(tx, task.borrower_id, now)
    borrower = situation.facts.borrower
    plan = next((one for one in situation.facts.plans if one.plan_id == task.plan_id), None)
    calls = task.kind in (WorkKind.CALL, WorkKind.VISIT)
    return {
        "case_number": task.work_id,
        "work_kind": words.label("work", task.kind),
        "about": words.known("reason", task.note),
        "name": borrower.full_name,
        "ref": borrower.borrower_ref,
        "language_name": words.library.language(situation.language).name,
        "due_by": task.due_at,
        **owed(situation),
        "phone": await borrowers.phone(tx, task.borrower_id) or None if calls else None,
        "plan_parts": len(plan.instalments) if plan else None,
        "plan_part": Money(plan.instalments[0].amount, plan.balance.currency) if plan else None,
        "plan_down": Money(plan.down_payment, plan.balance.currency)
        if plan and plan.down_payment
        else None,
        "plan_changes": plan is not None and plan.replaces is not None,
        "visits": task.kind is WorkKind.VISIT,
        "limits": limits_of(situation, words),
        "codes": list(await codes_now(tx, task)),
    }


async def codes_now(tx: Transaction, task: Work) -> tuple[str, ...]:
    """Those that can be used now: a letter is approved first and posted then."""
    if task.kind is WorkKind.NOTICE:
        return await notices.steps(tx, task)
    return OUTCOMES[task.kind]
