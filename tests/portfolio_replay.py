"""A portfolio of real payment histories, lived through month by month and judged a second time.

    python -m tests.portfolio_replay CSV_PATH [--first N] [--as-of DATE] [--seed N]

CSV_PATH is what `benchmarks.uci_portfolio` reads, and its rules make due items and payments of it.
Each month the lender's word of that month and the payments since are imported as `remindful import`
does it; a loan appears with its first statement, so payments before that wait parked. Then days
past due, stage, class and amount due are asked for on chosen days of the month and compared with
`tests.plain_ledger`, which lives through every day from the same facts. At the end all days are
asked for once more, in hindsight. Ends with 1 when a single answer differs.

The data's own months-late column is no judge: the due items were derived with its help, and what a
card owed before the first statement is not known. How far it agrees is printed by level.
"""

import argparse
import asyncio
import csv
import tempfile
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from random import Random
from time import monotonic
from typing import Any
from zoneinfo import ZoneInfo

from benchmarks.uci_portfolio import Card, Holder, Months, card_of, convert, read, unpaid
from bot.rules.ageing import payment_class, stage_of
from bot.rules.strategy import default_strategy
from bot.services.portfolio.importing import ImportKind, PortfolioFile, import_file
from bot.services.situation import Situation, situations_of
from scripts_library.library import Library, default_library
from storage import borrowers, migrating
from storage.engine import Storage, Transaction
from storage.records import Actor, BorrowerId, Money
from tests.plain_ledger import Answer, Asked, Came, live_through

_TOGETHER = 500
_ZONE = ZoneInfo("Asia/Taipei")
_MINOR = 100
_STRATEGY = default_strategy()
_DAYS_OF_A_MONTH = (1, 14, 15, 16, 17, 18, 19, 20)
_LISTED = 10


@dataclass(frozen=True)
class Life:
    """One card: what the data says of it, and the due items and payments derived from that."""

    holder: Holder
    card: Card


@dataclass
class Outcome:
    """`months_late`: for each level of the data's own column how often the ledger said which."""

    borrowers: int = 0
    compared: int = 0
    differing: list[str] = field(default_factory=list)
    stages: Counter[str] = field(default_factory=Counter)
    classes: Counter[str] = field(default_factory=Counter)
    months_late: Counter[tuple[int, int]] = field(default_factory=Counter)
    parked: int = 0


async def replay(source: Path, folder: Path, as_of: date, *, seed: int = 1) -> Outcome:
    """Live through the portfolio of `source` in a new database under `folder`."""
    world = _World(source, folder, as_of, seed)
    storage = Storage.open(f"sqlite:///{folder / 'replay.sqlite3'}")
    try:
        await migrating.upgrade(storage)
        return await world.run(storage)
    finally:
        await storage.close()


