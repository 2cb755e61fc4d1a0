"""Not a cent appears or disappears, whatever comes back late, and every answer can be checked.

`make soak` runs at least 10,000 borrowers; REMINDFUL_HISTORIES says how many, REMINDFUL_SEED where
they begin. A failure names its seed, and `borrower(seed)` is that life again.
"""

import os
from datetime import date
from random import Random

import pytest

from bot.rules.ageing import days_past_due, payment_class, stage_of
from bot.rules.ledger import borrower_standing, standing
from bot.rules.strategy import default_strategy
from tests.money_histories import FIRST, History, borrower, days_of
from tests.plain_ledger import Answer, live_through

HISTORIES = int(os.environ.get("REMINDFUL_HISTORIES", "300"))
SEED = int(os.environ.get("REMINDFUL_SEED", "1")) * 1_000_000
STRATEGY = default_strategy()
PARTS = 10


@pytest.mark.parametrize("part", range(PARTS))
def test_money_is_conserved_over_random_histories(part: int) -> None:
    for seed in range(SEED + part, SEED + HISTORIES, PARTS):
        random = Random(seed)
        for history in borrower(seed):
            for day in days_of(history, random):
                now = standing(history.loan, day)
                stayed = sum(
                    one.amount
                    for one in history.came
                    if FIRST < one.on <= day and (one.back_on is None or one.back_on > day)
                )
                known = sum(one.amount for one in history.asked if one.known_on <= day)
                left = [item.unpaid for item in now.items]
                assert min(left, default=0) >= 0, (seed, day)
                assert sum(left) == max(known - stayed, 0), (seed, day)
                assert now.outstanding.minor == history.total - stayed, (seed, day)


@pytest.mark.parametrize("part", range(PARTS))
def test_every_answer_is_that_of_a_life_lived_day_by_day(part: int) -> None:
    for seed in range(SEED + part, SEED + HISTORIES, PARTS):
        random = Random(seed)
        for history in borrower(seed):
            days = days_of(history, random)
            expected = live_through(history.asked, history.came, FIRST, days)
            for day in days:
                assert answer(history, day) == expected[day], (seed, day)


def answer(history: History, day: date) -> Answer:
    now = borrower_standing([history.loan], day)
    late = days_past_due(now)
    (loan,) = now.loans
    return Answer(
        days_past_due=late,
        stage=None if late is None else stage_of(STRATEGY.ranges, late).name,
        payment_class=payment_class(now, STRATEGY.class_rule).value,
        due=loan.due.minor,
    )
