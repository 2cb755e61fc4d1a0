"""A sum for each week or month is a wish for parts; a sum on a day is one payment."""

from datetime import UTC, datetime

import pytest

from bot.understanding import understand

NOW = datetime(2026, 11, 22, 4, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "recurring"),
    [
        ("Can I pay 200 a month?", True),
        ("can i pay 200 every friday?", True),
        ("could i do $50/week?", True),
        ("每周五还200可以吗", True),
        ("我一个月能还450块", True),
        ("Can I pay 200 next Friday?", False),
        ("can i pay 200 a week from friday?", False),
        ("Can I pay 200 in a month?", False),
        ("过一个月还200行吗", False),
        ("下周五先还200行吗", False),
    ],
)
def test_a_sum_for_each_week_or_month_is_told_from_a_sum_on_a_day(
    text: str, recurring: bool
) -> None:
    assert understand(text, now=NOW, timezone="Asia/Shanghai").recurring is recurring
