"""The payments' file. A reference that comes again with only `reversed_on` added is a reversal."""

from datetime import datetime
from pathlib import Path

from bot.services.portfolio import cells as cells
from bot.services.portfolio.files import Columns, Progress, read_rows
from bot.services.portfolio.report import Refusals, Unreadable
from bot.services.portfolio.table import Portfolio, Table, Told
from storage.portfolio import ToldPayment

COLUMNS = Columns(
    ("payment_ref", "loan_ref", "amount", "paid_on", "reversed_on"), frozenset({"reversed_on"})
)


def read_payments(
    file: Path, refusals: Refusals, progress: Progress, *, now: datetime
) -> Portfolio[ToldPayment]:
    past = cells.past_day(now)
    readers = {
        "payment_ref": cells.reference,
        "loan_ref": cells.reference,
        "amount": cells.amount_paid,
        "paid_on": past,
        "reversed_on": cells.or_none(past),
    }
    table = Table(COLUMNS, readers, refusals)
    portfolio = Portfolio[ToldPayment]()
    for line, row in read_rows(file, COLUMNS, refusals, progress):
        portfolio.rows += 1
        values = table.read(line, row)
        if values is None:
            continue
        ref, loan_ref, amount, paid_on, reversed_on = values
        if reversed_on is not None and reversed_on < paid_on:
            fault = Unreadable("before paid_on", "a payment is reversed after it was made")
            table.refuse(line, "reversed_on", row[-1], fault)
            continue
        payment = ToldPayment(ref, loan_ref, amount, paid_on, reversed_on)
        first = portfolio.told.get(ref)
        if first is None:
            portfolio.told[ref] = Told(line, payment)
        elif is_reversal(payment, first.what):
            first.what = payment
            first.rows += 1
            first.repeats += 1
        else:
            portfolio.add(ref, Told(line, payment), "payment_ref", refusals)
    return portfolio


def is_reversal(payment: ToldPayment, of: ToldPayment) -> bool:
    """Whether it is the same payment with only `reversed_on` added."""
    return (
        payment.reversed_on is not None
        and of.reversed_on is None
        and (payment.loan_ref, payment.thousandths, payment.paid_on)
        == (of.loan_ref, of.thousandths, of.paid_on)
    )
