"""What the ledger says of a borrower, under the names that the scripts use.

The chat and the preview of a script for a real borrower read the same figures, so what an admin
looks at is what the borrower would be shown.
"""

from typing import Any

from bot.rules.ledger import LoanStanding
from bot.services import pictures, plans
from bot.services.situation import SHOWN_LOANS, Situation, first_loans
from storage.records import DueItem, Loan, Money

_COMPONENTS = ("principal", "interest", "penalty", "fees")


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
        **_progress(situation),
        "plan_reviewed": waiting is not None and waiting.approved_at is None,
        "plan_approved": waiting is not None and plans.by_a_person(waiting),
        "stopped": situation.facts.stopped_at is not None,
        "cleared": not situation.owes,
    }


def _progress(situation: Situation) -> dict[str, Money | None]:
    found = pictures.plan_with_progress(situation)
    paid = found[1].paid if found else None
    return {"plan_paid": paid, "plan_in_all": paid + found[1].left if found and paid else None}


def balance_values(situation: Situation) -> dict[str, Any]:
    """What is owed, loan by loan and component by component."""
    shown, more = first_loans(situation)
    return {
        "accounts": [_account(loan, standing) for loan, standing in shown],
        "home_totals": list(situation.standing.due.values()),
        "as_of": situation.as_of,
        "more_loans": more,
    }


def pay_values(situation: Situation) -> dict[str, Any]:
    """The lender's official ways to pay, as the lender's file gives them."""
    shown, more = first_loans(situation, unpaid_only=True)
    return {
        "ways": [_way(loan, standing) for loan, standing in shown],
        "as_of": situation.as_of,
        "more_loans": more,
    }


def settling_values(situation: Situation) -> dict[str, Any]:
    """Everything owed on each loan, what the lender has not listed yet included, and how to pay."""
    owing = [pair for pair in situation.loan_pairs() if pair[1].outstanding]
    standing = next((one for plan, one in situation.plans if plan == situation.active_plan), None)
    return {
        "ways": [
            {**_way(loan, one), "amount": one.outstanding} for loan, one in owing[:SHOWN_LOANS]
        ],
        "home_totals": list(situation.standing.outstanding.values()),
        "plan_left": standing.left if standing else None,
        "as_of": situation.as_of,
        "more_loans": len(owing) - SHOWN_LOANS if len(owing) > SHOWN_LOANS else None,
    }


def _account(loan: Loan, standing: LoanStanding) -> dict[str, Any]:
    upcoming = next((one for one in standing.unpaid_items if one.due_date > standing.day), None)
    return {
        "product": loan.product,
        "due": standing.due,
        "outstanding": standing.outstanding,
        "next_due_date": upcoming.due_date if upcoming else None,
        "next_amount": Money(upcoming.unpaid, loan.currency) if upcoming else None,
        "credit": standing.credit if standing.credit else None,
        **_components(standing.due_components, loan.currency),
    }


def _components(item: DueItem, currency: str) -> dict[str, Money | None]:
    """Components that are zero are left out."""
    return {
        name: Money(getattr(item, name), currency) if getattr(item, name) else None
        for name in _COMPONENTS
    }


def _way(loan: Loan, standing: LoanStanding) -> dict[str, Any]:
    upcoming = standing.next_due
    due = standing.due
    if not due and upcoming is not None:
        due = Money(upcoming.unpaid, loan.currency)
    return {
        "product": loan.product,
        "amount": due,
        "pay_to": loan.pay_to,
        "reference": loan.loan_ref,
    }
