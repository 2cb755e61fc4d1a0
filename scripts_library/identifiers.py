"""Full identity and card numbers shown in a text. Four last digits are enough for anybody."""

import re

_ID_CARD = re.compile(
    r"(?<!\d)[1-9]\d{5}(?:19|20)\d{2}(?:0[1-9]|1[0-2])(?:[0-2]\d|3[01])\d{3}[\dXx](?!\d)"
)
_CARD = re.compile(r"(?<![\d.])\d(?:[ -]?\d){12,18}(?![\d.])")
_NAMED_CARD = re.compile(
    r"(?:卡号?|卡片|\bcard(?: (?:number|no\.?|ending))?|\bvisa|\bmastercard|\bdebit|\bcredit)"
    r"[^\d\n]{0,10}(\d(?:[ -]?\d){14,18})(?![\d.])",
    re.IGNORECASE,
)
_SSN = re.compile(r"(?<!\d)\d{3}-\d{2}-\d{4}(?!\d)")
_ID_IN_TAIWAN = re.compile(r"(?<![A-Za-z0-9])[A-Z][12]\d{8}(?!\d)")


def shown_identifiers(text: str) -> list[tuple[int, int]]:
    """Half-open spans, in code points, of numbers that identify a person or a card."""
    found = [
        match.span()
        for pattern in (_ID_CARD, _SSN, _ID_IN_TAIWAN)
        for match in pattern.finditer(text)
    ]
    found.extend(match.span(1) for match in _NAMED_CARD.finditer(text))
    found.extend(match.span() for match in _CARD.finditer(text) if _passes_luhn(match.group()))
    return found


def _passes_luhn(written: str) -> bool:
    digits = [int(char) for char in written if char.isdigit()]
    if len(set(digits)) < 3 and digits[0] != 4:
        return False
    doubled = [digit if i % 2 == 0 else digit * 2 for i, digit in enumerate(reversed(digits))]
    return sum(digit - 9 if digit > 9 else digit for digit in doubled) % 10 == 0
