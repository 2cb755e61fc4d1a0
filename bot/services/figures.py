"""What the ledger says of a borrower, under the names that the scripts use.

The chat and the preview of a script for a real borrower read the same figures, so what an admin
looks at is what the borrower would be shown.
"""

from typing import Any

from bot.services import plans
from bot.services.situation import Situation


def standing_values(situation: Situation) -> dict[str, Any]:
    """How things stand in a few lines: what is due, how late, what was agreed."""
    promised, plan = situation.open_promise, situation.active_plan
    waiting = plans.open_proposal(situation)
    upcoming = situation.standing.next_due
    return {
        "name": situation.facts.borrower.full_name,
        "home_totals": list(situation.standing.due.values()),
        "days_past_due": max(situation.days_past_due or 0, 0),
        "next_due_date": upcoming.due_date if upcoming else None,
        "as_of": situation.as_of,
        "promised_amount": promised.amount if promised else None,
        "promised_date": promised.due_date if promised else None,
        "plan_parts": len(plan.instalments) if plan else None,
        "plan_reviewed": waiting is not None and waiting.approved_at is None,
        "plan_approved": waiting is not None and plans.by_a_person(waiting),
        "stopped": situation.facts.stopped_at is not None,
        "cleared": not situation.owes,
    }
