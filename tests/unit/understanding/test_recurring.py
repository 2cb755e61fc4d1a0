"""A sum for each week or month is a wish for parts; a sum on a day is one payment.

A wish to owe less stands beside either, and is no part of it.
"""

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


@pytest.mark.parametrize(
    ("text", "reduction"),
    [
        ("if you waive the fee can I pay 250 on friday?", True),
        ("could you drop the late charges? 200 on friday then", True),
        ("利息免了我周五还800行吗", True),
        ("能不能少收点罚息,周五还800", True),
        ("打个八折我周五还清行吗", True),
        ("can i drop off 200 at a branch on friday?", False),
        ("Can I pay 200 next Friday without any trouble?", False),
        ("下周五先还200行吗,利息照算", False),
    ],
)
def test_a_wish_to_owe_less_is_heard_beside_a_payment(text: str, reduction: bool) -> None:
    assert understand(text, now=NOW, timezone="Asia/Shanghai").reduction is reduction
