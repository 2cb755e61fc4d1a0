"""Payments of a file against what the database holds: new, reversed, parked, or not allowed."""

from decimal import Decimal

from bot.services.portfolio.cells import too_fine, too_much
from bot.services.portfolio.checks import AT_A_TIME
from bot.services.portfolio.payments import is_reversal
from bot.services.portfolio.plan import ImportPlan, chunks
from bot.services.portfolio.report import Parked, Refusals
from bot.services.portfolio.table import Portfolio, Told
from storage import import_lookups as lookups
from storage.currencies import MINOR_DIGITS
from storage.engine import Transaction
from storage.portfolio import FINEST, HeldPayment, LoanKey, NewPayment, Reversal, ToldPayment
from storage.records import BorrowerId

_COLUMNS = ("payment_ref", "loan_ref", "amount", "paid_on", "reversed_on")
"""The fields of a `ToldPayment`, as a file names them."""


async def plan_payments(
    tx: Transaction, portfolio: Portfolio[ToldPayment], refusals: Refusals
) -> ImportPlan:
    """A payment is never changed, only reversed; for a loan not known yet it is parked."""
    planning = _Planning(refusals)
    for chunk in chunks(portfolio.told.values(), AT_A_TIME):
        refs = [one.what.payment_ref for one in chunk]
        held = await lookups.held_payments(tx, refs)
        waiting = await lookups.parked_payments_of(tx, refs)
        loans = await lookups.loan_keys(tx, {one.what.loan_ref for one in chunk})
        for one, ref in zip(chunk, refs, strict=True):
            loan = loans.get(one.what.loan_ref)
            planning.plan.unchanged += one.repeats
            if loan is None or ref in held or ref in waiting:
                planning.judge(one, held.get(ref), waiting.get(ref), loan)
            else:
                planning.add(one, loan)
    return planning.plan


class _Planning:
    def __init__(self, refusals: Refusals) -> None:
        self.plan = ImportPlan()
        self._refusals = refusals

    def judge(
        self,
        one: Told[ToldPayment],
        held: HeldPayment | None,
        waiting: ToldPayment | None,
        loan: LoanKey | None,
    ) -> None:
        """Decide about one that is known (`held` or `waiting` says how) or whose loan is not."""
        told = one.what
        before = waiting if held is None else _told_before(told.payment_ref, held)
        if before is not None and told != before and not is_reversal(told, before):
            self._refuse_difference(one, before)
        elif held is not None:
            self._take_again(told, before, held.borrower_id)
        else:
            self._park(one, waiting, loan)

    def _take_again(
        self, told: ToldPayment, before: ToldPayment | None, borrower_id: BorrowerId
    ) -> None:
        if told == before or told.reversed_on is None:
            self.plan.unchanged += 1
        else:
            self.plan.changed += 1
            self.plan.reversals.append(Reversal(borrower_id, told.payment_ref, told.reversed_on))

    def _park(
        self, one: Told[ToldPayment], waiting: ToldPayment | None, loan: LoanKey | None
    ) -> None:
        told = one.what
        if told != waiting:
            self.plan.to_park.append(told)
        reason = (
            "no loan has this reference yet"
            if loan is None
            else f"its amount cannot be one in {loan.currency}"
        )
        self.plan.parked.append(Parked(told.payment_ref, told.loan_ref, reason, one.line))

    def add(self, one: Told[ToldPayment], loan: LoanKey) -> None:
        """Take a new payment of a known loan."""
        told = one.what
        amount = told.minor_units(loan.currency)
        if amount is None:
            rest = told.thousandths % 10 ** (FINEST - MINOR_DIGITS[loan.currency])
            fault = too_fine(loan.currency) if rest else too_much()
            self._refuse(one, "amount", fault.reason, fault.mend)
            return
        self.plan.added += 1
        self.plan.payments.append(
            NewPayment(
                loan.borrower_id, told.payment_ref, loan.loan_id, amount, loan.currency,
                told.paid_on, told.reversed_on,
            )
        )  # fmt: skip

    def _refuse_difference(self, one: Told[ToldPayment], before: ToldPayment) -> None:
        for column, here, there in zip(_COLUMNS, one.what, before, strict=True):
            if here != there:
                self._refuse(
                    one, column, f"known with {_shown(column, there)}",
                    "only reversed_on may be added to a payment; another payment has another "
                    "payment_ref",
                )  # fmt: skip

    def _refuse(self, one: Told[ToldPayment], column: str, reason: str, mend: str) -> None:
        value = _shown(column, one.what[_COLUMNS.index(column)])
        self._refusals.add(one.line, column, value, reason, mend)


def _shown(column: str, value: object) -> str:
    if column == "amount":
        return f"{Decimal(str(value)).scaleb(-FINEST).normalize():f}"
    return "none" if value is None else str(value)


def _told_before(payment_ref: str, held: HeldPayment) -> ToldPayment:
    thousandths = held.amount * 10 ** (FINEST - MINOR_DIGITS[held.currency])
    return ToldPayment(payment_ref, held.loan_ref, thousandths, held.paid_on, held.reversed_on)
