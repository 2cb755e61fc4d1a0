"""How a batch of an import is written down while it is staged: plain JSON lists.

A portfolio has hundreds of thousands of rows and each is written once and read once, so a row is a
list of values by place. `import_batches` reads them back, inside the database.
"""

import json
from collections.abc import Iterable
from datetime import date
from functools import lru_cache
from typing import Any

from storage.portfolio import LoanToApply, NewPayment, Reversal, ToldBorrower, ToldPayment


def of_borrowers(told: Iterable[ToldBorrower]) -> str:
    """Each: the columns of a borrower in the order of `ToldBorrower`, digests in hex."""
    rows = [
        (
            one.borrower_ref, one.full_name, one.language, one.country, one.timezone, one.phone,
            one.birth_date_hmac.hex(), one.id_last4_hmac.hex(), one.segment,
            one.consent_at and one.consent_at.isoformat(),
        )
        for one in told
    ]  # fmt: skip
    return _written(rows)


def of_loans(some: Iterable[LoanToApply]) -> str:
    """Each: 0 borrower, 1 loan or null, 2 reference, 3 product, 4 currency, 5 outstanding,
    6 pay to, 7 as of, 8 new items (0 due date, 1 principal, 2 interest, 3 penalty, 4 fees), 9 or
    the number under which the same ones are kept, 10 whether all of it was said before."""
    rows = [
        (
            one.borrower_id, one.loan_id, told.loan_ref, told.product, told.currency,
            told.outstanding, told.pay_to, _iso(told.as_of),
            [(_iso(due_date), *amounts) for due_date, *amounts in one.new_items],
            one.items_of, one.repeats,
        )
        for one in some
        for told in (one.told,)
    ]  # fmt: skip
    return _written(rows)


def of_payments(
    new: Iterable[NewPayment] = (),
    reversals: Iterable[Reversal] = (),
    parked: Iterable[ToldPayment] = (),
) -> str:
    """`new`: 0 borrower, 1 reference, 2 loan, 3 amount, 4 currency, 5 paid on, 6 reversed on.

    `reversed`: 0 borrower, 1 reference, 2 reversed on. `parked`: as in `ToldPayment`.
    """
    rows = {
        "new": [
            (borrower_id, ref, loan_id, amount, currency, _iso(paid), back and _iso(back))
            for borrower_id, ref, loan_id, amount, currency, paid, back in new
        ],
        "reversed": [
            (one.borrower_id, one.payment_ref, _iso(one.reversed_on)) for one in reversals
        ],
        "parked": [
            (ref, loan_ref, amount, _iso(paid), back and _iso(back))
            for ref, loan_ref, amount, paid, back in parked
        ],
    }
    return _written(rows)


def _written(rows: Any) -> str:
    return json.dumps(rows, ensure_ascii=False, separators=(",", ":"))


@lru_cache(4096)
def _iso(day: date) -> str:
    return day.isoformat()
