"""The replay of a whole portfolio, on a small one made here; `tests.portfolio_replay` runs it all.

With UCI_CLIENTS naming the real data's file its first holders are replayed too.
"""

import os
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest

from benchmarks.import_portfolio import write_random_histories
from tests.plain_ledger import Answer, Asked, Came, live_through
from tests.portfolio_replay import head, replay

AS_OF = date(2026, 11, 22)
FIRST = date(2026, 9, 1)
REAL = Path(os.environ.get("UCI_CLIENTS", ""))


async def test_a_portfolio_replayed_month_by_month_agrees_with_a_plain_recomputation(
    tmp_path: Path,
) -> None:
    source = write_random_histories(tmp_path / "histories.csv", 40)

    outcome = await replay(source, tmp_path, AS_OF)

    assert outcome.differing == []
    assert outcome.compared > 2_000
    assert set(outcome.stages) >= {"pre_due", "due_today", "early", "middle", "nothing unpaid"}
    assert set(outcome.classes) >= {"new", "A", "B"}
    assert outcome.parked, "some paid before their loan was known"


@pytest.mark.skipif(not REAL.is_file(), reason="the real histories (UCI_CLIENTS) are not here")
async def test_real_histories_agree_with_a_plain_recomputation(tmp_path: Path) -> None:
    outcome = await replay(head(REAL, tmp_path, 200), tmp_path, AS_OF)

    assert outcome.differing == []
    assert outcome.compared > 10_000


# --- The plain recomputation itself --------------------------------------------------------------


def day(number: int) -> date:
    return FIRST + timedelta(days=number)


THREE = tuple(Asked(FIRST, day(due), 100) for due in (10, 20, 30))


def test_plainly_money_goes_to_the_oldest_item_and_what_is_late_is_counted_from_it() -> None:
    found = live_through(THREE, [Came(day(12), 150)], FIRST, [day(11), day(12), day(20), day(51)])

    assert found[day(11)] == Answer(1, "early", "new", 100)
    assert found[day(12)] == Answer(-8, "pre_due", "new", 0)
    assert found[day(20)] == Answer(0, "due_today", "new", 50)
    assert found[day(51)] == Answer(31, "middle", "C", 150)


def test_plainly_a_day_after_the_due_date_is_still_in_time() -> None:
    in_time = [Came(day(due + 1), 100) for due in (10, 20, 30)]
    one_late = [replace(in_time[0], on=day(12)), *in_time[1:]]

    assert live_through(THREE, in_time, FIRST, [day(40)])[day(40)].payment_class == "A"
    assert live_through(THREE, one_late, FIRST, [day(40)])[day(40)].payment_class == "B"


def test_plainly_what_was_taken_back_has_never_come_as_later_days_see_it() -> None:
    bounced = [Came(day(5), 300, back_on=day(35))]
    found = live_through(THREE, bounced, FIRST, [day(34), day(35)])

    assert found[day(34)] == Answer(None, None, "A", 0)
    assert found[day(35)] == Answer(25, "early", "C", 300)
