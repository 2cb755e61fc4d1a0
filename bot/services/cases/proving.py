"""Whether a case's transcript still says what it said when it was written.

Three things have to agree: each entry's hash with the entry and the one before it, the seals under
SECRET_KEY that nobody can make who only has the database, and the rows the entries were made from.
"""

import hmac
from dataclasses import dataclass
from datetime import datetime

from bot.services.digests import digest
from bot.services.office import Office
from storage import audit, cases, transcript
from storage.engine import Transaction
from storage.records import Actor, CaseId
from storage.transcript import ACT, BEGINNING, MESSAGE, SEAL, STATE, Entry

_PURPOSE = "transcript"
_FROM_ROWS = frozenset({MESSAGE, STATE, ACT})


@dataclass(frozen=True, slots=True)
class Proof:
    """`broken`: the number of the first entry that does not hold; None while all do.

    `why`: missing, changed, seal_wrong, not_sealed, row_missing, row_changed or row_without_entry.
    """

    entries: int
    head: str
    broken: int | None = None
    why: str = ""

    @property
    def intact(self) -> bool:
        return self.broken is None


async def seal(tx: Transaction, office: Office, case_id: CaseId, now: datetime) -> None:
    """Bind everything up to here to the secret of this house."""
    _, head = await transcript.head(tx, case_id)
    content = {"seal": _seal_of(office, head)}
    await transcript.append(tx, case_id, SEAL, str(Actor.system()), content, now)


async def prove(tx: Transaction, office: Office, case_id: CaseId) -> Proof:
    """Go through a transcript from its beginning and name the first entry that does not hold."""
    entries = await transcript.entries(tx, case_id)
    rows = await transcript.sources(tx, case_id)
    head = entries[-1].hash if entries else BEGINNING
    previous, sealed = BEGINNING, True
    for number, entry in enumerate(entries, start=1):
        why = _fault(office, entry, number, previous) or _unlike_its_row(entry, rows)
        if why:
            return Proof(len(entries), head, number, why)
        if entry.kind == SEAL:
            sealed = True
        elif entry.kind == ACT and entry.content["act"] == audit.CASE_CLOSED:
            sealed = False
        previous = entry.hash
    after = len(entries) + 1
    if rows:
        return Proof(len(entries), head, after, "row_without_entry")
    case = await cases.case(tx, case_id)
    if case is not None and case.closed_at is not None and not (sealed and _is_over(entries)):
        return Proof(len(entries), head, after, "not_sealed")
    return Proof(len(entries), head)


def _fault(office: Office, entry: Entry, number: int, previous: str) -> str:
    if entry.number != number:
        return "missing"
    expected = transcript.hash_of(
        previous, entry.case_id, entry.number, entry.at, entry.actor, entry.kind, entry.content
    )
    if entry.hash != expected:
        return "changed"
    if entry.kind == SEAL and not hmac.compare_digest(
        str(entry.content.get("seal")), _seal_of(office, previous)
    ):
        return "seal_wrong"
    return ""


def _unlike_its_row(entry: Entry, rows: dict[tuple[str, int], Entry]) -> str:
    """Compare with the row it was made from, which is taken out of `rows`."""
    if entry.kind not in _FROM_ROWS:
        return ""
    row = rows.pop((entry.kind, entry.content["row"]), None)
    if row is None:
        return "row_missing"
    content = {name: value for name, value in entry.content.items() if name != "before"}
    same = (row.content, row.actor, row.at) == (content, entry.actor, entry.at)
    return "" if same else "row_changed"


def _is_over(entries: list[Entry]) -> bool:
    return any(one.kind == ACT and one.content["act"] == audit.CASE_CLOSED for one in entries)


def _seal_of(office: Office, head: str) -> str:
    return digest(office.secret, _PURPOSE, head).hex()
