"""An amount as a person types or taps it: "500", "¥1,200.50", "full", "half", "30%".

Only what is nothing but an amount; words around it are for `bot.understanding`.
"""

import re
import unicodedata
from decimal import Decimal

from storage.records import LARGEST_AMOUNT, Money

_PERCENT = re.compile(r"(\d{1,3})\s*%")
_NUMBER = re.compile(
    r"(?P<minus>[-\u2212\u2013])?\s*(?P<before>[^\d.,]{0,4}?)\s*"
    r"(?P<whole>\d{1,3}(?:,\d{3})+|\d+)(?P<part>\.\d+)?\s*(?P<after>[^\d.,]{0,4})"
)


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
    if number is None or not all(
        _is_currency(number[side], whole.currency) for side in ("before", "after")
    ):
        return None
    figures = (number["minus"] or "") + number["whole"].replace(",", "") + (number["part"] or "")
    try:
        amount = Money.parse(figures.replace("\u2212", "-").replace("\u2013", "-"), whole.currency)
    except ValueError:
        return None
    return amount if abs(amount.minor) <= LARGEST_AMOUNT else Money(LARGEST_AMOUNT, whole.currency)


def _is_currency(text: str, currency: str) -> bool:
    """Nothing, the currency's code, or a sign as "$" or "US$"."""
    plain = text.strip()
    if not plain or plain == currency.lower():
        return True
    country, sign = plain[:-1], plain[-1]
    return unicodedata.category(sign) == "Sc" and (not country or country.isascii())
