"""The lender's core system of the demo: it knows the loans, takes payments, and delivers files.

    people = write(folder, day, seed)      borrowers.csv, loans.csv, payments.csv as of `day`
    pay(folder, "L-1001-1", "500.00", day)  somebody pays; it is in payments.csv from now on
    refresh(folder, day)                   a new loans.csv as of `day`, less what was paid so far

Everything follows from the day of the first files, the seed and the payments in `payments.csv`, so
the same calls write the same bytes.
"""

import csv
import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from random import Random

from demo.people import CAST, Debt, Person

LEAD_DAYS = 2
"""The first files are of so many days before the story opens, when most people met the bot."""

_FIRST_NUMBER = 1001
_FIRST_TELEGRAM_ID = 5001
_NOTE = "lender.json"

_BORROWERS = (
    "borrower_ref", "full_name", "language", "country", "timezone", "phone", "birth_date",
    "id_last4", "segment", "consent_at",
)  # fmt: skip
_LOANS = (
    "loan_ref", "borrower_ref", "product", "currency", "due_date", "principal_due",
    "interest_due", "penalty_due", "fees_due", "outstanding_total", "pay_to", "as_of",
)  # fmt: skip
_PAYMENTS = ("payment_ref", "loan_ref", "amount", "paid_on", "reversed_on")

_PAY_TO = {
    ("CNY", "zh-Hans"): "青禾信贷，示例银行上海分行，账号 0000 1111 2222，附言 {ref}",
    ("CNY", "en"): "Greenfield Credit, Sample Bank Shanghai, account 0000 1111 2222, ref. {ref}",
    (
        "USD",
        "en",
    ): "Greenfield Credit, Sample Bank, routing 000000000, account 00112233, ref. {ref}",
    (
        "GBP",
        "en",
    ): "Greenfield Credit, Sample Bank, sort code 00-00-00, account 00112233, ref. {ref}",
}
"""The lender writes it in the borrower's language, as it prints it on its letters."""


@dataclass(frozen=True, slots=True)
class Invented:
    """One borrower as the demo's page needs them. `linked`: has met the bot before."""

    telegram_id: int
    borrower_ref: str
    name: str
    language: str
    id_last4: str
    birth_date: date
    linked: bool
    story: dict[str, str]


@dataclass(frozen=True, slots=True)
class _Item:
    due_date: date
    principal: int
    interest: int
    fees: int

    @property
    def total(self) -> int:
        return self.principal + self.interest + self.fees


@dataclass(frozen=True, slots=True)
class _Loan:
    """`items`: what was agreed, oldest first, in minor units; two decimals in every currency."""

    loan_ref: str
    borrower_ref: str
    debt: Debt
    items: tuple[_Item, ...]
    pays: bool
    language: str


@dataclass(frozen=True, slots=True)
class _Payment:
    payment_ref: str
    loan_ref: str
    amount: int
    paid_on: date
    reversed_on: date | None = None


def write(folder: Path, day: date, seed: int) -> list[Invented]:
    """The first three files, as of `day`; the story opens LEAD_DAYS later."""
    people = _people(day, seed)
    loans = _loans(day)
    (folder / _NOTE).write_text(json.dumps({"day": day.isoformat(), "seed": seed}), "utf-8")
    pairs = zip(people, CAST, strict=True)
    _sheet(folder / "borrowers.csv", _BORROWERS, (_borrower_row(*one, day) for one in pairs))
    _write_payments(folder, [payment for loan in loans for payment in _history(loan, day)])
    refresh(folder, day)
    return people


def refresh(folder: Path, day: date) -> None:
    """Write loans.csv as of `day`; who always pays on the day has paid by then."""
    first = date.fromisoformat(json.loads((folder / _NOTE).read_text("utf-8"))["day"])
    loans = _loans(first)
    payments = _read_payments(folder)
    known = {payment.payment_ref for payment in payments}
    for loan in loans:
        if loan.pays:
            payments += [one for one in _punctual(loan, day) if one.payment_ref not in known]
    _write_payments(folder, payments)
    _sheet(
        folder / "loans.csv", _LOANS, (row for loan in loans for row in _rows(loan, payments, day))
    )


def pay(folder: Path, loan_ref: str, amount: str, day: date) -> str:
    """Take a payment (major units, such as "500.00"); returns its reference.

    Raises ValueError for a loan nobody has and for what is no amount.
    """
    first = date.fromisoformat(json.loads((folder / _NOTE).read_text("utf-8"))["day"])
    loans = sorted(loan.loan_ref for loan in _loans(first))
    if loan_ref not in loans:
        raise ValueError(f"nobody has the loan {loan_ref}; there are {', '.join(loans)}")
    if re.fullmatch(r"\d{1,9}(\.\d{1,2})?", amount) is None or not _minor(amount):
        raise ValueError(f"{amount} is no amount; give it as 500 or 500.25")
    payments = _read_payments(folder)
    number = sum(payment.loan_ref == loan_ref for payment in payments) + 1
    ref = f"P-{loan_ref}-{number}"
    payments.append(_Payment(ref, loan_ref, _minor(amount), day))
    _write_payments(folder, payments)
    return ref


def read_links(file: Path) -> dict[str, str]:
    """Borrower reference -> address, from the file that `remindful link --all` writes."""
    with file.open(encoding="utf-8", newline="") as sheet:
        return {row["borrower_ref"]: row["url"] for row in csv.DictReader(sheet)}


# --- Who they are and what they owe -----------------------------------------------------------


