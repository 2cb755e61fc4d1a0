"""The transcript of a case for whoever answers for it: what was said, done, seen and decided.

Reading it is on record in the transcript itself. What became of a person's words is told from the
entries; where none says so yet, from the outbox as it is at this moment.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from bot.errors import NotAllowed, Refusal
from bot.services.cases.case_file import CaseFile, case_file
from bot.services.cases.finding import SEE_EVERYONE
from bot.services.cases.proving import Proof, prove, seal
from bot.services.office import Office
from storage import audit, outbox, staff, transcript, work
from storage.engine import Transaction
from storage.records import Actor, OutboxId, StaffId, StaffMember, WorkId
from storage.transcript import MESSAGE, OUTCOME, WORDS, Entry, written

_SENT = "sent"


@dataclass(frozen=True, slots=True)
class Delivery:
    """What became of a person's words. `status`: sent, not_sent, or the outbox's own word."""

    status: str
    at: datetime | None = None
    message_id: int | None = None
    why: tuple[str, ...] = ()
    maybe_twice: bool = False


@dataclass(frozen=True, slots=True)
class Transcript:
    """`people`: by actor ("staff:7"); `deliveries`: by the number of an entry of words, or of one
    that says itself what did not arrive.
    """

    file: CaseFile
    entries: tuple[Entry, ...]
    proof: Proof
    people: dict[str, StaffMember]
    deliveries: dict[int, Delivery]
    read_at: datetime


async def read_as(
    tx: Transaction, office: Office, member: StaffMember, number: WorkId, now: datetime
) -> Transcript:
    """The case people call `number`, for supervisors, compliance and auditors.

    Raises NotAllowed, and Refusal when the number is no case.
    """
    if member.role not in SEE_EVERYONE:
        raise NotAllowed
    file = await _file(tx, number)
    if file is None:
        raise Refusal("transcript.none", case_number=number)
    return await _read(tx, office, member.actor, file, now)


async def read_out(
    tx: Transaction, office: Office, number: WorkId, now: datetime
) -> Transcript | None:
    """The same for whoever runs this house's commands; None when the number is no case."""
    file = await _file(tx, number)
    return None if file is None else await _read(tx, office, Actor.system(), file, now)


async def proof_of(tx: Transaction, office: Office, number: WorkId) -> Proof | None:
    """Whether it holds, without a word of it and without a trace; None when it is no case."""
    file = await _file(tx, number)
    return None if file is None else await prove(tx, office, file.case_id)


def as_json(told: Transcript, lender: str) -> dict[str, Any]:
    """For a file: everything that is needed to follow the hashes without this program."""
    file, proof = told.file, told.proof
    return {
        "lender": lender,
        "case": file.number,
        "case_id": file.case_id,
        "borrower_ref": file.borrower.borrower_ref,
        "name": file.borrower.full_name,
        "reasons": list(file.reasons),
        "opened_at": written(file.case.opened_at),
        "closed_at": file.case.closed_at and written(file.case.closed_at),
        "disposition": file.case.disposition,
        "read_at": written(told.read_at),
        "intact": proof.intact,
        "first_broken": proof.broken,
        "why": proof.why or None,
        "head": proof.head,
        "people": {
            actor: {"name": one.name, "role": one.role} for actor, one in told.people.items()
        },
        "entries": [_entry(told, one) for one in told.entries],
    }


def _entry(told: Transcript, one: Entry) -> dict[str, Any]:
    plain = {
        "number": one.number,
        "at": written(one.at),
        "actor": one.actor,
        "kind": one.kind,
        "content": one.content,
        "hash": one.hash,
    }
    found = told.deliveries.get(one.number)
    if found is None:
        return plain
    delivery = {
        "status": found.status,
        "at": found.at and written(found.at),
        "message": found.message_id,
        "why": list(found.why),
        "maybe_twice": found.maybe_twice,
    }
    return {**plain, "delivery": delivery}


async def _read(
    tx: Transaction, office: Office, actor: Actor, file: CaseFile, now: datetime
) -> Transcript:
    """The proof is made first: a seal over what is broken would hide nothing, but help nobody."""
    proof = await prove(tx, office, file.case_id)
    await audit.record(tx, actor, audit.TRANSCRIPT_VIEWED, transcript.subject_of(file.case_id), now)
    if proof.intact:
        await seal(tx, office, file.case_id, now)
        proof = await prove(tx, office, file.case_id)
    entries = await transcript.entries(tx, file.case_id)
    return Transcript(
        file=file,
        entries=tuple(entries),
        proof=proof,
        people=await _people(tx, entries),
        deliveries=await _deliveries(tx, entries),
        read_at=now,
    )


async def _file(tx: Transaction, number: WorkId) -> CaseFile | None:
    task = await work.by_id(tx, number)
    if task is None or task.case_id is None:
        return None
    return await case_file(tx, task.case_id)


async def _people(tx: Transaction, entries: list[Entry]) -> dict[str, StaffMember]:
    named = {one.actor for one in entries if one.actor.startswith("staff:")}
    named |= {f"staff:{one.content['staff']}" for one in entries if "staff" in one.content}
    found = {}
    for actor in sorted(named):
        member = await staff.by_id(tx, StaffId(int(actor.partition(":")[2])))
        if member is not None:
            found[actor] = member
    return found


async def _deliveries(tx: Transaction, entries: list[Entry]) -> dict[int, Delivery]:
    spoken = {
        one.content["outbox"]: one.number
        for one in entries
        if one.kind == WORDS and "outbox" in one.content
    }
    now = await outbox.standing_of(tx, [OutboxId(one) for one in spoken])
    found = {
        one.number: Delivery(one.content["status"], one.at, None, tuple(one.content["why"]))
        for one in entries
        if one.kind == OUTCOME and one.content["outbox"] not in spoken
    }
    for row, number in spoken.items():
        status, message_id, maybe_twice = now.get(OutboxId(row), ("", None, False))
        found[number] = Delivery(status, None, message_id, (), maybe_twice)
    for one in entries:
        number = spoken.get(one.content.get("outbox", 0), 0)
        if not number or one.kind == WORDS:
            continue
        before = found[number]
        if one.kind == MESSAGE:
            sent_as = one.content.get("message")
            found[number] = Delivery(_SENT, one.at, sent_as, (), before.maybe_twice)
        elif one.kind == OUTCOME:
            why = tuple(one.content["why"])
            found[number] = Delivery(one.content["status"], one.at, None, why)
    return found
