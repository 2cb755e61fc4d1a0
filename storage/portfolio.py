"""The portfolio as the lender's files tell it: values on their way in, and what is held already.

Nothing here is a fact yet. `Told…` is one borrower, loan or payment of a file; `Held…` is what the
database says of the same reference, which is what a new word is judged against.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import NamedTuple

from storage.currencies import MINOR_DIGITS
from storage.records import LARGEST_AMOUNT, BorrowerId, LoanId

FINEST = max(MINOR_DIGITS.values())
"""Decimal places of the currency that has most."""

ToldItem = tuple[date, int, int, int, int]
"""Due date, principal, interest, penalty, fees. There are hundreds of thousands: plain tuples."""


@dataclass(frozen=True, slots=True)
class ToldBorrower:
    """Identity answers come as keyed digests; nobody needs the digits themselves."""

    borrower_ref: str
    full_name: str
    language: str
    country: str
    timezone: str | None
    phone: str
    birth_date_hmac: bytes
    id_last4_hmac: bytes
    segment: str
    consent_at: datetime | None


@dataclass(frozen=True, slots=True)
class ToldLoan:
    """One snapshot. Amounts are minor units of `currency`; items are ordered by due date."""

    loan_ref: str
    borrower_ref: str
    product: str
    currency: str
    outstanding: int
    pay_to: str
    as_of: date
    items: tuple[ToldItem, ...]


class ToldPayment(NamedTuple):
    """`thousandths` of a major unit, the finest there is: only the loan knows the currency."""

    payment_ref: str
    loan_ref: str
    thousandths: int
    paid_on: date
    reversed_on: date | None

    def minor_units(self, currency: str) -> int | None:
        """The amount in a currency, None when it has no such small part or it is too much."""
        minor, rest = divmod(self.thousandths, 10 ** (FINEST - MINOR_DIGITS[currency]))
        return None if rest or minor > LARGEST_AMOUNT else minor


@dataclass(frozen=True, slots=True)
class HeldLoan:
    """A loan known already. `told`: its newest snapshot in the words of a file, without items,
    which are kept under the number `items_of`."""

    loan_id: LoanId
    borrower_id: BorrowerId
    items_of: int
    told: ToldLoan


@dataclass(frozen=True, slots=True)
class LoanKey:
    """What a payment has to know of its loan."""

    loan_id: LoanId
    borrower_id: BorrowerId
    currency: str


@dataclass(frozen=True, slots=True)
class HeldPayment:
    """A payment applied before. `amount` is minor units of `currency`."""

    borrower_id: BorrowerId
    loan_ref: str
    amount: int
    currency: str
    paid_on: date
    reversed_on: date | None


@dataclass(frozen=True, slots=True)
class LoanToApply:
    """`loan_id` None: a loan not known yet. `items_of`: its due items are kept under that number
    already, and are the same again. `repeats`: all of it was said before, of an earlier day."""

    borrower_id: BorrowerId
    loan_id: LoanId | None
    told: ToldLoan
    items_of: int | None = None
    repeats: bool = False

    @property
    def new_items(self) -> tuple[ToldItem, ...]:
        return self.told.items if self.items_of is None else ()


class NewPayment(NamedTuple):
    """A payment of a known loan. `amount` is minor units of `currency`."""

    borrower_id: BorrowerId
    payment_ref: str
    loan_id: LoanId
    amount: int
    currency: str
    paid_on: date
    reversed_on: date | None


@dataclass(frozen=True, slots=True)
class Reversal:
    """A payment known before that was taken back."""

    borrower_id: BorrowerId
    payment_ref: str
    reversed_on: date


@dataclass(frozen=True, slots=True)
class Applied:
    """One batch as it was applied. `payments`: what verified borrowers paid."""

    payments: Sequence[NewPayment] = ()


@dataclass(frozen=True, slots=True)
class Accepted:
    """An import that is decided and not yet wholly applied.

    `over_days`: the planner first looks at its borrowers spread over so many days.
    """

    import_id: int
    kind: str
    actor: str
    accepted_at: datetime
    over_days: int = 1
