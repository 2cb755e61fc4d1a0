"""An amount as a person types or taps it: "500", "1,200.50", "full", "half", "30%"."""

import re
import unicodedata
from decimal import Decimal

from storage.records import Money

_PERCENT = re.compile(r"(\d{1,3})\s*%")
_NUMBER = re.compile(r"[^\d]{0,4}(\d{1,3}(?:,\d{3})+|\d+)(\.\d+)?[^\d]{0,6}")


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
    try:
        return Money.parse(number[1].replace(",", "") + (number[2] or ""), whole.currency)
    except ValueError:
        return None
