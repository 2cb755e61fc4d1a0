"""The same facts through the real import, in other orders and other files: the same state.

Words of a loan have to come in the order of their days; payments and what was taken back may come
whenever they like, before their loan too. REMINDFUL_ORDERS says how many borrowers.
"""

import os
from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path
from random import Random

import pytest

from bot.rules.ageing import days_past_due, payment_class
from bot.rules.ledger import borrower_standing
from storage.engine import Storage
from storage.records import Loan, Money, Snapshot
from tests.money_histories import History, days_of
from tests.money_histories import borrower as invented
from tests.services.lender import Lender, Row, borrower, loan, payment

BORROWERS = int(os.environ.get("REMINDFUL_ORDERS", "3"))
SEED = int(os.environ.get("REMINDFUL_SEED", "1")) * 1_000
ORDERS = 3


@pytest.mark.parametrize("seed", range(SEED, SEED + BORROWERS))
async def test_facts_in_any_order_of_arrival_give_the_same_state(
    storage: Storage, tmp_path: Path, seed: int
) -> None:
    random = Random(seed)
    histories = invented(seed)
    days = sorted({day for one in histories for day in days_of(one, random)})
    lender = Lender(storage, tmp_path)
    found = []
    for order in range(ORDERS):
        ref = f"B-{order}"
        await lender.knows(borrower(ref))
        for kind, rows in _files(histories, ref, random):
            report = await lender.imports(kind, *rows)
            assert not report.refused, (seed, report.refused)
        facts = await lender.facts_of(ref)
        assert len(facts.loans) == len(histories)
        assert sum(len(one.payments) for one in facts.loans) == _payments(histories)
        found.append([_state(facts.loans, one) for one in days])

    assert all(state == found[0] for state in found), seed
    pure = [replace(one.loan, currency="CNY") for one in histories]
    assert found[0] == [_state(pure, day) for day in days], "as it was told, without an import"


def _files(
    histories: tuple[History, ...], borrower_ref: str, random: Random
) -> Iterator[tuple[str, list[Row]]]:
    """Everything in files of a few rows; what was taken back comes with its payment or later."""
    lanes: list[list[tuple[str, list[Row]]]] = []
    for one in histories:
        ref = f"{borrower_ref}-{one.loan.loan_ref}"
        lanes.append([("loans", _word(ref, borrower_ref, word)) for word in _words(one.loan)])
        for number, paid in enumerate(one.loan.payments):
            row = payment(
                f"{ref}-{number}", loan_ref=ref, amount=_major(paid.amount),
                paid_on=paid.paid_on.isoformat(),
            )  # fmt: skip
            back = {"reversed_on": paid.reversed_on.isoformat()} if paid.reversed_on else {}
            at_once = random.random() < 0.3
            lane = [("payments", [row | back if at_once else row])]
            if back and not at_once:
                lane.append(("payments", [row | back]))
            lanes.append(lane)
    yield from _together(list(_shuffled(lanes, random)), random)


def _shuffled(
    lanes: list[list[tuple[str, list[Row]]]], random: Random
) -> Iterator[tuple[str, list[Row]]]:
    """One after the other of any lane, each lane in its own order."""
    turns = [number for number, lane in enumerate(lanes) for _ in lane]
    random.shuffle(turns)
    rest = [iter(lane) for lane in lanes]
    for number in turns:
        yield next(rest[number])


def _together(told: list[tuple[str, list[Row]]], random: Random) -> Iterator[tuple[str, list[Row]]]:
    """Now and then two files that follow each other are one, if no payment is in both."""
    kind, rows = "", list[Row]()
    for next_kind, more in told:
        refs = {row.get("payment_ref") for row in rows}
        fits = next_kind == kind == "payments" and refs.isdisjoint(
            {row["payment_ref"] for row in more}
        )
        if rows and not (fits and random.random() < 0.5):
            yield kind, rows
            rows = []
        kind, rows = next_kind, rows + more
    if rows:
        yield kind, rows


def _words(one: Loan) -> tuple[Snapshot, ...]:
    return (*one.earlier, Snapshot(one.as_of, one.outstanding, one.items))


def _word(ref: str, borrower_ref: str, word: Snapshot) -> list[Row]:
    return [
        loan(
            ref, borrower_ref=borrower_ref, product="loan", pay_to="Sample Bank",
            due_date=item.due_date.isoformat(), principal_due=_major(item.principal),
            interest_due="0", penalty_due="0", fees_due="0",
            outstanding_total=_major(word.outstanding), as_of=word.as_of.isoformat(),
        )
        for item in word.items
    ]  # fmt: skip


def _major(minor: int) -> str:
    return str(Money(minor, "CNY"))


def _payments(histories: tuple[History, ...]) -> int:
    return sum(len(one.loan.payments) for one in histories)


def _state(loans: Iterable[Loan], day: date) -> tuple[object, ...]:
    """All that is derived of a day, without the numbers that the database gave."""
    now = borrower_standing(loans, day)
    each = sorted(((one.outstanding, one.credit, one.items) for one in now.loans), key=str)
    return each, days_past_due(now), payment_class(now), now.due
