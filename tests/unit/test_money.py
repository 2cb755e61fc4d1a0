import pytest

from storage.records import Money


@pytest.mark.parametrize(
    ("text", "currency", "minor"),
    [("1200.00", "CNY", 120_000), ("1200", "JPY", 1200), ("0.001", "KWD", 1), ("1.50", "USD", 150)],
)
def test_an_amount_is_read_exactly(text: str, currency: str, minor: int) -> None:
    assert Money.parse(text, currency) == Money(minor, currency)
    assert Money.parse(str(Money(minor, currency)), currency).minor == minor


@pytest.mark.parametrize("text", ["", "ten", "NaN", "sNaN", "Infinity", "1.005", "1e999999999"])
def test_what_is_no_amount_is_refused_by_one_error(text: str) -> None:
    with pytest.raises(ValueError, match=r".+"):
        Money.parse(text, "USD")


def test_currencies_do_not_add_up() -> None:
    with pytest.raises(ValueError, match="do not add up"):
        Money(1, "USD") + Money(1, "EUR")
