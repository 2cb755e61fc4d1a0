"""Keyed digests of what must be recognised but never read: links and identity answers.

Four digits are found in a moment from a plain or salted hash, so everything is an HMAC under
SECRET_KEY. The borrower's reference goes in as well: equal digits of two people look different.
"""

import hmac
import re
import unicodedata
from datetime import date
from hashlib import sha256

ID_LAST4 = "id_last4"
BIRTH_DATE = "birth_date"
LINK = "link"

_DATE = re.compile(r"(\d{4})\D{0,2}(\d{1,2})\D{0,2}(\d{1,2})\D{0,2}")


def digest(secret: bytes, purpose: str, text: str) -> bytes:
    """32 bytes; the same text under another purpose gives others."""
    return hmac.digest(secret, f"{purpose}\0{text}".encode(), sha256)


def identity_digest(secret: bytes, asks: str, borrower_ref: str, text: str) -> bytes | None:
    """The digest of an identity answer as a person writes it; None when it cannot be one."""
    answer = _last4(text) if asks == ID_LAST4 else _birth_date(text)
    return None if answer is None else digest(secret, asks, f"{borrower_ref}\0{answer}")


def _last4(text: str) -> str | None:
    """Four letters or digits, full width or spaced, such as "１２３x" -> "123X"."""
    plain = re.sub(r"[\s.-]", "", unicodedata.normalize("NFKC", text)).upper()
    return plain if re.fullmatch(r"[0-9A-Z]{4}", plain) else None


def _birth_date(text: str) -> str | None:
    """Year, month and day in that order, however separated."""
    match = _DATE.fullmatch(unicodedata.normalize("NFKC", text).strip())
    if match is None:
        return None
    try:
        return date(*map(int, match.groups())).isoformat()
    except ValueError:
        return None
