import pytest

from bot.telegram.currencies import named_currencies

MANY_DOLLARS = {"USD", "CAD", "AUD", "NZD", "SGD", "HKD", "TWD"}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("600", set()),
        ("600 by Friday", set()),
        ("600块 周五", set()),
        ("I owe it to my sister, 600 on the 5th", set()),
        ("600 USD", {"USD"}),
        ("600usd", {"USD"}),
        ("US$600", {"USD"}),
        ("600美元", {"USD"}),
        ("600 euros", {"EUR"}),
        ("€ 20", {"EUR"}),
        ("¥600", {"CNY", "JPY"}),
        ("\uffe5600", {"CNY", "JPY"}),
        ("pay 600 won't work, 500 on 12/5", set()),
        ("600 dollars", MANY_DOLLARS),
        ("HK$600", {"HKD"}),
        ("2 pounds of rice", {"GBP"}),
        ("6 rsvps", set()),
    ],
)
def test_what_is_named_beside_figures(text: str, expected: set[str]) -> None:
    assert named_currencies(text) == expected


def test_a_sign_of_many_currencies_names_them_all() -> None:
    assert named_currencies("$600") == MANY_DOLLARS | {"MXN"}
