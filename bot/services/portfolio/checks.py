"""Borrowers and loans of a file against what the database holds: new, changed, or not allowed.

Nothing is written here, so a refused file changes nothing and a dry run says the same.
"""

from dataclasses import replace

from bot.services.portfolio.plan import ImportPlan, chunks
from bot.services.portfolio.report import Parked, Refusals
from bot.services.portfolio.table import Portfolio, Told
from storage import import_lookups as lookups
from storage.engine import Transaction
from storage.portfolio import HeldLoan, LoanToApply, ToldBorrower, ToldItem, ToldLoan
from storage.records import BorrowerId

AT_A_TIME = 3_000
"""References asked for in one query; the rest of the program has its turn in between."""


async def plan_borrowers(tx: Transaction, portfolio: Portfolio[ToldBorrower]) -> ImportPlan:
    plan = ImportPlan()
    for chunk in chunks(portfolio.told.values(), AT_A_TIME):
        held = await lookups.held_borrowers(tx, [one.what.borrower_ref for one in chunk])
        for one in chunk:
            plan.unchanged += one.repeats
            known = held.get(one.what.borrower_ref)
            if known == one.what:
                plan.unchanged += 1
                continue
            plan.borrowers.append(one.what)
            if known is None:
                plan.added += 1
            else:
                plan.changed += 1
    return plan


async def plan_loans(
    tx: Transaction, portfolio: Portfolio[ToldLoan], refusals: Refusals
) -> ImportPlan:
    """A newer `as_of` replaces a loan's snapshot; an older one, or another word, is refused."""
    plan = ImportPlan()
    whole = not refusals  # without a refused row a loan would only look changed
    for chunk in chunks(portfolio.told.values(), AT_A_TIME):
        owners = await lookups.borrower_ids(tx, {one.what.borrower_ref for one in chunk})
        held = await lookups.held_loans(tx, [one.what.loan_ref for one in chunk])
        items = await lookups.held_items(tx, [known.items_of for known in held.values()])
        for one in chunk:
            owner = owners.get(one.what.borrower_ref)
            known = held.get(one.what.loan_ref)
            if owner is None:
                _refuse(
                    refusals, one, "borrower_ref", "no borrower has this reference",
                    "import the borrowers first",
                )  # fmt: skip
            elif known is None:
                plan.added += one.rows - one.repeats
                plan.loans.append(LoanToApply(owner, None, one.what))
            elif _may_follow(one, known, refusals):
                known_items = items.get(known.items_of, ())
                _plan_known_loan(plan, one, owner, known, known_items, refusals if whole else None)
            plan.unchanged += one.repeats
    await _find_parked(tx, plan)
    return plan


def _may_follow(one: Told[ToldLoan], known: HeldLoan, refusals: Refusals) -> bool:
    told, before = one.what, known.told
    if told.borrower_ref != before.borrower_ref:
        _refuse(
            refusals, one, "borrower_ref", f"the loan belongs to {before.borrower_ref}",
            "a loan stays with its borrower; a new loan has a new loan_ref",
        )  # fmt: skip
    elif told.currency != before.currency:
        _refuse(
            refusals, one, "currency", f"the loan is in {before.currency}",
            "a loan keeps its currency; a new loan has a new loan_ref",
        )  # fmt: skip
    elif told.as_of < before.as_of:
        _refuse(
            refusals, one, "as_of", f"older than what is known, of {before.as_of.isoformat()}",
            "send the newest state of the loan",
        )  # fmt: skip
    else:
        return True
    return False


def _plan_known_loan(
    plan: ImportPlan,
    one: Told[ToldLoan],
    owner: BorrowerId,
    known: HeldLoan,
    known_items: tuple[ToldItem, ...],
    refusals: Refusals | None,
) -> None:
    rows = one.rows - one.repeats
    if one.what.as_of > known.told.as_of:
        plan.changed += rows
        again = known.items_of if one.what.items == known_items else None
        repeats = again is not None and one.what.outstanding == known.told.outstanding
        plan.loans.append(LoanToApply(owner, known.loan_id, one.what, again, repeats))
    elif one.what == replace(known.told, items=known_items):
        plan.unchanged += rows
    elif refusals is not None:
        _refuse(
            refusals, one, "as_of", "the loan was told otherwise with the same as_of",
            "send a correction with a newer as_of",
        )  # fmt: skip


async def _find_parked(tx: Transaction, plan: ImportPlan) -> None:
    """Payments that wait for one of these loans; those that cannot be in its currency wait on."""
    currency = {one.told.loan_ref: one.told.currency for one in plan.loans}
    for refs in chunks(currency, AT_A_TIME):
        for payment in await lookups.parked_for_loans(tx, refs):
            of_loan = currency[payment.loan_ref]
            plan.waiting[payment.loan_ref] += 1
            if payment.minor_units(of_loan) is None:
                reason = f"its amount cannot be one in {of_loan}"
                plan.parked.append(Parked(payment.payment_ref, payment.loan_ref, reason))


def _refuse(refusals: Refusals, one: Told[ToldLoan], column: str, reason: str, mend: str) -> None:
    values = {
        "borrower_ref": one.what.borrower_ref,
        "currency": one.what.currency,
        "as_of": one.what.as_of.isoformat(),
    }
    refusals.add(one.line, column, values[column], reason, mend)
