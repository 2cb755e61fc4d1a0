"""When a step is: what is told of something gone wrong is never told before it has come to pass."""

from datetime import date, timedelta
from zoneinfo import ZoneInfo

import pytest

from bot.rules.local_time import LocalTime
from bot.rules.public_holidays import is_public_holiday
from bot.rules.step_slots import slots
from bot.rules.strategy import default_strategy
from bot.rules.strategy_step import Anchor

SHANGHAI = LocalTime((ZoneInfo("Asia/Shanghai"),))
HOLIDAYS = [
    day
    for day in (date(2026, 9, 1) + timedelta(days=number) for number in range(365))
    if is_public_holiday("CN", day)
]


@pytest.mark.parametrize(
    "anchor",
    [
        Anchor.MISSED_INSTALMENT,
        Anchor.BROKEN_PLAN,
        Anchor.BROKEN_PROMISE,
        Anchor.BROKEN_AGAIN,
        Anchor.RELAPSE,
    ],
)
def test_what_came_to_pass_on_a_holiday_is_never_told_before_it(anchor: Anchor) -> None:
    assert len(HOLIDAYS) > 15
    for holiday in HOLIDAYS:
        found = slots(default_strategy(), anchor, holiday, "CN", SHANGHAI, holiday)
        assert found
        assert all(one.on >= holiday for one in found)
