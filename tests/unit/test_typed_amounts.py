"""An amount as a person types it: nothing but the amount, whatever the keyboard."""

import pytest

from bot.telegram.amounts import read_amount
from storage.records import LARGEST_AMOUNT, Money

OWED = Money(120_000, "CNY")


@pytest.mark.parametrize(
    ("typed", "minor"),
    [
        ("500", 50_000), ("1,200.50", 120_050), (" 1200.5 ", 120_050), ("￥５００", 50_000),
        ("¥500", 50_000), ("CN¥ 500", 50_000), ("500 CNY", 50_000), ("cny500", 50_000),
        ("full", 120_000), ("FULL", 120_000), ("half", 60_000), ("33%", 39_600), ("0", 0),
        ("-5", -500), ("−5", -500), ("- 5", -500), ("300%", 360_000), ("00500", 50_000),
    ],
)  # fmt: skip
def test_it_is_read_in_the_currency_of_the_debt(typed: str, minor: int) -> None:
    assert read_amount(typed, OWED) == Money(minor, "CNY")


@pytest.mark.parametrize(
    "typed",
    ["", "lots", "周五 600", "Mon 600", "600 Mon", "1.005", "1,20", "1.200,50", "5 6", "1e3",
     "0x10", "500 USD", "..", "%", "1000%", "½", "五百", "12-05"],
)  # fmt: skip
def test_anything_else_is_unclear_and_never_guessed(typed: str) -> None:
    assert read_amount(typed, OWED) is None


def test_an_absurd_amount_is_only_very_large() -> None:
    assert read_amount("9" * 60, OWED) == Money(LARGEST_AMOUNT, "CNY")


def test_yen_have_no_decimals() -> None:
    assert read_amount("500", Money(9_001, "JPY")) == Money(500, "JPY")
    assert read_amount("500.5", Money(9_001, "JPY")) is None
