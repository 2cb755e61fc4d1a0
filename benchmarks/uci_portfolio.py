"""A portfolio of real payment behaviour, with invented people, for imports, replays and benchmarks.

    python -m benchmarks.uci_portfolio CSV_PATH OUT_DIR [--as-of DATE] [--seed N] [--multiply K]

CSV_PATH is a file in the form of "Default of Credit Card Clients" (I-Cheng Yeh, UCI Machine
Learning Repository, CC BY 4.0): a row per card holder with six months of repayment status,
statement and payment. Nothing of it is kept here. Each row becomes a borrower with one loan:

- The months are shifted by whole months: statements are cut on the 20th, the last one on the last
  20th before the as-of date. What a statement asks for is due on the 15th of the month after.
- A statement is a running balance and no due item. What it asks for follows from it and from the
  status that the bank gave a month later; "arrears" is what earlier months left unpaid:
    nothing owed on the statement      no due item
    status 0, -1 or -2, duly paid      what was paid less the arrears, as the bank was content
    status 1 or more, late             the minimum: 5 % of the statement, 1,000 or more, at most all
    the last statement, not judged     the minimum
  A card without any due item gets one of nothing on the last date, so that its loan exists.
- What was paid in a month is one payment: from the 10th to the 15th where the bank called the
  month duly paid, from the 17th to the 19th where late. The first month's lies before the opening.
- `loans.csv` is the opening: as of the first cut, before every due date, all items unpaid. With
  `payments.csv` the ledger has to work out everything since. `loans_now.csv` says what is unpaid
  as of the as-of date, worked out here, oldest item first: the lender's next word, and a check.
- Names, phones (no real numbers), birth dates and ID digits come from the seed, in Chinese and
  English. Sex, education and marital status are not used.
"""

import argparse
import csv
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from decimal import ROUND_CEILING, Decimal
from pathlib import Path
from random import Random
from typing import Any

_MONTHS = 6
_CUT_DAY, _DUE_DAY = 20, 15
_IN_TIME, _LATE = (10, 15), (17, 19)
_MINIMUM, _MINIMUM_SHARE = 1000, Decimal("0.05")

_FAMILY = "陳林黃張李王吳劉蔡楊許鄭謝郭洪邱曾廖賴徐"
_GIVEN = "安柏晨丹恩飛光禾嘉可嵐明寧平晴如思天文希曉雅一雨月雲哲真知竹"
_FIRST = (
    "Alba",
    "Bram",
    "Cleo",
    "Dorian",
    "Edda",
    "Finn",
    "Greta",
    "Hugo",
    "Ines",
    "Joris",
    "Mira",
)
_LAST = ("Ashgrove", "Birchwell", "Coldbrook", "Dunmere", "Elmstead", "Farrowby", "Greenholt")


@dataclass(frozen=True, slots=True)
class Months:
    """The shifted calendar: `cuts` are the six statement days, oldest first."""

    as_of: date
    cuts: tuple[date, ...]

    @classmethod
    def before(cls, as_of: date) -> "Months":
        last = as_of.replace(day=_CUT_DAY) if as_of.day > _CUT_DAY else _month(as_of, -1)
        return cls(as_of, tuple(_month(last, -back) for back in reversed(range(_MONTHS))))

    @property
    def opening(self) -> date:
        return self.cuts[0]

    def due(self, month: int) -> date:
        return _month(self.cuts[month], 1).replace(day=_DUE_DAY)


@dataclass(frozen=True, slots=True)
class Holder:
    """One row: amounts in whole dollars, months oldest first."""

    number: int
    age: int
    status: tuple[int, ...]
    statement: tuple[int, ...]
    paid: tuple[int, ...]


@dataclass(slots=True)
class Card:
    """What a holder owes: due items (date, amount) and payments (date, amount), oldest first."""

    items: list[tuple[date, int]] = field(default_factory=list)
    payments: list[tuple[date, int]] = field(default_factory=list)
    outstanding: int = 0


def convert(
    source: Path, folder: Path, as_of: date, *, seed: int = 1, multiply: int = 1
) -> dict[str, int]:
    """Write the four files; the same input and seed give the same bytes. Returns rows by file."""
    months = Months.before(as_of)
    with ExitStack() as stack:
        sheets = {name: _Sheet(stack, folder / name, head) for name, head in _HEADS.items()}
        for holder in read(source):
            for copy in range(1, multiply + 1):
                ref = f"UCI-{holder.number:05}" + (f"-{copy}" if copy > 1 else "")
                random = Random(f"{seed} {ref}")
                card = card_of(holder, months, random)
                sheets["borrowers.csv"].add(_borrower(ref, holder, months, random))
                sheets["payments.csv"].add(*_payments(ref, card))
                opening = months.opening
                sheets["loans.csv"].add(*_loans(ref, card.items, card.outstanding, opening))
                left, outstanding = unpaid(card, opening, as_of)
                sheets["loans_now.csv"].add(*_loans(ref, left, outstanding, as_of))
    return {name: sheet.rows for name, sheet in sheets.items()}


def read(source: Path) -> Iterator[Holder]:
    """The rows of the data set; amounts may be written like 1.00E+05."""
    with source.open(encoding="utf-8-sig", newline="") as file:
        for row in csv.DictReader(file):
            yield Holder(
                number=_whole(row["ID"]),
                age=_whole(row["X5"]),
                status=_six(row, 6),
                statement=_six(row, 12),
                paid=_six(row, 18),
            )