class _World:
    def __init__(self, source: Path, folder: Path, as_of: date, seed: int) -> None:
        convert(source, folder, as_of, seed=seed)
        self.folder = folder
        self.months = Months.before(as_of)
        self.lives = {
            ref: Life(holder, card_of(holder, self.months, Random(f"{seed} {ref}")))
            for holder in read(source)
            for ref in [f"UCI-{holder.number:05}"]
        }
        self.outcome = Outcome(borrowers=len(self.lives))
        self.ids: dict[BorrowerId, str] = {}
        self.library: Library = default_library()

    async def run(self, storage: Storage) -> Outcome:
        cuts = self.months.cuts
        await self._import(storage, ImportKind.BORROWERS, self.folder / "borrowers.csv", cuts[0])
        async with storage.reading() as tx:
            known = [await borrowers.by_ref(tx, ref) for ref in self.lives]
        self.ids = {one.borrower_id: one.borrower_ref for one in known if one is not None}
        everything: list[date] = []
        for month, cut in enumerate(cuts):
            until = cuts[month + 1] if month + 1 < len(cuts) else self.months.as_of
            loans = self._write("loans", self._word(month))
            await self._import(storage, ImportKind.LOANS, loans, cut)
            payments = self._write("payments", self._payments(cut, until))
            await self._import(storage, ImportKind.PAYMENTS, payments, until)
            days = [day for day in _days(cut, until) if day == cut or day.day in _DAYS_OF_A_MONTH]
            everything += days
            await self._compare(storage, f"month {month + 1}", days, month)
        await self._compare(storage, "in hindsight", everything, None)
        return self.outcome

    async def _import(self, storage: Storage, kind: ImportKind, file: Path, day: date) -> None:
        now = datetime.combine(day, time(23), _ZONE).astimezone(UTC)
        report = await import_file(
            storage,
            Actor.system(),
            PortfolioFile(kind, file),
            secret=b"replay",
            library=self.library,
            now=now,
            on_payment=_nobody_is_linked,
        )
        assert not report.refused, report.refused[0]
        self.outcome.parked += len(report.parked)

    def _word(self, month: int) -> Iterator[dict[str, Any]]:
        """What the lender says on the day of a statement: what is left of the items until then."""
        cut = self.months.cuts[month]
        for ref, life in self.lives.items():
            left, outstanding = unpaid(life.card, self.months.opening, cut)
            known = [item for item in left if item[0] <= self.months.due(month)]
            for due_date, amount in known:
                yield {
                    "loan_ref": f"{ref}-C",
                    "borrower_ref": ref,
                    "product": "credit card",
                    "currency": "TWD",
                    "due_date": due_date,
                    "principal_due": amount,
                    "interest_due": 0,
                    "penalty_due": 0,
                    "fees_due": 0,
                    "outstanding_total": max(outstanding, sum(part for _, part in known)),
                    "pay_to": "Sample Bank 000",
                    "as_of": cut,
                }

    def _payments(self, after: date, until: date) -> Iterator[dict[str, Any]]:
        for ref, life in self.lives.items():
            for number, (day, amount) in enumerate(life.card.payments):
                if after < day <= until:
                    yield {
                        "payment_ref": f"{ref}-{number}",
                        "loan_ref": f"{ref}-C",
                        "amount": amount,
                        "paid_on": day,
                    }

    def _write(self, name: str, rows: Iterator[dict[str, Any]]) -> Path:
        file = self.folder / f"{name}-of-the-month.csv"
        first = next(rows, None)
        with file.open("w", encoding="utf-8", newline="") as sheet:
            columns = list(first) if first else ["payment_ref", "loan_ref", "amount", "paid_on"]
            writer = csv.DictWriter(sheet, columns)
            writer.writeheader()
            if first:
                writer.writerow(first)
            writer.writerows(rows)
        return file

    async def _compare(
        self, storage: Storage, name: str, days: Sequence[date], month: int | None
    ) -> None:
        began, before = monotonic(), self.outcome.compared
        ids = list(self.ids)
        for start in range(0, len(ids), _TOGETHER):
            async with storage.reading() as tx:
                found = await situations_of(tx, ids[start : start + _TOGETHER], _in(days[-1]))
            for borrower_id, situation in found.items():
                self._judge(self.ids[borrower_id], situation, days, month)
        print(
            f"{name}: {self.outcome.compared - before} answers, "
            f"{len(self.outcome.differing)} differ so far, {monotonic() - began:.0f} s",
            flush=True,
        )

    def _judge(
        self, ref: str, situation: Situation, days: Sequence[date], month: int | None
    ) -> None:
        life, months = self.lives[ref], self.months
        expected = live_through(
            [
                Asked(_known_on(months, due_date), due_date, amount * _MINOR)
                for due_date, amount in life.card.items
            ],
            [Came(day, amount * _MINOR) for day, amount in life.card.payments],
            months.opening,
            days,
        )
        first = min(_known_on(months, due_date) for due_date, _ in life.card.items)
        for day in days:
            if month is None and day < first:
                continue  # the lender had not told of this loan yet
            told = _answer(Situation(situation.facts, _in(day)))
            self.outcome.compared += 1
            if told != expected[day]:
                self.outcome.differing.append(f"{ref} on {day}: {told}, but {expected[day]}")
            if month is None:
                self.outcome.stages[told.stage or "nothing unpaid"] += 1
                self.outcome.classes[told.payment_class] += 1
        if month:
            told = _answer(Situation(situation.facts, _in(months.cuts[month])))
            late = _months_late(months.cuts[month], told.days_past_due)
            self.outcome.months_late[life.holder.status[month], late] += 1


