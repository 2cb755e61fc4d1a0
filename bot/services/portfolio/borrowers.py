"""The borrowers' file. ID digits and birth dates end here: only keyed digests go on."""

from datetime import UTC, date, datetime, time
from pathlib import Path

from bot.rules.zones import load_zone, zones_of
from bot.services.digests import BIRTH_DATE, ID_LAST4, identity_digest
from bot.services.portfolio import cells as cells
from bot.services.portfolio.files import Columns, Progress, read_rows
from bot.services.portfolio.report import Refusals, Unreadable
from bot.services.portfolio.table import Portfolio, Table, Told
from scripts_library.library import Library
from storage.portfolio import ToldBorrower

COLUMNS = Columns(
    (
        "borrower_ref", "full_name", "language", "country", "timezone", "phone", "birth_date",
        "id_last4", "segment", "consent_at",
    ),
    frozenset({"segment", "consent_at"}),
)  # fmt: skip


def read_borrowers(
    file: Path,
    refusals: Refusals,
    progress: Progress,
    *,
    secret: bytes,
    library: Library,
    now: datetime,
) -> Portfolio[ToldBorrower]:
    """`secret` keys the digests; `library` says which languages somebody writes."""
    readers = {
        "borrower_ref": cells.reference,
        "full_name": cells.words(200),
        "language": cells.language_in(library),
        "country": cells.country,
        "timezone": cells.zone_or_none,
        "phone": cells.phone,
        "birth_date": cells.birth_day(now),
        "id_last4": cells.id_last4,
        "segment": cells.words(64, may_be_empty=True),
        "consent_at": cells.consent(now),
    }
    table = Table(COLUMNS, readers, refusals)
    portfolio = Portfolio[ToldBorrower]()
    for line, row in read_rows(file, COLUMNS, refusals, progress):
        portfolio.rows += 1
        values = table.read(line, row)
        if values is None:
            continue
        ref, name, language, country, zone, phone, born, last4, segment, consent = values
        zones = (zone,) if zone else zones_of(country)
        if not zones:
            fault = Unreadable(f"empty, and {country} has no zone of its own", "fill it in")
            table.refuse(line, "timezone", "", fault)
            continue
        borrower = ToldBorrower(
            borrower_ref=ref,
            full_name=name,
            language=language,
            country=country,
            timezone=zone,
            phone=phone,
            birth_date_hmac=_digest(secret, BIRTH_DATE, ref, born.isoformat()),
            id_last4_hmac=_digest(secret, ID_LAST4, ref, last4),
            segment=segment,
            consent_at=_start_of(consent, zones),
        )
        portfolio.add(ref, Told(line, borrower), "borrower_ref", refusals)
    return portfolio


def _digest(secret: bytes, asks: str, borrower_ref: str, answer: str) -> bytes:
    digest = identity_digest(secret, asks, borrower_ref, answer)
    assert digest is not None, "its cell was read before"
    return digest


def _start_of(consent: datetime | date | None, zones: tuple[str, ...]) -> datetime | None:
    """A date of consent counts from the beginning of that day, in the last zone it begins in."""
    if consent is None or isinstance(consent, datetime):
        return consent
    return max(datetime.combine(consent, time(), load_zone(zone)).astimezone(UTC) for zone in zones)
