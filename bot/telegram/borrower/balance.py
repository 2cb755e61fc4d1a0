"""What is owed, item by item and component by component, and where to pay it."""

from typing import Any

from bot.rules.ledger import LoanStanding
from bot.services.situation import first_loans
from bot.telegram.talk import BorrowerTalk, Handler
from storage.records import DueItem, Loan, Money

_COMPONENTS = ("principal", "interest", "penalty", "fees")


async def balance(talk: BorrowerTalk, _args: str) -> None:
    situation = await talk.situation()
    shown, more = first_loans(situation)
    values = {
        "accounts": [_account(loan, standing) for loan, standing in shown],
        "home_totals": list(situation.standing.due.values()),
        "as_of": situation.as_of,
        "more_loans": more,
    }
    rows = [
        [talk.choice("pay"), talk.choice("promise")],
        [talk.choice("statement"), talk.choice("menu")],
    ]
    await talk.show("balance.now", values, rows if situation.owes else rows[1:])


async def pay(talk: BorrowerTalk, _args: str) -> None:
    """The lender's official ways to pay, as the lender's file gives them."""
    situation = await talk.situation()
    shown, more = first_loans(situation, unpaid_only=True)
    values = {
        "ways": [_way(loan, standing) for loan, standing in shown],
        "as_of": situation.as_of,
        "more_loans": more,
    }
    rows = [[talk.choice("paid"), talk.choice("promise")], [talk.choice("menu")]]
    await talk.show("pay.how", values, rows if situation.owes else rows[1:])


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


COMMANDS: dict[str, Handler] = {"balance": balance, "pay": pay}
PRESSES: dict[str, Handler] = {"balance": balance, "pay": pay}