def card_of(holder: Holder, months: Months, random: Random) -> Card:
    """Due items and payments by the rule above, as the bank saw them at the opening."""
    card = Card()
    arrears = 0
    if holder.paid[0]:
        card.payments.append((_paid_on(months, 0, holder.status[0] <= 0, random), holder.paid[0]))
    for month in range(_MONTHS):
        statement = max(holder.statement[month], 0)
        judged = month + 1 < _MONTHS
        paid = holder.paid[month + 1] if judged else 0
        in_time = judged and holder.status[month + 1] <= 0
        asked = max(paid - arrears, 0) if in_time else minimum(statement)
        if statement and asked:
            card.items.append((months.due(month), asked))
            arrears += asked
        if paid:
            card.payments.append((_paid_on(months, month + 1, in_time, random), paid))
        arrears = max(arrears - paid, 0)
    if not card.items:
        card.items.append((months.due(_MONTHS - 1), 0))
    paid_later = sum(amount for day, amount in card.payments if day > months.opening)
    asked_for = sum(amount for _, amount in card.items)
    card.outstanding = max(max(holder.statement[-1], 0) + paid_later, asked_for)
    return card


def minimum(statement: int) -> int:
    """What a statement asks for at least, in whole dollars."""
    share = int((statement * _MINIMUM_SHARE).to_integral_value(ROUND_CEILING))
    return min(statement, max(_MINIMUM, share))


def unpaid(card: Card, opening: date, as_of: date) -> tuple[list[tuple[date, int]], int]:
    """The items with what is left of each at the end of `as_of`, and what is outstanding in all."""
    money = paid = sum(amount for day, amount in card.payments if opening < day <= as_of)
    left = []
    for due_date, amount in card.items:
        part = min(money, amount)
        money -= part
        left.append((due_date, amount - part))
    return left, max(card.outstanding - paid, 0)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n", maxsplit=1)[0])
    parser.add_argument("source", type=Path, metavar="CSV_PATH")
    parser.add_argument("folder", type=Path, metavar="OUT_DIR")
    parser.add_argument("--as-of", type=date.fromisoformat, default=datetime.now(UTC).date())
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--multiply", type=int, default=1)
    given = parser.parse_args()
    given.folder.mkdir(parents=True, exist_ok=True)
    rows = convert(
        given.source, given.folder, given.as_of, seed=given.seed, multiply=given.multiply
    )
    for name, count in rows.items():
        print(f"{given.folder / name}: {count} rows")


# --- Rows -----------------------------------------------------------------------------------

_LOAN_HEAD = (
    "loan_ref,borrower_ref,product,currency,due_date,principal_due,interest_due,penalty_due,"
    "fees_due,outstanding_total,pay_to,as_of"
)
_HEADS = {
    "borrowers.csv": "borrower_ref,full_name,language,country,timezone,phone,birth_date,id_last4,"
    "segment,consent_at",
    "loans.csv": _LOAN_HEAD,
    "payments.csv": "payment_ref,loan_ref,amount,paid_on",
    "loans_now.csv": _LOAN_HEAD,
}


class _Sheet:
    def __init__(self, stack: ExitStack, file: Path, head: str) -> None:
        opened = stack.enter_context(file.open("w", encoding="utf-8", newline=""))
        self._writer = csv.writer(opened, lineterminator="\n")
        self._writer.writerow(head.split(","))
        self.rows = 0

    def add(self, *rows: tuple[Any, ...]) -> None:
        self._writer.writerows(rows)
        self.rows += len(rows)


def _borrower(ref: str, holder: Holder, months: Months, random: Random) -> tuple[Any, ...]:
    chinese = random.random() < 0.7
    if chinese:
        name = random.choice(_FAMILY) + "".join(random.choices(_GIVEN, k=random.choice((1, 2))))
    else:
        name = f"{random.choice(_FIRST)} {random.choice(_LAST)}"
    birthday = date(months.as_of.year - holder.age, months.as_of.month, 1)
    born = birthday - timedelta(days=random.randrange(1, 360))
    phone = f"+886 0000 {random.randrange(10**6):06}"
    digits = f"{random.randrange(10**4):04}"
    language = "zh-Hant" if chinese else "en"
    return (
        ref, name, language, "TW", "Asia/Taipei", phone, born, digits, "card", months.opening
    )  # fmt: skip


def _loans(
    ref: str, items: list[tuple[date, int]], outstanding: int, as_of: date
) -> Iterator[tuple[Any, ...]]:
    pay_to = f"Sample Bank 000, account 0000 {ref}"
    for due_date, amount in items:
        yield (
            f"{ref}-C", ref, "credit card", "TWD", due_date, amount, 0, 0, 0, outstanding, pay_to,
            as_of,
        )  # fmt: skip


def _payments(ref: str, card: Card) -> Iterator[tuple[Any, ...]]:
    for day, amount in card.payments:
        yield f"{ref}-P{day:%y%m}", f"{ref}-C", amount, day


def _paid_on(months: Months, month: int, in_time: bool, random: Random) -> date:
    return months.cuts[month].replace(day=random.randint(*(_IN_TIME if in_time else _LATE)))


def _month(day: date, by: int) -> date:
    """The cut day of the month `by` months after that of `day`."""
    months = day.year * 12 + day.month - 1 + by
    return date(months // 12, months % 12 + 1, _CUT_DAY)


def _six(row: dict[str, str], first: int) -> tuple[int, ...]:
    """Six columns, of which the data set has the newest month first."""
    return tuple(_whole(row[f"X{first + back}"]) for back in reversed(range(_MONTHS)))


def _whole(text: str) -> int:
    return int(Decimal(text))


if __name__ == "__main__":
    main()