def _answer(situation: Situation) -> Answer:
    late = situation.days_past_due
    due = situation.standing.due.get("TWD", Money.zero("TWD"))
    return Answer(
        days_past_due=late,
        stage=None if late is None else stage_of(_STRATEGY.ranges, late).name,
        payment_class=payment_class(situation.standing, _STRATEGY.class_rule).value,
        due=due.minor,
    )


def _known_on(months: Months, due_date: date) -> date:
    return next(cut for number, cut in enumerate(months.cuts) if months.due(number) == due_date)


def _months_late(day: date, days_past_due: int | None) -> int:
    """As the bank counts: 1 from the first missed due date to the next one."""
    if days_past_due is None or days_past_due <= 0:
        return 0
    oldest = day - timedelta(days=days_past_due)
    return (day.year - oldest.year) * 12 + day.month - oldest.month + 1


def _days(first: date, until: date) -> Iterator[date]:
    """From `first` to the day before `until`."""
    yield from (first + timedelta(days=ahead) for ahead in range((until - first).days))


def _in(day: date) -> datetime:
    """A moment at which it is `day` in Taipei and the latest day anywhere."""
    return datetime.combine(day, time(9), _ZONE).astimezone(UTC)


async def _nobody_is_linked(
    _tx: Transaction, _borrower: BorrowerId, _ref: str, _paid: Money, _now: datetime
) -> None:
    raise AssertionError("nobody of this portfolio has a Telegram account")


def head(source: Path, folder: Path, count: int) -> Path:
    """A file with the first `count` rows of `source`."""
    file = folder / "head.csv"
    with source.open(encoding="utf-8-sig") as lines:
        file.write_text("".join(line for _, line in zip(range(count + 1), lines, strict=False)))
    return file


def _agreement(outcome: Outcome) -> Iterator[str]:
    levels: dict[int, Counter[int]] = {}
    for (level, late), count in outcome.months_late.items():
        levels.setdefault(level, Counter())[late] += count
    yield "months late in the data | answers | ledger the same | within one | ledger on average"
    for level in sorted(levels):
        found, expected = levels[level], max(level, 0)
        total = found.total()
        close = sum(count for late, count in found.items() if abs(late - expected) <= 1)
        mean = sum(late * count for late, count in found.items()) / total
        yield (
            f"{level:>2} | {total} | {found[expected] / total:.1%} | {close / total:.1%} | "
            f"{mean:.2f}"
        )


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.portfolio_replay")
    parser.add_argument("source", type=Path, metavar="CSV_PATH")
    parser.add_argument("--first", type=int, help="only so many borrowers")
    parser.add_argument("--as-of", type=date.fromisoformat, default=date(2026, 11, 22))
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    began = monotonic()
    with tempfile.TemporaryDirectory(prefix="remindful-replay-") as made:
        folder = Path(made)
        source = given.source if given.first is None else head(given.source, folder, given.first)
        outcome = asyncio.run(replay(source, folder, given.as_of, seed=given.seed))
    for line in outcome.differing[:_LISTED]:
        print(line)
    for line in _agreement(outcome):
        print(line)
    print(f"stages {dict(outcome.stages)}; classes {dict(outcome.classes)}")
    print(
        f"{outcome.borrowers} borrowers, {outcome.compared} answers compared, "
        f"{len(outcome.differing)} differ, {outcome.parked} payments had to wait for their loan; "
        f"{monotonic() - began:.0f} s, seed {given.seed}"
    )
    return 1 if outcome.differing else 0


if __name__ == "__main__":
    raise SystemExit(main())
