"""An amount as a person types or taps it: "500", "1,200.50", "full", "half", "30%"."""

import re
import unicodedata
from decimal import Decimal

from storage.records import LARGEST_AMOUNT, Money

_PERCENT = re.compile(r"(\d{1,3})\s*%")
_NUMBER = re.compile(r"([^\d]{0,4})(\d{1,3}(?:,\d{3})+|\d+)(\.\d+)?[^\d]{0,6}")
_MINUS = frozenset("-\u2212\u2013")


def read_amount(text: str, whole: Money) -> Money | None:
    """In the currency of `whole`, of which "full" and percentages are; None when it is unclear."""
    plain = unicodedata.normalize("NFKC", text).strip().lower()
    if plain == "full":
        return whole
    if plain == "half":
        return whole.share(50)
    if share := _PERCENT.fullmatch(plain):
        return whole.share(Decimal(share[1]))
    number = _NUMBER.fullmatch(plain)
    if number is None:
        return None
    sign = "-" if _MINUS & set(number[1]) else ""
    try:
        amount = Money.parse(sign + number[2].replace(",", "") + (number[3] or ""), whole.currency)
    except ValueError:
        return None
    return amount if abs(amount.minor) <= LARGEST_AMOUNT else Money(LARGEST_AMOUNT, whole.currency)