def _people(day: date, seed: int) -> list[Invented]:
    people = []
    for number, person in enumerate(CAST):
        ref = _ref(number)
        random = Random(f"{seed} {ref}")
        birth_date = date(day.year - random.randint(24, 61), 1, 1) + timedelta(
            days=random.randrange(365)
        )
        people.append(
            Invented(
                telegram_id=_FIRST_TELEGRAM_ID + number,
                borrower_ref=ref,
                name=person.name,
                language=person.language,
                id_last4=f"{random.randrange(10**4):04}",
                birth_date=birth_date,
                linked=person.linked,
                story=person.story,
            )
        )
    return people


def _loans(first_day: date) -> list[_Loan]:
    opens = first_day + timedelta(days=LEAD_DAYS)
    return [
        _Loan(
            f"L{_ref(number)[1:]}-{place}",
            _ref(number),
            debt,
            _items(debt, opens),
            person.pays,
            person.language,
        )
        for number, person in enumerate(CAST)
        for place, debt in enumerate(person.debts, 1)
    ]


def _items(debt: Debt, opens: date) -> tuple[_Item, ...]:
    oldest = opens + timedelta(days=debt.oldest_unpaid)
    due_dates = [
        _months_after(oldest, number) for number in range(-debt.items_before, debt.items_after + 1)
    ]
    return tuple(
        _Item(
            due_date,
            debt.principal,
            debt.interest,
            debt.late_fee if oldest <= due_date < opens else 0,
        )
        for due_date in due_dates
    )


def _history(loan: _Loan, day: date) -> Iterator[_Payment]:
    """Every item before the oldest unpaid one was paid on its day, and maybe a part of that one."""
    for number, item in enumerate(loan.items[: loan.debt.items_before], 1):
        yield _Payment(f"P-{loan.loan_ref}-{number}", loan.loan_ref, item.total, item.due_date)
    if loan.debt.paid:
        number = loan.debt.items_before + 1
        yield _Payment(f"P-{loan.loan_ref}-{number}", loan.loan_ref, loan.debt.paid, day)


def _punctual(loan: _Loan, day: date) -> Iterator[_Payment]:
    for number, item in enumerate(loan.items, 1):
        if item.due_date <= day:
            yield _Payment(f"P-{loan.loan_ref}-{number}", loan.loan_ref, item.total, item.due_date)


def _rows(loan: _Loan, payments: Iterable[_Payment], day: date) -> Iterator[tuple[object, ...]]:
    """What is unpaid at the end of `day`: the oldest item is paid first, fees before the rest."""
    money = sum(
        payment.amount
        for payment in payments
        if payment.loan_ref == loan.loan_ref
        and payment.paid_on <= day
        and not (payment.reversed_on and payment.reversed_on <= day)
    )
    outstanding = max(sum(item.total for item in loan.items) - money, 0)
    pay_to = _PAY_TO[loan.debt.currency, loan.language].format(ref=loan.loan_ref)
    for item in loan.items:
        left = []
        for part in (item.fees, item.interest, item.principal):
            paid = min(part, money)
            money -= paid
            left.append(part - paid)
        fees, interest, principal = left
        yield (
            loan.loan_ref, loan.borrower_ref, loan.debt.product, loan.debt.currency,
            item.due_date, _major(principal), _major(interest), _major(0), _major(fees),
            _major(outstanding), pay_to, day,
        )  # fmt: skip


def _borrower_row(one: Invented, person: Person, day: date) -> tuple[object, ...]:
    consent = day - timedelta(days=200) if person.consents else ""
    return (
        one.borrower_ref, one.name, one.language, person.country, person.timezone, person.phone,
        one.birth_date, one.id_last4, person.segment, consent,
    )  # fmt: skip


def _ref(number: int) -> str:
    return f"B-{_FIRST_NUMBER + number}"


def _months_after(day: date, months: int) -> date:
    """The same day of a later or earlier month, or its last day."""
    count = day.year * 12 + day.month - 1 + months
    first = date(count // 12, count % 12 + 1, 1)
    last = (first + timedelta(days=31)).replace(day=1) - timedelta(days=1)
    return first.replace(day=min(day.day, last.day))


# --- Files ------------------------------------------------------------------------------------


def _write_payments(folder: Path, payments: Iterable[_Payment]) -> None:
    rows = (
        (one.payment_ref, one.loan_ref, _major(one.amount), one.paid_on, one.reversed_on or "")
        for one in payments
    )
    _sheet(folder / "payments.csv", _PAYMENTS, rows)


def _read_payments(folder: Path) -> list[_Payment]:
    with (folder / "payments.csv").open(encoding="utf-8", newline="") as sheet:
        return [
            _Payment(
                row["payment_ref"],
                row["loan_ref"],
                _minor(row["amount"]),
                date.fromisoformat(row["paid_on"]),
                date.fromisoformat(row["reversed_on"]) if row["reversed_on"] else None,
            )
            for row in csv.DictReader(sheet)
        ]


def _sheet(file: Path, head: tuple[str, ...], rows: Iterable[tuple[object, ...]]) -> None:
    """Written beside and moved into place: nobody ever reads half of it."""
    beside = file.with_suffix(".part")
    with beside.open("w", encoding="utf-8", newline="") as sheet:
        writer = csv.writer(sheet, lineterminator="\n")
        writer.writerow(head)
        writer.writerows(rows)
    beside.replace(file)


def _major(minor: int) -> str:
    return f"{minor // 100}.{minor % 100:02}"


def _minor(major: str) -> int:
    return int(Decimal(major) * 100)
